"""Small files of the user's state folder: the person's own, read whole, replaced at once.

Refuses to read what others may write, and what is no regular file. Keeps no state and knows no contents.
"""

from __future__ import annotations

import contextlib
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import BinaryIO


def state_folder(environ: Mapping[str, str]) -> Path | None:
    """`$XDG_STATE_HOME/workbench` (or below `~/.local/state`); None when there is no home."""
    state, home = environ.get("XDG_STATE_HOME", ""), environ.get("HOME", "")
    if Path(state).is_absolute():
        return Path(state) / "workbench"
    if Path(home).is_absolute():
        return Path(home) / ".local" / "state" / "workbench"
    return None


def read_own_file(path: Path, most: int) -> bytes:
    """All that is in a file of at most so many bytes. Raises OSError, also for what is not to be believed."""
    with _opened(path) as file:
        if os.fstat(file.fileno()).st_size > most:
            raise PermissionError(f"it is over {most:,} bytes")
        return file.read()


def read_own_lines(path: Path, most: int) -> bytes:
    """The last whole lines of a file, of so many bytes at most. Raises OSError, also for what is not to be believed."""
    with _opened(path) as file:
        before = os.fstat(file.fileno()).st_size - most
        if before <= 0:
            return file.read(most)
        file.seek(before - 1)
        return file.read(most + 1).partition(b"\n")[2]


def _opened(path: Path) -> BinaryIO:
    """A regular file that nobody but its owner may write."""
    # Without O_NONBLOCK, a FIFO of that name would block here for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise PermissionError("it is not a regular file")
        if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise PermissionError("others may write it")
        return os.fdopen(descriptor, "rb")
    except BaseException:
        os.close(descriptor)
        raise


def replace_own_file(path: Path, text: str) -> None:
    """Put `text` in place at once, for its owner only: a reader sees the old file or the new one. Raises OSError.

    The folder is made when it is missing.
    """
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)  # which makes it mode 0600
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise
