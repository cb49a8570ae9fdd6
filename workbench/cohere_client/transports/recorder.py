"""A recorder around any transport: what is sent and received goes through unchanged, and into recordings.

Owns what of a request and a response is kept. Refuses to keep credentials: request headers are left out,
and an API key is masked wherever it turns up, in pieces too. All other bytes are kept as they came; those of a
compressed body as they were before. Refuses to know files, and what becomes of lines.
"""

from __future__ import annotations

import json
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from typing import Any, Final, Protocol

import httpx

from workbench.cohere_client.transports.body import BODY
from workbench.cohere_client.transports.decoding import Decoded, known_codings
from workbench.recordings.exchanges import Outcome, Requests, frames_of
from workbench.secrets.keys import MASK
from workbench.secrets.redactor import Redactor

_OF_CODING: Final = frozenset({"content-encoding", "content-length"})
_SECRET_HEADER: Final = re.compile(r"auth|cookie|token|secret|api-?key|session", re.IGNORECASE)


class Sink(Protocol):
    """Where lines go, such as a `recordings.journal.Journal`."""

    @property
    def requests(self) -> Requests:
        """Numbers the requests of its file, and tells what of each has to be written."""

    def append(self, kind: str, fields: Mapping[str, Any], /) -> None:
        """Takes one line, at once; never raises."""


class RecorderTransport(httpx.AsyncBaseTransport):
    """Records what goes through `inner` into all `sinks`, to which more may be added between requests.

    What is written goes through `redactor`.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        sinks: Sequence[Sink],
        *,
        redactor: Redactor,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._sinks = sinks
        self.redactor = redactor
        self._clock = clock

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request through `inner`; the sinks get it, the head of its response, then the body as it is read.

        Raises what `inner` raises; the sinks note it as how the exchange ended.
        """
        body = request.extensions.get(BODY)
        if body is None:
            body = _json_or_text(await request.aread())
        take = _Take(self.redactor, self._sinks, body, self._clock)
        try:
            response = await self._inner.handle_async_request(request)
        except Exception as error:
            take.end("failed", error)
            raise
        except BaseException:
            take.end("closed")
            raise
        stream = response.stream
        assert isinstance(stream, httpx.AsyncByteStream)
        names_and_values = response.headers.multi_items()
        if codings := known_codings(response.headers.get("content-encoding", "")):
            # As if its server had sent it plain, as it was asked to.
            names_and_values = [each for each in names_and_values if each[0].lower() not in _OF_CODING]
            stream = Decoded(stream, codings)
        headers = [[self.redactor.text(name), self._header(name, value)] for name, value in names_and_values]
        take.timed("response", {"status": response.status_code, "headers": headers})
        return httpx.Response(
            response.status_code,
            # What could not be decoded here, piece by piece, is not to be decoded by httpx, which does so at once.
            headers=[each for each in names_and_values if each[0].lower() != "content-encoding"],
            stream=_RecordedBody(stream, take),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        """Close `inner`; the sinks stay open."""
        await self._inner.aclose()

    def _header(self, name: str, value: str) -> str:
        return MASK if _SECRET_HEADER.search(name) else self.redactor.text(value)


class _Take:
    """The lines of one request, numbered in each sink and timed from its start."""

    def __init__(self, redactor: Redactor, sinks: Sequence[Sink], body: Any, clock: Callable[[], float]) -> None:
        self._redactor = redactor
        self._pieces = redactor.data_in_pieces()
        self._sinks: list[tuple[Sink, int]] = []
        for sink in sinks:
            # Masked behind that: what the request before had already is left out, however long it is.
            fields = redactor.value(sink.requests.fields(body))
            self._sinks.append((sink, fields["request"]))
            sink.append("request", fields)
        self._clock = clock
        self._started = clock()
        self._ended = False

    def timed(self, kind: str, fields: Mapping[str, Any]) -> None:
        at = self._at()
        for sink, number in self._sinks:
            sink.append(kind, {"request": number, "at": at, **fields})

    def chunk(self, data: bytes) -> None:
        self._frames(self._pieces.feed(data))

    def end(self, outcome: Outcome, error: Exception | None = None) -> None:
        if not self._ended:
            self._ended = True
            self._frames(self._pieces.close())
            text = self._redactor.text(str(error))
            named = {} if error is None else {"error": [type(error).__name__, text]}
            self.timed("end", {"outcome": outcome, **named})

    def _frames(self, data: bytes) -> None:
        if data:
            self.timed("frames", {"frames": frames_of(data)})

    def _at(self) -> float:
        return round(self._clock() - self._started, 6)


class _RecordedBody(httpx.AsyncByteStream):
    def __init__(self, body: httpx.AsyncByteStream, take: _Take) -> None:
        self._body = body
        self._take = take

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for chunk in self._body:
                self._take.chunk(chunk)
                yield chunk
        except Exception as error:
            self._take.end("failed", error)
            raise
        self._take.end("complete")

    async def aclose(self) -> None:
        self._take.end("closed")
        await self._body.aclose()


def _json_or_text(content: bytes) -> Any:
    try:
        return json.loads(content)
    except (ValueError, RecursionError):
        return content.decode("utf-8", "replace")
