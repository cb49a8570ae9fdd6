"""One top-level block of an answer, as rendered.

Owns its lines and the citations they show. The parsed form of a block that has settled is not kept: it is short,
and needed again only for a new width or a new citation.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from workbench.ui.markdown.blocks import Leaf, TopBlock, parse_blocks
from workbench.ui.markdown.flow import Flow
from workbench.ui.markdown.layout import leaf_lines
from workbench.ui.markdown.model import BLANK, Line, PlacedMark


class BlockView:
    """Code points [start, end) of the answer. `lines` begin with a blank one unless the block is the first."""

    __slots__ = ("_leaves", "_source", "end", "first", "lines", "marks", "start")

    def __init__(self, top: TopBlock, source: str, *, first: bool) -> None:
        self.first = first
        self.start = top.start
        self.end = top.end
        self.lines: list[Line] = []
        self.marks: tuple[PlacedMark, ...] = ()
        self._source = source
        self._leaves: tuple[Leaf, ...] | None = top.leaves

    def leaves(self) -> tuple[Leaf, ...]:
        if self._leaves is not None:
            return self._leaves
        return tuple(leaf for top in parse_blocks(self._source, self.start) for leaf in top.leaves)

    def last_visible(self, before: int) -> int | None:
        """The greatest offset below `before` of a character that is seen in this block, None without one."""
        flows: Iterator[Flow] = (flow for leaf in self.leaves() for flow in leaf.flows())
        found = [at for flow in flows if (at := flow.last_visible(before)) is not None]
        return max(found, default=None)

    def settle(self) -> None:
        """Its source will not change any more."""
        self._leaves = None

    def touched_by(self, placed: PlacedMark) -> bool:
        mark = placed.mark
        covered = mark.start < self.end and mark.end > self.start
        return covered or self.start <= placed.anchor < self.end or (self.first and placed.anchor < 0)

    def render(self, marks: Iterable[PlacedMark], width: int) -> None:
        """Lay it out anew with those of `marks` that touch it."""
        self.marks = tuple(placed for placed in marks if self.touched_by(placed))
        lines = leaf_lines(self.leaves(), self.marks, width, first=self.first)
        self.lines = lines if self.first else [BLANK, *lines]
