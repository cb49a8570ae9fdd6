"""The contract of `ask --json`, held against the bytes that a server sent; and how a turn on standard output ends."""

from __future__ import annotations

import asyncio
import io
import json
import os
import re
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, NoReturn

import pytest

from tests.core.streams import CASSETTES, RECORDINGS
from tests.core.streams import frame as wire_frame
from tests.inherited import hear_signals
from tests.loopback import Chunk, Head, LoopbackServer, Reply, Wait, error, message, stream
from workbench.cli import run
from workbench.cohere_client import ClientOptions, connect
from workbench.conversation import Conversation, Options
from workbench.conversation.turn import Turn
from workbench.printing.answer import Printer
from workbench.printing.json_lines import JsonLines
from workbench.tools.people import NoPeople
from workbench.tools.runners.reply import CannedReply as Canned
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

STREAMS = sorted([*RECORDINGS.glob("*.sse"), *CASSETTES.glob("*.sse")])
STATUSES = {"complete", "incomplete", "failed", "cancelled", "max-steps", "timeout", "limit"}
END: Mapping[str, type | tuple[type, ...]] = {
    "t": float, "status": str, "finish_reason": (str, type(None)), "text": str, "thinking": str, "tool_calls": list,
    "citations": list, "usage": dict, "error": (dict, type(None)), "steps": int, "seconds": dict, "ledger": list,
    "coverage": (dict, type(None)),
    "uncited": list,
}  # fmt: skip


def no_constant(name: str) -> NoReturn:
    raise AssertionError(f"{name} is no JSON")


def content(kind: str, index: int, **fields: Any) -> bytes:
    return wire_frame(kind, index=index, delta={"message": {"content": fields}})


def citation(start: int, text: str, **fields: Any) -> bytes:
    cited = {"start": start, "end": start + len(text), "text": text, "sources": [], **fields}
    return wire_frame("citation-start", index=0, delta={"message": {"citations": cited}})


def ended(reason: str = "COMPLETE", **fields: Any) -> bytes:
    return wire_frame("message-end", delta={"finish_reason": reason, **fields})


def toolbox(*names: str) -> Toolbox:
    tools = [ToolSpec(name, f"about {name}", Canned({"ok": name})) for name in names]
    return Toolbox(tools, people=NoPeople(), trust=TrustStore(), environ={})


async def turn_of(
    *replies: Reply,
    tools: Toolbox | None = None,
    printer: Printer | JsonLines | None = None,
    options: Options | None = None,
) -> Turn:
    async with LoopbackServer(replies) as server:
        client = connect(ClientOptions(base_url=server.url), {})
        conversation = Conversation(client, options or Options(), toolbox=tools)
        turn = await conversation.run("q", on_event=printer.event if printer else None)
        await client.aclose()
    if printer:
        printer.finish(turn)
    return turn


async def lines_of(*replies: Reply, tools: Toolbox | None = None) -> list[dict[str, Any]]:
    """What `ask --json` writes; every line is checked to be an object of strict JSON, the last one to be the end."""
    out = io.StringIO()
    await turn_of(*replies, tools=tools, printer=JsonLines(out))
    assert out.getvalue().isascii()
    lines = [json.loads(line, parse_constant=no_constant) for line in out.getvalue().splitlines()]
    assert [line["event"] for line in lines].index("turn-end") == len(lines) - 1
    assert all(isinstance(line["t"], float) for line in lines)
    end = lines[-1]
    assert end.keys() == {"event", *END}
    assert {name for name, kind in END.items() if not isinstance(end[name], kind)} == set()
    assert end["status"] in STATUSES
    assert end["seconds"].keys() == {"first_token", "total", "tools", "person"}
    for cited in end["citations"]:
        if cited["start"] is None:
            assert cited["end"] is None
        else:
            assert end["text"][cited["start"] : cited["end"]] == cited["text"]
    return lines


# -- every stream there is, read a second time by simpler means ------------------------------------


