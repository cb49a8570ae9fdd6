"""The settings of a conversation that runs: what it began with, and what a person has changed since.

Owns where each value comes from, and which presets there are. Which settings can be changed then is in the table; the
others are read at the start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType
from typing import Any, Final

from workbench.config.presets import Values
from workbench.config.request_parameters import options_of, with_schema
from workbench.config.setting import Setting
from workbench.config.settings_model import AT_HAND, OF_NAME, SETTINGS, Settings
from workbench.conversation.options import Options
from workbench.errors import ConfigurationError, Problem, did_you_mean, quoted

__all__ = ["AT_HAND", "OF_SESSION", "Change", "Preset", "SettingsAtHand", "Start"]

OF_SESSION: Final = "the session"
"""Where a value comes from that a session was with which goes on."""

_NAMES: Final = tuple(row.name for row in AT_HAND)


@dataclass(frozen=True, slots=True)
class Change:
    """A setting, with its value before and after."""

    row: Setting
    before: Any
    after: Any


@dataclass(frozen=True, slots=True)
class Preset:
    """Settings that go together, and which file they are from, in words."""

    name: str
    values: Values
    origin: str = ""


@dataclass(frozen=True, slots=True)
class Start:
    """What a conversation begins with besides its settings: `origins` says in words where each is from that somebody
    named, and `environ` is where the person's own presets are looked for."""

    origins: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    environ: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))


