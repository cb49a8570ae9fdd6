"""The events pane: every event of the turn with its time, unknown and malformed ones too, and the exact frame."""

from __future__ import annotations

import json
import time
from bisect import bisect_left
from collections.abc import Callable, Mapping
from dataclasses import fields
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from workbench.safe_text import safe_line
from workbench.ui import messages
from workbench.ui.panes.filters import ALL, Filter, beside, counted, with_word
from workbench.ui.panes.pane import Pane
from workbench.ui.panes.values import beginning_of, exact, telling
from workbench.ui.widgets.coloured_json import coloured
from workbench.ui.widgets.row import Row, beginning
from workbench.ui.widgets.rows import RowList

if TYPE_CHECKING:
    from workbench.conversation.event_log import EventLog
    from workbench.conversation.turn import Turn
    from workbench.events import Event

HIDDEN_FIELDS = frozenset({"t", "step", "raw"})
LONGEST_VALUE = 200  # characters of a field on the line of an event
PIECES: Final[Mapping[str, tuple[str, ...]]] = {
    "content-delta": ("text", "thinking"),
    "tool-plan-delta": ("text",),
    "tool-call-delta": ("arguments",),
}
"""The events that a stream is made of, with the fields that hold their text."""
PLACES: Final = frozenset({"id", "call", "index", "ordinal", "turn"})
COMMON: Final = frozenset({*PIECES, "content-end", "citation-end", "tool-call-end", "done"})
"""What says little by having come."""
REFRESH_SECONDS = 0.1
MOST_AT_ONCE = 5000  # rows added before other things get their turn,
BREATH_SECONDS = 0.01  # for so long
SLICE_SECONDS = 0.01  # in which events are looked at that may not be shown
EMPTY: Final = "Every event of a turn appears here, with its time and its exact frame."


def _kinds(*begins: str) -> Callable[[Event], bool]:
    return lambda event: event.kind.startswith(begins)


FILTERS: Final[tuple[Filter[Event], ...]] = (
    ALL,
    Filter("no *-delta", lambda event: event.kind not in PIECES),
    Filter("tool-*", _kinds("tool-", "person-")),
    Filter("citation-*", _kinds("citation-", "cited")),
    Filter("unknown or malformed", _kinds("unknown", "malformed")),
)
"""What of the events is shown, in the order in which a key goes through them."""


class EventsPane(Pane):
    """The events of a turn. Rows are added only while the pane is on the screen, and made as they are seen."""

    TITLE: ClassVar[str] = "Events"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = RowList(
            follow=True,
            id="events-rows",
            empty=EMPTY,
        )
        self.rows.can_filter = True
        self._filter: Filter[Event] = ALL
        self._rows_made = 0
        self._hidden = 0
        self._stand_at: int | None = None  # the event that one stood on before others were shown
        self._due: Timer | None = None

    def body(self) -> Widget:
        """The list of events."""
        return self.rows

    def draw(self) -> None:
        """List the events of the turn anew, when the pane is on the screen."""
        self._rows_made = self._hidden = 0
        self.rows.clear()
        self.summarise("")
        if self.shown is not None and self.display:
            self._catch_up()

    def rewind(self, turn: Turn) -> None:
        """Leave the events that had come by then, with rows that are open; what is not there yet is added."""
        is_same = self.shown is not None and self.shown.number == turn.number
        self.latest = turn
        if not is_same:
            self.show(turn)
            return
        self.shown, count = turn, len(turn.events)
        if self._rows_made > count:
            kept = bisect_left(self.rows.keys, count, key=int)
            self.rows.cut(kept)
            self._rows_made, self._hidden = count, count - kept
        if self.display:
            self._catch_up()

    def stand_on(self, number: int) -> None:
        """Stand on an event, as soon as its row is there, where one stands on any; they count from 0."""
        if self.rows.cursor >= 0:
            self._stand_at = number
            self._stand()

    def on_row_list_filter_asked(self, message: RowList.FilterAsked) -> None:
        """Show events of other kinds, or all of them; one stands where one stood, or behind it."""
        filters = (*FILTERS, *with_word(self.rows, event_row))
        self._filter = beside(self._filter.name, filters, message.by)
        shows = self.keymap.short("filter")
        self.rows.empty = (
            f"No event is {self._filter.name}{f': {shows} shows others' if shows else ''}."
            if self._filter.name
            else EMPTY
        )
        key = self.rows.cursor_key
        self.draw()
        self._stand_at = None if key is None else int(key)
        self._stand()

    def _stand(self) -> None:
        """Stand on the event that one stood on, or on the next one that is shown."""
        if self._stand_at is None or self.shown is None:
            return
        keys = self.rows.keys
        at = bisect_left(keys, self._stand_at, key=int)
        if at < len(keys) or self._rows_made == len(self.shown.events):
            self._stand_at = None
            if keys:
                self.rows.show(keys[min(at, len(keys) - 1)])

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
        stop = time.monotonic() + SLICE_SECONDS
        with self.rows.at_once():
            for number in range(self._rows_made, end):
                if self._filter is ALL or self._filter.passes(events[number]):
                    self.rows.put(str(number), partial(_row_of, events, number))
                else:
                    self._hidden += 1
                self._rows_made = number + 1
                if time.monotonic() > stop:
                    break
        self._stand()
        self.summarise(f"{self.which}{self._counts(len(events))}")
        if self._rows_made < len(events):
            self._catch_up_soon(BREATH_SECONDS)

    def _counts(self, total: int) -> str:
        if self._filter is ALL:
            return f"{total:,} events"
        return counted(self._rows_made - self._hidden, total, self._filter.name)


