"""Telling a slow terminal from one that was held up once. Owns that judgement; it is told what happens, and when."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable

LATE_SECONDS = 0.2
"""A frame that has waited for so long for the one before it was late."""

MANY = 5
"""So many late frames"""

WITHIN_SECONDS = 30.0
"""in so long are a slow terminal; a laptop that slept, or a paused multiplexer, is late once."""


class Lateness:
    """Judges by how many frames waited for `LATE_SECONDS`, and in what time; `clock` tells seconds."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._waits_since: float | None = None
        self._late: deque[float] = deque(maxlen=MANY)

    def frame_waits(self) -> None:
        """A frame is to be shown, and the terminal has not taken the last one."""
        if self._waits_since is None:
            self._waits_since = self._clock()

    def caught_up(self) -> bool:
        """The terminal has taken all that was written; return whether it is a slow one."""
        now, since = self._clock(), self._waits_since
        self._waits_since = None
        if since is None or now - since < LATE_SECONDS:
            return False
        self._late.append(now)
        return len(self._late) == MANY and now - self._late[0] <= WITHIN_SECONDS
