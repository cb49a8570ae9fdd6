"""The servers of a toolbox: which are there, what their tools are called, and what people are told of them.

Owns when a server is started: not before its file is trusted, again at the next turn when it has ended, and never while
a turn waits longer than it must. A server that does not come is a line for people, and the others work on.
"""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Awaitable, Callable, Sequence, Set
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.errors import ToolError
from workbench.tools.mcp.kinds import Mcp, as_tool, claims_of
from workbench.tools.mcp.naming import names_of
from workbench.tools.mcp.servers import NOT_INSTALLED, ServerSpec
from workbench.tools.runner import ApprovedCall, CallOutcome, Surroundings
from workbench.tools.specs import ToolSpec

if TYPE_CHECKING:
    from workbench.tools.mcp.connection import Connection

RETRY_SECONDS: Final = 2.0
"""How long a turn waits for a server that did not come before; it goes on starting meanwhile."""


@dataclass(frozen=True, slots=True)
class Permission:
    """What decides whether a server may be started. `asking` is held while a person is asked something.

    `ask` returns once it may, or raises ToolError; `is_given` says without asking.
    """

    ask: Callable[[ToolSpec], Awaitable[object]]
    is_given: Callable[[ToolSpec], Awaitable[bool]]
    asking: asyncio.Lock


@dataclass(slots=True, eq=False)
class _Server:
    """A server, and how far it is. `told` is what people were told last."""

    spec: ServerSpec
    connection: Connection | None = None
    starting: asyncio.Task[None] | None = None
    is_denied: bool = False
    has_failed: bool = False
    told: set[str] = field(default_factory=set)

    @property
    def is_there(self) -> bool:
        return self.connection is not None and self.connection.is_alive


