"""Answers without end: each ends its turn as `limit`, what came is kept, and the memory does not grow with it."""

from __future__ import annotations

import asyncio
import gzip
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.core.streams import frame
from tests.loopback import (
    EVENT_STREAM,
    Action,
    Chunk,
    Hang,
    Head,
    LoopbackServer,
    Received,
    Reply,
    error,
    message,
    stream,
)
from tests.serving import serving
from workbench.cli import run
from workbench.cohere_client import ClientOptions, connect
from workbench.conversation import Conversation, Options
from workbench.conversation.options import MEGABYTE, Bounds
from workbench.recordings.recording import Reading
from workbench.sessions.restore import conversation as restored
from workbench.startup.setup import read_plan

SETTINGS = "max_text_mb: 0.05\nmax_arguments_mb: 0.05\nmax_line_mb: 0.05\nmax_other_mb: 0.05\n"
BOUND = int(0.05 * MEGABYTE)
SLACK = 128 * 1024  # what one read of the network may bring more
START = frame("message-start", id="m")
WORDS = "word " * 200


def content(kind: str = "text", text: str = WORDS, index: Any = 0, **more: Any) -> bytes:
    return frame("content-delta", index=index, delta={"message": {"content": {kind: text}}}, **more)


def arguments(text: str, index: int = 0) -> bytes:
    calls = {"tool_calls": {"function": {"arguments": text}}}
    return frame("tool-call-delta", index=index, delta={"message": calls})


def call(number: int) -> bytes:
    calls = {"tool_calls": {"id": f"c{number}", "function": {"name": "hours", "arguments": ""}}}
    return frame("tool-call-start", index=number, delta={"message": calls})


def citation(number: int, text: str = "word", **more: Any) -> bytes:
    source = {"type": "document", "id": f"d{number}", "document": {"id": f"d{number}", "text": "passage"}}
    cited = {"start": 0, "end": len(text), "text": text, "sources": [source], **more}
    return frame("citation-start", index=number, delta={"message": {"citations": cited}}) + frame("citation-end")


Endless = Callable[[int], bytes]
ENDLESS: dict[str, tuple[Endless, str]] = {
    "text": (lambda n: content(), "max_text_mb"),
    "text in small pieces": (lambda n: content(text="word "), "max_text_mb"),
    "text beyond ASCII": (lambda n: content(text="\U0001f30a" * 100), "max_text_mb"),
    "text in a start": (
        lambda n: frame("content-start", index=0, delta={"message": {"content": {"type": "text", "text": WORDS}}}),
        "max_other_mb",
    ),
    "text of every block": (lambda n: content(index=n % 2), "max_text_mb"),
    "thinking": (lambda n: content("thinking"), "max_text_mb"),
    "text and thinking": (lambda n: content(("text", "thinking")[n % 2], index=n % 2), "max_text_mb"),
    "plan": (lambda n: frame("tool-plan-delta", delta={"message": {"tool_plan": WORDS}}), "max_text_mb"),
    "arguments of one call": (lambda n: arguments(WORDS), "max_arguments_mb"),
    "arguments of many calls": (lambda n: call(n) + arguments(WORDS, n), "max_arguments_mb"),
    "calls": (call, "max_arguments_mb"),
    "calls that nobody started": (lambda n: arguments("x", n), "max_arguments_mb"),
    "blocks that nobody started": (lambda n: content(text="x", index=n), "max_other_mb"),
    "blocks": (
        lambda n: frame("content-start", index=0, delta={"message": {"content": {"type": "text"}}}),
        "max_other_mb",
    ),
    "citations": (citation, "max_other_mb"),
    "citations of no place": (lambda n: citation(n, "nowhere"), "max_other_mb"),
    "citations of many objects": (lambda n: citation(n, sources=[{}] * 100), "max_other_mb"),
    "text with a long tail of numbers": (
        lambda n: content(text="a", logprobs={"text": "a", "logprobs": [0.5] * 1000}),
        "max_other_mb",
    ),
    "empty deltas": (lambda n: content(text=""), "max_other_mb"),
    "message-starts": (lambda n: START, "max_other_mb"),
    "unknown events": (lambda n: frame("sparkle", glitter=n), "max_other_mb"),
    "malformed events": (lambda n: b"data: {oops\n\n", "max_other_mb"),
    "lines that are none": (lambda n: b"x\n", "max_other_mb"),
    "a line": (lambda n: b"y" * 997, "max_line_mb"),
    "a data line": (lambda n: b"data: " + b"y" * 1000 if n == 0 else b"y" * 1000, "max_line_mb"),
    "an event line": (lambda n: b"event: " if n == 0 else b"y" * 1000, "max_line_mb"),
    "a comment": (lambda n: b": " if n == 0 else b"y" * 1000, "max_line_mb"),
    "data lines of one event": (lambda n: b"data: y\n", "max_line_mb"),
    "event lines of one event": (lambda n: b"event: " + b"y" * 1000 + b"\n", "max_line_mb"),
    "empty data lines of one event": (lambda n: b"data\n", "max_line_mb"),
}


