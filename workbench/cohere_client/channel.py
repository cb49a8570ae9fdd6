"""The SDK over a transport: one request in, the bytes of its response out.

Owns the use of `cohere.AsyncClientV2`: it addresses, authenticates and sends the request and raises its error
classes. The body goes beneath it, as bytes (`transports/body.py`): it would walk the whole history twice, for each
request. Refuses its event iterator, which drops frames that it does not know: the bytes are read from the
same response, had through httpx's response hook. An answer that came whole is given as the stream that it could have
been. Importing this module imports the SDK, which takes about a second.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Awaitable, Callable, Mapping
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final, TypeVar

import cohere
import httpx
from cohere.types.rerank_relevant_spans import RerankRelevantSpans
from cohere.v2.raw_client import AsyncRawV2Client

from workbench.cohere_client.failures import Failures
from workbench.cohere_client.transports.body import Body, BodyTransport
from workbench.errors import ChatError, HttpError
from workbench.secrets.keys import ApiKey
from workbench.wire.whole_answer import MOST, begins_object, frames_of_answer, may_be_answer

T = TypeVar("T")

# The SDK always writes a token into the request; without a key it is taken out again.
PLACEHOLDER_TOKEN: Final = "no-key"
LONGEST_BODY: Final = 64 * 1024 * 1024  # of what is no stream: vectors of a batch have less than two million
LONGEST_ERROR_BODY: Final = 1024 * 1024
ERROR_BODY_SECONDS: Final = 5.0
_START_OF_BODY: Final = 2000


@dataclass(slots=True)
class _Capture:
    """Holds the response of one call; of one that `takes` it, the body, too, which the SDK does not get then."""

    response: httpx.Response | None = None
    takes: bool = False
    body: bytes | None = None


# The hook runs in the task of the call that it belongs to, so the streams of different tasks cannot mix.
# `_enter` sets it back before the body is read, so neither can two streams that one task has open.
_capture: ContextVar[_Capture | None] = ContextVar("workbench_capture", default=None)


class Channel:
    """Sends requests to `base_url` through `transport`, which it closes. Not for use over several event loops."""

    def __init__(
        self,
        transport: httpx.AsyncBaseTransport,
        *,
        base_url: str,
        key: ApiKey | None,
        failures: Failures,
        client_name: str,
    ) -> None:
        self._bodies = BodyTransport(transport)
        self._last: Body | None = None
        limit = failures.idle_timeout if failures.idle_timeout < float("inf") else None
        self._failures = failures
        self._http = httpx.AsyncClient(
            transport=self._bodies,
            timeout=httpx.Timeout(limit, connect=failures.connect_timeout),
            # A proxy that compresses a stream holds tokens back.
            headers={"accept-encoding": "identity"},
            event_hooks={"request": [] if key else [_without_token], "response": [_on_response]},
            trust_env=False,
            # A redirect may lead to anybody: what the person allowed is the server that was named.
            follow_redirects=False,
        )
        # Everything that the SDK would else look up in the process's environment is given.
        self._sdk = cohere.AsyncClientV2(
            api_key=key.reveal if key else PLACEHOLDER_TOKEN,
            base_url=base_url,
            client_name=client_name,
            max_retries=0,
            httpx_client=self._http,
            log_warning_experimental_features=False,
        )
        self._raw = self._sdk.with_raw_response

    @asynccontextmanager
    async def stream(self, body: Mapping[str, Any]) -> AsyncIterator[AsyncIterator[bytes]]:
        """POSTs `body`; gives the chunks of the response's body as they arrive, decoded.

        Raises ChatError, at the start and while the chunks are read.
        """
        async with AsyncExitStack() as stack:
            chunks = await self._open(stack, body)
            yield await stack.enter_async_context(aclosing(chunks))

    async def call(self, send: Callable[[AsyncRawV2Client], Awaitable[T]], model: str) -> T:
        """What `send` gets of the SDK, of an endpoint that answers in one piece. Raises ChatError."""
        found, _ = await self._called(send, model, _Capture())
        return found

    async def body_of(self, send: Callable[[AsyncRawV2Client], Awaitable[object]], model: str) -> bytes:
        """The body of the response to what `send` has the SDK send. Raises ChatError.

        The SDK looks at every number of it by itself, which takes as long as all else about a vector.
        """
        _, capture = await self._called(send, model, _Capture(takes=True))
        if capture.body is None:
            raise ChatError("The response came in a way that is not read here: it is compressed, or too large.")
        return capture.body

    async def _called(
        self, send: Callable[[AsyncRawV2Client], Awaitable[T]], model: str, capture: _Capture
    ) -> tuple[T, _Capture]:
        token = _capture.set(capture)
        try:
            return await send(self._raw), capture
        except Exception as error:
            failure = self._failures.translate(error, "request", response=capture.response, model=model)
            if isinstance(failure, HttpError):
                raise failure from None
            raise failure from error
        finally:
            _capture.reset(token)

    @staticmethod
    def relevant_spans() -> RerankRelevantSpans:
        """Has a reranker say which parts of a text are relevant."""
        return RerankRelevantSpans(mode="enabled")

    async def aclose(self) -> None:
        """Closes the connections."""
        await self._http.aclose()

    async def _open(self, stack: AsyncExitStack, body: Mapping[str, Any]) -> AsyncGenerator[bytes, None]:
        capture = _Capture()
        try:
            self._last = Body.of(body, self._last)
            response = await self._enter(stack, self._last, capture)
            if not _is_event_stream(response):
                return _at_once(await self._whole_answer(response))
        except ChatError:
            raise
        except Exception as error:
            model = str(body.get("model", ""))
            failure = self._failures.translate(error, "request", response=capture.response, model=model)
            # The SDK's error of a response shows headers and body as they came: a server may repeat the key
            # there.
            if isinstance(failure, HttpError):
                raise failure from None
            raise failure from error
        return self._chunks(response)

    async def _enter(self, stack: AsyncExitStack, body: Body, capture: _Capture) -> httpx.Response:
        token = _capture.set(capture)
        try:
            with self._bodies.sending(body):
                await stack.enter_async_context(self._raw.chat_stream(model=str(body.value["model"]), messages=[]))
        finally:
            _capture.reset(token)
        if capture.response is None:
            raise ChatError("The SDK gave no response: this program does not know its version.")
        return capture.response

    async def _chunks(self, response: httpx.Response) -> AsyncGenerator[bytes, None]:
        try:
            async for chunk in _streamed(response.aiter_bytes()):
                yield chunk
        except Exception as error:
            raise self._failures.translate(error, "stream", response=response) from error

    async def _whole_answer(self, response: httpx.Response) -> bytes:
        """The frames of a body that is an answer and no stream. Raises NotAStream for any other."""
        kind = response.headers.get("content-type", "")
        body = bytearray()
        async for chunk in response.aiter_bytes():
            body += chunk
            if len(body) > (MOST if may_be_answer(kind, body) else _START_OF_BODY):
                break
        if may_be_answer(kind, body) and (frames := await asyncio.to_thread(frames_of_answer, bytes(body))) is not None:
            return frames
        raise self._failures.not_a_stream(response, self._start_of(bytes(body)))

    def _start_of(self, body: bytes) -> str:
        """The beginning of a body; a key that it breaks off in is not begun."""
        start = self._failures.texts.redactor.data_in_pieces().feed(body[: 2 * _START_OF_BODY])
        return start[:_START_OF_BODY].decode("utf-8", "replace")


async def _at_once(data: bytes) -> AsyncGenerator[bytes, None]:
    yield data


async def _without_token(request: httpx.Request) -> None:
    request.headers.pop("authorization", None)


async def _on_response(response: httpx.Response) -> None:
    capture = _capture.get()
    if capture is not None:
        capture.response = response
        if capture.takes and response.is_success and isinstance(response.stream, httpx.AsyncByteStream):
            await _take(capture, response, response.stream)
    if not response.is_success and isinstance(response.stream, httpx.AsyncByteStream):
        response.stream = _Capped(response.stream)


async def _take(capture: _Capture, response: httpx.Response, stream: httpx.AsyncByteStream) -> None:
    """Take the body of a response, its `stream`; what the SDK gets in its place has nothing in it."""
    body = bytearray()
    try:
        async for chunk in stream:
            body += chunk
            if len(body) > LONGEST_BODY:
                break
    finally:
        await stream.aclose()
    if len(body) <= LONGEST_BODY and response.headers.get("content-encoding", "identity") == "identity":
        capture.body = bytes(body)
    response.headers.pop("content-encoding", None)
    response.stream = httpx.ByteStream(b"{}")


class _Capped(httpx.AsyncByteStream):
    """What comes of an error body in a while, which the SDK would read whole: the status says enough without it."""

    def __init__(self, body: httpx.AsyncByteStream) -> None:
        self._body = body

    async def __aiter__(self) -> AsyncIterator[bytes]:
        left = LONGEST_ERROR_BODY
        until = asyncio.get_running_loop().time() + ERROR_BODY_SECONDS
        body = aiter(self._body)
        while left > 0:
            try:
                async with asyncio.timeout_at(until):
                    chunk = await anext(body, b"")
            except (TimeoutError, httpx.HTTPError):
                return
            if not chunk:
                return
            yield chunk[:left]
            left -= len(chunk)

    async def aclose(self) -> None:
        await self._body.aclose()


async def _streamed(chunks: AsyncIterator[bytes]) -> AsyncGenerator[bytes, None]:
    """The chunks of a stream; of a body that is a whole answer though it is called a stream, the frames of that."""
    body = bytearray()
    is_object: bool | None = None
    try:
        async for chunk in chunks:
            if is_object is None:
                is_object = begins_object(chunk)  # blank lines before it go on: somebody counts the silence
            if not is_object:
                yield chunk
                continue
            body += chunk
            if len(body) > MOST:
                is_object = False
                yield bytes(body)
                body.clear()
    except Exception:
        if body:  # what came is kept
            yield bytes(body)
        raise
    if body:
        frames = await asyncio.to_thread(frames_of_answer, bytes(body))
        yield bytes(body) if frames is None else frames


def _is_event_stream(response: httpx.Response) -> bool:
    kind = response.headers.get("content-type", "").partition(";")[0]
    return bool(kind.strip().lower() == "text/event-stream")
