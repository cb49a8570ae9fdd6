"""Pieces of text one below the other, laid out when they are needed.

Owns the lines of the pieces, and how high each is: known for those that were laid out for the width and the
surroundings of now, else estimated. A piece is laid out when it is looked at or when there is time. What is far
from all that was looked at last is dropped, but for its height, and made again on demand.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Generic, Protocol, TypeVar

from workbench.ui.markdown.heights import Heights
from workbench.ui.markdown.line import BLANK, RenderedLine

KEPT_LINES = 1_000
"""Lines that are kept laid out; what is in view and a page around it is far less."""

MOST_ESTIMATED = 20_000
"""Pieces whose heights are estimated at once; of more, no key would be read meanwhile."""

_MOST_RANGES = 16  # of pieces in doubt; when there are more, all between them are

TimeIsUp = Callable[[], bool]


def never() -> bool:
    """The time is not up: what is to be done is done to its end."""
    return False


@dataclass(frozen=True, slots=True)
class LinesChange:
    """Lines from `first` on differ; what was below line `end` of before has moved by `growth` lines."""

    first: int
    end: int
    growth: int

    def below(self, lines: int) -> LinesChange:
        """The same, with `lines` lines above it."""
        return LinesChange(self.first + lines, self.end + lines, self.growth)


class ColumnPiece(Protocol):
    """`shown` are its lines unless they were dropped, `key` is what they, or at least their number, hold for."""

    shown: list[RenderedLine] | None
    key: object

    def context(self, width: int) -> object:
        """What its lines depend on besides itself and the width."""

    def estimate(self, width: int) -> int:
        """About how many lines it takes."""

    def same(self, other: object) -> bool:
        """Whether the other is laid out just as this one."""

    def drop(self) -> None:
        """Forget the lines, and what else can be made again."""


P = TypeVar("P", bound=ColumnPiece)
Layout = Callable[[P, int, int], list[RenderedLine]]
"""(piece, width, its number) -> its lines"""


class RecentPieces:
    """The pieces that were looked at last, and no more than `limit` lines of them."""

    def __init__(self, limit: int = KEPT_LINES) -> None:
        self._limit = limit
        self._pieces: OrderedDict[int, tuple[ColumnPiece, int]] = OrderedDict()
        self._lines = 0

    def look(self, piece: ColumnPiece) -> None:
        """Note that `piece`, which is laid out, is looked at; when that makes too many lines, drop the oldest."""
        count = len(piece.shown or ())
        _, before = self._pieces.pop(id(piece), (piece, 0))
        self._pieces[id(piece)] = (piece, count)
        self._lines += count - before
        while self._lines > self._limit and len(self._pieces) > 1:
            _, (oldest, lines) = self._pieces.popitem(last=False)
            oldest.drop()
            self._lines -= lines


class Column(Generic[P]):
    """The pieces of one text. Lines are counted from 0; `height` is how many there are."""

    def __init__(self, width: int, layout: Layout[P], kept: RecentPieces | None = None) -> None:
        self.width = width
        self.pieces: list[P] = []
        self._layout = layout
        self._kept = kept or RecentPieces()
        self._heights = Heights()
        self._unsure: list[tuple[int, int]] = []  # ranges of pieces whose height may be wrong

    @property
    def height(self) -> int:
        """How many lines there are; some may be estimated."""
        return self._heights.total

    @property
    def pending(self) -> bool:
        """Whether heights may still be wrong."""
        return bool(self._unsure)

    def append(self, piece: P) -> None:
        """Add a piece below the others; its height is estimated."""
        self._heights.append(piece.estimate(self.width))
        self.pieces.append(piece)
        self.doubt(len(self.pieces) - 1, len(self.pieces))

    def cut(self, count: int) -> None:
        """Keep the first `count` pieces."""
        del self.pieces[count:]
        self._heights.cut(count)
        self._unsure = [(first, min(end, count)) for first, end in self._unsure if first < count]

    def replaced(self, number: int, before: Sequence[P], height: int) -> LinesChange | None:
        """The lines that changed, where `before` stood from piece `number` on and all was `height` lines high."""
        first = self._first_change(number, before)
        if first is None and self.height == height:
            return None
        return LinesChange(self.height if first is None else first, height, self.height - height)

    def replace(self, number: int, pieces: Sequence[P]) -> LinesChange | None:
        """Let `pieces` stand from number `number` on."""
        before, height = self.pieces[number:], self.height
        self.cut(number)
        for piece in pieces:
            self.append(piece)
        return self.replaced(number, before, height)

    def _first_change(self, number: int, before: Sequence[P]) -> int | None:
        """The first line that differs; None when none does, but for lines that are gone."""
        for at, old in enumerate(before, number):
            if at == len(self.pieces):
                return None
            new, lines = self.pieces[at], old.shown
            if lines is None:
                return self.top(at)
            if new.same(old):
                new.shown, new.key = lines, old.key
            self.lay_out(at)  # which may drop those of the old piece
            same = same_lines(lines, self._lines(at))
            if same < max(len(lines), len(self._lines(at))):
                return self.top(at) + same
        end = number + len(before)
        return self.top(end) if end < len(self.pieces) else None

    def doubt(self, first: int, end: int) -> None:
        """Pieces [first, end) may have to be laid out again."""
        if first >= end:
            return
        if self._unsure and self._unsure[-1][1] >= first >= self._unsure[-1][0]:
            first, last = self._unsure.pop()
            end = max(end, last)
        elif len(self._unsure) >= _MOST_RANGES:
            first, end = min(first, self._unsure[0][0]), max(end, *(last for _, last in self._unsure))
            self._unsure.clear()
        self._unsure.append((first, end))

    def resize(self, width: int) -> None:
        """Take another width: heights are estimated, or stay as they were when they are very many."""
        self.width = width
        if len(self.pieces) <= MOST_ESTIMATED:
            self._heights = Heights()
            for piece in self.pieces:
                piece.key = None
                self._heights.append(piece.estimate(width))
        self._unsure = [(0, len(self.pieces))] if self.pieces else []

    # -- laying out --------------------------------------------------------------------------

    def lay_out(self, number: int) -> LinesChange | None:
        """Make sure of piece `number`."""
        piece = self.pieces[number]
        before, known = piece.shown, piece.key == self._key(piece)
        lines = self._lines(number)
        old, top = self._heights[number], self._heights.top(number)
        if known and len(lines) == old:
            return None
        self._heights.set(number, len(lines))
        first = same_lines(before or (), lines)
        if first == len(lines) == old:
            return None
        return LinesChange(top + min(first, old), top + old, len(lines) - old)

    def is_sure(self, number: int) -> bool:
        """Whether the lines of piece `number` are at hand, and hold for the width and the surroundings of now."""
        piece = self.pieces[number]
        return piece.shown is not None and piece.key == self._key(piece) and len(piece.shown) == self._heights[number]

    def replace_last_line(self, lines: Sequence[RenderedLine]) -> LinesChange:
        """Let `lines` stand in the place of the last line of the last piece, which `is_sure`."""
        piece, end = self.pieces[-1], self.height
        assert piece.shown is not None
        piece.shown[-1:] = lines
        self._heights.set(len(self.pieces) - 1, len(piece.shown))
        self._kept.look(piece)
        return LinesChange(end - 1, end, len(lines) - 1)

    def reach(self, first: int, end: int) -> Iterator[LinesChange]:
        """Make sure of the pieces that are on lines [first, end) now."""
        if not 0 <= first < self.height:
            return
        number = self._heights.find(first)
        while number < len(self.pieces) and self._heights.top(number) < end:
            if change := self.lay_out(number):
                end += change.growth
                yield change
            number += 1

    def work(self, time_is_up: TimeIsUp = never) -> Iterator[LinesChange]:
        """Make sure of all heights, as far as there is time."""
        while self._unsure and not time_is_up():
            first, end = self._unsure.pop()
            if first + 1 < end:
                self._unsure.append((first + 1, end))
            piece = self.pieces[first]
            if piece.key != self._key(piece) and (change := self.lay_out(first)):
                yield change

    def _lines(self, number: int) -> list[RenderedLine]:
        piece = self.pieces[number]
        key = self._key(piece)
        if piece.shown is None or piece.key != key:
            piece.shown, piece.key = self._layout(piece, self.width, number), key
        shown = piece.shown
        self._kept.look(piece)
        return shown

    def _key(self, piece: P) -> object:
        return self.width, piece.context(self.width)

    # -- looking -----------------------------------------------------------------------------

    def line(self, number: int) -> RenderedLine:
        """Line `number`; IndexError beyond the last."""
        at = self._heights.find(number)
        lines = self._lines(at)
        within = number - self._heights.top(at)
        return lines[within] if within < len(lines) else BLANK

    def top(self, number: int) -> int:
        """The first line of piece `number`."""
        return self._heights.top(number)

    def piece_lines(self, number: int) -> list[RenderedLine]:
        """The lines of piece `number`, laid out now if need be."""
        return self._lines(number)

    def find(self, line: int) -> int:
        """The number of the piece that a line is in."""
        return self._heights.find(line)

    def place(self, line: int) -> tuple[int, int]:
        """A line apart from any width: (number of its piece, characters of the piece above it)."""
        number = self._heights.find(line)
        above = self._lines(number)[: line - self._heights.top(number)]
        return number, sum(map(_weight, above))

    def find_place(self, number: int, above: int) -> int:
        """The line of a place at the width of now; its piece is laid out."""
        self.lay_out(number)
        top, lines = self._heights.top(number), self._lines(number)
        for count, line in enumerate(lines):
            above -= _weight(line)
            if above < 0:
                return top + count
        return top + max(len(lines) - 1, 0)

    def lines(self) -> list[RenderedLine]:
        """All lines."""
        for _ in self.work():
            pass
        return [line for number in range(len(self.pieces)) for line in self._lines(number)]


def same_lines(before: Sequence[RenderedLine], lines: Sequence[RenderedLine]) -> int:
    """How many lines at the start are the same."""
    pairs = enumerate(zip(before, lines, strict=False))
    return next((number for number, (old, new) in pairs if old != new), min(len(before), len(lines)))


def _weight(line: RenderedLine) -> int:
    """Characters that are on some line at every width: not blanks, bars and rules."""
    return sum(map(str.isalnum, line.text))