class Servers:
    """The servers of a session. `notice` gets lines for people, each once.

    `taken` are names that tools of servers may not have.
    """

    def __init__(
        self,
        servers: Sequence[ServerSpec],
        surroundings: Surroundings,
        permission: Permission,
        notice: Callable[[str], object],
        *,
        taken: Set[str] = frozenset(),
    ) -> None:
        self._servers = {server.name: _Server(server) for server in servers}
        self._surroundings = surroundings
        self._permission = permission
        self._notice = notice
        self._taken = taken
        self._preparing = asyncio.Lock()
        self._asking = asyncio.Lock()
        self._refused: dict[Path | None, ToolError] = {}  # files whose servers may not be started, and why

    def refusal(self) -> ToolError | None:
        """Why servers are not there that may not be started; None when there are none such."""
        return next(iter(self._refused.values()), None)

    async def prepare(self, *, ask: bool) -> list[ToolSpec]:
        """Start what is not there and may be, list anew what has changed; the tools of all that are there.

        With `ask`, a person is asked for what is not allowed yet.
        """
        async with self._preparing:
            await asyncio.gather(*(self._bring_up(server, ask=ask) for server in self._servers.values()))
            self._tell_denied()
            return self._tools()

    async def call(self, server: str, tool: str, call: ApprovedCall) -> CallOutcome:
        """What the tool of the server answers."""
        connection = self._servers[server].connection
        if connection is None:
            return CallOutcome(error=ToolError("server", f"the MCP server {server} is not there"))
        outcome = await connection.call(tool, call)
        self._tell_rubbish(self._servers[server])
        return outcome

    async def aclose(self) -> None:
        """Let go of all servers; of those that were started, nothing is left when this returns."""
        starting = [server.starting for server in self._servers.values() if server.starting is not None]
        for task in starting:
            task.cancel()
        await asyncio.gather(*starting, return_exceptions=True)
        connections = [server.connection for server in self._servers.values() if server.connection is not None]
        await asyncio.gather(*(each.close() for each in connections))

    # -- starting --------------------------------------------------------------------------------------

    async def _bring_up(self, server: _Server, *, ask: bool) -> None:
        if server.is_there:
            await self._list_anew(server)
            return
        if server.is_denied:
            return
        if server.starting is None:
            if not await self._may_start(server, ask=ask):
                return
            if server.connection is not None:
                self._tell(server, server.connection.gone())
            server.starting = asyncio.create_task(self._start(server))
        await asyncio.wait({server.starting}, timeout=RETRY_SECONDS if server.has_failed else None)

    async def _may_start(self, server: _Server, *, ask: bool) -> bool:
        spec = as_tool(server.spec)
        try:
            if not ask and not await self._permission.is_given(spec):
                return False
            async with self._asking:  # a no is for all servers of a file, as a yes is
                if spec.file not in self._refused:
                    await self._permission.ask(spec)
        except ToolError as error:
            self._refused[spec.file] = error
        server.is_denied = spec.file in self._refused
        return not server.is_denied

    async def _start(self, server: _Server) -> None:
        try:
            connections = await asyncio.to_thread(importlib.import_module, "workbench.tools.mcp.connection")
            if server.connection is not None:
                await server.connection.close()
            made: Connection = connections.Connection(
                server.spec, self._surroundings, self._permission.asking, lambda: None
            )
            await made.open()
            server.connection, server.has_failed = made, False
        except ImportError as error:
            self._not_started(server, NOT_INSTALLED if error.name == "mcp" else str(error))
        except ToolError as error:
            self._not_started(server, str(error))
        except Exception as error:  # noqa: BLE001 - a fault of ours costs this server alone, and is told
            self._not_started(server, f"{type(error).__name__}: {error}")
        finally:
            server.starting = None

    def _not_started(self, server: _Server, why: str) -> None:
        server.has_failed = True
        self._tell(server, f"the MCP server {server.spec.name} did not start: {why}")

    async def _list_anew(self, server: _Server) -> None:
        connection = server.connection
        assert connection is not None
        self._tell_rubbish(server)
        if connection.is_stale:
            try:
                await connection.refresh()
            except ToolError as error:
                self._tell(server, f"the MCP server {server.spec.name} is as it was listed before: {error}")

    # -- what is there ---------------------------------------------------------------------------------

    def _tools(self) -> list[ToolSpec]:
        found: list[tuple[ServerSpec, Any]] = []
        for server in self._servers.values():
            if server.connection is not None and server.is_there:
                self._tell_rubbish(server)
                found += [(server.spec, tool) for tool in server.connection.tools if server.spec.takes(tool.name)]
        names = names_of([(spec.name, tool.name) for spec, tool in found], self._taken)
        return [self._tool(spec, name, tool) for (spec, tool), name in zip(found, names, strict=True)]

    def _tool(self, server: ServerSpec, name: str, tool: Any) -> ToolSpec:
        options = server.options(tool.name)
        said = tool.annotations.model_dump(by_alias=True) if tool.annotations is not None else {}
        return ToolSpec(
            name,
            tool.description or tool.title or "",
            Mcp(server, tool.name, claims_of(said), self),
            parameters=tool.input_schema,
            approve=options.approve,
            timeout=options.timeout or server.timeout,
            file=server.file,
            digest=server.digest,
        )

    def _tell_denied(self) -> None:
        """One line for all servers of a file that may not be started."""
        for file, why in self._refused.items():
            denied = [each for each in self._servers.values() if each.is_denied and each.spec.file == file]
            names = ", ".join(each.spec.name for each in denied)
            self._tell(denied[0], f"MCP {'server' if len(denied) == 1 else 'servers'} {names} not started: {why}")

    # -- what people are told --------------------------------------------------------------------------

    def _tell_rubbish(self, server: _Server) -> None:
        if server.connection is not None and (line := server.connection.rubbish):
            name = server.spec.name
            self._tell(server, f"the MCP server {name} writes to its standard output what is no message: {line}")

    def _tell(self, server: _Server, line: str) -> None:
        if line and line not in server.told:
            server.told.add(line)
            self._notice(line)
