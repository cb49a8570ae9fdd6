"""The size of the side panes by keys: larger, smaller, as usual, hidden; remembered for each class of screen sizes.

Owns what is chosen and when it is written: behind the screen, the last choice alone, and at the end of the app.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.ui.arrangement import AS_USUAL, Chosen, columns_beside, rows_below, share_of, step
from workbench.ui.arrangement_memory import ArrangementMemory
from workbench.ui.background import in_background

if TYPE_CHECKING:
    from workbench.ui.navigation import Navigation
    from workbench.ui.stage import Stage


CLOSING_SECONDS = 1.0


class Arranging:
    """Changes what `navigation` arranges by, and keeps it in `memory`."""

    def __init__(self, stage: Stage, navigation: Navigation, memory: ArrangementMemory) -> None:
        self._stage = stage
        self._navigation = navigation
        self._memory = memory
        self._is_kept = True  # what is chosen is in the file
        self._is_writing = False
        self._is_told = False
        self._lock = threading.Lock()  # held by the thread that writes
        navigation.chosen = memory.recalled()

    def resize(self, by: int) -> None:
        """Make the side panes larger by a step, or smaller with -1; those that are hidden come back as they were."""
        if self._has_no_room():
            return
        chosen, cells = self._navigation.chosen_here, self._cells()
        shown = self._shown(chosen.share)
        after = self._shown(share_of(max(0, shown + by * step(cells)), cells))
        if chosen.hidden:
            self.hide()
        elif after != shown:
            self._choose(replace(chosen, share=share_of(after, cells)))
        else:
            self._choose(chosen)
            self._stage.say(f"the side panes are as {'large' if by > 0 else 'small'} as they get")

    def as_usual(self) -> None:
        """Let the side panes have the size that they have by themselves, and be there."""
        if not self._has_no_room():
            self._choose(AS_USUAL)

    def hide(self) -> None:
        """Hide the side panes, or bring them back."""
        if self._has_no_room():
            return
        chosen = self._navigation.chosen_here
        self._choose(replace(chosen, hidden=not chosen.hidden))
        if not chosen.hidden:
            back = self._stage.keymap.label("hide-side") or "/panes"
            self._stage.say(f"the side panes are hidden: {back} brings them back")

    async def close(self) -> None:
        """The app has ended: write what was chosen last, but do not wait for a disk that does not answer."""
        if not self._is_kept or self._is_writing:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(in_background(self._keep), CLOSING_SECONDS)

    def _has_no_room(self) -> bool:
        """Whether there are no side panes at this size anyhow, which is said."""
        if self._navigation.where != "small":
            return False
        key = self._stage.keymap.label("show-tools") or "the palette"
        self._stage.say(f"there is no room for side panes here: {key} shows one in place of the chat")
        return True

    def _cells(self) -> int:
        """The columns or rows of which the side panes have a share."""
        size = self._stage.body.size
        return size.width if self._navigation.where == "wide" else size.height

    def _shown(self, share: int | None) -> int:
        """How many of them the side panes have with this share."""
        cells = self._cells()
        if self._navigation.where == "wide":
            return columns_beside(cells, share)
        needed = self._stage.side.rows_needed(self._stage.body.size.width, cells) if share is None else 0
        return rows_below(cells, needed, share)

    def _choose(self, chosen: Chosen) -> None:
        """Arrange the panes as `chosen` from now on, for screens of this class of sizes."""
        navigation = self._navigation
        is_new = chosen != navigation.chosen_here
        if is_new:
            navigation.chosen = {**navigation.chosen, navigation.where: chosen}
        navigation.rearrange()
        if is_new:
            self._is_kept = False
            if not self._is_writing:
                self._is_writing = True
                self._stage.work(self._write, "arrangement")

    async def _write(self) -> None:
        """Write what is chosen, and again if something else is chosen meanwhile."""
        problem = ""
        while not self._is_kept and not problem:
            self._is_kept = True
            problem = await in_background(self._keep)
        if problem:
            self._is_kept = False  # the end of the app tries once more
        self._is_writing = False
        if problem and not self._is_told:
            self._is_told = True
            self._stage.say(f"the size of the panes is not kept: {problem}", severity="warning")

    def _keep(self) -> str:
        """Write what is chosen by now, which is the last choice whichever thread writes last."""
        with self._lock:
            return self._memory.keep(self._navigation.chosen)
