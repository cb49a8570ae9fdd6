"""The pipes to a server that was started: lines of JSON, to and from the streams that the package's session reads.

The program has a keeper (`runners/keeper.py`): whatever it starts ends with it, and with us. Owns the limit on a line,
and telling what is no message apart. Refuses to read faster than the session takes in, and to go on with a server that
writes a line over the limit: nobody would know which answer was lost.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import signal
from collections import deque
from collections.abc import Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Final

import anyio
from anyio.streams.memory import MemoryObjectReceiveStream, MemoryObjectSendStream
from mcp.shared.message import SessionMessage
from mcp.types import PARSE_ERROR, ErrorData, JSONRPCError, JSONRPCMessage, jsonrpc_message_adapter
from pydantic import ValidationError

from workbench.tools.mcp.log import ServerLog
from workbench.tools.runners import kept_program as kept
from workbench.tools.runners.pipes import pipe_from, pipe_to

LONGEST_LINE: Final = 16_000_000  # bytes
LEAVE_SECONDS: Final = 0.5  # that a server may take to leave once its input is closed, and after SIGTERM again
_DRAIN_SECONDS: Final = 0.2  # for the end of its output once it has ended
_MOST_WAITING: Final = 1_000_000  # bytes of lines that the session has not taken yet
_COST_OF_LINE: Final = 60  # bytes that a line takes besides
_MOST_UNREAD: Final = 32_000_000  # bytes that the server has not taken yet
_SLICE_SECONDS: Final = 0.01  # of taking in lines, before others have their turn
_QUICK: Final = 100_000  # bytes of a line that are parsed at once; more is for a thread
_ENDS: Final = 200  # bytes of both ends of a line in which its id is looked for
_BEGINS_ANSWER: Final = re.compile(rb'\s*\{\s*"(jsonrpc|id|result|error)"(?!.*"method")', re.DOTALL)
_ANSWER: Final = re.compile(
    rb'\s*\{\s*("jsonrpc"\s*:\s*"2.0"\s*,\s*)?"id"\s*:\s*(?P<id>\d{1,15})\s*,\s*"(result|error)"'
)
_ANSWER_AT_END: Final = re.compile(rb'("jsonrpc"\s*:\s*"2.0"\s*,\s*)?"id"\s*:\s*(?P<id>\d{1,15})\s*\}\s*$')

Streams = tuple[MemoryObjectReceiveStream[SessionMessage | Exception], MemoryObjectSendStream[SessionMessage]]


class StdioTransport:
    """A transport as `mcp.Client` wants one: entering starts the server and gives its streams; leaving ends it.

    `environ` is the whole environment of the server. `over` is set when it says nothing more; `why` tells then how it
    ended.
    """

    def __init__(self, argv: Sequence[str], folder: Path, environ: Mapping[str, str], log: ServerLog) -> None:
        self._argv = tuple(argv)
        self._folder = folder
        self._environ = environ
        self._log = log
        self._lines = _Lines()
        self._pipes = contextlib.ExitStack()
        self._tasks: list[asyncio.Task[None]] = []
        self._program: kept.KeptProgram | None = None
        self._send: asyncio.WriteTransport | None = None
        self.over = asyncio.Event()

    async def __aenter__(self) -> Streams:
        """Start the server. Raises OSError when it cannot be started."""
        with contextlib.ExitStack() as theirs:
            stdin, self._send = await pipe_to(self._pipes, theirs)
            stdout, _ = await pipe_from(self._lines, self._pipes, theirs)
            stderr, _ = await pipe_from(self._log, self._pipes, theirs)
            self._program = await kept.start(
                self._argv,
                stdin=stdin,
                stdout=stdout,
                stderr=stderr,
                environ=self._environ,
                ours=self._pipes,
                cwd=self._folder,
            )
        into, read = anyio.create_memory_object_stream[SessionMessage | Exception](0)
        write, out_of = anyio.create_memory_object_stream[SessionMessage](0)
        self._tasks = [asyncio.create_task(each) for each in (self._read(into), self._write(out_of), self._watch())]
        return read, write

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the server: its input is closed, it has a moment to leave, then it is told to, then it is killed."""
        ending = asyncio.create_task(self._end())
        with anyio.CancelScope(shield=True):
            try:
                await asyncio.shield(ending)
            except asyncio.CancelledError:
                await ending
                raise

    def why(self) -> str:
        """How it ended, in words; "" while it has not."""
        if self._lines.overlong:
            return f"it wrote a line of more than {LONGEST_LINE:,} bytes"
        program = self._program
        if program is None or not program.over.is_set():
            return "it closed its output" if self.over.is_set() else ""
        try:
            program.check_started()
        except OSError as error:
            return f"{self._argv[0]} cannot be started: {error.strerror}"
        return _how(program.status)

    async def settled(self) -> None:
        """Wait a moment for how it ended to be known."""
        if self._program is not None:
            with contextlib.suppress(TimeoutError):
                await asyncio.wait_for(self._program.over.wait(), LEAVE_SECONDS)

    # -- what goes on while it runs ------------------------------------------------------------------

    async def _read(self, into: MemoryObjectSendStream[SessionMessage | Exception]) -> None:
        loop = asyncio.get_running_loop()
        async with into:
            with contextlib.suppress(anyio.BrokenResourceError, anyio.ClosedResourceError):
                since = loop.time()
                while (line := await self._lines.next()) is not None:
                    if loop.time() - since > _SLICE_SECONDS:
                        await asyncio.sleep(0)  # a server may write lines without end
                        since = loop.time()
                    message = await _parsed(line)
                    if message is not None:
                        await into.send(SessionMessage(message))
                    elif line.strip():
                        self._log.not_a_message(line)
                        if (refused := _refused(line)) is not None:
                            await into.send(SessionMessage(refused))
        self._lines.forget()
        self.over.set()

    async def _write(self, out_of: MemoryObjectReceiveStream[SessionMessage]) -> None:
        assert self._send is not None
        async with out_of:
            async for sent in out_of:
                if self._send.is_closing() or self._send.get_write_buffer_size() > _MOST_UNREAD:
                    self._lines.end()  # the session hears of its end from the other side
                    return
                line = sent.message.model_dump_json(by_alias=True, exclude_unset=True)
                self._send.write(line.encode("utf-8", "backslashreplace") + b"\n")

    async def _watch(self) -> None:
        """Its output may be held open by what it started: it is over with the server."""
        assert self._program is not None
        await self._program.over.wait()
        await asyncio.wait({self._lines.closed}, timeout=_DRAIN_SECONDS)
        self._lines.end()

    async def _end(self) -> None:
        program = self._program
        try:
            if self._send is not None:
                self._send.close()
            if program is not None:
                with contextlib.suppress(TimeoutError):
                    await asyncio.wait_for(program.over.wait(), LEAVE_SECONDS)
                await program.end(LEAVE_SECONDS, ask=True)
        finally:
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
            self._pipes.close()


