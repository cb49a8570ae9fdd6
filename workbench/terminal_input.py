"""What a terminal holds of what was typed: for questions that no line of before, and no paste, may answer."""

from __future__ import annotations

import contextlib
import select
import termios
from typing import Final

PASTE_SECONDS: Final = 0.1
"""Lines that come within so short a time of each other were not typed."""


def forget_typed(fd: int) -> None:
    """Drop what was typed so far and not read."""
    with contextlib.suppress(termios.error):  # hung up
        termios.tcflush(fd, termios.TCIFLUSH)


def is_followed(fd: int) -> bool:
    """Whether more comes right behind the line that was read, as of a paste; waits for `PASTE_SECONDS`."""
    return bool(select.select((fd,), (), (), PASTE_SECONDS)[0])
