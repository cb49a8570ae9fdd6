"""The path of a conversation on the screen: the turns from its first question to where it goes on.

Owns building the chat anew when another branch is gone to, a slice at a time, so that keys are read meanwhile. Whoever
adds to the chat waits until it is whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from textual.worker import Worker

    from workbench.conversation.turn import Turn
    from workbench.ui.navigation import Navigation
    from workbench.ui.stage import Stage


class PathShown:
    """What of a conversation the panes of `stage` show."""

    def __init__(self, stage: Stage, navigation: Navigation) -> None:
        self._stage = stage
        self._navigation = navigation
        self._building = asyncio.Lock()
        self._worker: Worker[None] | None = None

    async def settled(self) -> None:
        """Returns once the chat shows all that it is to show."""
        async with self._building:
            pass

    def show_soon(self, turns: Sequence[Turn], at: Turn | None = None) -> None:
        """As `show`, in place of what was to be shown so, and without waiting for it."""
        self._worker = self._stage.work(partial(self.show, list(turns), at), "path")

    def stop(self) -> None:
        """Whatever was to be shown soon is no more: somebody else says what the chat shows now."""
        if self._worker is not None:
            self._worker.cancel()
            self._worker = None

    async def show(self, turns: Sequence[Turn], at: Turn | None = None) -> None:
        """Show these turns in place of those that the chat has, the one `at` which a person is, or the last, in all
        panes; the beginning where there are none."""
        from workbench.ui.restoring import Restoring  # not for the first paint

        async with self._building:
            self._stage.chat.forget()
            if not turns:
                self._stage.clear_panes()
                return
            await Restoring(turns, "").show(self._stage)
            if at is not None and at is not turns[-1]:
                self._navigation.go_to_turn(at)
