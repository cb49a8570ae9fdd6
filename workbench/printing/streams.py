"""The three standard streams as the caller left them: closed, full, or not waiting for their reader.

Owns what may still be said then, and that Python finds no unwritten text at exit, which it would report in words
and with an exit code of its own.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import select
import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, TextIO

from workbench.printing.standard_output import make_lossless
from workbench.safe_text import safe_line

if TYPE_CHECKING:
    from workbench.secrets.redactor import Redactor

PATIENCE: Final = 10.0  # seconds for which the reader of a pipe that does not block is waited for


def open_streams() -> None:
    """Make the standard streams usable, before anything else is opened.

    One that the caller closed (`<&-`, `>&-`) becomes the null device, so that no other file takes its number;
    standard output is only to be read from then, by which `refuse_closed` knows it. Python has None for such a stream,
    and would print to standard output what is meant for standard error.
    """
    if sys.stdin is None:
        sys.stdin = Path(os.devnull).open(encoding="utf-8")  # noqa: SIM115 - for the whole program
    if sys.stdout is None:
        sys.stdout = os.fdopen(os.open(os.devnull, os.O_RDONLY), "w", encoding="utf-8")
    if sys.stderr is None:
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 - for the whole program
    make_lossless(sys.stdout)
    sys.stdout, sys.stderr = _whole(sys.stdout), _whole(sys.stderr)


def say(text: str, stream: TextIO, end: str = "\n") -> bool:
    """Write a line for the person; False when that is not possible, after which `stream` takes nothing more."""
    try:
        print(text, file=stream, end=end, flush=True)
    except OSError:
        silence(stream)
        return False
    return True


def noting(redactor: Redactor) -> Callable[[str], object]:
    """What says a note on standard error, without keys: something that is not as somebody may expect."""
    return lambda text: say(safe_line(f"workbench: {redactor.text(text)}"), sys.stderr)


def settle(stream: TextIO) -> None:
    """Write what waits in `stream`; nothing is left that would be tried again at exit."""
    say("", stream, end="")


def silence(stream: TextIO) -> None:
    """Nothing that waits in `stream`, or is written to it from now on, goes anywhere."""
    nothing = os.open(os.devnull, os.O_WRONLY | os.O_CLOEXEC)
    with contextlib.suppress(OSError, ValueError):
        os.dup2(nothing, stream.fileno())
    os.close(nothing)


def _whole(stream: TextIO) -> TextIO:
    """`stream`, or one to the same file that writes all of a text, or fails.

    Python's own loses the rest without a word when the system takes a part: of a file that does not block, and of any
    under PYTHONUNBUFFERED.
    """
    try:
        if not isinstance(stream, io.TextIOWrapper) or stream.fileno() not in (1, 2):
            return stream
        if os.get_blocking(stream.fileno()) and isinstance(stream.buffer, io.BufferedWriter):
            return stream
    except (OSError, ValueError):  # no file of the system
        return stream
    return io.TextIOWrapper(
        io.BufferedWriter(_Patient(stream.fileno(), "w", closefd=False)),
        encoding=stream.encoding,
        errors=stream.errors,
        line_buffering=stream.line_buffering,
    )


class _Patient(io.FileIO):
    """A file that does not block, as another program may have left a pipe or a terminal that it shares."""

    def write(self, data: Any) -> int:
        poll = select.poll()
        poll.register(self.fileno(), select.POLLOUT)
        while True:
            written: int | None = super().write(data)
            if written is not None:
                return written
            if not poll.poll(PATIENCE * 1000):
                raise TimeoutError(errno.ETIMEDOUT, f"nothing of it was read for {PATIENCE:g} s")
