"""Tool calls in the shapes that servers send: what is run, and what goes back to the model."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.core.streams import frame
from tests.loopback import message, stream
from tests.serving import serving
from workbench.cli import run
from workbench.conversation.fold import ToolCall
from workbench.errors import ToolError
from workbench.events import Malformed, ToolCallDelta, ToolCallStart
from workbench.tools.call_arguments import parse_arguments
from workbench.wire.decoder import decode
from workbench.wire.frames import FrameReader

PLACE = {"place": "library 🌈"}
NONE = ["", "  ", "null", " null\n", "\tnull ", '""', ' "" ']
TOOLS = """
tools:
  - name: hours
    parameters: {type: object, properties: {place: {type: string}}, additionalProperties: false}
    run: {reply: {opens: "09:00"}}
"""


def opened(arguments: Any) -> bytes:
    call = {"id": "c1", "type": "function", "function": {"name": "hours", "arguments": arguments}}
    return frame("tool-call-start", index=0, delta={"message": {"tool_calls": call}})


def more(arguments: Any) -> bytes:
    return frame("tool-call-delta", index=0, delta={"message": {"tool_calls": {"function": {"arguments": arguments}}}})


END = frame("message-end", delta={"finish_reason": "TOOL_CALL"})


def asked(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, *chunks: bytes
) -> tuple[int, list[dict[str, Any]], list[dict[str, Any]]]:
    """The exit code, the lines of a turn whose first step has these chunks, and the bodies of its requests."""
    monkeypatch.setenv("CO_API_KEY", "key-of-these-tests")
    (tmp_path / "tools.yaml").write_text(TOOLS, encoding="utf-8")
    replies = iter([stream(frame("message-start", id="m"), *chunks), stream(message("Nine."))])
    with serving(lambda _: next(replies)) as server:
        code = run(["ask", "--json", "--base-url", server.url, "--tools", str(tmp_path / "tools.yaml"), "?"])
        bodies = [received.body for received in server.received]
    return code, [json.loads(line) for line in capsys.readouterr().out.splitlines()], bodies


@pytest.mark.parametrize(
    "chunks",
    [
        [opened(PLACE)],
        [opened(""), more(PLACE)],
        [opened(None), more(PLACE)],
        [opened({}), more(json.dumps(PLACE))],
        [opened({}), more({}), more(PLACE)],
        [opened(PLACE), more(json.dumps(PLACE)[:9]), more(json.dumps(PLACE)[9:])],
        [opened(json.dumps(PLACE)), more(PLACE)],
    ],
)
def test_arguments_that_are_an_object_are_run_and_go_back_as_text(
    chunks: list[bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, lines, bodies = asked(tmp_path, capsys, monkeypatch, *chunks, END)
    (result,) = [line for line in lines if line["event"] == "tool-result"]
    assert (code, result["arguments"], result["result"]) == (0, PLACE, {"opens": "09:00"})
    (call,) = bodies[1]["messages"][1]["tool_calls"]
    assert json.loads(call["function"]["arguments"]) == PLACE


@pytest.mark.parametrize("text", NONE)
def test_no_arguments_however_they_are_said_are_an_empty_object(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    code, lines, bodies = asked(tmp_path, capsys, monkeypatch, opened(""), *([more(text)] if text else []), END)
    (result,) = [line for line in lines if line["event"] == "tool-result"]
    assert (code, result["arguments"], result["result"]) == (0, {}, {"opens": "09:00"})
    assert bodies[1]["messages"][1]["tool_calls"][0]["function"]["arguments"] == "{}"


@pytest.mark.parametrize("text", NONE)
def test_no_arguments_are_an_empty_object_for_the_tool_and_for_people(text: str) -> None:
    assert parse_arguments(text) == ToolCall("c", "hours", text).parsed() == {}


@pytest.mark.parametrize("text", ["nul", "NULL", "[]", "0", "false", '"null"', '" "', "null null"])
def test_what_is_no_object_and_not_nothing_is_refused_as_before(text: str) -> None:
    with pytest.raises(ToolError, match="arguments"):
        parse_arguments(text)
    assert ToolCall("c", "hours", text).parsed() == text


@pytest.mark.parametrize(
    "text", ['{"a": 1}{"a": 2}', '{"a": 1}{"a": true}', '{"a": 1}{"a": 1', '{"a": 1} {"a": 1} {}', "{}{}x"]
)
def test_two_objects_that_are_not_the_same_are_refused(text: str) -> None:
    with pytest.raises(ToolError, match="arguments"):
        parse_arguments(text)
    assert ToolCall("c", "hours", text).parsed() == text


def test_the_same_object_twice_is_that_object() -> None:
    assert parse_arguments('{"a": {"b": "}{"}}\n{"a":{"b":"}{"}} ') == {"a": {"b": "}{"}}
    assert parse_arguments('{"a": "}{"}') == {"a": "}{"}


def test_a_text_that_prints_nothing_is_not_a_turn_that_went_well(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CO_API_KEY", "key-of-these-tests")
    with serving(lambda _: stream(frame("message-start", id="m"), END)) as server:
        code = run(["ask", "--base-url", server.url, "?"])
    out, err = capsys.readouterr()
    assert (code, out) == (1, "")
    assert "incomplete: the model stopped to call a tool, and no call came" in err


@pytest.mark.parametrize("finish_reason", ["COMPLETE", "TOOL_CALL", "STOP_SEQUENCE"])
def test_a_call_that_is_lost_is_no_answer_whatever_reason_it_ends_with(
    finish_reason: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    lost = b'event: tool-call-start\ndata: {"type": "tool-call-start", "delta": {"mess\n\n'
    end = frame("message-end", delta={"finish_reason": finish_reason})
    text = frame("content-delta", index=0, delta={"message": {"content": {"text": "I look it up."}}})
    code, lines, _ = asked(tmp_path, capsys, monkeypatch, text, lost, end)
    assert (code, lines[-1]["status"]) == (1, "incomplete")
    assert "what cannot be read" in lines[-1]["error"]["message"]
    assert not [line for line in lines if line["event"] == "tool-result"]


@pytest.mark.parametrize(
    ("data", "about"),
    [
        (b'event: tool-call-start\ndata: {"x\n\n', "tool-call-start"),
        (frame("tool-call-start", delta=[1]), "tool-call-start"),
        (b'data: {"type":"tool-call-de\n\n', "tool-call-delta"),
        (b"event: content-delta\ndata: {x\n\n", "content-delta"),
        (b'data: {"type":"content-de\n\n', ""),
        (b"data: [1]\n\n", ""),
    ],
)
def test_a_frame_that_cannot_be_read_tells_what_it_was_to_be(data: bytes, about: str) -> None:
    (found,) = FrameReader().feed(data)
    event = decode(found)
    assert isinstance(event, Malformed)
    assert event.about == about


def test_the_value_of_arguments_becomes_their_text() -> None:
    (start,) = FrameReader().feed(opened({"a": [1, None, True]}))
    (delta,) = FrameReader().feed(more([1]))
    began, went_on = decode(start), decode(delta)
    assert isinstance(began, ToolCallStart)
    assert isinstance(went_on, ToolCallDelta)
    assert (json.loads(began.arguments), went_on.arguments) == ({"a": [1, None, True]}, "[1]")
