"""Text that grows piece by piece. Owns slicing it by code points without joining it; knows nothing of messages."""

from __future__ import annotations

from bisect import bisect_right
from typing import Final

# Characters of a part that is not joined to others: a part takes some hundred bytes besides, and a token has four.
PART: Final = 4096


class TextBuffer:
    """Text that grows: O(1) to append, O(log n + length) to slice, joined when it is read whole.

    Small pieces are joined into parts as they come, so that it takes little more memory than the text.
    """

    __slots__ = ("_ends", "_last", "_parts")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._ends: list[int] = []
        self._last = 0  # the first of the small pieces at the end, which are not joined yet

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def append(self, text: str) -> None:
        """Add `text` at the end."""
        if not text:
            return
        if len(text) >= PART:
            self._join(self._last)
        self._parts.append(text)
        self._ends.append((self._ends[-1] if self._ends else 0) + len(text))
        if self._ends[-1] - (self._ends[self._last - 1] if self._last else 0) >= PART:
            self._join(self._last)

    @property
    def text(self) -> str:
        """All of it. Costs its length once after each change."""
        self._join(0)
        return self._parts[0] if self._parts else ""

    def slice(self, start: int, end: int) -> str:
        """Code points [start, end), clamped to what is there."""
        start, end = max(0, start), min(end, len(self))
        if start >= end:
            return ""
        first = bisect_right(self._ends, start)
        last = min(bisect_right(self._ends, end - 1), len(self._parts) - 1)
        before = self._ends[first - 1] if first else 0
        return "".join(self._parts[first : last + 1])[start - before : end - before]

    def _join(self, first: int) -> None:
        """Make one part of those from `first` on."""
        if len(self._parts) - first > 1:
            self._parts[first:] = ["".join(self._parts[first:])]
            self._ends[first:] = self._ends[-1:]
        self._last = len(self._parts)
