"""A conversation that goes on: what comes back of it is what it was, however it ended."""

from __future__ import annotations

import asyncio
import gzip
import json
import os
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from tests.core.keeping import KEY, came_back, kept, session, state, toolbox
from tests.core.streams import CASSETTES, RECORDINGS
from tests.loopback import Chunk, Head, Reply, Reset, Wait, error, message, stream
from workbench.conversation import Options
from workbench.documents.passages import DocumentSet, Passage, RetrievalSpec
from workbench.documents.retrieval import Library
from workbench.errors import RecordingError
from workbench.events import ContentDelta, Event, ToolStarted, WireEvent
from workbench.recordings import recording
from workbench.recordings.recording import Recording, RecordingWriter
from workbench.sessions.folder import session_paths, sessions_folder

STREAMS = sorted([*RECORDINGS.glob("*.sse"), *CASSETTES.glob("*.sse")])
CALL = message(plan="I look.", tool_calls=[("c1", "hours", '{"place": "library"}'), ("c2", "train", "")])
ANSWER = message(
    "It opens at nine.",
    thinking="Hm.",
    citations=[
        {"start": 12, "end": 16, "text": "nine", "sources": [{"type": "tool", "id": "c1:0", "tool_output": {"o": 9}}]}
    ],
)


def library() -> Library:
    data = {"text": "The library opens at nine.", "title": "Hours"}
    passage = Passage("guide#1", "town", "Guide › Hours", data["text"], data, "guide.md", (3, 9))
    return Library([DocumentSet("town", (passage,), RetrievalSpec(mode="all"))])


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
async def test_every_stream_comes_back_as_it_was(path: Path) -> None:
    live: list[Event] = []
    async with kept([stream(path.read_bytes())], tools=None) as (conversation, _):
        turn = await conversation.run("q", on_event=live.append)
        history = conversation.history()
    async with kept([], resume=session()) as (conversation, resumed):
        assert resumed is not None
        [again] = resumed.turns
        assert state(again.turn) == state(turn)
        assert conversation.history() == history
        assert [(type(event), getattr(event, "raw", None)) for event in again.events] == [
            (type(event), getattr(event, "raw", None)) for event in live
        ]


async def test_tools_documents_and_citations_come_back() -> None:
    async with kept(
        [stream(CALL), stream(ANSWER), stream(message("Yes."))],
        tools=toolbox(hours={"opens": "09:00"}, train="late"),
        library=library(),
        options=Options(system="Be brief.", parameters={"temperature": 0.5}),
    ) as (conversation, _):
        await conversation.run("When?")
        await conversation.run("Sure?")
        turns, history = list(conversation.turns), conversation.history()
    assert [entry.number for entry in turns[0].ledger.entries()].count(None) == 2
    async with kept([stream(message("On."))], resume=session()) as (conversation, _):
        assert [state(turn) for turn in conversation.turns] == [state(turn) for turn in turns]
        assert conversation.history() == history
        assert [step.results[0].result for step in conversation.turns[0].steps[:1]] == [{"opens": "09:00"}]
        turn = await conversation.run("And?")
        assert (turn.number, turn.steps[0].request["messages"][:-1]) == (3, history)
        turns, history = list(conversation.turns), conversation.history()
    async with kept([], resume=session()) as (conversation, _):
        assert [state(turn) for turn in conversation.turns] == [state(turn) for turn in turns]
        assert conversation.history() == history


@pytest.mark.parametrize(
    ("reply", "status", "kind"),
    [
        (error(429, {"message": "slow down"}), "failed", "http"),
        ([Head(), Chunk(ANSWER[:600]), Reset()], "failed", "connection"),
        (stream(ANSWER.partition(b"event: citation-start")[0]), "incomplete", "stream"),
        (stream(message("a", finish_reason="ERROR")), "failed", "stream"),
        (stream(CALL), "incomplete", "no-tools"),
    ],
)
async def test_how_a_turn_failed_comes_back(reply: Reply, status: str, kind: str) -> None:
    async with kept([reply]) as (conversation, _):
        turn = await conversation.run("q")
        history = conversation.history()
    assert turn.status == status
    async with kept([], resume=session()) as (conversation, _):
        [again] = conversation.turns
        assert state(again) == state(turn)
        said = again.summary().error
        assert said is not None
        assert said["kind"] == kind
        assert conversation.history() == history


