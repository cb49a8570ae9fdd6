"""Commands, a module each: it reads its arguments, does its work with the rooms below, and returns an exit code."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

COMMANDS: Final = ("ask", "replay", "sessions", "check")
"""Their names. Without one, `workbench` is the app."""

_PRINTED: Final = ("--help", "-h", "--version")


def opens_screen(argv: Sequence[str]) -> bool:
    """Whether these words ask for the app. A file that is named like a command makes them doubtful, which is no."""
    return not any(word in COMMANDS or word in _PRINTED for word in argv)
