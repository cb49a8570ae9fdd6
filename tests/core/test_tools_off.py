"""Tools that are switched off: the model does not get them, each turn says so, and a session goes on without them."""

from __future__ import annotations

from typing import Any

from tests.core.keeping import kept, session
from tests.core.test_branches import echo, request_of, taken
from tests.loopback import Received, Reply, message, stream
from workbench.conversation import Changes
from workbench.conversation.turn import Turn
from workbench.tools.people import NoPeople
from workbench.tools.runners.reply import CannedReply
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore


def three() -> Toolbox:
    specs = [ToolSpec(name, f"Says {name}", CannedReply({"said": name})) for name in ("one", "two", "three")]
    return Toolbox(specs, people=NoPeople(), trust=TrustStore(), environ={})


def sent(turn: Turn) -> list[str]:
    return [tool["function"]["name"] for tool in request_of(turn).get("tools", [])]


async def test_what_is_off_is_not_sent_and_a_session_goes_on_without_it() -> None:
    async with kept(echo, tools=three()) as (asked, _):
        assert sent(await asked.run("q1")) == ["one", "two", "three"]
        asked.tools_off = frozenset({"two", "elsewhere"})
        assert [each["function"]["name"] for each in (await asked.preview("q")).body["tools"]] == ["one", "three"]
        assert sent(await asked.run("q2")) == ["one", "three"]
        assert (asked.turns[0].tools_off, asked.turns[1].tools_off) == (frozenset(), frozenset({"two", "elsewhere"}))
        await taken(asked.again(1))
        assert sent(asked.turns[-1]) == ["one", "three"], "as of the conversation now"
        await taken(asked.again(1, Changes(tools=frozenset({"two"}))))
        assert sent(asked.turns[-1]) == ["two"], "of this turn alone"
        asked.tools_off = frozenset({"one", "two", "three"})
        assert "tools" not in request_of(await asked.run("q3"))
        asked.tools_off = frozenset({"three"})
        await asked.run("q4")
    async with kept(echo, resume=session(), tools=three()) as (asked, _):
        assert [turn.tools_off for turn in asked.turns][-1] == {"three"}
        assert sent(await asked.run("q5")) == ["one", "two"]
        asked.clear()
        assert sent(await asked.run("q6")) == ["one", "two", "three"], "another conversation"


async def test_a_call_of_a_tool_that_is_off_is_refused() -> None:
    def calls(received: Received) -> Reply:
        answered: Any = [each for each in received.body["messages"] if each["role"] == "tool"]
        calls = [("c1", "two", "{}"), ("c2", "one", "{}")]
        return stream(message("done") if answered else message(plan="I look.", tool_calls=calls))

    async with kept(calls, tools=three()) as (asked, _):
        asked.tools_off = frozenset({"two"})
        turn = await asked.run("q")
    first, second = turn.steps[0].results.values()
    assert (first.error_kind, first.error) == ("unknown-tool", 'this turn was asked without a tool "two"')
    assert second.result == {"said": "one"}
