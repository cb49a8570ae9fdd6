"""One child process for one line in and one line out, and nothing left of it afterwards.

Owns the pipes, the limits on what is read, and the end: the child leads a session of its own, and its whole process
group is killed when the call is over, however it ends. Output is read while the child runs and only as much
kept as the limits say, so a child can neither block on a full pipe nor fill the memory.
Knows nothing of tools. What it cannot reach: a grandchild that made itself a session of its own.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

OUTPUT_LIMIT = 64_000
# How long a child may take to leave after its answer, or after SIGTERM, before its group gets SIGKILL.
LEAVE_SECONDS = 0.5
# How long to wait for the end of the pipes once the group is dead; only an escaped grandchild holds them longer.
DRAIN_SECONDS = 0.2


@dataclass(frozen=True, slots=True)
class Ended:
    """How a child ended.

    `answer` is its first line on stdout without the newline, None when it gave no whole line; `overlong` says that
    the line went over the limit. `output` is the last of its stderr. `status` is the exit status, negative for
    a signal, None if it is not known yet.
    """

    answer: bytes | None
    overlong: bool
    timed_out: bool
    status: int | None
    output: str


async def run_child(
    argv: Sequence[str], request: bytes, *, environ: Mapping[str, str], timeout: float, answer_limit: int
) -> Ended:
    """Starts `argv`, writes `request` to its stdin, and waits for a line, its end, or `timeout` seconds.

    Raises OSError when it cannot be started. On cancellation the group is killed before CancelledError goes on.
    """
    answer, output = _Line(answer_limit), _Tail(OUTPUT_LIMIT)
    with contextlib.ExitStack() as ours:
        with contextlib.ExitStack() as theirs:
            stdin, send = await _pipe_to(ours, theirs)
            process = await asyncio.create_subprocess_exec(
                *argv,
                stdin=stdin,
                stdout=await _pipe_from(answer, ours, theirs),
                stderr=await _pipe_from(output, ours, theirs),
                env=dict(environ),
                start_new_session=True,
            )
        exited = asyncio.ensure_future(process.wait())
        exited.add_done_callback(lambda _: answer.over.set())
        timed_out = True
        try:
            send.write(request)
            send.close()
            timed_out = not await _within(timeout, answer.over)
        finally:
            await _end(process.pid, exited, at_once=timed_out)
        await asyncio.wait({answer.closed, output.closed}, timeout=DRAIN_SECONDS)
    return Ended(answer.line, answer.overlong, timed_out, process.returncode, output.text)


class _Line(asyncio.Protocol):
    """The first line of a pipe, up to `limit` bytes; `over` is set when there is nothing more to wait for."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._received = bytearray()
        self.line: bytes | None = None
        self.overlong = False
        self.over = asyncio.Event()
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        if self.line is not None or self.overlong:
            return
        self._received += data
        if b"\n" in data:
            self.line = bytes(self._received).partition(b"\n")[0]
        elif len(self._received) > self._limit:
            self.overlong = True
            self._received.clear()
        if self.line is not None or self.overlong:
            self.over.set()

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


class _Tail(asyncio.Protocol):
    """The last `limit` bytes of a pipe; all of it is read, so that the writer never blocks."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._received = bytearray()
        self._dropped = 0
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def text(self) -> str:
        text = self._received.decode("utf-8", "replace")
        return f"… {self._dropped:,} bytes before …\n{text}" if self._dropped else text

    def data_received(self, data: bytes) -> None:
        self._received += data
        excess = len(self._received) - self._limit
        if excess > 0:
            del self._received[:excess]
            self._dropped += excess

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.closed.done():
            self.closed.set_result(None)


async def _pipe_from(protocol: asyncio.Protocol, ours: contextlib.ExitStack, theirs: contextlib.ExitStack) -> int:
    """The child's writing end of a pipe that `protocol` reads."""
    read, write = os.pipe()
    theirs.callback(os.close, write)
    file = os.fdopen(read, "rb", buffering=0)  # closed by its transport
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, file)
    ours.callback(transport.close)
    return write


async def _pipe_to(ours: contextlib.ExitStack, theirs: contextlib.ExitStack) -> tuple[int, asyncio.WriteTransport]:
    """The child's reading end of a pipe, and the transport that writes to it."""
    read, write = os.pipe()
    theirs.callback(os.close, read)
    file = os.fdopen(write, "wb", buffering=0)  # closed by its transport
    transport, _ = await asyncio.get_running_loop().connect_write_pipe(asyncio.BaseProtocol, file)
    ours.callback(_give_up, transport)
    return read, transport


def _give_up(send: asyncio.WriteTransport) -> None:
    # Aborting a transport that has closed already is an error of its own in asyncio.
    if send.get_write_buffer_size() or not send.is_closing():
        send.abort()


async def _within(seconds: float, event: asyncio.Event) -> bool:
    try:
        async with asyncio.timeout(seconds):
            await event.wait()
    except TimeoutError:
        return False
    return True


async def _end(pid: int, exited: asyncio.Future[int], *, at_once: bool) -> None:
    """Nothing of the group is left when this returns; a cancellation meanwhile only hastens it."""
    try:
        if at_once:
            _signal_group(pid, signal.SIGTERM)
        await asyncio.wait({exited}, timeout=LEAVE_SECONDS)
    finally:
        _signal_group(pid, signal.SIGKILL)
    await asyncio.wait({exited}, timeout=LEAVE_SECONDS)


def _signal_group(leader: int, number: signal.Signals) -> None:
    # The leader may be gone while its children live on: their group keeps its number until the last one ends.
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(leader, number)
