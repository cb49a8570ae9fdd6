"""Turns in order, and the history that the next request carries.

Owns the public way to ask, cancelling, and what of a turn goes on to the model; `loop` runs the turn. The
client, the documents and the tools are given to it. Refuses to print, to draw, and to know any JSON of the wire.

    async for event in conversation.ask("When does the library open?"):
        match event:
            case ContentDelta(text=text):
                print(text, end="")
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing
from functools import partial
from typing import TYPE_CHECKING, Any

from workbench.conversation.options import Documents, KnowsKeys, Options, StreamsChat, Tools

if TYPE_CHECKING:
    from workbench.conversation.loop import KeepsTurns, TurnLoop
    from workbench.conversation.retrying import Backoff
    from workbench.conversation.turn import Turn
    from workbench.documents.passages import Passage
    from workbench.events import Event, Request
    from workbench.secrets.redactor import Redactor

__all__ = ["Conversation", "Options"]


MOST_AHEAD = 1000  # events of a turn that nobody has taken yet


async def _taken(events: asyncio.Queue[Any]) -> None:
    """Let others get their turn, and wait for whoever takes the events when many are waiting."""
    if events.qsize() > MOST_AHEAD:
        await events.join()
    else:
        await asyncio.sleep(0)


class Conversation:
    """Turns in order, with their history. One turn at a time.

    `library`, `toolbox` and `keeper` may be set later, before the first turn. `clock` gives seconds and only ever
    grows. `backoff` decides how long to wait before a request is sent again.
    """

    def __init__(
        self,
        client: StreamsChat,
        options: Options = Options(),  # noqa: B008 - frozen
        *,
        library: Documents | None = None,
        toolbox: Tools | None = None,
        keeper: KeepsTurns | None = None,
        clock: Callable[[], float] = time.monotonic,
        backoff: Backoff | None = None,
    ) -> None:
        self.client = client
        self.options = options
        self.library = library
        self.toolbox = toolbox
        self.backoff = backoff
        self.keeper = keeper
        self.turns: list[Turn] = []
        self._clock = clock
        self._serial = 0
        self._earlier = 0  # turns that are no part of what is on the screen
        self._history: dict[int, list[dict[str, Any]]] = {}  # by the number of the turn
        self._task: asyncio.Task[None] | None = None
        self._loop: TurnLoop | None = None

    @property
    def redactor(self) -> Redactor:
        """What keeps the API keys that the client knows out of all that is asked, sent in a body, and answered."""
        from workbench.secrets.redactor import Redactor

        return self.client.redactor if isinstance(self.client, KnowsKeys) else Redactor()

    @property
    def running(self) -> bool:
        """Whether a turn is being run now."""
        return self._task is not None and not self._task.done()

    async def ask(self, prompt: str, attached: Sequence[Passage] = ()) -> AsyncGenerator[Event, None]:
        """Run one turn; yield every event as it happens, `TurnEnd` last, whatever goes wrong.

        `attached` are documents of this turn alone, besides those that are found for it.

        Failures of request and stream are in `TurnEnd`, never raised. Closing the iterator, or cancelling
        the task that reads it, cancels the turn. Raises RuntimeError when a turn is already running.
        """
        if self.running and self._task is not None and self._task.cancelling():
            await asyncio.wait({self._task})  # it is on its way out
        if self.running:
            raise RuntimeError("a turn is already running: cancel it first")
        from workbench.conversation.turn import Turn

        self._serial += 1
        turn = Turn(self._serial, self.redactor.text(prompt), self._serial - self._earlier)
        events: asyncio.Queue[Event | None] = asyncio.Queue()
        turn.settings = self.redactor.value(self.options.settings)
        loop = self._loop = self._loop_of(turn, attached, events)
        self.turns.append(turn)
        task = self._task = asyncio.create_task(loop.run(self.history()))
        task.add_done_callback(lambda _: self._over(turn, events))
        try:
            while (event := await events.get()) is not None:
                yield event
                events.task_done()
            if turn.status == "running":  # cancelled before its first line ran
                yield loop.cancelled()
            else:
                await task
        finally:
            task.cancel()
            await asyncio.wait({task})

    async def preview(self, prompt: str, attached: Sequence[Passage] = ()) -> Request:
        """The first request that `ask` would send, with what is found for it. Nothing is sent, and no turn begins.

        Raises what retrieving documents raises.
        """
        from workbench.conversation.turn import Turn

        turn = Turn(self._serial + 1, self.redactor.text(prompt))
        return await self._loop_of(turn, attached, asyncio.Queue()).first_request(self.history())

    async def run(
        self,
        prompt: str,
        *,
        on_token: Callable[[str], None] | None = None,
        on_event: Callable[[Event], None] | None = None,
        on_complete: Callable[[Turn], None] | None = None,
    ) -> Turn:
        """Run one turn to its end and return it; the callbacks get each piece of text, each event, the turn."""
        from workbench.events import ContentDelta

        async with aclosing(self.ask(prompt)) as events:
            async for event in events:
                if on_event is not None:
                    on_event(event)
                if on_token is not None and isinstance(event, ContentDelta) and event.text:
                    on_token(event.text)
        turn = self.turns[-1]
        if on_complete is not None:
            on_complete(turn)
        return turn

    def cancel(self) -> bool:
        """Stop the running turn; its `TurnEnd` still comes. Returns whether there was one."""
        return self.running and self._task is not None and self._task.cancel()

    def person_asked(self, call_id: str, is_open: bool) -> None:
        """A question about this call of the running turn is put to a person now, or is over: that time is theirs."""
        if self._loop is not None and self.running:
            self._loop.person_asked(call_id, is_open=is_open)

    def clear(self) -> None:
        """Begin anew: no turns, no history."""
        if self.keeper is not None and self.turns:
            self.keeper.cleared()
        self.turns.clear()
        self._history.clear()
        self._earlier = self._serial

    def restore(self, turns: Sequence[Turn], *, last: int) -> None:
        """Go on behind `turns`, which were asked earlier; `last` is the highest number that a turn had so far."""
        self.turns = list(turns)
        self._serial = last
        self._earlier = last - len(self.turns)
        self._history.clear()
        for place, turn in enumerate(self.turns, start=1):
            turn.place = place
            self._remember(turn)

    def history(self) -> list[dict[str, Any]]:
        """The messages that the next request carries before its prompt."""
        return [message for messages in self._history.values() for message in messages]

    def forget_last(self) -> str | None:
        """Take the last turn out of turns and history, to ask it again; return its prompt."""
        if self.running or not self.turns:
            return None
        turn = self.turns.pop()
        if self.keeper is not None:
            self.keeper.forgot(turn)
        self._history.pop(turn.number, None)
        return turn.prompt

    def _loop_of(self, turn: Turn, attached: Sequence[Passage], events: asyncio.Queue[Event | None]) -> TurnLoop:
        """What runs `turn` behind those so far, and puts its events into `events`."""
        from workbench.conversation.loop import TurnLoop
        from workbench.conversation.retrying import Backoff

        return TurnLoop(
            turn,
            self.client,
            self.options,
            library=self.library,
            toolbox=self.toolbox,
            attached=attached,
            earlier=[earlier.prompt for earlier in self.turns],
            keeper=self.keeper,
            put=events.put_nowait,
            taken=partial(_taken, events),
            clock=self._clock,
            backoff=self.backoff or Backoff(),
            redactor=self.redactor,
        )

    def _over(self, turn: Turn, events: asyncio.Queue[Event | None]) -> None:
        """The task of a turn is done, whoever waits for it or not: later turns go on from what it said."""
        if turn in self.turns:  # else the conversation began anew meanwhile
            self._remember(turn)
        events.put_nowait(None)

    def _remember(self, turn: Turn) -> None:
        self._history[turn.number] = self._messages(turn)

    def _messages(self, turn: Turn) -> list[dict[str, Any]]:
        """What of a turn goes on to the model, without keys: nothing, when no word of an answer came.

        Each later request holds these very messages: they are made and masked once, and never changed.
        """
        messages = turn.messages(thinking=False)
        answered = any(message["role"] == "assistant" for message in messages)
        return list(self.redactor.value(messages)) if answered else []
