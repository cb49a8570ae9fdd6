"""The pipes to and from a child process: what is read of them, and how much of it is kept."""

from __future__ import annotations

import asyncio
import contextlib
import os
from collections.abc import Callable

# Of what a child tells while it runs, so much of what comes at once; all of it is kept elsewhere.
_MOST_TOLD = 20
_MOST_LINES = 5
_MOST_OF_LINE = 500  # bytes
_MOST_OF_LINES = 4_000
# What may still be in a pipe whose writer has ended, or waits: its capacity, as far as a program may set it.
_MOST_LEFT = 2_000_000


class Answers(asyncio.Protocol):
    """The lines that answer one call after another, each with the call's nonce before it, of at most `limit` bytes.

    `=` or `!` behind the nonce begins the answer: `line` is what follows, `is_last` that it was `!`, and `over` is set.
    `~` begins what the call tells on its way. Other lines are read and forgotten.
    """

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._nonce = b""
        self._tell: Callable[[bytes], None] = _forget
        self._received = bytearray()
        self.line: bytes | None = None
        self.is_last = self.overlong = False
        self.over = asyncio.Event()
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def expect(self, nonce: bytes, tell: Callable[[bytes], None]) -> None:
        """Wait for the answer to another call, and give what it tells before to `tell`."""
        self._nonce, self._tell = nonce, tell
        self._received.clear()
        self.line, self.is_last, self.overlong = None, False, False
        self.over = asyncio.Event()

    def data_received(self, data: bytes) -> None:
        """Take in what came; nothing any more once the answer has been found."""
        told: list[bytes] = []
        *ends, rest = data.split(b"\n")
        for end in ends:
            self._take(end)
            if self.over.is_set():
                break
            if self._received.startswith(self._nonce):
                self._end_line(told)
            self._received.clear()
        self._take(rest)
        for text in told[-_MOST_TOLD:]:
            self._tell(text)

    def _end_line(self, told: list[bytes]) -> None:
        mark, text = bytes(self._received[len(self._nonce) :][:1]), bytes(self._received[len(self._nonce) + 1 :])
        if mark in (b"=", b"!"):
            self.line, self.is_last = text, mark == b"!"
            self.over.set()
        elif mark == b"~":
            told.append(text)

    def _take(self, data: bytes) -> None:
        if self.over.is_set():
            return
        self._received += data
        if len(self._received) <= self._limit + len(self._nonce) + 1:
            return
        if self._received.startswith(self._nonce):
            self.overlong = True
            self._received.clear()
            self.over.set()
        else:
            del self._received[len(self._nonce) :]

    def connection_lost(self, exc: Exception | None) -> None:
        """The pipe is at its end: `closed` is done."""
        if not self.closed.done():
            self.closed.set_result(None)


class Head(asyncio.Protocol):
    """The first `limit` bytes of a pipe, and how many were `left_out` behind them; all is read."""

    def __init__(self, limit: int, also: Tail) -> None:
        self._limit = limit
        self._also = also
        self.received = bytearray()
        self.left_out = 0
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    def data_received(self, data: bytes) -> None:
        """Take in what came, up to the limit; `also` gets all of it."""
        self._also.data_received(data)
        taken = data[: self._limit - len(self.received)]
        self.received += taken
        self.left_out += len(data) - len(taken)

    def connection_lost(self, exc: Exception | None) -> None:
        """The pipe is at its end: `closed` is done."""
        if not self.closed.done():
            self.closed.set_result(None)


class Tail(asyncio.Protocol):
    """The last `limit` bytes of a pipe, and how many were `left_out` before; all is read: the writer never blocks.

    `on_line` is given the last of the whole lines that come together, as they come, and `also` gets all of it.
    """

    def __init__(self, limit: int, on_line: Callable[[str], None] | None = None, also: Tail | None = None) -> None:
        self._limit = limit
        self._also = also
        self._received = bytearray()
        self._line = bytearray()
        self.on_line = on_line
        self.left_out = 0
        self.closed: asyncio.Future[None] = asyncio.get_running_loop().create_future()

    @property
    def text(self) -> str:
        """The bytes that are kept, decoded; what is not UTF-8 becomes U+FFFD."""
        return self._received.decode("utf-8", "replace")

    def clear(self) -> None:
        """Begin anew."""
        self._received.clear()
        self._line.clear()
        self.left_out = 0

    def data_received(self, data: bytes) -> None:
        """Take in what came, and drop what is beyond the limit at the beginning."""
        self._received += data
        excess = len(self._received) - self._limit
        if excess > 0:
            del self._received[:excess]
            self.left_out += excess
        if self._also is not None:
            self._also.data_received(data)
        if self.on_line is not None:
            self._tell_lines(data, self.on_line)

    def _tell_lines(self, data: bytes, on_line: Callable[[str], None]) -> None:
        *lines, rest = (bytes(self._line) + data[-_MOST_OF_LINES:]).split(b"\n")
        self._line[:] = rest[:_MOST_OF_LINE]
        for line in lines[-_MOST_LINES:]:
            if line.strip():
                on_line(line[:_MOST_OF_LINE].decode("utf-8", "replace"))

    def connection_lost(self, exc: Exception | None) -> None:
        """The pipe is at its end: `closed` is done."""
        if not self.closed.done():
            self.closed.set_result(None)


async def pipe_from(
    protocol: asyncio.Protocol, ours: contextlib.ExitStack, theirs: contextlib.ExitStack
) -> tuple[int, asyncio.ReadTransport]:
    """The child's writing end of a pipe that `protocol` reads, and the transport of ours."""
    read, write = os.pipe()
    theirs.callback(os.close, write)
    file = os.fdopen(read, "rb", buffering=0)  # closed by its transport
    transport, _ = await asyncio.get_running_loop().connect_read_pipe(lambda: protocol, file)
    ours.callback(transport.close)
    return write, transport


def read_what_is_there(transport: asyncio.ReadTransport, protocol: asyncio.Protocol) -> None:
    """Give `protocol` at once what has been written to the pipe by now, and would come in the next rounds."""
    pipe = transport.get_extra_info("pipe")
    left = _MOST_LEFT
    while left > 0 and not transport.is_closing():
        try:
            data = os.read(pipe.fileno(), 65_536)
        except OSError:  # nothing more has been written yet
            return
        if not data:
            return
        left -= len(data)
        protocol.data_received(data)


async def pipe_to(ours: contextlib.ExitStack, theirs: contextlib.ExitStack) -> tuple[int, asyncio.WriteTransport]:
    """The child's reading end of a pipe, and the transport that writes to it."""
    read, write = os.pipe()
    theirs.callback(os.close, read)
    file = os.fdopen(write, "wb", buffering=0)  # closed by its transport
    transport, _ = await asyncio.get_running_loop().connect_write_pipe(asyncio.BaseProtocol, file)
    ours.callback(_give_up, transport)
    return read, transport


def _forget(told: bytes) -> None:
    """Nobody has asked for it."""


def _give_up(send: asyncio.WriteTransport) -> None:
    # Aborting a transport that has closed already is an error of its own in asyncio.
    if send.get_write_buffer_size() or not send.is_closing():
        send.abort()
