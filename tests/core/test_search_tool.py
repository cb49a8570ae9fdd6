"""Sets that the model searches itself: the tool it gets, what a call of it finds, and how that is cited and kept."""

from __future__ import annotations

import asyncio
import os
from collections.abc import Mapping
from typing import Any

import pytest

from tests.core.keeping import came_back, session
from workbench.cohere_client.client import connect
from workbench.cohere_client.client_options import ClientOptions
from workbench.conversation.conversation import Conversation
from workbench.conversation.turn import Turn
from workbench.documents import search_tool
from workbench.documents.passages import DocumentSet, Passage, RetrievalSpec
from workbench.documents.retrieval import Library
from workbench.errors import ToolError
from workbench.events import Event, ToolResult
from workbench.startup.keeping import Keeping
from workbench.tools.people import NoPeople
from workbench.tools.runners.reply import CannedReply
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore
from workbench.ui.tool_choosing import ToolChoosing, how_it_runs, tools_in_short

TOWN = {
    "hours": ("The library opens at nine on Saturdays.", 2026),
    "old": ("The library opened at ten on Saturdays.", 2024),
    "pump": ("The pump valve was set to twelve bar.", 2026),
}


def library(*names: str, mode: str = "tool") -> Library:
    def passage(of: str, id: str, text: str, year: int) -> Passage:
        return Passage(
            f"{of}/{id}", of, id.title(), text, {"text": text, "title": id.title(), "year": year}, f"{id}.md", (3, 4)
        )

    return Library([
        DocumentSet(name, tuple(passage(name, id, *said) for id, said in TOWN.items()), RetrievalSpec(mode, 2))  # type: ignore[arg-type]
        for name in names
    ])  # fmt: skip


def called(arguments: Mapping[str, Any], *names: str) -> Any:
    searched = library(*(names or ("town",))).of_tool()
    assert searched is not None
    return search_tool.search(searched, arguments)


@pytest.mark.parametrize(("arguments", "found"), [
    ({"query": "When does the library open?"}, ["town/hours", "town/old"]),
    ({"query": "library open", "top_k": 1}, ["town/hours"]),
    ({"query": "library", "where": {"year": 2024}}, ["town/old"]),
    ({"query": "library valve", "where": {"year": {"from": 2025}}}, ["town/pump", "town/hours"]),
    ({"query": "library", "where": {"year": [2023, "2024"]}}, ["town/old"]),
    ({"query": '"valve was set"'}, ["town/pump"]),
    ({"query": "library -nine"}, ["town/old"]),
    ({"query": "library year:2026"}, ["town/hours"]),
])  # fmt: skip
def test_a_call_finds_passages(arguments: Mapping[str, Any], found: list[str]) -> None:
    result = called(arguments)
    assert [each["id"] for each in result] == found
    assert [each["rank"] for each in result] == list(range(1, len(found) + 1))
    first = result[0]
    assert (first["set"], first["path"], first["lines"], first["fields"].keys()) == (
        "town",
        first["path"],
        [3, 4],
        {"year"},
    )
    assert [(each.id, each.text) for each, _, _ in search_tool.passages_of(result)] == [
        (each["id"], each["text"]) for each in result
    ]


def test_nothing_found_is_said_and_an_unknown_field_is_refused() -> None:
    assert called({"query": "zeppelin"})["found"] == 0
    with pytest.raises(ToolError, match=r'no document has a field "yeer": did you mean `year`\?'):
        called({"query": "library", "where": {"yeer": 2024}})
    with pytest.raises(ToolError, match=r"where\.year must be a value"):
        called({"query": "library", "where": {"year": {"til": 2024}}})


def test_several_sets_are_searched_together_or_one_alone() -> None:
    assert {each["set"] for each in called({"query": "library", "top_k": 4}, "a", "b")} == {"a", "b"}
    assert {each["set"] for each in called({"query": "library", "set": "b"}, "a", "b")} == {"b"}
    assert "set" not in search_tool.parameters(library("a"))["properties"]
    assert search_tool.parameters(library("a", "b"))["properties"]["set"]["enum"] == ["a", "b"]