def without_end(make: Endless) -> Iterator[Action]:
    """The reply of a server that never stops."""
    yield Head()
    yield Chunk(START + content(text="Begun. "))
    for number in itertools.count():
        yield Chunk(b"".join(make(n) for n in range(number * 8, number * 8 + 8)))


@pytest.fixture
def settings(tmp_path: Path) -> Path:
    path = tmp_path / "settings.yaml"
    path.write_text(SETTINGS, encoding="utf-8")
    return path


def asked(capsys: pytest.CaptureFixture[str], *argv: str) -> tuple[int, dict[str, Any], list[str]]:
    code = run(["ask", "--json", *argv, "--max-time", "60", "?"])
    out, err = capsys.readouterr()
    assert err == ""
    lines = [json.loads(line) for line in out.splitlines()]
    return code, lines[-1], [line["event"] for line in lines]


@pytest.mark.parametrize("name", ENDLESS)
def test_what_does_not_end_is_ended(
    name: str, settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """In `ask`, and in what it keeps."""
    make, setting = ENDLESS[name]
    recording = tmp_path / "it.recording.jsonl"
    with serving(lambda _: without_end(make)) as server:
        code, end, events = asked(
            capsys, "--base-url", server.url, "--config", str(settings), "--record", str(recording)
        )
    assert len(server.received) == 1
    assert (code, end["status"], end["error"]["kind"]) == (3, "limit", "limit")
    assert f"the setting {setting} sets the limit" in end["error"]["message"]
    assert "0.05 MB" in end["error"]["message"]
    assert "Begun. " in end["text"]
    assert len(end["text"].encode()) + len(end["thinking"].encode()) <= BOUND + SLACK
    assert sum(len(json.dumps(each["arguments"])) for each in end["tool_calls"]) <= BOUND + SLACK
    assert ("malformed" in events) or setting != "max_line_mb"
    [turn] = restored(recording, Reading(recording)).path
    kept = turn.turn.summary().as_json()
    ledger = zip(kept["ledger"], end["ledger"], strict=setting != "max_line_mb")  # whose lines say more of each source
    end["ledger"] = [{name: told[name] for name in its} for its, told in ledger]
    assert {name: kept[name] for name in kept if name not in ("seconds", "error", "usage")} == {
        name: end[name] for name in kept if name not in ("seconds", "error", "usage")
    } or setting == "max_line_mb"
    assert (kept["status"], kept["error"]) == ("limit", end["error"])


async def test_the_connection_is_closed_at_once() -> None:
    endless = without_end(ENDLESS["text"][0])
    async with LoopbackServer([endless]) as server:
        client = connect(ClientOptions(base_url=server.url), {})
        turn = await Conversation(client, Options(bounds=Bounds(text=BOUND))).run("?")
        async with asyncio.timeout(20):
            await server.received[0].gone.wait()
        assert turn.status == "limit"
        await client.aclose()


def test_what_was_whole_is_kept_and_no_call_is_run(
    settings: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = tmp_path / "tools.yaml"
    tools.write_text("tools: [{name: hours, description: Opens., run: {reply: nine}}]", encoding="utf-8")
    begun = content("thinking", "Hm. ") + content(text="Hello ") + citation(0, "Hello") + call(0) + arguments("{}")
    reply: Reply = [Head(), Chunk(START + begun + frame("tool-call-end", index=0)), Hang(content(), 0)]
    with serving([reply]) as server:
        code, end, events = asked(capsys, "--base-url", server.url, "--config", str(settings), "--tools", str(tools))
    assert (code, end["status"], end["thinking"]) == (3, "limit", "Hm. ")
    assert end["text"].startswith("Hello word word")
    assert [(each["start"], each["text"]) for each in end["citations"]] == [(0, "Hello")]
    assert [(each["name"], each["arguments"], each["result"]) for each in end["tool_calls"]] == [("hours", {}, None)]
    assert "tool-result" not in events


def test_the_bounds_are_of_all_steps_of_a_turn(
    tmp_path: Path, settings: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    tools = tmp_path / "tools.yaml"
    tools.write_text("tools: [{name: hours, description: Opens., run: {reply: nine}}]", encoding="utf-8")
    steps = itertools.count()

    def reply(_: Received) -> Reply:
        number = next(steps)
        return stream(message("x" * 20_000, tool_calls=[(f"c{number}", "hours", json.dumps({"n": number}))]))

    with serving(reply) as server:
        code, end, _ = asked(capsys, "--base-url", server.url, "--config", str(settings), "--tools", str(tools))
    assert (code, end["status"], end["steps"], len(end["text"])) == (3, "limit", 3, 60_000)


def test_a_turn_of_too_many_steps_has_the_same_exit_code(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    tools = tmp_path / "tools.yaml"
    tools.write_text("tools: [{name: hours, description: Opens., run: {reply: nine}}]", encoding="utf-8")
    with serving(lambda _: stream(message(tool_calls=[("c", "hours", "{}")]))) as server:
        code, end, _ = asked(capsys, "--base-url", server.url, "--tools", str(tools), "--max-steps", "1")
    assert (code, end["status"]) == (3, "max-steps")


def test_what_comes_behind_the_end_does_not_undo_it(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reply: Reply = [Head(), Chunk(message("All is well.")), Hang(b"data: {oops\n\n" * 100, 0)]
    with serving([reply]) as server:
        code, end, _ = asked(capsys, "--base-url", server.url, "--config", str(settings))
    assert (code, end["status"], end["text"]) == (0, "complete", "All is well.")


def test_an_answer_just_within_the_bounds_is_complete(settings: Path, capsys: pytest.CaptureFixture[str]) -> None:
    text = "x" * (BOUND - 10)
    with serving([stream(START, *(content(text=text[at : at + 1000]) for at in range(0, len(text), 1000)),
                         frame("message-end", delta={"finish_reason": "COMPLETE"}))]) as server:  # fmt: skip
        code, end, _ = asked(capsys, "--base-url", server.url, "--config", str(settings))
    assert (code, end["status"], end["text"]) == (0, "complete", text)


@pytest.mark.parametrize("coding", ["gzip", "deflate", "gzip, gzip"])
async def test_a_compressed_body_is_decoded_piece_by_piece(coding: str) -> None:
    import zlib

    plain = START + content(text="Begun. ") + b"data: " + b"y" * (40 * MEGABYTE)
    packed = zlib.compress(plain, 9) if coding == "deflate" else gzip.compress(plain, 9)
    packed = gzip.compress(packed) if coding.endswith(", gzip") else packed
    head = Head(200, {**EVENT_STREAM, "content-encoding": coding})
    async with LoopbackServer(lambda _: [head, Chunk(packed)]) as server:
        client = connect(ClientOptions(base_url=server.url), {})
        seen = 0
        async with client.stream({"model": "m", "messages": [{"role": "user", "content": "?"}]}) as chunks:
            async for chunk in chunks:
                assert len(chunk) <= 64 * 1024
                seen += len(chunk)
        turn = await Conversation(client, Options(bounds=Bounds(line=MEGABYTE))).run("?")
        await client.aclose()
    assert seen == len(plain)
    assert (turn.status, turn.text) == ("limit", "Begun. ")


async def test_an_error_body_that_is_a_bomb_is_read_in_part() -> None:
    packed = gzip.compress(b"sorry " * (20 * MEGABYTE), 9)
    reply = error(400, packed, {"content-encoding": "gzip"})
    async with LoopbackServer([reply]) as server:
        client = connect(ClientOptions(base_url=server.url), {})
        turn = await Conversation(client).run("?")
        await client.aclose()
    assert turn.status == "failed"
    assert "sorry sorry" in str(turn.error)
    assert len(str(getattr(turn.error, "body", ""))) <= MEGABYTE


# -- where the bounds and the limits of time come from ---------------------------------------------------


def options(tmp_path: Path, text: str, **flags: Any) -> Options:
    import argparse

    path = tmp_path / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return read_plan(argparse.Namespace(config=path, **flags), {}).options()


def test_the_bounds_are_settings(tmp_path: Path) -> None:
    assert options(tmp_path, "model: m").bounds == Bounds(32 * 2**20, 8 * 2**20, 32 * 2**20, 16 * 2**20)
    given = "max_text_mb: 1\nmax_arguments_mb: 0.5\nmax_other_mb: 1024\nmax_line_mb: 2"
    assert options(tmp_path, given).bounds == Bounds(2**20, 2**19, 2**30, 2 * 2**20)


@pytest.mark.parametrize(
    ("text", "flags", "first_byte", "timeout"),
    [
        ("model: m", {}, None, None),
        ("timeout: 5", {}, None, 5.0),
        ("first_byte_timeout: 5", {}, 5.0, None),
        ("timeout: 5\nfirst_byte_timeout: 9", {}, 9.0, 5.0),
        ("timeout: 5\nfirst_byte_timeout: 9", {"timeout": 4.0}, None, 4.0),
        ("timeout: 5\nfirst_byte_timeout: 9", {"first_byte_timeout": 4.0}, 4.0, 5.0),
        ("model: m", {"timeout": 4.0, "first_byte_timeout": 7.0}, 7.0, 4.0),
    ],
)
def test_a_flag_of_silence_wins_over_what_the_file_says_of_it(
    text: str, flags: dict[str, float], first_byte: float | None, timeout: float | None, tmp_path: Path
) -> None:
    made = options(tmp_path, text, **flags)
    assert (made.first_byte_timeout, made.timeout) == (first_byte, timeout)
