"""A journal: lines on their way into a recording, written by a thread so that no disk holds up the event loop.

Owns when lines are written and synced, and what a failing disk means: it is told once, and all that comes later is
dropped. Refuses to know what a line means.

What is appended is in the file after at most `BATCH_SECONDS`, in order; `kept` returns once it is on the disk.
"""

from __future__ import annotations

import asyncio
import contextlib
import threading
import time
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from workbench.errors import RecordingError
from workbench.recordings.exchanges import Requests
from workbench.recordings.recording import Clock, NewLine, RecordingWriter

BATCH_SECONDS: Final = 0.04
PATIENCE: Final = 5.0  # seconds that a disk may take before it counts as failed,
PATIENCE_AT_END: Final = 2.0  # and so many when a person has quit

Opener = Callable[[float], RecordingWriter]
"""Opens the file, in the thread, for lines that begin at this time of the clock. Raises RecordingError."""


@dataclass(frozen=True, slots=True)
class _Sync:
    """All before it is to be on the disk; `done` is called, in the thread, when it is or never will be."""

    done: Callable[[], object] | None = None
    closing: bool = False


class Journal:
    """Takes lines at once and writes them soon; the file is opened with the first of them.

    For one event loop, on which `on_problem` gets one text when nothing more can be written. `requests` is for
    whoever records them.
    """

    def __init__(
        self,
        open: Opener,
        *,
        on_problem: Callable[[str], object],
        clock: Clock = time.monotonic,
        batch: float = BATCH_SECONDS,
        patience: float = PATIENCE,
    ) -> None:
        """`batch` is how long lines wait for others, `patience` how long `kept` waits for the disk, in seconds."""
        self.requests = Requests()
        self._open = open
        self._on_problem = on_problem
        self._clock = clock
        self._batch = batch
        self._patience = patience
        self._queue = _Queue()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._failed = False
        self._closed = False

    @property
    def failed(self) -> bool:
        """Whether nothing more is written."""
        return self._failed

    def append(self, kind: str, fields: Mapping[str, Any], /) -> None:
        """Takes one line; its time is now. Returns at once and never raises; `fields` must not change any more."""
        if self._failed or self._closed:
            return
        if self._loop is None:
            self._loop = asyncio.get_running_loop()
            # A thread that the program does not wait for: a disk that hangs must not keep it from ending.
            threading.Thread(target=self._run, name="journal", daemon=True).start()
        self._queue.put(NewLine(self._clock(), kind, fields))

    def sync(self, done: Callable[[], object] | None = None) -> None:
        """Has all lines so far put on the disk, without waiting for it; `done` is called then, in the thread."""
        if self._writing:
            self._queue.put(_Sync(done))

    async def kept(self) -> None:
        """Returns when all lines so far are on the disk, or when the disk has failed or takes too long."""
        await self._synced(closing=False)

    async def aclose(self) -> None:
        """As `kept`; then the file is closed. What comes later is dropped; a second call does nothing."""
        if not self._closed:
            self._closed = True
            await self._synced(closing=True)

    @property
    def _writing(self) -> bool:
        return self._loop is not None and not self._failed

    async def _synced(self, *, closing: bool) -> None:
        if not self._writing:
            if closing and self._loop is not None:
                self._queue.put(_Sync(closing=True))
            return
        patience = min(self._patience, PATIENCE_AT_END) if closing else self._patience
        loop = asyncio.get_running_loop()
        done: asyncio.Future[None] = loop.create_future()
        self._queue.put(_Sync(partial(loop.call_soon_threadsafe, _settle, done), closing))
        try:
            async with asyncio.timeout(patience):
                await done
        except TimeoutError:
            self._fail(f"the disk has not taken what was written for {patience:g} s: the recording ends here")

    def _fail(self, problem: str) -> None:
        if not self._failed:
            self._failed = True
            self._on_problem(problem)

    # -- in the thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        writing = _Writing(self._open)
        closing = False
        while not closing:  # after a failure too: whoever waits for a sync must be told
            entries, sync = self._queue.gather(self._batch)
            if self._failed:
                writing.close()
            problem = writing.take(entries, sync=sync is not None)
            if sync is not None and sync.closing:
                closing = True
                problem = problem or writing.close()
            self._tell(problem, sync)

    def _tell(self, problem: str, sync: _Sync | None) -> None:
        assert self._loop is not None
        with contextlib.suppress(RuntimeError):  # the loop has ended: nobody waits
            if problem:
                self._loop.call_soon_threadsafe(self._fail, problem)
            if sync is not None and sync.done is not None:
                sync.done()


class _Queue:
    """What the loop hands to the thread, which is woken by the first line and by a wish to sync only.

    A thread that wakes with every line takes the interpreter from the loop in the middle of every delta.
    """

    def __init__(self) -> None:
        self._items: deque[NewLine | _Sync] = deque()
        self._changed = threading.Condition()
        self._syncs = 0

    def put(self, item: NewLine | _Sync) -> None:
        with self._changed:
            self._items.append(item)
            if isinstance(item, _Sync):
                self._syncs += 1
                self._changed.notify()
            elif len(self._items) == 1:
                self._changed.notify()

    def gather(self, batch: float) -> tuple[list[NewLine], _Sync | None]:
        """Lines that are to be written together, up to a wish to sync; waits for one, then `batch` s for others."""
        entries: list[NewLine] = []
        with self._changed:
            self._changed.wait_for(lambda: self._items)
            self._changed.wait_for(lambda: self._syncs, timeout=batch)
            while self._items:
                item = self._items.popleft()
                if isinstance(item, _Sync):
                    self._syncs -= 1
                    return entries, item
                entries.append(item)
        return entries, None


class _Writing:
    """The file, in the thread. Its methods return a text when they fail, else ""; after that nothing is written."""

    def __init__(self, open: Opener) -> None:
        self._open = open
        self._writer: RecordingWriter | None = None
        self._closed = False
        self._dirty = False

    def take(self, entries: list[NewLine], *, sync: bool) -> str:
        if self._closed:
            return ""
        try:
            if entries:
                self._writer = self._writer or self._open(entries[0].at)
                self._writer.append_all(entries)
                self._dirty = True
            if sync and self._dirty and self._writer is not None:
                self._writer.sync()
                self._dirty = False
        except RecordingError as error:
            self.close()
            return str(error)
        except Exception as error:  # noqa: BLE001 - whatever it is, the person and those who wait must be told
            self.close()
            return f"a fault of this program ended the recording: {type(error).__name__}: {error}"
        return ""

    def close(self) -> str:
        self._closed = True
        writer, self._writer = self._writer, None
        try:
            if writer is not None:
                writer.close()
        except RecordingError as error:
            return str(error)
        return ""


def _settle(done: asyncio.Future[None]) -> None:
    if not done.done():
        done.set_result(None)
