"""The list of the rows of a trace: some hold others, a row is kept in view, and what keys mean there.

Refuses to know what the rows say: that is the pane's.
"""

from __future__ import annotations

from collections.abc import Iterable, Set
from typing import ClassVar, Final

from textual.binding import BindingType
from textual.message import Message

from workbench.ui.bindings import bindings
from workbench.ui.widgets.rows import RowList

OF_A_CALL: Final = ("call", "one", "part")
"""What the keys of rows begin with that are about one call: its step and its ordinal there follow."""


def part_key(place: str, part: str) -> str:
    """The key of the row of a part of the call at `place`; those below it begin with it."""
    return f"part {place} {part}"


class TraceRows(RowList):
    """Rows of a trace. Some hold other rows, which stand behind them while they are open."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("trace")]

    holders: Set[str] = frozenset()
    """The keys of the rows that hold others, open or not."""

    is_growing = False
    """Whether there are rows that are not made yet: what is looked for may be in them."""

    _kept: str | None = None
    """The key of a row that is kept in view, in place of the end."""

    class Folded(Message):
        """Sent when a row that holds others is to show them, or to hide them."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    class Formed(Message):
        """Sent when a result is to be shown in another form."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    class AllFolded(Message):
        """Sent when all that is folded is to be open, or, where nothing is, folded again."""

    def keep_in_view(self, key: str) -> None:
        """While the end is followed, keep a row in view instead, at any size, until it is let go or one scrolls."""
        if self._is_following and key in self._index:
            self._kept, self._follows = key, False
            self._jump(self._with_kept(self.scroll_offset.y))

    def let_go(self) -> None:
        """Follow the end again, where it was followed until a row was kept in view."""
        kept, self._kept = self._kept, None
        if kept is not None and self.cursor < 0:
            self.action_scroll_end()

    def clear(self) -> None:
        """Remove all rows; the end is followed again."""
        self._kept = None
        super().clear()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The list was scrolled: what is in view now is what one means to see."""
        super().watch_scroll_y(old_value, new_value)
        if self._is_placed:
            self._kept = None

    def _top_for_size(self) -> int:
        top = super()._top_for_size()
        return self._with_kept(top) if self.cursor < 0 else top

    def _with_kept(self, top: int) -> int:
        """The line at the top of the view that is nearest to `top` and has the row in view that is kept there."""
        index = None if self._kept is None else self._index.get(self._kept)
        if index is None or not self._page:
            return top
        start, end = self._start(index), self._ends[index]
        return start if end - start > self._page else max(min(top, start), end - self._page)

    @property
    def call_here(self) -> tuple[int, int] | None:
        """The step, and the ordinal in it, of the call that one stands on or in; None on any other row."""
        kind, place, *_ = (*(self.cursor_key or "").split(" ", 2), "")
        step, _, ordinal = place.partition(".")
        return (int(step), int(ordinal)) if kind in OF_A_CALL else None

    def let_out(self, key: str) -> None:
        """Show the rows that a row holds."""
        self.post_message(self.Folded(key))

    def action_fold(self) -> None:
        """Unfold the row under the cursor, or fold it again."""
        self._stand()
        if (key := self.cursor_key) is not None and key in self.holders:
            self.post_message(self.Folded(key))
        else:
            super().action_fold()

    def action_open_all(self) -> None:
        """Open all that is folded, or fold it again."""
        self.post_message(self.AllFolded())

    def action_form(self) -> None:
        """Show the result of the call that one stands on in another form."""
        self._stand()
        if (key := self.cursor_key) is not None:
            self.post_message(self.Formed(key))

    def _look_now(self) -> None:
        """Look, once all rows are there: a hit that is about to be let out is among those that come."""
        if self.is_growing:
            self._stop_looking()
        else:
            super()._look_now()

    def are_whole(self) -> None:
        """The rows that were not made are there."""
        if self.is_growing:
            self.is_growing = False
            self._came()

    def says_more(self, key: str) -> bool:
        """Whether a row has more to say, open, than its head has room for."""
        row = self._row(self._index[key])
        if row.body is None:
            return False
        return bool(row.head_rest) or row.indent + len(row.text()) > self._width or "\n" in row.text().strip()

    def set_open(self, keys: Iterable[str], *, is_open: bool) -> None:
        """Open the bodies of rows, or fold them."""
        with self.at_once():
            for key in keys:
                if key in self._index and (key in self._open) != is_open:
                    self._set_open(key, is_open)
