"""Servers of tools, good and bad, through the toolbox: what is listed, what a call gives, what people are told."""

from __future__ import annotations

import asyncio
import json
import sys
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.processes import MARK, PATIENCE, marked, wait_until_none
from workbench.errors import ToolError
from workbench.events import ToolResult
from workbench.tools.decisions import DENIED, Decision
from workbench.tools.mcp.servers import Program, ServerSpec, ToolOptions
from workbench.tools.people import AnswerRequest, ApprovalRequest, FormAnswer, FormRequest
from workbench.tools.runner import Progress
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

BY_HAND = Path(__file__).parents[1] / "mcp_server.py"


class Person:
    """Allows what is `allowed`, and fills each form in with `form`."""

    def __init__(self, form: FormAnswer = FormAnswer("decline"), *, allowed: bool = True) -> None:  # noqa: B008
        self.form = form
        self.allowed = allowed
        self.asked: list[ApprovalRequest | FormRequest] = []

    async def approve(self, request: ApprovalRequest) -> Decision:
        self.asked.append(request)
        return Decision(request.offers[0].scope) if self.allowed else DENIED

    async def answer(self, request: AnswerRequest) -> str:
        raise ToolError("failed", "nobody types")

    async def fill(self, request: FormRequest) -> FormAnswer:
        self.asked.append(request)
        return self.form


class Box:
    """A toolbox with servers, and what people were told."""

    def __init__(self, person: Person, servers: list[ServerSpec], environ: dict[str, str]) -> None:
        self.told: list[str] = []
        self.person = person
        self.tools = Toolbox(
            [], people=person, trust=TrustStore(), environ=environ, servers=servers, notice=self.told.append
        )
        self.progress: list[Progress] = []

    async def run(self, name: str, **arguments: Any) -> ToolResult:
        text = json.dumps(arguments)
        return await self.tools.run(call_id="1", name=name, arguments=text, report=self.progress.append)

    def names(self) -> list[str]:
        return [spec.name for spec in self.tools.specs()]


Opens = Callable[..., AbstractAsyncContextManager[Box]]


@pytest.fixture
def server(tmp_path: Path) -> Callable[..., ServerSpec]:
    file = tmp_path / "tools.yaml"
    file.write_text("mcp: {}")

    def made(*manners: str, name: str = "by_hand", **options: Any) -> ServerSpec:
        argv = (sys.executable, "-S", str(BY_HAND), *manners)
        env = {MARK: str(tmp_path), **options.pop("env", {})}
        return ServerSpec(name, Program(argv, tmp_path, env), file=file, **options)

    return made


@pytest.fixture
def opened(tmp_path: Path) -> Opens:
    @asynccontextmanager
    async def box(*servers: ServerSpec, person: Person | None = None, **environ: str) -> AsyncIterator[Box]:
        made = Box(person or Person(), list(servers), {"PATH": "/usr/bin:/bin", **environ})
        try:
            yield made
        finally:
            await made.tools.aclose()
            await asyncio.to_thread(wait_until_none, str(tmp_path))

    return box


async def test_what_a_server_answers_is_a_result(opened: Opens, server: Callable[..., ServerSpec]) -> None:
    async with opened(server()) as box:
        await box.tools.prepare()
        assert box.told == []
        assert (await box.run("say", word="hej")).result == {"tool": "say", "arguments": {"word": "hej"}}
        assert (await box.run("objects")).result == [{"n": 0}, {"n": 1}]
        assert (await box.run("structured")).result == {"degrees": 21}
        assert (await box.run("resources")).result == [
            {"text": "see"},
            {"uri": "x://1", "mime_type": "text/plain", "text": "words"},
            {"uri": "x://2", "title": "two"},
            {"image": "image/png, 3 bytes"},
        ]
        failed = await box.run("fail")
        assert (failed.error, failed.error_kind) == ("no such thing", "server")
        printed = await box.run("print")
        assert printed.result == "done"
        assert "working on it\n" in printed.output
        assert "not JSON at all\n" in printed.output
        assert box.told == ["the MCP server by_hand writes to its standard output what is no message: not JSON at all"]


async def test_a_call_tells_how_it_goes_on(opened: Opens, server: Callable[..., ServerSpec]) -> None:
    async with opened(server()) as box:
        await box.tools.prepare()
        await box.run("progress")
        assert box.progress == [Progress(f"at {done}", done, 3) for done in (1, 2, 3)]
        box.progress.clear()
        await box.run("logs")
        assert box.progress == [Progress("disk: nearly full", level="warning")]


