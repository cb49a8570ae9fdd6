"""What the terminal shows, cell by cell, and the bytes that make it show something else.

Owns the memory of the terminal's cells, its cursor and its pen, and the choice of what to write: only cells that
differ, and a scroll by the terminal where rows have only moved. It knows nothing of Textual and writes to nobody.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import groupby
from operator import itemgetter

from workbench.ui.terminal.cells import Row, is_odd, is_plain, lead, loose_marks, text_of
from workbench.ui.terminal.looks import Look, Looks
from workbench.ui.terminal.scroll import Scroll, find_scroll

_CHEAP_GAP = 4
"""Cells between two changes that are written again rather than jumped over: as many as a jump has bytes."""

_AT_ONCE = 16
"""Cells that are compared as one, which is quicker; most of a row has not changed."""


class Picture:
    """The cells of a terminal of `width` x `height`; a row that is not known is None.

    A terminal that was just opened, resized or used by somebody else is not known at all.
    """

    def __init__(self, width: int, height: int, looks: Looks) -> None:
        self.width = width
        self.height = height
        self._looks = looks
        self._rows: list[Row | None] = [None] * height
        self._pen: Look | None = None
        self._cursor: tuple[int, int] | None = None

    def row(self, y: int) -> Row:
        """The cells of a row as the terminal shows them; blanks in the terminal's own look when not known."""
        known = self._rows[y]
        return [(" ", self._looks.plain)] * self.width if known is None else list(known)

    def change(self, rows: Mapping[int, Row], cursor: tuple[int, int]) -> str:
        """The bytes after which the terminal shows `rows` (each `width` cells) and has its cursor at (x, y).

        They are "" when it shows them already. They assume that lines do not wrap (DECAWM off).
        """
        out: list[str] = []
        changed = {y: row for y, row in rows.items() if y < self.height and row != self._rows[y]}
        scroll = find_scroll(self._rows, changed)
        if scroll is not None:
            changed = self._kept(scroll) | changed
            out.append(self._scroll(scroll))
        for y in sorted(changed):
            out += self._row_change(y, changed[y])
            self._rows[y] = changed[y]
        if out or cursor != self._cursor:
            out.append(_move_to(*cursor))
            self._cursor = cursor
        return "".join(out)

    def _kept(self, scroll: Scroll) -> dict[int, Row]:
        """The rows that a scroll takes along, as they are to be after it as well."""
        region = range(scroll.top, scroll.bottom + 1)
        return {y: row for y in region if (row := self._rows[y]) is not None}

    def _scroll(self, scroll: Scroll) -> str:
        """Let the terminal move rows up; what it puts below them is not relied on."""
        top, bottom, by = scroll.top, scroll.bottom, scroll.by
        self._rows[top : bottom + 1] = [*self._rows[top + by : bottom + 1], *[None] * by]
        return f"\x1b[{top + 1};{bottom + 1}r\x1b[{bottom + 1}H" + "\n" * by + "\x1b[r"

    def _row_change(self, y: int, row: Row) -> Iterator[str]:
        old = self._rows[y]
        spans = [(0, len(row))] if old is None else _differences(old, row)
        plain = is_plain(row) and (old is None or is_plain(old))
        if old is not None and not plain:
            spans = self._unsure_spans(old, row, spans)
        at: int | None = None  # where the cursor is in this row, once it is in it
        for start, end in ((lead(row, start), end) for start, end in spans):
            yield _move_to(start, y) if at is None else _move_right(start - at)
            at = end
            yield from self._write(row[start:end]) if plain else self._write_unsure(row, start, end, y)

    def _unsure_spans(self, old: Row, row: Row, spans: list[tuple[int, int]]) -> list[tuple[int, int]]:
        """What must be written where terminals may have put something else than was meant."""
        if spans and (any(map(loose_marks, row)) or any(map(loose_marks, old))):
            return [(0, len(row))]  # what follows such a mark may be anywhere
        odd = any(map(is_odd, row)) or any(map(is_odd, old))
        if odd and spans:  # such a character may have been shown wider or narrower than it is: all behind it is due
            return [(spans[0][0], len(row))]
        return spans

    def _write(self, cells: Row) -> Iterator[str]:
        for look, run in groupby(cells, key=itemgetter(1)):
            yield self._take_pen(look)
            yield text_of(list(run))

    def _write_unsure(self, row: Row, start: int, end: int, y: int) -> Iterator[str]:
        shift = blanks = 0  # by how many cells loose marks may have moved what follows; the blanks just written
        for x in range(start, end):
            text, look = row[x]
            if 0 < shift < blanks:
                yield _move_to(x, y)
                shift = 0
            shift += loose_marks(row[x])
            blanks = blanks + 1 if text == " " else 0
            yield self._take_pen(look)
            yield _placed(row, x, y) if is_odd(row[x]) else text

    def _take_pen(self, look: Look) -> str:
        change = self._looks.change(self._pen, look)
        self._pen = look
        return change


def _differences(old: Row, new: Row) -> list[tuple[int, int]]:
    """The spans in which two rows of one length differ; those that are close to each other are one."""
    spans: list[tuple[int, int]] = []
    for start in range(0, len(new), _AT_ONCE):
        end = start + _AT_ONCE
        if old[start:end] == new[start:end]:
            continue
        for x, (before, after) in enumerate(zip(old[start:end], new[start:end], strict=True), start):
            if before == after:
                continue
            if spans and x - spans[-1][1] <= _CHEAP_GAP and _one_look(new, spans[-1][1] - 1, x):
                spans[-1] = (spans[-1][0], x + 1)
            else:
                spans.append((x, x + 1))
    return spans


def _one_look(row: Row, first: int, last: int) -> bool:
    """Whether what stands between two changes can be written without a change of look."""
    return all(cell[1] is row[first][1] for cell in row[first + 1 : last])


def _placed(row: Row, x: int, y: int) -> str:
    """A character whose width terminals disagree about: over blanks, and the cursor put where it should be then."""
    size = 1
    while x + size < len(row) and not row[x + size][0]:
        size += 1
    return " " * size + _move_to(x, y) + row[x][0] + _move_to(x + size, y)


def _move_to(x: int, y: int) -> str:
    return f"\x1b[{y + 1};{x + 1}H" if x else f"\x1b[{y + 1}H"


def _move_right(by: int) -> str:
    if by == 0:
        return ""
    return f"\x1b[{by}C" if by > 1 else "\x1b[C"
