"""Bytes to a terminal that may be slow: what it does not take now waits, and nobody waits for it.

Owns a description of its own of the terminal's file, which does not block; that of the shell, which others share,
stays as it is. Refuses to choose what is worth writing: `pending` tells whoever draws that the terminal is behind.
"""

from __future__ import annotations

import asyncio
import os
import select
import threading
import time
from collections import deque
from collections.abc import Callable

MOST_AT_ONCE = 65_536  # bytes; a terminal takes a few thousand


class TerminalOutput:
    """Writes to the terminal that `fd` is. Raises OSError when it cannot be opened once more.

    `drained` is called on the event loop each time that all has been taken after something had to wait.
    Texts may come from any thread; those of one thread stay in order.
    """

    def __init__(self, fd: int, loop: asyncio.AbstractEventLoop, drained: Callable[[], None]) -> None:
        self._fd = os.open(os.ttyname(fd), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        self._loop = loop
        self._drained = drained
        self._lock = threading.Lock()
        self._waiting: deque[bytes] = deque()
        self._watched = False
        self._gone = False

    @property
    def pending(self) -> bool:
        """Whether something written has not been taken by the terminal yet."""
        return bool(self._waiting)

    @property
    def gone(self) -> bool:
        """Whether the terminal has hung up: what is written goes nowhere."""
        return self._gone

    def write(self, text: str) -> None:
        """Write `text` as UTF-8; what the terminal does not take now waits in order."""
        data = text.encode("utf-8", "replace")
        with self._lock:
            self._waiting.append(data)
            self._push()
            behind = bool(self._waiting)
        if behind:
            self._loop.call_soon_threadsafe(self._watch)

    def drain(self, seconds: float) -> bool:
        """Wait, at most so many seconds, until all is taken; return whether it is. Blocks, so only for the end."""
        end = time.monotonic() + seconds
        while self._waiting and (left := end - time.monotonic()) > 0:
            select.select((), (self._fd,), (), left)
            with self._lock:
                self._push()
        return not self._waiting

    def close(self) -> None:
        """Close the file; what waits is given up, and what is written later goes nowhere."""
        if self._watched:
            self._loop.remove_writer(self._fd)
            self._watched = False
        with self._lock:  # no thread may write to a number that is another file's by then
            self._waiting.clear()
            self._gone = True
            os.close(self._fd)

    def _push(self) -> None:
        """Write as much as the terminal takes; the lock is held."""
        while self._waiting:
            data = self._waiting.popleft()
            try:
                written = 0 if self._gone else os.write(self._fd, data[:MOST_AT_ONCE])
            except BlockingIOError:
                self._waiting.appendleft(data)
                return
            except OSError:  # hung up: Textual is told of it by the input's end
                self._gone = True
                self._waiting.clear()
                return
            if written < len(data) and not self._gone:
                self._waiting.appendleft(data[written:])

    def _watch(self) -> None:
        """Go on as soon as the terminal takes more."""
        if self._watched or self._gone:
            return
        if not self._waiting:  # a later text was taken, and this one with it
            self._drained()
            return
        self._watched = True
        self._loop.add_writer(self._fd, self._go_on)

    def _go_on(self) -> None:
        with self._lock:
            self._push()
        if not self._waiting:
            self._loop.remove_writer(self._fd)
            self._watched = False
            self._drained()
