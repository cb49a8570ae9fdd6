"""Questions in order: those that wait, and the turn that runs.

Owns the queue, the worker that empties it, and stopping it. A question waits too while the documents are read.
Refuses to draw: what happens in a turn goes to the panes as messages.
"""

from __future__ import annotations

import asyncio
import logging
import time
from collections.abc import AsyncGenerator, Callable, Sequence
from contextlib import aclosing, suppress
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from textual.worker import Worker, WorkerCancelled

from workbench.conversation.changes import Changes
from workbench.errors import TreeError
from workbench.ui.background import in_background
from workbench.ui.path_shown import PathShown

if TYPE_CHECKING:
    from workbench.conversation import Conversation
    from workbench.conversation.turn import Turn
    from workbench.documents.attached import Attached
    from workbench.documents.passages import Passage
    from workbench.events import Event
    from workbench.ui.navigation import Navigation
    from workbench.ui.stage import Stage

# Events of one burst are handed on for so long before the screen gets its turn. The panes then need several times
# as long to take them, in which no key is read.
BURST_SECONDS = 0.002
# Pieces of text that follow one another are handed on together, after so many seconds, to all panes but the chat:
# every time that one comes, these would wake for it, and that costs more than drawing it.
JOIN_SECONDS = 0.075
MOST_JOINED = 32  # pieces, of a burst
_LOGGER = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that is asked now or later. `again` is the number of the turn that is asked again in it, with
    `changes`; None for one of its own. With `stays` the answer of that turn stays on the screen above the new one."""

    prompt: str
    again: int | None = None
    changes: Changes = field(default_factory=Changes)
    stays: bool = False


class Asking:
    """Asks one question after another. `ready` is set once the first may be asked; `report` says what a fault was."""

    def __init__(
        self,
        stage: Stage,
        conversation: Conversation,
        navigation: Navigation,
        report: Callable[[BaseException], str],
        refusal: str = "",
    ) -> None:
        """`refusal` is what a person who asks is told when there is nobody to ask."""
        self.ready = asyncio.Event()
        self.path = PathShown(stage, navigation)
        """The turns that the panes show, and showing others."""
        self._stage = stage
        self._conversation = conversation
        self._navigation = navigation
        self._report = report
        self.refusal = refusal
        self.attach: Callable[[str], list[Attached]] | None = None
        """What comes of the files that a question names; None where none are attached. For a thread."""
        self._waiting: list[Asked] = []
        self._worker: Worker[Any] | None = None
        self._in_turn = False
        self._prepared: Asked | None = None  # what is about to be asked, and can be taken back still
        self._held: list[tuple[Turn, Event]] = []
        self._hand_on_due: asyncio.TimerHandle | None = None
        self._joined_until = 0.0  # in the loop's time

    @property
    def busy(self) -> bool:
        """Whether a turn is running or about to."""
        return self._worker is not None and not self._worker.is_finished

    def put_by_person(self, prompt: str) -> None:
        """As `put`; where there is nobody to ask, say so, and leave the question in the prompt."""
        if not self.refusal:
            self.put(prompt)
            return
        self._stage.say(self.refusal, severity="warning")
        typed = self._stage.prompt.whole  # since then
        self._stage.prompt.put(f"{prompt}\n{typed}" if typed else prompt)

    def put(self, prompt: str) -> None:
        """Ask now, or as soon as what was asked before has its answer."""
        self._put(Asked(self._conversation.redactor.text(prompt)))

    def again(self, number: int, changes: Changes = Changes(), *, stays: bool = False) -> None:  # noqa: B008 - frozen
        """As `put`, the turn of this number again, with `changes`. Where there is nobody to ask, say so.

        The conversation goes on from the new turn; with `stays` the earlier answer stays on the screen.
        """
        if self.refusal:
            self._stage.say(self.refusal, severity="warning")
            return
        prompt = changes.prompt if changes.prompt is not None else self._conversation.tree.turn(number).prompt
        self._put(Asked(self._conversation.redactor.text(prompt), number, changes, stays))

    def _put(self, asked: Asked) -> None:
        self._waiting.append(asked)
        if self.busy or not self.ready.is_set():  # else it is asked before anybody could read that it waits
            self._show_waiting()
        if not self.busy:
            self._worker = self._stage.work(self._run, "turn")

    def _show_waiting(self) -> None:
        self._stage.show_waiting([each.prompt for each in self._waiting])

    async def finished(self) -> None:
        """Returns when everything that was put has its answer, or was taken back."""
        if self._worker is not None:
            with suppress(WorkerCancelled):
                await self._worker.wait()

    def cancel(self) -> bool:
        """Stop the running turn; what waits goes back into the prompt. Returns whether there was anything to stop.

        Only the conversation's own cancelling ends a turn: its last events, and the words that it was cancelled,
        still come. A turn that is over already, with events of it under way to the screen, is let be.
        """
        if not self.busy:
            return False
        prepared, self._prepared = self._prepared, None
        if prepared is not None:
            self._waiting.insert(0, prepared)
        if self._waiting:
            typed = self._stage.prompt.whole
            self._stage.prompt.put("\n".join([*(each.prompt for each in self._waiting), *([typed] if typed else [])]))
            self._waiting.clear()
            self._show_waiting()
        stops_worker = prepared is not None or not self._in_turn
        if not self._conversation.cancel() and stops_worker and self._worker is not None:
            self._worker.cancel()
            if prepared is not None and prepared.again is not None:  # the chat may show what it would have gone on from
                self.path.show_soon(self._conversation.turns)
        return True

    async def _run(self) -> None:
        await self.ready.wait()
        while self._waiting:
            asked = self._waiting.pop(0)
            self._show_waiting()
            self._in_turn = True
            self._stage.show_hints()
            try:
                await self._turn(asked)
            except TreeError as error:
                await self.path.show(list(self._conversation.turns))
                self._stage.say(str(error), severity="warning")
            except Exception as error:
                _LOGGER.error("a turn failed by a fault of this program", exc_info=error)
                self._stage.outside.turn_ended("failed", 0.0)
                self._stage.say(self._report(error), severity="error")
            finally:
                self._in_turn = False
                self._stage.show_hints()

    async def attached(self, prompt: str) -> list[Passage]:
        """The documents that a question names; of those that cannot be sent is said why."""
        if self.attach is None or "@" not in prompt:
            return []
        attach = self.attach
        all_attached = await in_background(lambda: attach(prompt))
        for each in all_attached:
            if each.problem:
                self._stage.say(f"@{each.named.shown} is not attached: it {each.problem}", severity="warning")
        return list({passage.id: passage for each in all_attached for passage in each.passages}.values())

    async def _events(self, asked: Asked, attached: Sequence[Passage]) -> AsyncGenerator[Event, None]:
        """The events of the turn, once the chat shows what it goes on from."""
        if asked.again is None:
            await self.path.settled()
            return self._conversation.ask(asked.prompt, attached)
        turn = self._conversation.tree.turn(asked.again)
        if not asked.stays or turn is not self._conversation.turns[-1]:
            await self.path.show(self._conversation.tree.branch(turn.parent))
        return self._conversation.again(asked.again, asked.changes, attached)

    async def _turn(self, asked: Asked) -> None:
        self._prepared = asked
        try:
            attached = await self.attached(asked.prompt)
            events = await self._events(asked, attached)
        finally:
            self._prepared = None
        yielded = time.monotonic()
        try:
            async with aclosing(events):
                async for event in events:
                    self._take(self._conversation.turns[-1], event)
                    if time.monotonic() - yielded > BURST_SECONDS:
                        await asyncio.sleep(0)
                        yielded = time.monotonic()
        finally:
            self._hand_on()

    def show(self, turn: Turn, event: Event, *, joined: bool) -> None:
        """Hand on an event that nobody asked for, which `turn` has folded; `joined` with those that come soon after.

        One by itself brings no other pane into view: whoever goes event by event looks at what they mean to see.
        """
        self._take(turn, event, suggests=joined)
        if not joined:
            self._hand_on(suggests=False)

    def _take(self, turn: Turn, event: Event, *, suggests: bool = True) -> None:
        """Hand the event on, now or soon; the order of events is kept for each pane."""
        from workbench.ui.routes import JOINED, route_at_once

        if type(event) not in JOINED:
            self._tell(turn, event)
        if type(event) in JOINED:
            for pane, message in route_at_once(turn, event):
                self._stage.deliver(pane, message)
        self._held.append((turn, event))
        loop = asyncio.get_running_loop()
        wait = self._joined_until - loop.time()
        if type(event) not in JOINED or wait <= 0 or len(self._held) >= MOST_JOINED:
            self._hand_on(suggests=suggests)
        elif self._hand_on_due is None:
            self._hand_on_due = loop.call_later(wait, self._hand_on)

    def _tell(self, turn: Turn, event: Event) -> None:
        """Say in the title, and outside of the screen, what an event means there."""
        from workbench.events import PersonAsked, Request, TurnEnd, TurnStart

        match event:
            case TurnStart():
                self._stage.show_where(turn)
                self._stage.show_pinned(())  # that has gone along
                self._stage.outside.turn_began(turn.prompt)
            case Request(step=step) if step > 1:
                self._stage.outside.step_began()
            case PersonAsked(name=name, t=seconds):
                self._stage.outside.person_asked(name, seconds)
            case TurnEnd(status=status, t=seconds):
                self._stage.outside.turn_ended(status, seconds)

    def _hand_on(self, *, suggests: bool = True) -> None:
        """Send what is held to its panes, and bring into view the one that is worth it, where that is wanted."""
        from workbench.ui.routes import SUGGESTED, route_joined

        if self._hand_on_due is not None:
            self._hand_on_due.cancel()
            self._hand_on_due = None
        self._joined_until = asyncio.get_running_loop().time() + JOIN_SECONDS
        held, self._held = self._held, []
        for pane, message in route_joined(held):
            self._stage.deliver(pane, message)
        for _, event in held if suggests else ():
            if suggested := SUGGESTED.get(type(event)):
                self._navigation.suggest(suggested)
