"""Waits before a request is sent again, noted in place of being waited."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, field

from workbench.conversation.retrying import Backoff


@dataclass
class Noted(Backoff):
    """Waits nothing, and knows how long it would have waited; `chances` are its luck, then 1."""

    chances: list[float] = field(default_factory=list)
    waits: list[float] = field(default_factory=list)

    def chance(self) -> float:
        return self.chances.pop(0) if self.chances else 1.0

    async def sleep(self, seconds: float) -> None:
        self.waits.append(seconds)
        await asyncio.sleep(0)
