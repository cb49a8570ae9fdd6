"""Words of a line that is too narrow for all of them: whole parts go, from the end or by what they are worth."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from rich.cells import cell_len, set_cell_size

BETWEEN: Final = " · "
LONGEST_BEGINNING: Final = 6  # characters of a word that are left out where its end has no room
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


def ending_with_a_word(text: str, room: int) -> str:
    """As much of a text as fits `room` cells, behind which `…` stands where that is not all of it.

    It is cut behind a word, unless much more of it fits: a long word is cut within.
    """
    if cell_len(text) <= room:
        return text
    if room < 1:
        return ""
    shown = set_cell_size(text, room - 1)
    shown = shown[: word_end(shown, text[len(shown.rstrip()) : len(shown.rstrip()) + 1])]
    return f"{shown.rstrip()}…"


def word_end(shown: str, next_one: str) -> int:
    """Where a text that goes on with `next_one` behind what is `shown` is cut, so that no word is cut within.

    That is where its last word begins, unless so much of that is shown that it tells something.
    """
    if not next_one.strip() or not shown.strip():
        return len(shown)
    begins = max(shown.rfind(" "), shown.rfind("\t")) + 1
    is_little = len(shown) - begins <= min(LONGEST_BEGINNING, begins)
    return begins if is_little and shown[:begins].strip() else len(shown)


def most_worth(parts: Sequence[tuple[str, int]], room: int) -> str:
    """The parts between dots, in their order, without those that have no room: of each the second is its worth, and
    the least one goes first. When only one is left, its beginning."""
    left = [part for part in parts if part[0]]
    while len(left) > 1 and cell_len(BETWEEN.join(text for text, _ in left)) > room:
        left.remove(min(reversed(left), key=lambda part: part[1]))
    return beginning_of(BETWEEN.join(text for text, _ in left), room)