async def test_three_hundred_tools_are_listed_and_those_that_are_wanted_kept(
    opened: Opens, server: Callable[..., ServerSpec]
) -> None:
    wanted = server("many", name="some", include=("tool_1*",), exclude=("tool_11",))
    async with opened(server("many"), wanted) as box:
        await box.tools.prepare()
        names = box.names()
        assert len(names) == 300 + 1 + 9 + 100
        assert "tool_299" in names
        assert {"by_hand__tool_1", "some__tool_1"} <= set(names)  # both have it
        assert "some__tool_11" not in names
        assert (await box.run("some__tool_100")).result == {"tool": "tool_100", "arguments": {}}


async def test_a_list_that_changes_is_listed_anew_at_the_next_turn(
    opened: Opens, server: Callable[..., ServerSpec]
) -> None:
    async with opened(server()) as box:
        await box.tools.prepare()
        await box.run("grow")
        assert "grown" not in box.names()
        for _ in range(1_000):
            await box.tools.prepare()
            if "grown" in box.names():
                break
        assert (await box.run("grown")).result == {"tool": "grown", "arguments": {}}
        assert "by_hand__two_words" in box.names()  # a name that the API would refuse


async def test_a_form_is_filled_in_by_a_person_and_their_time_is_not_the_tools(
    opened: Opens, server: Callable[..., ServerSpec]
) -> None:
    person = Person(FormAnswer("accept", {"name": "Ada"}))
    async with opened(server(timeout=5.0), person=person) as box:
        await box.tools.prepare()
        result = await box.run("ask")
        assert result.result == {"action": "accept", "content": {"name": "Ada"}}
        asked = person.asked[-1]
        assert isinstance(asked, FormRequest)
        assert (asked.call_id, asked.message) == ("1", "Who are you?")
        person.form = FormAnswer("decline")
        assert (await box.run("ask")).result == {"action": "decline"}
        assert (await box.run("url")).result == {"action": "decline"}
        assert box.progress[-1].text == "asks you to open https://example.org/in (Sign in): declined"
        assert (await box.run("sample")).result["code"] < 0  # not offered


@pytest.mark.parametrize("ends", ["timeout", "cancel"])
async def test_a_call_that_ends_early_is_cancelled_at_the_server(
    ends: str, opened: Opens, server: Callable[..., ServerSpec], tmp_path: Path
) -> None:
    seen, begun = tmp_path / "seen", tmp_path / "seen.begun"
    options = {"wait": ToolOptions(timeout=0.5 if ends == "timeout" else 30.0)}
    async with opened(server(tools=options)) as box, asyncio.timeout(PATIENCE):
        await box.tools.prepare()
        call = asyncio.create_task(box.run("wait", file=str(seen)))
        if ends == "timeout":
            result = await call
            assert result.error_kind == "timeout"
            assert "timed out after 0.5 s" in (result.error or "")
        else:
            while not begun.exists():
                assert (await box.run("say")).error is None
            call.cancel()
            with pytest.raises(asyncio.CancelledError):
                await call
        while not seen.exists():
            assert (await box.run("say")).error is None
        assert (await box.run("say")).result["tool"] == "say"


async def test_a_server_that_dies_in_mid_call_is_a_result_and_is_there_again_at_the_next_turn(
    opened: Opens, server: Callable[..., ServerSpec], tmp_path: Path
) -> None:
    async with opened(server(), server(name="other")) as box:
        await box.tools.prepare()
        waits = asyncio.create_task(box.run("by_hand__wait", file=str(tmp_path / "never")))
        died = await box.run("by_hand__die")
        assert died.error_kind == "server"
        assert died.error == (
            "the MCP server by_hand was gone in mid-call: it ended with exit status 3; "
            "its last output: the disk is gone"
        )
        assert "the disk is gone" in died.output
        assert (await waits).error_kind == "server"
        again = await box.run("by_hand__say")
        assert again.error_kind == "server"
        assert "it is started again for the next turn" in (again.error or "")
        assert (await box.run("other__say")).error is None
        await box.tools.prepare()
        assert (await box.run("by_hand__say")).error is None
        assert len(box.told) == 1


