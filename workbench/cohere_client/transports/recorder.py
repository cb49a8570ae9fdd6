"""A recorder around any transport: what is sent and received goes through unchanged, and into a recording.

Owns what of a request and a response is kept. Refuses to keep credentials: request headers are left out,
and the API key is masked wherever it turns up. Refuses to disturb: when the file fails it says so once and
stops recording.
"""

from __future__ import annotations

import itertools
import json
import re
import time
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final, Protocol

import httpx

from workbench.cohere_client.keys import MASK, ApiKey
from workbench.errors import RecordingError
from workbench.sessions.exchanges import Outcome, frames_fields

_SECRET_HEADER: Final = re.compile(r"auth|cookie|token|secret|api-?key|session", re.IGNORECASE)


class Sink(Protocol):
    """Where lines go; `sessions.recording.RecordingWriter` is one."""

    def append(self, kind: str, fields: Mapping[str, Any], /) -> None:
        """Takes one line; raises RecordingError when it cannot."""


class RecorderTransport(httpx.AsyncBaseTransport):
    """Records what goes through `inner` into `sink`, which it does not close.

    `key` is masked in all that is written. `on_problem` gets one text, at the first line that cannot be
    written.
    """

    def __init__(
        self,
        inner: httpx.AsyncBaseTransport,
        sink: Sink,
        *,
        key: ApiKey | None,
        on_problem: Callable[[str], None],
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._inner = inner
        self._sink: Sink | None = sink
        self._key = key
        self._on_problem = on_problem
        self._clock = clock
        self._numbers = itertools.count(1)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        content = await request.aread()
        take = _Take(self, next(self._numbers), self._clock)
        take.line("request", {"body": self.masked(_json_or_text(content))})
        try:
            response = await self._inner.handle_async_request(request)
        except Exception as error:
            take.end("failed", error)
            raise
        except BaseException:
            take.end("closed")
            raise
        headers = [[name, self._header(name, value)] for name, value in response.headers.multi_items()]
        take.timed("response", {"status": response.status_code, "headers": headers})
        assert isinstance(response.stream, httpx.AsyncByteStream)
        return httpx.Response(
            response.status_code,
            headers=response.headers,
            stream=_RecordedBody(response.stream, take),
            extensions=response.extensions,
        )

    async def aclose(self) -> None:
        await self._inner.aclose()

    def write(self, kind: str, fields: Mapping[str, Any]) -> None:
        """Hands one line on, unless an earlier one failed."""
        if self._sink is None:
            return
        try:
            self._sink.append(kind, fields)
        except RecordingError as error:
            self._sink = None
            self._on_problem(str(error))

    def masked_bytes(self, data: bytes) -> bytes:
        """`data` without the key."""
        return self._key.mask_bytes(data) if self._key else data

    def masked(self, value: Any) -> Any:
        """A JSON value without the key."""
        return self._key.mask(value) if self._key else value

    def _header(self, name: str, value: str) -> str:
        return MASK if _SECRET_HEADER.search(name) else str(self.masked(value))


class _Take:
    """The lines of one request, numbered and timed from its start."""

    def __init__(self, recorder: RecorderTransport, number: int, clock: Callable[[], float]) -> None:
        self._recorder = recorder
        self._number = number
        self._clock = clock
        self._started = clock()
        self._ended = False

    def line(self, kind: str, fields: Mapping[str, Any]) -> None:
        self._recorder.write(kind, {"request": self._number, **fields})

    def timed(self, kind: str, fields: Mapping[str, Any]) -> None:
        self.line(kind, {"at": self._at(), **fields})

    def chunk(self, data: bytes) -> None:
        masked = self._recorder.masked_bytes(data)
        self._recorder.write("frames", frames_fields(self._number, self._at(), masked))

    def end(self, outcome: Outcome, error: Exception | None = None) -> None:
        if not self._ended:
            self._ended = True
            text = self._recorder.masked(str(error))
            named = {} if error is None else {"error": [type(error).__name__, text]}
            self.timed("end", {"outcome": outcome, **named})

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
