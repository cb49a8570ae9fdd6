"""Whole turns through the real client: over a loopback server that follows a script, and the offline engine."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.core.streams import CASSETTES, RECORDINGS, payloads
from tests.loopback import (
    Action,
    Chunk,
    Close,
    Head,
    LoopbackServer,
    Received,
    Reply,
    Reset,
    Wait,
    error,
    message,
    sse,
    stream,
)
from workbench.cohere_client import ClientOptions, connect
from workbench.conversation import Conversation, Options
from workbench.documents.passages import DocumentSet, Passage
from workbench.documents.retrieval import Library
from workbench.events import (
    EVENTS,
    Cited,
    ContentDelta,
    Event,
    Request,
    ToolCallStart,
    ToolPlanDelta,
    ToolResult,
    TurnEnd,
    TurnStart,
    WireEvent,
)
from workbench.tools.people import AnswerRequest, NoPeople
from workbench.tools.runners.person import Ask
from workbench.tools.runners.reply import CannedReply as Canned
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

CALLS = [("c1", "hours", '{"place": "library"}'), ("c2", "trains", "")]
Script = Sequence[Reply] | Callable[[Received], Reply]


def passage(name: str, text: str) -> Passage:
    return Passage(id=name, set="s", title=name, text=text, data={"text": text, "title": name})


LIBRARY = Library(
    [
        DocumentSet(
            "s",
            (
                passage(
                    "hours", "The library opens at 09:00. On Saturdays it opens at 10:00 after the guided tour 🌈."
                ),
                passage("tickets", "A day ticket costs 4 euros. Children enter free of charge."),
            ),
        )
    ]
)


def toolbox(*more: ToolSpec) -> Toolbox:
    tools = [
        ToolSpec("hours", "Opening hours of a place", Canned({"opens": "09:00"})),
        ToolSpec("trains", "Trains that are late", Canned("all on time")),
        *more,
    ]
    return Toolbox(tools, people=NoPeople(), trust=TrustStore(), environ={})


@asynccontextmanager
async def asking(
    script: Script, options: Options | None = None, **parts: Any
) -> AsyncIterator[tuple[Conversation, LoopbackServer]]:
    """A conversation with a server that follows the script."""
    async with LoopbackServer(script) as server:
        client = connect(ClientOptions(base_url=server.url), {})
        try:
            yield Conversation(client, options or Options(), **parts), server
        finally:
            await client.aclose()


async def all_events(conversation: Conversation, prompt: str = "Hello?") -> list[Event]:
    async with aclosing(conversation.ask(prompt)) as events:
        return [event async for event in events]


# -- one step ---------------------------------------------------------------------------------------------


async def test_a_plain_turn_begins_with_the_question_and_ends_with_its_summary() -> None:
    async with asking([stream(message("The sea is calm."))]) as (conversation, server):
        events = await all_events(conversation)
    assert isinstance(events[0], TurnStart)
    assert isinstance(events[1], Request)
    assert events[1].body["messages"] == [{"role": "user", "content": "Hello?"}]
    assert server.received[0].body == {**events[1].body, "stream": True}
    assert "".join(e.text for e in events if isinstance(e, ContentDelta)) == "The sea is calm."
    end = events[-1]
    assert isinstance(end, TurnEnd)
    assert (end.status, end.summary.text, end.summary.steps) == ("complete", "The sea is calm.", 1)
    assert end.summary.usage["billed_units"] == {"input_tokens": 5, "output_tokens": 7}
    assert [e.t for e in events] == sorted(e.t for e in events)


async def test_callbacks_get_each_token_each_event_and_the_turn() -> None:
    tokens: list[str] = []
    seen: list[str] = []
    finished: list[str] = []
    async with asking([stream(message("one two three"))]) as (conversation, _):
        turn = await conversation.run(
            "?",
            on_token=tokens.append,
            on_event=lambda event: seen.append(event.kind),
            on_complete=lambda turn: finished.append(turn.text),
        )
    assert tokens == ["one", " two", " three"]
    assert seen[0] == "turn-start"
    assert seen[-1] == "turn-end"
    assert finished == [turn.text] == ["one two three"]


async def test_the_next_request_carries_what_was_said() -> None:
    async with asking([stream(message("Blue.")), stream(message("Yes."))]) as (conversation, server):
        await conversation.run("What colour?")
        await conversation.run("Sure?")
    assert server.received[1].body["messages"] == [
        {"role": "user", "content": "What colour?"},
        {"role": "assistant", "content": "Blue."},
        {"role": "user", "content": "Sure?"},
    ]
    assert server.connections == 1


async def test_options_go_into_the_request() -> None:
    options = Options(model="m", system="Be brief.", parameters={"temperature": 0.3, "max_tokens": 9})
    async with asking([stream(message("Ok."))], options, library=LIBRARY) as (conversation, server):
        await conversation.run("When does it open?")
    body = server.received[0].body
    assert (body["model"], body["temperature"], body["max_tokens"]) == ("m", 0.3, 9)
    assert body["messages"][0] == {"role": "system", "content": "Be brief."}
    assert [document["id"] for document in body["documents"]] == ["hours", "tickets"]


async def test_a_citation_is_placed_and_numbered_as_it_comes() -> None:
    source = {"type": "document", "id": "tickets", "document": {"id": "tickets"}}
    cited = {"start": 7, "end": 14, "text": "4 euros", "sources": [source], "type": "TEXT_CONTENT"}
    body = message("A 🎟 is 4 euros.", citations=[{**cited, "start": 7, "end": 14}])
    async with asking([stream(body)], library=LIBRARY) as (conversation, _):
        events = await all_events(conversation)
        turn = conversation.turns[-1]
    (placed,) = [event for event in events if isinstance(event, Cited)]
    assert turn.text[placed.start : placed.end] == "4 euros"
    assert placed.numbers == (1,)
    entries = turn.ledger.entries()
    assert [(entry.id, entry.number, entry.cited) for entry in entries] == [("tickets", 1, 1), ("hours", None, 0)]


# -- tools ----------------------------------------------------------------------------------------------------


async def test_the_whole_tool_loop() -> None:
    cited = {
        "start": 9, "end": 14, "text": "09:00", "type": "TEXT_CONTENT",
        "sources": [{"type": "tool", "id": "c1:0", "tool_output": {"opens": "09:00"}}],
    }  # fmt: skip
    script = [
        stream(message(plan="I will look it up.", tool_calls=CALLS)),
        stream(message("Opens at 09:00.", citations=[cited])),
    ]
    async with asking(script, toolbox=toolbox()) as (conversation, server):
        events = await all_events(conversation, "When?")
        turn = conversation.turns[-1]
    assert "".join(e.text for e in events if isinstance(e, ToolPlanDelta)) == "I will look it up."
    assert [e.name for e in events if isinstance(e, ToolCallStart)] == ["hours", "trains"]
    results = {e.name: (e.arguments, e.result) for e in events if isinstance(e, ToolResult)}
    assert results == {"hours": ({"place": "library"}, {"opens": "09:00"}), "trains": ({}, "all on time")}
    user, assistant, *tools = server.received[1].body["messages"]
    assert (user["role"], assistant["tool_plan"]) == ("user", "I will look it up.")
    assert [call["function"]["arguments"] for call in assistant["tool_calls"]] == ['{"place": "library"}', "{}"]
    assert [(tool["role"], tool["tool_call_id"]) for tool in tools] == [("tool", "c1"), ("tool", "c2")]
    assert tools[0]["content"][0]["document"]["data"] == {"opens": "09:00"}
    assert server.received[0].body["tools"] == toolbox().definitions()
    summary = turn.summary().as_json()
    assert (summary["status"], summary["steps"], summary["text"]) == ("complete", 2, "Opens at 09:00.")
    assert [(c["id"], c["result"]) for c in summary["tool_calls"]] == [
        ("c1", {"opens": "09:00"}),
        ("c2", "all on time"),
    ]
    assert summary["usage"]["billed_units"] == {"input_tokens": 10, "output_tokens": 14}
    assert turn.ledger.entries()[0].title == "hours"


async def test_sources_of_a_step_are_in_the_order_of_its_calls_however_they_end() -> None:
    class Late(NoPeople):
        async def answer(self, request: AnswerRequest) -> str:
            await asyncio.wait_for(trains_done.wait(), 5)
            return "blue"

    trains_done = asyncio.Event()
    tools = [ToolSpec("colour", "d", Ask()), ToolSpec("trains", "d", Canned("on time"))]
    box = Toolbox(tools, people=Late(), trust=TrustStore(), environ={})
    script = [stream(message(tool_calls=[("c1", "colour", "{}"), ("c2", "trains", "{}")])), stream(message("Ok."))]

    def watch(event: Event) -> None:
        if isinstance(event, ToolResult) and event.name == "trains":
            trains_done.set()

    async with asking(script, toolbox=box) as (conversation, _):
        turn = await conversation.run("?", on_event=watch)
    assert [entry.title for entry in turn.ledger.entries()] == ["colour", "trains"]


async def test_a_later_turn_carries_calls_and_results() -> None:
    script = [stream(message(tool_calls=CALLS[:1])), stream(message("At nine.")), stream(message("Yes."))]
    async with asking(script, toolbox=toolbox()) as (conversation, server):
        await conversation.run("When?")
        await conversation.run("Sure?")
    roles = [m["role"] for m in server.received[2].body["messages"]]
    assert roles == ["user", "assistant", "tool", "assistant", "user"]


async def test_an_unknown_tool_is_told_to_the_model() -> None:
    script = [stream(message(tool_calls=[("c1", "huors", "{}")])), stream(message("Sorry."))]
    async with asking(script, toolbox=toolbox()) as (conversation, server):
        turn = await conversation.run("When?")
    assert "hours" in server.received[1].body["messages"][2]["content"][0]["document"]["data"]["error"]
    assert turn.status == "complete"


async def test_results_with_one_id_are_told_apart() -> None:
    script = [stream(message(tool_calls=[("c", "hours", "{}"), ("c", "trains", "{}")])), stream(message("Ok."))]
    async with asking(script, toolbox=toolbox()) as (conversation, server):
        await conversation.run("?")
    _, assistant, *tools = server.received[1].body["messages"]
    ids = [call["id"] for call in assistant["tool_calls"]]
    assert len(set(ids)) == 2
    assert [tool["tool_call_id"] for tool in tools] == ids


async def test_calls_without_any_tools_end_the_turn_and_are_kept() -> None:
    async with asking([stream(message(tool_calls=CALLS))]) as (conversation, server):
        turn = await conversation.run("?")
    assert (turn.status, len(server.received)) == ("incomplete", 1)
    assert "--tools" in str(turn.error)
    assert [call["name"] for call in turn.summary().tool_calls] == ["hours", "trains"]


async def test_a_finished_call_before_an_error_is_not_executed() -> None:
    body = (CASSETTES / "error_after_finished_call.sse").read_bytes()
    async with asking([stream(body)], toolbox=toolbox()) as (conversation, server):
        events = await all_events(conversation)
        turn = conversation.turns[-1]
    assert turn.status == "failed"
    said = turn.summary().error
    assert said is not None
    assert said["kind"] == "stream"
    assert not [event for event in events if isinstance(event, ToolResult)]
    assert len(server.received) == 1


async def test_a_step_that_repeats_the_same_calls_stops_the_turn() -> None:
    async with asking(lambda _: stream(message(tool_calls=CALLS)), toolbox=toolbox()) as (conversation, server):
        turn = await conversation.run("?")
    assert (turn.status, len(server.received)) == ("max-steps", 2)
    assert "very same" in str(turn.error)


async def test_the_step_limit() -> None:
    def reply(received: Received) -> Reply:
        number = len(received.body["messages"])
        return stream(message(tool_calls=[(f"c{number}", "hours", json.dumps({"place": str(number)}))]))

    async with asking(reply, Options(max_steps=3), toolbox=toolbox()) as (conversation, server):
        turn = await conversation.run("?")
    assert (turn.status, len(server.received)) == ("max-steps", 3)
    assert "3 steps" in str(turn.error)


# -- faults -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [400, 401, 403, 404, 422, 429, 500, 503])
async def test_an_error_status_is_caught_with_status_and_body(status: int) -> None:
    async with asking(lambda _: error(status, {"message": "no such thing", "id": "x"})) as (conversation, _):
        turn = await conversation.run("?")
    summary = turn.summary().as_json()
    assert (turn.status, summary["error"]["kind"], summary["error"]["status"]) == ("failed", "http", status)
    assert summary["error"]["body"] == {"message": "no such thing", "id": "x"}
    assert turn.text == ""


async def test_a_failed_turn_leaves_nothing_in_the_history_and_can_be_asked_again() -> None:
    async with asking([error(501, {}), stream(message("Now."))]) as (conversation, server):
        await conversation.run("When?")
        assert conversation.history() == []
        assert conversation.forget_last() == "When?"
        turn = await conversation.run("When?")
    assert turn.text == "Now."
    assert len(server.received[1].body["messages"]) == 1


PARTIAL = message("The tide turns", done=False).split(b"event: content-end")[0]


@pytest.mark.parametrize(
    ("ending", "status"),
    [([Close()], "failed"), ([Reset()], "failed"), ([], "incomplete")],
    ids=["cut", "reset", "clean"],
)
async def test_a_stream_that_breaks_off_keeps_what_came(ending: list[Action], status: str) -> None:
    async with asking([[Head(), Chunk(PARTIAL), *ending]]) as (conversation, _):
        turn = await conversation.run("?")
    assert (turn.status, turn.text) == (status, "The tide turns")
    said = turn.summary().error
    assert said is not None
    assert said["message"]
    assert conversation.history()[-1] == {"role": "assistant", "content": "The tide turns"}


async def test_a_frame_that_was_cut_is_an_event_still() -> None:
    async with asking([[Head(), Chunk(PARTIAL + b'data: {"type":"content-del')]]) as (conversation, _):
        events = await all_events(conversation)
    assert [e.raw for e in events if e.kind == "malformed" and isinstance(e, WireEvent)] == ['{"type":"content-del']


async def test_an_error_object_in_the_stream_is_the_reason() -> None:
    body = PARTIAL + b'data: {"message":"overloaded"}\n\ndata: [DONE]\n\n'
    async with asking([stream(body)]) as (conversation, _):
        turn = await conversation.run("?")
    assert turn.status == "failed"
    assert "overloaded" in str(turn.error)


async def test_silence_has_a_limit() -> None:
    script: list[Reply] = [[Head(), Chunk(PARTIAL), Wait(asyncio.Event())]]
    async with asking(script, Options(timeout=0.5)) as (conversation, _):
        turn = await conversation.run("?")
    said = turn.summary().error
    assert said is not None
    assert (turn.status, turn.text, said["kind"]) == ("timeout", "The tide turns", "timeout")
    assert "--timeout" in str(turn.error)


async def test_the_whole_turn_has_a_limit() -> None:
    script: list[Reply] = [[Head(), Chunk(PARTIAL), Wait(asyncio.Event())]]
    async with asking(script, Options(max_time=1.0)) as (conversation, _):
        turn = await conversation.run("?")
    assert (turn.status, turn.text) == ("timeout", "The tide turns")
    assert "--max-time" in str(turn.error)


async def test_a_server_that_does_not_close_after_the_end_does_not_fail_the_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("workbench.conversation.limits.DRAIN", 0.05)
    async with asking([[Head(), Chunk(message("Done.")), Wait(asyncio.Event())]]) as (conversation, _):
        turn = await conversation.run("?")
    assert (turn.status, turn.text) == ("complete", "Done.")


async def test_cancelling_keeps_what_came_and_frees_the_server() -> None:
    script: list[Reply] = [[Head(), Chunk(PARTIAL), Wait(asyncio.Event())], stream(message("Again."))]
    async with asking(script) as (conversation, server):
        async with aclosing(conversation.ask("?")) as events:
            async for event in events:
                if isinstance(event, ContentDelta) and event.text == " turns":
                    assert conversation.cancel()
        assert isinstance(event, TurnEnd)
        assert (event.status, event.summary.text) == ("cancelled", "The tide turns")
        await asyncio.wait_for(server.received[0].gone.wait(), 5)
        assert (await conversation.run("?")).text == "Again."


async def test_cancelling_before_anything_ran() -> None:
    async with asking([stream(message("Never."))]) as (conversation, server):
        events = conversation.ask("?")
        first = asyncio.ensure_future(anext(events))
        await asyncio.sleep(0)
        conversation.cancel()
        assert isinstance(await first, TurnStart | TurnEnd)
        rest = [event async for event in events]
        await events.aclose()
        assert conversation.turns[-1].status == "cancelled"
        assert not server.received
        assert all(isinstance(event, TurnEnd | Request) for event in rest)


async def test_cancelling_during_a_tool_call_ends_the_call() -> None:
    class Slow(NoPeople):
        async def answer(self, request: AnswerRequest) -> str:
            asked.set()
            await asyncio.Event().wait()
            raise AssertionError

    asked = asyncio.Event()
    box = Toolbox([ToolSpec("hours", "d", Ask())], people=Slow(), trust=TrustStore(), environ={})
    async with asking([stream(message(tool_calls=CALLS[:1]))], toolbox=box) as (conversation, _):
        task = asyncio.ensure_future(all_events(conversation))
        await asyncio.wait_for(asked.wait(), 5)
        conversation.cancel()
        events = await asyncio.wait_for(task, 5)
    (result,) = [event for event in events if isinstance(event, ToolResult)]
    assert (result.error_kind, conversation.turns[-1].status) == ("cancelled", "cancelled")
    assert conversation.history() == []


async def test_leaving_the_iterator_cancels_the_turn() -> None:
    async with asking([[Head(), Chunk(PARTIAL), Wait(asyncio.Event())]]) as (conversation, server):
        async with aclosing(conversation.ask("?")) as events:
            async for event in events:
                if isinstance(event, ContentDelta):
                    break
        assert not conversation.running
        await asyncio.wait_for(server.received[0].gone.wait(), 5)
        assert conversation.turns[-1].status == "cancelled"


async def test_two_turns_at_once_are_refused() -> None:
    async with asking([[Head(), Wait(asyncio.Event())]]) as (conversation, _):
        async with aclosing(conversation.ask("?")) as events:
            await anext(events)
            with pytest.raises(RuntimeError, match="already running"):
                await anext(conversation.ask("!"))


# -- every recording, every cassette ---------------------------------------------------------------------------


@pytest.mark.parametrize("path", sorted(RECORDINGS.glob("*.sse")), ids=lambda path: path.stem)
async def test_a_recording_through_the_server_is_whole(path: Path) -> None:
    body = path.read_bytes()
    async with asking([stream(body)]) as (conversation, _):
        events = await all_events(conversation)
        summary = conversation.turns[-1].summary().as_json()
    wire = [event.kind for event in events if isinstance(event, WireEvent) and event.kind != "done"]
    assert wire == [data["type"] for data in payloads(body)]
    parts = [data["delta"]["message"]["content"] for data in payloads(body) if data["type"] == "content-delta"]
    assert summary["text"] == "".join(part.get("text", "") for part in parts)
    assert summary["thinking"] == "".join(part.get("thinking", "") for part in parts)
    for citation in summary["citations"]:
        assert summary["text"][citation["start"] : citation["end"]] == citation["text"]


@pytest.mark.parametrize("path", sorted(CASSETTES.glob("*.sse")), ids=lambda path: path.stem)
async def test_a_cassette_ends_its_turn_in_words(path: Path) -> None:
    async with asking([stream(path.read_bytes())]) as (conversation, _):
        events = await all_events(conversation)
    end = events[-1]
    assert isinstance(end, TurnEnd)
    assert end.status in {"complete", "incomplete", "failed"}
    assert (end.status == "complete") == (end.summary.error is None)


# -- offline ------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("mode", ["FAST", "ACCURATE"])
async def test_the_offline_engine_answers_with_exact_citations(mode: str) -> None:
    client = connect(ClientOptions(), {})
    options = Options(parameters={"citation_options": {"mode": mode}})
    turn = await Conversation(client, options, library=LIBRARY).run("When does the library open on Saturdays?")
    await client.aclose()
    assert turn.citations
    for cited in turn.citations:
        assert turn.text[cited.start : cited.end] == cited.text
        assert cited.sources[0]["id"] == "hours"


async def test_the_offline_engine_calls_a_tool_and_cites_its_result() -> None:
    client = connect(ClientOptions(), {})
    conversation = Conversation(client, toolbox=toolbox())
    turn = await conversation.run("What are the opening hours of the place?")
    await client.aclose()
    assert [call["name"] for call in turn.summary().tool_calls] == ["hours"]
    assert "09:00" in turn.text
    assert {entry.kind for entry in turn.ledger.entries() if entry.number} == {"tool"}


def test_every_event_has_a_kind_of_its_own() -> None:
    assert len({event.kind for event in EVENTS}) == len(EVENTS)


def test_sse_helper_writes_what_the_wire_reads() -> None:
    assert list(payloads(sse({"type": "debug", "prompt": "x"}))) == [{"type": "debug", "prompt": "x"}]


async def test_events_that_come_at_once_let_others_run_in_between(monkeypatch: pytest.MonkeyPatch) -> None:
    """All of the answer is in one chunk of the network; here every event is followed by a pause."""
    monkeypatch.setattr("workbench.conversation.loop.SLICE_SECONDS", -1.0)
    seen: list[int] = []
    turns = 0

    async def other() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    async with LoopbackServer([stream(message("word " * 200))]) as server:
        client = connect(ClientOptions(base_url=server.url), {})
        running = asyncio.create_task(other())
        async with aclosing(Conversation(client).ask("?")) as events:
            async for event in events:
                if isinstance(event, ContentDelta):
                    seen.append(turns)
        running.cancel()
        await client.aclose()
    assert len(seen) == 201
    assert len(set(seen)) == len(seen)
