"""Tools that are found only when a turn begins: its first request has them; a turn that is given some has no more."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any

import pytest

from tests.core.test_conversation import asking
from tests.loopback import message, stream
from workbench.conversation.some_tools import SomeTools
from workbench.events import PersonAnswered, PersonAsked, ToolResult
from workbench.tools.runner import Report, untold


class FoundLater:
    """Has a tool once it is prepared, and one more each time."""

    def __init__(self) -> None:
        self.found = 0

    async def prepare(self, *, ask: bool = True) -> None:
        assert ask
        self.found += 1

    def definitions(self) -> list[dict[str, Any]]:
        return [{"type": "function", "function": {"name": f"t{number}"}} for number in range(self.found)]

    async def run(self, *, call_id: str, name: str, arguments: str, report: Report = untold) -> ToolResult:
        raise AssertionError("nothing is called")


async def test_the_first_request_of_a_turn_has_what_servers_have_by_then() -> None:
    async with asking([stream(message("a")), stream(message("b"))], toolbox=FoundLater()) as (conversation, server):
        for question in ("one", "two"):
            async for _ in conversation.ask(question):
                pass
        sent = [[tool["function"]["name"] for tool in each.body["tools"]] for each in server.received]
        assert sent == [["t0"], ["t0", "t1"]]


async def test_some_tools_of_those_that_are_found_later() -> None:
    some = SomeTools(FoundLater(), {"t1"})
    await some.prepare()
    assert some.definitions() == []
    await some.prepare()
    assert [tool["function"]["name"] for tool in some.definitions()] == ["t1"]


class Asking(FoundLater):
    """Asks a person whether servers may be started, before it has anything."""

    def __init__(self) -> None:
        super().__init__()
        self.told: Callable[[str, bool], object] = lambda *_: None

    async def prepare(self, *, ask: bool = True) -> None:
        self.told("", True)
        await asyncio.sleep(0.01)
        self.told("", False)
        await super().prepare(ask=ask)


async def test_while_a_person_is_asked_about_servers_the_time_of_the_turn_is_theirs() -> None:
    tools = Asking()
    async with asking([stream(message("a"))], toolbox=tools) as (conversation, _):
        tools.told = conversation.person_asked
        events = [event async for event in conversation.ask("one")]
        asked = [(event.kind, event.id) for event in events if isinstance(event, PersonAsked | PersonAnswered)]
        assert asked == [("person-asked", ""), ("person-answered", "")]
        turn = conversation.turns[-1]
        assert turn.trace.asked
        assert turn.times.person == pytest.approx(turn.trace.asked[0][1] - turn.trace.asked[0][0])
