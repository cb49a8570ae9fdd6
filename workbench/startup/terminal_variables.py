"""The variables of the environment that the screen's library reads when it is imported, made fit for it before.

Owns which of them a person may set: those of how the screen looks. A value that the library would die of is refused
by the variable's name. What is for its developers is taken away: another driver, keys pressed at the start, and a log
that would hold what `--log` keeps out.
"""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from typing import Final

from workbench.errors import ConfigurationError, Problem

# The terminal itself knows its size, at every moment.
_NOT_OURS: Final = (
    "COLUMNS", "LINES", "TEXTUAL_DEBUG", "TEXTUAL_DEVTOOLS_HOST", "TEXTUAL_DEVTOOLS_PORT", "TEXTUAL_DRIVER",
    "TEXTUAL_LOG", "TEXTUAL_PRESS", "TEXTUAL_SCREENSHOT", "TEXTUAL_SCREENSHOT_FILENAME",
    "TEXTUAL_SCREENSHOT_LOCATION", "TEXTUAL_SHOW_RETURN",
)  # fmt: skip
_COLOURS: Final = "TEXTUAL_COLOR_SYSTEM"
_COLOUR_SYSTEMS: Final = ("auto", "standard", "256", "truecolor")
_MOST: Final = {
    "ESCDELAY": 10_000,
    "TEXTUAL_DIM_FACTOR": 100,
    "TEXTUAL_FPS": 1_000,
    "TEXTUAL_SLOW_THRESHOLD": 3_600_000,
}


def make_fit(environ: MutableMapping[str, str]) -> None:
    """Take out of `environ` what is not for a screen of ours. Raises ConfigurationError for what cannot be used."""
    if problems := list(_problems(environ)):
        raise ConfigurationError(problems)
    for name in _NOT_OURS:
        environ.pop(name, None)
    if not environ.get(_COLOURS, "").strip():  # as if it were not set
        environ.pop(_COLOURS, None)


def _problems(environ: MutableMapping[str, str]) -> Iterator[Problem]:
    colours = environ.get(_COLOURS, "")
    if colours.strip() and colours not in _COLOUR_SYSTEMS:
        message = f"there is no colour system {_short(colours)!r}"
        yield Problem(_COLOURS, 0, 0, message, f"it is one of {', '.join(_COLOUR_SYSTEMS)}")
    for name, most in _MOST.items():
        value = environ.get(name, "")
        if _is_above(value, most):
            yield Problem(name, 0, 0, f"{_short(value)} is too large", f"at most {most:,}")


def _is_above(value: str, most: int) -> bool:
    """What is no whole number is left to the library, which takes its default then."""
    try:
        return int(value) > most
    except ValueError:
        return False


def _short(value: str) -> str:
    return value if len(value) <= 40 else f"{value[:39]}…"
