"""A server on 127.0.0.1 that answers as its script says, misbehaviour included.

    async with LoopbackServer([stream(message("Hello."))]) as server:
        ...                                  # requests to server.url
        assert server.received[0].body["model"] == "m"

A script is one reply for each request, in their order, or a function from the request to its reply. A reply
is a list of actions. Time is the test's: a reply stops at `Wait` until the test sets the event.

`python -m tests.loopback --file tests/cassettes/plain_text.sse --rate 50` serves a file to a real program.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import itertools
import json
import socket
import struct
import sys
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from workbench.recordings.exchanges import split_frames

EVENT_STREAM = {"content-type": "text/event-stream"}


# -- what a reply is made of ----------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Head:
    """Status and headers. The body is sent in chunks, unless a content-length is among the headers."""

    status: int = 200
    headers: Mapping[str, str] = field(default_factory=lambda: EVENT_STREAM)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes of the body."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Raw:
    """Bytes as they are, outside of any HTTP: garbage, half a chunk, half a head."""

    data: bytes


@dataclass(frozen=True, slots=True)
class Wait:
    """Goes on when the test sets the event."""

    event: asyncio.Event


@dataclass(frozen=True, slots=True)
class Hang:
    """Sends nothing more and keeps the connection open; or sends `data` again and again, `seconds` apart.

    `raw` data is outside of any HTTP.
    """

    data: bytes = b""
    seconds: float = 0.01
    raw: bool = False


@dataclass(frozen=True, slots=True)
class Pause:
    """Goes on after so many seconds; for the command, not for tests."""

    seconds: float


@dataclass(frozen=True, slots=True)
class Reset:
    """Breaks the connection so that the client sees a reset."""


@dataclass(frozen=True, slots=True)
class Close:
    """Closes the connection in order, whether or not the body was whole."""


Action = Head | Chunk | Raw | Wait | Hang | Pause | Reset | Close
Reply = Iterable[Action]


def stream(*chunks: bytes) -> Reply:
    """A complete event stream of these chunks."""
    return [Head(), *(Chunk(chunk) for chunk in chunks)]


def error(status: int, body: Any = "", headers: Mapping[str, str] | None = None) -> Reply:
    """An error response; a `body` that is no text or bytes is sent as JSON."""
    if isinstance(body, str | bytes):
        data = body.encode() if isinstance(body, str) else body
        kind = "text/html" if data.startswith(b"<") else "text/plain"
    else:
        data, kind = json.dumps(body).encode(), "application/json"
    length = {"content-type": kind, "content-length": str(len(data))}
    return [Head(status, {**length, **(headers or {})}), Chunk(data)]


# -- what an event stream is made of --------------------------------------------------------


def sse(*events: Mapping[str, Any], done: bool = True) -> bytes:
    """`events` as frames the way the cloud sends them; with `[DONE]` behind them if `done`."""
    frames = [f"event: {event['type']}\ndata: {json.dumps(event, separators=(',', ':'))}\n\n" for event in events]
    return "".join([*frames, "data: [DONE]\n\n"] if done else frames).encode()


def message(
    text: str = "",
    *,
    thinking: str = "",
    plan: str = "",
    tool_calls: Iterable[tuple[str, str, str]] = (),
    citations: Iterable[Mapping[str, Any]] = (),
    finish_reason: str | None = None,
    usage: Mapping[str, Any] | None = None,
    done: bool = True,
) -> bytes:
    """The stream of a whole message, one delta for each word.

    `tool_calls` are (id, name, arguments as text). `citations` are as on the wire and come when the text is
    complete.
    """
    calls = list(tool_calls)
    events: list[dict[str, Any]] = [
        {"type": "message-start", "id": "message-1", "delta": {"message": {"role": "assistant"}}}
    ]
    indexes = itertools.count()
    if thinking:
        events += _block(next(indexes), "thinking", thinking)
    events += [{"type": "tool-plan-delta", "delta": {"message": {"tool_plan": word}}} for word in _words(plan)]
    if text:
        *opened, end = _block(next(indexes), "text", text)
        events += [*opened, *_citation_events(citations), end]
    for index, call in enumerate(calls):
        events += _call(index, *call)
    reason = finish_reason or ("TOOL_CALL" if calls else "COMPLETE")
    delta = {"finish_reason": reason, "usage": dict(usage) if usage is not None else _USAGE}
    return sse(*events, {"type": "message-end", "delta": delta}, done=done)


_USAGE = {
    "billed_units": {"input_tokens": 5, "output_tokens": 7},
    "tokens": {"input_tokens": 50, "output_tokens": 9},
}


def _words(text: str) -> list[str]:
    return [f" {word}" if number else word for number, word in enumerate(text.split(" "))] if text else []


def _block(index: int, kind: str, text: str) -> list[dict[str, Any]]:
    def event(name: str, content: Mapping[str, str]) -> dict[str, Any]:
        return {"type": name, "index": index, "delta": {"message": {"content": content}}}

    start = event("content-start", {"type": kind, kind: ""})
    deltas = [event("content-delta", {kind: word}) for word in _words(text)]
    return [start, *deltas, {"type": "content-end", "index": index}]


def _call(index: int, call_id: str, name: str, arguments: str) -> list[dict[str, Any]]:
    def event(kind: str, call: Mapping[str, Any]) -> dict[str, Any]:
        return {"type": kind, "index": index, "delta": {"message": {"tool_calls": call}}}

    function = {"name": name, "arguments": ""}
    start = event("tool-call-start", {"id": call_id, "type": "function", "function": function})
    half = len(arguments) // 2
    parts = [part for part in (arguments[:half], arguments[half:]) if part]
    deltas = [event("tool-call-delta", {"function": {"arguments": part}}) for part in parts]
    return [start, *deltas, {"type": "tool-call-end", "index": index}]


def _citation_events(citations: Iterable[Mapping[str, Any]]) -> list[dict[str, Any]]:
    events: list[dict[str, Any]] = []
    for index, citation in enumerate(citations):
        start = {"type": "citation-start", "index": index, "delta": {"message": {"citations": dict(citation)}}}
        events += [start, {"type": "citation-end", "index": index}]
    return events


# -- the server -----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Received:
    """A request: header names in lower case, `body` parsed when it is JSON and None without one.

    `connection` counts connections from 1. `gone` is set when the client left before the reply was complete.
    """

    method: str
    path: str
    headers: Mapping[str, str]
    raw: bytes
    body: Any
    connection: int
    gone: asyncio.Event = field(default_factory=asyncio.Event)


class _Closed(Exception):
    """The script, or the client, ended the connection."""


class LoopbackServer:
    """See the module. `url` is the base URL, `received` the requests so far.

    `arrived` is set by the first of them; `connections` is how many were opened.
    """

    def __init__(self, script: Sequence[Reply] | Callable[[Received], Reply], *, port: int = 0) -> None:
        self.received: list[Received] = []
        self.arrived = asyncio.Event()
        self.connections = 0
        self.url = ""
        self._script = script
        self._port = port
        self._server: asyncio.Server | None = None
        self._tasks: set[asyncio.Task[None]] = set()

    async def __aenter__(self) -> Self:
        self._server = await asyncio.start_server(self._accept, "127.0.0.1", self._port)
        port = self._server.sockets[0].getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.aclose()

    async def aclose(self) -> None:
        """Stops listening and ends all connections; a second call does nothing."""
        if self._server is None:
            return
        self._server.close()
        while self._tasks:  # a connection may come while others end
            for task in self._tasks:
                task.cancel()
            await asyncio.gather(*self._tasks, return_exceptions=True)
        await self._server.wait_closed()
        self._server = None

    def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.connections += 1
        connection = _Connection(reader, writer, self.connections)
        task = asyncio.create_task(connection.serve(self._reply))
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)

    def _reply(self, received: Received) -> Reply:
        number = len(self.received)
        self.received.append(received)
        self.arrived.set()
        if callable(self._script):
            return self._script(received)
        if number >= len(self._script):
            return error(500, {"message": f"the script has no reply to request {number + 1}"})
        return self._script[number]


class _Connection:
    """One connection: requests in, replies out, until either side closes it."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, number: int) -> None:
        self._reader = reader
        self._writer = writer
        self._number = number
        self._ahead = b""
        self._chunked = False

    async def serve(self, reply: Callable[[Received], Reply]) -> None:
        try:
            while received := await self._request():
                await self._answer(received, reply(received))
        except (_Closed, ConnectionError, asyncio.IncompleteReadError):
            return
        finally:
            self._writer.close()
            with contextlib.suppress(ConnectionError):
                await self._writer.wait_closed()

    async def _request(self) -> Received | None:
        head = self._ahead + await self._read_head()
        self._ahead = b""
        if not head:
            return None
        first, *lines = head.decode("latin-1").rstrip("\r\n").split("\r\n")
        method, path, _ = first.split(" ", 2)
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        raw = await self._reader.readexactly(int(headers.get("content-length", "0")))
        is_json = "json" in headers.get("content-type", "")
        return Received(method, path, headers, raw, json.loads(raw) if is_json else None, self._number)

    async def _read_head(self) -> bytes:
        try:
            return await self._reader.readuntil(b"\r\n\r\n")
        except asyncio.IncompleteReadError as ended:
            return ended.partial

    async def _answer(self, received: Received, reply: Reply) -> None:
        """Plays the reply, and stops at once when the client closes the connection."""
        playing = asyncio.create_task(self._play(reply))
        leaving = asyncio.create_task(self._reader.read(1))
        try:
            await asyncio.wait({playing, leaving}, return_when=asyncio.FIRST_COMPLETED)
            if leaving.done() and not playing.done():
                self._take_ahead(leaving, received)
            await playing
            if leaving.done():
                self._take_ahead(leaving, received)
        except ConnectionError:
            received.gone.set()
            raise
        finally:
            for task in (playing, leaving):
                task.cancel()
            await asyncio.gather(playing, leaving, return_exceptions=True)

    def _take_ahead(self, leaving: asyncio.Task[bytes], received: Received) -> None:
        self._ahead = b"" if leaving.exception() else leaving.result()
        if not self._ahead:
            received.gone.set()
            raise _Closed

    async def _play(self, reply: Reply) -> None:
        self._chunked = False
        for action in reply:
            await self._act(action)
        if self._chunked:
            self._writer.write(b"0\r\n\r\n")
        await self._writer.drain()

    async def _act(self, action: Action) -> None:
        match action:
            case Head():
                self._send_head(action)
            case Chunk(data):
                self._writer.write(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked and data else data)
            case Raw(data):
                self._writer.write(data)
            case Wait(event):
                await event.wait()
            case Hang():
                await self._hang(action)
            case Pause(seconds):
                await asyncio.sleep(seconds)
            case Reset():
                self._reset()
            case Close():
                await self._writer.drain()
                raise _Closed
        await self._writer.drain()

    async def _hang(self, action: Hang) -> None:
        if not action.data:
            await asyncio.Event().wait()
        while True:
            await self._act(Raw(action.data) if action.raw else Chunk(action.data))
            await asyncio.sleep(action.seconds)

    def _send_head(self, head: Head) -> None:
        headers = dict(head.headers)
        self._chunked = not any(name.lower() == "content-length" for name in headers)
        if self._chunked:
            headers["transfer-encoding"] = "chunked"
        lines = [f"HTTP/1.1 {head.status} Scripted", *(f"{name}: {value}" for name, value in headers.items())]
        self._writer.write("\r\n".join([*lines, "", ""]).encode("latin-1"))

    def _reset(self) -> None:
        # Lingering for zero seconds is what makes closing a reset.
        connection = self._writer.get_extra_info("socket")
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        self._writer.transport.abort()
        raise _Closed


# -- the command ----------------------------------------------------------------------------


def _paced(data: bytes, rate: float) -> Reply:
    actions: list[Action] = [Head()]
    for frame in split_frames(data):
        actions += [Chunk(frame), Pause(1 / rate)]
    return actions


async def _serve_file(path: Path, rate: float, port: int) -> None:
    reply = _paced(path.read_bytes(), rate)
    async with LoopbackServer(lambda _: reply, port=port) as server:
        sys.stdout.write(f"{server.url}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def main() -> None:
    """Serves one file, as the answer to every request, until interrupted; writes the base URL to stdout."""
    parser = argparse.ArgumentParser(prog="python -m tests.loopback", description=main.__doc__)
    parser.add_argument("--file", type=Path, required=True, help="a raw event stream")
    parser.add_argument("--rate", type=float, default=50.0, help="frames a second")
    parser.add_argument("--port", type=int, default=0, help="0 takes a free one")
    given = parser.parse_args()
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve_file(given.file, given.rate, given.port))


if __name__ == "__main__":
    main()
