"""Rows that hold rows: what of them stands in a list depends on which are open.

Owns that nothing is made of what is folded, and how long lists come in slices. Knows nothing of what rows say.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Set
from dataclasses import dataclass
from functools import partial
from typing import Final

from textual.content import Content

from workbench.ui.widgets.row import MakeRow, Row

FIRST_SLICE: Final = 200  # items that are shown at once; of what is left each slice is larger than the one before
GROWS: Final = 4  # times, up to
LONGEST_SLICE: Final = 3_200
APART: Final = "\n\0\n"
"""Between texts of rows in which words are looked for together: nothing that is typed stands across it."""


@dataclass(frozen=True, slots=True)
class Node:
    """A row by its `key`, made by `make`, which is told whether it is open, and the rows that it `held`.

    One that `opens` is open until somebody folds it. One that `vanishes` is not seen while it is open: what it holds
    stands in its place. Of a `lazy` one, which takes one line while it is folded, the row is made when it is seen.
    `by_itself` are those that are not opened together with all others.
    """

    key: str
    make: Callable[[bool], Row]
    held: Callable[[], Held] | None = None
    opens: bool = False
    vanishes: bool = False
    lazy: Callable[[bool], MakeRow] | None = None
    by_itself: bool = False

    def is_open(self, turned: Set[str]) -> bool:
        """Whether it shows what it holds; `turned` are the keys of those that somebody opened or folded."""
        return self.held is not None and self.opens != (self.key in turned)


@dataclass(frozen=True, slots=True)
class Seen:
    """A row that stands in the list: its key, what makes it, at once or when it is painted, whether it holds others."""

    key: str
    make: Callable[[], Row]
    lazy: Callable[[], MakeRow] | None
    holds: bool


@dataclass(frozen=True, slots=True)
class Slice:
    """Many rows of one kind, made when they are seen, of which most are folded: those that `hold` others, or none do.

    `node` gives the node of a row by its key, for when one is open. It costs little as long as none is.
    """

    rows: Mapping[str, MakeRow]
    holders: Set[str]
    node: Callable[[str], Node]

    def has_open(self, turned: Set[str]) -> bool:
        """Whether one of its rows is open."""
        return bool(self.holders) and not turned.isdisjoint(self.holders)


Held = Iterable[Node | Slice]
"""What stands below a row."""


def seen(nodes: Held, turned: Set[str]) -> Iterator[Seen | Slice]:
    """The rows that stand in the list, in their order."""
    for node in nodes:
        if isinstance(node, Slice):
            if node.has_open(turned):
                yield from seen(map(node.node, node.rows), turned)
            else:
                yield node
            continue
        is_open = node.is_open(turned)
        if not (is_open and node.vanishes):
            lazy = None if node.lazy is None else partial(node.lazy, is_open)
            yield Seen(node.key, partial(node.make, is_open), lazy, node.held is not None)
        if is_open and node.held is not None:
            yield from seen(node.held(), turned)


def sliced(
    count: int,
    rows: Callable[[int, int], Held],
    more: Callable[[int, int, bool], Row],
    key: str,
    start: int = 0,
    length: int = FIRST_SLICE,
) -> Iterator[Node | Slice]:
    """The `rows` of the items from `start` on, of `count` in all, so many of them, and a node that holds the rest.

    `more` makes the row of that: of the first item that is left, of how many come next, and whether it is open.
    """
    end = min(count, start + length)
    if count - end <= length // 4:  # a row that says so would be as long as what it hides
        end = count
    yield from rows(start, end)
    if end < count:
        longer = min(length * GROWS, LONGEST_SLICE)
        yield Node(
            f"{key} +{end}",
            partial(more, end, min(count - end, longer)),
            held=partial(sliced, count, rows, more, key, end, longer),
            vanishes=True,
            by_itself=True,
        )


def more_row(indent: int, left: str, following: int, found: Callable[[], str], key: str) -> Row:
    """The row that stands for what is left; `key` shows so many more of it."""
    head = Content.assemble(
        " " * indent, (f"… {left}", "warning"), (f"  {key} shows {following:,}" if key else "", "muted")
    )
    return Row(head, found=found, said="", holds=True, copied=found)
