"""Limits on waiting for one response: its first byte, silence, and a stream that is alive but says nothing.

Owns the deadlines and the words when one of them is over. Refuses to know what an event means: it is told when one
came, and when the message is whole.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

from workbench.errors import StreamTimeout

DRAIN: Final = 2.0  # seconds


class Watch:
    """Watches one response, from now on.

    `first_byte` is how many seconds it may take until the first byte of the body, `idle` how many may pass between
    two of them. Any byte counts, so comments keep a connection alive while a model thinks; but comments alone, or
    frames that are no event of an answer, are borne for no longer than `first_byte` either.
    """

    def __init__(self, *, first_byte: float, idle: float) -> None:
        self._first_byte = first_byte
        self._idle = idle
        self._time = asyncio.get_running_loop().time
        self._last_event = self._time()
        self._last_byte: float | None = None
        self._drained: float | None = None

    def event(self) -> None:
        """An event of the answer came."""
        self._last_event = self._time()

    def whole(self) -> None:
        """The message is whole. The body gets `DRAIN` seconds more, in all: reading on to its end frees the connection
        for the next request, but nothing is waited for."""
        if self._drained is None:
            self._drained = self._time() + DRAIN

    @asynccontextmanager
    async def limit(self) -> AsyncIterator[None]:
        """Ends what is awaited inside, with StreamTimeout, when its time is over."""
        try:
            async with asyncio.timeout_at(self._deadline()):
                yield
        except TimeoutError as error:
            raise StreamTimeout(self._words()) from error

    async def chunks(self, body: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
        """The body's chunks, within the limits. Raises StreamTimeout, but not when the message is whole."""
        while True:
            try:
                async with self.limit():
                    chunk = await anext(body, None)
            except StreamTimeout:
                if self._drained is not None:
                    return
                raise
            if chunk is None:
                return
            self._last_byte = self._time()
            yield chunk

    def _deadline(self) -> float:
        if self._drained is not None:
            return self._drained
        event_due = self._last_event + self._first_byte
        return event_due if self._last_byte is None else min(event_due, self._last_byte + self._idle)

    def _words(self) -> str:
        if self._last_byte is None:
            return (
                f"the server sent no byte of an answer within {self._first_byte:g} s, so the request was given up; "
                "it may be overloaded: try again, or allow more (--first-byte-timeout sets the limit)"
            )
        if self._time() - self._last_byte >= self._idle:
            return (
                f"no byte came for {self._idle:g} s, so the stream was given up; "
                "what had come is kept (--timeout sets the limit)"
            )
        return (
            f"the stream was kept alive for {self._first_byte:g} s without an event of the answer, so it was given up; "
            "what had come is kept (--first-byte-timeout sets the limit)"
        )
