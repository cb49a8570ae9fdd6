"""Whose the time of a turn was: every moment is counted once, and the shares are the turn."""

from __future__ import annotations

import random
from itertools import count

import pytest

from tests.core.keeping import kept
from tests.loopback import message, stream
from workbench.conversation.times import Times, rounded, times_of
from workbench.conversation.turn import Turn
from workbench.events import (
    ContentDelta,
    Event,
    MessageEnd,
    PersonAnswered,
    PersonAsked,
    Request,
    Retry,
    ToolCallStart,
    ToolResult,
    ToolStarted,
    TurnEnd,
    TurnSummary,
)
from workbench.tools.people import NoPeople
from workbench.tools.runners.reply import CannedReply
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore


def folded(*happened: Event) -> Turn:
    turn = Turn(1, "?")
    for event in happened:
        turn.apply(event)
        turn.keep(event)
    return turn


def ended(t: float, status: str = "complete") -> TurnEnd:
    return TurnEnd(t=t, status=status, summary=TurnSummary(status=status))


def test_each_moment_is_whose_it_was_first() -> None:
    turn = folded(
        Request(t=0.25, body={}),  # documents were looked for
        Retry(t=0.5, attempt=1, most=3, wait=1.0, error={}),
        *(ToolCallStart(t=2.0, index=n, name="f") for n in range(3)),
        MessageEnd(t=2.25, finish_reason="TOOL_CALL"),
        *(ToolStarted(t=2.5, id=f"c{n}", name="f", call=n) for n in range(3)),
        PersonAsked(t=2.5, id="c2", name="f", call=2),
        ToolResult(t=4.0, id="c0", name="f", result=1, seconds=1.5, call=0),
        ToolResult(t=4.5, id="c1", name="f", result=1, seconds=1.0, call=1),  # side by side, from 3.5 on
        PersonAnswered(t=9.5, id="c2", name="f", call=2, seconds=7.0),
        ToolResult(t=9.5, id="c2", name="f", error="no", error_kind="denied", call=2),
        Request(t=9.75, step=2, body={}),
        MessageEnd(t=11.0, step=2, finish_reason="COMPLETE"),
        ended(11.25),
    )
    assert turn.times == Times(model=3.25, tools=2.0, person=5.0, rest=1.0, total=11.25)
    assert turn.summary().seconds == {"first_token": 2.0, "total": 11.25, "tools": 2.0, "person": 5.0}


def test_what_comes_before_the_first_request_is_told_and_a_person_is_asked_there_too() -> None:
    turn = folded(
        PersonAsked(t=0.5, id="", name="servers"),
        PersonAnswered(t=4.5, id="", name="servers", seconds=4.0),
        Request(t=20.0, body={}),
        MessageEnd(t=22.0, finish_reason="COMPLETE"),
        ended(22.5),
    )
    assert (turn.times, turn.times.start) == (Times(model=2.0, person=4.0, rest=16.5, total=22.5), 16.0)
    cut = folded(PersonAsked(t=0.5, id="", name="servers"), ended(2.5, "cancelled"))
    assert (cut.times, cut.times.start) == (Times(person=2.0, rest=0.5, total=2.5), 0.5)


@pytest.mark.parametrize(
    ("status", "happened", "expected"),
    [
        ("timeout", [Request(t=0.5, body={})], Times(model=29.5, rest=0.5, total=30.0)),
        ("failed", [], Times(rest=30.0, total=30.0)),
        (
            "cancelled",
            [
                Request(t=0.0, body={}),
                ToolCallStart(t=1.0, index=0, name="f"),
                MessageEnd(t=1.0),
                ToolStarted(t=1.0, id="c", name="f"),
            ],
            Times(model=1.0, tools=29.0, total=30.0),
        ),
    ],
)
def test_what_was_on_its_way_at_the_end_had_the_time_until_then(
    status: str, happened: list[Event], expected: Times
) -> None:
    assert folded(*happened, ended(30.0, status)).times == expected


