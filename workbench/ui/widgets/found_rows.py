"""Words looked for in a list of rows: where they stand, in what is folded away too, and lines with them marked.

Owns that no row is rendered to be looked through, and none is kept that was made for it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from rich.segment import Segment
from rich.style import Style
from textual.content import Content

from workbench.ui.markdown.column import TimeIsUp
from workbench.ui.markdown.line import HERE, HIT
from workbench.ui.markdown.needle import Hits, HitsInText, Needle, Span
from workbench.ui.widgets.row import LazyRow, MakeRow, Row


@dataclass(frozen=True, slots=True)
class FoundRow:
    """A hit: the row that it is in, whether in its head (0) or below that (1), and which of the hits there it is."""

    row: int
    part: int
    within: int


class FoundInRows:
    """What was found of `needle` in rows that may change; `before` is what was found of something else in them."""

    def __init__(self, needle: Needle, before: FoundInRows | None = None) -> None:
        self.needle = needle
        is_longer = before is not None and needle.word.startswith(before.needle.word)
        self._may_have = before.rows_that_may() if before is not None and is_longer else []
        self.here: FoundRow | None = None
        self._hits = Hits(needle)
        self._changed: set[int] = set()
        self._next: _LongRow | None = None  # the row behind those that were looked through, when it takes longer

    def changed(self, index: int) -> None:
        """Another row stands at `index`."""
        if index < len(self._may_have):
            self._may_have[index] = True
        if index < len(self._hits):
            self._changed.add(index)
        else:
            self._next = None

    def cut(self, count: int) -> None:
        """The rows behind the first `count` are others."""
        del self._may_have[count:]
        self._next = None
        if count < len(self._hits):
            self._hits.cut(count)
            self._changed = {index for index in self._changed if index < count}

    def moved(self, row: int | None) -> None:
        """The row of the hit that one stands on stands elsewhere, or, for None, nowhere any more."""
        if self.here is not None:
            self.here = None if row is None else replace(self.here, row=row)

    def look(self, rows: Sequence[Row | MakeRow], time_is_up: TimeIsUp) -> bool:
        """Look through the rows that are new, as far as there is time; return whether that was all."""
        while self._changed:
            index = self._changed.pop()
            self._hits.set(index, self._parts(rows[index]))
            if time_is_up():
                return False
        for index in range(len(self._hits), len(rows)):
            if time_is_up():
                return False
            may_have = index >= len(self._may_have) or self._may_have[index]
            if self._next is None:
                parts = self._parts(rows[index]) if may_have else ()
                if sum(map(len, parts)) <= HitsInText.PIECE:
                    self._hits.append(parts)
                    continue
                self._next = _LongRow(self.needle, parts)
            if not self._next.look(time_is_up):
                return False
            self._hits.take(self._next.found)
            self._next = None
        return True

    def rows_that_may(self) -> list[bool]:
        """Of the rows that were looked through, which of them may have what is longer than what was looked for."""
        return [bool(self._hits.count(row)) or row in self._changed for row in range(len(self._hits))]

    def _parts(self, row: Row | MakeRow) -> tuple[str, str]:
        made = row if isinstance(row, Row | LazyRow) else row()
        head, below = made.searched()
        repeats = isinstance(made, LazyRow) or made.repeats
        return (head, "") if repeats and self.needle.spans(head) else (head, below)

    @property
    def total(self) -> int:
        """How many hits are known."""
        return self._hits.total

    def at(self, hit: int) -> FoundRow:
        """Where a hit is; IndexError beyond the last."""
        return FoundRow(*self._hits.at(hit))

    def number_here(self) -> int | None:
        """The number of the hit that one stands on."""
        if self.here is None or not self.total:
            return None
        return min(self._hits.number_of(self.here.row, self.here.part, self.here.within), self.total - 1)

    def first_from(self, index: int) -> int | None:
        """The first hit in a row or below; None when none is known."""
        hit = self._hits.above(index)
        return hit if hit < self.total and index < len(self._hits) else None

    def drawn(self, row: Row, index: int) -> tuple[Row, FoundRow | None]:
        """What is drawn for a row, and which of the hits there is the one that one stands on: of what is too long to be
        shown whole it is the part that the hit is in."""
        here = self.here_in(index)
        spans = self._spans_below(row, index) if here is not None and here.part else ()
        if here is None or here.within >= len(spans):
            return row, here
        shown, first = row.showing(spans[here.within][0])
        return shown, replace(here, within=here.within - sum(start < first for start, _ in spans))

    def _spans_below(self, row: Row, index: int) -> Sequence[Span]:
        """Where it stands below the head of a row."""
        if index < len(self._hits) and index not in self._changed:
            return self._hits.spans(index, 1)
        return self.needle.spans(row.searched()[1])

    def here_in(self, index: int) -> FoundRow | None:
        """The hit that one stands on, when it is in this row."""
        return self.here if self.here is not None and self.here.row == index else None


class _LongRow:
    """A row with much below its head, which is looked through piece by piece."""

    def __init__(self, needle: Needle, parts: Sequence[str]) -> None:
        self._parts = parts
        self.found = [HitsInText(needle) for _ in parts]

    def look(self, time_is_up: TimeIsUp) -> bool:
        """Look through more of it, at least a piece; return whether that was all."""
        for text, found in zip(self._parts, self.found, strict=True):
            while found.is_behind(text):
                found.look(text)
                if time_is_up():
                    return not any(map(HitsInText.is_behind, self.found, self._parts))
        return True


def marked_lines(lines: Sequence[Content], head_line: int, needle: Needle, here: FoundRow | None) -> list[Content]:
    """The lines of a row with the hits in them marked."""
    marked = list(lines)
    parts = list(_parts(lines, head_line, needle))
    one_is_on = None if here is None else _shown_as(here, parts)
    for part, hits in enumerate(parts):
        for number, pieces in enumerate(hits):
            for line, start, end in pieces:
                marked[line] = marked[line].stylize(HERE if (part, number) == one_is_on else HIT, start, end)
    return marked


def hit_line(lines: Sequence[Content], head_line: int, needle: Needle, here: FoundRow) -> int:
    """Which line of a row a hit begins on; of one that is not shown, that of its head."""
    parts = list(_parts(lines, head_line, needle))
    found = _shown_as(here, parts)
    return head_line if found is None else parts[found[0]][found[1]][0][0]


def is_in_sight(lines: Sequence[Content], head_line: int, needle: Needle, here: FoundRow) -> bool:
    """Whether a hit in the head of a row is on it, and not cut away."""
    return here.within < len(next(iter(_parts(lines, head_line, needle))))


def tinted(strip: Iterable[Segment], behind: Style, hit: Style) -> Iterator[Segment]:
    """Segments with another ground, but for those that have the ground of a hit, or stand out the other way round."""
    for segment in strip:
        style = segment.style or Style.null()
        is_hit = style.reverse or (style.bgcolor is not None and style.bgcolor == hit.bgcolor)
        yield segment if is_hit else Segment(segment.text, style + behind, segment.control)


_Pieces = list[tuple[int, int, int]]
"""Of one hit: the lines that it is on, and which of their characters."""


def _shown_as(here: FoundRow, parts: Sequence[Sequence[_Pieces]]) -> tuple[int, int] | None:
    """What stands for a hit on the screen: one in the head that is cut away may stand below it."""
    if here.within < len(parts[here.part]):
        return here.part, here.within
    part = 1 if here.part == 0 and parts[1] else here.part
    return (part, min(here.within, len(parts[part]) - 1)) if parts[part] else None


def _parts(lines: Sequence[Content], head_line: int, needle: Needle) -> Iterator[list[_Pieces]]:
    """The hits in the head, then those below, as what is shown of them: a phrase may go on in the next line."""
    for first, end in ((head_line, head_line + 1), (head_line + 1, len(lines))):
        text, starts, begins = "", [], []
        for line in lines[first:end]:
            plain = line.plain
            begins.append(len(plain) - len(plain.lstrip()))
            starts.append(len(text))
            text += plain.strip() + "\n"
        hits = (list(_on_lines(span, text, starts, begins, first)) for span in needle.spans(text))
        yield [pieces for pieces in hits if pieces]  # a blank may be the end of a line, where nothing stands


def _on_lines(
    span: Span, text: str, starts: list[int], begins: list[int], first: int
) -> Iterator[tuple[int, int, int]]:
    start, end = span
    for number, (at, indent) in enumerate(zip(starts, begins, strict=True)):
        stop = (starts[number + 1] if number + 1 < len(starts) else len(text)) - 1
        if start < stop and end > at:
            yield first + number, max(start, at) - at + indent, min(end, stop) - at + indent
