"""How often, and for how long at a time, what came is rendered: never so that keys would have to wait."""

from __future__ import annotations

import time
from collections.abc import Callable

FLUSH_SECONDS = 1 / 40
"""At least so long from one time that something is shown to the next; what comes meanwhile is shown together."""

LONGEST_JOIN = 0.06
"""Seconds that what comes waits for more at most, unless a terminal or a machine is slow."""

SLICE_SECONDS = 0.01
"""After so long, rendering lets other things happen first."""

LONGEST_WAIT = 1.0
"""Seconds after which rendering goes on, however long it took the last time."""

_REST = 3  # times as long as it rendered it waits: no more than a quarter of the time is spent
_JOIN = 30  # times as long as showing cost what comes is joined: on a slow machine, or where much changes, it is more


class Pace:
    """Divides rendering into slices; `flush_seconds` may be raised for a slow terminal.

    `clock` tells seconds, and `spent` those that this thread had of a processor: what others used is no reason to wait.

    What comes after a pause is shown at once, and from then on as often as is cheap.
    """

    def __init__(
        self, clock: Callable[[], float] = time.perf_counter, spent: Callable[[], float] = time.thread_time
    ) -> None:
        self.flush_seconds = FLUSH_SECONDS
        self._clock = clock
        self._spent = spent
        self._began = self._spent_before = 0.0
        self._resume = self._next = -LONGEST_WAIT  # whatever the clock says at the beginning

    def begin(self) -> None:
        """A slice of rendering begins."""
        self._began, self._spent_before = self._clock(), self._spent()

    def is_over(self) -> bool:
        """Whether the slice has been long enough."""
        return self._clock() - self._began >= SLICE_SECONDS

    def end(self) -> None:
        """The slice is over."""
        now = self._clock()
        self._resume = now + min(_REST * (now - self._began), LONGEST_WAIT)
        joined = min(_JOIN * (self._spent() - self._spent_before), LONGEST_JOIN)
        self._next = self._began + max(self.flush_seconds, joined)

    def wait(self, *, joining: bool) -> float:
        """Seconds until the next slice, 0 for one at once; `joining` says that it is for what has just come."""
        until = max(self._resume, self._next) if joining else self._resume
        return max(until - self._clock(), 0.0)
