"""The events pane: every event of the turn with its time, unknown and malformed ones too, and the exact frame."""

from __future__ import annotations

import json
from dataclasses import fields
from typing import Any, ClassVar

from textual.content import Content
from textual.widget import Widget

from workbench.events import Event, Malformed, Unknown, WireEvent
from workbench.ui import messages
from workbench.ui.panes.pane import Pane
from workbench.ui.text import safe_line, safe_text
from workbench.ui.widgets.rows import Row, RowList

HIDDEN_FIELDS = frozenset({"t", "step", "raw"})


class EventsPane(Pane):
    """The events of the latest turn. Rows are made only while the pane is on the screen."""

    TITLE: ClassVar[str] = "Events"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = RowList(
            follow=True,
            id="events-rows",
            empty="Every event of a turn appears here, with its time and its exact frame.",
        )
        self._events: list[Event] = []
        self._shown = 0

    def body(self) -> Widget:
        return self.rows

    def begin(self, message: messages.TurnBegan) -> None:
        self.reset()

    def reset(self) -> None:
        self._events.clear()
        self._shown = 0
        self.rows.clear()
        self.summarise("")

    def on_event_seen(self, message: messages.EventSeen) -> None:
        if not self.is_stale(message):
            self._events.append(message.event)
            if self.display and len(self._events) == self._shown + 1:
                self.set_timer(0.1, self._catch_up)

    def on_show(self) -> None:
        self._catch_up()

    def _catch_up(self) -> None:
        """Add the rows of the events that came since the last time."""
        for number in range(self._shown, len(self._events)):
            self.rows.put(str(number), event_row(self._events[number]))
        self._shown = len(self._events)
        self.summarise(f"{self._shown} events")


def event_row(event: Event) -> Row:
    """An event: one line of time, kind and fields; unfolded, its frame as received."""
    style = "error" if isinstance(event, Malformed) else "warning" if isinstance(event, Unknown) else "accent"
    head: list[Any] = [(f" {event.t:8.3f}  ", "muted"), (f"{event.kind:<17}", style)]
    details = {f.name: getattr(event, f.name) for f in fields(event) if f.name not in HIDDEN_FIELDS}
    shown = {name: value for name, value in details.items() if value not in ("", None, ())}
    summary = safe_line("  ".join(f"{name}={_short(value)}" for name, value in shown.items()))
    raw = event.raw if isinstance(event, WireEvent) else json.dumps(shown, ensure_ascii=False, default=str, indent=2)
    return Row(Content.assemble(*head, summary), body=Content(safe_text(raw)), indent=11)


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    return json.dumps(text[:200], ensure_ascii=False) if isinstance(value, str) else text[:200]