async def test_a_line_without_end_costs_the_server_its_connection(
    opened: Opens, server: Callable[..., ServerSpec]
) -> None:
    async with opened(server()) as box:
        await box.tools.prepare()
        result = await box.run("huge")
        assert result.error_kind == "server"
        assert "it wrote a line of more than 16,000,000 bytes" in (result.error or "")


async def test_servers_that_do_not_come_are_a_line_each_and_the_others_work(
    opened: Opens, server: Callable[..., ServerSpec], tmp_path: Path
) -> None:
    gone = replace(server(name="gone"), reach=Program(("no-such-program",), tmp_path))
    unset = server(name="unset", env={"KEY": "${NOWHERE_SET}"})
    refuses, silent = server("refuses", name="refuses"), server("silent", name="silent", startup_timeout=0.7)
    floods = server("floods", name="floods", startup_timeout=0.7)
    async with opened(server("rubbish", "family"), gone, unset, refuses, silent, floods) as box:
        await box.tools.prepare()
        assert (await box.run("say")).error is None
        told = {line.split()[3]: line.partition(": ")[2] for line in box.told}
        assert told == {
            "by_hand": "Welcome! \x1b[31mserver\x1b[0m ready",
            "gone": "no-such-program cannot be started: No such file or directory",
            "unset": "the environment variable NOWHERE_SET is not set",
            "refuses": "it ended with exit status 2; its last output: no configuration found",
            "silent": "it has not listed its tools after 0.7 s",
            "floods": "it has not listed its tools after 0.7 s; its last output: y / y / y",
        }


def answering(folder: Path, answers: dict[str, str]) -> ServerSpec:
    """A server that answers the requests for these methods with what is given, in JSON, and %d in place of the id."""
    script = (
        "import json, sys\n"
        f"answers = {answers!r}\n"
        "for line in sys.stdin:\n"
        "    asked = json.loads(line)\n"
        "    if asked.get('method') in answers:\n"
        "        print(answers[asked['method']] % asked['id'], flush=True)\n"
        "    elif 'id' in asked:\n"
        "        print(json.dumps({'jsonrpc': '2.0', 'id': asked['id'], 'error': {'code': -32601, 'message': '-'}}), "
        "flush=True)\n"
    )
    file = folder / "tools.yaml"
    file.write_text("mcp: {}")
    program = Program((sys.executable, "-S", "-c", script), folder)
    return ServerSpec("odd", program, file=file, timeout=30.0)


BEGUN = (
    '{"jsonrpc": "2.0", "id": %d, "result": {"protocolVersion": "2025-06-18", "capabilities": {"tools": {}}, '
    '"serverInfo": {"name": "a", "version": "1"}}}'
)
LISTED = '{"jsonrpc": "2.0", "id": %d, "result": {"tools": [{"name": "t", "inputSchema": {"type": "object"}}]}}'


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ('{"jsonrpc": "2.0", "id": %d, "error": {"code": -32000, "message": "no licence"}}', "no licence"),
        (BEGUN.replace("2025-06-18", "1999-01-01"), "1999-01-01"),
        ('{"jsonrpc": "2.0", "id": %d, "result": {"nothing": 1}}', "not as MCP has it"),
    ],
)
async def test_a_server_that_cannot_be_spoken_to_is_told_by_what_it_said(
    answer: str, said: str, opened: Opens, tmp_path: Path
) -> None:
    async with opened(answering(tmp_path, {"initialize": answer})) as box:
        await box.tools.prepare()
        assert len(box.told) == 1
        assert said in box.told[0]


@pytest.mark.parametrize(
    ("answer", "said"),
    [
        ('{"jsonrpc": "2.0", "id": %d, "error": {"code": -32000, "message": "too many calls"}}', "too many calls"),
        ('{"jsonrpc": "2.0", "id": %d, "result": null}', "no message of MCP"),
        ('{"result": {"content": [], "structuredContent": ' + "[" * 500 + "]" * 500 + '}, "jsonrpc": "2.0", "id": %d}',
         "no message of MCP"),
    ],
)  # fmt: skip
async def test_a_call_ends_with_what_the_server_answers_whatever_that_is(
    answer: str, said: str, opened: Opens, tmp_path: Path
) -> None:
    async with opened(answering(tmp_path, {"initialize": BEGUN, "tools/list": LISTED, "tools/call": answer})) as box:
        await box.tools.prepare()
        result = await box.run("t")
        assert result.error is not None
        assert said in result.error
        assert "gone" not in result.error
        assert result.error_kind == "server"


