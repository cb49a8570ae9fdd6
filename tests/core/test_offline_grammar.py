"""The grammar of every stream that the offline engine writes; `parsed` is what its other tests read replies with."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from workbench.offline.engine import EngineReply, answer

RECORDINGS = Path(__file__).parents[3] / "shared" / "recordings"
MODEL = "command-a-03-2025"
EXTRAS = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
FINISHES = {"COMPLETE", "MAX_TOKENS", "STOP_SEQUENCE", "TOOL_CALL"}


@dataclass
class Parsed:
    """One assistant message as its stream tells it; `order` holds the event types as they came."""

    id: str = ""
    thinking: str = ""
    text: str = ""
    plan: str = ""
    calls: list[dict[str, Any]] = field(default_factory=list)
    citations: list[dict[str, Any]] = field(default_factory=list)
    finish: str = ""
    usage: dict[str, Any] = field(default_factory=dict)
    order: list[str] = field(default_factory=list)

    @property
    def cited(self) -> list[str]:
        return [citation["text"] for citation in self.citations]

    @property
    def source_ids(self) -> set[str]:
        return {source["id"] for citation in self.citations for source in citation["sources"]}

    def arguments(self) -> list[tuple[str, Any]]:
        return [(call["name"], json.loads(call["arguments"] or "{}")) for call in self.calls]


def body(messages: str | Sequence[dict[str, Any]], **options: Any) -> bytes:
    """A streaming request of one user message, or of `messages`."""
    turns = [{"role": "user", "content": messages}] if isinstance(messages, str) else list(messages)
    return json.dumps({"model": MODEL, "stream": True, "messages": turns, **options}).encode()


def ask(messages: str | Sequence[dict[str, Any]], **options: Any) -> Parsed:
    """The checked and parsed reply to a request."""
    return parsed(answer(body(messages, **options)))


def data_of(frame: bytes) -> dict[str, Any]:
    """The JSON of one frame, after its two lines and its terminator are checked."""
    event, data, *rest = frame.decode().split("\n")
    assert rest == ["", ""], frame
    loaded: dict[str, Any] = json.loads(data.removeprefix("data: "))
    assert event == f"event: {loaded['type']}", frame
    compact = {json.dumps(loaded, ensure_ascii=ascii, separators=(",", ":")) for ascii in (False, True)}
    assert data.removeprefix("data: ") in compact
    assert not _has_null(loaded), frame
    return loaded


def _has_null(value: Any) -> bool:
    """Whether an event has a null; what a source holds is its own business."""
    if isinstance(value, dict):
        return any(_has_null(inner) for key, inner in value.items() if key != "sources")
    return value is None


def parsed(reply: EngineReply) -> Parsed:
    """The message of a stream. Fails where the stream breaks the grammar of Cohere's v2 events."""
    assert reply.status == 200, reply.frames
    assert reply.headers["content-type"] == "text/event-stream"
    assert reply.frames[-1] == b"data: [DONE]\n\n"
    events = [data_of(frame) for frame in reply.frames[:-1]]
    assert events[0]["type"] == "message-start"
    assert events[0]["delta"] == {"message": EXTRAS}
    assert events[-1]["type"] == "message-end"
    result = Parsed(id=events[0]["id"], order=[event["type"] for event in events])
    _read_blocks(events[1:-1], result)
    end = events[-1]["delta"]
    assert end["finish_reason"] in FINISHES
    result.finish, result.usage = end["finish_reason"], end["usage"]
    assert (result.finish == "TOOL_CALL") == bool(result.calls)
    for citation in result.citations:
        assert result.text[citation["start"] : citation["end"]] == citation["text"] != ""
        assert citation["type"] == "TEXT_CONTENT"
        assert citation["content_index"] == (1 if result.thinking else 0)
        assert citation["sources"]
    return result


