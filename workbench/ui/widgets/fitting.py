"""Words of a line that is too narrow for all of them: whole parts go, from the end or by what they are worth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size

BETWEEN: Final = " · "
_PART = re.compile(r" · |  +")


def beginning_of(text: str, room: int) -> str:
    """As many parts of a text, its first ones, as fit `room` cells. They stand between dots or wide blanks.

    Of a first part that has no room as many words as have, behind which `…` stands.
    """
    if cell_len(text) <= room:
        return text
    ends = [part.start() for part in _PART.finditer(text)]
    for end in reversed(ends):
        if text[:end].strip() and cell_len(text[:end]) <= room:
            return text[:end]
    first = text[: ends[0]] if ends else text
    for end in reversed([blank.start() for blank in re.finditer(" ", first)]):
        if first[:end].strip() and cell_len(first[:end]) < room:
            return f"{first[:end]}…"
    return f"{set_cell_size(first, room - 1)}…" if room > 0 else ""


def most_worth(parts: Sequence[tuple[str, int]], room: int) -> str:
    """The parts between dots, in their order, without those that have no room: of each the second is its worth, and
    the least one goes first. When only one is left, its beginning."""
    left = [part for part in parts if part[0]]
    while len(left) > 1 and cell_len(BETWEEN.join(text for text, _ in left)) > room:
        left.remove(min(reversed(left), key=lambda part: part[1]))
    return beginning_of(BETWEEN.join(text for text, _ in left), room)
