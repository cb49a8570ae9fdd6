"""Bytes in any chunking -> events: nothing is lost, nothing raises."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.core.streams import CASSETTES, events_of, frame, message
from workbench.events import (
    CitationStart,
    ContentDelta,
    ContentStart,
    Debug,
    Done,
    Malformed,
    MessageEnd,
    MessageStart,
    ToolCallDelta,
    ToolCallStart,
    ToolPlanDelta,
    Unknown,
    WireEvent,
)
from workbench.wire.decoder import decode
from workbench.wire.frames import Frame, FrameReader

TEXT = frame("content-delta", index=0, delta=message(content={"text": "Hi 🌈"}))


def only(body: bytes) -> WireEvent:
    (event,) = events_of(body)
    return event


@pytest.mark.parametrize("ending", [b"\n", b"\r\n", b"\r"])
@pytest.mark.parametrize("chunk", [1, 2, 3, 7, 1000])
def test_line_endings_and_chunks_do_not_matter(ending: bytes, chunk: int) -> None:
    body = (TEXT + b"data: [DONE]\n\n").replace(b"\n", ending)
    events = events_of(body, chunk=chunk)
    assert [type(event) for event in events] == [ContentDelta, Done]
    assert isinstance(events[0], ContentDelta)
    assert events[0].text == "Hi 🌈"


def test_raw_is_the_frame_as_received() -> None:
    assert only(TEXT).raw == TEXT.decode().split("data: ")[1].strip()


def test_a_byte_order_mark_is_skipped_even_when_split() -> None:
    assert isinstance(events_of(b"\xef\xbb\xbf" + TEXT, chunk=1)[0], ContentDelta)


def test_a_last_frame_without_blank_line_is_given_at_the_end() -> None:
    reader = FrameReader()
    assert reader.feed(TEXT.rstrip()) == []
    assert [type(decode(each)) for each in reader.close()] == [ContentDelta]
    assert reader.close() == []


def test_comments_ids_and_retries_are_no_events() -> None:
    assert [type(e) for e in events_of(b": keep-alive\n\nid: 7\nretry: 10\n" + TEXT)] == [ContentDelta]


def test_data_of_several_lines_is_joined_by_newlines() -> None:
    event = only(b'data: {"type":\ndata: "debug","prompt":\ndata:"x"}\n\n')
    assert isinstance(event, Debug)
    assert event.prompt == "x"


def test_a_line_that_is_no_field_is_kept() -> None:
    event = only(b"upstream connect error or disconnect/reset before headers\n")
    assert isinstance(event, Malformed)
    assert event.raw.startswith("upstream connect error")


def test_the_type_may_be_only_in_the_event_line_or_only_in_the_data() -> None:
    data = b'data: {"delta":{"message":{"tool_plan":"I"}}}\n\n'
    assert isinstance(only(b"event: tool-plan-delta\n" + data), ToolPlanDelta)
    assert isinstance(only(TEXT.split(b"\n", 1)[1]), ContentDelta)


@pytest.mark.parametrize("data", [b"[DONE]", b'"[DONE]"'])
def test_done(data: bytes) -> None:
    assert isinstance(only(b"data: " + data + b"\n\n"), Done)


def test_an_event_without_data_is_unknown_and_named() -> None:
    event = only(b"event: ping\n\n")
    assert isinstance(event, Unknown)
    assert event.type == "ping"


def test_an_unknown_type_keeps_all_of_its_data() -> None:
    event = only(frame("content-sparkle", index=3, glitter=[1, 2]))
    assert isinstance(event, Unknown)
    assert (event.type, event.data["glitter"]) == ("content-sparkle", [1, 2])


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        ('{"type":"content-del', "not JSON"),
        ("null", "got null"),
        ("[1]", "got a list"),
        ('"x"', "got a string"),
        ("12", "got a number"),
        ("true", "got a boolean"),
        ('{"error":{"message":"overloaded"}}', "the server sent an error: overloaded"),
        ('{"message":"internal error","id":"x"}', "the server sent an error: internal error"),
        ('{"event_type":"text-generation","text":"Hi"}', "a v1 event (text-generation)"),
        ('{"index":0}', "an object without a type"),
        ('{"type":"content-delta","delta":[]}', "content-delta: delta is a list"),
        ('{"type":"content-delta","delta":{"message":{"content":{"text":7}}}}', "content-delta: text is a number"),
        ('{"type":"tool-call-start","delta":{"message":{"tool_calls":"x"}}}', "tool_calls is a string"),
        ("[" * 100_000, "nested too deeply"),
    ],
)
def test_a_frame_that_is_no_event_says_why_and_is_kept(data: str, reason: str) -> None:
    event = only(f"data: {data}\n\n".encode())
    assert isinstance(event, Malformed)
    assert reason in event.reason
    assert event.raw == data


def test_every_field_of_the_known_events() -> None:
    sources = [{"type": "document", "id": "doc:0", "document": {"id": "doc:0"}}]
    citation = {"start": 3, "end": 5, "text": "ab", "sources": sources, "type": "TEXT_CONTENT", "content_index": 1}
    call = {"id": "c1", "type": "function", "function": {"name": "f", "arguments": ""}}
    end = {"finish_reason": "ERROR", "usage": {}, "error": "no", "error_type": "INVALID_TOOL_GENERATION"}
    body = b"".join(
        [
            frame("message-start", id="m", delta=message(role="assistant", content=[], tool_plan="")),
            frame("content-start", index=0, delta=message(content={"type": "thinking", "thinking": ""})),
            frame("content-delta", index=0, delta=message(content={"thinking": "hm"}), logprobs={"text": "hm"}),
            frame("tool-call-start", index=0, delta=message(tool_calls=call)),
            frame("tool-call-delta", index=0, delta=message(tool_calls={"function": {"arguments": '{"a'}})),
            frame("citation-start", index=2, delta=message(citations=citation)),
            frame("message-end", delta=end),
        ]
    )
    start, block, delta, call_start, call_delta, cited, ended = events_of(body)
    assert isinstance(start, MessageStart)
    assert (start.id, start.role) == ("m", "assistant")
    assert isinstance(block, ContentStart)
    assert (block.index, block.type, block.text) == (0, "thinking", "")
    assert isinstance(delta, ContentDelta)
    assert (delta.thinking, delta.text, delta.logprobs) == ("hm", "", {"text": "hm"})
    assert isinstance(call_start, ToolCallStart)
    assert (call_start.index, call_start.id, call_start.name, call_start.arguments) == (0, "c1", "f", "")
    assert isinstance(call_delta, ToolCallDelta)
    assert call_delta.arguments == '{"a'
    assert isinstance(cited, CitationStart)
    assert (cited.start, cited.end, cited.text, cited.type, cited.content_index) == (3, 5, "ab", "TEXT_CONTENT", 1)
    assert cited.sources == tuple(sources)
    assert isinstance(ended, MessageEnd)
    assert (ended.finish_reason, ended.error, ended.error_type) == ("ERROR", "no", "INVALID_TOOL_GENERATION")


def test_a_list_of_one_object_stands_for_that_object() -> None:
    call = {"id": "c1", "function": {"name": "f", "arguments": "{}"}}
    event = only(frame("tool-call-start", index=0, delta=message(tool_calls=[call])))
    assert isinstance(event, ToolCallStart)
    assert event.name == "f"


def test_a_line_without_end_is_not_kept_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.wire.frames.LONGEST", 4000)
    monkeypatch.setattr("workbench.wire.frames.KEPT", 100)
    reader = FrameReader()
    frames: list[Frame] = []
    for _ in range(2000):
        frames += reader.feed(b"data: " + b"x" * 94)
        assert len(reader._pending) <= 4100
    (frame_,) = frames
    assert len(frame_.data) == 100
    event = decode(frame_)
    assert isinstance(event, Malformed)
    assert "longer than" in event.reason
    assert [type(decode(each)) for each in reader.feed(b" end of it\n\n" + TEXT)] == [ContentDelta]


@pytest.mark.parametrize("chunk", [1, 7, 150, 100_000])
@pytest.mark.parametrize(
    "long",
    [
        b"event: content-delta\ndata: " + b"y" * 500 + b"\n\n",
        b"data: 1234567\n" * 40 + b"\n",
        b"event: " + b"z" * 500 + b"\n\n",
        b": " + b"c" * 500 + b"\n\n",
        b"u" * 500 + b"\r\n",
    ],
    ids=["data", "many lines", "event", "comment", "stray"],
)
def test_a_frame_that_is_too_long_is_malformed_and_the_next_one_is_read(
    long: bytes, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.wire.frames.LONGEST", 400)
    monkeypatch.setattr("workbench.wire.frames.KEPT", 40)
    events = events_of(TEXT + long + TEXT, chunk=chunk)
    assert [type(event) for event in (events[0], events[-1])] == [ContentDelta, ContentDelta]
    assert "longer than" in next(event.reason for event in events if isinstance(event, Malformed))
    assert events == events_of(TEXT + long + TEXT)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)
KINDS = ["message-start", "content-start", "content-delta", "tool-call-start", "citation-start", "message-end", "x"]


@given(
    st.sampled_from(KINDS),
    st.dictionaries(st.sampled_from(["delta", "index", "id", "logprobs"]), JSON),
    st.dictionaries(st.sampled_from(["content", "citations", "tool_calls", "tool_plan", "role"]), JSON),
)
@settings(max_examples=200, deadline=None)
def test_no_shape_of_json_raises(kind: str, fields: dict[str, Any], inner: dict[str, Any]) -> None:
    data = json.dumps({"delta": {"message": inner}, **fields, "type": kind})
    event = decode(Frame(data))
    assert event.raw == data


@given(st.binary(max_size=300), st.integers(1, 40))
@settings(max_examples=200, deadline=None)
def test_any_bytes_in_any_chunks_give_the_same_events(body: bytes, chunk: int) -> None:
    assert events_of(body, chunk=chunk) == events_of(body)


@pytest.mark.parametrize("path", sorted(CASSETTES.glob("*.sse")), ids=lambda path: path.stem)
def test_cassettes_are_the_same_in_any_chunks(path: Path) -> None:
    body = path.read_bytes()
    assert events_of(body, chunk=1) == events_of(body, chunk=17) == events_of(body)
