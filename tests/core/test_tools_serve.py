"""`workbench tools serve`: the protocol's own client lists the tools and calls them."""

from __future__ import annotations

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import pytest
from mcp import Client, MCPError, StdioServerParameters, stdio_client

from workbench import cli
from workbench.errors import ToolError
from workbench.events import ToolResult
from workbench.secrets.redactor import Redactor
from workbench.tools.mcp.serving import ToolServer
from workbench.tools.people import NoPeople
from workbench.tools.runner import ApprovedCall, CallOutcome, Progress, Runner, Surroundings, ToolKind, WrittenValue
from workbench.tools.runners.reply import CannedReply
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

KEY = "key-of-these-tests"
SCHEMA = {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}


@dataclass(frozen=True)
class Slow(ToolKind):
    """Tells how it goes on, and then waits until it is let go or cancelled."""

    runs_code: ClassVar[bool] = False
    began: asyncio.Event = field(default_factory=asyncio.Event)
    goes_on: asyncio.Event = field(default_factory=asyncio.Event)
    killed: asyncio.Event = field(default_factory=asyncio.Event)

    @classmethod
    def read(cls, value: WrittenValue, folder: Path) -> Self | None:
        raise NotImplementedError

    def what(self) -> str:
        return "waits"

    @asynccontextmanager
    async def open(self, surroundings: Surroundings) -> AsyncIterator[Runner]:
        yield self._run

    async def _run(self, call: ApprovedCall) -> CallOutcome:
        self.began.set()
        call.report(Progress("half", 1, 2))
        call.report(Progress("odd", level="warning"))
        try:
            await self.goes_on.wait()
        except asyncio.CancelledError:
            await asyncio.sleep(0.01)  # as what kills a process takes a moment
            self.killed.set()
            raise
        raise ToolError("failed", f"it broke with {KEY}")


def served(*specs: ToolSpec, ended: list[ToolResult] | None = None) -> ToolServer:
    toolbox = Toolbox(specs, people=NoPeople(), trust=TrustStore(), environ={})
    masked = Redactor.of({"CO_API_KEY": KEY}).value
    return ToolServer(toolbox, specs, version="1", masked=masked, ended=([] if ended is None else ended).append)


HOURS = ToolSpec("hours", "When it is open.", CannedReply({"opens": "09:00", "key": KEY}), SCHEMA)


async def test_tools_are_listed_and_called_as_they_are() -> None:
    ended: list[ToolResult] = []
    bare = ToolSpec("bare", "", CannedReply(["a", 1]), {})
    async with Client(served(HOURS, bare, ended=ended).server) as client:
        listed = (await client.list_tools()).tools
        assert [(each.name, each.description, each.input_schema) for each in listed] == [
            ("hours", "When it is open.", SCHEMA),
            ("bare", "", {"type": "object"}),
        ]
        result = await client.call_tool("hours", {"place": "library"})
        assert result.structured_content == {"opens": "09:00", "key": "***"}
        assert json.loads(result.content[0].text) == result.structured_content  # type: ignore[union-attr]
        result = await client.call_tool("bare")
        assert (result.content[0].text, result.is_error) == ('["a", 1]', False)  # type: ignore[union-attr]
        with pytest.raises(MCPError, match="there is no tool"):
            await client.call_tool("hour")
    assert [(each.name, each.error) for each in ended] == [("hours", None), ("bare", None)]


async def test_what_fails_is_a_result_and_what_runs_tells_how_it_goes_on() -> None:
    slow, told = Slow(), list[tuple[float, float | None, str | None]]()

    async def tells(progress: float, total: float | None, message: str | None) -> None:
        told.append((progress, total, message))
        if len(told) == 2:
            slow.goes_on.set()

    async with Client(served(HOURS, ToolSpec("slow", "", slow)).server) as client:
        wrong = await client.call_tool("hours", {"place": 3})
        assert wrong.is_error
        assert "$.place" in wrong.content[0].text  # type: ignore[union-attr]
        broken = await client.call_tool("slow", progress_callback=tells)
        assert (broken.is_error, broken.content[0].text) == (True, "it broke with ***")  # type: ignore[union-attr]
    assert told == [(1, 2, "half"), (1, None, "warning: odd")]


