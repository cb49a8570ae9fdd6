"""The pipes to and from a child process: what is read of them, and how much of it is kept."""

from __future__ import annotations

import asyncio
import contextlib
import os


class FirstLine(asyncio.Protocol):
    """The first line that begins with `prefix`, up to `limit` bytes and without it; `over` is set when it has come.

    Other lines are read and forgotten.
    """

    def __init__(self, limit: int, prefix: bytes = b"") -> None:
        self._limit = limit + len(prefix)
        self._prefix = prefix
        self._received = bytearray()
        self.line: bytes | None = None
        self.overlong = False
        self.over = asyncio.Event()
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        """Take in what came; nothing any more once the line has been found."""
        *ends, rest = data.split(b"\n")
        for end in ends:
            self._take(end)
            if self.over.is_set():
                return
            if self._received.startswith(self._prefix):
                self.line = bytes(self._received[len(self._prefix) :])
                self.over.set()
            self._received.clear()
        self._take(rest)

    def _take(self, data: bytes) -> None:
        if self.over.is_set():
            return
        self._received += data
        if len(self._received) <= self._limit:
            return
        if self._received.startswith(self._prefix):
            self.overlong = True
            self._received.clear()
            self.over.set()
        else:
            del self._received[len(self._prefix) :]

    def connection_lost(self, exc: Exception | None) -> None:
        """The pipe is at its end: `closed` is done."""
        if not self.closed.done():
            self.closed.set_result(None)


class Tail(asyncio.Protocol):
    """The last `limit` bytes of a pipe, and how many were `left_out` before; all is read: the writer never blocks."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._received = bytearray()
        self.left_out = 0
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def text(self) -> str:
        """The bytes that are kept, decoded; what is not UTF-8 becomes U+FFFD."""
        return self._received.decode("utf-8", "replace")

    def data_received(self, data: bytes) -> None:
        """Take in what came, and drop what is beyond the limit at the beginning."""
        self._received += data
        excess = len(self._received) - self._limit
        if excess > 0:
            del self._received[:excess]
            self.left_out += excess

    def connection_lost(self, exc: Exception | None) -> None:
        """The pipe is at its end: `closed` is done."""
        if not self.closed.done():
            self.closed.set_result(None)


async def pipe_from(protocol: asyncio.Protocol, ours: contextlib.ExitStack, theirs: contextlib.ExitStack) -> int:
    """The child's writing end of a pipe that `protocol` reads."""
    read, write = os.pipe()
    theirs.callback(os.close, write)
    file = os.fdopen(read, "rb", buffering=0)  # closed by its transport
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, file)
    ours.callback(transport.close)
    return write


async def pipe_to(ours: contextlib.ExitStack, theirs: contextlib.ExitStack) -> tuple[int, asyncio.WriteTransport]:
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