async def test_a_cancelled_turn_comes_back_with_what_had_come() -> None:
    reply: Reply = [Head(), Chunk(ANSWER[:900]), Wait(asyncio.Event())]
    async with kept([reply]) as (conversation, _):
        async with aclosing(conversation.ask("q")) as events:
            async for event in events:
                if isinstance(event, ContentDelta) and event.text:
                    conversation.cancel()
        turn = conversation.turns[-1]
    assert turn.status == "cancelled"
    async with kept([], resume=session()) as (conversation, _):
        assert [state(again) for again in conversation.turns] == [state(turn)]


async def test_what_was_cleared_or_asked_again_stays_away() -> None:
    async with kept(lambda _: stream(message("Yes."))) as (conversation, _):
        await conversation.run("one")
        conversation.clear()
        await conversation.run("two")
        await conversation.run("three")
        assert conversation.forget_last() == "three"
        await conversation.run("three")
        history = conversation.history()
    async with kept(lambda _: stream(message("Yes.")), resume=session()) as (conversation, _):
        assert [(turn.number, turn.prompt) for turn in conversation.turns] == [(2, "two"), (4, "three")]
        assert conversation.history() == history
        conversation.forget_last()
        conversation.clear()
    async with kept(lambda _: stream(message("Yes.")), resume=session()) as (conversation, _):
        assert conversation.turns == []
        assert (await conversation.run("five")).number == 5


# -- a program that ended in the middle ------------------------------------------------------------------


async def whole_session() -> Path:
    async with kept(
        [stream(CALL), stream(ANSWER)], tools=toolbox(hours={"opens": "09:00"}, train="late"), library=library()
    ) as (conversation, _):
        await conversation.run("When?")
    return session()


async def test_a_file_cut_behind_any_line_comes_back_as_far_as_it_goes() -> None:
    """The events that come back are those of the whole turn up to there, then its end."""
    path = await whole_session()
    lines = path.read_bytes().splitlines(keepends=True)
    kinds = [json.loads(line)["kind"] for line in lines]
    [whole] = came_back(path)
    started = kinds.index("turn-start")
    for count in range(1, len(lines)):
        path.write_bytes(b"".join(lines[:count]))
        if count <= started:
            assert came_back(path) == []
            continue
        [again] = came_back(path)
        assert again.turn.status == ("complete" if "turn-end" in kinds[:count] else "incomplete")
        assert whole.turn.text.startswith(again.turn.text)
        raws = [event.raw for event in again.events if isinstance(event, WireEvent)]
        assert raws == [event.raw for event in whole.events if isinstance(event, WireEvent)][: len(raws)]
        assert [event.kind for event in again.events][-1] == "turn-end"
        results = [result for step in again.turn.steps for result in step.results.values()]
        assert len(results) == kinds[:count].count("tool-start")
        for sent in again.turn.messages(thinking=False):
            assert sent["role"] in ("user", "assistant", "tool")


async def test_a_tool_that_had_run_need_not_run_again() -> None:
    path = await whole_session()
    lines = path.read_bytes().splitlines(keepends=True)
    last = max(number for number, line in enumerate(lines) if json.loads(line)["kind"] == "tool-result")
    path.write_bytes(b"".join(lines[: last + 1]) + lines[last + 1][:-9])
    async with kept([stream(message("Nine."))], resume=path) as (conversation, _):
        roles = [each["role"] for each in conversation.history()]
        assert roles == ["user", "assistant", "tool", "tool"]
        await conversation.run("And?")
    Recording.read(path)


async def test_every_bit_flip_is_cut_or_located() -> None:
    """No byte of a session can be changed without being found; a reader never fails in another way."""
    path = await whole_session()
    whole = path.read_bytes()
    for at in range(0, len(whole), 37):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        try:
            recording = Recording.read(path)
        except RecordingError as problem:
            assert str(problem).startswith(f"{path}:")
        else:
            assert recording.torn


