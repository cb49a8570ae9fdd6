"""Rows of HTML tables: what stands in the cells of one, in whatever blocks, becomes one line of text.

Owns telling a row of data from a table that only lays a page out. Knows nothing of tags.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from workbench.documents.formats.outline import Part
from workbench.language.words import count_words

_LAYOUT_WORDS = 100  # with headings or one cell alone, and as long as this, a row is a page and no row of data


@dataclass(slots=True)
class Row:
    """A row that is being read: its parts begin at `start` of the page's; `cells` has the first part of each cell.
    `items` are the parts that are items of a list. `nested` says that a table stands in one of them, `is_one` that
    the row is one part already.
    """

    start: int
    cells: list[int] = field(default_factory=list)
    items: set[int] = field(default_factory=set)
    nested: bool = False
    is_one: bool = False


def joined(parts: list[Part], row: Row) -> None:
    """Replace the parts of `row`, which are the last of `parts`, by one; those of a layout stay."""
    own = parts[row.start :]
    if not own or row.nested or row.is_one or _is_layout(own, row):
        return
    bounds = [row.start, *row.cells[1:], len(parts)]
    cells = [_cell(parts, range(first, end), row.items) for first, end in pairwise(bounds)]
    while not cells[0]:
        cells.pop(0)
    first, last = own[0], own[-1]
    text = " ".join(" | ".join(cells).split())
    made = replace(first, kind="paragraph", text=text, lines=(first.lines[0], last.lines[1]), level=0, heading="")
    parts[row.start :] = [replace(made, gap=1 if row.start else 2, exact=False)]


def _is_layout(own: list[Part], row: Row) -> bool:
    whole = len(row.cells) > 1 and all(part.kind == "paragraph" for part in own)
    return not whole and sum(count_words(part.text) for part in own) > _LAYOUT_WORDS


def _cell(parts: Sequence[Part], own: range, items: Collection[int]) -> str:
    """The text of a cell, whose parts are its `own`; items of a list are parted by semicolons."""
    text, after_item = "", False
    for number in own:
        is_item = number in items
        told = parts[number].text.removeprefix("- ") if is_item else parts[number].text
        text += f"{';' if is_item and after_item else ''} {told}"
        after_item = is_item
    return text.strip()
