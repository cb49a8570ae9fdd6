"""The lock of whoever writes what several programs may write: it ends with the program that holds it."""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

_LOOK_AGAIN: Final = 0.1  # seconds between two looks at a lock
_FLAGS: Final = os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW


@contextlib.contextmanager
def writer_lock(path: Path, mode: int, waiting: Callable[[], object]) -> Iterator[None]:
    """Within, no other program holds the lock at `path`, a file that is made with `mode` where there is none.

    `waiting` is called once when another one holds it by now, and that is waited for. Raises OSError where no lock can
    be held.
    """
    descriptor = os.open(path, _FLAGS, mode)
    try:
        _lock(descriptor, waiting)
        yield
    finally:
        os.close(descriptor)


def _lock(descriptor: int, waiting: Callable[[], object]) -> None:
    told = False
    while True:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            return
        except BlockingIOError:
            if not told:
                told = True
                waiting()
            time.sleep(_LOOK_AGAIN)
