"""All turns of a conversation as one column of lines.

Owns which line of which turn stands where, and finding a place again after the lines were wrapped anew. A change in
the last turn moves nothing else.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from workbench.ui.markdown.model import Line
    from workbench.ui.markdown.turn_view import TurnView

Citation = tuple[int, int]
"""(turn, index of the citation in its answer)"""


@dataclass(frozen=True, slots=True)
class Change:
    """Lines from `first` on differ; what was below line `end` of before has moved by `growth` lines."""

    first: int
    end: int
    growth: int


@dataclass(frozen=True, slots=True)
class Place:
    """A line, apart from any width: its turn, counted from 0, and the characters of the turn above it."""

    number: int
    above: int


class TurnList:
    """Lines are counted from 0 over all turns; `height` is how many there are as of the last refreshes."""

    def __init__(self, width: int) -> None:
        self.width = width
        self.height = 0
        self._turns: list[TurnView] = []
        self._tops: list[int] = []
        self._numbers: dict[int, int] = {}

    def begin(self, turn: int, prompt: str) -> None:
        from workbench.ui.markdown.turn_view import TurnView  # and the parser: an empty screen needs neither

        view = TurnView(turn, prompt, self.width, first=not self._turns)
        self._numbers[turn] = len(self._turns)
        self._turns.append(view)
        self._tops.append(self.height)
        self.height += view.height

    def view(self, turn: int) -> TurnView | None:
        number = self._numbers.get(turn)
        return None if number is None else self._turns[number]

    def clear(self) -> None:
        self._turns.clear()
        self._tops.clear()
        self._numbers.clear()
        self.height = 0

    def refresh(self, turn: int) -> Change | None:
        """Bring the lines of `turn` up to date."""
        number = self._numbers[turn]
        view, top = self._turns[number], self._tops[number]
        first = view.refresh()
        if first is None:
            return None
        end = self._tops[number + 1] if number + 1 < len(self._tops) else self.height
        growth = top + view.height - end
        if growth:
            self._tops[number + 1 :] = [below + growth for below in self._tops[number + 1 :]]
            self.height += growth
        return Change(top + first, end, growth)

    def resize(self, width: int) -> None:
        """Lay all turns out for `width` cells."""
        self.width = width
        self.height = 0
        for number, view in enumerate(self._turns):
            view.resize(width)
            view.refresh()
            self._tops[number] = self.height
            self.height += view.height

    def at(self, line: int) -> tuple[TurnView, Line]:
        """Line number `line` and its turn; IndexError beyond the last."""
        number = bisect_right(self._tops, line) - 1
        return self._turns[number], self._turns[number].line(line - self._tops[number])

    # -- places ------------------------------------------------------------------------------

    def place(self, line: int) -> Place | None:
        """The place of a line, None beyond the last."""
        if line >= self.height:
            return None
        number = bisect_right(self._tops, line) - 1
        view = self._turns[number]
        return Place(number, sum(_weight(view.line(above)) for above in range(line - self._tops[number])))

    def find(self, place: Place) -> int:
        """The line of a place at the width of now."""
        view, above = self._turns[place.number], 0
        for number in range(view.height):
            weight = _weight(view.line(number))
            if above + weight > place.above:
                return self._tops[place.number] + number
            above += weight
        return self._tops[place.number]

    # -- what is where ---------------------------------------------------------------------------

    def citations(self) -> list[Citation]:
        """Every citation, in the order of the text."""
        return [(view.turn, mark.index) for view in self._turns for mark in view.answer.marks]

    def lines_of(self, citation: Citation) -> list[int]:
        """The lines that show it, none for an unknown one."""
        turn, index = citation
        number = self._numbers.get(turn)
        if number is None:
            return []
        return [self._tops[number] + line for line in self._turns[number].citation_lines(index)]

    def thinking_between(self, top: int, end: int) -> TurnView | None:
        """The last turn that thought and whose thinking, or else any line of it, is on lines [top, end).

        When there is none on those lines, the last turn that thought at all.
        """
        thoughtful = [(view, at) for view, at in zip(self._turns, self._tops, strict=True) if view.thinking]
        headings = [view for view, at in thoughtful if top <= at + view.thinking_line < end]
        touching = [view for view, at in thoughtful if at < end and at + view.height > top]
        candidates = headings or touching or [view for view, _ in thoughtful]
        return candidates[-1] if candidates else None


def _weight(line: Line) -> int:
    """Characters that are on some line at every width: not blanks, bars and rules."""
    return sum(map(str.isalnum, line.text))
