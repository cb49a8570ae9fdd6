"""What a turn keeps of itself: all of its events, in little memory, and the trace that they add up to."""

from __future__ import annotations

import json
from typing import Any

import pytest

from workbench.conversation.event_log import PACKED_TOGETHER, EventLog
from workbench.conversation.trace import Trace
from workbench.events import (
    ContentDelta,
    Event,
    Malformed,
    MessageEnd,
    Request,
    Retry,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolPlanDelta,
    ToolResult,
    ToolStarted,
    TurnEnd,
    TurnSummary,
)


def end(t: float = 9.0) -> TurnEnd:
    return TurnEnd(t=t, status="complete", summary=TurnSummary(status="complete"))


def events(count: int) -> list[Event]:
    """So many events with a request among them, and the end."""
    deltas: list[Event] = [ContentDelta(t=n / 10, index=0, text=f"{n} ", raw=f"frame {n}") for n in range(count - 2)]
    return [Request(body={"messages": []}), *deltas, end()]


@pytest.mark.parametrize("count", [2, 3, PACKED_TOGETHER - 1, PACKED_TOGETHER, PACKED_TOGETHER + 1, 1000])
def test_every_event_is_there_in_its_place(count: int) -> None:
    all_of_them, log = events(count), EventLog()
    for number, event in enumerate(all_of_them):
        assert len(log) == number
        log.append(event)
        assert log[-1] == event
    assert list(log) == all_of_them
    assert [log[at] for at in range(count)] == all_of_them
    assert [log[-1 - at] for at in range(count)] == all_of_them[::-1]
    assert log[1:3] == all_of_them[1:3]
    for beyond in (count, -count - 1):
        with pytest.raises(IndexError):
            log[beyond]


def test_large_frames_are_packed_before_there_are_many() -> None:
    large: list[Event] = [ContentDelta(t=n, text="x", raw="y" * 50_000) for n in range(40)]
    log = EventLog()
    for number, event in enumerate([*large, end()]):
        log.append(event)
        assert (len(log), log[-1]) == (number + 1, event)
    assert list(log) == [*large, end()]
    assert [log[at] for at in range(41)] == [*large, end()]
    log.end_with(end(t=11.0))
    assert (len(log), log[-1], log[39]) == (41, end(t=11.0), large[39])


def test_the_body_of_a_request_is_shared_not_copied() -> None:
    body, log = {"messages": [{"role": "user", "content": "why?"}]}, EventLog()
    log.append(Request(body=body))
    log.append(end())
    [request, _] = log
    assert isinstance(request, Request)
    assert request.body is body


def test_the_end_may_be_put_anew() -> None:
    for count in (2, PACKED_TOGETHER, PACKED_TOGETHER + 1):
        log = EventLog()
        for event in events(count):
            log.append(event)
        log.end_with(end(t=11.0))
        assert len(log) == len(list(log)) == count
        assert log[-1] == end(t=11.0)


def test_what_is_nested_deeply_is_kept_too() -> None:
    deep: Any = []
    for _ in range(5000):
        deep = [deep]
    log = EventLog()
    log.append(ToolResult(id="c", name="f", result=deep))
    log.append(end())
    kept = log[0]
    assert isinstance(kept, ToolResult)
    assert kept.result is deep


def traced(*happened: Event) -> Trace:
    trace = Trace()
    for event in happened:
        trace.apply(event)
    return trace


def test_a_trace_tells_states_and_times_of_every_step() -> None:
    trace = traced(
        Request(t=0.0, step=1, body={}),
        ContentDelta(t=0.2, thinking="hm"),
        ContentDelta(t=0.5, thinking="so"),
        ToolPlanDelta(t=0.6, text="I will "),
        ToolPlanDelta(t=0.7, text="look."),
        ToolCallStart(t=0.8, index=0, name="hours"),
        ToolCallDelta(t=0.9, index=0, arguments='{"place":'),
        ToolCallStart(t=1.0, index=1, name="trains"),
        ToolCallDelta(t=1.1, index=0, arguments=' "hall"}'),
        ToolCallEnd(t=1.2, index=0),
        MessageEnd(t=1.3, finish_reason="TOOL_CALL"),
        ToolStarted(t=1.4, id="a", name="hours", call=0),
    )
    [step] = trace.steps
    hours, trains = step.calls
    assert (step.began, step.model_ended, step.thinking, step.plan.text) == (0.0, 1.3, (0.2, 0.5), "I will look.")
    assert (hours.state, hours.began, json.loads(hours.arguments.text)) == ("running", 1.4, {"place": "hall"})
    assert (trains.state, trace.running, trace.total) == ("writing", 1, None)
    result = ToolResult(t=2.4, id="a", name="hours", result="nine", seconds=1.0, call=0)
    failure = ToolResult(t=2.5, id="b", name="trains", error="late", seconds=0.0, call=1)
    for event in (result, failure, end(t=3.0)):
        trace.apply(event)
    assert (hours.state, hours.result, trains.state, trains.result) == ("done", result, "failed", failure)
    assert (trace.running, trace.total) == (0, 3.0)
    assert trace.thinking_seconds == pytest.approx(0.3)


def test_what_was_never_ended_is_not_run() -> None:
    trace = traced(Request(step=1, body={}), ToolCallStart(index=0, name="f"), end())
    assert trace.steps[0].calls[0].state == "ready"


def test_pieces_without_a_start_open_a_call_as_the_fold_does() -> None:
    trace = traced(Request(step=1, body={}), ToolCallDelta(index=3, arguments="{"), ToolCallDelta(arguments="}"))
    assert [call.arguments.text for call in trace.steps[0].calls] == ["{}"]


def test_retries_belong_to_their_step_and_odd_frames_are_counted() -> None:
    retry = Retry(step=1, attempt=1, most=3, wait=0.5, error={"kind": "http", "status": 503, "message": "busy"})
    odd = [Malformed(raw=str(n), reason="not JSON") for n in range(50)]
    trace = traced(Request(step=1, body={}), retry, *odd)
    assert trace.steps[0].retries == [retry]
    assert (trace.odd_count, trace.odd) == (50, odd[:20])
    assert trace.step(1) is trace.steps[0]
    assert (trace.step(0), trace.step(2)) == (None, None)
