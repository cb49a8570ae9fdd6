"""A toolbox as an MCP server: other clients list its tools and call them, over the standard streams.

Owns what the protocol says of a tool, of a call that runs and of one that ended. A call goes the way of every call; one
that the client takes back is killed. Refuses to ask anybody: whoever starts it has seen to approval and trust. Standard
output is the protocol's while it serves, so that all else has to go elsewhere.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final, Protocol, cast

from mcp import MCPError, types
from mcp.server import Server
from mcp.server.stdio import stdio_server

from workbench import surrogates
from workbench.errors import OutputError

if TYPE_CHECKING:
    from mcp.server.context import ServerRequestContext

    from workbench.events import ToolResult
    from workbench.tools.runner import Progress, Report
    from workbench.tools.specs import ToolSpec

_READ_AT_ONCE: Final = 65536  # bytes
_MOST_AHEAD: Final = 16  # lines of the client that nobody has taken yet


class RunsCalls(Protocol):
    """What a server needs of a toolbox; `tools.toolbox.Toolbox` is one."""

    async def run(self, *, call_id: str, name: str, arguments: str, report: Report) -> ToolResult:
        """Carries out one call; raises nothing but CancelledError."""
        ...


class ToolServer:
    """Serves `specs`, tools of `toolbox`. `server` is the package's own, for any transport.

    `masked` takes keys out of a JSON value before it goes to a client, and `ended` is told of every call that is over.
    """

    def __init__(
        self,
        toolbox: RunsCalls,
        specs: Sequence[ToolSpec],
        *,
        version: str,
        masked: Callable[[Any], Any],
        ended: Callable[[ToolResult], object],
    ) -> None:
        self._toolbox = toolbox
        self._specs = {spec.name: spec for spec in specs}
        self._masked = masked
        self._ended = ended
        self._calls: set[asyncio.Task[ToolResult]] = set()
        self.server: Server[Any] = Server(
            "workbench", version=version, title="Workbench", on_list_tools=self._list, on_call_tool=self._call
        )

    async def serve(self) -> None:
        """Serve one client on standard input and output until it closes them; no call runs any more then.

        Raises OutputError when nothing can be written for another reason than that the client has gone.
        """
        lines = cast(Any, _Lines(asyncio.get_running_loop()))
        try:
            with _writing():
                async with stdio_server(stdin=lines) as (read, write):
                    await self.server.run(read, write, self.server.create_initialization_options())
        finally:
            await self.stop()

    async def stop(self) -> None:
        """Returns once no call runs any more."""
        for call in self._calls:
            call.cancel()
        if self._calls:
            await asyncio.wait(self._calls)

    async def _list(self, _: ServerRequestContext[Any], __: types.PaginatedRequestParams | None) -> Any:
        return types.ListToolsResult(tools=[self._tool(spec) for spec in self._specs.values()])

    def _tool(self, spec: ToolSpec) -> types.Tool:
        schema = self._masked({"type": "object", **spec.parameters})
        return types.Tool(name=spec.name, description=self._masked(spec.description), input_schema=schema)

    async def _call(self, context: ServerRequestContext[Any], asked: types.CallToolRequestParams) -> Any:
        if asked.name not in self._specs:
            raise MCPError(types.INVALID_PARAMS, f"there is no tool {json.dumps(asked.name[:100])}")
        told = _Told(context)
        call = asyncio.create_task(
            self._toolbox.run(
                call_id=str(context.request_id),
                name=asked.name,
                arguments=json.dumps(asked.arguments or {}),
                report=told.report,
            )
        )
        self._calls.add(call)
        call.add_done_callback(self._calls.discard)
        telling = asyncio.create_task(told.tell())
        try:
            # Whoever is cancelled here is so in each wait that follows: killing what runs is the call's own task.
            result = await asyncio.shield(call)
            told.end()
            await telling
        finally:
            call.cancel()
            telling.cancel()
        self._ended(result)
        return self._result(result)

    def _result(self, result: ToolResult) -> types.CallToolResult:
        if result.error is not None:
            return types.CallToolResult(content=[_text(self._masked(result.error))], is_error=True)
        value = self._masked(result.result)
        text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        structured = value if isinstance(value, Mapping) else None
        return types.CallToolResult(content=[_text(text)], structured_content=structured)


@contextlib.contextmanager
def _writing() -> Iterator[None]:
    """Within, a client that reads no more is the end, and OutputError what else keeps anything from being written."""
    try:
        yield
    except* OSError as group:
        error: BaseException = group
        while isinstance(error, BaseExceptionGroup):
            error = error.exceptions[0]
        if not isinstance(error, BrokenPipeError):
            reason = error.strerror if isinstance(error, OSError) else None
            raise OutputError(f"the output cannot be written: {reason or error}") from error


class _Told:
    """Tells the client of a call how that goes on, in order."""

    def __init__(self, context: ServerRequestContext[Any]) -> None:
        self._context = context
        self._waiting: asyncio.Queue[Progress | None] = asyncio.Queue()
        self._done = 0.0

    def report(self, progress: Progress) -> None:
        """Tell it soon."""
        self._waiting.put_nowait(progress)

    def end(self) -> None:
        """Nothing more is told."""
        self._waiting.put_nowait(None)

    async def tell(self) -> None:
        """Tell all that is reported until the end; a client that did not ask for it is told nothing."""
        while (progress := await self._waiting.get()) is not None:
            if progress.done is not None:
                self._done = max(self._done, progress.done)
            elif not progress.level:
                self._done += 1
            said = ": ".join(filter(None, (progress.level, surrogates.sendable(progress.text))))
            await self._context.session.report_progress(self._done, progress.total, said or None)


class _Lines:
    """The lines of standard input, read by a thread of their own: waiting for one can be given up at any time."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._lines: asyncio.Queue[str | None] = asyncio.Queue(_MOST_AHEAD)
        threading.Thread(target=self._read, daemon=True).start()

    def __aiter__(self) -> _Lines:
        """Itself."""
        return self

    async def __anext__(self) -> str:
        """The next line; StopAsyncIteration once standard input is closed."""
        if (line := await self._lines.get()) is None:
            raise StopAsyncIteration
        return line

    def _read(self) -> None:
        rest = b""
        while data := self._some():
            *lines, rest = (rest + data).split(b"\n")
            for line in lines:
                if not self._put(line.decode("utf-8", "replace")):
                    return
        self._put(None)

    def _some(self) -> bytes:
        try:
            return os.read(0, _READ_AT_ONCE)
        except OSError:  # it was never open, or is gone
            return b""

    def _put(self, line: str | None) -> bool:
        """Hand a line on once there is room; False when nobody takes any more."""
        try:
            asyncio.run_coroutine_threadsafe(self._lines.put(line), self._loop).result()
        except (RuntimeError, asyncio.CancelledError):  # the loop has ended
            return False
        return True


def _text(text: str) -> types.TextContent:
    return types.TextContent(text=surrogates.sendable(text))
