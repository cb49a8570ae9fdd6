"""A resumed conversation, brought back to the screen a slice at a time, so that keys are read meanwhile.

Every pane draws from the turns themselves: the chat all of them, the others the last.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Sequence
from typing import TYPE_CHECKING

from workbench.ui.panes.pane import Pane

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn
    from workbench.ui.stage import Stage

SLICE_SECONDS = 0.02  # of handing on, before keys get their turn


class Restoring:
    """The turns of a session that goes on; `changes` says in one line what is not as it was, or is ""."""

    def __init__(self, turns: Sequence[Turn], changes: str) -> None:
        self._turns = turns
        self._changes = changes

    async def show(self, stage: Stage) -> None:
        """Hand everything to the panes."""
        began = time.monotonic()
        with stage.chat.view.at_once():
            for turn in self._turns:
                stage.chat.restore(turn)
                if time.monotonic() - began > SLICE_SECONDS:
                    await asyncio.sleep(0)
                    began = time.monotonic()
        for turn in self._turns[-1:]:
            for pane in stage.panes.values():
                if isinstance(pane, Pane) and pane is not stage.chat:
                    pane.begin(turn)
            stage.status.show(turn)
            stage.show_where(turn)
            stage.show_hints()
        if self._changes:
            stage.say(self._changes)
