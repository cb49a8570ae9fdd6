"""The settings of a conversation that runs, as a form over their table: those at hand, and those of the start."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Any, Final

from workbench.config import at_hand_text
from workbench.config.assignments import read_assignments
from workbench.config.at_hand import AT_HAND, Change, SettingsAtHand
from workbench.config.lint import lint
from workbench.config.response_format import ResponseFormat
from workbench.config.setting import Setting
from workbench.config.setting_types import Choice as OneOf
from workbench.config.setting_types import Switch, Text
from workbench.config.settings_model import OF_NAME, SETTINGS, Settings
from workbench.config.settings_text import range_of, shown, written
from workbench.config.typed_text import as_typed, assignment
from workbench.errors import ConfigurationError
from workbench.ui.forms.fields import MAY_BE, Field, How
from workbench.ui.widgets.choices import Choice

BY: Final = "this panel"
API, OURS, START = "Parameters of the API", "Workbench's own", "Read at the start"
_UNSET: Final = Choice("null", "unset", "the server's own default")


class SettingsForm:
    """`on_changed` is told what has changed; `sent` says whether documents and tools go along with a question."""

    def __init__(
        self,
        settings: SettingsAtHand,
        on_changed: Callable[[Sequence[Change]], object],
        masked: Callable[[str], str] = str,
        sent: Callable[[], tuple[bool, bool]] = lambda: (False, False),
        *,
        when: str = "at the start",
    ) -> None:
        """`when` says since when the values that they began with were so."""
        self._when = when
        self._settings = settings
        self._on_changed = on_changed
        self._masked = masked
        self._sent = sent

    @property
    def title(self) -> str:
        """How many differ from their default."""
        count = len(self._settings.differing())
        return f"Settings · {count} of {len(SETTINGS)} {'differs' if count == 1 else 'differ'}"

    @property
    def about(self) -> str:
        """Since when a change holds."""
        return "from the next turn on"

    def fields(self) -> list[Field]:
        """Every row of the table: parameters of the API first, then ours, then those that are read at the start."""
        warnings = self._warnings(self._settings.now)
        groups = {API: [row for row in AT_HAND if row.parameter is not None]}
        groups[OURS] = [row for row in AT_HAND if row.parameter is None]
        groups[START] = [row for row in SETTINGS if row not in AT_HAND]
        return [self._field(row, group, warnings.get(row.name, "")) for group, rows in groups.items() for row in rows]

    def check(self, key: str, typed: str) -> str:
        """What is wrong with the value, else what may be refused of it. A file that it names is not looked at."""
        row = OF_NAME[key]
        values, problems = read_assignments([assignment(row, typed)], self._masked)
        if problems:
            return self._masked(at_hand_text.refusal_told(ConfigurationError(problems)))
        value = values[key]
        if isinstance(value, ResponseFormat) and value.file is not None:
            return ""
        warning = self._warnings(replace(self._settings.now, **{key: value})).get(key, "")
        return f"{MAY_BE}{warning}" if warning else ""

    def change(self, key: str, typed: str) -> str:
        """Give a setting a value from the next turn on; nothing is its default."""
        return self._try(lambda: (self._settings.assign(assignment(OF_NAME[key], typed), BY),))

    def toggle(self, key: str) -> str:
        """On, off, and unset where that is the default."""
        row = OF_NAME[key]
        values = [None, True, False] if row.default is None else [True, False]
        value = values[(values.index(self._settings.value(row)) + 1) % len(values)]
        return self._try(lambda: (self._settings.put(key, value, BY),))

    def reset(self, key: str) -> str:
        """Give a setting the value of the start."""
        return self._try(lambda: self._settings.reset(key))

    def press(self, key: str) -> bool:
        """No field is for anything but its value."""
        return False

    def _try(self, change: Callable[[], Sequence[Change]]) -> str:
        try:
            changes = [each for each in change() if each.before != each.after]
        except ConfigurationError as error:
            return self._masked(at_hand_text.refusal_told(error))
        if changes:
            self._on_changed(changes)
        return ""

    def _warnings(self, settings: Settings) -> dict[str, str]:
        documents, tools = self._sent()
        found: dict[str, list[str]] = {}
        for each in lint(settings, documents=documents, tools=tools):
            found.setdefault(each.name, []).append(each.message)
        return {name: "; ".join(texts) for name, texts in found.items()}

    def _field(self, row: Setting, group: str, warning: str) -> Field:
        value = self._settings.value(row)
        differs = value != row.default
        origin = self._settings.origin(row)
        return Field(
            row.name,
            row.name,
            self._masked(written(row, value)),
            group,
            how=how_of(row) if row in AT_HAND else "fixed",
            typed=self._masked(as_typed(row, value)) if row in AT_HAND else "",
            choices=choices_of(row),
            long=is_long(row),
            differs=differs,
            mark=(origin or "changed") if differs else "",
            told=self._told(row, value, origin),
            warning=warning,
        )

    def _told(self, row: Setting, value: Any, origin: str) -> tuple[str, ...]:
        default = f"default {shown(row) or 'unset'}"
        start = self._settings.at_start(row)
        from_where = f"now from {origin}" if origin and row in AT_HAND else f"from {origin}" if origin else ""
        at_start = f"{self._when} {at_hand_text.in_short(row, start)}" if start != value else ""
        stands = " · ".join(filter(None, (default, from_where, self._masked(at_start))))
        if row in AT_HAND:
            return (f"{row.meaning}{range_of(row)}", stands)
        flag = f"{row.option} or " if row.flag else ""
        return (f"{row.meaning}{range_of(row)}", stands, f"Cannot change now: start with {flag}--set {row.name}=…")


def how_of(row: Setting) -> How:
    """What one does to change a setting."""
    if isinstance(row.type, Switch):
        return "toggle"
    return "choose" if isinstance(row.type, OneOf) else "type"


def choices_of(row: Setting) -> tuple[Choice, ...]:
    """What one may want to choose among; of a setting with no default, to have it unset, too."""
    if isinstance(row.type, Switch):
        return ()
    named = row.type.choices if isinstance(row.type, OneOf) else row.usual
    unset = (_UNSET,) if isinstance(row.type, OneOf) and row.default is None else ()
    return (*(Choice(each) for each in named), *unset)


def is_long(row: Setting) -> bool:
    """Whether the value may be a text over several lines."""
    return isinstance(row.type, Text) and row.type.lines
