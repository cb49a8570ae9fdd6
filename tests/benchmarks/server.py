"""A paced server of the v2 chat API on 127.0.0.1, in a process of its own. A prompt is the `Order` of its answer.

`python -m tests.benchmarks.server` writes its base URL, then a line of JSON for each marker it has sent, and ends when
its standard input does.
"""

from __future__ import annotations

import asyncio
import itertools
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from types import TracebackType
from typing import Any, Self

from tests.benchmarks.text import MARKER, Citation, Order
from tests.loopback import Action, Chunk, Head, LoopbackServer, Pause, Received, sse

DOCUMENT = {"id": "almanac", "title": "Almanac", "text": "What the harbour, the market and the bridge are like."}


def event(kind: str, **fields: Any) -> bytes:
    return sse({"type": kind, **fields}, done=False)


def delta(text: str) -> bytes:
    return event("content-delta", index=0, delta={"message": {"content": {"text": text}}})


def cited(index: int, citation: Citation) -> bytes:
    source = {"type": "document", "id": DOCUMENT["id"], "document": DOCUMENT}
    fields = {"start": citation.start, "end": citation.end, "text": citation.text, "sources": [source]}
    started = event("citation-start", index=index, delta={"message": {"citations": fields}})
    return started + event("citation-end", index=index)


def opening() -> bytes:
    start = event("message-start", id="message", delta={"message": {"role": "assistant"}})
    content = {"message": {"content": {"type": "text", "text": ""}}}
    return start + event("content-start", index=0, delta=content)


def ending(tokens: int) -> bytes:
    units = {"input_tokens": 1, "output_tokens": tokens}
    ended = {"finish_reason": "COMPLETE", "usage": {"billed_units": units, "tokens": units}}
    return event("content-end", index=0) + sse({"type": "message-end", "delta": ended})


def paced(order: Order, note: Callable[[str, float], None], clock: Callable[[], float]) -> Iterator[Action]:
    """The answer to an order. A token that is late does not make the next ones late. `note` is called with each
    marker and when it was sent, in seconds of `clock`."""
    answer = order.answer()
    numbers = itertools.count()
    yield Head()
    yield Chunk(opening())
    began = clock()
    for index, token in enumerate(answer.tokens):
        if order.rate and (ahead := began + index / order.rate - clock()) > 0:
            yield Pause(ahead)
        citation = answer.citations.get(index)
        yield Chunk(delta(token) + (cited(next(numbers), citation) if citation else b""))
        if MARKER.fullmatch(token.strip()):
            note(token.strip(), clock())
    yield Chunk(ending(len(answer.tokens)))


async def serve() -> None:
    def script(received: Received) -> Iterator[Action]:
        return paced(Order.parse(received.body["messages"][-1]["content"]), _print_marker, time.monotonic)

    async with LoopbackServer(script) as server:
        print(server.url, flush=True)
        stdin = asyncio.StreamReader()
        await asyncio.get_running_loop().connect_read_pipe(lambda: asyncio.StreamReaderProtocol(stdin), sys.stdin)
        await stdin.read()


def _print_marker(marker: str, at: float) -> None:
    print(json.dumps([marker, at]), flush=True)


class Server:
    """The server's process. `url` is its base URL."""

    def __enter__(self) -> Self:
        command = [sys.executable, "-m", "tests.benchmarks.server"]
        self._process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE)
        assert self._process.stdout is not None
        self.url = self._process.stdout.readline().decode().strip()
        if not self.url:
            raise RuntimeError("the server did not start")
        os.set_blocking(self._process.stdout.fileno(), False)
        self._lines = b""
        self._sent: dict[str, float] = {}
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._process.terminate()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                pipe.close()

    def sent(self) -> dict[str, float]:
        """The markers sent since `forget`, and when, in seconds of the monotonic clock."""
        assert self._process.stdout is not None
        self._lines += self._process.stdout.read() or b""
        *lines, self._lines = self._lines.split(b"\n")
        self._sent.update(json.loads(line) for line in lines)
        return self._sent

    def forget(self) -> None:
        self.sent()
        self._sent = {}


if __name__ == "__main__":
    asyncio.run(serve())
