"""Tools that are found only when a turn begins: its first request has them; a turn that is given some has no more."""

from __future__ import annotations

from typing import Any

from tests.core.test_conversation import asking
from tests.loopback import message, stream
from workbench.conversation.some_tools import SomeTools
from workbench.events import ToolResult
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
