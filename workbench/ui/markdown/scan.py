"""One line of Markdown, read from its left: columns with tabs, and what may begin a block.

Owns the columns of a line, and the rows of tables. It knows nothing of which blocks are open.
"""

from __future__ import annotations

import re

from workbench.language import block_marks

_TAB = 4

RULE = re.compile(r"(?:(?:\*[ \t]*){3,}|(?:_[ \t]*){3,}|(?:-[ \t]*){3,})$")
UNDERLINE = re.compile(r"(=+|-+)[ \t]*$")
QUOTE = re.compile(block_marks.QUOTE)
HEADING = re.compile(block_marks.HEADING)
FENCE = re.compile(block_marks.FENCE)
MARKER = re.compile(block_marks.ITEM)
UNDECIDED_FENCE = re.compile(r"(?:[ \t]*(?:>|(?:[-+*]|\d{1,9}[.)])[ \t]))*[ \t]*(`{1,2}|~{1,2}|`{3,}[^`]*)\Z")
"""An incomplete line that may yet become the fence which opens a code: the group is that fence so far.

One of backticks with a word behind it may still turn out to be code in a line of text.
"""
_STARTS = frozenset(">#`~*_-+0123456789")
_DELIMITER_ROW = re.compile(r"(?:[|:]|-(?![ \t]))[-:| \t]+$")
_DELIMITER = re.compile(r":?-+:?$")
_NOT_BLANK = re.compile(r"[^ \t]")


class Cursor:
    """A place in a line. `at` is the next character; `pad` columns of a tab before it are not used up yet."""

    __slots__ = ("at", "column", "pad", "text")

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0
        self.column = 0
        self.pad = 0

    def look(self) -> tuple[int, int]:
        """(columns of blanks from here, index of the first character that is none)."""
        found = _NOT_BLANK.search(self.text, self.at)
        end = found.start() if found else len(self.text)
        column = self.column + self.pad
        for character in self.text[self.at : end]:
            column += 1 if character == " " else _TAB - column % _TAB
        return column - self.column, end

    def skip(self, columns: int) -> None:
        """Pass over at most so many columns of blanks."""
        while columns > 0:
            if self.pad:
                used = min(self.pad, columns)
                self.pad -= used
                self.column += used
                columns -= used
            elif self.text[self.at : self.at + 1] == " ":
                self.at += 1
                self.column += 1
                columns -= 1
            elif self.text[self.at : self.at + 1] == "\t":
                self.at += 1
                self.pad = _TAB - self.column % _TAB
            else:
                return

    def move(self, at: int) -> None:
        """Pass over blanks, if any, and then over text up to index `at`."""
        blanks, end = self.look()
        self.column += blanks + at - end
        self.at, self.pad = at, 0

    def rest(self) -> tuple[str, int]:
        """(what is left of the line, the index that its first character stands for)."""
        return " " * self.pad + self.text[self.at :], self.at - self.pad


def begins_block(text: str) -> bool:
    """Whether `text`, which has no blanks before it, begins a block other than a paragraph or a table."""
    return text[0] in _STARTS and any(start.match(text) for start in (QUOTE, HEADING, FENCE, RULE, MARKER))


def heading_text(text: str) -> str:
    """A heading's text without the `##` that may close it."""
    bare = text.rstrip(" \t")
    opened = bare.rstrip("#")
    return opened.rstrip(" \t") if opened != bare and (not opened or opened[-1] in " \t") else bare


def delimiters(text: str) -> tuple[str, ...] | None:
    """How the columns are aligned ("left", "right", "center") by a table's second row; None when it is none."""
    if not _DELIMITER_ROW.match(text):
        return None
    columns = [column.strip() for column in text.split("|")]
    first, last = int(not columns[0]), len(columns) - (not columns[-1])
    if not columns[first:last] or not all(map(_DELIMITER.match, columns[first:last])):
        return None
    return tuple(_align(column) for column in columns[first:last])


def cells(row: str, start: int) -> list[tuple[str, list[int] | range]]:
    """The cells of a table row: the text of each, and the offset of each of its characters.

    `start` is the offset of the row. The backslash of an escaped pipe is no part of a cell.
    """
    pieces = _split(row, start)
    if not pieces[0][0].strip():
        del pieces[0]
    if pieces and not pieces[-1][0].strip():
        del pieces[-1]
    return [_trimmed(text, places) for text, places in pieces]


def _split(row: str, start: int) -> list[tuple[str, list[int] | range]]:
    pieces: list[tuple[str, list[int] | range]] = []
    if "\\|" not in row:
        for text in row.split("|"):
            pieces.append((text, range(start, start + len(text))))
            start += len(text) + 1
        return pieces
    piece: list[int] = []
    escaped = False
    for at, character in enumerate(row):
        if character == "|" and not escaped:
            pieces.append(_piece(row, piece, start))
            piece = []
        else:
            if character == "|":
                piece.pop()
            piece.append(at)
        escaped = character == "\\"
    return [*pieces, _piece(row, piece, start)]


def _piece(row: str, places: list[int], start: int) -> tuple[str, list[int] | range]:
    return "".join(row[at] for at in places), [start + at for at in places]


def _trimmed(text: str, places: list[int] | range) -> tuple[str, list[int] | range]:
    bare = text.strip()
    lead = len(text) - len(text.lstrip())
    return bare, places[lead : lead + len(bare)]


def _align(column: str) -> str:
    if column.endswith(":"):
        return "center" if column.startswith(":") else "right"
    return "left"