class Plain:
    """What a body says: frames split with a regular expression, blocks opened at their content-start."""

    def __init__(self, body: bytes) -> None:
        self.kinds: Counter[str] = Counter()
        self.calls: list[list[str]] = []
        self.citations: list[tuple[str, Any]] = []
        self.finish_reason: str | None = None
        self.usage: dict[str, Any] = {}
        self._blocks: list[list[str]] = []
        self._latest: dict[int, list[str]] = {}
        for frame in re.split(rb"\r?\n\r?\n", body):
            data = b"\n".join(line[5:].lstrip() for line in frame.splitlines() if line.startswith(b"data:"))
            if data.startswith(b"{"):
                self._take(json.loads(data))

    def joined(self, kind: str) -> str:
        return "".join(text for name, text in self._blocks if name == kind)

    def _take(self, event: dict[str, Any]) -> None:
        kind = event["type"]
        self.kinds[kind] += 1
        delta = event.get("delta", {})
        inner = delta.get("message", {})
        match kind:
            case "content-start":
                self._latest[event["index"]] = [inner["content"]["type"], ""]
                self._blocks.append(self._latest[event["index"]])
            case "content-delta":
                piece = inner["content"]
                self._latest[event["index"]][1] += piece.get("text", "") + piece.get("thinking", "")
            case "tool-call-start":
                function = inner["tool_calls"]["function"]
                self.calls.append([function["name"], function.get("arguments", "")])
            case "tool-call-delta":
                self.calls[event["index"]][1] += inner["tool_calls"]["function"]["arguments"]
            case "citation-start":
                self.citations.append((inner["citations"]["text"], inner["citations"].get("sources", [])))
            case "message-end":
                self.finish_reason, self.usage = delta["finish_reason"], delta.get("usage", {})


def object_or_text(arguments: str) -> Any:
    try:
        value = json.loads(arguments or "{}")
    except ValueError:
        return arguments
    return value if isinstance(value, dict) else arguments


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
async def test_json_lines_say_what_the_bytes_say(path: Path) -> None:
    body = path.read_bytes()
    try:
        plain = Plain(body)
    except (LookupError, ValueError, TypeError):
        plain = None  # a stream that is broken on purpose: the form of its lines must hold all the same
    lines = await lines_of(stream(body))
    if plain is None:
        return
    kinds = Counter(line["event"] for line in lines)
    assert (kinds.pop("request"), kinds.pop("turn-end")) == (1, 1)
    end = lines[-1]
    assert kinds == Counter({"unknown" if kind == "weather-note" else kind: n for kind, n in plain.kinds.items()})
    assert (end["text"], end["thinking"]) == (plain.joined("text"), plain.joined("thinking"))
    assert [[call["name"], call["arguments"]] for call in end["tool_calls"]] == [
        [name, object_or_text(arguments)] for name, arguments in plain.calls
    ]
    assert [(cited["text"], cited["sources"]) for cited in end["citations"]] == plain.citations
    assert (end["finish_reason"], end["usage"]) == (plain.finish_reason, plain.usage)


# -- what a server may do ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    "reply",
    [
        error(401, {"message": "invalid api token"}),
        error(500, "<html><title>Oops</title>"),
        error(400, '{"message":' + "[" * 900 + "]" * 900 + "}"),
        [Head(200, {"content-type": "application/json"}), Chunk(b"{}")],
        stream(),
        stream(b"data: [DONE]\n\n"),
        stream(b"data: {bad\n\ndata: 3\n\ndata: null\n\nnoise\n\n"),
    ],
    ids=["401", "500", "deep-error", "json", "empty", "only-done", "garbage"],
)
async def test_the_last_line_is_there_however_it_ends(reply: Reply) -> None:
    assert (await lines_of(reply))[-1]["error"]["message"]


async def test_numbers_that_json_has_not_become_null() -> None:
    odd = (
        b'data: {"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"x"}}},'
        b'"logprobs":{"logprobs":[-Infinity,-0.5]}}\n\n'
    )
    usage = b'data: {"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":{"a":NaN,"b":1e999,"c":2}}}\n\n'
    lines = await lines_of(stream(odd, usage))
    assert lines[1]["logprobs"] == {"logprobs": [None, -0.5]}
    assert lines[-1]["usage"] == {"a": None, "b": None, "c": 2}


