"""From an event to what it became on the screen, and from what one stands on to the event that brought it.

Owns which pane shows what an event became. Events are gone through in slices: a turn may have tens of thousands.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Final

from workbench.ui.arrangement import Panel
from workbench.ui.panes.events_pane import EventsPane
from workbench.ui.panes.request_pane import RequestPane
from workbench.ui.widgets.rows import RowList

if TYPE_CHECKING:
    from workbench.conversation.landing import Landing
    from workbench.conversation.turn import Turn
    from workbench.events import Event
    from workbench.ui.navigation import Navigation
    from workbench.ui.stage import Stage

SLICE_SECONDS: Final = 0.01
LONGEST_LOOK: Final = 80  # characters behind a piece of which nothing is seen, such as the marks of emphasis


@dataclass(frozen=True, slots=True)
class Came:
    """Where one was led from an event: the event's turn and place there, and what one stood on then."""

    turn: Turn
    number: int
    panel: Panel
    at: object


class EventWalk:
    """Leads from the events pane to the others and back; what leads nowhere is said."""

    def __init__(self, stage: Stage, navigation: Navigation) -> None:
        self._stage = stage
        self._navigation = navigation
        self._came: Came | None = None

    @property
    def _events(self) -> EventsPane:
        pane = self._stage.panes["events"]
        assert isinstance(pane, EventsPane)
        return pane

    @property
    def _request(self) -> RequestPane:
        pane = self._stage.panes["request"]
        assert isinstance(pane, RequestPane)
        return pane

    # -- from an event ---------------------------------------------------------------------------------

    def follow(self) -> None:
        """Go from the event under the cursor to what it became."""
        turn, number = self._events.shown, self._events.event_here
        if turn is not None and number is not None:
            self._stage.work(partial(self._follow, turn, number), "event walk")

    async def _follow(self, turn: Turn, number: int) -> None:
        from workbench.conversation.landing import Landings

        events, landings = turn.events, Landings()
        begin = max((place for place in events.requests if place <= number), default=number)
        landing, slices = landings.take(events[begin]), _Slices()
        for place in range(begin + 1, number + 1):
            landing = landings.take(events[place])
            await slices.breathe()
        panel = self._show(turn, landing)
        self._came = Came(turn, number, panel, self._stands_on(panel))
        if key := self._stage.keymap.short("to-event"):
            self._stage.say(f"{key} leads back to the event")

    def _show(self, turn: Turn, landing: Landing) -> Panel:
        """Show what an event became; the pane in which that is."""
        step, ordinal = landing.step, landing.ordinal
        match landing.what:
            case "text":
                return self._show_text(turn, landing)
            case "citation":
                return self._show_citation(turn, landing)
            case "call":
                self._go("tools", turn)
                self._stage.tools.show_call(step, ordinal)
                return "tools"
            case "plan" | "retry":
                self._go("tools", turn)
                self._stage.tools.rows.show(f"plan {step}" if landing.what == "plan" else f"retry {step}.{ordinal}")
                return "tools"
            case "request" | "prompt":
                self._go("request", turn)
                self._request.show_row(f"{'head' if landing.what == 'request' else 'prompt'} {step}")
                return "request"
            case "end" if turn.text:
                length = len(turn.text)
                if self._stage.chat.view.show_span(turn.number, length - 1, length):
                    self._go("chat", turn)
                    return "chat"
        return self._show_turn(turn)

    def _show_text(self, turn: Turn, landing: Landing) -> Panel:
        place = turn.place_of_text(landing.step, landing.ordinal, landing.start)
        if place is None:
            return self._show_turn(turn)
        where, start = place
        end = start + landing.end - landing.start
        view = self._stage.chat.view
        for last in (max(end, start + 1), end + LONGEST_LOOK):
            if view.show_span(turn.number, start, last, in_thinking=where == "thinking"):
                self._go("chat", turn)
                return "chat"
        return self._show_turn(turn)

    def _show_citation(self, turn: Turn, landing: Landing) -> Panel:
        ordinal = landing.ordinal if landing.of_turn else turn.citation_of(landing.step, landing.ordinal)
        if ordinal is None:
            return self._show_turn(turn)
        view = self._stage.chat.view
        view.select_citation(turn.number, ordinal)
        is_in_chat = view.citation_in_view == (turn.number, ordinal)
        is_in_sources = self._navigation.show_source(turn.number, ordinal)
        panel: Panel = "chat" if is_in_chat or not is_in_sources else "sources"
        self._navigation.show(panel)
        return panel

    def _show_turn(self, turn: Turn) -> Panel:
        self._stage.chat.show(turn)
        self._go("chat", turn)
        return "chat"

    def _go(self, panel: Panel, turn: Turn) -> None:
        self._navigation.look_beside(turn)
        self._navigation.show(panel)

    # -- to an event -----------------------------------------------------------------------------------

    def to_event(self) -> None:
        """Go to the event that brought what one stands on: the one that one came from, if one came from there."""
        panel = self._navigation.focused_panel
        came = self._came
        if panel is None or panel == "events":
            return
        if came is not None and (came.panel, came.at) == (panel, self._stands_on(panel)):
            self._show_event(came.turn, came.number)
            return
        found = self._landing_here(panel)
        if found is None:
            self._stage.say("nothing here came with an event", severity="warning")
        else:
            self._stage.work(partial(self._find, *found), "event walk")

    def _show_event(self, turn: Turn, number: int) -> None:
        self._navigation.look_beside(turn)
        self._navigation.show("events")
        self._events.show_event(number)

    def _stands_on(self, panel: Panel) -> object:
        """What one stands on in a pane, to be compared."""
        view = self._stage.chat.view
        if panel == "chat":
            return (view.led_to, None if view.led_to is not None else view.selected_citation)
        rows = self._rows(panel)
        turn = self._stage.tools.shown
        return None if rows is None else (rows.cursor_key, None if turn is None else turn.number)

    def _rows(self, panel: Panel) -> RowList | None:
        rows = getattr(self._stage.panes[panel], "rows", None)
        return rows if isinstance(rows, RowList) else None

    def _landing_here(self, panel: Panel) -> tuple[Turn, Landing] | None:
        """What one stands on, and the turn that it is of."""
        from workbench.conversation.landing import Landing

        if panel == "chat":
            turn, citation = self._navigation.turn_in_view(), self._stage.chat.view.citation_in_view
            if turn is None:
                return None
            if citation is not None:
                return turn, Landing("citation", 0, citation[1], of_turn=True)
            return turn, Landing("text", 0)
        turn, rows = self._stage.tools.shown, self._rows(panel)
        key = None if rows is None else rows.cursor_key
        if turn is None or key is None:
            return None
        if panel == "sources":
            return turn, self._landing_of_source(turn, key)
        kind, _, place = key.partition(" ")
        if panel == "request":
            step = self._request.step_here
            return None if step is None else (turn, Landing("prompt" if kind == "prompt" else "request", step))
        step_number, _, ordinal = place.partition(".")
        if not step_number.isdecimal():
            return None
        at = int(ordinal) if ordinal.isdecimal() else 0
        kinds: dict[str, Landing] = {
            "call": Landing("call", int(step_number), at),
            "one": Landing("call", int(step_number), at),
            "plan": Landing("plan", int(step_number)),
            "retry": Landing("retry", int(step_number), at),
        }
        return turn, kinds.get(kind, Landing("request", int(step_number)))

    @staticmethod
    def _landing_of_source(turn: Turn, key: str) -> Landing:
        """The first citation of a source; of one that nothing cites, the request that it went with."""
        from workbench.conversation.landing import Landing

        number = next((entry.number for entry in turn.ledger.entries() if entry.key == key), None)
        cited = next((each for each in turn.citations if number in each.numbers), None)
        if cited is not None and number is not None:
            return Landing("citation", 0, cited.ordinal, of_turn=True)
        return Landing("request", 1)

    async def _find(self, turn: Turn, landing: Landing) -> None:
        from workbench.conversation.landing import brings

        is_it: Callable[[Event], bool] = brings(landing)
        events, slices = turn.events, _Slices()
        begin = 0
        if landing.step:
            begin = next((place for place, each in events.requests.items() if each.step == landing.step), 0)
        for place in range(begin, len(events)):
            if is_it(events[place]):
                self._show_event(turn, place)
                return
            await slices.breathe()
        self._stage.say("no event brought this", severity="warning")


class _Slices:
    """Lets everything else have its turn after each slice of time."""

    def __init__(self) -> None:
        self._until = time.monotonic() + SLICE_SECONDS

    async def breathe(self) -> None:
        """Return at once, but at the end of a slice."""
        if time.monotonic() > self._until:
            await asyncio.sleep(0.001)
            self._until = time.monotonic() + SLICE_SECONDS
