"""One tool, run alone as often as one likes: every run with its arguments, how far it is, and what came of it.

Owns running and cancelling, one run at a time. Nothing here belongs to a conversation, no model is asked, and nothing
is kept in a session; approval is the toolbox's, as for any call. Draws nothing.
"""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, replace
from typing import TYPE_CHECKING, Any, Final

from workbench.conversation.trace import CallState, end_state
from workbench.events import ToolProgress, ToolResult

if TYPE_CHECKING:
    from workbench.conversation.options import Tools
    from workbench.conversation.turn import Turn
    from workbench.tools.runner import Progress
    from workbench.ui.tool_choosing import KnownTool

MOST_RUNS: Final = 50  # that are kept: what they returned may be a megabyte each
MOST_TOLD: Final = 200  # things that a run told while it ran


@dataclass(frozen=True, slots=True)
class CallPlace:
    """A call of a turn: the turn, its step from 1, and which call of that."""

    turn: Turn
    step: int
    ordinal: int


@dataclass(slots=True, eq=False)
class BenchRun:
    """One run, by its number from 1. `result` is there once it is over; `told` is what it told meanwhile."""

    number: int
    id: str
    arguments: Mapping[str, Any]
    began: float
    result: ToolResult | None = None
    is_asking: bool = False
    seconds: float = 0.0
    told: deque[ToolProgress] = field(default_factory=lambda: deque(maxlen=MOST_TOLD))

    @property
    def state(self) -> CallState:
        """How far it is, or how it ended: as a call of a turn."""
        if self.result is None:
            return "asking" if self.is_asking else "running"
        return end_state(self.result)


class Bench:
    """The runs of `tool`, the newest first. `toolbox` gives what carries a call out, `masked` takes the API keys out of
    what comes of it. `place` is the call that it was opened for, if there is one. `changed` is told of what happens."""

    def __init__(
        self,
        tool: KnownTool,
        toolbox: Callable[[], Tools | None],
        masked: Callable[[Any], Any],
        given: Mapping[str, Any],
        place: CallPlace | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.tool = tool
        self.given = given
        """The arguments that the form begins with."""
        self.place = place
        self.runs: list[BenchRun] = []
        self.changed: Callable[[BenchRun], object] = lambda _: None
        self._toolbox = toolbox
        self._masked = masked
        self._clock = clock
        self._count = 0
        self._task: asyncio.Task[Any] | None = None

    @property
    def running(self) -> BenchRun | None:
        """The run that is not over yet."""
        return next((run for run in self.runs if run.result is None), None)

    def since(self, run: BenchRun) -> float:
        """Seconds since a run was begun."""
        return self._clock() - run.began

    async def run(self, arguments: Mapping[str, Any]) -> None:
        """Run the tool with these arguments; returns when that is over, whatever came of it.

        Raises RuntimeError when a run is not over yet, and CancelledError once what ran has been killed.
        """
        if self.running is not None:
            raise RuntimeError("a run is not over yet")
        self._count += 1
        self._task = asyncio.current_task()
        run = BenchRun(self._count, f"alone-{uuid.uuid4().hex}", dict(arguments), self._clock())
        self.runs.insert(0, run)
        del self.runs[MOST_RUNS:]
        self.changed(run)
        blank = ToolResult(id=run.id, name=self.tool.name, arguments=dict(arguments))
        try:
            result = await self._carried_out(run, blank)
        except BaseException:  # it is cancelled, or a fault of this program: then, too, the run is over
            self._over(run, replace(blank, error="cancelled", error_kind="cancelled"))
            raise
        self._over(run, replace(result, arguments=dict(arguments)))

    async def _carried_out(self, run: BenchRun, blank: ToolResult) -> ToolResult:
        if (toolbox := self._toolbox()) is None:
            return replace(blank, error="there are no tools any more", error_kind="unknown-tool")

        def told(progress: Progress) -> None:
            about = {**asdict(progress), "text": self._masked(progress.text)}
            run.told.append(ToolProgress(t=self.since(run), id=run.id, name=self.tool.name, **about))
            self.changed(run)

        text = json.dumps(run.arguments, ensure_ascii=False)
        return await toolbox.run(call_id=run.id, name=self.tool.name, arguments=text, report=told)

    def _over(self, run: BenchRun, result: ToolResult) -> None:
        run.seconds = self._clock() - run.began
        names = ("result", "error", "output")
        run.result = replace(result, **{name: self._masked(getattr(result, name)) for name in names})
        run.is_asking = False
        self._task = None
        self.changed(run)

    def cancel(self) -> bool:
        """Stop what runs; it is over once that is killed. Returns whether there was anything to stop."""
        return self.running is not None and self._task is not None and self._task.cancel()

    async def ended(self) -> None:
        """Returns when nothing runs any more."""
        if self._task is not None:
            await asyncio.wait({self._task})

    def asks(self, call_id: str, *, is_open: bool) -> BenchRun | None:
        """A person is asked about this call from now on, or no longer; the run, where it is of this bench."""
        run = self.running
        if run is None or run.id != call_id:
            return None
        run.is_asking = is_open
        self.changed(run)
        return run
