"""Commands, a module each: it reads its arguments, does its work with the rooms below, and returns an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

COMMANDS: Final = (
    *("ask", "replay", "index", "search", "tools", "sessions", "compare", "check", "init", "schema", "completion"),
)
"""Their names. Without one, `workbench` is the app."""

DUMB: Final = "dumb"
"""The kind of a terminal that can do no more than lines."""

_WITHOUT_SCREEN: Final = ("--help", "-h", "--version", "--plain")


def opens_screen(argv: Sequence[str], term: str) -> bool:
    """Whether these words ask for the app at a terminal that calls itself `term`, and it can draw a screen.

    A file that is named like a command makes the words doubtful, which is no.
    """
    return draws_screen(term) and not any(word in COMMANDS or word in _WITHOUT_SCREEN for word in argv)


def draws_screen(term: str) -> bool:
    """Whether a terminal that calls itself so can draw a screen."""
    return term not in ("", DUMB, "unknown")
