"""Turns whose documents are searched with models: what is told of it, what is kept, and that it can be stopped."""

from __future__ import annotations

import asyncio
import json
import shutil
import threading
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest

from tests.core.keeping import came_back, kept, session
from tests.core.test_conversation import all_events, asking
from tests.core.test_index import generated, opened, written
from tests.core.test_search_modes import Topics, library, vector
from tests.loopback import LoopbackServer, Received, Reply, error, message, stream
from workbench.cli import run
from workbench.documents.embedding import Purpose, SearchModels, Stop, Vector
from workbench.documents.lazy_passages import LazyPassages
from workbench.documents.passages import DocumentSet, Passage, RetrievalSpec
from workbench.documents.retrieval import InMemory, Library
from workbench.errors import DocumentsAway, HttpError
from workbench.events import Request, Retrieval, TurnEnd, TurnStart
from workbench.sessions.playback import RecordedDocuments, recorded_turns


async def test_a_turn_tells_how_its_documents_were_searched_and_keeps_it(tmp_path: Path) -> None:
    topics = Topics()
    models = SearchModels(topics, topics, tmp_path)
    async with kept([stream(message("a")), stream(message("b"))], library=library("hybrid", models)) as (asked, _):
        events = await all_events(asked, "honey")
        assert [type(event) for event in events[:3]] == [TurnStart, Retrieval, Request]
        told = events[1]
        assert isinstance(told, Retrieval)
        [look] = told.sets
        assert (look["set"], look["mode"], look["used"], look["found"]) == ("s", "hybrid", "hybrid", 2)
        assert not told.fell_back and told.seconds == look["seconds"] <= told.t
        topics.failure = HttpError("the server is overloaded", status=503)
        again = await all_events(asked, "the boat")
        failed = next(event for event in again if isinstance(event, Retrieval))
        assert "the server is overloaded" in failed.fell_back[0]["notice"]
        assert isinstance(again[-1], TurnEnd) and again[-1].status == "complete"
    first, second = (each.turn for each in came_back(session()))
    kept_of = [turn.trace.searched for turn in (first, second)]
    assert [each and replace(each, t=0.0) for each in kept_of] == [replace(each, t=0.0) for each in (told, failed)]
    assert [type(event) for event in first.events][:3] == [TurnStart, Retrieval, Request]
    recorded = recorded_turns(session())[1]
    found = RecordedDocuments(recorded.sent, recorded.retrieval).found("anything")
    assert found.tells and [look.as_json() for look in found.looks] == list(failed.sets)


async def test_what_the_question_before_has_found_says_by_which_of_its_words() -> None:
    said = {"ticket": "A bicycle ticket costs six euros.", "sleeper": "The night train leaves at ten."}
    passages = tuple(Passage(name, "turned", name.title(), text, {}, f"{name}.md") for name, text in said.items())
    turned = DocumentSet("turned", passages, RetrievalSpec("keyword", top_k=2, query="turns"))
    whole = DocumentSet(
        "whole", (Passage("map", "whole", "Map", "No train runs here.", {}, "map.md"),), RetrievalSpec("all")
    )
    replies = [stream(message("a")), stream(message("b"))]
    async with asking(replies, library=Library([turned, whole])) as (conversation, _):
        await all_events(conversation, "What does a bicycle ticket cost?")
        await all_events(conversation, "And the night train?")
        found = {entry.id: entry.matched for entry in conversation.turns[-1].ledger.entries()}
    assert found == {"sleeper": ("night", "train"), "ticket": ("bicycle", "ticket", "cost"), "map": ("train",)}


async def test_words_alone_are_no_event() -> None:
    async with asking([stream(message("a"))], library=library("keyword", None)) as (conversation, _):
        events = await all_events(conversation, "the boat")
    assert [type(event) for event in events[:2]] == [TurnStart, Request]
    assert events[1].body["documents"][0]["id"] == "pier"  # type: ignore[attr-defined]


async def test_a_preview_asks_no_model_that_is_elsewhere(tmp_path: Path) -> None:
    topics = Topics(is_free=False)
    models = SearchModels(topics, topics, tmp_path)
    async with asking([], library=library("vector", models)) as (conversation, server):
        request = await conversation.preview("the boat")
    assert [each["id"] for each in request.body["documents"]] == ["pier"]
    assert not topics.asked and not server.received


async def test_a_turn_that_is_cancelled_gives_its_search_up(tmp_path: Path) -> None:
    begun, given_up = threading.Event(), threading.Event()

    class Waiting(Topics):
        def embed(
            self, texts: Sequence[str], *, model: str, dimensions: int, purpose: Purpose, stop: Stop
        ) -> list[Vector]:
            if purpose == "search_document":
                return [vector(text, dimensions) for text in texts]
            with stop.telling(given_up.set):
                begun.set()
                given_up.wait(10)
            stop.check()
            raise AssertionError("it was stopped")

    models = SearchModels(Waiting(), Waiting(), tmp_path)
    async with asking([], library=library("vector", models)) as (conversation, server):
        turn = asyncio.create_task(all_events(conversation, "honey"))
        assert await asyncio.to_thread(begun.wait, 10)
        assert conversation.cancel()
        events = await turn
        assert isinstance(events[-1], TurnEnd) and events[-1].status == "cancelled"
        assert await asyncio.to_thread(given_up.wait, 10)
    assert not server.received


