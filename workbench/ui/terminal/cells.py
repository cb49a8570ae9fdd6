"""Strips of the screen to cells of the terminal.

Owns what stands in one cell: a character with the marks that combine with it. It measures as Rich does, so that a
strip has as many cells here as it has for Textual.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import TypeAlias

from rich.cells import cell_len, split_graphemes
from rich.segment import Segment

from workbench.ui.terminal.looks import Look, Looks

Cell: TypeAlias = tuple[str, Look]
"""A character with its combining marks, and its look. The second cell of a wide one has no text."""

Row: TypeAlias = list[Cell]

_ODD = re.compile("[\u200d\ufe0e\ufe0f\U0001f000-\U0010ffff]")  # joiners, presentation selectors, emoji and beyond


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


def is_odd(text: str) -> bool:
    """Whether terminals may disagree with Rich about how many cells some of this takes."""
    return not text.isascii() and _ODD.search(text) is not None


def text_of(row: Row) -> str:
    """All that stands in a row."""
    return "".join([text for text, _ in row])


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
    at = len(row) - 1
    while at and not row[at][0]:
        at -= 1
    character, look = row[at]
    row[at] = (character + mark, look)