def _read_blocks(events: Iterable[dict[str, Any]], result: Parsed) -> None:
    """Every block is opened, filled and closed in order, and indexes count from 0 in their own spaces."""
    block: dict[str, Any] | None = None
    open_call = open_citation = False
    blocks = 0
    for event in events:
        message = event.get("delta", {}).get("message", {})
        match event["type"]:
            case "content-start":
                assert block is None and event["index"] == blocks
                block = message["content"]
                assert block in ({"type": "text", "text": ""}, {"type": "thinking", "thinking": ""})
                assert not result.calls
            case "content-delta":
                assert block is not None and event["index"] == blocks and not open_citation
                kind = block["type"]
                assert list(message["content"]) == [kind]
                piece = message["content"][kind]
                assert (piece and len(piece) <= 16) or not piece.isascii()
                setattr(result, kind, getattr(result, kind) + piece)
            case "content-end":
                assert block is not None and event["index"] == blocks and not open_citation
                block, blocks = None, blocks + 1
            case "tool-plan-delta":
                assert block is None and not result.calls and not result.text and "index" not in event
                result.plan += message["tool_plan"]
            case "tool-call-start":
                assert block is None and not open_call and event["index"] == len(result.calls)
                call = message["tool_calls"]
                assert call["type"] == "function" and call["function"]["arguments"] == ""
                assert re.fullmatch(re.escape(call["function"]["name"]) + "_[a-z0-9]{12}", call["id"])
                result.calls.append({"id": call["id"], **call["function"]})
                open_call = True
            case "tool-call-delta":
                assert open_call and event["index"] == len(result.calls) - 1
                result.calls[-1]["arguments"] += message["tool_calls"]["function"]["arguments"]
            case "tool-call-end":
                assert open_call and event["index"] == len(result.calls) - 1
                open_call = False
            case "citation-start":
                assert block is not None and block["type"] == "text" and not open_citation
                assert event["index"] == len(result.citations)
                result.citations.append(message["citations"])
                assert message["citations"]["end"] <= len(result.text)
                open_citation = True
            case "citation-end":
                assert open_citation and event["index"] == len(result.citations) - 1
                open_citation = False
            case other:
                raise AssertionError(f"an event that does not belong here: {other}")
    assert block is None and not open_call and not open_citation


DOCUMENT = {"id": "hours", "data": {"title": "Hours", "text": "The library opens at 9:00. It closes at 20:00."}}
WEATHER = {
    "type": "function",
    "function": {
        "name": "get_weather",
        "description": "Get the weather of a city",
        "parameters": {
            "type": "object",
            "properties": {"city": {"type": "string"}},
            "required": ["city"],
        },
    },
}


@pytest.mark.parametrize(
    "options",
    [
        {},
        {"documents": [DOCUMENT]},
        {"documents": [DOCUMENT], "citation_options": {"mode": "ACCURATE"}},
        {"documents": [DOCUMENT], "citation_options": {"mode": "off"}},
        {"documents": [DOCUMENT], "thinking": {"type": "enabled"}},
        {"tools": [WEATHER]},
        {"tools": [WEATHER], "thinking": {"type": "enabled"}},
        {"documents": [DOCUMENT], "max_tokens": 3},
        {"documents": [DOCUMENT], "max_tokens": 0},
        {"documents": [DOCUMENT], "response_format": {"type": "json_object"}},
    ],
)
@pytest.mark.parametrize("question", ["When does the library open?", "What is the weather in Oslo?", "hello", "🐕‍🦺?"])
def test_every_stream_keeps_the_grammar(question: str, options: dict[str, Any]) -> None:
    ask(question, **options)


def test_the_same_bytes_give_the_same_reply_and_other_bytes_another_id() -> None:
    request = body("What is the weather in Oslo?", tools=[WEATHER])
    assert answer(request) == answer(request)
    assert parsed(answer(request)).id != parsed(answer(request + b" ")).id
    assert parsed(answer(request)).calls[0]["id"] != parsed(answer(request + b" ")).calls[0]["id"]


