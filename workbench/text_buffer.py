"""Text that grows piece by piece. Owns slicing it by code points without joining it; knows nothing of messages."""

from __future__ import annotations

from bisect import bisect_right


class TextBuffer:
    """Text that grows: O(1) to append, O(log n + length) to slice, joined when it is read whole."""

    __slots__ = ("_ends", "_joined", "_parts")

    def __init__(self) -> None:
        self._parts: list[str] = []
        self._ends: list[int] = []
        self._joined: str | None = ""

    def __len__(self) -> int:
        return self._ends[-1] if self._ends else 0

    def append(self, text: str) -> None:
        if text:
            self._parts.append(text)
            self._ends.append((self._ends[-1] if self._ends else 0) + len(text))
            self._joined = None

    @property
    def text(self) -> str:
        if self._joined is None:
            self._joined = "".join(self._parts)
        return self._joined

    def slice(self, start: int, end: int) -> str:
        """Code points [start, end), clamped to what is there."""
        start, end = max(0, start), min(end, len(self))
        if start >= end:
            return ""
        first = bisect_right(self._ends, start)
        last = min(bisect_right(self._ends, end - 1), len(self._parts) - 1)
        before = self._ends[first - 1] if first else 0
        return "".join(self._parts[first : last + 1])[start - before : end - before]
