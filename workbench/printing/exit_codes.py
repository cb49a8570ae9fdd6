"""The exit codes that tell how a turn ended, and how a signal did: what scripts depend on."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn

EXIT_CODES: Final = {"complete": 0, "limit": 3, "max-steps": 3, "cancelled": 130}
"""By the status of a turn; of any other it is `FAILED`."""

FAILED: Final = 1
LIMITED: Final = 3
USAGE: Final = 2
INTERRUPTED: Final = 130

SIGNALLED: Final = 128
"""The exit code of a program that a signal ended is the signal's number above this."""

WORST_FIRST: Final = (130, 2, 3, 1, 0)
"""Which of several codes counts."""


def exit_code_of(turn: Turn) -> int:
    """The exit code that tells how a turn ended: a limit of ours is one, whatever the turn's status calls it."""
    if turn.error is not None and turn.error.limit:
        return LIMITED
    return EXIT_CODES.get(turn.status, FAILED)