def test_the_shares_are_the_turn_whatever_happened_when() -> None:
    """Times of any digits, in any order that a loop makes them."""
    for seed in range(200):
        dice = random.Random(seed)
        at = sorted(round(dice.uniform(0, 40), 6) for _ in range(16))
        events: list[Event] = []
        for step, first in ((1, 0), (2, 8)):
            t = at[first:]
            events += [Request(t=t[0], step=step, body={})]
            events += [ToolCallStart(t=t[1], step=step, index=n, name="f") for n in range(2)]
            events += [MessageEnd(t=t[2], step=step)] if dice.random() < 0.8 else []
            events += [ToolStarted(t=t[3], step=step, id=f"{n}", name="f", call=n) for n in range(2)]
            events += [PersonAsked(t=t[4], step=step, id="1", name="f", call=1)]
            seconds = dice.uniform(0, 4)
            events += [ToolResult(t=t[5], step=step, id="0", name="f", result=1, seconds=seconds, call=0)]
            events += [PersonAnswered(t=t[6], step=step, id="1", name="f", call=1, seconds=t[6] - t[4])]
            events += [ToolResult(t=t[7], step=step, id="1", name="f", result=1, seconds=seconds / 8, call=1)]
        turn = folded(*events, ended(round(at[-1] + dice.random(), 6)))
        times = turn.times
        shares = (times.model, times.tools, times.person, times.rest)
        assert min(shares) >= 0
        assert round(sum(shares), 6) == times.total == turn.summary().seconds["total"]
        for digits in (1, 2):
            short = rounded(times, digits)
            parts = (short.model, short.tools, short.person, short.rest)
            assert round(sum(parts), digits) == short.total == round(times.total, digits)
            assert all(abs(a - b) < 0.1**digits for a, b in zip(parts, shares, strict=True))


async def test_a_turn_that_ran_tells_shares_that_are_its_length() -> None:
    """Through the loop, where a clock goes on with each look at it."""
    ticks = count()
    calls = [(f"c{n}", "canned", "{}") for n in range(3)]
    replies = [stream(message(tool_calls=calls)), stream(message(tool_calls=calls[:1])), stream(message("So."))]

    def clock() -> float:
        return next(ticks) * 0.0137

    async with kept(replies, clock=clock) as (conversation, _):
        tools = [ToolSpec("canned", "", CannedReply(1))]
        conversation.toolbox = Toolbox(tools, people=NoPeople(), trust=TrustStore(), environ={}, clock=clock)
        turn = await conversation.run("?")
    times, seconds = turn.times, turn.summary().seconds
    assert turn.status == "complete"
    assert times.model > 0
    assert times.tools > 0
    assert round(times.model + times.tools + times.person + times.rest, 6) == seconds["total"] == turn.seconds
    assert (seconds["tools"], seconds["person"]) == (times.tools, 0.0)


def test_a_turn_without_a_step_has_its_time() -> None:
    assert times_of([], 1.5) == Times(rest=1.5, total=1.5)


def test_what_tools_took_between_two_thoughts_is_no_thinking() -> None:
    turn = folded(
        Request(t=0.0, body={}),
        ContentDelta(t=0.5, index=0, thinking="First,"),
        ContentDelta(t=1.0, index=0, thinking=" this."),
        ToolCallStart(t=1.0, index=0, name="f"),
        MessageEnd(t=1.0, finish_reason="TOOL_CALL"),
        ToolStarted(t=1.0, id="c", name="f"),
        ToolResult(t=9.0, id="c", name="f", result=1, seconds=8.0),
        Request(t=9.0, step=2, body={}),
        ContentDelta(t=9.5, step=2, index=0, thinking="Then"),
        ContentDelta(t=9.75, step=2, index=0, thinking=" that."),
        MessageEnd(t=10.0, step=2, finish_reason="COMPLETE"),
        ended(10.0),
    )
    assert turn.trace.thinking_seconds == 0.75
