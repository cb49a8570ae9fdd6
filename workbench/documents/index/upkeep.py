"""The cache folder of indexes and conversions, kept within limits: what was of no use for long is taken away.

Owns what goes: what no program has used for a month, what other versions have left for a week, and what was of use
longest ago where all of it takes too much room. An index that a program uses is never touched: each holds a lock beside
it, which ends with the program.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.documents.index.place import VERSION

UNUSED: Final = 30 * 86_400
"""Seconds for which something may be of no use."""

OTHERS: Final = 7 * 86_400
"""Seconds for which an index of another version may be: a program of that version may yet be started."""

MOST: Final = 4_000_000_000
"""Bytes that the indexes, and the conversions beside them, may have together."""

_OF_AN_INDEX: Final = (".sqlite", ".sqlite-journal", ".lock", ".used")
_VERSION_AT: Final = 60  # where SQLite has `user_version` in a file, in 4 bytes


class Using:
    """That this program uses the index at `path`, for as long as this object is there."""

    def __init__(self, path: Path) -> None:
        self._descriptor: int | None = None
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            descriptor = os.open(
                path.with_suffix(".used"), os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600
            )
        except OSError:  # without it, the index may be taken away, and is made anew when it is asked
            return
        self._descriptor = descriptor
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_SH | fcntl.LOCK_NB)
            os.utime(descriptor)

    def __del__(self) -> None:
        if self._descriptor is not None:
            os.close(self._descriptor)


@dataclass(frozen=True, slots=True)
class _Kept:
    """Something in the folder: its path, its bytes, when it was last of use, and how long it may be of none."""

    path: Path
    size: int
    used: float
    longest: float


def clean(indexes: Path, conversions: Path, now: float | None = None, most: int = MOST) -> list[Path]:
    """Take away what is too old or too much, `now` in seconds; what was taken away. Raises nothing.

    `most` are the bytes that may remain.
    """
    now = time.time() if now is None else now
    kept = sorted((*_indexes(indexes), *_conversions(conversions)), key=lambda each: each.used)
    too_much = sum(each.size for each in kept) - most
    gone = []
    for each in kept:
        if (now - each.used > each.longest or too_much > 0) and _taken_away(each.path):
            gone.append(each.path)
            too_much -= each.size
    return gone


def _indexes(folder: Path) -> Iterator[_Kept]:
    for path in _files(folder, ".sqlite"):
        with contextlib.suppress(OSError):
            status = path.stat()
            used = status.st_mtime  # not when it was read: to look at its version is to read it
            with contextlib.suppress(OSError):
                used = max(used, path.with_suffix(".used").stat().st_mtime)
            yield _Kept(path, status.st_size, used, UNUSED if _version_of(path) == VERSION else OTHERS)


def _conversions(folder: Path) -> Iterator[_Kept]:
    for path in _files(folder, ".json"):
        with contextlib.suppress(OSError):
            status = path.stat()
            yield _Kept(path, status.st_size, status.st_mtime, UNUSED)


def _files(folder: Path, suffix: str) -> list[Path]:
    try:
        return [each for each in folder.iterdir() if each.suffix == suffix and not each.is_symlink()]
    except OSError:
        return []


def _version_of(path: Path) -> int:
    with path.open("rb") as stream:
        stream.seek(_VERSION_AT)
        return int.from_bytes(stream.read(4), "big")


def _taken_away(path: Path) -> bool:
    """Whether a file could be taken away, an index with what is beside it unless a program uses or writes it."""
    with contextlib.suppress(OSError):
        if path.suffix != ".sqlite":
            path.unlink()
            return True
        with _alone(path.with_suffix(".used")), _alone(path.with_suffix(".lock")):
            for suffix in _OF_AN_INDEX:
                path.with_suffix(suffix).unlink(missing_ok=True)
            return True
    return False


@contextlib.contextmanager
def _alone(path: Path) -> Iterator[None]:
    """Within, no program holds the lock at `path`. Raises OSError where one does."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC | os.O_NOFOLLOW, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        yield
    finally:
        os.close(descriptor)
