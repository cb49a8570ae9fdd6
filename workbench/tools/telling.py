"""What running tool calls tell: as much as people can read and a file should hold.

Owns how often something is told: of what comes faster, the last report of a call is told when its time comes, and how
many lines of a log were left out. Refuses to lose the last report before a call ends.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Final, Protocol

from workbench.tools.runner import Progress, Report

AT_ONCE: Final = 20  # reports of a call, after a time in which nothing was told
EVERY: Final = 0.1  # seconds a report, from then on
MOST: Final = 2_000  # reports of a call
LONGEST: Final = 2_000  # characters of one


class Later(Protocol):
    """Something that happens later, unless it is cancelled."""

    def cancel(self) -> None:
        """It does not happen any more."""


class Telling:
    """Of one call. `tell` takes what is told; `later` calls a function after so many seconds; `now` counts seconds."""

    def __init__(
        self,
        tell: Report,
        later: Callable[[float, Callable[[], None]], Later],
        now: Callable[[], float],
    ) -> None:
        self._tell = tell
        self._later = later
        self._now = now
        self._free = float(AT_ONCE)
        self._since: float | None = None
        self._told = 0
        self._waiting: Progress | None = None
        self._left_out = 0  # lines of a log before the one that waits
        self._due: Later | None = None

    def report(self, progress: Progress) -> None:
        """Tell it now, or as soon as its time has come, unless another one comes before."""
        progress = replace(progress, text=progress.text[:LONGEST])
        if self._due is None and self._may():
            self._say(progress)
            return
        self._left_out += bool(self._waiting is not None and self._waiting.level)
        self._waiting = progress
        if self._due is None and self._told < MOST:
            self._due = self._later(EVERY, self._came_due)

    def end(self) -> None:
        """The call is over: tell what waits."""
        if self._due is not None:
            self._due.cancel()
        self._come()

    def _came_due(self) -> None:
        self._may()
        self._come()

    def _come(self) -> None:
        self._due = None
        if (waiting := self._waiting) is None:
            return
        left_out, self._waiting, self._left_out = self._left_out, None, 0
        text = f"… {left_out} lines left out … {waiting.text}" if left_out else waiting.text
        self._say(replace(waiting, text=text))

    def _say(self, progress: Progress) -> None:
        self._told += 1
        self._tell(progress)

    def _may(self) -> bool:
        """Whether one more may be told now; if so, it counts."""
        now = self._now()
        if self._since is not None:
            self._free = min(float(AT_ONCE), self._free + (now - self._since) / EVERY)
        self._since = now
        if self._told >= MOST or self._free < 1:
            return False
        self._free -= 1
        return True
