"""The time that the app has to end once it was told to. Owns what happens when that is not enough.

An event loop that is held up, or a file that cannot be closed, must not keep a program alive that a person, or a
closed connection, has ended.
"""

from __future__ import annotations

import contextlib
import os
import termios
import threading
import time
from collections.abc import Callable
from typing import Any

from workbench.printing.exit_codes import SIGNALLED

END_SECONDS = 2.5
"""From being told to end, to the end by force."""

LAST_WORDS = (
    "\x1b[m\x1b[?2004l\x1b[?7h\x1b[?2048l\x1b[?1000l\x1b[?1003l\x1b[?1015l\x1b[?1006l\x1b[<u\x1b[?1049l\x1b[?25h"
    "\x1b[?1004l"
)
"""What gives a terminal back as it was: no modes, no alternate screen, the cursor shown."""


class Deadline:
    """`begin` starts it, as a signal handler or otherwise; `restore` is called, in a thread, before the forced end."""

    def __init__(self, restore: Callable[[], None], seconds: float = END_SECONDS) -> None:
        self._restore = restore
        self._seconds = seconds
        self._code: int | None = None
        self._told = threading.Lock()  # of which a release is all that a signal handler can safely do
        self._told.acquire()
        threading.Thread(target=self._wait, name="workbench-deadline", daemon=True).start()

    @property
    def began(self) -> bool:
        """Whether the process has been told to end."""
        return self._code is not None

    def begin(self, number: int, *_: object) -> None:
        """Begin the time to end in; after it the process is killed, with the exit code of this signal. Counts once."""
        if self._code is None:
            self._code = SIGNALLED + number
            self._told.release()

    def _wait(self) -> None:
        self._told.acquire()
        time.sleep(self._seconds)
        try:
            self._restore()
        finally:
            os._exit(self._code or SIGNALLED)


def give_back(fd: int, attributes: list[Any] | None, outside: str = "") -> None:
    """Leave the terminal that `fd` is, without waiting for it; `attributes` are those from before, if known.

    `outside` gives back what is not on its screen.
    """
    with contextlib.suppress(OSError):
        terminal = os.open(os.ttyname(fd), os.O_WRONLY | os.O_NOCTTY | os.O_NONBLOCK | os.O_CLOEXEC)
        os.write(terminal, (outside + LAST_WORDS).encode())
    if attributes is not None:
        with contextlib.suppress(termios.error):
            termios.tcsetattr(fd, termios.TCSANOW, attributes)
