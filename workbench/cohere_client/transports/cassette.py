"""A cassette: recorded responses, played in the order of the requests that come.

Owns the pace of a replay. Refuses to match requests by what they say: the first request gets the first
response, and one beyond the last gets HTTP 410.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Final

import httpx

from workbench.recordings.exchanges import Exchange, split_frames

_RECORDED_ERRORS: Final[dict[str, type[httpx.TransportError]]] = {
    kind.__name__: kind
    for kind in (
        httpx.ConnectError, httpx.ConnectTimeout, httpx.ReadError, httpx.ReadTimeout,
        httpx.RemoteProtocolError, httpx.ProxyError, httpx.WriteError, httpx.WriteTimeout,
    )
}  # fmt: skip


class CassetteTransport(httpx.AsyncBaseTransport):
    """Plays `recorded`, whose source is called `name` in texts.

    `speed` 1.0 keeps the recorded times, 2.0 halves them; 0 and infinity do not wait at all. `sleep` and
    `clock` stand for time.
    """

    def __init__(
        self,
        recorded: tuple[Exchange, ...],
        *,
        name: str,
        speed: float = 1.0,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._recorded = recorded
        self._name = name
        self._speed = speed
        self._sleep = sleep
        self._clock = clock
        self._played = 0

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer with the next recorded response, or HTTP 410 beyond the last.

        Raises the httpx.TransportError that was recorded in place of a response, ConnectError when none was.
        """
        await request.aread()
        number = self._played
        self._played += 1
        if number >= len(self._recorded):
            return httpx.Response(410, json={"message": self._exhausted(number + 1)})
        exchange = self._recorded[number]
        if exchange.status is None:
            raise _recorded_error(exchange, httpx.ConnectError, "the recording has no response to this")
        body = _PlayedBody(exchange, self._paced(exchange))
        return httpx.Response(exchange.status, headers=list(exchange.headers), stream=body)

    def _exhausted(self, number: int) -> str:
        count = len(self._recorded)
        if count == 0:
            return f"{self._name} has no more requests"
        held = "one request" if count == 1 else f"{count} requests"
        return f"{self._name} holds {held}, and this is request {number}"

    async def _paced(self, exchange: Exchange) -> AsyncIterator[bytes]:
        started = self._clock()
        for chunk in exchange.chunks:
            if 0 < self._speed < float("inf"):
                await self._sleep(max(0.0, started + chunk.at / self._speed - self._clock()))
            for data in split_frames(chunk.data) if exchange.by_frame else (chunk.data,):
                yield data


class _PlayedBody(httpx.AsyncByteStream):
    """The chunks of one exchange; ends as the recorded body did, with an error when it failed."""

    def __init__(self, exchange: Exchange, chunks: AsyncIterator[bytes]) -> None:
        self._exchange = exchange
        self._chunks = chunks

    async def __aiter__(self) -> AsyncIterator[bytes]:
        async for chunk in self._chunks:
            yield chunk
        if self._exchange.outcome == "failed":
            raise _recorded_error(self._exchange, httpx.ReadError, "the recorded connection broke here")


def _recorded_error(exchange: Exchange, default: type[httpx.TransportError], text: str) -> httpx.TransportError:
    kind, recorded = exchange.error
    return _RECORDED_ERRORS.get(kind, default)(recorded or text)
