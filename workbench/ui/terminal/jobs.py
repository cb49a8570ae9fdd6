"""Job control: whether somebody would continue this program once it is stopped, and stopping it as shells expect.

Owns the signals of that, and that no time passes for the event loop meanwhile. Refuses to know what the terminal
shows: it is to be given back before.
"""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import subprocess
from collections.abc import Iterator
from pathlib import Path


def can_be_continued() -> bool:
    """Whether a shell with job control started this program, or what it was started by.

    It is an ancestor of another process group in the same session. Without one the group is orphaned, as that of
    the only program of a connection, a window or a container: nobody would ever continue it.
    """
    group, session = os.getpgrp(), os.getsid(0)
    pid = os.getppid()
    with contextlib.suppress(OSError):  # who has ended, or is somebody whom we may not ask about, is no such shell
        while pid > 1 and os.getsid(pid) == session:
            if os.getpgid(pid) != group:
                return True
            pid = _parent(pid)
    return False


def stop_group(number: signal.Signals = signal.SIGTSTP) -> None:
    """Stop this program and the others of its group, which the shell takes for one job. Returns when it goes on."""
    with _default(number):
        os.kill(0, number)


def stop_if_continued(number: signal.Signals = signal.SIGTSTP) -> None:
    """Stop this program alone, unless nobody would continue it: the system does not do so then."""
    with _default(number):
        signal.raise_signal(number)


def in_foreground(terminal: int) -> bool:
    """Whether the terminal that this file is belongs to us now, and not to the shell or another job."""
    try:
        return os.tcgetpgrp(terminal) == os.getpgrp()
    except OSError:  # it is not the one that controls us: nobody tells us when we may use it
        return True


class LoopClock:
    """The clock of an event loop. It stands still in `standing`, for a program that is stopped waits for nothing.

    What a server sent meanwhile would else be given up as too late before it is read.
    """

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._monotonic = loop.time
        self._stood = 0.0  # seconds
        self._stands = False
        loop.time = self._time  # type: ignore[method-assign]

    @contextlib.contextmanager
    def standing(self) -> Iterator[None]:
        """Within, the clock stands still; one inside of another changes nothing."""
        if self._stands:  # continued, and stopped again at once
            yield
            return
        began, self._stands = self._monotonic(), True
        try:
            yield
        finally:
            self._stood += self._monotonic() - began
            self._stands = False

    def _time(self) -> float:
        return self._monotonic() - self._stood


@contextlib.contextmanager
def _default(number: signal.Signals) -> Iterator[None]:
    before = signal.signal(number, signal.SIG_DFL)
    try:
        yield
    finally:
        signal.signal(number, before)


def _parent(pid: int) -> int:
    """The parent of a process; 0 when it cannot be told."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text("utf-8", "replace").rpartition(")")[2].split()
        return int(fields[1])
    except (OSError, ValueError, IndexError):
        return _told_parent(pid)


def _told_parent(pid: int) -> int:
    """As `_parent`, for systems without /proc."""
    command = ["ps", "-o", "ppid=", "-p", str(pid)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=1, check=True)
        return int(done.stdout)
    except (OSError, ValueError, subprocess.SubprocessError):
        return 0
