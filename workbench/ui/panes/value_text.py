"""A text as rows: a short one as lines that flow, a long one a row for each of its lines, in slices."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import partial
from typing import Final

from textual.content import Content

from workbench.safe_text import safe_line, safe_text
from workbench.ui.panes import values
from workbench.ui.panes.nodes import APART, Node, more_row, sliced
from workbench.ui.widgets.row import LazyRow, Row, beginning

MOST_LINES: Final = 12  # of a text that flows below its label,
MOST_CHARACTERS: Final = 1_500
MAY_NOT_FIT: Final = 60  # characters of a line that may have no room: such a line can be opened


def is_short(text: str) -> bool:
    """Whether a text is shown whole, below its label."""
    return len(text) <= MOST_CHARACTERS and text.count("\n") < MOST_LINES


def flowing(text: str, indent: int, style: str, width: int) -> list[Content]:
    """The lines of a short text at a width."""
    lines = Content.styled(safe_text(text), style).wrap(max(2, width - indent))
    return [line.pad_left(indent) for line in lines]


class ValueText:
    """The rows of the lines of a text below one of `key`, `indent` cells from the left; `open_key` opens a row."""

    def __init__(self, text: str, key: str, indent: int, *, style: str = "", open_key: str = "") -> None:
        self._lines = text.split("\n")
        self._key = key
        self._indent = indent
        self._style = style
        self._open_key = open_key

    def __len__(self) -> int:
        return len(self._lines)

    def nodes(self) -> Iterator[Node]:
        """A row for each line."""
        yield from sliced(self._lines, self._node, self._more, self._key)

    def _node(self, number: int, line: str) -> Node:
        make = partial(self._row, line)
        return Node(f"{self._key}:{number}", make, lazy=partial(_LazyLine, make, line))

    def _row(self, line: str, _: bool) -> Row:
        shown, rest = beginning(line)
        body = partial(_whole, line) if len(line) > MAY_NOT_FIT else None
        head = Content.styled(shown, self._style).pad_left(self._indent)
        copied = partial(str, line)
        return Row(head, body=body, indent=self._indent + 2, head_rest=rest, copied=copied, repeats=True)

    def _more(self, at: int, following: int, _: bool) -> Row:
        left = self._lines[at:]
        return more_row(self._indent, f"{len(left):,} more lines", following, partial(_found, left), self._open_key)


class _LazyLine(LazyRow):
    """The row of a line, made when it is seen."""

    __slots__ = ("_line", "_make")

    def __init__(self, make: partial[Row], line: str, is_open: bool) -> None:
        self._make, self._line = make, line

    def __call__(self) -> Row:
        """The row."""
        return self._make(False)

    def searched(self) -> tuple[str, str]:
        """As of the row."""
        return safe_line(self._line), ""


def found_in(text: str) -> str:
    """What can be found in a text: words of one line, as those of each row."""
    return _found(text.split("\n"))


def _found(lines: Sequence[str]) -> str:
    return safe_text(APART.join(lines))


def _whole(line: str) -> Content:
    text, left = values.beginning_of(line)
    return Content.assemble(text, (f"\n… {left}" if left else "", "warning"))
