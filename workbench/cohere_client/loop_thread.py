"""An event loop in a thread of its own: for requests of threads, which have none and wait for an answer.

Owns that a wait ends when it is stopped, and the request with it. The thread does not keep the program from ending.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from concurrent.futures import CancelledError
from typing import Any, TypeVar

from workbench.documents.embedding import Stop, Stopped

T = TypeVar("T")


class LoopThread:
    """Begins with the first work that it gets, and serves any number of threads side by side."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._thread: threading.Thread | None = None

    def run(self, work: Callable[[], Coroutine[Any, Any, T]], stop: Stop) -> T:
        """What `work` returns or raises; Stopped, once `stop` is, and the work is cancelled then."""
        future = asyncio.run_coroutine_threadsafe(work(), self._running())
        try:
            with stop.telling(future.cancel):
                return future.result()
        except CancelledError as error:
            raise Stopped("the request was stopped") from error
        finally:
            future.cancel()

    def close(self) -> None:
        """End the loop, with what still runs in it. A second call does nothing."""
        with self._lock:
            loop, thread, self._loop, self._thread = self._loop, self._thread, None, None
        if loop is not None and thread is not None:
            loop.call_soon_threadsafe(loop.stop)
            thread.join()

    def _running(self) -> asyncio.AbstractEventLoop:
        with self._lock:
            if self._loop is None:
                self._loop = asyncio.new_event_loop()
                self._thread = threading.Thread(target=_run, args=[self._loop], name="comparing", daemon=True)
                self._thread.start()
            return self._loop


def _run(loop: asyncio.AbstractEventLoop) -> None:
    asyncio.set_event_loop(loop)
    try:
        loop.run_forever()
        left = asyncio.all_tasks(loop)
        for task in left:
            task.cancel()
        loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
    finally:
        loop.close()
