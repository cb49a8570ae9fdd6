"""A server that is reached over HTTP: the package's own transport, over a client with limits of ours.

The address is the person's, who may well run a server on their own machine, so every address is reached; a redirect
that leads elsewhere is not followed (the package sees to that). Owns the limits on what is taken in of an answer.
Refuses proxies of the environment, and compressed bodies: nobody knows how large these become.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import partial
from typing import Any, Final

import httpx2
from mcp.client.sse import sse_client
from mcp.client.streamable_http import streamable_http_client

LARGEST_ANSWER: Final = 16_000_000  # bytes, of a body or of one event
CONNECT_SECONDS: Final = 15.0
_SILENCE_SECONDS: Final = 600.0  # of an open stream; calls have time limits of their own


class AnswerTooLarge(httpx2.TransportError):
    """A body over the limit, or one that is compressed."""


class Statuses:
    """The last status of an answer that was none of success, for whoever says what went wrong; 0 without one."""

    def __init__(self) -> None:
        self.last = 0

    def words(self) -> str:
        """`HTTP 401 Unauthorized`, "" without one."""
        return f"HTTP {self.last} {httpx2.codes.get_reason_phrase(self.last)}".strip() if self.last else ""


@asynccontextmanager
async def http_transport(
    url: str, headers: Mapping[str, str], statuses: Statuses, *, legacy: bool = False
) -> AsyncIterator[Any]:
    """The streams of a session at `url`, for `mcp.Client`; with `legacy` by the transport of 2024."""
    made = partial(_client, statuses)
    if legacy:
        async with sse_client(url, headers=dict(headers), httpx_client_factory=made) as streams:
            yield streams
        return
    async with made(dict(headers)) as client:
        opened: AbstractAsyncContextManager[Any] = streamable_http_client(
            url, http_client=client, max_sse_event_size=LARGEST_ANSWER
        )
        async with opened as streams:
            yield streams


def _client(
    statuses: Statuses,
    headers: dict[str, str] | None = None,
    timeout: httpx2.Timeout | None = None,
    auth: httpx2.Auth | None = None,
) -> httpx2.AsyncClient:
    """A client that follows no redirect, asks no proxy, and takes in no more than the limit."""
    return httpx2.AsyncClient(
        headers={**(headers or {}), "accept-encoding": "identity"},
        timeout=httpx2.Timeout(CONNECT_SECONDS, read=_SILENCE_SECONDS),
        auth=auth,
        transport=_Limited(httpx2.AsyncHTTPTransport(), statuses),
        trust_env=False,
        follow_redirects=False,
    )


class _Limited(httpx2.AsyncBaseTransport):
    """Counts what comes in of each body that is no stream of events; of these, the package counts each event."""

    def __init__(self, inner: httpx2.AsyncBaseTransport, statuses: Statuses) -> None:
        self._inner = inner
        self._statuses = statuses

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        response = await self._inner.handle_async_request(request)
        self._statuses.last = response.status_code if response.status_code >= 300 else 0
        if response.headers.get("content-encoding", "identity").lower() != "identity":
            await response.aclose()
            raise AnswerTooLarge("it answers with a compressed body, though none was asked for")
        if not response.headers.get("content-type", "").lower().startswith("text/event-stream"):
            assert isinstance(response.stream, httpx2.AsyncByteStream)
            response.stream = _Counted(response.stream)
        return response

    async def aclose(self) -> None:
        await self._inner.aclose()


class _Counted(httpx2.AsyncByteStream):
    """A body, up to the limit."""

    def __init__(self, inner: httpx2.AsyncByteStream) -> None:
        self._inner = inner

    async def __aiter__(self) -> AsyncIterator[bytes]:
        size = 0
        async for piece in self._inner:
            size += len(piece)
            if size > LARGEST_ANSWER:
                raise AnswerTooLarge(f"its answer is larger than {LARGEST_ANSWER:,} bytes")
            yield piece

    async def aclose(self) -> None:
        await self._inner.aclose()
