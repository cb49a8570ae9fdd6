"""The tools pane: the turn as a trace. The turn, its steps, the plan, each call with its arguments as they arrive, its
state, duration, and result or error, and the answer. Owns which rows there are, and when they are made anew."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.widget import Widget

from workbench.ui import messages
from workbench.ui.panes.nodes import Slice
from workbench.ui.panes.pane import Pane
from workbench.ui.panes.trace_rows import TraceRows, part_key
from workbench.ui.panes.trace_tree import TraceTree, group_key
from workbench.ui.terminal.textual_inside import set_once
from workbench.ui.widgets.row import MakeRow, Row

if TYPE_CHECKING:
    from workbench.conversation.trace import StepTrace
    from workbench.conversation.turn import Turn

REFRESH_SECONDS = 0.05  # deltas that come within this time are one change of a row
SLICE_SECONDS = 0.005  # in which rows are made before keys get their turn,
NEXT_SECONDS = 0.01  # for so long
BESIDE_TITLE = 4  # cells of the title line that are neither the name nor the times,
BESIDE_TABS = 50  # and of the line of tabs that may stand in its place
BODIES: Final = ("thought", "plan", "retry")  # rows that open to a text, and are opened with all others


class ToolsPane(Pane):
    """The trace of a turn. A row is made anew for all that came meanwhile, not for each delta."""

    TITLE: ClassVar[str] = "Tools"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = TraceRows(
            follow=True,
            id="tools-rows",
            empty="Plan, tool calls and results appear here.",
        )
        self._made: dict[str, Row | MakeRow] = {}
        self._stale: set[str] = set()  # rows that say what was so before,
        self._stale_calls: set[str] = set()  # and the places of calls of which all rows do
        self._is_due = False
        self._asked_about = ""  # the place of the call that a person is asked about, until its row is there
        self._tree = TraceTree()
        self._stand_on: tuple[str, ...] = ()  # keys, of which the first that there is is stood on as soon as it is

    def body(self) -> Widget:
        """The list of steps, plans and calls."""
        return self.rows

    @property
    def keeps_room(self) -> bool:
        """While the turn runs, that leads from this pane to the other one."""
        return self.is_running

    def draw(self) -> None:
        """Show the trace of the turn anew."""
        self._tree.begin(self.shown)
        self._made.clear()
        self.rows.clear()
        self._draw_all()

    def rewind(self, turn: Turn) -> None:
        """Show the trace of the turn as it was; rows that are open stay so."""
        self.latest = self.shown = turn
        self._asked_about = ""
        self.rows.let_go()
        self._draw_all()

    def _draw_all(self) -> None:
        self._stale |= self._made.keys()
        self._tree.keymap = self.keymap
        self._tree.go_on(self.shown)
        self._summarise()
        self._catch_up()

    def _summarise(self) -> None:
        beside = len(self.TITLE) + BESIDE_TITLE if self.title.display else BESIDE_TABS
        room = self.size.width - beside
        turn = self.shown
        if turn is None:
            self.summarise("")
            return
        from workbench.ui.panes.step_rows import times_in_words  # not for the first paint

        self.summarise(f"{self.which}{times_in_words(turn, room - len(self.which))}")

    def on_resize(self) -> None:
        """The title has another width: say the times in as many words as it has room for."""
        self._summarise()

    # -- what happens ------------------------------------------------------------------------------

    def on_documents_searched(self, message: messages.DocumentsSearched) -> None:
        """Add a row for each set that was searched."""
        if not self.is_stale(message):
            self._changed("turn", "search")

    def on_retry_planned(self, message: messages.RetryPlanned) -> None:
        """Add a row for the attempt that failed."""
        self._step_changed(message)

    def on_plan_arrived(self, message: messages.PlanArrived) -> None:
        """Show the plan as far as it has come."""
        self._step_changed(message, "plan")

    def on_citation_placed(self, message: messages.CitationPlaced) -> None:
        """Mark the cited words of a plan."""
        if message.event.place == "plan":
            self._step_changed(message, "plan")

    def on_call_began(self, message: messages.CallBegan) -> None:
        """Add a row for each call that has none."""
        self._step_changed(message)

    def on_arguments_arrived(self, message: messages.ArgumentsArrived) -> None:
        """Show the call's arguments as far as they have come."""
        self._written(message, message.event.index)

    def on_call_ended(self, message: messages.CallEnded) -> None:
        """Show that the call is written to its end."""
        self._written(message, message.event.index)

    def on_message_ended(self, message: messages.MessageEnded) -> None:
        """Show how long the model took in this step, and what it answered."""
        self._step_changed(message, "step", "thought", "answer")

    def on_tool_running(self, message: messages.ToolRunning) -> None:
        """Show that the call runs."""
        self._call_changed(message, message.event.call)

    def on_tool_told(self, message: messages.ToolTold) -> None:
        """Show what the call tells."""
        self._call_changed(message, message.event.call)

    def on_question_opened(self, message: messages.QuestionOpened) -> None:
        """Show that a person is asked about the call, and bring it into view."""
        self._call_changed(message, message.event.call)
        if message.event.id and not self.is_stale(message):
            self._asked_about = f"{message.event.step}.{message.event.call}"
            self._catch_up()

    def on_question_closed(self, message: messages.QuestionClosed) -> None:
        """Show how long the person was asked, and that the call runs."""
        self._call_changed(message, message.event.call)
        self._asked_about = ""
        self.rows.let_go()

    def on_tool_returned(self, message: messages.ToolReturned) -> None:
        """Show the call's result or error, and how long it ran."""
        self._call_changed(message, message.event.call)

    def on_turn_ended(self, message: messages.TurnEnded) -> None:
        """Show all of the trace as it is at the end, with bars for when in the turn each thing ran."""
        if not self.is_stale(message):
            self._draw_all()
        self.on_need()  # the turn needs no room any more for what may come

    def _step_changed(self, message: messages.EventMessage[Any], *kinds: str) -> None:
        if (step := self._step(message)) is not None:
            self._changed("turn", *(f"{kind} {step.number}" for kind in kinds))

    def _step(self, message: messages.EventMessage[Any]) -> StepTrace | None:
        return None if self.is_stale(message) else message.state.trace.step(message.event.step)

    def _written(self, message: messages.EventMessage[Any], index: int | None) -> None:
        step = self._step(message)
        call = None if step is None else step.call_at(index)
        if step is not None and call is not None:
            self._call_changed(message, step.calls.index(call))

    def _call_changed(self, message: messages.EventMessage[Any], ordinal: int) -> None:
        step = self._step(message)
        if step is not None and ordinal < len(step.calls):
            place = f"{step.number}.{ordinal}"
            self._stale_calls.add(place)
            self._changed("turn", f"call {place}", f"one {place}", group_key(step, step.calls[ordinal].name))

    def _changed(self, *keys: str) -> None:
        """What these rows say has changed, or there are new ones: show it soon, as it will be then."""
        self._stale.update(keys)
        self._catch_up_in(REFRESH_SECONDS * self.patience)

    def _catch_up_in(self, seconds: float) -> None:
        if not self._is_due:
            self._is_due = True
            set_once(self, seconds, self._catch_up)

    # -- what a person does --------------------------------------------------------------------------

    def show_call(self, step: int, ordinal: int) -> None:
        """Stand on a call, which is let out where those of its tool are folded together."""
        trace = None if self.shown is None else self.shown.trace.step(step)
        if trace is None or ordinal >= len(trace.calls):
            return
        group = group_key(trace, trace.calls[ordinal].name)
        if group in self._made and not self._tree.is_turned(group):
            self._turn_over(group)
        self._catch_up()
        place = f"{step}.{ordinal}"
        if not self.rows.show(f"call {place}"):
            self.rows.show(f"one {place}")

    def on_trace_rows_folded(self, message: TraceRows.Folded) -> None:
        """Show the rows that a row holds, or fold them again."""
        key = message.key
        if key not in self._made:  # of a turn that is not shown any more
            return
        at, before = list(self._made).index(key), len(self._made)
        self._turn_over(key)
        self._catch_up()
        keys = list(self._made)
        if key not in self._made and at < len(keys):  # what it held stands in its place
            self.rows.show(keys[at])
        elif len(keys) > before:
            self.rows.see(key, keys[at + len(keys) - before])

    def on_trace_rows_formed(self, message: TraceRows.Formed) -> None:
        """Show the result of the call in the form behind the one that it has; a call that is folded is opened first."""
        found = self._tree.call(message.key)
        if found is None or found[1].result is None:
            return
        place, call = found
        holder = f"call {place}" if f"call {place}" in self._made else f"one {place}"
        result = self._tree.other_form(place, call, holder)
        self._stale.add(holder)
        self._stale_calls.add(place)
        self._catch_up()
        self.rows.show(result)

    def on_trace_rows_all_folded(self) -> None:
        """Open all that is folded, or fold all when nothing is."""
        bodies = [key for key in self._made if key.split(" ", 1)[0] in BODIES and self.rows.says_more(key)]
        closed = [key for key in bodies if not self.rows.is_open(key)]
        opened = self._tree.open_all()
        if not opened and not closed:
            self._tree.fold_all()
        self._stale |= self._made.keys()
        cursor = self.rows.cursor_key or ""
        found = self._tree.call(cursor)
        self._catch_up()
        self.rows.set_open(bodies, is_open=bool(opened or closed))
        if cursor and cursor not in self._made and found is not None:
            place, call = found
            self._stand_on = (f"call {place}", f"group {place.partition('.')[0]} {call.name}")
            self._stand_where_meant(self._is_due)

    @property
    def has_result_here(self) -> bool:
        """Whether one stands on a call that has ended, or in one."""
        found = self._tree.call(self.rows.cursor_key or "")
        return found is not None and found[1].result is not None

    def whole_here(self) -> str:
        """All of what one stands on, or in: a call, its result, what it printed; else the row."""
        key = self.rows.cursor_key or ""
        found = self._tree.call(key)
        if found is None:
            return self.rows.text(key) if key else ""
        from workbench.ui.panes.call_parts import CallParts  # not for the first paint
        from workbench.ui.panes.call_rows import whole_call

        place, call = found
        if key.startswith(part_key(place, "result")):
            return CallParts(call, place, None).text
        if key.startswith(part_key(place, "printed")) and call.result is not None:
            return call.result.output
        return whole_call(call)

    def _turn_over(self, key: str) -> None:
        self._tree.turn_over(key)
        self._stale.add(key)

    # -- the rows ----------------------------------------------------------------------------------

    def _catch_up(self) -> None:
        """Make the rows that are not made, as many as there is time for now, and show them all.

        Until its time comes, a row says what it said before, and a new one is not there.
        """
        self._is_due = False
        self._forget_stale_calls()
        made: dict[str, Row | MakeRow] = {}
        end, waits, fresh = time.monotonic() + SLICE_SECONDS, False, False
        holders: set[str] = set()
        for each in self._tree.seen():
            if isinstance(each, Slice):
                made.update(each.rows)
                holders |= each.holders
                continue
            if each.holds:
                holders.add(each.key)
            row = self._made.get(each.key)
            if row is None or each.key in self._stale:
                if each.lazy is not None:
                    row = each.lazy()
                    self._stale.discard(each.key)
                elif fresh and time.monotonic() > end:
                    waits = True
                else:
                    row, fresh = each.make(), True
                    self._stale.discard(each.key)
            if row is not None:
                made[each.key] = row
        self._stale &= made.keys()
        self._made = made
        self.rows.holders = holders
        self.rows.is_growing |= waits
        self.rows.put_all(made)
        self._stand_where_meant(waits)
        if waits:
            self._catch_up_in(NEXT_SECONDS)
        else:
            self.rows.are_whole()
            self.all_is_shown()

    def _stand_where_meant(self, waits: bool) -> None:
        for key in (f"call {self._asked_about}", f"one {self._asked_about}") if self._asked_about else ():
            if key in self._made:
                self._asked_about = ""
                self.rows.keep_in_view(key)
        if self._stand_on and (any(map(self.rows.show, self._stand_on)) or not waits):
            self._stand_on = ()

    def _forget_stale_calls(self) -> None:
        """Have all rows of the calls made anew that have changed and are open."""
        for place in self._stale_calls:
            if self._tree.forget(place):
                begins = part_key(place, "")
                self._stale.update(key for key in self._made if key.startswith(begins))
        self._stale_calls.clear()