@pytest.mark.parametrize("levels", [*range(940, 1000, 4)])
async def test_deep_nesting_costs_no_line(levels: int) -> None:
    usage = b'{"a":' * levels + b"1" + b"}" * levels
    end = b'data: {"type":"message-end","delta":{"finish_reason":"COMPLETE","usage":' + usage + b"}}\n\n"
    lines = await lines_of(stream(content("content-delta", 0, text="kept"), end))
    assert (lines[-2]["event"], lines[-1]["text"]) == ("malformed", "kept")


async def test_halves_of_a_character_in_two_deltas_are_one_to_the_reader() -> None:
    lines = await lines_of(
        stream(
            content("content-start", 0, type="text", text=""),
            content("content-delta", 0, text="a \ud83d"),
            content("content-delta", 0, text="\ude00 cited"),
            citation(4, "cited"),
            ended(),
        )
    )
    assert lines[-1]["text"] == "a 😀 cited"
    assert (lines[-1]["citations"][0]["start"], lines[-1]["citations"][0]["end"]) == (4, 9)


async def test_a_citation_moves_with_text_that_comes_later_for_an_earlier_block() -> None:
    lines = await lines_of(
        stream(
            content("content-start", 0, type="text", text=""),
            content("content-start", 1, type="text", text=""),
            content("content-delta", 1, text="two"),
            citation(0, "two", content_index=1),
            content("content-delta", 0, text="one, "),
            ended(),
        )
    )
    assert lines[-1]["text"] == "one, two"
    assert lines[-1]["citations"][0]["start"] == 5


async def test_a_call_has_one_id_on_every_line() -> None:
    calls = [("same", "alpha", "{}"), ("same", "beta", "{}"), ("", "gamma", "  ")]
    lines = await lines_of(
        stream(message("", tool_calls=calls)), stream(message("done")), tools=toolbox("alpha", "beta", "gamma")
    )
    results = {line["id"]: line for line in lines if line["event"] == "tool-result"}
    summary = lines[-1]["tool_calls"]
    assert len(results) == len(summary) == 3
    for call in summary:
        assert (call["name"], call["result"]) == (results[call["id"]]["name"], results[call["id"]]["result"])
        assert call["arguments"] == results[call["id"]]["arguments"] == {}


@pytest.mark.parametrize("arguments", ['{"a": NaN}', '{"a": 1e999}', "[1]", "{"])
async def test_arguments_that_are_no_json_object_stay_the_text_that_came(arguments: str) -> None:
    lines = await lines_of(
        stream(message("", tool_calls=[("c", "alpha", arguments)])), stream(message("done")), tools=toolbox("alpha")
    )
    (result,) = (line for line in lines if line["event"] == "tool-result")
    assert result["arguments"] == lines[-1]["tool_calls"][0]["arguments"] == arguments
    assert "error" in result


@pytest.mark.parametrize("inside", [{"message": "out of memory"}, {"error": {"message": "out of memory"}}])
async def test_an_error_frame_is_the_reason_of_the_failure(inside: dict[str, Any]) -> None:
    lines = await lines_of(stream(wire_frame("message-start", id="m"), wire_frame("error", **inside)))
    assert lines[-2]["event"] == "malformed"
    assert lines[-1]["status"] == "failed"
    assert "out of memory" in lines[-1]["error"]["message"]


async def test_a_kind_of_error_that_is_not_known_yet_is_a_failure() -> None:
    lines = await lines_of(stream(content("content-delta", 0, text="x"), ended("ERROR_TOXIC", error="no")))
    assert (lines[-1]["status"], lines[-1]["text"]) == ("failed", "x")


