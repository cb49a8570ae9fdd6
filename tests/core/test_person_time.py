"""The time in which a person is asked is theirs: of the turn, of its trace, in a session, and in a replay."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

from tests.core.keeping import kept, session
from tests.loopback import message, stream
from workbench.conversation import Conversation
from workbench.conversation.turn import Turn
from workbench.events import (
    Event,
    MessageEnd,
    PersonAnswered,
    PersonAsked,
    Request,
    ToolCallStart,
    ToolResult,
    ToolStarted,
)
from workbench.sessions.asking_again import Replay
from workbench.sessions.playback import recorded_turns
from workbench.tools.decisions import Decision
from workbench.tools.people import AnswerRequest, ApprovalRequest
from workbench.tools.runners.person import Ask
from workbench.tools.runners.reply import CannedReply
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

CALLS = [("c1", "typed", "{}"), ("c2", "allowed", "{}")]


class Clock:
    """Stands still until somebody moves it."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


class SlowPerson:
    """Needs so many seconds of the clock for each question; tells the conversation as a screen does."""

    def __init__(self, clock: Clock, seconds: float, told: Callable[[str, bool], object]) -> None:
        self._clock, self._seconds, self._told = clock, seconds, told

    async def approve(self, request: ApprovalRequest) -> Decision:
        await self._think(request.call_id)
        return Decision("once")

    async def answer(self, request: AnswerRequest) -> str:
        await self._think(request.call_id)
        return "blue"

    async def _think(self, call_id: str) -> None:
        self._told(call_id, True)
        await asyncio.sleep(0)
        self._clock.now += self._seconds
        self._told(call_id, False)


def folded(*happened: Event) -> Turn:
    turn = Turn(1, "?")
    for event in happened:
        turn.apply(event)
        turn.keep(event)
    return turn


def with_person(conversation: Conversation, clock: Clock, seconds: float = 8.0) -> None:
    tools = [ToolSpec("typed", "", Ask()), ToolSpec("allowed", "", CannedReply(1), approve="ask")]
    person = SlowPerson(clock, seconds, conversation.person_asked)
    conversation.toolbox = Toolbox(tools, people=person, trust=TrustStore(), environ={}, clock=clock)


def times(turn: Turn) -> dict[str, Any]:
    calls = turn.trace.steps[0].calls
    return {
        "person": round(turn.person_seconds, 2),
        "tools": round(turn.tool_seconds, 2),
        "asked": [[(round(began, 2), round(ended, 2)) for began, ended in call.asked] for call in calls],
        "ran": [call.ran and tuple(round(at, 2) for at in call.ran) for call in calls],
    }


def test_a_question_is_no_time_of_the_tools_that_wait_behind_it() -> None:
    """Two calls of one file: a person decides about the first, and the second waits for that."""
    calls: list[Event] = [ToolCallStart(t=0.5, index=n, name="f") for n in range(2)]
    turn = folded(
        Request(t=0.0, body={}),
        *calls,
        MessageEnd(t=1.0, finish_reason="TOOL_CALL"),
        *(ToolStarted(t=1.0, id=f"c{n}", name="f", call=n) for n in range(2)),
        PersonAsked(t=1.1, id="c0", name="f"),
        PersonAnswered(t=9.1, id="c0", name="f", seconds=8.0),
        ToolResult(t=9.4, id="c0", name="f", result=1, seconds=0.3),
        ToolResult(t=9.6, id="c1", name="f", result=1, seconds=0.4, call=1),
    )
    assert times(turn) == {
        "person": 8.0,
        "tools": 0.5,
        "asked": [[(1.1, 9.1)], []],
        "ran": [(9.1, 9.4), (9.2, 9.6)],
    }
    assert turn.summary().seconds == {"first_token": 0.5, "total": 9.6, "tools": 0.5, "person": 8.0}


def test_tools_that_run_while_a_person_is_asked_about_another_have_their_time() -> None:
    turn = folded(
        Request(t=0.0, body={}),
        *(ToolCallStart(t=0.0, index=n, name="f") for n in range(2)),
        *(ToolStarted(t=1.0, id=f"c{n}", name="f", call=n) for n in range(2)),
        PersonAsked(t=1.0, id="c0", name="f"),
        ToolResult(t=3.0, id="c1", name="f", result=1, seconds=2.0, call=1),
        PersonAnswered(t=9.0, id="c0", name="f", seconds=8.0),
        ToolResult(t=9.5, id="c0", name="f", result=1, seconds=0.5),
    )
    assert (turn.person_seconds, turn.tool_seconds) == (6.0, 2.5)
    assert sum(ended - began for began, ended in turn.trace.steps[0].calls[0].asked) == 8.0