async def test_a_call_that_the_client_takes_back_is_killed() -> None:
    slow = Slow()
    server = served(ToolSpec("slow", "", slow), HOURS)
    async with Client(server.server) as client:
        call = asyncio.create_task(client.call_tool("slow"))
        await slow.began.wait()
        call.cancel()
        await asyncio.wait([call])
        await asyncio.wait_for(slow.killed.wait(), 10)
        assert (await client.call_tool("hours", {"place": "x"})).structured_content  # it goes on
    await server.stop()


# -- the command -----------------------------------------------------------------------------------------------------

FILE = {
    "tools": [
        {"name": "count", "description": "Counts.", "run": {"python": "counting:count"}},
        {"name": "typed", "run": "ask"},
        {"name": "asks", "run": {"reply": 1}, "approve": "ask"},
    ]
}


@pytest.fixture
def file(tmp_path: Path) -> Path:
    (tmp_path / "counting.py").write_text(
        "def count(word: str = ''):\n    print('counting')\n    return {'n': len(word)}\n"
    )
    path = tmp_path / "tools.json"
    path.write_text(json.dumps(FILE))
    return path


async def test_a_client_starts_the_command_and_calls_a_tool(file: Path, tmp_path: Path) -> None:
    """Code that prints does not disturb the protocol; when the client goes, so does the server."""
    argv = ["-m", "workbench", "tools", "serve", "--tools", str(file), "--yes"]
    notes = (tmp_path / "notes").open("w+")
    server = StdioServerParameters(command=sys.executable, args=argv, env=dict(os.environ))
    async with Client(stdio_client(server, errlog=notes)) as client:
        assert [each.name for each in (await client.list_tools()).tools] == ["count", "asks"]
        result = await client.call_tool("count", {"word": "four"})
        assert result.structured_content == {"n": 4}
    notes.seek(0)
    said = notes.read().splitlines()
    assert said[0] == "workbench: typed is left out: a person gives its results, and nobody can be asked here"
    assert said[1] == "workbench: 2 tools for an MCP client on standard input and output"
    assert said[2] == "counting"
    assert said[3].startswith("✓ count")
    notes.close()


async def test_a_client_that_reads_no_more_is_the_end_and_no_fault(file: Path, tmp_path: Path) -> None:
    environ = {**os.environ, "HOME": str(tmp_path)}
    arguments = ["-m", "workbench", "tools", "serve", "--yes", "--tools", str(file)]
    pipe = asyncio.subprocess.PIPE
    read, write = os.pipe()
    os.close(read)
    program = await asyncio.create_subprocess_exec(
        sys.executable, *arguments, stdin=pipe, stdout=write, stderr=pipe, env=environ
    )
    os.close(write)
    begin = {
        "jsonrpc": "2.0",
        "id": 1,
        "method": "initialize",
        "params": {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "a", "version": "1"}},
    }
    assert program.stdin is not None
    program.stdin.write(json.dumps(begin).encode() + b"\n")
    assert program.stderr is not None
    said = (await program.stderr.read()).decode()
    assert (await program.wait(), "fault" in said) == (0, False), said


def test_code_that_nobody_trusts_is_not_served(file: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(["tools", "serve", "--tools", str(file)]) == 2
    out, err = capsys.readouterr()
    assert out == ""
    assert "--yes" in err.splitlines()[-1]


def test_without_the_package_it_is_said_what_to_install(
    file: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    from importlib import util

    found: Any = util.find_spec
    monkeypatch.setattr(util, "find_spec", lambda name: None if name == "mcp" else found(name))
    assert cli.run(["tools", "serve", "--tools", str(file)]) == 2
    assert capsys.readouterr() == (
        "",
        "tools serve: this needs the package mcp (pip install 'cohere-workbench[mcp]')\n",
    )
