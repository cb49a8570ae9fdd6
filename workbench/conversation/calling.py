"""The tool calls of a step, run side by side, and a person who is asked about them.

Owns the events of a call from its start to its result, and that neither is lost: what was done is kept before it is
sent to the model. Refuses to know what a tool does.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import asdict, dataclass, replace
from typing import Any, Final

from workbench.conversation.fold import ToolCall, unique_calls
from workbench.conversation.options import PreparesTools, Tools
from workbench.conversation.turn import Turn
from workbench.events import Event, PersonAnswered, PersonAsked, ToolProgress, ToolResult, ToolStarted
from workbench.tools.runner import Progress

SERVERS: Final = "the servers of the tools"
"""What a person is asked about before the first request."""


@dataclass(slots=True)
class _Called:
    """A call that was begun, and since when it may run, or since when a person is asked about it instead."""

    ordinal: int
    call: ToolCall
    since: float
    asked: bool = False


class Calling:
    """Runs the calls of `turn` with `tools`.

    `now` gives seconds since the turn began, `emit` takes its events, and `kept` waits until these would survive the
    end of the program.
    """

    def __init__(
        self,
        turn: Turn,
        tools: Tools | None,
        *,
        now: Callable[[], float],
        emit: Callable[[Event], object],
        kept: Callable[[], Awaitable[object]],
    ) -> None:
        self._turn = turn
        self._tools = tools
        self._now = now
        self._emit = emit
        self._kept = kept
        self._called: dict[str, _Called] = {}  # the calls of this step that have no result yet, by their ids
        self._asked_since: float | None = None  # a person is asked before there is a request

    async def prepare(self) -> None:
        """Have the tools found that are on servers, before the first request names them."""
        if isinstance(self._tools, PreparesTools):
            try:
                await self._tools.prepare()
            finally:
                self.person_asked("", is_open=False)

    async def run(self) -> None:
        """Run the last step's calls that have no result; each result is an event as soon as it is there."""
        step = self._turn.steps[-1]
        calls = unique_calls(step.message().tool_calls)
        async with asyncio.TaskGroup() as group:
            for ordinal, call in enumerate(calls):
                if ordinal not in step.results:
                    group.create_task(self._run(step.number, ordinal, call))

    async def _run(self, step: int, ordinal: int, call: ToolCall) -> None:
        assert self._tools is not None
        started = self._now()
        called = self._called[call.id] = _Called(ordinal, call, started)
        self._emit(ToolStarted(t=started, step=step, id=call.id, name=call.name, arguments=call.parsed(), call=ordinal))

        def report(progress: Progress) -> None:
            about: dict[str, Any] = {"step": step, "id": call.id, "name": call.name, "call": ordinal}
            self._emit(ToolProgress(t=self._now(), **about, **asdict(progress)))

        try:
            await self._kept()
            result = await self._tools.run(call_id=call.id, name=call.name, arguments=call.arguments, report=report)
        except asyncio.CancelledError:
            self.person_asked(call.id, is_open=False)
            now = self._now()
            self._emit(
                ToolResult(
                    t=now,
                    step=step,
                    id=call.id,
                    name=call.name,
                    arguments=call.parsed(),
                    error="cancelled",
                    error_kind="cancelled",
                    seconds=now - called.since,
                    call=ordinal,
                )
            )
            raise
        finally:
            self._called.pop(call.id, None)
        self._emit(replace(result, t=self._now(), step=step, call=ordinal))
        await self._kept()

    def person_asked(self, call_id: str, *, is_open: bool) -> None:
        """A person is asked about a call from now on, or no longer; of a call that does not run, nothing is noted."""
        if not call_id and not self._turn.steps:
            self._asked_first(is_open=is_open)
            return
        called = self._called.get(call_id)
        if called is None or called.asked == is_open:
            return
        now, since = self._now(), called.since
        called.asked, called.since = is_open, now
        about: dict[str, Any] = {"id": call_id, "name": called.call.name, "call": called.ordinal}
        step = self._turn.steps[-1].number
        if is_open:
            self._emit(PersonAsked(t=now, step=step, **about))
        else:
            self._emit(PersonAnswered(t=now, step=step, seconds=round(now - since, 6), **about))

    def _asked_first(self, *, is_open: bool) -> None:
        """A person is asked before the first request, whether servers may be started, or no longer."""
        now, since = self._now(), self._asked_since
        if is_open and since is None:
            self._asked_since = now
            self._emit(PersonAsked(t=now, id="", name=SERVERS))
        elif not is_open and since is not None:
            self._asked_since = None
            self._emit(PersonAnswered(t=now, id="", name=SERVERS, seconds=round(now - since, 6)))
