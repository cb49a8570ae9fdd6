"""Tables: columns as wide as their cells, or shrunk and wrapped until they fit.

A table that is too narrow for columns becomes a list of records. Never wider than asked for.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import zip_longest

from rich.cells import cell_len

from workbench.ui.markdown.line import BLANK, RenderedLine, Run
from workbench.ui.markdown.wrap import cut, cut_lines, wrap_spans

Cell = tuple[Run, ...]
Row = tuple[Cell, ...]

_BAR = Run(" │ ", ("table-rule",))
_MIN_COLUMN = 4


def fitted(natural: Sequence[int], width: int) -> list[int] | None:
    """Column widths for cells of at most `natural` cells; None when `width` is too narrow for columns."""
    return _fit([cells or 1 for cells in natural], width - 3 * (len(natural) - 1))


def columns_lines(
    head: Row | None, rows: Sequence[Row], aligns: Sequence[str], widths: Sequence[int]
) -> Iterator[RenderedLine]:
    """The head, if there is one, and the rows under it, in columns."""
    if head is not None:
        yield from _row_lines(head, aligns, widths)
        yield RenderedLine((Run("─┼─".join("─" * width for width in widths), ("table-rule",)),))
    for row in rows:
        yield from _row_lines(row, aligns, widths)


def _fit(natural: list[int], room: int) -> list[int] | None:
    """Column widths of at most `room` cells together, None when that would leave too little for one."""
    if sum(natural) <= room:
        return natural
    cap = _greatest_cap(natural, room)
    if cap < _MIN_COLUMN:
        return None
    widths = [min(width, cap) for width in natural]
    spare = room - sum(widths)
    for column, width in enumerate(natural):
        if spare and width > cap:
            widths[column] += 1
            spare -= 1
    return widths


def _greatest_cap(natural: Sequence[int], room: int) -> int:
    """The greatest c for which columns of at most c cells fit: narrow columns keep their width."""
    left, count = room, len(natural)
    for width in sorted(natural):
        if width * count > left:
            return left // count
        left -= width
        count -= 1
    return max(natural)


def _row_lines(row: Row, aligns: Sequence[str], widths: Sequence[int]) -> Iterator[RenderedLine]:
    columns = [_wrapped(cell, width) for cell, width in zip(row, widths, strict=True)]
    for parts in zip_longest(*columns, fillvalue=()):
        runs: list[Run] = []
        for number, (part, align, width) in enumerate(zip(parts, aligns, widths, strict=True)):
            runs += [_BAR] if number else []
            runs += _aligned(part, align, width, last=number == len(widths) - 1)
        yield RenderedLine(tuple(runs))


def _aligned(part: Cell, align: str, width: int, *, last: bool) -> Iterator[Run]:
    free = width - _cells(part)
    before = {"right": free, "center": free // 2}.get(align, 0)
    if before > 0:
        yield Run(" " * before)
    yield from part
    if free - before > 0 and not last:
        yield Run(" " * (free - before))


def record_lines(head: Row, rows: Sequence[Row], width: int, *, number: int) -> Iterator[RenderedLine]:
    """Each row as lines of `head: value`; the head's own citations are marked the first time.

    `number` counts the first of the rows from 0. A table without rows is its head.
    """
    if not rows:
        for cell in head:
            yield from _lines(cell, width)
    for count, row in enumerate(rows, number):
        if count:
            yield BLANK
        for name, cell in zip(head, row, strict=True):
            label = name if count == 0 else _unmarked(name)
            colon = (Run(": ", ("table-head",)),) if name else ()
            yield from _lines((*label, *colon, *cell), width)


def _unmarked(cell: Cell) -> Cell:
    return tuple(Run(run.text, run.styles) for run in cell if not run.is_marker)


def _wrapped(cell: Cell, width: int) -> list[Cell]:
    return list(cut(cell, wrap_spans(_text(cell), width)))


def _lines(cell: Cell, width: int) -> Iterator[RenderedLine]:
    text = _text(cell)
    return cut_lines(cell, wrap_spans(text, width), text)


def _cells(cell: Cell) -> int:
    return cell_len(_text(cell))


def _text(cell: Cell) -> str:
    return "".join(run.text for run in cell)