def asked(documents: Library, question: str, tools: Toolbox | None = None) -> tuple[Turn, list[Event]]:
    """A turn of the offline engine, kept as a session."""

    async def ask() -> tuple[Turn, list[Event]]:
        client = connect(ClientOptions(offline=True), {})
        conversation = Conversation(client, library=documents, toolbox=tools)
        keeping = Keeping(conversation, client, pytest.fail)
        keeping.begin_session(os.environ)
        events: list[Event] = []
        turn = await conversation.run(question, on_event=events.append)
        await client.aclose()
        await keeping.aclose()
        return turn, events

    return asyncio.run(ask())


def test_the_model_asks_itself_and_cites_what_was_found() -> None:
    turn, events = asked(library("town"), "When does the library open? year:2026")
    assert "documents" not in turn.steps[0].request
    [result] = [event for event in events if isinstance(event, ToolResult)]
    assert (result.name, result.of_documents, result.arguments) == (
        "search_documents", True, {"query": "When does the library open? year:2026"}
    )  # fmt: skip
    assert "The library opens at nine on Saturdays." in turn.text
    [entry] = turn.ledger.entries()
    assert (entry.kind, entry.id, entry.set, entry.rank, entry.sent) == ("document", "town/hours", "town", 1, True)
    assert entry.cited
    assert entry.score
    assert (entry.path, entry.lines) == ("hours.md", (3, 4))
    [again] = came_back(session())
    assert again.turn.ledger.entries() == turn.ledger.entries()


def test_it_stands_beside_tools_of_the_same_name_and_sets_that_are_sent() -> None:
    own = ToolSpec("search_documents", "Weather of a town.", CannedReply({"weather": "rain"}))
    tools = Toolbox([own], people=NoPeople(), trust=TrustStore(), environ={})
    whole = DocumentSet("whole", (Passage("w", "whole", "", "Dogs wait outside.", {"text": "Dogs wait outside."}),))
    [tool] = library("town")._shelves
    turn, _ = asked(Library([whole, tool]), "When does the library open?", tools)
    request = turn.steps[0].request
    assert [each["function"]["name"] for each in request["tools"]] == [
        "search_documents",
        "documents__search_documents",
    ]
    assert [each["id"] for each in request["documents"]] == ["w"]
    assert {entry.id for entry in turn.ledger.entries()} == {"w", "town/hours", "town/old"}


def test_it_is_in_the_list_of_tools_and_switched_off_by_its_name() -> None:
    own = ToolSpec("search_documents", "Weather of a town.", CannedReply({"weather": "rain"}))
    tools = Toolbox([own], people=NoPeople(), trust=TrustStore(), environ={})

    async def sent(conversation: Conversation) -> list[str]:
        tools = (await conversation.preview("When does the library open?")).body.get("tools", [])
        return [each["function"]["name"] for each in tools]

    async def ask() -> None:
        client = connect(ClientOptions(offline=True), {})
        conversation = Conversation(client, library=library("town"))
        choosing = ToolChoosing(conversation, None)
        [tool] = choosing.tools()
        assert (tool.name, tool.is_on, tools_in_short(conversation)) == ("search_documents", True, "1 tool")
        assert tool.spec is not None and how_it_runs(tool.spec)[1] == "needs no approval"
        assert "town (3 passages)" in tool.description
        assert await sent(conversation) == ["search_documents"]
        conversation.toolbox = tools
        assert [each.name for each in choosing.tools()] == ["search_documents", "documents__search_documents"]
        assert choosing.perform("off search_documents")[1]
        assert await sent(conversation) == ["documents__search_documents"], "its name stays, whatever is switched off"
        assert choosing.perform("only search_documents")[1]
        assert await sent(conversation) == ["search_documents"]
        assert conversation.every_tool is not None
        run = await conversation.every_tool.run(
            call_id="c", name="documents__search_documents", arguments='{"query": "library"}', report=lambda _: None
        )
        assert run.of_documents
        await client.aclose()

    asyncio.run(ask())
