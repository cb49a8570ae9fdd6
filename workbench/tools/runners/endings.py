"""How a process of a tool ended, in words: its exit status or signal, and the last that it printed."""

from __future__ import annotations

import signal
from typing import Final

PRINTED: Final = "output"
"""The level of progress that is a line which the tool printed; what it printed is with its result as well."""

_LAST_LINES = 3
_LINE_WIDTH = 200


def how_it_ended(status: int | None) -> str:
    """Its exit status, or the signal that killed it when `status` is negative; None is not known."""
    if status is None:
        return "how is not known, it may have killed the process that watches over it"
    if status >= 0:
        return f"exit status {status}"
    try:
        return f"killed by signal {-status} ({signal.Signals(-status).name})"
    except ValueError:
        return f"killed by signal {-status}"


def last_words(output: str) -> str:
    """The last lines of what it printed, for the end of a sentence; "" for none."""
    lines = [line.strip()[:_LINE_WIDTH] for line in output.splitlines() if line.strip()]
    return f"; its last output: {' / '.join(lines[-_LAST_LINES:])}" if lines else ""
