"""The workers of a toolbox: each call gets one that is idle and has the same code, or a new one.

Owns how many stay idle, for how long, and that what was begun with other code is not used again. A worker serves one
call at a time, so that the end of a call, of whatever kind, is the end of no other.
"""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager
from types import TracebackType

from workbench.tools.modules import ModulesBeside
from workbench.tools.runners.worker import Worker

MOST_IDLE = 4
IDLE_SECONDS = 120.0

_Code = tuple[str, str]
"""A folder, and the fingerprint of the modules in it that may be imported."""


class Workers(AbstractAsyncContextManager["Workers"]):
    """`environ` is the whole environment of each. On leaving, nothing is left of those that are idle."""

    def __init__(self, environ: Mapping[str, str], *, most_idle: int = MOST_IDLE, idle: float = IDLE_SECONDS) -> None:
        self._environ = environ
        self._most_idle = most_idle
        self._seconds = idle
        self._idle: dict[Worker, tuple[_Code, asyncio.TimerHandle]] = {}  # the one that waits longest first
        self._ending: set[asyncio.Task[None]] = set()
        self._is_closed = False

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End those that are idle; one that is still at work ends with its call."""
        self._is_closed = True
        for worker in list(self._idle):
            self._retire(worker)
        while self._ending:
            await asyncio.wait(self._ending)

    async def take(self, folder: str, code: ModulesBeside | None) -> Worker:
        """A worker that imports from `folder` what is in `code`, or anything; to be given back after its call.

        Raises OSError when none can be started.
        """
        if code is not None:
            wanted = (folder, code.fingerprint())
            for worker in reversed(list(self._idle)):
                found, _ = self._idle[worker]
                if worker.is_over or (found[0] == folder and found != wanted):
                    self._retire(worker)
                elif found == wanted:
                    self._idle.pop(worker)[1].cancel()
                    return worker
        modules = None if code is None else {name: (each.file, each.digest) for name, each in code.modules.items()}
        return await Worker.started({"path": folder, "modules": modules}, self._environ)

    def give_back(self, worker: Worker, folder: str, code: ModulesBeside | None) -> None:
        """Keep a worker for the next call, unless it is over, or may have imported anything."""
        if worker.is_over:
            return
        timer = asyncio.get_running_loop().call_later(self._seconds, self._retire, worker)
        self._idle[worker] = ((folder, "" if code is None else code.fingerprint()), timer)
        if code is None or self._is_closed:
            self._retire(worker)
        while len(self._idle) > self._most_idle:
            self._retire(next(iter(self._idle)))

    def _retire(self, worker: Worker) -> None:
        self._idle.pop(worker)[1].cancel()
        task = asyncio.ensure_future(worker.end())
        self._ending.add(task)
        task.add_done_callback(self._ending.discard)
