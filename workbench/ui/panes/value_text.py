"""A text as rows: a short one as lines that flow, a long one a row for each of its lines, in slices."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Final

from textual.content import Content

from workbench.safe_text import safe_line, safe_text
from workbench.ui.panes import values
from workbench.ui.panes.nodes import APART, Node, Slice, more_row, sliced
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
    """The rows of the lines of a text below one of `key`, `indent` cells from the left; `open_key` opens a row.

    `left` says behind them what of it is not shown here.
    """

    def __init__(
        self, text: str, key: str, indent: int, *, style: str = "", open_key: str = "", left: str = ""
    ) -> None:
        self._lines = text.split("\n")
        self._left = left
        self._slices: dict[int, Slice] = {}
        self._key = key
        self._indent = indent
        self._style = style
        self._open_key = open_key

    def __len__(self) -> int:
        return len(self._lines)

    def nodes(self) -> Iterator[Node | Slice]:
        """A row for each line."""
        yield from sliced(len(self._lines), self._slice, self._more, self._key)
        if self._left:
            said = Content.styled(f"… {self._left}", "warning").pad_left(self._indent)
            yield Node(f"{self._key} left", lambda _: Row(said))

    def _slice(self, first: int, end: int) -> Iterator[Slice]:
        if (known := self._slices.get(first)) is None:
            rows = {f"{self._key}:{number}": _LazyLine(self._row, self._lines[number]) for number in range(first, end)}
            known = self._slices[first] = Slice(rows, frozenset(), _none)
        yield known

    def _row(self, line: str) -> Row:
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

    def __init__(self, make: Callable[[str], Row], line: str) -> None:
        self._make, self._line = make, line

    def __call__(self) -> Row:
        """The row."""
        return self._make(self._line)

    def searched(self) -> tuple[str, str]:
        """As of the row."""
        return safe_line(self._line), ""


def _none(key: str) -> Node:
    """A line holds no rows: it has no node."""
    raise KeyError(key)


def found_in(text: str) -> str:
    """What can be found in a text: words of one line, as those of each row."""
    return _found(text.split("\n"))


def _found(lines: Sequence[str]) -> str:
    # What stands between the lines has a character that is not shown as it is: a text in which there is one takes more
    # than ten times as long.
    return safe_text("\n".join(lines)).replace("\n", safe_text(APART))


def _whole(line: str) -> Content:
    text, left = values.beginning_of(line)
    return Content.assemble(text, (f"\n… {left}" if left else "", "warning"))
