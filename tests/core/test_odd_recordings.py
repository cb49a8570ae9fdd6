"""Recordings that are whole, and yet not as this program writes them: read as far as they say something, or refused."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest

from tests.core.streams import CASSETTES
from tests.recordings import Text, encoded
from workbench.cli import run
from workbench.conversation.turn import Turn
from workbench.events import MessageEnd, Request, ToolCallStart, ToolResult
from workbench.recordings.exchanges import frames_of

START: Mapping[str, Any] = {"kind": "turn-start", "turn": 1, "prompt": "When?"}
STEP: Mapping[str, Any] = {"kind": "step", "turn": 1, "step": 1}
END: Mapping[str, Any] = {"kind": "turn-end", "turn": 1, "status": "complete", "error": None, "seconds": 1}
STREAM = (CASSETTES / "plain_text.sse").read_bytes()
CALL = {"kind": "tool-start", "turn": 1, "step": 1, "call": 0, "id": "a", "name": "f", "arguments": {}}
RESULT = {**CALL, "kind": "tool-result", "seconds": 0.1, "result": 1}
RETRY = {"kind": "retry", "turn": 1, "step": 1, "attempt": 1, "most": 3, "wait": 0.1,
         "error": {"kind": "http", "status": 503, "message": "busy"}}  # fmt: skip


def answered(body: Any, *, status: Any = 200) -> list[Mapping[str, Any]]:
    headers = [["content-type", "text/event-stream"]]
    return [
        {"kind": "request", "request": 1, "body": body},
        {"kind": "response", "request": 1, "at": 0.1, "status": status, "headers": headers},
        {"kind": "frames", "request": 1, "at": 0.2, "frames": frames_of(STREAM)},
        {"kind": "end", "request": 1, "at": 0.3, "outcome": "complete"},
    ]


def played(path: Path, capsys: pytest.CaptureFixture[str]) -> tuple[int, list[dict[str, Any]], str]:
    code = run(["replay", str(path), "--json", "--speed", "max"])
    said = capsys.readouterr()
    return code, [json.loads(line) for line in said.out.splitlines()], said.err


@pytest.mark.parametrize("key", ["", "a-key-of-these-tests"])
@pytest.mark.parametrize(
    "body",
    [
        None,
        "text",
        {},
        {"messages": None},
        {"messages": "When?"},
        {"messages": {"role": "system"}},
        {"messages": [1, None, "x", ["y"]]},
        {"messages": [{"role": ["system"]}, {"role": "system", "content": 5}]},
        {"messages": [], "tools": 7, "documents": {"a": 1}},
        {"messages": [], "tools": [1, "x"], "documents": [None]},
        {"model": {"a": 1}, "temperature": Text("1e400")},
        {"messages": Text("[" * 150 + "]" * 150)},
        {"messages": Text("[" * 900 + "]" * 900)},
        {"messages": [], "extra": Text('{"a":' * 900 + "1" + "}" * 900)},
    ],
)
def test_an_answer_is_seen_whatever_its_request_was(
    body: Any, key: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    if key:
        monkeypatch.setenv("CO_API_KEY", key)
    path = tmp_path / "odd.jsonl"
    path.write_bytes(encoded(START, STEP, *answered(body), END))
    code, events, err = played(path, capsys)
    assert err == ""
    assert (code, events[-1]["status"], events[-1]["text"] != "") == (0, "complete", True)
    assert run(["ask", "--offline", "--json", "And?", "--resume", str(path)]) == 0
    request = json.loads(capsys.readouterr().out.splitlines()[0])
    assert [message["role"] for message in request["body"]["messages"]] == ["user", "assistant", "user"]


@pytest.mark.parametrize(
    ("lines", "statuses"),
    [
        ([START, END], ["complete"]),
        ([START, {**END, "status": "cancelled"}], ["cancelled"]),
        ([START, STEP, END], ["complete"]),
        ([START], ["incomplete"]),
        ([START, START, END, END], ["incomplete", "complete"]),
        ([START, STEP, *answered({}), END, END], ["complete"]),
        ([START, *answered({}), END], ["complete"]),
        ([STEP, START, STEP, *answered({}), {**END, "turn": 9}], ["complete"]),
        ([END, START, {"kind": "unheard-of", "x": [1]}, STEP, *answered({}), END], ["complete"]),
        ([START, STEP, *answered({}), CALL, RESULT, RESULT, END], ["complete"]),
        ([START, STEP, *answered({}), END, {"kind": "forget", "turn": 7}, {"kind": "clear"}], ["complete"]),
    ],
)
def test_marks_in_odd_orders(
    lines: list[Mapping[str, Any]], statuses: list[str], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_bytes(encoded(*lines))
    _, events, err = played(path, capsys)
    assert err == ""
    assert [event["status"] for event in events if event["event"] == "turn-end"] == statuses
    assert run(["ask", "--offline", "And?", "--resume", str(path)]) == 0


@pytest.mark.parametrize(
    "line",
    [
        {**START, "turn": None}, {**START, "turn": Text("1e400")}, {**STEP, "step": []},
        {**END, "status": "running"}, {**END, "status": []}, {**END, "seconds": Text("NaN")}, {**END, "error": "x"},
        {**END, "error": {"kind": []}}, {**END, "seconds": Text("1" + "0" * 400)}, {**CALL, "call": Text("-1e400")},
        {**RESULT, "seconds": "long"}, {**RETRY, "error": None}, {**RETRY, "wait": Text("Infinity")},
        {**RETRY, "error": {"kind": "http"}}, {"kind": "request", "request": 1.5, "body": {}},
        {"kind": "response", "request": 7, "status": 200, "headers": []}, {"kind": "request", "request": 1},
        {"kind": "frames", "request": 7, "at": 0, "frames": []}, {"kind": "forget", "turn": {}},
        {"kind": "sources", "turn": 1, "sources": [5]}, {"kind": "sources", "turn": 1, "sources": {"id": 1}},
        {"kind": "step", "t": Text("NaN")}, {"kind": "step", "t": Text("1" + "0" * 400)}, {"kind": "step", "t": True},
        {"kind": "step", "x": Text("9" * 5000)}, {"kind": "step", "x": Text("[" * 100_000 + "]" * 100_000)},
        {"kind": 5}, {"kind": "request", "request": 1, "body": {"messages": []}, "after": [7, 1]},
    ],
)  # fmt: skip
def test_a_line_that_cannot_be_used_is_named(
    line: Mapping[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "odd.jsonl"
    path.write_bytes(encoded(START, STEP, line))
    for argv in (["replay", str(path), "--json"], ["ask", "--offline", "And?", "--resume", str(path)]):
        code, err = run(argv), capsys.readouterr().err
        if code != 2:  # one of the two has no use for the field
            assert err == ""
            continue
        assert err.startswith(f"{path}:4: ")
        assert (err.count("\n"), len(err) < 600) == (1, True)
        break
    else:
        pytest.fail("neither refused it")


@pytest.mark.parametrize("call", [1, 7, -1])
def test_a_result_that_belongs_to_no_call_is_no_answer_to_one(call: int) -> None:
    turn = Turn(1, "Is it open?")
    for event in (
        Request(t=0.0, step=1, body={}),
        ToolCallStart(index=0, id="a", name="opening_hours", arguments="{}"),
        MessageEnd(finish_reason="TOOL_CALL"),
        ToolResult(step=1, id="b", name="opening_hours", arguments={}, result="09:00", call=call),
    ):
        turn.apply(event)
    assert turn.messages(thinking=True) == [{"role": "user", "content": "Is it open?"}]