@pytest.mark.parametrize(
    ("kind", "fields"),
    [
        ("turn-start", {"turn": "one", "prompt": "q"}),
        ("turn-start", {}),
        ("forget", {}),
        ("step", {"turn": 1}),
        ("tool-result", {"turn": 1, "step": 1}),
        ("tool-start", {"turn": 1, "step": None, "call": 0, "id": "", "name": ""}),
        ("turn-end", {"turn": 1, "status": "perhaps", "seconds": 1}),
        ("turn-end", {"turn": 1, "status": "failed", "seconds": 1, "error": {}}),
        ("frames", {"request": 1, "frames": [3]}),
    ],
)
async def test_lines_that_cannot_be_used_are_located(kind: str, fields: dict[str, Any]) -> None:
    path = await whole_session()
    lines = path.read_bytes().splitlines(keepends=True)
    end = [json.loads(line)["kind"] for line in lines].index("frames")
    path.write_bytes(b"".join(lines[: end + 1]))
    _, writer = RecordingWriter.resume(path, tuple)
    writer.append(kind, fields)
    writer.close()
    with pytest.raises(RecordingError, match=rf"{path.name}:{end + 2}: is no usable '{kind}' line"):
        came_back(path)


# -- secrets ---------------------------------------------------------------------------------------------


async def test_the_key_is_in_no_line() -> None:
    replies = [
        stream(message(plan="p", tool_calls=[("c1", "hours", json.dumps({"place": KEY}))])),
        error(500, {"message": f"bad key {KEY}"}, {"X-Key": KEY}),
    ]
    async with kept(replies, tools=toolbox(hours={KEY: f"so {KEY}"})) as (conversation, _):
        turn = await conversation.run(f"my key is {KEY}")
    assert turn.status == "failed"
    text = session().read_text()
    assert KEY not in text
    assert '"prompt":"my key is ***"' in text
    assert '"result":{"***":"so ***"}' in text


async def test_a_tool_is_marked_before_it_runs_and_after() -> None:
    events: list[Event] = []
    async with kept([stream(CALL), stream(ANSWER)], tools=toolbox(hours=1, train=2)) as (conversation, _):
        await conversation.run("q", on_event=events.append)
    lines = Recording.read(session()).lines
    kinds = [line.kind for line in lines if line.kind.startswith(("tool", "turn", "step"))]
    assert kinds == ["turn-start", "step", "tool-start", "tool-start", "tool-result", "tool-result", "step", "turn-end"]
    assert [line.fields["id"] for line in lines if line.kind == "tool-start"] == [
        event.id for event in events if isinstance(event, ToolStarted)
    ]


# -- without going on in the file ------------------------------------------------------------------------


async def test_a_session_in_use_can_be_read_and_is_left_as_it_is() -> None:
    async with kept([stream(message("Yes."))]) as (conversation, _):
        turn = await conversation.run("one")
        assert conversation.keeper is not None
        await conversation.keeper.kept()
        with pytest.raises(RecordingError, match="is in use"):
            async with kept([], resume=session()):
                pass
        before = session().read_bytes()
        async with kept([stream(message("No."))], resume=session(), keep=False) as (other, _):
            assert [state(again) for again in other.turns] == [state(turn)]
            assert (await other.run("two")).number == 2
        assert session().read_bytes() == before


async def test_clearing_nothing_makes_no_file() -> None:
    async with kept([]) as (conversation, _):
        conversation.clear()
    assert session_paths(sessions_folder(os.environ)) == []


async def test_a_compressed_stream_comes_back() -> None:
    head = Head(200, {"content-type": "text/event-stream", "content-encoding": "gzip"})
    async with kept([[head, Chunk(gzip.compress(ANSWER))]]) as (conversation, _):
        turn = await conversation.run("q")
    assert turn.status == "complete"
    assert [state(again.turn) for again in came_back(session())] == [state(turn)]
    assert b"event: message-start" in session().read_bytes()
    assert b"content-encoding" not in session().read_bytes()


async def test_a_line_that_no_reader_takes_is_not_written(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recording, "MAX_LINE", 4000)
    problems: list[str] = []
    async with kept(lambda _: stream(message("Yes.")), problems=problems) as (conversation, _):
        await conversation.run("one")
        assert (await conversation.run("two" * 2000)).status == "complete"
    assert len(problems) == 1
    assert [each.turn.prompt for each in came_back(session())] == ["one"]
