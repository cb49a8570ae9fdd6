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

FIRST_BYTE: Final = 120.0  # seconds, where none are given
IDLE: Final = 45.0
DRAIN: Final = 2.0  # seconds
DRIBBLE: Final = 1024  # bytes of a line that count as a sign of life when the line does not end


class Watch:
    """Watches one response, from now on.

    `first_byte` is how many seconds it may take until the first byte of the body, `idle` how many may pass between two
    signs of life: any line is one, so comments keep a connection alive while a model thinks, and so is a kilobyte of a
    line. But comments alone, or frames that are no event of an answer, are borne for no longer than `first_byte`
    either. Where `idle` alone is given, it limits the wait for the first byte, too.

    Time in which nothing is awaited is not counted: whoever takes the answer may be slower than the server.
    """

    def __init__(self, *, first_byte: float | None, idle: float | None) -> None:
        self._idle_first = first_byte is None and idle is not None
        self._idle = IDLE if idle is None else idle
        self._first_byte = self._idle if self._idle_first else FIRST_BYTE if first_byte is None else first_byte
        self._eventless = max(FIRST_BYTE, self._idle) if first_byte is None else first_byte
        self._clock = asyncio.get_running_loop().time
        self._away = 0.0  # seconds that are not counted
        self._last_event = self._time()
        self._last_sign: float | None = None
        self._begun = 0  # bytes of a line that has not ended, since the last sign of life
        self._drained: float | None = None

    def event(self) -> None:
        """An event of the answer came."""
        self._last_event = self._time()

    def whole(self) -> None:
        """The message is whole. The body gets `DRAIN` seconds more, in all: reading on to its end frees the connection
        for the next request, but nothing is waited for."""
        if self._drained is None:
            self._drained = self._clock() + DRAIN

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
            self._sign(chunk)
            left = self._clock()
            yield chunk
            self._away += self._clock() - left

    def _sign(self, chunk: bytes) -> None:
        """Take the chunk for a sign of life, unless it is a bit of a line and there was one before."""
        self._begun += len(chunk)
        if self._last_sign is None or self._begun >= DRIBBLE or b"\n" in chunk or b"\r" in chunk:
            self._last_sign, self._begun = self._time(), 0

    def _time(self) -> float:
        return self._clock() - self._away

    def _deadline(self) -> float:
        if self._drained is not None:
            return self._drained
        due = self._last_event + (self._first_byte if self._last_sign is None else self._eventless)
        if self._last_sign is not None:
            due = min(due, self._last_sign + self._idle)
        return due + self._away

    def _words(self) -> str:
        if self._last_sign is None:
            flag = "--timeout" if self._idle_first else "--first-byte-timeout"
            return (
                f"the server sent no byte of an answer within {self._first_byte:g} s, so the request was given up; "
                f"it may be overloaded: try again, or allow more ({flag} sets the limit)"
            )
        if self._time() - self._last_sign >= self._idle:
            return (
                f"nothing came for {self._idle:g} s, so the stream was given up; "
                "what had come is kept (--timeout sets the limit)"
            )
        return (
            f"the stream was kept alive for {self._eventless:g} s without an event of the answer, so it was given up; "
            "what had come is kept (--first-byte-timeout sets the limit)"
        )