def test_the_whole_body_says_what_the_stream_says() -> None:
    question = {"documents": [DOCUMENT], "thinking": {"type": "enabled"}}
    streamed = ask("When does the library open?", **question)
    reply = answer(body("When does the library open?", **question, stream=False))
    assert reply.headers["content-type"] == "application/json"
    (frame,) = reply.frames
    whole = json.loads(frame)
    assert whole["finish_reason"] == streamed.finish
    assert whole["usage"] == streamed.usage
    assert whole["message"]["content"] == [
        {"type": "thinking", "thinking": streamed.thinking},
        {"type": "text", "text": streamed.text},
    ]
    assert whole["message"]["citations"] == streamed.citations


def test_the_whole_body_of_a_tool_call() -> None:
    reply = answer(body("What is the weather in Oslo?", tools=[WEATHER], stream=False))
    whole = json.loads(reply.frames[0])
    (call,) = whole["message"]["tool_calls"]
    assert whole["finish_reason"] == "TOOL_CALL"
    assert "content" not in whole["message"]
    assert "get_weather" in whole["message"]["tool_plan"]
    assert json.loads(call["function"]["arguments"]) == {"city": "Oslo"}


@pytest.mark.parametrize("name", ["plain_text", "tool_calls_parallel", "tool_chain_step3", "tool_agent_step2"])
def test_recorded_requests_of_the_cloud_are_understood(name: str) -> None:
    path = RECORDINGS / f"{name}.json"
    if not path.exists():
        pytest.skip("no recordings beside the checkout")
    request = json.loads(path.read_text())["request"]
    message = parsed(answer(json.dumps(request).encode()))
    assert message.finish in ("COMPLETE", "TOOL_CALL")


def test_events_have_the_fields_of_recorded_ones() -> None:
    if not RECORDINGS.exists():
        pytest.skip("no recordings beside the checkout")
    recorded: dict[str, set[str]] = {}
    for path in sorted(RECORDINGS.glob("*.sse")):
        for line in path.read_text().splitlines():
            if line.startswith("data: {"):
                event = json.loads(line.removeprefix("data: "))
                recorded.setdefault(event["type"], set()).update(_shape(event))
    replies = [
        answer(body("When does the library open?", documents=[DOCUMENT], thinking={"type": "enabled"})),
        answer(body("What is the weather in Oslo?", tools=[WEATHER])),
    ]
    for reply in replies:
        for frame in reply.frames[:-1]:
            event = data_of(frame)
            assert _shape(event) <= recorded[event["type"]], frame


def _shape(value: Any, path: str = "") -> set[str]:
    """The paths of an event's keys; what a source holds is its own business."""
    if not isinstance(value, dict):
        return {path}
    return set().union(*(_shape(inner, f"{path}.{key}") for key, inner in value.items())) if value else {path}


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-9, 10**6)
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=12),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner, max_size=3),
    max_leaves=8,
)
PARAMETERS = st.fixed_dictionaries(
    {
        "properties": st.dictionaries(
            st.sampled_from(["city", "from", "to", "amount", "query", "day"]),
            st.fixed_dictionaries({}, optional={"type": st.sampled_from(["string", "integer", "array"]), "enum": JSON})
            | JSON,
            max_size=3,
        ),
        "required": st.lists(st.sampled_from(["city", "to", "amount"]), max_size=2) | JSON,
    }
)


@settings(deadline=None, max_examples=150, derandomize=True)
@given(
    question=st.text(min_size=1, max_size=60) | st.sampled_from(["weather in Oslo", "weather from 3 to 4.5 in city"]),
    documents=st.lists(st.text(max_size=80) | st.builds(lambda data: {"data": {"text": data}}, JSON), max_size=4),
    parameters=PARAMETERS,
    mode=st.sampled_from(["fast", "accurate", "off"]),
    max_tokens=st.none() | st.integers(0, 30),
)
def test_any_request_gets_a_good_stream_or_a_clear_refusal(
    question: str, documents: list[Any], parameters: Any, mode: str, max_tokens: int | None
) -> None:
    tool = {
        "type": "function",
        "function": {"name": "weather", "description": "the weather", "parameters": parameters},
    }
    reply = answer(
        body(question, documents=documents, tools=[tool], citation_options={"mode": mode}, max_tokens=max_tokens)
    )
    if reply.status == 200:
        parsed(reply)
    else:
        assert reply.status == 400 and not question.strip()
