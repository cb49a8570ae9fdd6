"""The body of a request, written once: bytes for the wire, and the value that they are, for whoever records it.

Owns what a body may be, and putting it into the request that the SDK made. The SDK encodes a body by walking all of it
in Python, twice, and a conversation's grows with each turn.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from typing import Any, Final

import httpx

from workbench import surrogates
from workbench.errors import ChatError
from workbench.events import Messages

BODY: Final = "workbench.body"
"""The extension of an `httpx.Request` that holds the value of its body."""

_OF_CONTENT: Final = ("content-length", "transfer-encoding")


@dataclass(frozen=True, slots=True)
class Body:
    """`content` is `value` as JSON, with `"stream": true`. What is in `value` must not change any more.

    `written` is each of its messages as JSON, where they are `Messages`.
    """

    value: Mapping[str, Any]
    content: bytes
    written: tuple[bytes, ...] = ()

    @classmethod
    def of(cls, body: Mapping[str, Any], before: Body | None = None) -> Body:
        """Write `body`. Raises ChatError for what is no JSON, or has no model or no messages.

        What `before` has written of the same `Messages` is not written again.

        Halves of a surrogate pair, as two deltas can carry them, are joined to their character; one that is
        alone becomes U+FFFD.
        """
        for name in ("model", "messages"):
            if name not in body:
                raise ChatError(f"The request has no {name!r}, which every chat request needs.")
        value = {**body, "stream": True}
        try:
            if type(value["messages"]) is Messages:
                return cls._of_messages(value, value["messages"], before)
            return cls(value, _written(value).encode())
        except (TypeError, UnicodeEncodeError):
            return cls._of_odd(value)
        except (ValueError, RecursionError) as error:
            raise ChatError(f"The request cannot be written as JSON: {error}") from error

    @classmethod
    def _of_messages(cls, value: Mapping[str, Any], messages: Messages, before: Body | None) -> Body:
        """Of a conversation: its body has all messages of the one before it, and a few more."""
        known = before.value["messages"] if before is not None and before.written else ()
        written = [
            before.written[at] if before is not None and at < len(known) and known[at] is message else _bytes(message)
            for at, message in enumerate(messages)
        ]
        parts: list[bytes] = []
        for name, each in value.items():
            parts += [b"," if parts else b"{", _bytes(name), b":"]
            parts += [b"[", *_with_commas(written), b"]"] if name == "messages" else [_bytes(each)]
        # Joined once: a long conversation is half a megabyte, and each copy of that leaves a hole in the memory.
        return cls(value, b"".join((*parts, b"}")), tuple(written))

    @classmethod
    def _of_odd(cls, value: Mapping[str, Any]) -> Body:
        """Of a value with mappings that are no dicts, or with halves of surrogate pairs: read back as it is sent."""
        try:
            text = _written(value, default=_plain)
            whole = surrogates.sendable(text)
            return cls(json.loads(whole), whole.encode())
        except (TypeError, ValueError, RecursionError) as error:
            raise ChatError(f"The request cannot be written as JSON: {error}") from error


class BodyTransport(httpx.AsyncBaseTransport):
    """Gives the requests that go through `inner` the body that their task is sending."""

    def __init__(self, inner: httpx.AsyncBaseTransport) -> None:
        self._inner = inner
        # A request is sent in the task that asks for it, so those of different tasks cannot mix.
        self._body: ContextVar[Body | None] = ContextVar("workbench_body", default=None)

    @contextmanager
    def sending(self, body: Body) -> Iterator[None]:
        """Within, requests of this task are sent with `body`."""
        token = self._body.set(body)
        try:
            yield
        finally:
            self._body.reset(token)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Send the request on, with its body."""
        body = self._body.get()
        if body is not None:
            headers = [(name, value) for name, value in request.headers.raw if name.lower().decode() not in _OF_CONTENT]
            request = httpx.Request(
                request.method,
                request.url,
                headers=headers,
                content=body.content,
                extensions={**request.extensions, BODY: body.value},
            )
        return await self._inner.handle_async_request(request)

    async def aclose(self) -> None:
        """Close what is beneath."""
        await self._inner.aclose()


def _with_commas(items: Sequence[bytes]) -> list[bytes]:
    """The items of a list in JSON, with the commas between them."""
    between = [b","] * (2 * len(items) - 1)
    between[::2] = items
    return between


def _bytes(value: Any) -> bytes:
    return _written(value).encode()


def _written(value: Any, default: Callable[[Any], Any] | None = None) -> str:
    return json.dumps(value, ensure_ascii=False, allow_nan=False, default=default, separators=(",", ":"))


def _plain(value: Any) -> Any:
    if isinstance(value, Mapping):
        return dict(value)
    raise TypeError(f"{type(value).__name__} is no JSON type")
