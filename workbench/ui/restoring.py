"""A resumed conversation, brought back to the screen a slice at a time, so that keys are read meanwhile.

Owns what each pane gets of it: the chat all turns, the others only the last one, which is all that they show.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from workbench.events import ContentDelta, Event
from workbench.sessions.restore import Restored
from workbench.ui.arrangement import PaneName
from workbench.ui.routes import route

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn
    from workbench.ui.app import WorkbenchApp

SLICE_SECONDS = 0.005  # of handing on; the panes need several times as long to take it


class Restoring:
    """The turns of a session that goes on; `changes` says in one line what is not as it was, or is ""."""

    def __init__(self, turns: Sequence[Restored], changes: str) -> None:
        self._changes = changes
        self._last = turns[-1:]
        self._earlier = [Restored(each.turn, tuple(joined(each.events))) for each in turns[:-1]]

    async def show(self, app: WorkbenchApp) -> None:
        """Hand everything to the panes of `app`; more only when the chat has taken what came before."""
        for each in self._earlier:
            for event in each.events:
                _post(app, each.turn, event, only="chat")
            await _taken(app)
        for each in self._last:
            began = time.monotonic()
            for event in each.events:
                _post(app, each.turn, event)
                if time.monotonic() - began > SLICE_SECONDS:
                    await _taken(app)
                    began = time.monotonic()
        if self._changes:
            app.say(self._changes)


def _post(app: WorkbenchApp, turn: Turn, event: Event, *, only: PaneName | None = None) -> None:
    for pane, message in route(turn, event):
        if only in (None, pane):
            app.panes[pane].post_message(message)


async def _taken(app: WorkbenchApp) -> None:
    """Returns when the chat has taken all that was posted."""
    taken = asyncio.Event()
    app.chat.call_later(taken.set)
    await taken.wait()


def joined(events: Iterable[Event]) -> Iterator[Event]:
    """`events` with the deltas of one block joined, the last of each apart: it tells when the block ended."""
    waiting: list[ContentDelta] = []
    for event in events:
        if isinstance(event, ContentDelta) and (not waiting or _same_block(event, waiting[-1])):
            waiting.append(event)
            continue
        yield from _join(waiting)
        waiting.clear()
        if isinstance(event, ContentDelta):
            waiting.append(event)
        else:
            yield event
    yield from _join(waiting)


def _same_block(one: ContentDelta, other: ContentDelta) -> bool:
    return (one.step, one.index, bool(one.thinking)) == (other.step, other.index, bool(other.thinking))


def _join(deltas: Sequence[ContentDelta]) -> Iterator[ContentDelta]:
    if len(deltas) > 2:
        text = "".join(each.text for each in deltas[:-1])
        thinking = "".join(each.thinking for each in deltas[:-1])
        yield replace(deltas[0], text=text, thinking=thinking)
        yield deltas[-1]
    else:
        yield from deltas
