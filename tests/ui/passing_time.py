"""Time in which nothing happens is skipped: the clock is put forward to where the next thing is due.

Behind each key Textual's pilot waits until the process has rested for two hundredths of a second, twice. That was
most of what a test of the screen took, and more on a machine with other work. Here what is due in that time is done at
once, in the order in which it is due, each at its time by all clocks that the app reads; only threads are waited for,
those of `asyncio.to_thread` and `in_background`. What is outside of the event loop (processes, other threads, files
that are watched) has no more time than the machine takes: a test waits for it with `until`, or with `asyncio.sleep`.

A machine that has other work hardly shows by those clocks: a moment in which this process had no turn counts as
`LONGEST_STEP`, and of the time in which the event loop waits for a thread a tenth counts. So what a test has said to
the app stands on the screen as long as it is meant to, whether the machine took a moment or a second to show it.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from selectors import DefaultSelector
from types import SimpleNamespace
from typing import Any

import pytest
import textual.app
import textual.pilot
from textual import _time
from textual._wait import SLEEP_GRANULARITY
from textual.pilot import Pilot

from workbench.ui import background
from workbench.ui.widgets.pace import Pace

RESTS = 2  # rounds of the event loop within the pilot's pause in which no more than a timer was at work
LONGEST_STEP = 0.2  # seconds from one look at a clock to the next, unless the event loop has waited as long
OF_THREADS = 0.1  # of the time in which it waits for a thread counts
NEVER_RESTS = 500  # rounds behind which somebody has something to do in each: nothing is waited for then but the time


class PassingTime:
    """The time of this machine, and what was skipped of it; how many threads do what the event loop waits for."""

    def __init__(self) -> None:
        self._working: set[asyncio.Future[Any]] = set()
        self._monotonic = time.monotonic
        self._looked = self._now = self._monotonic()
        self._looking = threading.RLock()  # a signal is handled within
        self._waits_for_threads = False

    def now(self) -> float:
        """As `time.monotonic` and `time.perf_counter`, which count the same here."""
        with self._looking:
            looked = self._monotonic()
            self._now += min(looked - self._looked, LONGEST_STEP)
            self._looked = looked
            return self._now

    def skip(self, seconds: float) -> None:
        """Put the clock forward."""
        with self._looking:
            self._now += seconds

    @contextmanager
    def waiting(self, timeout: float | None) -> Iterator[None]:
        """Within, an event loop waits: for `timeout` seconds, or less when something comes."""
        then, began = self.now(), self._monotonic()
        yield
        with self._looking:
            self._looked = self._monotonic()
            waited = (self._looked - began) * (OF_THREADS if self._waits_for_threads else 1)
            self._now = max(self._now, then + min(waited, LONGEST_STEP if timeout is None else timeout))

    async def pass_by(self, seconds: float) -> int:
        """Do all that is due within so many seconds. Returns in how many rounds of the event loop there was something.

        While a thread works for the event loop, nothing is skipped.
        """
        loop: Any = asyncio.get_running_loop()
        began, rounds, rested = self._monotonic(), 0, False
        end = loop.time() + seconds
        while True:
            await asyncio.sleep(0)
            left = end - loop.time()
            if loop._ready:
                rounds, rested = rounds + 1, False
                if rounds > NEVER_RESTS and self._monotonic() - began >= seconds:
                    return rounds
            elif not rested:
                rested = True  # what came through a socket is known in the next round
            elif left <= 0:
                return rounds
            else:
                rested = False
                due = min(left, loop._scheduled[0].when() - loop.time()) if loop._scheduled else left
                if working := [each for each in self._working if each.get_loop() is loop]:
                    rounds += 1
                    self._waits_for_threads = True
                    try:
                        await asyncio.wait(working, timeout=max(due, 0))
                    finally:
                        self._waits_for_threads = False
                else:
                    self.skip(max(due, 0.0))

    async def rest(self, min_sleep: float = SLEEP_GRANULARITY, max_sleep: float = 1) -> None:
        """As Textual's `wait_for_idle`: let time pass until nothing more happens, at most `max_sleep` seconds."""
        began = self.now()
        while True:
            rounds = await self.pass_by(SLEEP_GRANULARITY)
            elapsed = self.now() - began
            if elapsed >= max_sleep or (elapsed >= min_sleep and rounds <= RESTS):
                return

    def working(self, future: asyncio.Future[Any]) -> asyncio.Future[Any]:
        """A thread works for this future until it is done."""
        self._working.add(future)
        future.add_done_callback(self._working.discard)
        return future


@contextmanager
def passing() -> Iterator[PassingTime]:
    """Within, the pilot skips what it would wait for."""
    passed = PassingTime()
    run_in_executor, select = asyncio.BaseEventLoop.run_in_executor, DefaultSelector.select

    def wait(selector: DefaultSelector, timeout: float | None = None) -> Any:
        with passed.waiting(timeout):
            return select(selector, timeout)

    def run_for(loop: Any, *given: Any) -> asyncio.Future[Any]:
        return passed.working(run_in_executor(loop, *given))

    def thread(*, target: Callable[[], object], daemon: bool) -> threading.Thread:
        loop = asyncio.get_running_loop()
        done = passed.working(loop.create_future())

        def run() -> None:
            target()
            with suppress(RuntimeError):  # the loop has ended
                loop.call_soon_threadsafe(done.cancel)

        return threading.Thread(target=run, daemon=daemon)

    async def pause(self: Pilot[Any], delay: float | None = None) -> None:
        await self._wait_for_screen()
        if delay is None:
            await passed.rest(0)
        else:
            await passed.pass_by(delay)
        with self.app._context():  # of several apps the test has that of the last that began
            self.app.screen._on_timer_update()

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(time, "monotonic", passed.now)
        patched.setattr(time, "perf_counter", passed.now)
        patched.setattr(DefaultSelector, "select", wait)
        patched.setattr(_time, "get_time", passed.now)
        patched.setattr(Pace.__init__, "__defaults__", (passed.now, time.thread_time))
        patched.setattr(asyncio.BaseEventLoop, "run_in_executor", run_for)
        patched.setattr(background, "threading", SimpleNamespace(Thread=thread))
        patched.setattr(textual.app, "wait_for_idle", passed.rest)
        patched.setattr(textual.pilot, "wait_for_idle", passed.rest)
        patched.setattr(Pilot, "pause", pause)
        yield passed