def test_forty_calls_that_take_no_time_span_none() -> None:
    """They began together, and their results came one after the other."""
    turn = folded(
        Request(t=0.0, body={}),
        *(ToolCallStart(t=0.0, index=n, name="f") for n in range(40)),
        *(ToolStarted(t=1.0, id=f"c{n}", name="f", call=n) for n in range(40)),
        *(ToolResult(t=1.0 + n / 10, id=f"c{n}", name="f", result=1, seconds=0.0, call=n) for n in range(40)),
    )
    assert [ran[1] - ran[0] for call in turn.trace.steps[0].calls if (ran := call.ran)] == [0.0] * 40
    assert turn.tool_seconds == 0.0


def test_a_call_that_a_person_is_asked_about_says_so() -> None:
    turn = folded(
        Request(body={}),
        ToolCallStart(index=0, name="f"),
        ToolStarted(id="c0", name="f"),
        PersonAsked(id="c0", name="f"),
    )
    [call] = turn.trace.steps[0].calls
    assert (call.state, turn.trace.asking, turn.trace.running) == ("asking", call, 0)


async def test_what_a_person_took_is_kept_and_played_again() -> None:
    clock = Clock()
    async with kept([stream(message(tool_calls=CALLS)), stream(message("So."))], clock=clock) as (conversation, _):
        with_person(conversation, clock)
        turn = await conversation.run("?")
    assert (turn.person_seconds, turn.tool_seconds) == (16.0, 0.0)
    assert [result.seconds for result in turn.steps[0].results.values()] == [0.0, 0.0]
    async with kept([], resume=session()) as (conversation, _):
        [again] = conversation.turns
        asked = [event for event in again.events if isinstance(event, PersonAnswered)]
        assert [event.seconds for event in asked] == [8.0, 8.0]  # the lines have the times of the clock on the wall
        assert [len(call.asked) for call in again.trace.steps[0].calls] == [1, 1]
        assert [type(event) for event in again.events] == [type(event) for event in turn.events]


async def test_a_turn_that_is_stopped_at_a_question_was_the_persons_time() -> None:
    clock, never = Clock(), asyncio.Event()

    class Absent(SlowPerson):
        async def _think(self, call_id: str) -> None:
            self._told(call_id, True)
            try:
                clock.now += 5.0
                conversation.cancel()
                await never.wait()
            finally:
                self._told(call_id, False)

    async with kept([stream(message(tool_calls=CALLS[:1]))], clock=clock) as (conversation, _):
        people = Absent(clock, 0.0, conversation.person_asked)
        tools = [ToolSpec("typed", "", Ask())]
        conversation.toolbox = Toolbox(tools, people=people, trust=TrustStore(), environ={}, clock=clock)
        turn = await conversation.run("?")
    assert turn.status == "cancelled"
    assert (turn.person_seconds, turn.tool_seconds, turn.steps[0].results[0].seconds) == (5.0, 0.0, 0.0)


async def test_a_replay_asks_as_long_as_it_took_and_no_tool_has_that_time() -> None:
    clock = Clock()
    async with kept([stream(message(tool_calls=CALLS)), stream(message("So."))], clock=clock) as (conversation, _):
        with_person(conversation, clock, 0.1)
        await conversation.run("?")
    replay = Replay(recorded_turns(session()), name="a test", speed=1.0)
    turn = await replay.run("?")
    await replay.aclose()
    assert turn.person_seconds >= 0.2
    assert [len(call.asked) for call in turn.trace.steps[0].calls] == [1, 1]
    assert turn.tool_seconds < turn.person_seconds
    assert [step.results[0].result for step in turn.steps[:1]] == ["blue"]


async def test_a_session_without_a_word_of_the_person_opens_as_it_was() -> None:
    """As those were that an earlier version wrote."""
    clock = Clock()
    async with kept([stream(message(tool_calls=CALLS)), stream(message("So."))], clock=clock) as (conversation, _):
        tools = [ToolSpec("typed", "", Ask()), ToolSpec("allowed", "", CannedReply(1), approve="ask")]
        people = SlowPerson(clock, 8.0, lambda *_: None)
        conversation.toolbox = Toolbox(tools, people=people, trust=TrustStore(), environ={}, clock=clock)
        await conversation.run("?")
    assert b"person-" not in session().read_bytes()
    async with kept([], resume=session()) as (conversation, _):
        [turn] = conversation.turns
        assert (turn.status, turn.person_seconds) == ("complete", 0.0)
