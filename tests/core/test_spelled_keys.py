"""Recordings to be given away: a key is in no frame of them, however it came, and all else is as it was."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.loopback import message, sse
from workbench.events import ContentDelta, Event, ToolCallDelta
from workbench.recordings.exchanges import frames_bytes, frames_of
from workbench.recordings.recording import RecordedLine
from workbench.secrets.keys import ApiKey
from workbench.secrets.redactor import Redactor
from workbench.sessions.export.spelled_keys import without_spelled_keys
from workbench.wire.decoder import decode
from workbench.wire.frames import FrameReader

KEY = "ZkqWer9xtV2Lm4Pq0s"
REDACTOR = Redactor([ApiKey(KEY, "CO_API_KEY")])
STREAM = [["content-type", "text/event-stream"]]
PLAIN = [["content-type", "text/plain"]]
HERE = Path("here.jsonl")


def lines_of(chunks: Sequence[bytes], headers: Any = STREAM, *, ends: bool = True) -> list[RecordedLine]:
    """A recording of one request whose response came in these chunks."""
    kinds: list[tuple[str, dict[str, Any]]] = [("header", {}), ("request", {"request": 1, "body": {}})]
    kinds.append(("response", {"request": 1, "at": 0.0, "status": 200, "headers": headers}))
    kinds += [("frames", {"request": 1, "at": 0.1 * n, "frames": frames_of(data)}) for n, data in enumerate(chunks)]
    kinds += [("end", {"request": 1, "at": 9.0, "outcome": "complete"})] if ends else []
    return [RecordedLine(seq, 0.1 * seq, kind, fields) for seq, (kind, fields) in enumerate(kinds)]


def masked(lines: Sequence[RecordedLine]) -> list[RecordedLine]:
    """The lines as they are given away; none is left out, and only those of frames may say something else."""
    given = list(without_spelled_keys(HERE, lines, REDACTOR))
    assert [(line.seq, line.t, line.kind) for line in given] == [(line.seq, line.t, line.kind) for line in lines]
    assert [each for each in given if each.kind != "frames"] == [each for each in lines if each.kind != "frames"]
    return given


def body(lines: Sequence[RecordedLine]) -> bytes:
    return b"".join(frames_bytes(line) for line in lines if line.kind == "frames")


def events(data: bytes) -> Iterator[Event]:
    reader = FrameReader()
    return map(decode, [*reader.feed(data), *reader.close()])


def text(data: bytes) -> str:
    return "".join(event.text + event.thinking for event in events(data) if isinstance(event, ContentDelta))


def delta(text: str, name: str = "text", **more: Any) -> dict[str, Any]:
    return {"type": "content-delta", "index": 0, "delta": {"message": {"content": {name: text}}}, **more}


@pytest.mark.parametrize("name", ["text", "thinking"])
@pytest.mark.parametrize("at", range(1, len(KEY)))
def test_no_part_of_a_key_is_left_of_one_in_two_events(at: int, name: str) -> None:
    data = sse(*(delta(piece, name) for piece in ("It is ", KEY[:at], KEY[at:], " indeed.")))
    said = text(body(masked(lines_of([data]))))
    assert said.startswith("It is ") and said.endswith(" indeed.")
    assert len(said.removeprefix("It is ").removesuffix(" indeed.").replace("***", "")) < 4


def test_letter_by_letter_and_chunk_by_chunk_the_frames_stay_where_they_came() -> None:
    pieces = ["It is ", *KEY, " indeed."]
    lines = lines_of([sse(delta(piece), done=False) for piece in pieces])
    given = masked(lines)
    assert text(body(given)).startswith("It is ***") or text(body(given)).replace("***", "").startswith("It is ")
    assert KEY[5:] not in text(body(given))
    assert given[3] == lines[3] and given[-2] == lines[-2]  # the first piece, and the last


def test_what_a_model_writes_for_tools_too() -> None:
    def call(piece: str) -> dict[str, Any]:
        function = {"function": {"arguments": piece}}
        return {"type": "tool-call-delta", "index": 0, "delta": {"message": {"tool_calls": function}}}

    start = {"id": "c", "type": "function", "function": {"name": "f", "arguments": ""}}
    begun = {"type": "tool-call-start", "index": 0, "delta": {"message": {"tool_calls": start}}}
    data = sse(begun, call('{"key": "'), call(KEY[:7]), call(KEY[7:]), call('"}'))
    found = events(body(masked(lines_of([data]))))
    written = "".join(each.arguments for each in found if isinstance(each, ToolCallDelta))
    assert json.loads(written) == {"key": "***"}


def test_the_tokens_of_a_piece_do_not_spell_it_either() -> None:
    tokens = {"text": KEY[:9], "token_ids": [1], "logprobs": [-0.1]}
    data = sse(delta("see "), delta(KEY[:9], logprobs=tokens), delta(KEY[9:], logprobs={**tokens, "text": KEY[9:]}))
    given = body(masked(lines_of([data]))).decode()
    assert KEY[:9] not in given and KEY[9:] not in given and "see " in given


def test_a_key_in_a_body_that_is_no_stream_is_masked_across_its_lines() -> None:
    given = body(masked(lines_of([b"your key " + KEY[:8].encode(), KEY[8:].encode() + b" is wrong"], PLAIN)))
    assert given == b"your key *** is wrong"


@pytest.mark.parametrize("ends", [True, False])
@pytest.mark.parametrize("size", [1, 7, 100, 10_000])
def test_what_holds_no_key_stays_byte_for_byte(size: int, ends: bool) -> None:
    """Also where a piece ends as a key begins, and a frame ends in the middle of a chunk."""
    data = b"\xef\xbb\xbf: hello\n\n" + sse(delta(f"It is {KEY[:5]}"), delta("other"), {"type": "new"}, done=False)
    data += message("Nine ü🌈", thinking="Hm.") + b"data: {broken\n\n"
    lines = lines_of([data[at : at + size] for at in range(0, len(data), size)], ends=ends)
    assert masked(lines) == lines


def test_without_a_key_nothing_is_looked_at() -> None:
    lines = [RecordedLine(0, 0.0, "frames", {"anything": 1})]
    assert list(without_spelled_keys(HERE, lines, Redactor())) == lines
