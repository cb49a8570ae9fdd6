"""`ask --dry-run` and `ask --repeat N`: what would be sent, and what runs from the same state have in common."""

from __future__ import annotations

import asyncio
import json
import os
import signal
import subprocess
import sys
from asyncio.subprocess import DEVNULL, PIPE
from collections.abc import Awaitable, Callable, Sequence
from pathlib import Path
from typing import Any

import pytest

from tests.core.keeping import session
from tests.loaded import LoadedProgram
from tests.loopback import Chunk, Head, LoopbackServer, Received, Reply, Wait, error, message, stream
from workbench.cli import run
from workbench.sessions.folder import session_paths, sessions_folder

DOCS = "sets:\n  s:\n    documents:\n      - {id: hours, title: Hours, text: The library opens at nine.}\n"


Ask = Callable[..., Awaitable[subprocess.CompletedProcess[str]]]


@pytest.fixture
def ask(loaded: LoadedProgram) -> Ask:
    """`workbench ask` with these words, in a process of its own."""

    async def asked(*argv: str) -> subprocess.CompletedProcess[str]:
        return await asyncio.to_thread(loaded.run_text, "ask", *argv)

    return asked


@pytest.fixture
def docs(tmp_path: Path) -> str:
    path = tmp_path / "docs.yaml"
    path.write_text(DOCS)
    return str(path)


def rows(done: subprocess.CompletedProcess[str]) -> list[dict[str, Any]]:
    assert done.returncode == 0, done.stderr
    return [json.loads(line) for line in done.stdout.splitlines()]


def never(_: object) -> Reply:
    raise AssertionError("something was sent")


# -- nothing is sent ---------------------------------------------------------------------------------


async def test_a_dry_run_prints_the_very_body_and_sends_nothing(ask: Ask, docs: str) -> None:
    flags = ("--docs", docs, "--set", "temperature=0.3", "--system", "Be brief. ü🌈", "When does the library open?")
    async with LoopbackServer(never) as server:
        said = await ask("--base-url", server.url, "--dry-run", "--session", *flags)
        assert (said.returncode, server.received) == (0, [])
    async with LoopbackServer([stream(message("nine"))]) as server:
        await ask("--base-url", server.url, *flags)
        [sent] = server.received
    assert json.loads(said.stdout) == sent.body
    assert f"nothing was sent: {len(sent.raw):,} bytes for" in said.stderr
    assert said.stderr.endswith("(no key); 2 messages, 1 document, 0 tools\n")
    assert session_paths(sessions_folder(os.environ)) == []


async def test_a_dry_run_in_lines(ask: Ask, docs: str) -> None:
    async with LoopbackServer(never) as server:
        request, end = rows(await ask("--base-url", server.url, "--dry-run", "--json", "--docs", docs, "When?"))
    assert (request["event"], request["step"]) == ("request", 1)
    assert request["body"]["messages"] == [{"role": "user", "content": "When?"}]
    assert [each["id"] for each in request["body"]["documents"]] == ["hours"]
    assert "stream" not in request["body"]
    assert {name: end[name] for name in ("event", "messages", "documents", "tools")} == {
        "event": "dry-run", "messages": 1, "documents": 1, "tools": 0,
    }  # fmt: skip


async def test_a_dry_run_goes_on_with_a_session_and_leaves_it_alone(ask: Ask) -> None:
    assert (await ask("--offline", "--session", "Hello?")).returncode == 0
    before = session().read_bytes()
    request, _ = rows(await ask("--offline", "--dry-run", "--json", "And?", "--resume"))
    assert [each["role"] for each in request["body"]["messages"]] == ["user", "assistant", "user"]
    assert session().read_bytes() == before


async def test_a_dry_run_makes_no_recording(ask: Ask, tmp_path: Path) -> None:
    assert (await ask("--offline", "--dry-run", "--record", str(tmp_path / "a.jsonl"), "Hello?")).returncode == 0
    assert list(tmp_path.iterdir()) == []


async def test_a_body_is_escaped_where_it_cannot_be_seen_and_stays_what_it_is(ask: Ask) -> None:
    out = (await ask("--offline", "--dry-run", "a\x1b[2J\u202eb ü\u2028")).stdout
    assert all(character.isprintable() or character == "\n" for character in out)
    assert json.loads(out)["messages"][0]["content"] == "a\x1b[2J\u202eb ü\u2028"
    assert "b ü" in out


# -- several times -----------------------------------------------------------------------------------


async def test_each_run_has_all_its_events_and_begins_from_the_same_state(ask: Ask) -> None:
    async with LoopbackServer(lambda _: stream(message("nine o'clock"))) as server:
        lines = rows(await ask("--base-url", server.url, "--repeat", "3", "--json", "When?"))
        bodies = [each.body for each in server.received]
    assert len(bodies) == 3
    assert bodies[0] == bodies[1] == bodies[2]
    assert [row["text"] for row in lines if row["event"] == "turn-end"] == ["nine o'clock"] * 3


