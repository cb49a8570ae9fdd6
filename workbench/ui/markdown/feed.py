"""Text that comes in pieces, cut into lines of bounded length.

Owns line ends, and where a line that is too long for one is cut: by what stands before the cut alone, so text in
pieces is cut as the whole would be.
"""

from __future__ import annotations

from dataclasses import dataclass

from workbench.safe_text import safe_text

LONGEST_LINE = 3_000
"""Characters of a line that are parsed and laid out as one; what a longer one goes on with begins a line of its own."""


@dataclass(frozen=True, slots=True)
class SourceLine:
    """A line without its end, as safe text. `start` is the offset of its first character in what came.

    `continues` says that it is the rest of a line that was cut.
    """

    text: str
    start: int
    continues: bool = False


class LineFeed:
    """Give it pieces with `add`; `take` hands out whole lines, `rest` shows what follows the last of them."""

    def __init__(self, start: int = 0) -> None:
        """`start` is the offset of what comes first, with which a line begins."""
        self._new: list[str] = []
        self._buffer = ""
        self._at = 0
        self._start = start  # offset of the buffer's first character
        self._continues = False

    @property
    def position(self) -> int:
        """The offset up to which lines were taken."""
        return self._start + self._at

    @property
    def end(self) -> int:
        """The offset after all that came."""
        self._join()
        return self._start + len(self._buffer)

    def add(self, text: str) -> None:
        """Take in a piece of text, cut wherever it may be."""
        self._new.append(text)

    def take(self) -> SourceLine | None:
        """The next line that is complete or too long, None when more must come first."""
        self._join()
        limit = self._at + LONGEST_LINE
        newline = self._buffer.find("\n", self._at, limit + 1)
        if newline < 0 and len(self._buffer) <= limit:
            return None
        cut = newline if newline >= 0 else self._cut(limit)
        return self._pass(cut, cut + 1 if newline >= 0 else cut, continues=newline < 0)

    def rest(self) -> SourceLine | None:
        """The last line as far as it came, None when nothing of it did. A carriage return waits for what follows."""
        self._join()
        text = self._buffer[self._at :].removesuffix("\r")
        return SourceLine(safe_text(text), self.position, self._continues) if text else None

    def take_rest(self) -> SourceLine | None:
        """The last line, which no newline will end."""
        self._join()
        if self._at == len(self._buffer):
            return None
        return self._pass(len(self._buffer), len(self._buffer), continues=False)

    def _pass(self, end: int, then: int, *, continues: bool) -> SourceLine:
        text = self._buffer[self._at : end]
        line = SourceLine(safe_text(text.removesuffix("\r") if then > end else text), self.position, self._continues)
        self._at = then
        self._continues = continues
        return line

    def _cut(self, limit: int) -> int:
        blank = self._buffer.rfind(" ", self._at + LONGEST_LINE // 2, limit)
        return limit if blank < 0 else blank + 1

    def _join(self) -> None:
        if self._new:
            self._start += self._at
            self._buffer = "".join((self._buffer[self._at :], *self._new))
            self._at = 0
            self._new.clear()
