"""Going from one conversation to another on the screen: the one before is kept in its session, and can be gone back to.

Owns what has to be asked before, and that the screen shows one conversation or the other and never a part of each.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from textual.notifications import SeverityLevel

from workbench.errors import ConfigurationError, RecordingError, RecordingInUse

if TYPE_CHECKING:
    from workbench.conversation import Conversation
    from workbench.ui.asking import Asking
    from workbench.ui.navigation import Navigation
    from workbench.ui.stage import Stage
    from workbench.ui.startup import Startup

NONE_KEPT: Final = "what answers here is a recording: there are no sessions to go to"

UNDER_WAY: Final = "another session is being opened"


class Switching:
    """Lets the conversation of the screen go on in other sessions, and in copies of them."""

    def __init__(
        self,
        stage: Stage,
        conversation: Conversation,
        navigation: Navigation,
        asking: Asking,
        startup: Startup,
        left: Callable[[], object],
        leaves: Callable[[], Awaitable[object]],
    ) -> None:
        """`leaves` stops what runs beside turns, before anything of the other session is there; `left` is called once
        the conversation is in that: what was begun in the one before is over."""
        self._stage = stage
        self._conversation = conversation
        self._navigation = navigation
        self._asking = asking
        self._startup = startup
        self._left = left
        self._leaves = leaves
        self._is_under_way = self._works = False

    @property
    def folder(self) -> Path | None:
        """The folder of the sessions that the person can go to; None where there is none."""
        return self._startup.sessions

    @property
    def here(self) -> Path | None:
        """The file of the session that the conversation is in, once there is one."""
        return self._startup.session

    @property
    def costs(self) -> str:
        """What would end or be lost by going elsewhere now, as the beginning of a question; "" for nothing."""
        if self._asking.busy:
            return "a turn is running, and is stopped: what came of it is kept"
        if self._conversation.runs_beside:
            return "a grid is running, and is stopped: what came of it is kept"
        if self._conversation.turns and not self._startup.is_kept:
            return "this conversation is not kept, and cannot be gone back to"
        return ""

    def masked(self, text: str) -> str:
        """`text` without keys."""
        return self._conversation.redactor.text(text)

    def say(self, text: str, severity: SeverityLevel = "information") -> None:
        """Say something in the last row of the screen that is on top."""
        self._stage.say(text, severity=severity)

    def work(self, run: Callable[[], Coroutine[Any, Any, None]]) -> None:
        """Let `run`, which goes elsewhere, go on whatever becomes of the screen that began it; one at a time."""
        if self._works:
            self.say(UNDER_WAY, "warning")
            return
        self._works = True

        async def running() -> None:
            try:
                await run()
            finally:
                self._works = False

        self._stage.work(running, "switch")

    async def go(self, session: Path, turn: int | None = None, arrived: Callable[[], object] = lambda: None) -> str:
        """Go on in `session`, with its turn of this number in view; "", or why that cannot be.

        A turn that runs is stopped, once it is known that the session can be read. `arrived` is called before anything
        of it is asked, shown or said: the main screen has to be there for that.
        """
        if self._is_under_way:
            return UNDER_WAY
        if session == self.here:
            return "this conversation is in it"
        if not self._asking.ready.is_set():
            return "documents and session are still being read"
        self._is_under_way = True
        try:
            loop = asyncio.get_running_loop()
            restoring = await self._startup.switch(session, self._leave, lambda: loop.call_soon_threadsafe(arrived))
            arrived()
            self._left()
            self._asking.path.stop()
            self._stage.clear()
            self._stage.close_all()  # what one has opened meanwhile is about turns that are not here any more
            await restoring.show(self._stage)
        except (ConfigurationError, RecordingError, MemoryError) as error:
            return self._why(session, error)
        finally:
            self._is_under_way = False
            self._asking.ready.set()
        self._stage.say_about()
        self._stage.introduce()
        if turn is not None:
            await self.show_turn(turn)
        return ""

    async def show_turn(self, number: int) -> None:
        """Show the turn of this number; one of another branch with its branch, in which the conversation goes on."""
        tree = self._conversation.tree
        is_elsewhere = number in tree and tree.turn(number) not in self._conversation.turns
        is_shown = is_elsewhere and tree.turn(number) in self._navigation.known_turns()
        if not is_shown or self._asking.busy:
            self._navigation.show_turn(number)
            return
        self._conversation.go_to(tree.last_of(number))
        await self._asking.path.show(list(self._conversation.turns), tree.turn(number))

    async def fork(self, session: Path, turn: int | None = None, arrived: Callable[[], object] = lambda: None) -> str:
        """Go on in a copy of `session`, up to its turn of this number; "", or why that cannot be.

        `arrived` as of `go`.
        """
        try:
            made = await self._startup.fork(session, turn)
        except RecordingError as error:
            return self.masked(str(error))
        if problem := await self.go(made, turn, arrived):
            return problem
        upto = f" at turn {self._conversation.tree.turn(turn).place}" if turn is not None else ""
        self._stage.say(f"{session.stem} is forked{upto}: this conversation is kept in {made.stem} now")
        return ""

    async def _leave(self) -> None:
        """Stop all that runs; what is asked from now on is asked in the other session."""
        await self._leaves()
        if self._asking.cancel():
            await self._asking.finished()
        self._conversation.cancel_beside()
        await self._conversation.ended_beside()
        self._asking.ready.clear()

    def _why(self, session: Path, error: Exception) -> str:
        if isinstance(error, RecordingInUse):
            key = self._stage.keymap.label("fork-session")
            return f"{session.stem} is in use, by another workbench that writes it{f': {key} forks it' if key else ''}"
        if isinstance(error, ConfigurationError):
            return self.masked("; ".join(str(problem) for problem in error.problems))
        return self.masked(str(error) or "too large for the memory of this machine")