async def test_each_run_goes_on_from_the_session(ask: Ask) -> None:
    assert (await ask("--offline", "--session", "Hello?")).returncode == 0
    lines = rows(await ask("--offline", "--repeat", "2", "--json", "And?", "--resume"))
    assert [len(row["body"]["messages"]) for row in lines if row["event"] == "request"] == [3, 3]


async def test_a_table_says_how_long_each_took_and_how_far_they_agree(ask: Ask) -> None:
    usage = {"billed_units": {"input_tokens": 2, "output_tokens": 7}}
    texts = ["nine", "ten", "nine"]
    async with LoopbackServer([stream(message(text, usage=usage)) for text in texts]) as server:
        done = await ask("--base-url", server.url, "--repeat", "3", "When?")
    assert done.returncode == 0
    lines = done.stdout.splitlines()
    assert all(each in lines[0] for each in ("first token", "total", "tokens/s", "text", "calls", "citations"))
    assert [line.split()[:2] for line in lines[1:4]] == [["1", "complete"], ["2", "complete"], ["3", "complete"]]
    assert [line.split()[-3:] for line in lines[1:4]] == [["A", "A", "A"], ["B", "A", "A"], ["A", "A", "A"]]
    assert lines[4].split()[0] == "median"
    assert "  7  " in lines[4]
    assert lines[5:] == ["text agrees in 2 of 3 runs", "calls agree in 3 of 3 runs", "citations agree in 3 of 3 runs"]


async def test_calls_and_citations_are_compared(ask: Ask) -> None:
    def call(arguments: str) -> Reply:
        return stream(message(tool_calls=[("c", "f", arguments)], finish_reason="TOOL_CALL"))

    def cited(id: str) -> Reply:
        source = {"type": "document", "id": id, "document": {"id": id}}
        return stream(message("nine", citations=[{"start": 0, "end": 4, "text": "nine", "sources": [source]}]))

    script = [call('{"a": 1, "b": 2}'), call('{"b": 2, "a": 1}'), call('{"a": 2}'), cited("x"), cited("y")]
    async with LoopbackServer(script) as server:
        done = await ask("--base-url", server.url, "--repeat", "5", "When?")
    assert done.returncode == 1  # no tools are configured
    assert "calls agree in 2 of 5 runs" in done.stdout
    assert "citations agree in 3 of 5 runs" in done.stdout
    assert "run 1: incomplete: the model called f" in done.stderr


@pytest.mark.parametrize("form", [(), ("--json",)])
async def test_the_worst_of_the_runs_is_the_exit_code(form: Sequence[str], ask: Ask) -> None:
    replies = [stream(message("nine")), error(400, {"message": "no"}), stream(message("nine"))]
    async with LoopbackServer(replies) as server:
        done = await ask("--base-url", server.url, "--repeat", "3", "When?", *form)
        assert len(server.received) == 3
    assert done.returncode == 1
    if not form:
        assert "text agrees in 2 of 3 runs" in done.stdout
        assert done.stderr.count("run 2: failed") == 1


@pytest.mark.parametrize("count", ["0", "-1", "x", "1.5", "1" * 30])
def test_a_number_of_runs_that_there_cannot_be(count: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as left:
        run(["ask", f"--repeat={count}", "x"])
    assert left.value.code == 2
    assert "expected a whole number, 1 or more" in capsys.readouterr().err


def test_a_dry_run_is_not_repeated(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        run(["ask", "--repeat=2", "--dry-run", "x"])
    assert "not allowed with" in capsys.readouterr().err


@pytest.mark.parametrize("form", [(), ("--json",)])
async def test_an_interrupt_ends_the_run_and_all(form: Sequence[str]) -> None:
    second = asyncio.Event()

    def reply(_: Received) -> Reply:
        if len(server.received) < 2:
            return stream(message("nine"))
        second.set()
        return [Head(), Chunk(message("ten")[:200]), Wait(asyncio.Event())]

    async with LoopbackServer(reply) as server:
        argv = ["-m", "workbench", "ask", "--base-url", server.url, "--repeat", "5", "When?", *form]
        done = await asyncio.create_subprocess_exec(sys.executable, *argv, stdout=PIPE, stderr=PIPE, stdin=DEVNULL)
        await second.wait()
        done.send_signal(signal.SIGTERM)  # as Ctrl+C, which whoever runs the tests may have ignored
        out, _ = await done.communicate()
        assert len(server.received) == 2
    assert done.returncode == 130
    if form:
        ends = [row["status"] for row in map(json.loads, out.splitlines()) if row["event"] == "turn-end"]
        assert ends == ["complete", "cancelled"]
    else:
        assert [line.split()[1] for line in out.decode().splitlines()[1:3]] == ["complete", "cancelled"]
        assert b"text agrees in 1 of 2 runs" in out
