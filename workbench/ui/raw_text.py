"""Text as it came, in rows of a width: nothing is left out, nothing is interpreted.

Owns cutting it into pieces of bounded size, which are laid out when they are looked at, and which characters a row
shows. A row never has characters of two lines, and each code point is shown as one, so that a place on the screen is a
place in the text.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass

from textual.cache import LRUCache

from workbench.safe_text import safe_text
from workbench.ui.markdown.column import Column, LinesChange, TimeIsUp, never
from workbench.ui.markdown.line import BLANK, RenderedLine
from workbench.ui.markdown.wrap import Span, fold_spans

PIECE = 4_000  # characters that are laid out together, at most,
PIECE_LINES = 200  # and lines

_TAB = "⇥"
_SPANS_KEPT = 16  # pieces whose rows are known; a view shows a few


@dataclass(slots=True, eq=False)
class RawPiece:
    """The text from offset `start` on. `line` is the number of its first line, counted from 1; `continues` tells that
    the piece above ends within that line."""

    text: str
    start: int
    line: int
    continues: bool
    shown: list[RenderedLine] | None = None
    key: object = None

    @property
    def end(self) -> int:
        """The offset behind its last character."""
        return self.start + len(self.text)

    def context(self, width: int) -> object:
        """None: its rows depend on the text and the width alone."""
        return None

    def estimate(self, width: int) -> int:
        """About how many rows it takes at a width in cells; at least 1."""
        return self.text.count("\n") + len(self.text) // width or 1

    def same(self, other: object) -> bool:
        """Whether it is this very piece."""
        return self is other

    def drop(self) -> None:
        """Forget the rows; the text stays."""
        self.shown = None


@dataclass(frozen=True, slots=True)
class RawRow:
    """Characters [start, end) of the text, and what is `shown` of them. `number` is that of the line which begins with
    them, None for the rest of a line."""

    start: int
    end: int
    shown: str
    number: int | None


class RawText:
    """Tell it the text with `take`, each time that there is more; rows are counted from 0, as of the last `work`."""

    def __init__(self, width: int) -> None:
        self.text = ""
        self._column: Column[RawPiece] = Column(width, self._layout)
        self._spans: LRUCache[tuple[RawPiece, int], list[Span]] = LRUCache(_SPANS_KEPT)

    @property
    def width(self) -> int:
        """How many cells a row has at most."""
        return self._column.width

    @property
    def height(self) -> int:
        """How many rows there are, as of the last `work`; some may be estimated."""
        return self._column.height

    @property
    def pending(self) -> bool:
        """Whether `work` has anything to do."""
        return self._taken < len(self.text) or self._column.pending

    def take(self, text: str) -> None:
        """The text as it is now."""
        if not text.startswith(self.text):
            self._column.cut(0)
        self.text = text

    def work(self, time_is_up: TimeIsUp = never) -> Iterator[LinesChange]:
        """Bring the rows up to date as far as there is time. Each change counts rows as they are after those before."""
        while self._taken < len(self.text):
            yield self._append()
            if time_is_up():
                return
        yield from self._column.work(time_is_up)

    def reach(self, first: int, end: int) -> Iterator[LinesChange]:
        """Make sure of rows [first, end)."""
        return self._column.reach(first, end)

    def resize(self, width: int) -> None:
        """Take another width; nothing is laid out yet."""
        self._column.resize(width)

    def row(self, number: int) -> RawRow:
        """A row that was reached; IndexError beyond the last."""
        at = self._column.find(number)
        piece = self._column.pieces[at]
        spans = self._spans_of(piece)
        within = min(number - self._column.top(at), len(spans) - 1)
        start, end = spans[within]
        begins = piece.text[start - 1] == "\n" if within else not piece.continues
        line = piece.line + piece.text.count("\n", 0, start) if begins else None
        return RawRow(piece.start + start, piece.start + end, _visible(piece.text[start:end]), line)

    def find(self, offset: int) -> int:
        """The row that shows a character, at the width of now."""
        pieces = self._column.pieces
        if not pieces:
            return 0
        at = max(0, bisect_right(pieces, offset, key=lambda piece: piece.start) - 1)
        self._column.lay_out(at)
        spans = self._spans_of(pieces[at])
        within = bisect_right(spans, offset - pieces[at].start, key=lambda span: span[0]) - 1
        return self._column.top(at) + max(0, within)

    # -- pieces ------------------------------------------------------------------------------------

    @property
    def _taken(self) -> int:
        """The offset up to which the text is in pieces."""
        return self._column.pieces[-1].end if self._column.pieces else 0

    def _append(self) -> LinesChange:
        """Add one piece, in the place of the last one when that was not full."""
        height, pieces = self._column.height, self._column.pieces
        if pieces and not self._is_full(pieces[-1]):
            self._column.cut(len(pieces) - 1)
        first, last = self._column.height, pieces[-1] if pieces else None
        start = self._taken
        self._column.append(
            RawPiece(
                self.text[start : self._end_of_piece(start)],
                start,
                last.line + last.text.count("\n") if last else 1,
                last is not None and not last.text.endswith("\n"),
            )
        )
        return LinesChange(first, max(height, first + 1), self._column.height - height)

    def _is_full(self, piece: RawPiece) -> bool:
        """Whether text that has come since begins another piece."""
        size = len(piece.text)
        if piece.text.endswith("\n"):
            return size >= PIECE // 2 or piece.text.count("\n") >= PIECE_LINES // 2
        return size >= PIECE and self.text[piece.end] != "\n"

    def _end_of_piece(self, start: int) -> int:
        """At a line's end, where there is one near enough."""
        window = self.text[start : start + PIECE]
        if window.count("\n") > PIECE_LINES:
            return start + sum(len(line) + 1 for line in window.split("\n", PIECE_LINES)[:PIECE_LINES])
        end = start + len(window)
        if end == len(self.text):
            return end
        last = window.rfind("\n", PIECE // 2)
        return start + last + 1 if last >= 0 else end + (self.text[end] == "\n")

    def _layout(self, piece: RawPiece, width: int, number: int) -> list[RenderedLine]:
        """As many lines as it has rows; what is on them is told by `row`."""
        return [BLANK] * len(self._spans_of(piece))

    def _spans_of(self, piece: RawPiece) -> list[Span]:
        """The characters of each row of a piece; a line's end belongs to none."""
        key = (piece, self.width)
        spans = self._spans.get(key)
        if spans is None:
            spans = self._spans[key] = fold_spans(_visible(piece.text).removesuffix("\n"), self.width)
        return spans


def _visible(text: str) -> str:
    """`text` with what cannot be seen, but for its line ends, as a stand-in."""
    return safe_text(text).replace("\t", _TAB)
