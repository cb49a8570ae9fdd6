"""A turn that is over, folded again to any of its events, and back: always as it was when that event came."""

from __future__ import annotations

import random
from pathlib import Path
from typing import Any

import pytest

from tests.core.keeping import kept, session
from tests.core.streams import CASSETTES, RECORDINGS
from tests.loopback import stream
from workbench.conversation import turn_again
from workbench.conversation.turn import Turn
from workbench.conversation.turn_again import TurnAgain
from workbench.events import Event
from workbench.secrets.redactor import Redactor
from workbench.sessions.played import played_turns

STREAMS = sorted([*RECORDINGS.glob("*.sse"), *CASSETTES.glob("*.sse")])


def all_of(turn: Turn) -> dict[str, Any]:
    """All that a pane may draw."""
    return {
        "status": turn.status,
        "error": str(turn.error),
        "seconds": turn.seconds,
        "tokens": (turn.first_token, turn.last_token),
        "steps": [
            (step.number, step.began, step.request, step.message(), dict(step.results), step.prompt, step.server_error)
            for step in turn.steps
        ],
        "citations": turn.citations,
        "unanchored": turn.unanchored,
        "ledger": turn.ledger.entries(),
        "trace": [
            (step.number, step.began, step.model_ended, step.thinking, step.plan.text, list(step.retries))
            for step in turn.trace.steps
        ],
        "calls": [
            (call.name, call.began, call.id, call.arguments.text, call.state, call.result, list(call.asked))
            for step in turn.trace.steps
            for call in step.calls
        ],
        "odd": (list(turn.trace.odd), turn.trace.odd_count, turn.trace.total),
        "events": list(turn.events),
    }


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
async def test_every_event_and_back_is_as_it_was(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(turn_again, "NOTED_EVERY", 7)
    live: list[Event] = []
    async with kept([stream(path.read_bytes())]) as (conversation, _):
        whole = await conversation.run("q", on_event=live.append)
    [again] = played_turns(session(), Redactor())
    assert [type(event) for event in again.turn.events] == [type(event) for event in live]
    going = TurnAgain(again.turn)
    states = [all_of(going.turn)]
    for event in again.turn.events:
        assert going.on() == event
        states.append(all_of(going.turn))
    assert {**states[-1], "events": 0, "error": 0} == {**all_of(again.turn), "events": 0, "error": 0}
    assert going.turn.summary() == again.turn.summary()
    assert {**going.turn.summary().as_json(), "seconds": 0} == {**whole.summary().as_json(), "seconds": 0}
    luck = random.Random(7)
    wanted = [*range(len(states) - 1, -1, -1 if len(states) < 60 else -13), *luck.choices(range(len(states)), k=20)]
    for at in wanted:
        if at < going.at:
            going.back_towards(at)
        while going.at < at:
            going.on()
        assert all_of(going.turn) == states[at], at


async def test_going_back_in_a_long_turn_folds_few_events() -> None:
    """And what is noted for it shares the text with the turn."""
    path = max(STREAMS, key=lambda path: path.stat().st_size)
    async with kept([stream(path.read_bytes())]) as (conversation, _):
        whole = await conversation.run("q")
    going = TurnAgain(whole)
    while going.at < going.count:
        going.on()
    going.back_towards(going.count - 1)
    assert going.count - 1 - going.at < turn_again.NOTED_EVERY
