"""An answer that came whole, in place of a stream: read as what its stream would have said, and said to be whole."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.core.keeping import kept, session, state, toolbox
from tests.loopback import Chunk, Head, Reply, message, stream
from tests.serving import serving
from workbench.cli import run
from workbench.cohere_client.server_errors import said_in
from workbench.conversation.fold import Message, fold
from workbench.events import AT_ONCE, NOT_STREAMED, Malformed, Unknown
from workbench.offline.protocol.draft import Draft, DraftCall, DraftCitation
from workbench.offline.protocol.message_frames import stream as streamed
from workbench.offline.protocol.message_frames import whole
from workbench.wire.decoder import decode
from workbench.wire.frames import FrameReader
from workbench.wire.whole_answer import frames_of_answer, is_json

SOURCE = {"type": "document", "id": "d", "document": {"id": "d", "text": "nine"}}
CITED = {"start": 9, "end": 13, "text": "nine", "sources": [SOURCE], "type": "TEXT_CONTENT", "content_index": 1}
SAID: dict[str, Any] = {
    "id": "m",
    "finish_reason": "COMPLETE",
    "message": {
        "role": "assistant",
        "content": [{"type": "thinking", "thinking": "Hm 🌈"}, {"type": "text", "text": "Opens at nine."}],
        "citations": [CITED],
    },
    "usage": {"billed_units": {"input_tokens": 1, "output_tokens": 2}, "tokens": {"input_tokens": 1}},
}
CALLED: dict[str, Any] = {
    "id": "m",
    "finish_reason": "TOOL_CALL",
    "message": {
        "role": "assistant",
        "tool_plan": "I look.",
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "hours", "arguments": '{"place": "library"}'}},
            {"id": "c2", "type": "function", "function": {"name": "hours", "arguments": {"place": "pool"}}},
        ],
    },
    "usage": {},
}


def at_once(answer: Any) -> Reply:
    return [Head(200, {"content-type": "application/json"}), Chunk(json.dumps(answer).encode())]


def read(body: bytes) -> Message | None:
    frames = frames_of_answer(body)
    return None if frames is None else fold(decode(frame) for frame in FrameReader().feed(frames))


@pytest.mark.parametrize(
    "draft",
    [
        Draft(text="Opens at nine.", citations=(DraftCitation(9, 13, (SOURCE,)),)),
        Draft(thinking="Hm.", text="Opens at 9 🌈 nine.", citations=(DraftCitation(13, 17, (SOURCE,)),)),
        Draft(plan="I look.", calls=(DraftCall("c1", "hours", '{"a": 1}'), DraftCall("c2", "hours", ""))),
    ],
)
def test_a_whole_answer_is_the_message_of_its_stream(draft: Draft) -> None:
    frames = b"".join(streamed(draft, id="m", input_tokens=1, mode="accurate"))
    expected = fold(decode(frame) for frame in FrameReader().feed(frames))
    body = json.dumps(whole(draft, id="m", input_tokens=1, mode="accurate")).encode()
    assert read(body) == expected


def test_what_an_answer_holds_is_all_read() -> None:
    found = read(json.dumps(SAID).encode())
    assert found is not None
    assert (found.id, found.text, found.thinking, found.ended) == ("m", "Opens at nine.", "Hm 🌈", True)
    assert (found.finish_reason, found.usage) == ("COMPLETE", SAID["usage"])
    (citation,) = found.citations
    assert (citation.block, citation.start, citation.end, citation.sources) == (1, 9, 13, (SOURCE,))


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"{",
        b'"text"',
        b'{"message": "overloaded"}',
        b'{"message": {"role": "assistant", "content": "x"}}',
        b'{"message": [1], "finish_reason": "COMPLETE"}',
        b'{"message": {}, "finish_reason": 7}',
        b'{"text": "x", "finish_reason": "COMPLETE", "generation_id": "g"}',
        b'{"error": {"message": "cuda"}}',
        b'{"message": {"a": ' + b"[" * 500 + b"]" * 500 + b'}, "finish_reason": "COMPLETE"}',
        b"[" * 100_000,
        b'{"message": {}, "finish_reason": "COMPLETE", "x": [' + b"1," * 1_000_001 + b"1]}",
    ],
    ids=range(15),
)
def test_what_is_no_answer_is_none(body: bytes) -> None:
    assert frames_of_answer(body) is None


@pytest.mark.parametrize(
    "message_of",
    [
        {"content": 7},
        {"content": [7, None, {"type": 7}, {}]},
        {"content": [{"type": "text", "text": 7}]},
        {"content": [{"type": "image", "text": "x"}]},
        {"content": {"type": "text", "text": "x"}},
        {"tool_calls": 7, "tool_plan": 7},
        {"tool_calls": [[], {}, {"function": "x"}]},
        {"citations": [7, {"start": "x", "sources": 7}]},
        {"role": 7},
        {"content": [{"type": "text", "text": "\ud83d"}]},
    ],
)
def test_an_odd_inside_is_told_and_the_rest_is_read(message_of: dict[str, Any]) -> None:
    frames = frames_of_answer(json.dumps({"message": message_of, "finish_reason": "COMPLETE"}).encode())
    assert frames is not None
    found = fold(decode(frame) for frame in FrameReader().feed(frames))
    assert (found.ended, found.finish_reason) == (True, "COMPLETE")


def test_a_block_that_cannot_be_read_is_malformed() -> None:
    frames = frames_of_answer(b'{"message": {"content": [{"text": 7}]}, "finish_reason": "COMPLETE"}')
    events = [decode(frame) for frame in FrameReader().feed(frames or b"")]
    assert isinstance(events[0], Unknown)
    assert events[0].type == NOT_STREAMED
    assert [event.reason for event in events if isinstance(event, Malformed)] == ["content-delta: text is a number"]


@pytest.mark.parametrize(
    ("content_type", "json_"),
    [
        ("application/json", True),
        ("Application/JSON ; charset=utf-8", True),
        ("application/vnd.cohere+json", True),
        ("text/json", True),
        ("text/html", False),
        ("application/x-ndjson", False),
        ("application/stream+jsonl", False),
        ("", False),
    ],
)
def test_json_is_told_by_its_content_type(content_type: str, json_: bool) -> None:
    assert is_json(content_type) is json_


# -- the whole way ---------------------------------------------------------------------------------------


@pytest.fixture
def tools(tmp_path: Path) -> Path:
    path = tmp_path / "tools.yaml"
    path.write_text("- name: hours\n  run: {reply: nine}\n", encoding="utf-8")
    return path


def test_ask_prints_the_answer_and_says_once_that_it_came_whole(
    tools: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CO_API_KEY", "key-of-these-tests")
    replies = iter([at_once(CALLED), at_once(SAID)])
    with serving(lambda _: next(replies)) as server:
        code = run(["ask", "--base-url", server.url, "--tools", str(tools), "?"])
    out, err = capsys.readouterr()
    assert (code, out) == (0, "Opens at nine.\n")
    assert err.count(AT_ONCE) == 1
    assert "✓ hours" in err


def test_json_lines_a_recording_and_its_replay_are_the_same(
    tools: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CO_API_KEY", "key-of-these-tests")
    replies, file = iter([at_once(CALLED), at_once(SAID)]), str(tmp_path / "kept.jsonl")
    with serving(lambda _: next(replies)) as server:
        argv = ["ask", "--json", "--base-url", server.url, "--tools", str(tools), "--record", file, "?"]
        assert run(argv) == 0
    live = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["type"] for line in live if line["event"] == "unknown"] == [NOT_STREAMED] * 2
    end = live[-1]
    assert (end["text"], end["thinking"], end["usage"]) == ("Opens at nine.", "Hm 🌈", SAID["usage"])
    assert [call["arguments"] for call in end["tool_calls"]] == [{"place": "library"}, {"place": "pool"}]
    assert (end["citations"][0]["start"], end["citations"][0]["sources"]) == (9, [SOURCE])
    assert run(["replay", "--json", "--speed", "max", file]) == 0
    again = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [line["event"] for line in again] == [line["event"] for line in live]
    assert {**again[-1], "seconds": 0, "t": 0} == {**end, "seconds": 0, "t": 0}


async def test_a_session_comes_back_with_it() -> None:
    replies = [at_once(CALLED), at_once(SAID), stream(message("Yes."))]
    async with kept(replies, tools=toolbox(hours="nine")) as (conversation, _):
        turn = await conversation.run("q")
        await conversation.run("sure?")
        history = conversation.history()
    assert turn.status == "complete"
    async with kept([], resume=session()) as (conversation, resumed):
        assert resumed is not None
        assert state(resumed.turns[0].turn) == state(turn)
        assert conversation.history() == history


# -- where a request is wrong ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("body", "said"),
    [
        (
            {"detail": [{"loc": ["body", "messages", 0, "content"], "msg": "field required"}]},
            "messages.0.content: field",
        ),
        ({"detail": [{"loc": ["query", "page"], "msg": "no"}]}, "query.page: no"),
        ({"detail": [{"loc": ["body"], "msg": "no"}]}, "no"),
        ({"detail": [{"loc": [], "msg": "no"}]}, "no"),
        ({"detail": [{"loc": "body.x", "msg": "no"}]}, "body.x: no"),
        ({"detail": [{"loc": [{}], "msg": "no"}]}, "no"),
        ({"detail": [{"loc": None, "msg": "no"}]}, "no"),
        ({"detail": {"loc": ["body", "k"], "msg": "no"}}, "k: no"),
        ({"detail": "Not here"}, "Not here"),
        ({"detail": ["one", "two"]}, "one; two"),
        ([{"loc": ["body", "k"], "msg": "no"}], "k: no"),
        ({"detail": [{"loc": ["body", n], "msg": "no"} for n in range(9)]}, "4: no; and 4 more"),
    ],
)
def test_a_validation_error_says_where(body: Any, said: str) -> None:
    assert said in said_in(body)


def test_a_place_without_end_is_cut() -> None:
    assert len(said_in({"detail": [{"loc": ["x" * 10_000] * 10_000, "msg": "no"}]})) < 2000
