"""A whole text of Markdown as tokens, each with the place in the text that it is from.

Owns where the content of a block stands, behind the marks of quotes and lists. The dialect is the screen's: CommonMark
with tables and strikethrough; HTML and link definitions are text.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from itertools import accumulate
from typing import Final

from markdown_it import MarkdownIt
from markdown_it.token import Token

from workbench.language.inline_markdown.parser import parser

DEEPEST: Final = 60  # blocks within each other; what is nested deeper is left out by the parser
_CODE: Final = ("fence", "code_block")


@dataclass(frozen=True, slots=True)
class PlacedBlock:
    """A token of a block; `where[i]` is the place of character i of its content, and the last is where that ends.

    An inline token has its `children`, whose `meta["at"]` and `meta["end"]` are places in the content. `end` is where
    the lines of the block end in the text, None for a token without lines.
    """

    token: Token
    where: Sequence[int] = ()
    children: tuple[Token, ...] = ()
    end: int | None = None


@cache
def _blocks() -> MarkdownIt:
    md = MarkdownIt("commonmark", {"html": False, "maxNesting": DEEPEST})
    md.enable("table")
    md.disable("reference")
    return md


def placed_blocks(text: str) -> Iterator[PlacedBlock]:
    """The blocks of `text`, in its order; places are offsets into it, in code points."""
    source = plain_lines(text)
    lines = source.split("\n")
    starts = list(accumulate((len(line) + 1 for line in lines), initial=0))
    md = _blocks()
    tokens: list[Token] = []
    md.block.parse(source, md, {}, tokens)
    row: _Row | None = None
    for token in tokens:
        if token.type in ("table_open", "table_close"):
            row = _Row() if token.nesting > 0 else None
        if token.map is None:
            yield PlacedBlock(token)
            continue
        first, last = token.map
        end = min(starts[min(last, len(lines))], len(text))
        if token.type == "inline":
            children: list[Token] = []
            parser().inline.parse(token.content, parser(), {}, children)
            begin = None if row is None else row.begin(first, token.content, lines[first])
            where = _places(token.content, lines, starts, first, begin)
            yield PlacedBlock(token, where, tuple(children), end)
        elif token.type in _CODE:
            yield PlacedBlock(token, _places(token.content, lines, starts, first + (token.type == "fence")), (), end)
        else:
            yield PlacedBlock(token, (), (), end)


def plain_lines(text: str) -> str:
    """`text` with a line feed at the end of each line, and nothing in it that the parser would replace.

    It is as long as it was, so that places stay.
    """
    return text.replace("\r\n", " \n").replace("\r", "\n").replace("\0", "�")


class _Row:
    """Tells the cells of a table's row apart, which are all of one line."""

    def __init__(self) -> None:
        self._line = -1
        self._next = 0

    def begin(self, line: int, content: str, source: str) -> int:
        """From where on in the line the content is to be looked for: behind the cells before it."""
        if line != self._line:
            self._line, self._next = line, 0
        begin = self._next
        found = source.find(content, begin)
        self._next = begin if found < 0 else found + len(content)
        return begin


def _places(content: str, lines: list[str], starts: list[int], first: int, cell: int | None = None) -> list[int]:
    """Where each character of `content` stands, whose lines are the ends of the text's from number `first` on.

    Of a cell, `cell` is where in the line it is to be looked for.
    """
    where: list[int] = []
    for number, own in enumerate(content.split("\n"), first):
        if number >= len(lines):
            where += [starts[-1] - 1] * (len(own) + 1)
            continue
        at = _column(own, lines[number]) if cell is None else max(lines[number].find(own, cell), cell)
        line = range(starts[number] + at, starts[number] + at + len(own) + 1)
        ends = starts[number + 1] - 1
        where += [min(place, ends) for place in line]
    return where


def _column(own: str, line: str) -> int:
    """Where in `line` its end `own` begins: behind the marks of its blocks."""
    if (at := line.rfind(own) if own else len(line)) >= 0:
        return at
    bare = own.lstrip()  # what was a tab is blanks now
    return max(0, line.rfind(bare) - (len(own) - len(bare)))