class Elsewhere(InMemory):
    """A set that is not in memory: it notes in which threads its passages are read, and how many, and may be away."""

    def __init__(self, documents: DocumentSet) -> None:
        super().__init__(documents)
        self.threads: set[int] = set()
        self.read: list[range] = []
        self.is_away = False

    @property
    def passages(self) -> Sequence[Passage]:
        return LazyPassages(self.size, self._some, 200)

    def _some(self, places: range) -> list[Passage]:
        self.threads.add(threading.get_ident())
        self.read.append(places)
        if self.is_away:
            raise DocumentsAway("nothing answers there")
        return list(InMemory.passages.fget(self)[places.start : places.stop])  # type: ignore[attr-defined]

    def retrieved_by(self, retrieval: RetrievalSpec) -> Elsewhere:
        return self


def searched_by_tool() -> Elsewhere:
    made = [Passage(f"d{at}", "s", "T", f"boat {at}", {"text": f"boat {at}", "year": at}) for at in range(100)]
    return Elsewhere(DocumentSet("s", tuple(made), RetrievalSpec("tool")))


async def test_what_the_tool_says_of_documents_is_read_beside_the_event_loop_and_of_few() -> None:
    shelf = searched_by_tool()
    async with asking([stream(message("a"))], library=Library([shelf])) as (conversation, server):
        events = await all_events(conversation, "the boat")
    assert isinstance(events[-1], TurnEnd) and events[-1].status == "complete"
    [received] = server.received
    assert "year" in json.dumps(received.body["tools"])
    assert shelf.threads and threading.get_ident() not in shelf.threads
    assert sum(map(len, shelf.read)) == 20


async def test_the_tool_by_itself_reads_beside_the_event_loop_and_says_that_documents_are_away() -> None:
    shelf = searched_by_tool()
    async with asking([], library=Library([shelf])) as (conversation, _):
        for shelf.is_away in (False, True):
            tools = conversation.every_tool
            assert tools is not None
            result = await tools.run(
                call_id="c", name="search_documents", arguments='{"query": "boat"}', report=lambda _: None
            )
            assert (result.error is None) != shelf.is_away
    assert "nothing answers there" in str(result.error)
    assert shelf.threads and threading.get_ident() not in shelf.threads


async def test_documents_of_the_tool_that_are_away_fail_the_turn() -> None:
    shelf = searched_by_tool()
    shelf.is_away = True
    async with asking([], library=Library([shelf])) as (conversation, _):
        events = await all_events(conversation, "the boat")
    assert isinstance(events[-1], TurnEnd) and events[-1].status == "failed"
    assert isinstance(conversation.turns[-1].error, DocumentsAway)


async def test_an_index_that_cannot_be_read_any_more_fails_the_turn_alone(tmp_path: Path) -> None:
    found, _ = opened(written(tmp_path / "docs", generated(2, 3)), tmp_path / "cache")
    found = found.retrieved_by(lambda _: RetrievalSpec("keyword"))
    shutil.rmtree(tmp_path / "cache")
    (tmp_path / "cache").write_text("no folder any more")
    async with asking([], library=found) as (conversation, _):
        events = await all_events(conversation, "valve")
    assert isinstance(events[-1], TurnEnd) and events[-1].status == "failed"
    failed = conversation.turns[-1].error
    assert isinstance(failed, DocumentsAway) and "File exists" in str(failed)


def embeddings(request: Received) -> Reply:
    texts = request.body["texts"]
    found = {"int8": [[1, -1] * 512] * len(texts), "ubinary": [[170] * 128] * len(texts)}
    return error(200, {"id": "1", "embeddings": found, "response_type": "embeddings_by_type"})


async def test_what_costs_is_embedded_once_it_is_allowed(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (tmp_path / "docs").mkdir()
    for number in range(3):
        (tmp_path / "docs" / f"n{number}.md").write_text(f"# Note {number}\n\nThe boat waits.\n")
    environ = {"XDG_CACHE_HOME": str(tmp_path / "cache"), "HOME": str(tmp_path)}
    async with LoopbackServer(embeddings) as server:
        given = ["index", "--docs", str(tmp_path / "docs"), "--mode", "vector", "--base-url", server.url, "--json"]
        assert await asyncio.to_thread(run, given, environ) == 1
        said = capsys.readouterr()
        assert "docs: 3 of 3 passages are to be embedded by embed-v5.0-pro, about 24 tokens" in said.err
        assert "--yes allows it" in said.err and json.loads(said.out)["embedded"] == 0
        assert not server.received
        assert await asyncio.to_thread(run, [*given, "--yes"], environ) == 0
        assert json.loads(capsys.readouterr().out)["embedded"] == 3
        assert [each.body["input_type"] for each in server.received] == ["search_document"]
        assert await asyncio.to_thread(run, [*given, "--yes"], environ) == 0
        assert json.loads(capsys.readouterr().out)["embedded"] == 0
        assert len(server.received) == 1
        search = ["search", "boat", *given[1:], "--top-k", "2"]
        assert await asyncio.to_thread(run, search, environ) == 0
        found = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert [each["score"] for each in found] == [1.0, 1.0]
        assert [each.body["input_type"] for each in server.received[1:]] == ["search_query"]
