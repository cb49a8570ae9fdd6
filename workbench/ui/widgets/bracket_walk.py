"""Brackets in an empty prompt: they walk the citations, and are characters after all when one types on at once.

Owns what was pressed and when; knows nothing of widgets.
"""

from __future__ import annotations

from typing import Final

AT_ONCE_SECONDS: Final = 1.0
"""A character that comes so soon behind a bracket is typed behind it."""


class BracketWalk:
    """Times are in seconds, of any clock. `is_on` tells whether the last key walked."""

    def __init__(self) -> None:
        self.is_on = False
        self._brackets = ""
        self._last = 0.0

    def step(self, bracket: str, at: float) -> None:
        """A bracket was pressed, and walked."""
        goes_on = self.is_on and at - self._last <= AT_ONCE_SECONDS
        self._brackets = self._brackets + bracket if goes_on else bracket
        self._last, self.is_on = at, True

    def end(self, at: float | None = None) -> str:
        """Another key came, or a character at time `at`: returns the brackets that belong before that."""
        is_typed = self.is_on and at is not None and at - self._last <= AT_ONCE_SECONDS
        self.is_on = False
        return self._brackets if is_typed else ""
