"""From bytes to a folded message: ours beside the SDK's own iteration of the same bytes, through the same client."""

from __future__ import annotations

import asyncio
import json
import logging
import statistics
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import cohere
import httpx

from workbench.conversation.fold import MessageFold
from workbench.wire.decoder import decode
from workbench.wire.frames import FrameReader

DELTAS = 50_000
SDK_DELTAS = 5_000
RUNS = 5
CHUNK = 1400  # bytes: about what a network packet holds


def body(deltas: int) -> bytes:
    """A plain answer of this many one-word deltas, as the API writes it."""

    def frame(kind: str, **fields: Any) -> bytes:
        data = json.dumps({"type": kind, **fields}, separators=(",", ":"))
        return f"event: {kind}\ndata: {data}\n\n".encode()

    def content(**fields: Any) -> dict[str, Any]:
        return {"message": {"content": fields}}

    return b"".join(
        [
            frame("message-start", id="m", delta={"message": {"role": "assistant", "content": []}}),
            frame("content-start", index=0, delta=content(type="text", text="")),
            *(frame("content-delta", index=0, delta=content(text=f" word{n}")) for n in range(deltas)),
            frame("content-end", index=0),
            frame("message-end", delta={"finish_reason": "COMPLETE", "usage": {}}),
            b"data: [DONE]\n\n",
        ]
    )


def ours(data: bytes) -> int:
    """Bytes -> frames -> events -> message; returns the length of its text."""
    reader, state = FrameReader(), MessageFold()
    for at in range(0, len(data), CHUNK):
        for frame in reader.feed(data[at : at + CHUNK]):
            state.apply(decode(frame))
    return len(state.message().text)


class Body(httpx.AsyncByteStream):
    """The body, in the same chunks."""

    def __init__(self, data: bytes) -> None:
        self._data = data

    async def __aiter__(self) -> AsyncIterator[bytes]:
        for at in range(0, len(self._data), CHUNK):
            yield self._data[at : at + CHUNK]


async def sdk(data: bytes) -> int:
    """The same by iterating the SDK's typed events and joining their text."""

    def answer(_: httpx.Request) -> httpx.Response:
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=Body(data))

    http = httpx.AsyncClient(transport=httpx.MockTransport(answer))
    client = cohere.AsyncClientV2(api_key="none", base_url="http://localhost", httpx_client=http)
    parts = []
    async for event in client.chat_stream(model="m", messages=[cohere.UserChatMessageV2(content="x")]):
        if event.type == "content-delta" and event.delta and event.delta.message and event.delta.message.content:
            parts.append(event.delta.message.content.text or "")
    return len("".join(parts))


def sdk_in_a_loop(data: bytes) -> int:
    return asyncio.run(sdk(data))


def microseconds(run: Callable[[bytes], int], deltas: int, runs: int) -> float:
    """The median cost of one delta, in microseconds."""
    data = body(deltas)
    times = []
    for _ in range(runs):
        began = time.perf_counter()
        length = run(data)
        times.append(time.perf_counter() - began)
        if length != sum(len(f" word{n}") for n in range(deltas)):
            raise AssertionError("the text is not whole")
    return statistics.median(times) / deltas * 1e6


def table() -> str:
    logging.getLogger().setLevel(logging.CRITICAL)
    mine = microseconds(ours, DELTAS, RUNS)
    short = microseconds(ours, DELTAS // 10, RUNS)
    theirs = microseconds(sdk_in_a_loop, SDK_DELTAS, 3)
    return "\n".join(
        [
            "| from bytes to fold, a delta | µs | ratio |",
            "| --- | ---: | ---: |",
            f"| Workbench, {DELTAS:,} deltas | {mine:.1f} | 1.0 |",
            f"| Workbench, {DELTAS // 10:,} deltas | {short:.1f} | {short / mine:.2f} |",
            f"| the SDK's iteration, {SDK_DELTAS:,} deltas | {theirs:.1f} | {theirs / mine:.1f} |",
        ]
    )
