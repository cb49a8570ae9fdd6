"""The trace of a turn: its steps as they ran, each with its plan, its calls and their times. No I/O.

Owns when what happened, and the state of each call. Which call a piece of arguments belongs to is decided as in the
fold of the message; what the answer says is there, and not repeated here.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final, Literal, cast

from workbench.conversation.spans import Span
from workbench.conversation.text_buffer import TextBuffer
from workbench.events import (
    ContentDelta,
    ContentStart,
    Event,
    Malformed,
    MessageEnd,
    PersonAnswered,
    PersonAsked,
    Request,
    Retrieval,
    Retry,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolPlanDelta,
    ToolProgress,
    ToolResult,
    ToolStarted,
    TurnEnd,
    Unknown,
)

MOST_PROGRESS: Final = 200  # reports of a call, the last ones
MOST_ODD: Final = 20  # frames of a turn that are no known event, and are kept here beside the events

CallState = Literal["writing", "ready", "running", "asking", "done", "failed", "denied", "untrusted", "refused"]
"""A person is asked about a call that is `asking`. One that is `denied` was not allowed, of one that is `untrusted` the
file was not; any other that never ran, by a fault of its own, is `refused`."""


@dataclass(slots=True)
class CallTrace:
    """One call. Times are in seconds since the turn began.

    `began` is when it began to be written, and once it runs, when it began to run: behind the checks, what a person
    was asked, and the questions about other calls. `id` is known once it runs. `asked` is when a person was asked about
    it, `asked_since` since when one is. `progress` is the last of what it told while it ran, `result` the event of its
    end.
    """

    name: str
    began: float
    id: str = ""
    arguments: TextBuffer = field(default_factory=TextBuffer)
    state: CallState = "writing"
    progress: deque[ToolProgress] = field(default_factory=lambda: deque(maxlen=MOST_PROGRESS))
    result: ToolResult | None = None
    asked: list[Span] = field(default_factory=list)
    asked_since: float | None = None

    def edit(self, arguments: str) -> None:
        """A person gave it other arguments than were written."""
        self.arguments = TextBuffer()
        self.arguments.append(arguments)

    @property
    def person_seconds(self) -> float:
        """How long a person was asked about it, in seconds."""
        return sum(ended - began for began, ended in self.asked)

    @property
    def ran(self) -> Span | None:
        """When it ran; None for one that has not ended, or never ran."""
        if self.result is None or self.result.is_refused:
            return None
        return self.began, self.result.t


@dataclass(slots=True)
class StepTrace:
    """One request and its answer, which was whole at `model_ended`.

    `thinking` is when the first and the last thought of it came.
    """

    number: int
    began: float
    model_ended: float | None = None
    thinking: tuple[float, float] | None = None
    plan: TextBuffer = field(default_factory=TextBuffer)
    retries: list[Retry] = field(default_factory=list)
    calls: list[CallTrace] = field(default_factory=list)
    _by_index: dict[int | None, CallTrace] = field(default_factory=dict)

    def call_at(self, index: int | None) -> CallTrace | None:
        """The call that pieces with this index of the stream belong to."""
        found = self._by_index.get(index)
        return self.calls[-1] if found is None and index is None and self.calls else found

    def begin_call(self, index: int | None, call: CallTrace) -> CallTrace:
        """From now on pieces with this index belong to `call`."""
        self._by_index[index] = call
        self.calls.append(call)
        return call


class Trace:
    """The steps of one turn so far. `total` is how long the turn took, in seconds, once it is over.

    `asked` is when a person was asked before the first request, and `asked_since` since when one is: about servers.
    `searched` tells how documents were searched, where that is worth telling. `odd` are the first frames that are no
    known event, and `odd_count` is how many there were.
    """

    def __init__(self) -> None:
        self.steps: list[StepTrace] = []
        self.odd: list[Unknown | Malformed] = []
        self.odd_count = 0
        self.total: float | None = None
        self.asked: list[Span] = []
        self.asked_since: float | None = None
        self.searched: Retrieval | None = None

    def step(self, number: int) -> StepTrace | None:
        """The step of this number, which count from 1."""
        return self.steps[number - 1] if 0 < number <= len(self.steps) else None

    @property
    def thinking_seconds(self) -> float | None:
        """From the first thought of a step to its last, of all steps; None when there was none.

        What tools and people took between two steps is no thinking.
        """
        times = [step.thinking for step in self.steps if step.thinking is not None]
        return sum(last - first for first, last in times) if times else None

    @property
    def running(self) -> int:
        """How many tools run now."""
        return sum(call.state == "running" for call in self.steps[-1].calls) if self.steps else 0

    @property
    def asking(self) -> CallTrace | None:
        """The call that a person is asked about now."""
        calls = self.steps[-1].calls if self.steps else ()
        return next((call for call in calls if call.state == "asking"), None)

    def apply(self, event: Event) -> None:
        """Take one event of the turn, in order. Those that a trace has nothing of change nothing."""
        if (handler := _OF_A_STEP.get(type(event))) is not None:
            if self.steps:
                handler(self.steps[-1], event)
            elif isinstance(event, PersonAsked):
                self.asked_since = event.t
            elif isinstance(event, PersonAnswered) and self.asked_since is not None:
                self.asked.append((self.asked_since, event.t))
                self.asked_since = None
        elif isinstance(event, Request):
            self.steps.append(StepTrace(event.step, event.t))
        elif isinstance(event, Retrieval):
            self.searched = event
        elif isinstance(event, TurnEnd):
            self._end(event)
        elif isinstance(event, Unknown | Malformed):
            self.odd_count += 1
            if len(self.odd) < MOST_ODD:
                self.odd.append(event)

    def _end(self, event: TurnEnd) -> None:
        self.total = event.t
        for step in self.steps:
            for call in step.calls:
                call.state = "ready" if call.state == "writing" else call.state


def _block_began(step: StepTrace, event: ContentStart) -> None:
    if event.type == "thinking" and event.text:
        _thought(step, event.t)


def _content(step: StepTrace, event: ContentDelta) -> None:
    if event.thinking:
        _thought(step, event.t)


def _thought(step: StepTrace, t: float) -> None:
    step.thinking = (step.thinking[0] if step.thinking is not None else t, t)


def _plan(step: StepTrace, event: ToolPlanDelta) -> None:
    step.plan.append(event.text)


def _retry(step: StepTrace, event: Retry) -> None:
    step.retries.append(event)


def _call_began(step: StepTrace, event: ToolCallStart) -> None:
    step.begin_call(event.index, CallTrace(event.name, event.t)).arguments.append(event.arguments)


def _arguments(step: StepTrace, event: ToolCallDelta) -> None:
    call = step.call_at(event.index) or step.begin_call(event.index, CallTrace("", event.t))
    call.arguments.append(event.arguments)


def _call_ended(step: StepTrace, event: ToolCallEnd) -> None:
    call = step.call_at(event.index)
    if call is not None and call.state == "writing":
        call.state = "ready"


def _message_ended(step: StepTrace, event: MessageEnd) -> None:
    step.model_ended = event.t


def _running(step: StepTrace, event: ToolStarted) -> None:
    if event.call < len(step.calls):
        call = step.calls[event.call]
        call.state, call.began, call.id = "running", event.t, event.id


def _told(step: StepTrace, event: ToolProgress) -> None:
    if event.call < len(step.calls):
        step.calls[event.call].progress.append(event)


def _asked(step: StepTrace, event: PersonAsked) -> None:
    if event.call < len(step.calls):
        call = step.calls[event.call]
        call.state, call.asked_since = "asking", event.t


def _answered(step: StepTrace, event: PersonAnswered) -> None:
    if event.call < len(step.calls):
        call = step.calls[event.call]
        call.state, call.began = "running", event.t
        if call.asked_since is not None:
            call.asked.append((call.asked_since, event.t))
            call.asked_since = None


def _returned(step: StepTrace, event: ToolResult) -> None:
    if event.call < len(step.calls):
        call = step.calls[event.call]
        call.began = began_to_run(event, call.began)
        call.state, call.result = end_state(event), event


_REFUSED: Final[Mapping[str, CallState]] = {"denied": "denied", "untrusted": "untrusted"}


def end_state(event: ToolResult) -> CallState:
    """The state of a call that ended so."""
    if event.is_refused:
        return _REFUSED.get(event.error_kind, "refused")
    return "done" if event.error is None else "failed"


def began_to_run(result: ToolResult, ready: float) -> float:
    """When a call began to run that ended so, and might have run since `ready`.

    A call that waits until a person has decided about another one does not run meanwhile.
    """
    return min(result.t, max(ready, result.t - result.seconds))


_Handler = Callable[[StepTrace, Any], None]
_OF_A_STEP: Mapping[type[Event], _Handler] = cast(
    "Mapping[type[Event], _Handler]",
    {
        ContentStart: _block_began,
        ContentDelta: _content,
        ToolPlanDelta: _plan,
        Retry: _retry,
        ToolCallStart: _call_began,
        ToolCallDelta: _arguments,
        ToolCallEnd: _call_ended,
        MessageEnd: _message_ended,
        ToolStarted: _running,
        ToolProgress: _told,
        PersonAsked: _asked,
        PersonAnswered: _answered,
        ToolResult: _returned,
    },
)
