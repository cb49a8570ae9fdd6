"""An answer as Markdown with the numbers of its citations in it, and nothing that reaches beyond it.

Owns where a number can stand: behind the cited words, and never within code, a link, maths or the marks of emphasis.
What the screen shows as text stays text: HTML, link definitions, and a block of code that does not end ends here.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Final

from markdown_it import MarkdownIt

from workbench.language.inline_markdown.placed import PlacedBlock, placed_blocks, plain_lines
from workbench.safe_text import safe_text

LONGEST: Final = 400_000  # characters of an answer that is read as Markdown
_WHOLE: Final = frozenset({"code_inline", "maths", "display_maths", "image", "text_special", "hardbreak"})
_LITERAL: Final = frozenset({"code_inline", "text_special", "hardbreak"})
_MARKS: Final = frozenset({"strong_open", "strong_close", "em_open", "em_close", "s_open", "s_close"})
# What another reader of Markdown might take for HTML, for the definition of a link, for a picture that it fetches, or
# for an address that does something.
_ACTIVE: Final = (
    re.compile(r"(<)(?=[A-Za-z/!?])"),
    re.compile(r"^[ \t>]*(\[)(?=[^\]\n]+\]:)", re.MULTILINE),
    re.compile(r"!(\[)"),
    re.compile(r"(\])(?=\(\s*<?\s*(?:javascript|vbscript|data|file):)", re.IGNORECASE),
)


_RUNS: Final = "`*_~$"
_BREAK: Final = re.compile(r"</?br\s*/?>", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Number:
    """What stands behind the citation that ends at `end` of the answer."""

    end: int
    text: str


def numbered_answer(text: str, numbers: Iterable[Number]) -> str:
    """The answer `text` with the numbers in it."""
    if len(text) > LONGEST:
        return safe_text(_as_code(text))
    text = plain_lines(text)
    written = _numbered(text, list(numbers))
    return safe_text(written if _keeps_to_itself(written) else _as_code(written))


def _numbered(text: str, numbers: Sequence[Number]) -> str:
    reading = _Reading(text)
    if reading.closing:
        text += reading.closing
        reading = _Reading(text)
    put: list[tuple[int, str]] = []  # what is put where
    for number in numbers:
        at, is_block = reading.behind(number.end)
        if is_block:
            put.append((at, f"{_line_end(text[:at])}\n{number.text}\n\n"))
        else:
            put.append((at, _apart(number.text, text, at)))
    for pattern in _ACTIVE:
        for found in pattern.finditer(text):
            if not reading.is_literal(found.start(1)):
                put.append((found.start(1), "\\"))
    return _with(text, put)


def _line_end(text: str) -> str:
    """What ends the last line of `text`, where it has no end."""
    return "" if text.endswith("\n") else "\n"


def _apart(number: str, text: str, at: int) -> str:
    """A number at this place of `text`, of which what follows there makes no link, and no definition of one."""
    begins_line = at == 0 or text[at - 1] == "\n"
    return f"{number} " if text.startswith(("(", "[", ":") if begins_line else ("(", "["), at) else number


def _with(text: str, put: Iterable[tuple[int, str]]) -> str:
    """`text` with what is put into it; of that at one place, in its order."""
    pieces, done = [], 0
    for place, what in sorted(put, key=lambda each: each[0]):
        pieces += [text[done:place], what]
        done = place
    return "".join([*pieces, text[done:]])


def _as_code(text: str) -> str:
    fence = "`" * max(3, max(map(len, re.findall("`+", text)), default=0) + 1)
    return f"{fence}text\n{text}\n{fence}"


def _keeps_to_itself(written: str) -> bool:
    """Whether a reader of Markdown with HTML finds nothing active in it, and what follows it is no part of it.

    Its dialect may be another one: there is no maths in CommonMark.
    """
    tokens = _reader().parse(f"{written}\n\n# behind\n")
    if [token.type for token in tokens[-3:]] != ["heading_open", "inline", "heading_close"] or tokens[-1].level:
        return False
    each = [child for token in tokens for child in (token, *(token.children or ()))]
    return not any(
        token.type in ("html_block", "image") or (token.type == "html_inline" and not _BREAK.fullmatch(token.content))
        for token in each
    )


@cache
def _reader() -> MarkdownIt:
    return MarkdownIt("commonmark", {"html": True}).enable("table")


@dataclass(frozen=True, slots=True, order=True)
class _Piece:
    """A part of an answer, from `begin` to `end`, into which nothing is put; `is_block` when it is lines of code."""

    begin: int
    end: int
    is_literal: bool = False
    is_block: bool = False


class _Reading:
    """Where in an answer what stands that is one piece."""

    def __init__(self, text: str) -> None:
        self.closing = ""
        self._text = text
        pieces: list[_Piece] = []
        self._lines: list[_Piece] = []  # where text stands, between the marks of its blocks
        for block in placed_blocks(text):
            if block.token.type in ("fence", "code_block") and block.end is not None and block.where:
                pieces.append(_Piece(block.where[0], block.end, is_literal=True, is_block=True))
                self._lines.append(pieces[-1])
                if block.token.type == "fence":
                    self._close(text, block)
            elif block.children:
                pieces += _inline_pieces(block)
                self._lines += _lines(block)
        self._literal = _outermost(piece for piece in pieces if piece.is_literal)
        self._pieces = _outermost(pieces)

    def is_literal(self, at: int) -> bool:
        """Whether the character there is none of a tag or a link to any reader: it is code, or escaped."""
        found = _last_before(self._literal, at + 1)
        return found is not None and found.end > at

    def behind(self, end: int) -> tuple[int, bool]:
        """Where the number of a citation that ends there can stand, and whether that is behind a block of code."""
        line = _last_before(self._lines, end)
        if line is None:
            first = self._lines[0] if self._lines else _Piece(0, 0)
            return (first.end, True) if first.is_block else (first.begin, False)
        if line.is_block:
            return line.end, True
        end = min(end, line.end)
        while end < line.end and self._text[end - 1] == self._text[end] in _RUNS:  # of two halves each may be a mark
            end += 1
        found = _last_before(self._pieces, end)
        if found is None or found.end < end or (found.end == end and not found.is_block):
            return end, False
        return found.end, found.is_block

    def _close(self, text: str, block: PlacedBlock) -> None:
        """Note what ends a block of code that the answer does not end."""
        token, end = block.token, block.end
        assert token.map is not None and end is not None
        first, behind = token.map
        last = text.split("\n")[behind - 1].strip() if behind - 1 > first else ""
        closed = last.startswith(token.markup) and not last.strip(token.markup[0])
        if not (closed or token.level or text[end:].strip()):
            self.closing = f"{_line_end(text)}{token.markup}\n"


def _outermost(pieces: Iterable[_Piece]) -> list[_Piece]:
    """The pieces in order, without those that are within others."""
    kept: list[_Piece] = []
    for piece in sorted(pieces, key=lambda each: (each.begin, -each.end)):
        if not kept or piece.begin >= kept[-1].end:
            kept.append(piece)
    return kept


def _last_before(pieces: Sequence[_Piece], place: int) -> _Piece | None:
    """The last piece that begins before `place`."""
    number = bisect_left(pieces, place, key=lambda piece: piece.begin) - 1
    return pieces[number] if number >= 0 else None


def _lines(block: PlacedBlock) -> Iterator[_Piece]:
    """Where each line of a text stands."""
    begin = 0
    for line in block.token.content.split("\n"):
        end = begin + len(line.rstrip())
        yield _Piece(block.where[begin], block.where[end])
        begin += len(line) + 1


def _inline_pieces(block: PlacedBlock) -> Iterator[_Piece]:
    where, links = block.where, list[int]()
    marks: list[int] = []  # where a run of marks begins, and ends
    for token in block.children:
        begin, end = token.meta["at"], token.meta["end"]
        if token.type in _MARKS or (token.type == "text" and not token.content and end > begin):
            if marks and marks[1] == begin:
                marks[1] = end
                continue
            yield from _run(where, marks)
            marks = [begin, end]
            continue
        yield from _run(where, marks)
        marks = []
        if token.type == "link_open":
            links.append(begin)
        elif token.type == "link_close" and links:
            yield _Piece(where[links.pop()], where[end])
        elif token.type in _WHOLE:
            yield _Piece(where[begin], where[end], is_literal=token.type in _LITERAL)
    yield from _run(where, marks)


def _run(where: Sequence[int], marks: Sequence[int]) -> Iterator[_Piece]:
    if marks:
        yield _Piece(where[marks[0]], where[marks[1]])
