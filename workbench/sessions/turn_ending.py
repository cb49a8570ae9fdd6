"""Where a recorded turn ended, so that it ends there again: cancelled, out of time, or with its program.

Owns how far a turn is played and what it says then. Refuses to play anything: that is for whoever stands in.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Final, NoReturn

from workbench.conversation.options import StreamsChat
from workbench.conversation.tree import TreeMark
from workbench.conversation.turn import Status, Turn
from workbench.errors import StreamFailed
from workbench.events import Event, Request, ToolResult, ToolStarted, TurnEnd
from workbench.recordings.exchanges import Exchange
from workbench.sessions.marks import error_of

if TYPE_CHECKING:
    from workbench.secrets.redactor import Redactor

BROKEN_OFF: Final = "the program ended before the answer did; what had come is kept"
CUT_SHORT: Final = "the recording ends before the answer does"
# These come of an answer that is whole: a turn that is cut off is none of them.
_OF_A_WHOLE: Final = frozenset({"complete", "max-steps"})


@dataclass(frozen=True, slots=True)
class Extent:
    """How much of a turn is in its recording, and how it ended there.

    `status` is None when there is no end, as of a program that was killed; a recording of a client alone has no marks,
    and none of the counts. `in_stream` says that its last response was broken off, and nothing came after it.
    """

    marked: bool = False
    steps: int = 0
    calls: int = 0
    results: int = 0
    requests: int = 0
    in_stream: bool = False
    status: Status | None = None
    error: Mapping[str, Any] | None = None


class RecordedEnd:
    """Ends a turn where its recording does; `cancel` stops it. It is told what happens as a conversation's keeper."""

    def __init__(self, extent: Extent, *, cancel: Callable[[], object]) -> None:
        self.extent = extent
        self._cancel = cancel
        self._reached = False
        self._steps = self._calls = self._results = self.requests = 0

    def event(self, turn: Turn, event: Event) -> None:
        """`turn` has folded `event`."""
        self._steps += isinstance(event, Request)
        self._calls += isinstance(event, ToolStarted)
        self._results += isinstance(event, ToolResult)

    def cleared(self) -> None:
        """Nothing is done: the recording says what becomes of its turns."""

    def forgot(self, turn: Turn) -> None:
        """Nothing is done, as for `cleared`."""

    def changed(self, mark: TreeMark) -> None:
        """Nothing is done, as for `cleared`."""

    async def kept(self) -> None:
        """Comes before the first step and after each call: the turn may have ended there."""
        await asyncio.sleep(0)  # others begin meanwhile, as they did while all was written
        extent = self.extent
        played = (self._steps, self._calls, self._results, self.requests)
        if extent.marked and played == (extent.steps, extent.calls, extent.results, extent.requests):
            await self.here()

    async def here(self) -> NoReturn:
        """The recording of the turn ends here; so does the turn."""
        if not self._reached:
            self._reached = True
            self._cancel()
        await asyncio.Event().wait()
        raise AssertionError("it was cancelled")

    def ended(self, event: TurnEnd, turn: Turn, redactor: Redactor) -> TurnEnd:
        """The end of `turn`, as it was recorded when that is why it ended."""
        if not self._reached:
            return event
        status = self.extent.status
        if status is None or status in _OF_A_WHOLE:
            turn.status = "incomplete"
            turn.error = StreamFailed(BROKEN_OFF if self.extent.marked and status is None else CUT_SHORT)
        else:
            turn.status, turn.error = status, error_of(redactor.value(self.extent.error))
        end = replace(event, status=turn.status, summary=turn.summary())
        turn.events.end_with(end)
        return end


class EndingClient:
    """A client that answers as `played` does with `recorded`, and ends the turn where they do."""

    def __init__(self, played: StreamsChat, recorded: tuple[Exchange, ...], end: RecordedEnd) -> None:
        self._played = played
        self._recorded = recorded
        self._end = end

    @asynccontextmanager
    async def stream(self, body: Mapping[str, Any]) -> AsyncIterator[AsyncIterator[bytes]]:
        """The recorded response to the next request; where there is none, the turn ends as it ended there."""
        end, number = self._end, self._end.requests
        end.requests += 1
        breaks_off = end.extent.in_stream and number == len(self._recorded) - 1
        if end.extent.marked and number >= len(self._recorded):
            await end.here()
        if breaks_off and self._recorded[number].status is None:
            await end.here()
        async with self._played.stream(body) as chunks:
            yield self._until_end(chunks) if breaks_off else chunks

    async def _until_end(self, chunks: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        async for chunk in chunks:
            yield chunk
        await self._end.here()