class SettingsAtHand:
    """`settings` are those that the conversation began with; `masked` takes the API keys out of a text."""

    def __init__(
        self,
        settings: Settings,
        masked: Callable[[str], str] = str,
        start: Start = Start(),
    ) -> None:
        self._start = self._now = settings
        self._masked = masked
        self._environ = start.environ
        self._started_by = dict(start.origins)
        self._changed_by: dict[str, str] = {}

    @property
    def now(self) -> Settings:
        """All settings, as they are now."""
        return self._now

    def copy(self) -> SettingsAtHand:
        """The same settings, to be changed apart from these."""
        copied = SettingsAtHand(self._start, self._masked)
        copied._now = self._now
        return copied

    def options(self) -> Options:
        """What the next turn is asked with."""
        return options_of(self._now)

    def row(self, name: str) -> Setting:
        """The row of a setting that can be changed. Raises ConfigurationError for any other name."""
        if name in _NAMES:
            return OF_NAME[name]
        if name in OF_NAME:
            how = f"start with {OF_NAME[name].option} or --set {name}=…"
            raise ConfigurationError([Problem(name, 0, 0, "this setting is read at the start", how)])
        hint = did_you_mean(name, _NAMES, f"the settings are {', '.join(_NAMES)}")
        raise ConfigurationError([Problem("", 0, 0, f"unknown setting {quoted(name)}", hint)])

    def value(self, row: Setting) -> Any:
        """The value of now, None for one that says nothing."""
        return getattr(self._now, row.name)

    def at_start(self, row: Setting) -> Any:
        """The value that the conversation began with."""
        return getattr(self._start, row.name)

    def origin(self, row: Setting) -> str:
        """Where the value of now comes from, in words; "" for a default, and for what is not known."""
        if self.value(row) == row.default and row.name not in self._changed_by:
            return ""
        return self._changed_by.get(row.name) or self._started_by.get(row.name, "")

    def differing(self) -> tuple[Setting, ...]:
        """The rows of the whole table whose value is another than the default."""
        return tuple(row for row in SETTINGS if self.value(row) != row.default)

    def assign(self, text: str, by: str = "/set") -> Change:
        """Change the setting that a `NAME=VALUE` names, null being its default; `by` says what changes it.

        Raises ConfigurationError, and changes nothing, when it cannot have that value.
        """
        from workbench.config.assignments import read_assignments  # and what reads YAML: not for the first paint
        from workbench.config.settings import KEY_HINT, KEY_NAMES

        name = text.partition("=")[0].strip()
        if name.lower() in KEY_NAMES:
            raise ConfigurationError([Problem("", 0, 0, "an API key never stands in a setting", KEY_HINT)])
        row = self.row(name)
        if not text.partition("=")[2].strip():
            raise ConfigurationError([Problem(name, 0, 0, "there is no value", f"{name}=null is its default")])
        values, problems = read_assignments([text], self._masked)
        if problems:
            raise ConfigurationError(problems)
        return self._put({row.name: values[row.name]}, by)[0]

    def put(self, name: str, value: Any, by: str = "/set") -> Change:
        """Change a setting to a value of its type, or to None."""
        return self._put({self.row(name).name: value}, by)[0]

    def reset(self, name: str = "") -> tuple[Change, ...]:
        """Give a setting, or all, the value that the conversation began with; the changes that this is."""
        rows = [self.row(name)] if name else AT_HAND
        changes = [Change(row, self.value(row), getattr(self._start, row.name)) for row in rows]
        self._now = replace(self._now, **{each.row.name: each.after for each in changes})
        for each in changes:
            self._changed_by.pop(each.row.name, None)
        return tuple(each for each in changes if each.before != each.after)

    def begin_anew(self, settings: Settings, origins: Mapping[str, str]) -> None:
        """Another conversation goes on, which begins with `settings`; `origins` says where they are from."""
        self._start = self._now = with_schema(settings)
        self._started_by = dict(origins)
        self._changed_by.clear()

    def changed(self) -> tuple[Setting, ...]:
        """The rows whose value is another than the one that the conversation began with."""
        return tuple(row for row in AT_HAND if self.value(row) != getattr(self._start, row.name))

    def go_on_with(self, values: Values) -> tuple[Change, ...]:
        """The conversation is one that goes on: begin with what it was with, but for what a person has changed already;
        the changes that this is."""
        again = {name: values[name] for name in _NAMES if name in values and name not in self._changed_by}
        changes = self._put(again, OF_SESSION)
        self._start = replace(self._start, **{name: getattr(self._now, name) for name in again})
        for name in again:
            self._started_by[name] = self._changed_by.pop(name)
        return tuple(each for each in changes if each.before != each.after)

    # -- presets -----------------------------------------------------------------------------------

    def presets(self) -> Mapping[str, Preset]:
        """Every preset by its name: those of the settings file, and those that were saved, which win.

        Reads a small file. Raises ConfigurationError with what is wrong with it.
        """
        from workbench.config.own_presets import FILE, read_own_presets

        own = read_own_presets(self._environ)
        if own.problems:
            raise ConfigurationError(own.problems)
        found = {name: Preset(name, values, "the settings file") for name, values in self._now.presets.items()}
        return found | {name: Preset(name, values, FILE) for name, values in own.presets.items()}

    def apply(self, name: str) -> tuple[Change, ...]:
        """Change to a preset; the changes that this is. Raises ConfigurationError, and then changes nothing."""
        presets = self.presets()
        if name not in presets:
            raise ConfigurationError([no_preset(name, presets)])
        changes = self._put(presets[name].values, f"preset {name}")
        return tuple(each for each in changes if each.before != each.after)

    def differences(self) -> dict[str, Any]:
        """What a preset of the settings as they are would hold: those at hand that are not their default."""
        return {row.name: self.value(row) for row in AT_HAND if self.value(row) != row.default}

    def save(self, name: str) -> str:
        """Save the settings as they are, but for defaults, as a preset; the file that has it now.

        Raises ConfigurationError, and then saves nothing.
        """
        from workbench.config.own_presets import read_own_presets, save_preset

        path = read_own_presets(self._environ).path
        if path is None:
            hint = "set HOME or XDG_CONFIG_HOME"
            raise ConfigurationError([Problem("", 0, 0, "there is no folder to save presets in", hint)])
        values = self.differences()
        if not values:
            raise ConfigurationError([Problem("", 0, 0, "every setting is its default", "change one first")])
        save_preset(path, name, {each: self._without_keys(value) for each, value in values.items()})
        return str(path)

    def _without_keys(self, value: Any) -> Any:
        if isinstance(value, str):
            return self._masked(value)
        if isinstance(value, Mapping):
            return {key: self._without_keys(each) for key, each in value.items()}
        return type(value)(map(self._without_keys, value)) if isinstance(value, list | tuple) else value

    def _put(self, values: Values, by: str) -> list[Change]:
        rows = [OF_NAME[name] for name in values]
        before = [self.value(row) for row in rows]
        self._now = with_schema(replace(self._now, **values))
        self._changed_by |= dict.fromkeys(values, by)
        return [Change(row, was, self.value(row)) for row, was in zip(rows, before, strict=True)]


def no_preset(name: str, presets: Mapping[str, Any], where: str = "") -> Problem:
    """The problem that there is no preset of this name; `where` it was asked for."""
    listed = f"the presets are {', '.join(sorted(presets))}" if presets else "there are none: `presets:` has them"
    return Problem(where, 0, 0, f"there is no preset {quoted(name)}", did_you_mean(name, presets, listed))
