"""All turns of a conversation as one column of lines.

Owns which line of which turn stands where, and finding a place again after the lines were wrapped anew. A change in
a turn costs the logarithm of how many turns there are.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from workbench.ui.markdown.column import Column, LinesChange, RecentPieces, TimeIsUp, never
from workbench.ui.markdown.heights import Heights
from workbench.ui.markdown.line import SPOT, RenderedLine

if TYPE_CHECKING:
    from workbench.ui.markdown import turn_view
    from workbench.ui.markdown.turn_view import TurnView

Citation = tuple[int, int]
"""(turn, index of the citation in its answer)"""


@dataclass(frozen=True, slots=True)
class PlaceInList:
    """A line, apart from any width: its turn, counted from 0, and its place there."""

    number: int
    within: turn_view.PlaceInTurn


class TurnList:
    """Lines are counted from 0 over all turns; `height` is how many there are as of the last updates."""

    def __init__(self, width: int) -> None:
        self.width = width
        self._kept = RecentPieces()
        self._turns: list[TurnView] = []
        self._heights = Heights()
        self._numbers: dict[int, int] = {}
        self._pending: set[int] = set()  # numbers of turns that have work left

    @property
    def height(self) -> int:
        """How many lines there are, as of the last updates; some may be estimated."""
        return self._heights.total

    @property
    def pending(self) -> bool:
        """Whether `work` has anything to do."""
        return bool(self._pending)

    def begin(self, turn: int, prompt: str, place: int | None = None, *, previews: bool = True) -> None:
        """Add a turn; `previews` says whether folded thinking shows its newest lines while it streams."""
        from workbench.ui.markdown.turn_view import TurnView  # and the parser: an empty screen needs neither

        view = TurnView(turn, prompt, self.width, place=place, kept=self._kept)
        view.thinking.previews = previews
        self._numbers[turn] = len(self._turns)
        self._turns.append(view)
        self._heights.append(view.height)
        self._pending.add(len(self._turns) - 1)

    def view(self, turn: int) -> TurnView | None:
        """The lines of a turn; None when there is no such turn."""
        number = self._numbers.get(turn)
        return None if number is None else self._turns[number]

    def top_of(self, turn: int) -> int | None:
        """The first line of a turn, None when there is no such turn."""
        number = self._numbers.get(turn)
        return None if number is None else self._heights.top(number)

    def is_last(self, turn: int) -> bool:
        """Whether no turn stands below this one."""
        return self._numbers.get(turn) == len(self._turns) - 1

    def remeasure(self, turn: int) -> None:
        """A turn has changed from its foundations, and has work left."""
        number = self._numbers[turn]
        self._heights.set(number, self._turns[number].height)
        self._pending.add(number)

    def cut(self, turn: int, *, below: bool = False) -> None:
        """Forget a turn, and those below it; or those `below` it alone."""
        number = self._numbers[turn] + below
        for view in self._turns[number:]:
            del self._numbers[view.turn]
        del self._turns[number:]
        self._heights.cut(number)
        self._pending = {each for each in self._pending if each < number}

    def clear(self) -> None:
        """Forget all turns."""
        self._turns.clear()
        self._numbers.clear()
        self._pending.clear()
        self._heights = Heights()
        self._kept = RecentPieces()

    def refresh(self, turn: int, time_is_up: TimeIsUp = never) -> list[LinesChange]:
        """Bring the lines of `turn` up to date as far as there is time.

        Each change counts lines as they are after those before it.
        """
        return self._update(self._numbers[turn], time_is_up)

    def work(self, time_is_up: TimeIsUp) -> list[LinesChange]:
        """Go on with what is left to do, the last turn first."""
        changes: list[LinesChange] = []
        while self._pending and not time_is_up():
            changes += self._update(max(self._pending), time_is_up)
        return changes

    def reach(self, first: int, end: int) -> list[LinesChange]:
        """Make sure of what is on lines [first, end)."""
        changes: list[LinesChange] = []
        first = max(first, 0)
        if first >= self.height:
            return changes
        number = self._heights.find(first)
        while number < len(self._turns) and (top := self._heights.top(number)) < end:
            here = [change.below(top) for change in self._turns[number].reach(first - top, end - top)]
            end += sum(change.growth for change in here)
            self._heights.set(number, self._turns[number].height)
            changes += here
            number += 1
        return changes

    def resize(self, width: int) -> None:
        """Take another width: heights are estimated, and nothing is laid out yet."""
        self.width = width
        self._heights = Heights()
        for view in self._turns:
            view.resize(width)
            self._heights.append(view.height)
        self._pending = set(range(len(self._turns)))

    def at(self, line: int) -> tuple[TurnView, RenderedLine]:
        """Line number `line` and its turn; IndexError beyond the last."""
        number = self._heights.find(line)
        return self._turns[number], self._turns[number].line(line - self._heights.top(number))

    @property
    def working(self) -> frozenset[int]:
        """The numbers of the turns that `work` will go on with."""
        return frozenset(self._pending)

    @property
    def views(self) -> Sequence[TurnView]:
        """The turns, from the first to the last."""
        return self._turns

    def number_at(self, line: int) -> int:
        """Which of the views a line is in; 0 when there is none."""
        return self._heights.find(max(0, min(line, self.height - 1))) if self._turns else 0

    def number(self, turn: int) -> int:
        """Which of the views is that of `turn`."""
        return self._numbers[turn]

    def lay_out_piece(self, number: int, part: Column[Any], piece: int, changes: list[LinesChange]) -> int:
        """The first line of a piece of a turn that is shown. What had to be laid out adds to `changes`."""
        own: list[LinesChange] = []
        view, top = self._turns[number], self._heights.top(number)
        line = view.lay_out_piece(part, piece, own)
        changes += [change.below(top) for change in own]
        self._heights.set(number, view.height)
        return top + line

    def piece_at(self, line: int) -> tuple[int, Column[Any], int, int]:
        """The number of a line's turn, its part there, its piece, and which of the piece's lines it is."""
        number = self._heights.find(line)
        return number, *self._turns[number].piece_at(line - self._heights.top(number))

    def _update(self, number: int, time_is_up: TimeIsUp) -> list[LinesChange]:
        view, top = self._turns[number], self._heights.top(number)
        changes = [change.below(top) for change in view.update(time_is_up)]
        self._heights.set(number, view.height)
        (self._pending.add if view.pending else self._pending.discard)(number)
        return changes

    # -- places ------------------------------------------------------------------------------

    def place(self, line: int) -> PlaceInList | None:
        """The place of a line, None beyond the last."""
        if line >= self.height:
            return None
        number = self._heights.find(line)
        return PlaceInList(number, self._turns[number].place(line - self._heights.top(number)))

    def find(self, place: PlaceInList) -> int:
        """The line of a place at the width of now."""
        view = self._turns[place.number]
        line = view.find(place.within)
        self._heights.set(place.number, view.height)
        return self._heights.top(place.number) + line

    # -- what is where ---------------------------------------------------------------------------

    def citations(self) -> list[Citation]:
        """Every citation, in the order of the text."""
        return [(view.turn, mark.index) for view in self._turns for mark in view.marks]

    def lines_of(self, citation: Citation, changes: list[LinesChange]) -> tuple[int, int] | None:
        """The first and the last line that show it, None without one. What had to be laid out adds to `changes`."""
        turn, index = citation
        number = self._numbers.get(turn)
        if number is None:
            return None
        own: list[LinesChange] = []
        view, top = self._turns[number], self._heights.top(number)
        found = view.citation_lines(index, own)
        changes += [change.below(top) for change in own]
        self._heights.set(number, view.height)
        return None if found is None else (top + found[0], top + found[1])

    def citation_at(self, line: int, cell: int) -> Citation | None:
        """The first citation that stands at a cell of a line; IndexError beyond the last line."""
        view, shown = self.at(line)
        return next(((view.turn, index) for index in shown.marks_at(cell) if index != SPOT), None)

    def citations_above(self, line: int) -> int:
        """How many citations, in the order of the text, begin above the piece of text that is on `line`."""
        if line >= self.height:
            return sum(len(view.marks) for view in self._turns)
        number = self._heights.find(line)
        above = sum(len(view.marks) for view in self._turns[:number])
        return above + self._turns[number].marks_above(line - self._heights.top(number))

    def turn_at(self, line: int) -> int | None:
        """The turn on a line, or the last one below all lines; None when there is none."""
        return self._turns[self.number_at(line)].turn if self._turns else None

    def thinking_between(self, top: int, end: int) -> TurnView | None:
        """The last turn that thought and whose thinking, or else any line of it, is on lines [top, end).

        When there is none on those lines, the last turn that thought at all.
        """
        thoughtful = [(view, self._heights.top(n)) for n, view in enumerate(self._turns) if view.thinking]
        headings = [view for view, at in thoughtful if top <= at + view.thinking_line < end]
        touching = [view for view, at in thoughtful if at < end and at + view.height > top]
        candidates = headings or touching or [view for view, _ in thoughtful]
        return candidates[-1] if candidates else None


def moved(changes: Iterable[LinesChange], line: int) -> int:
    """The number that a line has after `changes`; one within what changed keeps its own."""
    for change in changes:
        if change.end <= line:
            line += change.growth
    return line


def combined(changes: Iterable[LinesChange], top: int) -> Iterator[LinesChange]:
    """At most two changes that come to the same for a view whose first line is `top`: one above it, one from it on."""
    at, below, first, end = top, 0, None, top
    for change in changes:
        if change.end <= at:
            at += change.growth
            continue
        first = change.first if first is None else min(first, change.first)
        end = max(end, change.end)
        below += change.growth
    if at != top:
        yield LinesChange(min(at, top), top, at - top)
    if first is not None:
        yield LinesChange(first, max(end, at + 1), below)
