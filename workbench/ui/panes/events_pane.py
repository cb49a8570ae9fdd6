"""The events pane: every event of the turn with its time, unknown and malformed ones too, and the exact frame."""

from __future__ import annotations

import time
from bisect import bisect_left
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, ClassVar, Final

from textual.app import ComposeResult
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget

from workbench.ui import messages
from workbench.ui.panes.event_detail import EventDetail, flag_of
from workbench.ui.panes.event_row import PIECES, Flags, LazyEvent
from workbench.ui.panes.event_row import event_row as event_row
from workbench.ui.panes.filters import ALL, Filter, beside, counted, with_word
from workbench.ui.panes.pane import Pane
from workbench.ui.terminal.textual_inside import set_once
from workbench.ui.widgets.row import Row
from workbench.ui.widgets.rows import RowList

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn
    from workbench.events import Event

REFRESH_SECONDS = 0.1
MOST_AT_ONCE = 2500  # rows added before other things get their turn,
BREATH_SECONDS = 0.01  # for so long
SLICE_SECONDS = 0.01  # in which events are looked at that may not be shown
EMPTY: Final = "Every event of a turn appears here, with its time and its exact frame."


def _kinds(*begins: str) -> Callable[[Event], bool]:
    return lambda event: event.kind.startswith(begins)


GAP: Final = "~"  # behind the key of the event that came next

FILTERS: Final[tuple[Filter[Event], ...]] = (
    ALL,
    Filter("no *-delta", lambda event: event.kind not in PIECES),
    Filter("tool-*", _kinds("tool-", "person-")),
    Filter("citation-*", _kinds("citation-", "cited")),
    Filter("lost by the SDK", lambda event: bool(flag_of(event))),
    Filter("unknown or malformed", _kinds("unknown", "malformed")),
)
"""What of the events is shown, in the order in which a key goes through them."""
WITH_GAPS: Final = frozenset({ALL.name, FILTERS[1].name})
"""The filters beside whose events it is told for how long nothing came."""


class EventsPane(Pane):
    """The events of a turn, and between them rows for times in which nothing came.

    Rows are added only while the pane is on the screen, and made as they are seen.
    """

    TITLE: ClassVar[str] = "Events"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = RowList(
            follow=True,
            id="events-rows",
            empty=EMPTY,
        )
        self.rows.can_filter = True
        self.detail = EventDetail(id="event-detail")
        self._flags = Flags()
        self._filter: Filter[Event] = ALL
        self._rows_made = 0
        self._hidden = 0
        self._stand_at: int | None = None  # the event that one stood on before others were shown
        self._due: Timer | None = None

    def body(self) -> Widget:
        """The list of events."""
        return self.rows

    def compose(self) -> ComposeResult:
        """The title and the list, and below it the event that one stands on, while that is asked for."""
        yield from super().compose()
        yield self.detail

    def on_mount(self) -> None:
        """The event that is shown at depth is the one under the cursor."""
        self.watch(self.rows, "cursor", self._show_detail, init=False)

    def _rows_of_content(self, width: int, most: int) -> int:
        """As of any pane; all that there are, while an event is shown at depth."""
        return most if self.detail.display else super()._rows_of_content(width, most)

    def toggle_detail(self) -> None:
        """Show below the list how the event under the cursor came and what it is, or hide that again."""
        self.detail.display = self._flags.are_shown = not self.detail.display
        if self.shown is not None:
            with self.rows.at_once():
                for key in self.rows.made:
                    if not key.endswith(GAP):
                        lazy = LazyEvent(self.shown.events, int(key), self._flags)
                        self.rows.put(key, lazy() if self.rows.is_open(key) else lazy)
        self._show_detail()
        self.on_need()

    def _show_detail(self) -> None:
        if not self.detail.display:
            return
        number = self.event_here
        if number is None and self.shown is not None and self.rows.cursor_key is None:
            number = len(self.shown.events) - 1  # the end, which is followed
        has_one = self.shown is not None and number is not None and 0 <= number < len(self.shown.events)
        self.detail.show(self.shown.events[number] if has_one and self.shown and number is not None else None)

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
            keys = self.rows.keys
            kept = bisect_left(keys, (count, False), key=_order)
            self.rows.cut(kept)
            events = sum(not key.endswith(GAP) for key in keys[:kept])
            self._rows_made, self._hidden = count, count - events
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
        self._stand_at = None if key is None else number_of(key)
        self._stand()

    def _stand(self) -> None:
        """Stand on the event that one stood on, or on the next one that is shown."""
        if self._stand_at is None or self.shown is None:
            return
        keys = self.rows.keys
        at = bisect_left(keys, (self._stand_at, True), key=_order)
        if at < len(keys) or self._rows_made == len(self.shown.events):
            self._stand_at = None
            if keys:
                self.rows.show(keys[min(at, len(keys) - 1)])

    @property
    def event_here(self) -> int | None:
        """The place among the turn's events of the one under the cursor; None where there is none."""
        key = self.rows.cursor_key
        return None if key is None or key.endswith(GAP) else number_of(key)

    def show_event(self, number: int) -> None:
        """Stand on an event, all of which are shown from now on if the filter hides this one."""
        turn = self.shown
        if turn is None or not 0 <= number < len(turn.events):
            return
        if not self._filter.passes(turn.events[number]):
            self._filter, self.rows.empty = ALL, EMPTY
            self.draw()
        self._stand_at = number
        self._stand()

    def on_event_seen(self, message: messages.EventSeen) -> None:
        """An event came: its row is added soon, together with those that come meanwhile."""
        if self.display and not self.is_stale(message):
            self._catch_up_soon(REFRESH_SECONDS * self.patience)

    def on_show(self) -> None:
        """The pane came onto the screen: add the rows of what happened while it was not there."""
        self._catch_up()

    def _catch_up_soon(self, seconds: float) -> None:
        if self._due is None:
            self._due = set_once(self, seconds, self._catch_up)

    def _catch_up(self) -> None:
        """Add rows for the events that came since the last time."""
        if self._due is not None:
            self._due.stop()
            self._due = None
        if self.shown is None:
            return
        events = self.shown.events
        gaps = events.gaps if self._filter.name in WITH_GAPS else {}
        end = min(self._rows_made + MOST_AT_ONCE, len(events))
        stop = time.monotonic() + SLICE_SECONDS
        with self.rows.at_once():
            for number in range(self._rows_made, end):
                if number in gaps:
                    self.rows.put(f"{number}{GAP}", partial(_gap_row, gaps[number]))
                if self._filter is ALL or self._filter.passes(events[number]):
                    self.rows.put(str(number), LazyEvent(events, number, self._flags))
                else:
                    self._hidden += 1
                self._rows_made = number + 1
                if time.monotonic() > stop:
                    break
        self._stand()
        self._show_detail()
        self.summarise(f"{self.which}{self._counts(len(events))}")
        if self._rows_made < len(events):
            self._catch_up_soon(BREATH_SECONDS)
        else:
            self.all_is_shown()

    def _counts(self, total: int) -> str:
        if self._filter is ALL:
            return f"{total:,} events"
        return counted(self._rows_made - self._hidden, total, self._filter.name)


def number_of(key: str) -> int:
    """The place among the events of the one whose row has this key, or of the one behind a gap."""
    return int(key.removesuffix(GAP))


def _order(key: str) -> tuple[int, bool]:
    return number_of(key), not key.endswith(GAP)


def _gap_row(seconds: float) -> Row:
    return Row(Content.styled(f"{'':18}{seconds:.2f} s nothing", "waiting"))