class _Lines(asyncio.Protocol):
    """The lines of a pipe, one after the other; reading waits while many have not been taken."""

    def __init__(self) -> None:
        self._begun = bytearray()
        self._waiting: deque[bytes] = deque()
        self._size = 0
        self._more = asyncio.Event()
        self._ended = False
        self._forgets = False
        self._pipe: asyncio.ReadTransport | None = None
        self.overlong = False
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        """The pipe is there."""
        assert isinstance(transport, asyncio.ReadTransport)
        self._pipe = transport

    def data_received(self, data: bytes) -> None:
        """Part what came into lines."""
        if self._forgets or self._ended:
            return
        *whole, rest = data.split(b"\n")
        for piece in whole:
            self._waiting.append(bytes(self._begun + piece))
            self._size += len(self._waiting[-1]) + _COST_OF_LINE
            self.overlong |= len(self._waiting[-1]) > LONGEST_LINE
            self._begun.clear()
        self._begun += rest
        self.overlong |= len(self._begun) > LONGEST_LINE
        if self.overlong:
            self._begun.clear()
            self._waiting.clear()
            self.end()
        elif self._size > _MOST_WAITING and self._pipe is not None:
            self._pipe.pause_reading()
        self._more.set()

    def connection_lost(self, exc: Exception | None) -> None:
        """The pipe is at its end: so are the lines, once those that came are taken."""
        if not self.closed.done():
            self.closed.set_result(None)
        self.end()

    def end(self) -> None:
        """No line comes any more."""
        self._ended = True
        self._more.set()

    def forget(self) -> None:
        """Nobody takes lines any more: what comes is read, and lost."""
        self._forgets = True
        self._waiting.clear()
        self._go_on()

    async def next(self) -> bytes | None:
        """The next line, without its end; None when there is none any more."""
        while not self._waiting:
            if self._ended:
                return None
            self._more.clear()
            await self._more.wait()
        line = self._waiting.popleft()
        self._size -= len(line) + _COST_OF_LINE
        if self._size <= _MOST_WAITING:
            self._go_on()
        return line

    def _go_on(self) -> None:
        if self._pipe is not None and not self._pipe.is_closing():
            self._pipe.resume_reading()


async def _parsed(line: bytes) -> JSONRPCMessage | None:
    """The message that a line is; None when it is none."""
    try:
        if len(line) <= _QUICK:
            return jsonrpc_message_adapter.validate_json(line, by_name=False)
        return await asyncio.to_thread(jsonrpc_message_adapter.validate_json, line, by_name=False)
    except (ValidationError, ValueError):
        return None


def _refused(line: bytes) -> JSONRPCMessage | None:
    """The error that stands for an answer which is no message, so that nobody waits for it; None for another line."""
    found = _ANSWER.match(line[:_ENDS]) or _ANSWER_AT_END.search(line[-_ENDS:])
    if found is None or not _BEGINS_ANSWER.match(line[:_ENDS]):
        return None
    error = ErrorData(code=PARSE_ERROR, message="what it answers is no message of MCP, or is nested too deeply")
    return JSONRPCError(jsonrpc="2.0", id=int(found["id"]), error=error)


def _how(status: int | None) -> str:
    if status is None:
        return "it ended"
    if status >= 0:
        return f"it ended with exit status {status}"
    with contextlib.suppress(ValueError):
        return f"it was killed by signal {-status} ({signal.Signals(-status).name})"
    return f"it was killed by signal {-status}"
