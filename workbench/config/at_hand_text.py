"""What is said of the settings of a conversation that runs, and of changing one."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from workbench.config.assignments import FLAG
from workbench.config.at_hand import AT_HAND, Change, Preset, SettingsAtHand
from workbench.config.setting import Setting
from workbench.config.settings_model import OF_NAME
from workbench.config.settings_text import range_of, shown, written
from workbench.errors import ConfigurationError, Problem

LONGEST: Final = 60  # characters of a value in a line

NO_PRESETS: Final = "there are no presets: `presets:` of the settings file has them, and the panel saves some"
NO_SETTINGS: Final = "what answers here has no settings: it is a recording"
UNCHANGED: Final = "every setting is as it was at the start"

_TITLES: Final = {
    "model": "The model",
    "sampling": "Sampling",
    "connection": "Waiting",
    "turn": "A turn",
    "bounds": "Megabytes that a turn may take",
}


def told(settings: SettingsAtHand, row: Setting) -> str:
    """A setting in a line: its value, its default where it is another, and what it may be."""
    value = settings.value(row)
    default = f" (default {shown(row) or 'unset'})" if value != row.default else ""
    return f"{row.name}: {in_short(row, value)}{default}. {row.meaning}{range_of(row)}"


def preset_told(preset: Preset) -> str:
    """A preset in a line: its name, and what it has."""
    said = [f"{name} {in_short(OF_NAME[name], value)}" for name, value in preset.values.items()]
    return f"{preset.name}: {', '.join(said) or 'nothing'}"


def changes_told(changes: Sequence[Change]) -> str:
    """What settings are from now on, in a line."""
    if not changes:
        return "nothing is another than before"
    said = [f"{each.row.name}: {in_short(each.row, each.after)}" for each in changes]
    return f"{', '.join(said)}, from the next turn on"


def refusal_told(error: ConfigurationError) -> str:
    """Why a setting was not changed, in a line, and what to do."""
    return "; ".join(map(_unlocated, error.problems))


def tables(settings: SettingsAtHand) -> list[tuple[str, list[tuple[str, str]]]]:
    """All settings in groups: the title of each, and its rows as the setting with its value, and what it means.

    One that is another than at the start has a dot.
    """
    changed = settings.changed()

    def pair(row: Setting) -> tuple[str, str]:
        return _named(settings, row, is_changed=row in changed), f"{row.meaning}{range_of(row)}"

    return [(title, [pair(row) for row in AT_HAND if row.group == group]) for group, title in _TITLES.items()]


def in_short(row: Setting, value: object) -> str:
    """A value in a line, cut where it is long."""
    line = " ".join(written(row, value).split())
    return line if len(line) <= LONGEST else f"{line[: LONGEST - 1]}…"


def usual_values(row: Setting) -> Sequence[str]:
    """Values that one may want to choose among."""
    schema = row.type.schema()
    if schema.get("type") == "boolean":
        return ("true", "false", "null")
    named = [each for each in schema.get("enum", ()) if isinstance(each, str)]
    return (*(row.usual or named), *(() if row.default is not None else ("null",)))


def _named(settings: SettingsAtHand, row: Setting, *, is_changed: bool) -> str:
    value = settings.value(row)
    words = row.name if value is None else f"{row.name}={in_short(row, value)}"
    return f"● {words}" if is_changed else words


def _unlocated(problem: Problem) -> str:
    where = problem.file.removeprefix(FLAG).strip()
    what = f"{where}: {problem.message}" if where else problem.message
    return f"{what} ({problem.hint})" if problem.hint else what
