"""A recording asked again, through the same client and conversation, with what stands in for all that was around it.

Owns what each turn is answered with. Nothing is sent and no tool is run. What has marks of its turns need not be asked
again: `sessions.played` brings its events back as they were.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import aclosing
from typing import TYPE_CHECKING

from workbench.cohere_client import play
from workbench.conversation import Conversation, Options
from workbench.events import Event, TurnEnd
from workbench.secrets.redactor import Redactor
from workbench.sessions.playback import RecordedBackoff, RecordedDocuments, RecordedTools, RecordedTurn
from workbench.sessions.turn_ending import EndingClient, RecordedEnd

if TYPE_CHECKING:
    from workbench.documents.passages import Passage


class Replay(Conversation):
    """A conversation whose turns are answered as `recorded`, one after another, whatever is asked.

    `speed` is how many times as fast; 0 and infinity do not wait at all. `sleep` and `clock` stand for time.
    """

    def __init__(
        self,
        recorded: Sequence[RecordedTurn],
        *,
        name: str,
        speed: float,
        redactor: Redactor | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._played = play((), name=name, redactor=redactor)
        super().__init__(self._played, recorded[0].options() if recorded else Options(), clock=clock)
        self.name = name
        self.prompts = [turn.prompt for turn in recorded]
        self._left = list(recorded)
        self._sleep = sleep
        self._speed = speed

    async def ask(self, prompt: str, attached: Sequence[Passage] = ()) -> AsyncGenerator[Event, None]:
        """Run one turn, answered by the next recorded one, and end it as that ended; yield every event, `TurnEnd` last.

        A question beyond the last recorded turn fails: nothing answers it.
        """
        end = await self._begin(self._left.pop(0) if self._left else RecordedTurn(prompt, ()))
        async with aclosing(super().ask(prompt, attached)) as events:
            async for event in events:
                yield end.ended(event, self.turns[-1], self.redactor) if isinstance(event, TurnEnd) else event

    async def aclose(self) -> None:
        """Closes what stands in for the server."""
        await self._played.aclose()

    @property
    def redactor(self) -> Redactor:
        """What keeps API keys out of all that is played."""
        return self._played.redactor

    async def _begin(self, turn: RecordedTurn) -> RecordedEnd:
        for change in turn.before:
            self.clear() if change.turn is None else self.forget_last()
        await self.aclose()
        end = RecordedEnd(turn.extent, cancel=self.cancel)
        self._played = play(
            turn.exchanges,
            name=self.name,
            speed=self._speed,
            redactor=self.redactor,
            sleep=self._sleep,
            clock=self._clock,
        )
        self.client = EndingClient(self._played, turn.exchanges, end)
        self.keeper = end
        self.options = turn.options()
        self.backoff = RecordedBackoff(turn.retries, speed=self._speed)
        recorded = RecordedDocuments(turn.sent, turn.retrieval, turn.beyond)
        self.library = recorded if turn.sent or turn.retrieval else None
        self.toolbox = RecordedTools(turn, speed=self._speed, end=end, on_question=self.person_asked)
        return end
