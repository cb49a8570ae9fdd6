"""A real pseudo-terminal with a program in it: keys in, a screen out, and every byte that was written."""

from __future__ import annotations

import fcntl
import os
import pty
import select
import signal
import struct
import sys
import termios
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, ClassVar, Self

from tests.emulator import ByteStream, Screen
from tests.inherited import hear_signals
from tests.loaded import LoadedProgram

COMMAND = str(Path(sys.executable).parent / "workbench")
TRUE_COLOUR = {"TERM": "xterm-256color", "COLORTERM": "truecolor"}
PATIENCE = 90.0  # seconds until something that should come counts as never coming


class Terminal:
    """Starts `argv` in a terminal of this size. `written` is all that the program wrote.

    Where there is a `program` that is loaded already, `COMMAND` is forked from it.
    """

    program: ClassVar[LoadedProgram | None] = None

    def __init__(
        self,
        argv: Sequence[str],
        *,
        columns: int,
        rows: int,
        environ: Mapping[str, str],
        folder: Path,
        kind: Mapping[str, str] = TRUE_COLOUR,
        hears: Callable[[bytes], object] = bool,
    ) -> None:
        """`hears` gets each piece as it is read; `kind` is what the environment says of the terminal."""
        self.written = b""
        self._hears = hears
        self.screen = Screen(columns, rows)
        self._stream = ByteStream(self.screen)
        self._status: int | None = None
        self._closed = False
        others = {name: value for name, value in environ.items() if name not in TRUE_COLOUR}
        chosen = {**others, **kind}
        if argv[0] == COMMAND and self.program is not None and self.program.fits(chosen):
            self._fd, theirs = pty.openpty()
            self._set_size(columns, rows)
            try:
                self._pid = self.program.adopt(argv[1:], environ=chosen, folder=folder, terminal=theirs)
            finally:
                os.close(theirs)
        else:
            self._pid, self._fd = _started(argv, chosen, folder)
            self._set_size(columns, rows)
        os.set_blocking(self._fd, False)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._status is None:
            os.kill(self._pid, signal.SIGKILL)
            os.waitpid(self._pid, 0)
        if not self._closed:
            os.close(self._fd)

    def press(self, keys: str | bytes) -> None:
        os.write(self._fd, keys.encode() if isinstance(keys, str) else keys)

    def close(self) -> None:
        """As a person who shuts the window, or a connection that breaks."""
        os.close(self._fd)
        self._closed = True

    def resize(self, columns: int, rows: int) -> None:
        self.screen.resize(rows, columns)
        self._set_size(columns, rows)
        os.kill(self._pid, signal.SIGWINCH)

    def tell(self, number: signal.Signals) -> None:
        os.kill(self._pid, number)

    def job(self) -> int:
        """The group of processes that has the terminal, started by the program or being it."""
        return os.tcgetpgrp(self._fd)

    def tell_job(self, number: signal.Signals) -> None:
        """To what has the terminal."""
        os.kill(self.job(), number)

    def modes(self) -> list[Any]:
        """How the terminal takes what is typed, as termios tells it."""
        return termios.tcgetattr(self._fd)

    def stop_and_continue(self, number: signal.Signals = signal.SIGTSTP) -> None:
        """As a shell does at Ctrl+Z and `fg`, or with a signal that the program does not hear of."""
        os.kill(self._pid, number)
        _, status = os.waitpid(self._pid, os.WUNTRACED)
        assert os.WIFSTOPPED(status)
        os.kill(self._pid, signal.SIGCONT)

    def text(self) -> str:
        """The screen, line by line."""
        return "\n".join(line.rstrip() for line in self.screen.display)

    def wait_for(self, *texts: str) -> str:
        """Read until all the texts are on the screen; return it."""

        def all_are_there() -> bool:
            screen = self.text()
            return all(text in screen for text in texts)

        return self.wait_until(all_are_there, f"{texts} never came")

    def wait_until(self, holds: Callable[[], bool], otherwise: str) -> str:
        limit = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > limit or not self._read(0.2):
                raise AssertionError(f"{otherwise}; the screen:\n{self.text()}")
        return self.text()

    def wait_for_exit(self) -> int:
        """Read until the program has ended; return its exit code, negative for a signal."""
        limit = time.monotonic() + PATIENCE
        while self._status is None and time.monotonic() < limit:
            if self._closed:
                time.sleep(0.01)
            else:
                self._read(0.05)
            pid, status = os.waitpid(self._pid, os.WNOHANG)
            if pid:
                self._status = status
        if self._status is None:
            raise AssertionError(f"the program goes on; the screen:\n{self.text()}")
        while not self._closed and self._read(0.05, only_what_is_there=True):
            pass
        return os.waitstatus_to_exitcode(self._status)

    def take(self) -> None:
        """Take what the program has written so far, without waiting for more."""
        while self._read(0, only_what_is_there=True):
            pass

    def watch(self, seconds: float) -> None:
        """Take what the program writes within this time."""
        end = time.monotonic() + seconds
        while (left := end - time.monotonic()) > 0 and self._read(left):
            pass

    def _read(self, seconds: float, *, only_what_is_there: bool = False) -> bool:
        """Take what the program writes within this time; False when it has closed the terminal."""
        ready, _, _ = select.select([self._fd], [], [], seconds)
        if not ready:
            return not only_what_is_there
        try:
            data = os.read(self._fd, 65536)
        except OSError:
            return False
        self._fit()
        self.written += data
        self._hears(data)
        self._stream.feed(data)
        return bool(data)

    def _fit(self) -> None:
        """Be of the size that the terminal has: the program may have changed it itself."""
        rows, columns, _, _ = struct.unpack("HHHH", fcntl.ioctl(self._fd, termios.TIOCGWINSZ, bytes(8)))
        if rows and columns and (columns, rows) != (self.screen.columns, self.screen.lines):
            self.screen.resize(rows, columns)

    def _set_size(self, columns: int, rows: int) -> None:
        fcntl.ioctl(self._fd, termios.TIOCSWINSZ, struct.pack("HHHH", rows, columns, 0, 0))


def _started(argv: Sequence[str], environ: Mapping[str, str], folder: Path) -> tuple[int, int]:
    """A process of its own with a terminal, and that terminal."""
    pid, terminal = pty.fork()
    if pid == 0:
        try:
            hear_signals()
            os.chdir(folder)
            os.execve(argv[0], list(argv), environ)
        finally:  # a program that cannot be started: this process is not to go on as a second test
            os._exit(127)
    return pid, terminal
