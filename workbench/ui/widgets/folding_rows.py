"""Rows some of which hold others: whoever fills the list is told when they are to be shown, or hidden."""

from __future__ import annotations

from typing import ClassVar

from textual.message import Message

from workbench.ui.widgets.rows import RowList


class FoldingRows(RowList):
    """Rows some of which hold others, which stand behind them while they are open."""

    FOLDED: ClassVar[str] = "item "
    """What the keys of rows begin with that hold others."""

    class Folded(Message):
        """Sent when a row that holds others is to show them, or to hide them."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    def let_out(self, key: str) -> None:
        """Show the rows that a row holds."""
        self.post_message(self.Folded(key))

    def action_fold(self) -> None:
        """Unfold the row under the cursor, or fold it again."""
        if (key := self.cursor_key) is not None and key.startswith(self.FOLDED):
            self.post_message(self.Folded(key))
        else:
            super().action_fold()
