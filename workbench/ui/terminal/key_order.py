"""An app in which keys take effect in the order in which they came, however many come at once.

Textual hands characters to the widget that has the focus, through its queue, and runs bindings in the app: a binding
overtakes the characters before it, and what is typed behind a key that opens a dialog goes to what had the focus
before. Owns the order: a key waits until those before it are in, and all that comes behind it waits until it is done,
with the messages that it caused, the screen that it opened and the focus that it moved. What only edits one widget is
not held up behind its like: the queue of that widget keeps the order.
"""

from __future__ import annotations

import asyncio
import time
from collections import deque
from collections.abc import Awaitable, Callable, Iterable
from typing import Any, Generic, Protocol, TypeVar, runtime_checkable

from rich.console import RenderableType
from textual.events import Event, InputEvent, Key, MouseDown, MouseUp, Paste
from textual.message_pump import MessagePump

from workbench.ui.terminal.textual_inside import OpenApp, set_once
from workbench.ui.terminal.typed_keys import as_typed

PATIENCE_SECONDS = 5.0
"""A widget that has not got to its messages for so long holds up no key any more: one of them quits."""

EDITS_AT_ONCE = 16
"""So many are handed on before whatever else is due goes on."""

Result = TypeVar("Result")


@runtime_checkable
class TakesKeys(Protocol):
    """A widget that handles more keys than those of characters by itself, one after the other."""

    def takes_key(self, event: Key) -> bool:
        """Whether a key does nothing but in this widget, and is handled there."""


class OrderedKeysApp(OpenApp[Result], Generic[Result]):
    """Handles what a person typed and clicked one after the other."""

    def __init__(self, **options: Any) -> None:
        super().__init__(**options)
        self._behind: deque[Event] = deque()  # what came while a key was being handled
        self._handled: int | None = None  # the number of the key that is being handled
        self._handled_since = 0.0
        self._will_look = False  # whether what waits has waited for too long
        self._number = 0
        self._edits = 0  # handed on since something else could go on
        self._edited: MessagePump | None = None  # who may not have got to the last ones yet
        self._is_told_to_end = False

    @property
    def keys_handled(self) -> int:
        """How many keys and clicks were handed on so far, but for what only edits a text."""
        return self._number

    async def on_event(self, event: Event) -> None:
        """Hand an event on; what a person did, when all that came before it is done."""
        if not isinstance(event, InputEvent | Paste) or event.is_forwarded:
            await super().on_event(event)
            return
        if self._is_told_to_end:  # a question behind the key that quits is not to be sent any more
            return
        self._behind.append(as_typed(event) if isinstance(event, Key) else event)
        await self._go_on_in_time()

    async def _go_on_in_time(self) -> None:
        """Go on when nothing is to be waited for; what waits does not so for longer than there is patience."""
        left = self._handled_since + PATIENCE_SECONDS - time.monotonic()
        if self._handled is None or left < 0:
            await self._go_on()
        elif not self._will_look:
            self._will_look = True
            set_once(self, left, self._look)

    async def _look(self) -> None:
        self._will_look = False
        if self._behind:
            await self._go_on_in_time()

    def exit(self, result: Result | None = None, return_code: int = 0, message: RenderableType | None = None) -> None:
        """End the app with `result`; what was typed behind is not done any more."""
        self._is_told_to_end = True
        self._behind.clear()
        super().exit(result, return_code, message)

    async def _go_on(self) -> None:
        """Hand on what has come, up to the first key that has to be waited for."""
        self._handled = None
        while self._behind and self._handled is None:
            event = self._behind.popleft()
            self.lead(event)
            if self._is_edit(event):
                await self._hand_on_edit(event)
            elif isinstance(event, Key | Paste | MouseDown | MouseUp):
                await self._handle(event)
            else:
                await super().on_event(event)

    def lead(self, event: Event) -> None:
        """All before `event` is done, and it goes where the focus is: move that where it belongs. Here it stays."""

    def _is_edit(self, event: Event) -> bool:
        """Whether an event edits what has the focus, and does nothing else."""
        focused = self.focused
        if focused is None or not focused.check_consume_key("a", "a"):
            return False
        if isinstance(event, Key) and isinstance(focused, TakesKeys):
            return focused.takes_key(event)
        return isinstance(event, Paste) or (isinstance(event, Key) and event.is_printable)

    async def _hand_on_edit(self, event: Event) -> None:
        self._edited = self.focused
        await super().on_event(event)
        self._edits += 1
        if self._edits >= EDITS_AT_ONCE:
            self._edits = 0
            await asyncio.sleep(0)

    async def _handle(self, event: Event) -> None:
        """Hand a key on when the characters before it are in; the next one follows when it is done."""
        self._number += 1
        self._handled, self._handled_since = self._number, time.monotonic()
        typed_into, self._edited = self._edited, None
        if typed_into is None:
            await self._hand_on(event)
        else:
            self._when_done([typed_into, self], lambda: self._hand_on(event))

    async def _hand_on(self, event: Event) -> None:
        screen, number = self.screen, self._number
        # Where it is handled, and where what is said of it goes: each twice, for what a message causes comes behind it.
        way = [node for node in (self.focused or screen).ancestors_with_self for _ in range(2)]
        await super().on_event(event)
        self._when_done(way, lambda: self._settle(screen, number))

    async def _settle(self, before: MessagePump, number: int) -> None:
        """Go on; when another screen has opened, once that is there with what has the focus on it."""
        if number != self._number or not self.screen_stack:
            return
        screen = self.screen
        if screen is before:
            await self._go_on()
        else:
            self._when_done([screen, screen, self, self], lambda: self._settle(screen, number))

    def _when_done(self, nodes: Iterable[MessagePump], then: Callable[[], Awaitable[None]]) -> None:
        """Call `then`, as a message of the app, when each of the nodes in turn has got to all its messages."""
        rest = iter(nodes)

        def pass_on() -> None:
            for node in rest:
                if node.call_later(pass_on):  # else it is closed, and gets to nothing any more
                    return
            self.call_later(then)

        pass_on()