def _row_of(events: EventLog, number: int) -> Row:
    return event_row(events[number], events[number - 1].t if number else None)


def event_row(event: Event, before: float | None = None) -> Row:
    """An event: its time, how long after the event `before`, and what it brought; unfolded, its frame as received.

    Of a piece of text that is the text, and all else is dim; of what is rarer, its kind.
    """
    since = "" if before is None else f"{event.t - before:+.3f}"
    head: list[Any] = [(f"{event.t:8.3f} {since:>7}  ", "muted")]
    details = {f.name: _plain(getattr(event, f.name)) for f in fields(event) if f.name not in HIDDEN_FIELDS}
    shown = {name: value for name, value in details.items() if value not in ("", None, ())}
    piece = next((name for name in PIECES.get(event.kind, ()) if name in shown), None)
    # Which block a piece belongs to is told when there is more than one of them.
    rest = {name: value for name, value in shown.items() if name != piece and (piece is None or value != 0)}
    said, left = beginning("  ".join(f"{name}={_short(value)}" for name, value in _telling(rest)))
    if piece is not None:
        of = "" if piece == "text" else f" {piece}"
        head += [f"{safe_line(_short(shown[piece]))}  ", (f"{event.kind}{of}  {said}", "muted")]
    else:
        head += [(event.kind, _style(event)), (f"  {said}", "muted" if event.kind in PIECES else "")]
    copied = partial(_frame_text, event, shown)
    return Row(
        Content.assemble(*head),
        body=partial(_frame, event, shown),
        indent=9,
        head_rest=left,
        copied=copied,
        repeats=True,
    )


def _telling(shown: Mapping[str, Any]) -> list[tuple[str, Any]]:
    """The fields, those first that tell most; ids and numbers of places tell least."""
    return sorted(telling(shown), key=lambda entry: entry[0] in PLACES)


def _style(event: Event) -> str:
    from workbench.events import Malformed, Unknown

    if event.kind in COMMON:
        return "muted"
    return "bold error" if isinstance(event, Malformed) else "bold warning" if isinstance(event, Unknown) else "bold"


def _plain(value: Any) -> Any:
    """The value of a field as JSON has it."""
    from workbench.events import TurnSummary

    return value.as_json() if isinstance(value, TurnSummary) else value


def _frame(event: Event, shown: dict[str, Any]) -> Content:
    """The frame as it came, or what we made of it, as far as it is looked at."""
    text, left = beginning_of(_said(event, shown))
    return coloured(text) if not left else Content.assemble(coloured(text), ("\n… " + left, "warning"))


def _frame_text(event: Event, shown: dict[str, Any]) -> str:
    return exact(_said(event, shown))


def _said(event: Event, shown: dict[str, Any]) -> Any:
    from workbench.events import WireEvent

    return event.raw if isinstance(event, WireEvent) else shown


def _short(value: Any) -> str:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
    shown = json.dumps(text[:LONGEST_VALUE], ensure_ascii=False) if isinstance(value, str) else text[:LONGEST_VALUE]
    return shown if len(text) <= LONGEST_VALUE else f"{shown}… +{len(text) - LONGEST_VALUE}"
