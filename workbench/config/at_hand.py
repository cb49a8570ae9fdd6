"""The settings of a conversation that runs: what it began with, and what a person has changed since.

Owns which settings can be changed then: those that the next turn is asked with. The others are read at the start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any, Final

from workbench.config.request_parameters import options_of, with_schema
from workbench.config.setting import Setting
from workbench.config.settings_model import OF_NAME, SETTINGS, Settings
from workbench.conversation.options import Options
from workbench.errors import ConfigurationError, Problem, did_you_mean, quoted

_LIMITS: Final = ("first_byte_timeout", "timeout", "retries")
AT_HAND: Final[tuple[Setting, ...]] = tuple(
    row for row in SETTINGS if row.group in ("model", "sampling", "turn", "bounds") or row.name in _LIMITS
)
"""The rows that can be changed while a conversation runs, in the order of the table."""

_NAMES: Final = tuple(row.name for row in AT_HAND)


@dataclass(frozen=True, slots=True)
class Change:
    """A setting, with its value before and after."""

    row: Setting
    before: Any
    after: Any


class SettingsAtHand:
    """`start` are those that the conversation began with; `masked` takes the API keys out of a text."""

    def __init__(self, start: Settings, masked: Callable[[str], str] = str) -> None:
        self._start = self._now = start
        self._masked = masked

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

    def assign(self, text: str) -> Change:
        """Change the setting that a `NAME=VALUE` names, null being its default.

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
        return self._put(row, values[name])

    def put(self, name: str, value: Any) -> Change:
        """Change a setting to a value of its type, or to None."""
        return self._put(self.row(name), value)

    def reset(self, name: str = "") -> tuple[Change, ...]:
        """Give a setting, or all, the value that the conversation began with; the changes that this is."""
        rows = [self.row(name)] if name else AT_HAND
        changes = [Change(row, self.value(row), getattr(self._start, row.name)) for row in rows]
        self._now = replace(self._now, **{each.row.name: each.after for each in changes})
        return tuple(each for each in changes if each.before != each.after)

    def bring_back(self, start: Settings, values: Mapping[str, Any]) -> None:
        """A conversation goes on that began with `start`, and was asked last with `values` of the rows at hand."""
        self._start = start
        known = {name: value for name, value in values.items() if name in _NAMES}
        self._now = with_schema(replace(start, **known))

    def changed(self) -> tuple[Setting, ...]:
        """The rows whose value is another than the one that the conversation began with."""
        return tuple(row for row in AT_HAND if self.value(row) != getattr(self._start, row.name))

    def _put(self, row: Setting, value: Any) -> Change:
        before = self.value(row)
        self._now = with_schema(replace(self._now, **{row.name: value}))
        return Change(row, before, self.value(row))