async def test_comments_without_end_after_the_end_do_not_hold_the_turn(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("workbench.conversation.limits.DRAIN", 0.2)

    async def chunks() -> AsyncIterator[bytes]:
        yield message("done", done=False)
        while True:  # never silent for as long as the limit
            await asyncio.sleep(0.01)
            yield b": still here\n\n"

    class Chatty:
        @asynccontextmanager
        async def stream(self, body: Mapping[str, Any]) -> AsyncIterator[AsyncIterator[bytes]]:
            yield chunks()

    async with asyncio.timeout(20):
        turn = await Conversation(Chatty()).run("q")
    assert (turn.status, turn.text) == ("complete", "done")


async def test_a_cancelled_turn_is_waited_for_before_the_next() -> None:
    async with LoopbackServer(lambda _: stream(message("an answer"))) as server:
        client = connect(ClientOptions(base_url=server.url), {})
        conversation = Conversation(client)
        left = conversation.ask("first")
        await anext(left)
        assert conversation.cancel()
        turn = await conversation.run("second")
        assert turn.text == "an answer"
        await left.aclose()
        await client.aclose()
    assert [each.status for each in conversation.turns] == ["cancelled", "complete"]


# -- for people -----------------------------------------------------------------------------------


async def printed(*replies: Reply) -> tuple[str, str]:
    out, notes = io.StringIO(), io.StringIO()
    await turn_of(*replies, printer=Printer(out, notes))
    return out.getvalue(), notes.getvalue()


async def test_text_that_comes_with_its_block_is_printed_and_thinking_is_not() -> None:
    out, _ = await printed(
        stream(
            content("content-start", 0, type="thinking", thinking="hmm"),
            content("content-start", 1, type="text", text="Hello "),
            content("content-delta", 1, text="you"),
            ended(),
        )
    )
    assert out == "Hello you\n"


async def test_an_answer_that_was_cut_says_so() -> None:
    _, notes = await printed(stream(message("Half of", finish_reason="MAX_TOKENS")))
    assert notes == "workbench: the answer was cut short: MAX_TOKENS\n"
    assert await printed(stream(message("Whole."))) == ("Whole.\n", "")


# -- signals ----------------------------------------------------------------------------------------


async def stopped(number: signal.Signals, *prefix: str) -> tuple[int | None, list[dict[str, Any]]]:
    """A turn in mid-stream that gets a signal; with a `prefix` that ignores it, the stream then goes on."""
    goes_on = asyncio.Event()
    whole = message("partial text", done=False)
    half = whole.index(b"event: content-end")
    script: Sequence[Reply] = [[Head(), Chunk(whole[:half]), Wait(goes_on), Chunk(whole[half:])]]
    async with LoopbackServer(script) as server:
        process = await asyncio.create_subprocess_exec(
            *prefix, sys.executable, "-m", "workbench", "ask", "--json", "--base-url", server.url, "q",
            stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.DEVNULL,
            env=os.environ, preexec_fn=hear_signals,
        )  # fmt: skip
        assert process.stdout is not None
        lines: list[dict[str, Any]] = []
        while raw := await process.stdout.readline():
            lines.append(json.loads(raw))
            if lines[-1].get("text") == " text":
                process.send_signal(number)
                if prefix:
                    goes_on.set()
        return await process.wait(), lines


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
async def test_a_signal_keeps_the_text_and_writes_the_last_line(number: signal.Signals) -> None:
    code, lines = await stopped(number)
    assert code == 130
    assert (lines[-1]["event"], lines[-1]["status"], lines[-1]["text"]) == ("turn-end", "cancelled", "partial text")


async def test_a_hang_up_that_is_ignored_stays_ignored() -> None:
    code, lines = await stopped(signal.SIGHUP, "sh", "-c", 'trap "" HUP; exec "$@"', "sh")
    assert (code, lines[-1]["status"]) == (0, "complete")


def test_a_greeting_is_told_what_is_loaded_and_what_to_ask(project: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "--offline", "--no-session", "--docs", str(project / "config" / "docs.yaml"), "Hello!"]) == 0
    said = capsys.readouterr()
    assert re.search(r"It has handbook \(\d+ passages\); .*for example: How do I set my API key\?", said.out)
    assert "[1]" not in said.out
