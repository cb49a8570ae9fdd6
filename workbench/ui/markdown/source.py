"""From a block's inline content back to the source it was cut from.

Owns the line table of a source and the offsets of each character of an inline content, a code block or a table
cell. The parser strips container prefixes (`> `, indents) from the front of a line and blanks from its end, so
what is left of a line is found at that line's end; cells are found by splitting the row again.
"""

from __future__ import annotations

import re
from array import array
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

Offsets: TypeAlias = "array[int]"

_CLOSING_SEQUENCE = re.compile(r"[ \t]+#+[ \t]*$")
_CONTAINER_PREFIX = re.compile(r"[ \t]*(?:(?:>|[-+*]|\d{1,9}[.)])[ \t]*)*")


def offsets(values: Iterable[int] = ()) -> Offsets:
    return array("q", values)


class SourceLines:
    """A source, line by line. `base` is the offset of its first character in the whole answer."""

    __slots__ = ("_starts", "base", "text")

    def __init__(self, text: str, base: int = 0) -> None:
        self.text = text
        self.base = base
        self._starts = [0, *(match.end() for match in re.finditer("\n", text)), len(text) + 1]

    def start(self, line: int) -> int:
        """Where `line` (from 0) begins in `text`; the end of `text` for lines beyond the last."""
        return min(self._starts[line], len(self.text)) if line < len(self._starts) else len(self.text)

    def line(self, number: int) -> str:
        """The line without its newline, "" beyond the last."""
        if number + 1 >= len(self._starts):
            return ""
        return self.text[self._starts[number] : self._starts[number + 1] - 1]

    def content(self, first_line: int, content: str, *, heading: bool = False) -> Offsets:
        """Offsets in the whole answer of each character of `content`, which begins on line `first_line`.

        `heading` says that a closing `##` may follow the content on its line.
        """
        found = offsets()
        lines = content.split("\n")
        for number, part in enumerate(lines, first_line):
            line = self.line(number)
            if heading:
                line = _CLOSING_SEQUENCE.sub("", line)
            start = self.base + self.start(number)
            found.extend(_tail_offsets(line, part, start))
            found.append(start + len(self.line(number)))  # the newline
        found.pop()
        return found

    def cells(self, row: int, contents: Sequence[str]) -> list[Offsets]:
        """Offsets in the whole answer of each character of each cell of the table row on line `row`."""
        line, start = self.line(row), self.base + self.start(row)
        pieces = _split_row(line)
        if _CONTAINER_PREFIX.fullmatch(pieces[0].text) and _agree(pieces[1:], contents):
            pieces = pieces[1:]
        pieces += [_Piece("", [])] * (len(contents) - len(pieces))
        return [piece.find(content, start) for piece, content in zip(pieces, contents, strict=False)]


@dataclass(frozen=True, slots=True)
class _Piece:
    """What stands between two pipes, unescaped, with the position of each character in its line."""

    text: str
    positions: list[int]

    def find(self, content: str, start: int) -> Offsets:
        """Offsets of `content` in it, shifted by `start`; the piece's own prefix and blanks are passed over."""
        at = max(self.text.rfind(content), 0)
        return offsets(start + position for position in self.positions[at : at + len(content)])


def _tail_offsets(line: str, part: str, start: int) -> Iterable[int]:
    """Offsets of `part`, which is the end of `line` but for blanks; an expanded tab's spaces share its place."""
    at = line.rfind(part)
    if at >= 0:
        return range(start + at, start + at + len(part))
    bare = part.lstrip(" ")
    at = max(line.rfind(bare), 0)
    lead = len(part) - len(bare)
    return [*([start + max(at - 1, 0)] * lead), *range(start + at, start + at + len(bare))]


def _split_row(line: str) -> list[_Piece]:
    """The pieces of a table row; the backslash of an escaped pipe is no part of them."""
    pieces: list[list[int]] = [[]]
    escaped = False
    for position, character in enumerate(line):
        if character == "|" and not escaped:
            pieces.append([])
        else:
            if character == "|":
                pieces[-1].pop()
            pieces[-1].append(position)
        escaped = character == "\\"
    return [_Piece("".join(line[at] for at in piece), piece) for piece in pieces]


def _agree(pieces: Sequence[_Piece], contents: Sequence[str]) -> bool:
    return all(piece.text.strip() == content for piece, content in zip(pieces, contents, strict=False))
