"""A turn that is under way, in a task of its own: its events as they happen, and stopping it.

Owns the queue between the task and whoever takes the events. Refuses to know what comes before the turn or after it.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Awaitable, Callable, Mapping, Sequence
from contextlib import AbstractAsyncContextManager, nullcontext
from functools import partial
from typing import TYPE_CHECKING, Any, Final, Protocol

if TYPE_CHECKING:
    from workbench.conversation.loop import TurnLoop
    from workbench.conversation.turn import Turn
    from workbench.events import Event

MOST_AHEAD: Final = 1000  # events of a turn that nobody has taken yet


class MakesLoop(Protocol):
    """Makes what runs a turn: `put` takes its events, and `taken` waits for those who take them."""

    def __call__(self, put: Callable[[Event], None], taken: Callable[[], Awaitable[object]]) -> TurnLoop:
        """The loop, which does not run yet."""
        ...


class UnderWay:
    """One turn being run, from the first event that somebody takes on.

    `begun` is told just before it runs, and `over` once it does not any more, whoever waits for it or not. `gate` is
    held while it runs: where that is for a few only, the others wait.
    """

    def __init__(
        self,
        turn: Turn,
        loop: MakesLoop,
        history: Sequence[Mapping[str, Any]],
        *,
        begun: Callable[[Turn], object],
        over: Callable[[Turn], object],
        gate: AbstractAsyncContextManager[object] | None = None,
    ) -> None:
        self.turn = turn
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self.loop = loop(self._events.put_nowait, partial(_taken, self._events))
        self._history = history
        self._begun = begun
        self._over = over
        self._gate = gate
        self._task: asyncio.Task[None] | None = None
        self._is_cancelled = False

    @property
    def running(self) -> bool:
        """Whether the turn is being run now, or waits for that."""
        return self._task is not None and not self._task.done()

    @property
    def is_over(self) -> bool:
        """Whether it has run, or was stopped before that."""
        return self._is_cancelled if self._task is None else self._task.done()

    @property
    def is_ending(self) -> bool:
        """Whether it was stopped, and is not over yet."""
        return self.running and self._task is not None and bool(self._task.cancelling())

    def cancel(self) -> bool:
        """Stop the turn, begun or not; its `TurnEnd` still comes. Returns whether there was anything to stop."""
        if self._task is None:
            was, self._is_cancelled = self._is_cancelled, True
            return not was
        return self.running and self._task.cancel()

    async def ended(self) -> None:
        """Returns when the turn does not run any more."""
        if self._task is not None:
            await asyncio.wait({self._task})

    async def events(self) -> AsyncGenerator[Event, None]:
        """Run the turn, and yield every event, `TurnEnd` last. For once; closing it cancels the turn."""
        if self._is_cancelled:
            yield self.loop.cancelled()
            return
        task = self._task = asyncio.create_task(self._run())
        task.add_done_callback(self._done)
        try:
            while (event := await self._events.get()) is not None:
                yield event
                self._events.task_done()
            if self.turn.status == "running":  # cancelled before its first line ran
                yield self.loop.cancelled()
            else:
                await task
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def _run(self) -> None:
        async with self._gate or nullcontext():
            self._begun(self.turn)
            await self.loop.run(self._history)

    def _done(self, _: asyncio.Task[None]) -> None:
        self._over(self.turn)
        self._events.put_nowait(None)


async def _taken(events: asyncio.Queue[Any]) -> None:
    """Let others get their turn, and wait for whoever takes the events when many are waiting."""
    if events.qsize() > MOST_AHEAD:
        await events.join()
    else:
        await asyncio.sleep(0)
