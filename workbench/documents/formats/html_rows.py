"""Rows of HTML tables: what stands in the cells of one, in whatever blocks, becomes one line of text.

Owns telling a row of data from a table that only lays a page out. Knows nothing of tags.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from workbench.documents.formats.outline import Part
from workbench.language.words import count_words

_LAYOUT_WORDS = 100  # with headings or one cell alone, and as long as this, a row is a page and no row of data
_DEEPEST = 3  # tables in one another; what is deeper lays a page out


@dataclass(slots=True)
class Table:
    """A table that is open: how many `rows` are open around it, and whether it has said what its columns are."""

    rows: int
    headed: bool = False


@dataclass(slots=True)
class Row:
    """A row that is being read: its parts begin at `start` of the page's; `cells` has the first part of each cell.

    `items` are the parts that are items of a list, `inner` those that are rows of a table in a cell, and `depth` how
    deep tables stand in one another there. `is_one` says that the row is one part already, `headed` that its table
    says what its columns are, `layout` that a row in it lays out a page, and so does this one.
    """

    start: int
    headed: bool = False
    cells: list[int] = field(default_factory=list)
    items: set[int] = field(default_factory=set)
    inner: set[int] = field(default_factory=set)
    depth: int = 0
    is_one: bool = False
    layout: bool = False


def end_row(parts: list[Part], row: Row, around: Row | None) -> None:
    """Replace the parts of `row`, which are the last of `parts`, by one; those of a layout stay, and those of a frame.

    `around` is the row in a cell of which it stands, None for the row of a table on its own.
    """
    row.layout = row.layout or row.depth >= _DEEPEST
    if not row.layout and not row.is_one and len(parts) > row.start:
        _join(parts, row)
    if around is None or (len(parts) == row.start and not row.layout):
        return
    around.layout = around.layout or row.layout
    around.depth = max(around.depth, row.depth + 1)
    if not row.layout:
        around.items |= row.items
        around.inner |= row.inner or {row.start}


def _join(parts: list[Part], row: Row) -> None:
    """Make one part of the row, unless it is a layout, or its one cell is a frame around a table."""
    own = parts[row.start :]
    bounds = [row.start, *row.cells[1:], len(parts)]
    cells = [_cell(parts, range(first, end), row) for first, end in pairwise(bounds)]
    row.layout = _is_layout(own, row)
    if row.layout or (row.inner and sum(map(bool, cells)) < 2):
        return
    while not cells[0]:
        cells.pop(0)
    first, last = own[0], own[-1]
    text = " ".join(" | ".join(cells).split())
    made = first._replace(kind="paragraph", text=text, lines=(first.lines[0], last.lines[1]), level=0, heading="")
    parts[row.start :] = [made._replace(gap=1 if row.start else 2, exact=False)]
    row.items, row.inner = set(), set()


def _is_layout(own: Sequence[Part], row: Row) -> bool:
    whole = row.headed if row.inner else len(row.cells) > 1 and all(part.kind == "paragraph" for part in own)
    return not whole and sum(count_words(part.text) for part in own) > _LAYOUT_WORDS


def _cell(parts: Sequence[Part], own: range, row: Row) -> str:
    """The text of a cell, whose parts are its `own`; items of a list and rows of a table are parted by semicolons."""
    text, after_item = "", False
    for number in own:
        told = parts[number].text
        if number in row.items:
            told = told.removeprefix("- ")
        elif number in row.inner:
            told = told.replace(" | ", ", ")
        is_item = number in row.items or number in row.inner
        text += f"{';' if is_item and after_item else ''} {told}"
        after_item = is_item
    return text.strip()
