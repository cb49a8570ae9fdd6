"""On the far side of a Python tool: what one call leaves behind, so that the next finds everything as it should be.

Part of `child.py`, imports nothing of ours. Owns what of a process is put back (folder, environment, streams, signals,
timers, the mask of new files) and what says that it is of no more use: threads that go on, streams that lead
elsewhere, limits that were set, functions of Python's or of this worker that were replaced. What modules keep in memory
stays: they were imported once. Processes that a call started are not seen here, where they may have left their parent,
but by whoever keeps this one.
"""

from __future__ import annotations

import builtins
import inspect
import json
import os
import sys
import time

# Without the enumerations, which take as long as the start of Python.
TYPE_CHECKING = False
if TYPE_CHECKING:
    import signal
    from collections.abc import Iterable
    from typing import Any
else:
    import _signal as signal

_THREADS = "/proc/self/task"
_LOOKS = 20
_PAUSE = 0.0005  # seconds; a thread that was joined is seen a moment longer


class State:
    """The state of this process before a call; `descriptors`, beside the three streams, must stay what they are."""

    def __init__(self, descriptors: Iterable[int]) -> None:
        self._descriptors = (0, 1, 2, *descriptors)
        self._files = _identities(self._descriptors)
        self._streams = (sys.stdin, sys.stdout, sys.stderr)
        self._folder = _folder()
        self._environ = dict(os.environ)
        self._mask = _mask()
        self._handlers = _handlers()
        self._blocked = signal.pthread_sigmask(signal.SIG_BLOCK, ())
        self._recursion = sys.getrecursionlimit()
        self._limits = _limits()
        self._threads = _threads()
        self._held = [(names, list(names.items())) for names in map(vars, _relied_on())]

    def restored(self) -> bool:
        """Put back what can be; whether this process may take another call."""
        # First, and by no function that could have been replaced.
        for names, items in self._held:
            for name, value in items:
                if name not in names or names[name] is not value:
                    return False
        self._restore_streams()
        self._restore_environment()
        return all((
            self._restore_signals(),
            self._restore_folder(),
            _identities(self._descriptors) == self._files,
            not any(stream is None or stream.closed for stream in self._streams),
            _limits() == self._limits,
            self._is_without_threads(),
        ))  # fmt: skip

    def _restore_streams(self) -> None:
        for stream in (sys.stdout, sys.stderr):
            try:
                stream.flush()
            except Exception:  # noqa: BLE001 - whatever the tool has put in their place
                continue
        sys.stdin, sys.stdout, sys.stderr = self._streams

    def _restore_environment(self) -> None:
        if dict(os.environ) != self._environ:
            os.environ.clear()
            os.environ.update(self._environ)
        os.umask(self._mask)
        sys.setrecursionlimit(self._recursion)

    def _restore_folder(self) -> bool:
        if self._folder is None or _folder() == self._folder:
            return self._folder is not None
        try:
            os.chdir(self._folder)
        except OSError:
            return False
        return True

    def _restore_signals(self) -> bool:
        for timer in (signal.ITIMER_REAL, signal.ITIMER_VIRTUAL, signal.ITIMER_PROF):
            signal.setitimer(timer, 0)
        signal.pthread_sigmask(signal.SIG_SETMASK, self._blocked)
        changed = [number for number, handler in _handlers().items() if handler != self._handlers[number]]
        for number in changed:
            handler = self._handlers[number]
            if handler is None:  # it was no handler of Python's, and cannot be set by it
                return False
            signal.signal(number, handler)
        return True

    def _is_without_threads(self) -> bool:
        for _ in range(_LOOKS):
            if _threads() <= self._threads:
                return True
            time.sleep(_PAUSE)
        return False


def _relied_on() -> list[Any]:
    """The modules that every call relies on, this worker's own among them."""
    ours = [module for name, module in sys.modules.items() if name.startswith("_workbench_")]
    return [builtins, json, os, time, inspect, sys.modules["__main__"], *ours]


def _identities(descriptors: Iterable[int]) -> list[tuple[int, int] | None]:
    found: list[tuple[int, int] | None] = []
    for descriptor in descriptors:
        try:
            status = os.fstat(descriptor)
        except OSError:
            found.append(None)
        else:
            found.append((status.st_dev, status.st_ino))
    return found


def _folder() -> str | None:
    try:
        return os.getcwd()  # noqa: PTH109 - pathlib takes long to import
    except OSError:
        return None


def _mask() -> int:
    mask = os.umask(0o077)
    os.umask(mask)
    return mask


def _handlers() -> dict[int, Any]:
    return {int(number): signal.getsignal(number) for number in signal.valid_signals()}


def _limits() -> list[tuple[int, int]]:
    """The limits of this process; none while nothing has imported what could set them."""
    resource: Any = sys.modules.get("resource")
    if resource is None:
        return []
    return [resource.getrlimit(getattr(resource, name)) for name in dir(resource) if name.startswith("RLIMIT_")]


def _threads() -> int:
    try:
        return len(os.listdir(_THREADS))  # noqa: PTH208 - pathlib takes long to import
    except OSError:  # this system does not show them, nor what else a call leaves: it takes no second one
        return 1
