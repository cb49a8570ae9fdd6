"""Where the panes stand: the chat and a column beside or below it, and the panes of that column one below the other.

Heights are what the panes need at the width that they get, asked anew at each arrangement. Nothing of it is kept, so
a size looks the same whichever sizes came before it.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from textual.containers import Horizontal, Vertical
from textual.geometry import Offset, Region, Size, Spacing
from textual.layout import ArrangeResult, DockArrangeResult, Layout, WidgetPlacement
from textual.widget import Widget

from workbench.ui.arrangement import rows_below, rows_of_upper
from workbench.ui.panes.pane import Pane
from workbench.ui.terminal.textual_inside import forget_arrangements


class Column(Vertical):
    """Panes, of which at most two are shown, below a line of tabs or nothing."""

    @property
    def layout(self) -> Layout:
        """How its panes are arranged."""
        return _ONE_BELOW_THE_OTHER

    def arrange(self, size: Size, optimal: bool = False) -> DockArrangeResult:
        """As Textual does, which keeps what it arranged for a size, and cannot know that panes need other heights."""
        forget_arrangements(self)
        return super().arrange(size, optimal)

    def rows_needed(self, width: int, most: int) -> int:
        """How many rows it needs to be `width` cells wide, counted as far as `most`."""
        gutter = self.styles.gutter
        panes = [child for child in self.children if isinstance(child, Pane)]
        fixed = gutter.height + sum(child.display for child in self.children if child not in panes)
        needs = [pane.rows_needed(width - gutter.width, most) for pane in panes if pane.display or pane.keeps_room]
        return min(most, fixed + max(needs, default=0))

    def fit(self) -> bool:
        """A pane needs another height, or may: have it laid out, where it is to get one; returns whether it is."""
        if not self.is_attached:
            return False
        shown = [child for child in self.children if child.display]
        changes = _heights(shown, self.size) != [child.outer_size.height for child in shown]
        if changes:
            self.refresh(repaint=False, layout=True)  # the panes that move are painted, and nothing around them
        return changes | (isinstance(self.parent, ChatAndColumn) and self.parent.fit())


class ChatAndColumn(Horizontal):
    """The chat, and the column beside it, or below it with the class `-narrow`: then as high as it needs to be, or as
    was chosen."""

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self._share: int | None = None

    @property
    def share(self) -> int | None:
        """The share of the rows, as `arrangement` counts it, that was chosen for a column below; None for none."""
        return self._share

    @share.setter
    def share(self, share: int | None) -> None:
        if share != self._share:
            self._share = share
            self.refresh(layout=True)

    def rows_of(self, column: Widget, size: Size) -> int:
        """How many rows of this `size` the column below the chat has."""
        needed = size.height
        if isinstance(column, Column) and self._share is None:
            needed = column.rows_needed(size.width, size.height)
        return rows_below(size.height, needed, self._share)

    @property
    def layout(self) -> Layout:
        """How the two are arranged."""
        return _COLUMN_BELOW if self.has_class("-narrow") else super().layout

    def arrange(self, size: Size, optimal: bool = False) -> DockArrangeResult:
        """As Textual does, which keeps what it arranged for a size, and cannot know that panes need other heights."""
        forget_arrangements(self)
        return super().arrange(size, optimal)

    def fit(self) -> bool:
        """The column needs another height, or may; returns whether it gets one."""
        shown = [child for child in self.children if child.display]
        if not self.has_class("-narrow") or len(shown) < 2:
            return False
        column = shown[-1]
        changes = self.rows_of(column, self.size) != column.outer_size.height
        if changes:
            self.refresh(repaint=False, layout=True)
        return changes


class _OneBelowTheOther(Layout):
    name = "one-below-the-other"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        return list(_stacked(children, _heights(children, size), size.width))


class _ColumnBelow(Layout):
    name = "column-below"

    def arrange(self, parent: Widget, children: list[Widget], size: Size, greedy: bool = True) -> ArrangeResult:
        assert isinstance(parent, ChatAndColumn)
        below = parent.rows_of(children[-1], size) if len(children) > 1 else size.height
        heights = [size.height - below, below] if len(children) > 1 else [below]
        return list(_stacked(children, heights, size.width))


_ONE_BELOW_THE_OTHER = _OneBelowTheOther()
_COLUMN_BELOW = _ColumnBelow()


def _stacked(children: Sequence[Widget], heights: Sequence[int], width: int) -> Iterator[WidgetPlacement]:
    y = 0
    for child, height in zip(children, heights, strict=True):
        yield WidgetPlacement(Region(0, y, width, height), Offset(0, 0), Spacing(), child)
        y += height


def _heights(children: Sequence[Widget], size: Size) -> list[int]:
    """The rows of each: one for a line of tabs, and the rest for the panes."""
    panes = [child for child in children if isinstance(child, Pane)]
    rows = max(0, size.height - (len(children) - len(panes)))
    shares = [rows] * len(panes)
    if len(panes) > 1:
        upper = rows_of_upper(rows, *(pane.rows_needed(size.width, rows) for pane in panes[:2]))
        shares = [upper, rows - upper]
    left = iter(shares)
    return [next(left) if isinstance(child, Pane) else min(1, size.height) for child in children]
