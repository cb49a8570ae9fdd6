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

    `waiting` is called when another one holds it by now, and that is waited for. Raises OSError where no lock can
    be held.
    """
    descriptor = _locked(path, mode, waiting)
    try:
        yield
    finally:
        os.close(descriptor)


def _locked(path: Path, mode: int, waiting: Callable[[], object]) -> int:
    """The file at `path`, open and locked."""
    with contextlib.ExitStack() as stack:
        while True:
            descriptor = os.open(path, _FLAGS, mode)
            stack.callback(os.close, descriptor)
            _lock(descriptor, waiting)
            if _is_at(path, descriptor):
                stack.pop_all()
                return descriptor
            stack.close()


def _is_at(path: Path, descriptor: int) -> bool:
    """Whether the open file is still the one at `path`: whoever cleans up may have taken it away meanwhile, and a lock
    that nobody else can meet is none."""
    try:
        return os.path.samestat(path.stat(follow_symlinks=False), os.fstat(descriptor))
    except FileNotFoundError:
        return False


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
