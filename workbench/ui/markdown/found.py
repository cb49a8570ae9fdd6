"""Words looked for in all turns: where they stand in what was said, thought and answered, and lines with them marked.

Owns that text which stays as it is is looked through once, and that a live end is looked through anew each time. It
looks at the text without its markup, whether it is laid out or not; so a phrase is found across the ends of lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from workbench.ui.markdown.blocks import AnswerUnit
from workbench.ui.markdown.column import Column, TimeIsUp
from workbench.ui.markdown.heights import Heights
from workbench.ui.markdown.layout import unit_lines
from workbench.ui.markdown.line import HERE, HIT, Find, RenderedLine
from workbench.ui.markdown.needle import Hits, Needle
from workbench.ui.markdown.turn_list import PlaceInList, TurnList
from workbench.ui.markdown.verbatim import PlainPiece

_MARKED_AT_HAND: Final = 256  # pieces whose lines are kept with what is marked in them
_PARTS: Final = 4  # of a turn in which is looked

Texts = list[tuple[str, ...]]


@dataclass(frozen=True, slots=True)
class FoundPlace:
    """A hit: the number of its turn, the part of that, a piece, a text of it, and which of the hits there it is."""

    number: int
    part: int
    piece: int
    text: int
    within: int


@dataclass(slots=True)
class _Part:
    """What is known of a part of a turn: the text of the pieces that stay, and the hits in all that were looked at."""

    hits: Hits
    settled: int = 0
    texts: Texts = field(default_factory=list)


class FoundInTurns:
    """Tell it what to look for, and which turns changed; then let it `look`."""

    def __init__(self, turns: TurnList) -> None:
        self._turns = turns
        self._needle: Needle | None = None
        self._first = 0  # the number of the turn that is looked through before all others
        self._parts: list[_Part] = []
        self._counts = Heights()
        self._stale: set[int] = set()  # numbers of turns that are to be looked through,
        self._fresh: set[int] = set()  # and those of them that changed since one began to
        self.here: FoundPlace | None = None
        self._marked: dict[int, tuple[list[RenderedLine], FoundPlace | None, list[RenderedLine]]] = {}

    @property
    def needle(self) -> Needle | None:
        """What is looked for."""
        return self._needle

    def begin(self, needle: Needle, first: int = 0) -> None:
        """Look for something else, in turn number `first` and those below it before those above it.

        What was read of the turns for what was looked for before stays at hand.
        """
        self._first = first
        texts = [part.texts for part in self._parts]
        self._needle, self._parts, self._counts, self.here = needle, [], Heights(), None
        self._marked.clear()
        for each in texts:
            self._add(needle, each)
        self._stale, self._fresh = set(range(len(self._turns.views))), set()

    def changed(self, number: int) -> None:
        """Turn `number` changed."""
        self._stale.add(number)
        self._fresh.add(number)

    def look(self, time_is_up: TimeIsUp) -> bool:
        """Look through what was not, as far as there is time; return whether that was all."""
        if (needle := self._needle) is None:
            return True
        while len(self._parts) < _PARTS * len(self._turns.views):
            self._add(needle, [])
        while self._stale:
            number = min(self._stale, key=lambda each: (each < self._first, each))
            if not self._look_in(number, time_is_up):
                return False
            self._stale.discard(number)
        return True

    def _add(self, needle: Needle, texts: Texts) -> None:
        self._parts.append(_Part(Hits(needle), texts=texts))
        self._counts.append(0)

    def _look_in(self, number: int, time_is_up: TimeIsUp) -> bool:
        if number in self._fresh:
            self._fresh.discard(number)
            for part in self._parts[_PARTS * number : _PARTS * (number + 1)]:
                part.hits.cut(part.settled)
        for at, (column, settled) in enumerate(self._turns.views[number].searched, _PARTS * number):
            part = self._parts[at]
            done = self._look_through(part, column, settled, time_is_up)
            part.settled = min(settled, len(part.hits))
            self._counts.set(at, part.hits.total)
            if not done:
                return False
        return True

    def _look_through(self, part: _Part, column: Column[Any], settled: int, time_is_up: TimeIsUp) -> bool:
        for piece in range(len(part.hits), len(column.pieces)):
            if time_is_up():
                return False
            if piece < len(part.texts):
                texts = part.texts[piece]
            else:
                texts = column.pieces[piece].searched()
                if piece < settled:
                    part.texts.append(texts)
            part.hits.append(texts)
        return True

    # -- hits -------------------------------------------------------------------------------------

    @property
    def total(self) -> int:
        """How many hits are known."""
        return self._counts.total

    def at(self, hit: int) -> FoundPlace:
        """Where a hit is; IndexError beyond the last."""
        at = self._counts.find(hit)
        number, part = divmod(at, _PARTS)
        return FoundPlace(number, part, *self._parts[at].hits.at(hit - self._counts.top(at)))

    def number_here(self) -> int | None:
        """The number of the hit that one stands on."""
        here = self.here
        if here is None or not self.total:
            return None
        at = _PARTS * here.number + here.part
        within = self._parts[at].hits.number_of(here.piece, here.text, here.within)
        return min(self._counts.top(at) + within, self.total - 1)

    def first_from(self, place: PlaceInList) -> int | None:
        """The first hit in the piece of a place, or below; None when none is known."""
        part = self._turns.views[place.number].part_searched(place.within.part)
        at = _PARTS * place.number + part
        if at >= len(self._parts):
            return None
        piece = place.within.piece if self._turns.views[place.number].searched[part][0] is place.within.part else 0
        hit = self._counts.top(at) + self._parts[at].hits.above(piece)
        if hit >= self.total or not self._is_first(place.number, len(self._parts[at].hits) > piece, hit):
            return None
        return hit

    def _is_first(self, number: int, begun: bool, hit: int) -> bool:
        """Whether no other will be found between turn `number`, where one may have `begun` to look, and a hit."""
        found = self.at(hit).number
        between = range(number + begun, found)
        return not any(each in self._stale for each in between) and (begun or number not in self._stale)

    def column(self, place: FoundPlace) -> Column[Any]:
        """The part of a turn that a hit is in."""
        return self._turns.views[place.number].searched[place.part][0]

    # -- lines ------------------------------------------------------------------------------------

    def line(self, number: int, column: Column[Any], piece: int, within: int, line: RenderedLine) -> RenderedLine:
        """A line, which is the one of this number in its piece, with the hits in it marked."""
        lines = self.lines(number, column, piece)
        return lines[within] if within < len(lines) else line

    def lines(self, number: int, column: Column[Any], piece: int) -> Sequence[RenderedLine]:
        """The lines of a piece with the hits in them marked; one of them is where one stands."""
        shown, here, one = column.piece_lines(piece), self.here, column.pieces[piece]
        if here is not None and (here.number, here.piece) != (number, piece):
            here = None
        if here is not None and self.column(here) is not column:
            here = None
        known = self._marked.get(id(one))
        if known is not None and known[1] == here and known[0] == shown:
            return known[2]
        if len(self._marked) >= _MARKED_AT_HAND:
            self._marked.clear()
        lines = self._lines_with_hits(one, column.width, piece, here) or shown
        self._marked[id(one)] = (list(shown), here, list(lines))
        return lines

    def _lines_with_hits(
        self, piece: AnswerUnit | PlainPiece, width: int, number: int, here: FoundPlace | None
    ) -> list[RenderedLine] | None:
        """None when there is nothing to mark."""
        needle, any_found = self._needle, False

        def find(text: int, characters: str) -> list[tuple[int, int, str]]:
            spans = needle.spans(characters) if needle is not None else ()
            at = here.within if here is not None and here.text == text else -1
            return [(start, end, HERE if count == at else HIT) for count, (start, end) in enumerate(spans)]

        for at, text in enumerate(piece.searched()):
            any_found = any_found or bool(find(at, text))
        if not any_found:
            return None
        if isinstance(piece, PlainPiece):
            return piece.lines(width, find)
        finding: Find = find
        return unit_lines(piece, width, first=not number, find=finding)
