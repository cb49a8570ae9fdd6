"""Files as they are when they are opened: regular ones, read in pieces, up to the size that they have then.

Owns the refusal of what is no file, such as a pipe, a device or a folder, and of what is too large to be a recording.
Refuses to know what is in a file.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from workbench.errors import RecordingError

MAX_FILE: Final = 1024 * 1024 * 1024
MAX_LINE: Final = 64 * 1024 * 1024
# Large: each read hands the interpreter to and fro, and a thread that reads much in small pieces starves the others.
_PIECE: Final = 4 * 1024 * 1024
_KINDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}


class RegularFile:
    """A file that is open for reading. `size` is what it had at the opening: what is written later is not read."""

    def __init__(self, path: Path, descriptor: int, size: int) -> None:
        self.path = path
        self.size = size
        self._descriptor = descriptor

    def read(self, at: int, most: int) -> bytes:
        """Up to `most` bytes from `at` on; fewer at the end. Raises RecordingError."""
        pieces = []
        end = min(self.size, at + most)
        try:
            while at < end and (piece := os.pread(self._descriptor, end - at, at)):
                pieces.append(piece)
                at += len(piece)
        except OSError as error:
            raise unreadable(self.path, error) from error
        return b"".join(pieces)

    def pieces(self, size: int = _PIECE, at: int = 0) -> Iterator[bytes]:
        """The file from `at` on, so many bytes at a time. Raises RecordingError."""
        while piece := self.read(at, size):
            at += len(piece)
            yield piece

    def lines(self, at: int = 0) -> Iterator[bytes | bytearray]:
        """Each line with its line feed, in order, of those that begin at `at` or behind it; the last may have none.

        Raises RecordingError, for a line of more than `MAX_LINE` bytes too.
        """
        number, held = 1, bytearray()
        for piece in self.pieces(at=at):
            begin = 0
            while begin < len(piece):
                end = piece.find(b"\n", begin) + 1
                upto = end or len(piece)
                if len(held) + upto - begin > MAX_LINE:
                    raise too_long(self.path, number)
                if held or not end:
                    held += piece[begin:upto]
                if end:
                    yield held or piece[begin:end]
                    number, held = number + 1, bytearray()
                begin = upto
        if held:
            yield held


@contextmanager
def regular_file(path: Path) -> Iterator[RegularFile]:
    """The file at `path`, open for reading. Never waits, as opening a pipe would.

    Raises RecordingError, which names the file, for what cannot be opened or is no file that can be read.
    """
    try:
        descriptor = open_regular(path, os.O_RDONLY)
    except OSError as error:
        raise unreadable(path, error) from error
    try:
        yield RegularFile(path, descriptor, os.fstat(descriptor).st_size)
    finally:
        os.close(descriptor)


def whole_size(file: RegularFile) -> int:
    """The size of a file that is to be read to its end. Raises RecordingError when it is empty, or too large for that.

    Files of /proc say that they are empty, and reading some of those waits for ever.
    """
    if file.size == 0:
        raise RecordingError(f"{file.path}: is empty: it has no whole line to read")
    if file.size > MAX_FILE:
        raise RecordingError(
            f"{file.path}: is too large: {file.size / 2**30:.1f} GiB, and at most {MAX_FILE >> 30} GiB can be read"
        )
    return file.size


def open_regular(path: Path, flags: int) -> int:
    """A descriptor of a regular file that is there, or is made by `flags`. Raises OSError, and RecordingError for what
    is no file: that is asked before opening, which does something to some devices."""
    if not flags & os.O_EXCL:
        _check(path, path.stat().st_mode)
    descriptor = os.open(path, flags | os.O_CLOEXEC | os.O_NONBLOCK | os.O_NOCTTY, 0o600)
    try:
        _check(path, os.fstat(descriptor).st_mode)
    except BaseException:
        os.close(descriptor)
        raise
    return descriptor


def _check(path: Path, mode: int) -> None:
    if not stat.S_ISREG(mode):
        kind = _KINDS.get(stat.S_IFMT(mode), "something else")
        raise RecordingError(f"{path}: is {kind}, not a file that can be read")


def too_long(path: Path, number: int) -> RecordingError:
    """What is said of a line of more than `MAX_LINE` bytes."""
    return RecordingError(f"{path}:{number}: the line is longer than {MAX_LINE >> 20} MiB")


def unreadable(path: Path, error: OSError) -> RecordingError:
    """What is said of a file that the system does not give."""
    return RecordingError(f"{path}: cannot be read: {error.strerror or error}")