async def test_nothing_is_started_before_its_file_is_trusted(
    opened: Opens, server: Callable[..., ServerSpec], tmp_path: Path
) -> None:
    spec = server(env={"TOKEN": "${SOME_TOKEN}"})
    person = Person(allowed=False)
    async with opened(spec, server(name="other"), person=person, SOME_TOKEN="tok-123456789") as box:
        await box.tools.prepare(ask=False)
        assert (box.names(), person.asked, marked(str(tmp_path))) == ([], [], [])
        await box.tools.prepare()
        await box.tools.prepare()
        assert (box.names(), marked(str(tmp_path))) == ([], [])
        assert len(person.asked) == 1  # a no is for all servers of the file
        assert (await box.run("say")).error_kind == "denied"  # it may be one of theirs
        asked = person.asked[0]
        assert isinstance(asked, ApprovalRequest)
        assert asked.scope == "file"
        assert f"starts the MCP server by_hand: it runs {sys.executable} -S {BY_HAND}" in asked.what
        assert "with the environment variables TEST_MARK, TOKEN" in asked.what
        assert "tok-123456789" not in str(asked)
        denied = 'the user did not allow the MCP server "by_hand" to run'
        assert box.told == [f"MCP servers by_hand, other not started: {denied}"]


async def test_a_secret_reaches_the_server_and_nothing_else(opened: Opens, server: Callable[..., ServerSpec]) -> None:
    spec = server(env={"TOKEN": "Bearer ${SOME_TOKEN}"})
    async with opened(spec, SOME_TOKEN="tok-123456789", CO_API_KEY="co-key-123456") as box:
        await box.tools.prepare()
        result = await box.run("environment", names=["TOKEN", "CO_API_KEY"])
        assert result.result == {"seen": {"TOKEN": "Bearer ***", "CO_API_KEY": None}}


async def test_a_changed_script_is_asked_for_again(opened: Opens, tmp_path: Path) -> None:
    file, script = tmp_path / "tools.yaml", tmp_path / "server.py"
    file.write_text("mcp: {}")
    script.write_text(BY_HAND.read_text())
    spec = ServerSpec(
        "own", Program((sys.executable, "-S", "server.py"), tmp_path, {MARK: str(tmp_path)}), file=file, digest="1"
    )
    async with opened(spec) as box:
        await box.tools.prepare()
        assert (await box.run("say")).error is None
        assert len(box.person.asked) == 1
        script.write_text(BY_HAND.read_text() + "\n")
        assert (await box.run("say")).error is None
        assert len(box.person.asked) == 2
        asked = box.person.asked[0]
        assert isinstance(asked, ApprovalRequest)
        assert f"with the code in {script}" in asked.what


async def test_approval_of_a_server_and_of_one_of_its_tools(opened: Opens, server: Callable[..., ServerSpec]) -> None:
    tools = {"say": ToolOptions(approve="ask"), "fail": ToolOptions(approve="never")}
    async with opened(server(tools=tools)) as box:
        await box.tools.prepare()
        assert len(box.person.asked) == 1
        await box.run("say")
        asked = box.person.asked[-1]
        assert isinstance(asked, ApprovalRequest)
        assert "calls say of the MCP server by_hand (the server says of it: read-only)" in asked.what
        assert (await box.run("fail")).error_kind == "denied"


def test_nothing_is_left_when_the_program_is_killed(tmp_path: Path) -> None:
    """Not even of a server with a child that hides."""
    code = f"""
import asyncio, os, signal
from pathlib import Path
from workbench.tools.decisions import DENIED, Decision
from workbench.tools.mcp.servers import Program, ServerSpec
from workbench.tools.people import AlwaysApprove, NoPeople
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

async def main():
    argv = ({sys.executable!r}, "-S", {str(BY_HAND)!r}, "family")
    spec = ServerSpec("s", Program(argv, Path({str(tmp_path)!r}), {{"{MARK}": {str(tmp_path)!r}}}), file=Path(__file__))
    box = Toolbox([], people=AlwaysApprove(NoPeople()), trust=TrustStore(), environ=os.environ, servers=[spec])
    await box.prepare()
    assert box.specs()
    os.kill(os.getpid(), signal.SIGKILL)

asyncio.run(main())
"""
    import subprocess

    script = tmp_path / "main.py"
    script.write_text(code)
    assert subprocess.run([sys.executable, script], cwd=BY_HAND.parents[1], check=False).returncode == -9
    wait_until_none(str(tmp_path))
