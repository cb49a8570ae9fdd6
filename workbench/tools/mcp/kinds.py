"""The two kinds that approval knows of servers: to start one, and to call a tool of one that is there.

Both run code, whatever the server claims: what it says of its tools (read-only, destructive) is shown, not believed.
"""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Protocol, Self

from workbench.errors import ToolError
from workbench.tools.mcp.servers import Program, ServerSpec
from workbench.tools.mcp.variables import with_defaults
from workbench.tools.modules import Module, ModulesBeside
from workbench.tools.named_files import Words, find_files
from workbench.tools.runner import ApprovedCall, CallOutcome, Runner, Surroundings, ToolKind, WrittenValue
from workbench.tools.specs import ToolSpec

_HINT = "name it under `mcp:` beside `tools:`; its tools come by themselves"


class CallsServers(Protocol):
    """What calls tools of servers: those at hand."""

    async def call(self, server: str, tool: str, call: ApprovedCall) -> CallOutcome:
        """What the tool of the server answers."""


@dataclass(frozen=True, slots=True)
class McpServer(ToolKind):
    """Starting a server, or connecting to it. It is no tool: it stands for the server where something is approved."""

    server: ServerSpec

    written: ClassVar[str] = "name"
    meaning: ClassVar[str] = "A server that has tools."
    called: ClassVar[str] = "MCP server"
    runs_code: ClassVar[bool] = True

    @classmethod
    def read(cls, value: WrittenValue, folder: Path) -> Self | None:
        """None: no tool runs so."""
        value.problem("a server is no way to run one tool", _HINT)
        return None

    def what(self) -> str:
        """Say what is run, or where calls are sent."""
        return f"starts the MCP server {self.server.name}: it {self.server.reach.what()}"

    def what_of(self, arguments: Mapping[str, Any]) -> Sequence[str]:
        """The same: a start has no arguments."""
        return (self.what(),)

    @classmethod
    def code(cls, tools: Sequence[Self]) -> ModulesBeside | None:
        """The scripts beside the tools file that the servers' command lines name, with what those import.

        Raises ToolError when it cannot be read.
        """
        found: dict[str, Module] = {}
        for tool in tools:
            found |= _scripts(tool.server)
        return ModulesBeside(Path("/"), found) if found else None

    @asynccontextmanager
    async def open(self, surroundings: Surroundings) -> AsyncIterator[Runner]:
        """Raises ToolError: a server is not called, its tools are."""
        raise ToolError("failed", f"{self.server.name} is an MCP server, and no tool")
        yield  # a generator, as the protocol wants it


@dataclass(frozen=True, slots=True)
class Mcp(ToolKind):
    """One tool of a server. `claims` are the server's own words of it, such as "read-only"."""

    server: ServerSpec
    tool: str
    claims: tuple[str, ...] = ()
    servers: CallsServers | None = field(default=None, compare=False, repr=False)

    written: ClassVar[str] = "name"
    meaning: ClassVar[str] = "A tool of an MCP server."
    runs_code: ClassVar[bool] = True

    @classmethod
    def read(cls, value: WrittenValue, folder: Path) -> Self | None:
        """None: the tools of a server come from the server."""
        value.problem("a tool of a server is not written in a file", _HINT)
        return None

    def what(self) -> str:
        """Say which tool of which server is called, and what the server claims of it."""
        claims = f" (the server says of it: {', '.join(self.claims)})" if self.claims else ""
        return f"calls {self.tool} of the MCP server {self.server.name}{claims}, which {self.server.reach.what()}"

    @asynccontextmanager
    async def open(self, surroundings: Surroundings) -> AsyncIterator[Runner]:
        """What sends each call to the server."""
        if self.servers is None:
            raise ToolError("server", f"the MCP server {self.server.name} is not at hand")
        yield partial(self.servers.call, self.server.name, self.tool)


def as_tool(server: ServerSpec) -> ToolSpec:
    """The server as what approval decides on: whether it may be started."""
    return ToolSpec(server.name, "", McpServer(server), file=server.file, digest=server.digest)


def claims_of(annotations: Mapping[str, Any]) -> tuple[str, ...]:
    """In words, what the annotations of a tool say, in the names of the protocol."""
    words = {
        "readOnlyHint": ("read-only", ""),
        "destructiveHint": ("destructive", "not destructive"),
        "idempotentHint": ("idempotent", ""),
        "openWorldHint": ("reaches the outside", "stays inside"),
    }
    said = [yes if annotations[key] else no for key, (yes, no) in words.items() if annotations.get(key) is not None]
    return tuple(filter(None, said))


def _scripts(server: ServerSpec) -> dict[str, Module]:
    """What the command line of the server, and the variables that its file sets, name."""
    if server.file is None or not isinstance(server.reach, Program):
        return {}
    folder, reach = server.file.parent, server.reach
    words = [with_defaults(word) for word in reach.argv]
    if words and words[0] is not None and "/" in words[0]:
        words[0] = str(reach.folder / words[0])
    variables = {name: text for name, value in reach.env.items() if (text := with_defaults(value)) is not None}
    code = find_files(folder, [Words(words, reach.folder, variables)])
    if code is None:
        return {}
    return {
        f"{server.name}:{name}": Module(os.path.normpath(folder / each.file), each.digest)
        for name, each in code.modules.items()
    }
