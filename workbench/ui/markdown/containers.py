"""Quotes, lists and their items: what stands before the lines of the blocks inside, and where blank lines go.

Owns the prefixes and what they depend on. A list may turn out to be loose, or its numbers to need more digits, long
after its first items were shown: so whoever lays a block out asks its containers each time, and `context` tells
whether the answer is still the same.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from workbench.ui.markdown.line import Run

_BULLETS = "•◦▪"
_QUOTE = Run("│ ", ("quote-bar",))

State = tuple[object, ...]


@dataclass(slots=True, eq=False)
class Quote:
    """`start` is the offset of its first line; `used` says that something in it stands on the screen."""

    start: int
    used: bool = False

    def prefix(self, *, first: bool) -> Run:
        """The bar before each line of the quote."""
        return _QUOTE

    def save(self) -> State:
        """What `restore` needs to take back what is read from here on."""
        return (self.used,)

    def restore(self, state: State) -> None:
        """Be as it was at the `save` that gave `state`."""
        (self.used,) = state  # type: ignore[assignment]


@dataclass(slots=True, eq=False)
class ListBlock:
    """A list: `marker` is its bullet, or what follows its numbers. `depth` counts the bulleted lists around it.

    Its items have the numbers that were written, but for those that are all 1, or all 0: these are counted.
    `label_cells`, of its widest label, and `is_loose` are as of the last `show`: reading ahead does not change them.
    """

    marker: str
    ordered: bool
    number: int
    depth: int
    first_unit: int
    count: int = 0
    loose: bool = False
    widest: int = 0  # characters of a number
    written: str = ""  # the last number
    counted: int = 0  # items in a row with a number that is not theirs
    label_cells: int = 2
    is_loose: bool = False

    def next_number(self, written: str) -> str:
        """The number of the next item, for which `written` stands in the source."""
        self.counted = self.counted + 1 if written == self.written and int(written) <= 1 else 0
        self.written = written
        number = str(int(written) + self.counted) if self.counted else written
        self.widest = max(self.widest, len(number))
        return number

    def show(self) -> None:
        """Let what was read so far be seen."""
        self.is_loose = self.loose
        self.label_cells = self.widest + 2

    def context(self, width: int) -> object:
        """What the lines of its items depend on: the cells of its widest label, and whether it is loose."""
        return self.label_cells, self.is_loose

    def save(self) -> State:
        """What `restore` needs to take back what is read from here on."""
        return self.count, self.loose, self.widest, self.written, self.counted

    def restore(self, state: State) -> None:
        """Be as it was at the `save` that gave `state`."""
        self.count, self.loose, self.widest, self.written, self.counted = state  # type: ignore[assignment]


@dataclass(slots=True, eq=False)
class Item:
    """An item: `number` counts from 0; lines that go on with it are indented by `indent` columns.

    `label` is what it is numbered with, "" for a bullet.
    """

    parent: ListBlock
    number: int
    indent: int
    start: int
    label: str = ""
    used: bool = False

    def prefix(self, *, first: bool) -> Run:
        """The bullet or the number before its `first` line, as many blanks before the others."""
        cells = self.parent.label_cells
        if not first:
            return Run(" " * cells)
        if not self.parent.ordered:
            return Run(_BULLETS[self.parent.depth % len(_BULLETS)] + " ", ("bullet",))
        label = f"{self.label}{self.parent.marker} "
        return Run(label.rjust(cells), ("bullet",))

    def save(self) -> State:
        """What `restore` needs to take back what is read from here on."""
        return (self.used,)

    def restore(self, state: State) -> None:
        """Be as it was at the `save` that gave `state`."""
        (self.used,) = state  # type: ignore[assignment]


Prefixed = Quote | Item
Container = Quote | Item | ListBlock


@dataclass(frozen=True, slots=True)
class Enclosure:
    """Where a block stands: in `chain`, outermost first, of which those from `fresh` on begin with it.

    `separated` says that a block of the same parent stands above it: a blank line is between them, unless the
    parent is in the list `tight_in` and that list is tight.
    """

    chain: tuple[Prefixed, ...] = ()
    fresh: int = 0
    separated: bool = False
    tight_in: ListBlock | None = None

    @property
    def quoted(self) -> bool:
        """Whether a quote is around it."""
        return any(isinstance(container, Quote) for container in self.chain)

    @property
    def context(self) -> tuple[object, ...]:
        """What its lines depend on besides the block itself."""
        if not self.chain and self.tight_in is None:
            return ()
        parts: list[object] = [c.parent.label_cells for c in self.chain if isinstance(c, Item)]
        if self.tight_in is not None:
            parts.append(self.tight_in.is_loose)
        return tuple(parts)

    def lead(self) -> tuple[Run, ...]:
        """What stands before the block's first line."""
        return tuple(container.prefix(first=at >= self.fresh) for at, container in enumerate(self.chain))

    def hang(self) -> tuple[Run, ...]:
        """What stands before its other lines."""
        return tuple(container.prefix(first=False) for container in self.chain)

    def gap(self) -> tuple[Run, ...] | None:
        """The blank line above it, None without one."""
        if not self.separated or (self.tight_in is not None and not self.tight_in.is_loose):
            return None
        return tuple(container.prefix(first=False) for container in self.chain[: self.fresh])


def prefixed(stack: Sequence[Container]) -> tuple[Prefixed, ...]:
    """Those containers of `stack` that put something before a line: quotes and items, not lists."""
    return tuple(container for container in stack if not isinstance(container, ListBlock))
