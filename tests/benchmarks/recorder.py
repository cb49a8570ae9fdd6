"""A program in a pseudo-terminal, recorded: every read with its time, and nothing else done meanwhile.

What the reads put on the screen is worked out afterwards, by `screen`.
"""

from __future__ import annotations

import fcntl
import os
import pty
import re
import select
import signal
import struct
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

POLL = 0.02  # seconds between two looks at whether what is waited for has come
LEAVING = 3.0  # seconds that a program has to end when it is asked to
_QUERY = re.compile(rb"\x1b\[(?:(?P<device>0?c)|(?P<status>5n)|(?P<keyboard>\?u)|\?(?P<mode>\d+)\$p)")
_LONGEST_QUERY = 16
_KNOWN_MODES = {b"2026": 2}  # synchronised output: known, and reset


@dataclass(frozen=True, slots=True)
class Read:
    """Bytes, and when they were read, in seconds of the monotonic clock."""

    at: float
    data: bytes


class Recorder:
    """Starts `argv` in a terminal of (columns, rows). `reads` is all that it wrote; `started` is when."""

    def __init__(self, argv: Sequence[str], size: tuple[int, int], environ: Mapping[str, str], folder: Path) -> None:
        self.reads: list[Read] = []
        self.ended = False
        self._tail = b""
        window = struct.pack("HHHH", size[1], size[0], 0, 0)
        self.started = time.monotonic()
        self.pid, self._fd = pty.fork()
        if self.pid == 0:
            try:
                os.chdir(folder)
                fcntl.ioctl(0, termios.TIOCSWINSZ, window)
                os.execve(argv[0], list(argv), dict(environ))
            finally:
                os._exit(127)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        """End the program and its children: the terminal made it the leader of a group of its own."""
        for wanted in (signal.SIGTERM, signal.SIGKILL):
            os.killpg(self.pid, wanted)
            if self._leaves():
                break
        with suppress(ProcessLookupError):
            os.killpg(self.pid, signal.SIGKILL)  # what it left behind
        os.close(self._fd)

    def send(self, keys: bytes) -> float:
        """Press keys; return when."""
        at = time.monotonic()
        os.write(self._fd, keys)
        return at

    def read_for(self, seconds: float) -> None:
        end = time.monotonic() + seconds
        while not self.ended and (left := end - time.monotonic()) > 0:
            self._read(left)

    def read_until(self, holds: Callable[[], bool], limit: float) -> bool:
        """Record until something holds; False when it does not within `limit` seconds, or the program has ended."""
        end = time.monotonic() + limit
        while not holds():
            if self.ended or time.monotonic() > end:
                return False
            self._read(POLL)
        return True

    def _read(self, seconds: float) -> None:
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return
        try:
            data = os.read(self._fd, 65536)
        except OSError:  # a terminal that nobody holds any more
            data = b""
        at = time.monotonic()
        if not data:
            self.ended = True
            return
        self.reads.append(Read(at, data))
        replies, self._tail = answers(self._tail + data)
        if replies:
            self.send(replies)

    def _leaves(self) -> bool:
        """Whether the program ends soon. What it still writes must be read, or it may never end."""
        end = time.monotonic() + LEAVING
        while time.monotonic() < end:
            if os.waitpid(self.pid, os.WNOHANG)[0]:
                return True
            if self.ended:
                time.sleep(POLL)
            else:
                self._read(POLL)
        return False


def answers(written: bytes) -> tuple[bytes, bytes]:
    """What a terminal says to the queries in `written`, and what may be the beginning of another at its end."""
    replies, end = b"", 0
    for query in _QUERY.finditer(written):
        end = query.end()
        if query["device"]:
            replies += b"\x1b[?62;22c"
        elif query["status"]:
            replies += b"\x1b[0n"
        elif query["keyboard"]:
            replies += b"\x1b[?0u"
        else:
            replies += b"\x1b[?%s;%d$y" % (query["mode"], _KNOWN_MODES.get(query["mode"], 0))
    rest = written[max(end, len(written) - _LONGEST_QUERY) :]
    return replies, rest[rest.rfind(b"\x1b") :] if b"\x1b" in rest else b""
