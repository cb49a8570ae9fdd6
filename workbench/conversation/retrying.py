"""Whether a request that failed is sent again, and after how long.

Owns the waits: full jitter, which keeps many clients from coming back at the same moment, or what the server asks
for. Refuses to send anything, and to repeat what a person has seen a part of: its caller knows that.
"""

from __future__ import annotations

import asyncio
import random
from typing import Final

from workbench.errors import LONGEST_ASKED, ChatError

FIRST_WAIT: Final = 1.0  # seconds at most before the first retry; twice as many before each one after it
LONGEST_WAIT: Final = 8.0


class Backoff:
    """The chance and the time that waits are made of; a test gives its own."""

    def chance(self) -> float:
        """A random number from 0 to 1, by which the longest wait is multiplied."""
        return random.random()

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds."""
        await asyncio.sleep(seconds)

    def wait(self, error: ChatError, attempt: int) -> float | None:
        """Seconds to wait before retry number `attempt` (from 1), or None when the request is not to be sent again."""
        if not error.transient:
            return None
        asked = error.retry_after or 0.0
        if asked > LONGEST_ASKED:
            return None
        jittered = self.chance() * min(LONGEST_WAIT, FIRST_WAIT * 2.0 ** (attempt - 1))
        return round(max(asked, jittered), 3)
