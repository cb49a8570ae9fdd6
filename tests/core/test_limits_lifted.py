"""Limits that stop a turn, and going on past one: what is said, what runs then, and which requests go out."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import Mapping, Sequence
from contextlib import aclosing
from dataclasses import replace
from typing import Any

import pytest

from tests.core.keeping import kept, session
from tests.core.test_branches import Counted, whole_state
from tests.loopback import Head, Received, Reply, Wait, message, stream
from workbench.cli import run
from workbench.config.at_hand import SettingsAtHand
from workbench.config.request_parameters import options_of
from workbench.config.settings_model import Settings
from workbench.conversation import Conversation
from workbench.conversation.lifting import is_liftable
from workbench.conversation.options import MOST_TOKENS
from workbench.conversation.spending import tokens_of
from workbench.conversation.turn import Turn
from workbench.errors import TurnTimeout
from workbench.plain.lines import Lines
from workbench.plain.performing import Performing
from workbench.printing.exit_codes import exit_code_of
from workbench.secrets.redactor import Redactor
from workbench.startup.lifting import lifted

TOKENS = 59  # that each scripted message tells of
STEPS = 4  # that the model takes where nothing stops it


def looking(received: Received, *, same: bool = False) -> Reply:
    """Asks for one call after another, then answers; the calls differ, unless they are to be the `same`."""
    done = len([each for each in received.body["messages"] if each["role"] == "tool"])
    if done == STEPS - 1:
        return stream(message("Found it."))
    arguments = json.dumps({} if same else {"page": done})
    return stream(message(plan=f"Look {done}.", tool_calls=[(f"c{done}", "train", arguments)]))


def at_hand(asked: Conversation, **settings: Any) -> SettingsAtHand:
    """The settings of the conversation, which is asked with them from now on."""
    settings_at_hand = SettingsAtHand(replace(Settings(), **settings))
    asked.options = settings_at_hand.options()
    return settings_at_hand


async def gone_on(asked: Conversation, settings: SettingsAtHand) -> Turn:
    """Lift the limit that stopped the last turn, and go on."""
    lift = lifted(asked, settings)
    assert lift is not None
    async with aclosing(asked.again(lift.number, lift.changes)) as events:
        async for _ in events:
            pass
    return asked.turns[-1]


def roles(body: Mapping[str, Any]) -> list[str]:
    return [each["role"] for each in body["messages"]]


def own(turn: Turn) -> list[Mapping[str, Any]]:
    """The requests that a turn sent itself."""
    return [step.request for step in turn.steps if not step.given]


LIMITS: Sequence[tuple[dict[str, Any], bool, str, str, Any]] = [
    ({"max_steps": 2}, False, "max-steps", "2 steps", 4),
    ({"max_repeats": 1}, True, "max-steps", "the very same tool calls as the step before", 2),
    ({"max_tokens_turn": 100}, False, "limit", "has used 118 tokens, and may use 100", 218),
    ({"max_tokens_total": 118}, False, "limit", "has used 118 tokens, and may use 118", 236),
]


@pytest.mark.parametrize(("limit", "same", "status", "says", "raised"), LIMITS, ids=lambda each: str(each)[:20])
async def test_a_limit_stops_a_turn_and_is_lifted(
    limit: dict[str, Any], same: bool, status: str, says: str, raised: Any
) -> None:
    tools = Counted()
    (name,) = limit
    async with kept(lambda received: looking(received, same=same), tools=tools) as (asked, _):
        settings = at_hand(asked, **limit)
        stopped = await asked.run("Where?")
        assert (stopped.status, len(stopped.steps), len(tools.ran)) == (status, 2, 1)
        assert says in str(stopped.error)
        assert exit_code_of(stopped) == 3
        said = stopped.summary().error
        assert said is not None
        assert said["limit"] == name
        turn = await gone_on(asked, settings)
        assert getattr(settings.now, name) == getattr(asked.options, name) == raised
        first = own(turn)[0]
        # The question once, both calls that were asked for, and their results; the second of them ran only now.
        assert roles(first) == ["user", "assistant", "tool", "assistant", "tool"]
        assert first["messages"][:3] == stopped.steps[1].request["messages"]
        assert [each["tool_calls"][0]["id"] for each in first["messages"] if each["role"] == "assistant"] == [
            "c0",
            "c1",
        ]
        assert turn.prompt == "Where?"
        assert turn.parent == stopped.parent
        if same:
            assert (turn.status, len(turn.steps)) == ("max-steps", 3)
            assert "2 steps before" in str(turn.error)
            turn = await gone_on(asked, settings)
        assert (turn.status, turn.text, len(turn.steps)) == ("complete", "Found it.", STEPS)
        assert len(tools.ran) == STEPS - 1
        assert lifted(asked, settings) is None
        live = whole_state(asked)
    async with kept(looking, resume=session()) as (asked, _):
        assert whole_state(asked) == live
        asked.go_to(stopped.number)
        assert is_liftable(asked.turns[-1])


async def test_a_turn_that_took_too_long_goes_on_behind_what_it_had_done() -> None:
    """What had not come whole is asked for again; a call that was cut short runs again."""
    tools, waits = Counted(), asyncio.Event()

    def slow(received: Received) -> Reply:
        if len(received.body["messages"]) == 3 and not waits.is_set():
            waits.set()
            return [Head(), Wait(asyncio.Event())]
        return looking(received)

    async with kept(slow, tools=tools) as (asked, _):
        settings = at_hand(asked, max_time=0.5)
        stopped = await asked.run("Where?")
        assert (stopped.status, len(stopped.steps), exit_code_of(stopped)) == ("timeout", 2, 3)
        assert isinstance(stopped.error, TurnTimeout)
        turn = await gone_on(asked, settings)
        assert (turn.status, settings.now.max_time, len(tools.ran)) == ("complete", 1.0, STEPS - 1)
        assert own(turn)[0] == stopped.steps[1].request
    async with kept(slow, resume=session()) as (asked, _):
        asked.go_to(stopped.number)
        assert isinstance(asked.turns[-1].error, TurnTimeout)


async def test_a_limit_that_was_raised_by_hand_is_not_raised_again() -> None:
    async with kept(looking, tools=Counted()) as (asked, _):
        settings = at_hand(asked, max_steps=1)
        await asked.run("Where?")
        settings.put("max_steps", 7)
        turn = await gone_on(asked, settings)
        assert (turn.status, settings.now.max_steps) == ("complete", 7)


async def test_a_conversation_that_has_used_its_tokens_asks_nothing_and_goes_on_when_that_is_lifted() -> None:
    sent: list[Received] = []

    def answers(received: Received) -> Reply:
        sent.append(received)
        return stream(message("Yes."))

    async with kept(answers) as (asked, _):
        settings = at_hand(asked, max_tokens_total=TOKENS + 1)
        assert (await asked.run("one")).status == "complete"
        assert (await asked.run("two")).status == "complete"  # nobody knows before what an answer uses
        asked.go_to(1)
        stopped = await asked.run("three")
        assert (stopped.status, len(stopped.steps), len(sent)) == (
            "limit",
            0,
            2,
        )  # the branch that was left counts, too
        assert f"has used {2 * TOKENS} tokens, and may use {TOKENS + 1}" in str(stopped.error)
        turn = await gone_on(asked, settings)
        assert (turn.status, turn.prompt, len(sent)) == ("complete", "three", 3)
        assert roles(sent[-1].body) == ["user", "assistant", "user"]
        asked.forget_last()
        assert asked.tokens_used() == 3 * TOKENS  # an answer that is forgotten was paid for
        live = asked.tokens_used() - TOKENS
    async with kept(answers, resume=session()) as (asked, _):
        assert asked.tokens_used() == live


async def test_what_stopped_for_another_reason_is_not_lifted() -> None:
    async with kept([stream(message(finish_reason="MAX_TOKENS")), [Head(status=400)]]) as (asked, _):
        settings = at_hand(asked)
        assert lifted(asked, settings) is None
        for _ in range(2):
            assert not is_liftable(await asked.run("one"))
            assert lifted(asked, settings) is None


async def test_without_a_screen_a_line_lifts_it() -> None:
    out = io.StringIO()
    async with kept(looking, tools=Counted()) as (asked, _):
        settings = at_hand(asked, max_steps=1)
        performing = Performing(asked, Lines(out, Redactor()), settings)
        assert performing.run("/lift") is None
        await asked.run("Where?")
        assert (performing.run("/lift"), performing.again, performing.changes.goes_on) == ("Where?", 1, True)
        assert options_of(settings.now).max_steps == 2
    assert out.getvalue().splitlines() == [
        "note: no limit that can be raised stopped the last turn",
        "note: max_steps is 2: the turn goes on where it stopped",
    ]


def test_a_script_is_told_by_the_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    def asked(how: str) -> int:
        return run(["ask", "--offline", "--json", "--max-tokens-total", "1", "Hi", how])

    assert asked("--session") == 0
    capsys.readouterr()
    assert asked("--resume") == 3
    *_, last = map(json.loads, capsys.readouterr().out.splitlines())
    assert (last["status"], last["error"]["limit"], last["steps"]) == ("limit", "max_tokens_total", 0)


@pytest.mark.parametrize(
    ("usage", "tokens"),
    [
        ({"tokens": {"input_tokens": -1_000_000, "output_tokens": 3}}, 3),
        ({"tokens": {"input_tokens": -1}, "billed_units": {"input_tokens": 4}}, 4),
        ({"tokens": {"input_tokens": 1e308, "output_tokens": 1e308}}, MOST_TOKENS),
        ({"tokens": {"input_tokens": 10**400}}, None),
        ({"tokens": {"input_tokens": "9"}}, None),
        (None, None),
    ],
)
def test_whatever_a_server_says_of_its_usage_takes_nothing_back(usage: Any, tokens: int | None) -> None:
    assert tokens_of(usage) == tokens
