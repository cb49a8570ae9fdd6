"""Textual's driver for Linux and macOS, with an output of ours that never makes the event loop wait.

Owns where bytes to the terminal go. Where the terminal cannot be opened once more (another user's, after `su`), they
go the way of Textual: through a thread, for which nothing is ever pending.
"""

from __future__ import annotations

import signal
import sys
from collections.abc import Callable
from typing import Any

from textual.drivers.linux_driver import LinuxDriver

from workbench.ui.terminal.output import TerminalOutput

CLOSING_SECONDS = 2.0
"""How long a terminal may take for the last bytes."""

SIGNALLED = 128
"""The exit code of a program that a signal ended is the signal's number above this."""


class WorkbenchDriver(LinuxDriver):
    """`pending` tells whether the terminal is behind; `when_drained` is called when it is not any more.

    `when_started` is called each time that the terminal is taken: after an editor or a stop it shows nothing of ours.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        self.when_drained: Callable[[], None] = _nothing
        self.when_started: Callable[[], None] = _nothing
        self._output: TerminalOutput | None = None
        super().__init__(*arguments, **options)
        # Being told to end leaves the terminal as at any other end. Besides, the loop is woken for every signal from
        # now on: one that another thread got would else wait until something happens.
        for number in (signal.SIGTERM, signal.SIGHUP):
            self._loop.add_signal_handler(number, self._end, number)

    @property
    def pending(self) -> bool:
        return self._output is not None and self._output.pending

    def write(self, data: str) -> None:
        if self._output is not None:
            self._output.write(data)
        else:
            super().write(data)

    def start_application_mode(self) -> None:
        if self._output is None:
            self._output = self._open()
        self.when_started()
        super().start_application_mode()  # type: ignore[no-untyped-call]

    def stop_application_mode(self) -> None:
        self.write("\x1b[m")  # the colours in which the last cell was written are not the shell's
        super().stop_application_mode()
        if self._output is not None:
            self._output.drain(CLOSING_SECONDS)

    def close(self) -> None:
        super().close()
        if self._output is not None:
            self._output.close()
            self._output = None

    def _open(self) -> TerminalOutput | None:
        try:
            assert sys.__stderr__ is not None
            return TerminalOutput(sys.__stderr__.fileno(), self._loop, self._is_drained)
        except OSError:
            return None

    def _end(self, number: signal.Signals) -> None:
        self._app.exit(return_code=SIGNALLED + number)

    def _is_drained(self) -> None:
        self.when_drained()

    def _sigtstp_application(self, *_: object) -> None:
        """Stop, and not in the middle of a frame: a signal may come while one is being written."""
        if self._auto_restart:
            self._loop.call_soon_threadsafe(super()._sigtstp_application)
        else:  # somebody else has the terminal, and nothing is written
            super()._sigtstp_application()

    def _sigcont_application(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._continue)

    def _continue(self) -> None:
        """Take the terminal again; one that was stopped without a word (SIGSTOP) has not let it go."""
        if self._auto_restart and not self._must_signal_resume:
            self.suspend_application_mode()
        super()._sigcont_application()


def _nothing() -> None:
    """Nobody waits."""
