"""Strips of the screen to cells of the terminal.

Owns what stands in one cell: a character with the marks that combine with it. It measures as Rich does, so that a
strip has as many cells here as it has for Textual.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Sequence
from typing import TypeAlias

from rich.cells import cell_len, split_graphemes
from rich.segment import Segment

from workbench.ui.terminal.looks import Look, Looks

Cell: TypeAlias = tuple[str, Look]
"""A character with its combining marks, and its look. The second cell of a wide one has no text."""

Row: TypeAlias = list[Cell]

_SELECTORS = ("\ufe0f", "\ufe0e")
_EMOJI = 0x1F000  # from here on terminals of different age disagree about widths
_EMOJI_OR_BEYOND = re.compile(f"[{chr(_EMOJI)}-\U0010ffff]")


def cells(segments: Iterable[Segment], looks: Looks) -> Row:
    """The cells of a line."""
    row: Row = []
    for text, style, control in segments:
        if control or not text:
            continue
        look = looks.of(style)
        if text.isascii() or (cell_len(text) == len(text) and not _has_marks(text)):
            row += [(character, look) for character in text]
        else:
            _add_graphemes(row, text, look)
    return row


def text_of(row: Row) -> str:
    """All that stands in a row."""
    return "".join([text for text, _ in row])


def is_plain(row: Row) -> bool:
    """Whether terminals agree about every cell of a row. Quick, for nearly every row is plain."""
    text = text_of(row)
    if text.isascii():
        return True
    characters = len([True for cell in row if cell[0]])
    return len(text) == characters and _EMOJI_OR_BEYOND.search(text) is None


def is_odd(cell: Cell) -> bool:
    """Whether terminals may disagree with Rich about how many cells this one takes, being an emoji."""
    text = cell[0]
    return not text.isascii() and (ord(text[0]) >= _EMOJI or any(mark in _SELECTORS for mark in text[1:]))


def loose_marks(cell: Cell) -> int:
    """How many of its marks have cells of their own in some terminals, such as the vowel signs of Indic scripts."""
    text = cell[0]
    if len(text) < 2 or is_odd(cell):
        return 0
    return sum(unicodedata.category(mark) != "Mn" for mark in text[1:])


def put(row: Row, x: int, new: Sequence[Cell]) -> None:
    """Replace the cells from `x` on. A wide character of which only a half is left is blank."""
    end = x + len(new)
    if new:
        _blank_half(row, x)
        _blank_half(row, end)
        row[x:end] = new


def cut(row: Row, width: int) -> Row:
    """The first `width` cells; a wide character that is cut is blank."""
    _blank_half(row, width)
    return row[:width]


def _blank_half(row: Row, at: int) -> None:
    """Blank the wide character that reaches over the border before cell `at`, if there is one."""
    if not 0 < at < len(row) or row[at][0]:
        return
    first = lead(row, at)
    row[first] = (" ", row[first][1])
    for x in range(first + 1, len(row)):
        if row[x][0]:
            return
        row[x] = (" ", row[x][1])


def lead(row: Row, x: int) -> int:
    """The cell where the character of cell `x` begins."""
    while x and not row[x][0]:
        x -= 1
    return x


def _has_marks(text: str) -> bool:
    return any(cell_len(character) != 1 for character in set(text))


def _add_graphemes(row: Row, text: str, look: Look) -> None:
    graphemes, _ = split_graphemes(text)
    for start, end, size in graphemes:
        if size == 0:  # a mark whose character stands in the segment before; without one it has no place
            if row:
                _add_mark(row, text[start:end])
            continue
        row.append((text[start:end], look))
        row += [("", look)] * (size - 1)


def _add_mark(row: Row, mark: str) -> None:
    at = lead(row, len(row) - 1)
    character, look = row[at]
    row[at] = (character + mark, look)
