"""The index of sessions, brought up to date as turns end: by a thread, which no turn waits for.

Refuses to fail: what is not in the index is read by the next search.
"""

from __future__ import annotations

import contextlib
import queue
import threading
from collections.abc import Callable
from pathlib import Path
from typing import Final

from workbench.errors import RecordingError

CLOSING_SECONDS: Final = 1.0


class Upkeep:
    """`masked` takes keys out of what goes into the index."""

    def __init__(self, masked: Callable[[str], str]) -> None:
        self._masked = masked
        self._waiting: queue.SimpleQueue[Path | None] = queue.SimpleQueue()
        self._thread: threading.Thread | None = None
        self._is_closed = False
        self._changing = threading.Lock()

    def soon(self, session: Path) -> None:
        """What is in the file of `session` by now is to be in the index. Does not wait; from whatever thread.

        Once it is closed, nothing is done.
        """
        with self._changing:
            if self._is_closed:
                return
            if self._thread is None:
                # One that the program does not wait for: a disk that hangs must not keep it from ending.
                self._thread = threading.Thread(target=self._run, name="workbench-index", daemon=True)
                self._thread.start()
            self._waiting.put(session)

    def close(self) -> None:
        """Wait until that is done, but not for a disk that does not answer."""
        with self._changing:
            self._is_closed, thread = True, self._thread
            self._waiting.put(None)
        if thread is not None:
            thread.join(CLOSING_SECONDS)

    def _run(self) -> None:
        from workbench.sessions.indexing import update_one

        while (session := self._waiting.get()) is not None:
            with contextlib.suppress(RecordingError):
                update_one(session, self._masked)
