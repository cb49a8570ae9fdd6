"""What one row of the table of settings says, and how it is written as a field of `Settings`."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import MISSING, Field, dataclass, field, fields
from typing import Any, Final, Literal

from workbench.config.setting_types import SettingType

Group = Literal["model", "sampling", "connection", "turn", "bounds", "start"]

_ROW: Final = "row"


@dataclass(frozen=True, slots=True)
class Flag:
    """The command line's word for a setting: what its help says. `off` is the help of its opposite, if it has one."""

    help: str
    metavar: str | None = None
    off: str = ""


@dataclass(frozen=True, slots=True)
class Setting:
    """One row: a setting of ours, or a parameter of the API.

    `parameter` is the dotted path into the request's body, "" the body itself, and None for what is ours; with
    `by_conversation` it is the conversation that writes it. `implied` is what a request has at other paths because of
    it, where nothing else is said there. `environment` is the variable that counts when neither flag nor file says
    anything. `outside` is the sentence that asks a person about files outside of the folder of the settings file, which
    stand in place of its `{}`. `example` is a value as YAML, where the default shows none. `usual` are values that
    shells and editors suggest, where any other may stand.
    """

    name: str
    type: SettingType
    group: Group
    meaning: str
    default: Any = None
    example: str = ""
    usual: tuple[str, ...] = ()
    flag: Flag | None = None
    environment: str = ""
    parameter: str | None = None
    by_conversation: bool = False
    implied: Mapping[str, Any] = field(default_factory=dict)
    outside: str = ""

    @property
    def option(self) -> str:
        """The flag as it is typed."""
        return f"--{self.name.replace('_', '-')}"

    @property
    def options(self) -> tuple[str, ...]:
        """All flags of the setting, as they are typed."""
        if self.flag is None:
            return ()
        return (self.option, f"--no-{self.option[2:]}") if self.flag.off else (self.option,)

    @property
    def path(self) -> tuple[str, ...]:
        """`parameter`, key by key."""
        return tuple(self.parameter.split(".")) if self.parameter else ()

    @property
    def is_sent(self) -> bool:
        """Whether a server gets to know the value."""
        return self.parameter is not None or self.name in ("base_url", "presets")


def setting(type: SettingType, group: Group, meaning: str, *, default: Any = None, **row: Any) -> Any:
    """A field of `Settings` with its row; the arguments are those of `Setting`, whose name is the field's."""
    metadata = {_ROW: {"type": type, "group": group, "meaning": meaning, **row}}
    if default.__hash__ is None:  # dataclasses take it for mutable
        return field(default_factory=lambda: default, metadata=metadata)
    return field(default=default, metadata=metadata)


def rows_of(settings: Any) -> tuple[Setting, ...]:
    """The rows of a class of settings, in their order."""
    return tuple(Setting(each.name, default=_default(each), **each.metadata[_ROW]) for each in fields(settings))


def _default(each: Field[Any]) -> Any:
    return each.default if each.default_factory is MISSING else each.default_factory()
