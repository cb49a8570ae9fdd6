"""The events pane: every event of the turn with its time, unknown and malformed ones too, and the exact frame."""

from __future__ import annotations

import json
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from workbench.safe_text import safe_text
from workbench.ui import messages
from workbench.ui.panes.pane import Pane
from workbench.ui.widgets.row import Row, beginning
from workbench.ui.widgets.rows import RowList

if TYPE_CHECKING:
    from workbench.conversation.event_log import EventLog
    from workbench.events import Event

HIDDEN_FIELDS = frozenset({"t", "step", "raw"})
LONGEST_VALUE = 200  # characters of a field on the line of an event
REFRESH_SECONDS = 0.1
MOST_AT_ONCE = 5000  # rows added before other things get their turn,
BREATH_SECONDS = 0.01  # for so long


class EventsPane(Pane):
    """The events of a turn. Rows are added only while the pane is on the screen, and made as they are seen."""

    TITLE: ClassVar[str] = "Events"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = RowList(
            follow=True,
            id="events-rows",
            empty="Every event of a turn appears here, with its time and its exact frame.",
        )
        self._rows_made = 0
        self._due: Timer | None = None

    def body(self) -> Widget:
        """The list of events."""
        return self.rows

    def draw(self) -> None:
        """List the events of the turn anew, when the pane is on the screen."""
        self._rows_made = 0
        self.rows.clear()
        self.summarise("")
        if self.shown is not None and self.display:
            self._catch_up()

    def on_event_seen(self, message: messages.EventSeen) -> None:
        """An event came: its row is added soon, together with those that come meanwhile."""
        if self.display and not self.is_stale(message):
            self._catch_up_soon(REFRESH_SECONDS * self.patience)

    def on_show(self) -> None:
        """The pane came onto the screen: add the rows of what happened while it was not there."""
        self._catch_up()

    def _catch_up_soon(self, seconds: float) -> None:
        if self._due is None:
            self._due = self.set_timer(seconds, self._catch_up)

    def _catch_up(self) -> None:
        """Add rows for the events that came since the last time."""
        if self._due is not None:
            self._due.stop()
            self._due = None
        if self.shown is None:
            return
        events = self.shown.events
        end = min(self._rows_made + MOST_AT_ONCE, len(events))
        with self.rows.at_once():
            for number in range(self._rows_made, end):
                self.rows.put(str(number), partial(_row_of, events, number))
        self._rows_made = end
        self.summarise(f"{self.which}{len(events):,} events")
        if end < len(events):
            self._catch_up_soon(BREATH_SECONDS)


def _row_of(events: EventLog, number: int) -> Row:
    return event_row(events[number])


def event_row(event: Event) -> Row:
    """An event: one line of time, kind and fields; unfolded, its frame as received."""
    from workbench.events import Malformed, Unknown

    style = "error" if isinstance(event, Malformed) else "warning" if isinstance(event, Unknown) else "accent"
    head: list[Any] = [(f" {event.t:8.3f}  ", "muted"), (f"{event.kind:<17}", style)]
    details = {f.name: _plain(getattr(event, f.name)) for f in fields(event) if f.name not in HIDDEN_FIELDS}
    shown = {name: value for name, value in details.items() if value not in ("", None, ())}
    summary, rest = beginning("  ".join(f"{name}={_short(value)}" for name, value in shown.items()))
    return Row(Content.assemble(*head, summary), body=partial(_frame, event, shown), indent=11, head_rest=rest)


def _plain(value: Any) -> Any:
    """The value of a field as JSON has it."""
    from workbench.events import TurnSummary

    return value.as_json() if isinstance(value, TurnSummary) else value


def _frame(event: Event, shown: dict[str, Any]) -> Content:
    from workbench.events import WireEvent

    raw = event.raw if isinstance(event, WireEvent) else json.dumps(shown, ensure_ascii=False, default=str, indent=2)
    return Content(safe_text(raw))


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    shown = json.dumps(text[:LONGEST_VALUE], ensure_ascii=False) if isinstance(value, str) else text[:LONGEST_VALUE]
    return shown if len(text) <= LONGEST_VALUE else f"{shown}… +{len(text) - LONGEST_VALUE}"
