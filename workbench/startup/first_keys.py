"""The keys of the first moment, while the program is still being imported.

A terminal that belongs to nobody yet writes them over the screen that is to come and makes a new line of Enter: two
questions would become one. Owns that from the first moment on it does neither, and that it is as it was before
however the program ends: by itself, by a signal, or stopped. Imports nothing that takes time.
"""

from __future__ import annotations

import array
import contextlib
import fcntl
import os
import signal
import termios
from typing import Any, Final

INPUT, SCREEN = 0, 2
_IFLAG, _LFLAG = 0, 3  # in what termios.tcgetattr gives
_ENDING: Final = (signal.SIGTERM, signal.SIGHUP, signal.SIGQUIT)
"""SIGQUIT is Ctrl+\\, which acts until the screen has the terminal."""


class FirstKeys:
    """Holds the terminal until the screen has it, or until `give_back`.

    `before` is how it was, as termios tells it. `typed` bytes came before it was held: where Enter was pressed among
    them, they have a newline.
    """

    def __init__(self, before: list[Any]) -> None:
        self.before = before
        self.typed = 0
        self._is_held = False

    @classmethod
    def hold(cls) -> FirstKeys | None:
        """Hold the terminal; None where input and screen are none, or it is another program's now."""
        try:
            if not (os.isatty(INPUT) and os.isatty(SCREEN)) or os.tcgetpgrp(INPUT) != os.getpgrp():
                return None
            held = cls(termios.tcgetattr(INPUT))
            for number in _ENDING:
                if signal.getsignal(number) is signal.SIG_DFL:  # one that is ignored stays so, as with `nohup`
                    signal.signal(number, held.end)
            if signal.getsignal(signal.SIGTSTP) is signal.SIG_DFL:
                signal.signal(signal.SIGTSTP, held._stop)
            held._take()
        except (OSError, termios.error):
            return None
        return held

    def _take(self) -> None:
        """Neither echo nor wait for whole lines, and leave Enter what it is. Ctrl+C and Ctrl+Z still act at once."""
        attributes = [*self.before[:-1], [*self.before[-1]]]
        attributes[_IFLAG] &= ~(termios.ICRNL | termios.INLCR | termios.IGNCR | termios.IXON | termios.IXOFF)
        attributes[_LFLAG] &= ~(termios.ECHO | termios.ICANON | termios.IEXTEN)
        attributes[-1][termios.VMIN], attributes[-1][termios.VTIME] = 1, 0
        self._is_held = True
        termios.tcsetattr(INPUT, termios.TCSANOW, attributes)
        waiting = array.array("i", [0])
        fcntl.ioctl(INPUT, termios.FIONREAD, waiting)
        self.typed = waiting[0]

    def hand_over(self) -> None:
        """The screen has the terminal from now on, and gives it back itself."""
        self._is_held = False

    def give_back(self) -> None:
        """Leave the terminal as it was, unless the screen, or another program, has it.

        May be called at any time, and again.
        """
        if self._is_held:
            self._is_held = False
            with contextlib.suppress(OSError, termios.error):  # it has hung up
                if os.tcgetpgrp(INPUT) == os.getpgrp():  # from elsewhere it would stop us, and be the other's besides
                    termios.tcsetattr(INPUT, termios.TCSANOW, self.before)

    def end(self, number: int, _: object) -> None:
        """A signal handler: end by this signal, as if nobody had handled it, but for the terminal."""
        self.give_back()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)

    def _stop(self, number: int, _: object) -> None:
        """Stop as if nobody had handled it; when the program goes on, the terminal is what it was then."""
        was_held, held = self._is_held, termios.tcgetattr(INPUT)
        self.give_back()
        signal.signal(number, signal.SIG_DFL)
        signal.raise_signal(number)
        signal.signal(number, self._stop)
        if was_held:
            self._is_held = True
            with contextlib.suppress(termios.error):
                termios.tcsetattr(INPUT, termios.TCSANOW, held)
