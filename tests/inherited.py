"""What a program under test takes over from the tests."""

from __future__ import annotations

import signal

TOLD = (signal.SIGINT, signal.SIGQUIT, signal.SIGHUP, signal.SIGTERM, signal.SIGTSTP)


def hear_signals() -> None:
    """Call in the child, before it becomes the program: tests in the background ignore signals, and it would too."""
    for number in TOLD:
        signal.signal(number, signal.SIG_DFL)
