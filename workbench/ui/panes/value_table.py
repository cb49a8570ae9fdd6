"""A list of objects as a table: a column for each key, aligned, cut to the width; each line opens to its object.

Owns which columns there are and how wide each is. Nothing is made of lines that are not seen.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import islice
from typing import Any, Final

from rich.cells import cell_len, set_cell_size
from textual.content import Content

from workbench.safe_text import safe_line
from workbench.ui.panes import values
from workbench.ui.panes.nodes import APART, Node, Slice, more_row, sliced
from workbench.ui.panes.value_tree import INDENT, ValueTree, is_container, searched
from workbench.ui.widgets.row import LazyRow, Row, cut

LOOKED_AT: Final = 100  # objects, by which columns and widths are decided
MOST_COLUMNS: Final = 24
LEAST: Final = 6  # cells of a column that gives way to others
WIDEST: Final = 60
GAP: Final = 2

_ABSENT: Final = object()


@dataclass(frozen=True, slots=True)
class Column:
    """One key: how wide it wants to be, in cells, and whether what stands there are numbers."""

    name: str
    wide: int
    is_number: bool


def is_table(value: Any) -> bool:
    """Whether a value can be shown as a table: a list of objects with keys."""
    return isinstance(value, list) and bool(value) and all(is_object(each) for each in value[:LOOKED_AT])


def is_flat(value: Any) -> bool:
    """Whether its objects hold no others: then a table shows all of it."""
    return all(not is_container(item) for each in value[:LOOKED_AT] for item in each.values())


def is_object(value: Any) -> bool:
    """Whether a value is an object that has a key."""
    return isinstance(value, Mapping) and bool(value)


class ValueTable:
    """The rows of a list of objects below one of `key`, `indent` cells from the left; `open_key` opens a row."""

    def __init__(self, value: Sequence[Any], key: str, indent: int, *, open_key: str = "") -> None:
        self._value = value
        self._key = key
        self._indent = indent
        self._open_key = open_key
        self._columns = _columns(value)
        self._slices: dict[int, Slice] = {}
        self.widths: Callable[[int], Sequence[int]] = cache(partial(_widths, self._columns))
        """The width of each column that has room in so many cells; those behind them have none."""

    def nodes(self) -> Iterator[Node | Slice]:
        """The names of the columns, and a line for each object."""
        yield Node(f"{self._key} names", self._names)
        yield from sliced(len(self._value), self._slice, self._more, self._key)

    def _slice(self, first: int, end: int) -> Iterator[Slice]:
        if (known := self._slices.get(first)) is None:
            numbers = range(first, end)
            rows = {f"{self._key}/{number}": _LazyLine(self._row, self._value[number]) for number in numbers}
            holders = {f"{self._key}/{number}" for number in numbers if is_container(self._value[number])}
            known = self._slices[first] = Slice(rows, holders, self._node)
        yield known

    def _names(self, _: bool) -> Row:
        names = tuple(safe_line(str(column.name)) for column in self._columns)
        before = Content(" " * (self._indent + INDENT))
        copied = partial(str, "\t".join(names))
        return TableRow(
            before, copied=copied, said="", cells=names, columns=self._columns, widths=self.widths, is_head=True
        )

    def _node(self, key: str) -> Node:
        each = self._value[int(key.rpartition("/")[2])]
        tree = ValueTree(each, key, self._indent + 2 * INDENT, open_key=self._open_key)
        held = tree.nodes if is_container(each) else None
        return Node(key, partial(self._row, each), held, lazy=partial(_LazyLine, self._row, each), by_itself=True)

    def _row(self, each: Any, is_open: bool) -> Row:
        items = each if isinstance(each, Mapping) else {}
        cells = tuple(_cell(items.get(column.name, _ABSENT)) for column in self._columns)
        return TableRow(
            Content.styled(" " * self._indent + ("▾ " if is_open else "▸ "), "muted"),
            copied=partial(values.exact, each),
            holds=not is_open,
            found=None if is_open else partial(searched, each),
            said="",
            cells=cells if items else (values.in_a_line(each),),
            columns=self._columns,
            widths=self.widths,
        )

    def _more(self, at: int, following: int, _: bool) -> Row:
        left = self._value[at:]
        return more_row(
            self._indent + INDENT,
            f"{len(left):,} more rows",
            following,
            lambda: APART.join(map(searched, left)),
            self._open_key,
        )


@dataclass(frozen=True, slots=True)
class TableRow(Row):
    """A line of a table: its `head`, and then its `cells`, each as wide as its column in `widths` of the room for them.

    In that of the names, `is_head`, it is said how many columns have no room.
    """

    cells: tuple[str, ...] = ()
    columns: tuple[Column, ...] = ()
    widths: Callable[[int], Sequence[int]] = lambda _: ()
    is_head: bool = False

    def lines(self, width: int, *, is_open: bool) -> list[Content]:
        """The cells that have room."""
        widths = self.widths(max(1, width - self.head.cell_length))
        parts: list[Content | str | tuple[str, str]] = [self.head]
        for number, (text, column, wide) in enumerate(zip(self.cells, self.columns, widths, strict=False)):
            style = "key" if self.is_head else "muted" if text == "null" else ""
            parts += [" " * GAP if number else "", (_fitted(text, wide, right=column.is_number), style)]
        hidden = len(self.columns) - len(widths)
        parts.append((f"  +{hidden}" if hidden and self.is_head else "", "muted"))
        return [cut(Content.assemble(*parts).rstrip(), width)]

    def folded_height(self, width: int) -> int | None:
        """One line."""
        return 1


class _LazyLine(LazyRow):
    """A line of a table, made when it is seen."""

    __slots__ = ("_is_open", "_make", "_value")

    def __init__(self, make: Callable[[Any, bool], Row], value: Any, is_open: bool = False) -> None:
        self._make, self._value, self._is_open = make, value, is_open

    def __call__(self) -> Row:
        """The row."""
        return self._make(self._value, self._is_open)

    def searched(self) -> tuple[str, str]:
        """As of the row."""
        return "", "" if self._is_open else searched(self._value)


def _columns(value: Sequence[Any]) -> tuple[Column, ...]:
    objects = [each for each in value[:LOOKED_AT] if isinstance(each, Mapping)]
    names = list(islice(dict.fromkeys(name for each in objects for name in each), MOST_COLUMNS))
    return tuple(_column(name, [each[name] for each in objects if name in each]) for name in names)


def _column(name: str, items: Sequence[Any]) -> Column:
    widest = max((cell_len(_cell(each)) for each in items), default=0)
    numbers = [isinstance(each, int | float) and not isinstance(each, bool) for each in items if each is not None]
    is_number = bool(numbers) and all(numbers)
    return Column(name, min(WIDEST, max(cell_len(safe_line(str(name))), widest)), is_number)


def _widths(columns: Sequence[Column], room: int) -> Sequence[int]:
    """What each column gets: what it wants, or, where that is too much together, the widest give way to one width."""
    count = len(columns)
    while count > 1 and sum(min(each.wide, LEAST) for each in columns[:count]) + GAP * (count - 1) > room:
        room -= LEAST if count == len(columns) else 0  # how many have none is said behind them
        count -= 1
    wanted = [each.wide for each in columns[:count]]
    left = room - GAP * (count - 1)
    share = max(wanted, default=1)
    while share > 1 and sum(min(each, share) for each in wanted) > left:
        share -= 1
    got = [min(each, share) for each in wanted]
    for number, each in enumerate(wanted):  # what division left over
        got[number] += max(0, min(each - got[number], 1, left - sum(got)))
    return tuple(got)


def _cell(value: Any) -> str:
    if value is _ABSENT:
        return ""
    if isinstance(value, str):
        return safe_line(" ".join(value[: 2 * WIDEST].split()))
    return values.in_a_line(value) if value not in ({}, []) else str(value)


def _fitted(text: str, width: int, *, right: bool) -> str:
    """A text in exactly so many cells."""
    length = cell_len(text)
    if length > width:
        return f"{set_cell_size(text, max(0, width - 1))}…"
    return " " * (width - length) + text if right else text + " " * (width - length)
