"""The tools pane: the turn as a trace. The turn, its steps, the plan, each call with its arguments as they arrive, its
state, duration, and result or error, and the answer. Owns which rows there are, and when they are made anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, Final

from textual.widget import Widget

from workbench.ui import messages
from workbench.ui.panes.call_parts import CallParts, Form, part_key
from workbench.ui.panes.call_rows import LINES_OF_CALL, call_row, group_row, whole_call
from workbench.ui.panes.nodes import APART, Node, Slice, seen
from workbench.ui.panes.pane import Pane
from workbench.ui.panes.step_rows import (
    answer_row,
    cited_in_plan,
    is_answering,
    plan_row,
    retry_row,
    step_row,
    thought_row,
    times_in_words,
    turn_row,
)
from workbench.ui.panes.trace_rows import TraceRows
from workbench.ui.widgets.row import MakeRow, Row

if TYPE_CHECKING:
    from workbench.conversation.trace import CallTrace, StepTrace
    from workbench.conversation.turn import Turn

REFRESH_SECONDS = 0.05  # deltas that come within this time are one change of a row
SLICE_SECONDS = 0.005  # in which rows are made before keys get their turn,
NEXT_SECONDS = 0.01  # for so long
BESIDE_TITLE = 4  # cells of the title line that are neither the name nor the times,
BESIDE_TABS = 50  # and of the line of tabs that may stand in its place
FOLDED_FROM = 3  # calls of one tool in a step, that are one row
LINES_BEFORE_FOLDED = LINES_OF_CALL * (FOLDED_FROM - 1)
MOST_OPENED: Final = 2_000  # rows, from which on no more are opened all at once
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
        self._turned: set[str] = set()  # rows that somebody opened, or folded where they were open
        self._parts: dict[str, CallParts] = {}  # of the calls that are open, by their places
        self._forms: dict[str, Form] = {}  # in which results are wanted, by the places of their calls
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
        self._turned.clear()
        self._forms.clear()
        self._parts.clear()
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
        self._parts.clear()
        self._summarise()
        self._catch_up()

    def _summarise(self) -> None:
        beside = len(self.TITLE) + BESIDE_TITLE if self.title.display else BESIDE_TABS
        room = self.size.width - beside
        turn = self.shown
        self.summarise("" if turn is None else f"{self.which}{times_in_words(turn, room - len(self.which))}")

    def on_resize(self) -> None:
        """The title has another width: say the times in as many words as it has room for."""
        self._summarise()

    # -- what happens ------------------------------------------------------------------------------

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
        if not self.is_stale(message):
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
            self._changed("turn", f"call {place}", f"one {place}", _group_key(step, step.calls[ordinal].name))

    def _changed(self, *keys: str) -> None:
        """What these rows say has changed, or there are new ones: show it soon, as it will be then."""
        self._stale.update(keys)
        self._catch_up_in(REFRESH_SECONDS * self.patience)

    def _catch_up_in(self, seconds: float) -> None:
        if not self._is_due:
            self._is_due = True
            self.set_timer(seconds, self._catch_up)

    # -- what a person does --------------------------------------------------------------------------

    def show_call(self, step: int, ordinal: int) -> None:
        """Stand on a call, which is let out where those of its tool are folded together."""
        trace = None if self.shown is None else self.shown.trace.step(step)
        if trace is None or ordinal >= len(trace.calls):
            return
        group = _group_key(trace, trace.calls[ordinal].name)
        if group in self._made and group not in self._turned:
            self._turn(group)
        self._catch_up()
        place = f"{step}.{ordinal}"
        if not self.rows.show(f"call {place}"):
            self.rows.show(f"one {place}")

    def on_trace_rows_folded(self, message: TraceRows.Folded) -> None:
        """Show the rows that a row holds, or fold them again."""
        key = message.key
        if key in self._made:  # and not of a turn that is not shown any more
            at, before = list(self._made).index(key), len(self._made)
            self._turn(key)
            self._catch_up()
            keys = list(self._made)
            if key not in self._made and at < len(keys):  # what it held stands in its place
                self.rows.show(keys[at])
            elif len(keys) > before:
                self.rows.see(key, keys[at + len(keys) - before])

    def on_trace_rows_formed(self, message: TraceRows.Formed) -> None:
        """Show the result of the call in the form behind the one that it has; an open call is one that shows it."""
        place = self._place(message.key)
        call = None if place is None else self._call(place)
        if place is None or call is None or call.result is None:
            return
        kind = "call" if f"call {place}" in self._made else "one"
        parts, holder = self._parts_of(kind, place, call), f"{kind} {place}"
        if holder not in self._turned:
            self._turn(holder)  # it is seen in the form that it has, first
        else:
            self._forms[place] = parts.form_behind()
            self._stale_calls.add(place)
        result = part_key(place, "result")
        self._turned.discard(result)
        self._catch_up()
        self.rows.show(result)

    def on_trace_rows_all_folded(self) -> None:
        """Open all that is folded, or fold all when nothing is."""
        bodies = [key for key in self._made if key.split(" ", 1)[0] in BODIES and self.rows.says_more(key)]
        closed = [key for key in bodies if not self.rows.is_open(key)]
        opened = self._open_all()
        if not opened and not closed:
            self._turned.clear()
            self._stale |= self._made.keys()
        place, cursor = self._place(self.rows.cursor_key or ""), self.rows.cursor_key
        self._catch_up()
        self.rows.set_open(bodies, is_open=bool(opened or closed))
        if cursor is not None and cursor not in self._made and place is not None:
            self._show_soon(f"call {place}", f"one {place}", *(key for key in self._made if key.startswith("group ")))

    @property
    def has_result_here(self) -> bool:
        """Whether one stands on a call that has ended, or in one."""
        place = self._place(self.rows.cursor_key or "")
        call = None if place is None else self._call(place)
        return call is not None and call.result is not None

    def whole_here(self) -> str:
        """All of what one stands on, or in: a call, its result, what it printed; else the row."""
        key = self.rows.cursor_key
        place = None if key is None else self._place(key)
        call = None if place is None else self._call(place)
        if key is None:
            return ""
        if place is None or call is None:
            return self.rows.text(key)
        if key.startswith(part_key(place, "result")):
            return CallParts(call, place, None).text
        if key.startswith(part_key(place, "printed")) and call.result is not None:
            return call.result.output
        return whole_call(call)

    def _turn(self, key: str) -> None:
        """Open a row that holds others, or fold it."""
        self._turned ^= {key}
        self._stale.add(key)

    def _open_all(self) -> bool:
        """Open whatever holds rows, as far as one may want to see that at once; whether anything was folded."""
        was = len(self._turned)
        count = 0
        waiting: list[Node | Slice] = list(self._trace_nodes())
        while waiting and count < MOST_OPENED:
            node = waiting.pop(0)
            count += 1
            if isinstance(node, Slice) or node.held is None or node.by_itself:
                continue
            if not node.is_open(self._turned):
                self._turned ^= {node.key}
                self._stale.add(node.key)
                was = -1
            waiting[:0] = node.held()
        return was < 0

    @staticmethod
    def _place(key: str) -> str | None:
        """The step and the ordinal of the call that a row is about."""
        kind, place, *_ = (*key.split(" ", 2), "")
        return place if kind in ("call", "one", "part") else None

    def _call(self, place: str) -> CallTrace | None:
        number, _, ordinal = place.partition(".")
        step = None if self.shown is None else self.shown.trace.step(int(number))
        return step.calls[int(ordinal)] if step is not None and int(ordinal) < len(step.calls) else None

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
        for each in seen(self._trace_nodes(), self._turned):
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
        self.rows.put_all(made)
        self._stand_where_meant(waits)
        if waits:
            self._catch_up_in(NEXT_SECONDS)

    def _stand_where_meant(self, waits: bool) -> None:
        for key in (f"call {self._asked_about}", f"one {self._asked_about}") if self._asked_about else ():
            if key in self._made:
                self._asked_about = ""
                self.rows.keep_in_view(key)
        if self._stand_on and (any(map(self.rows.show, self._stand_on)) or not waits):
            self._stand_on = ()

    def _show_soon(self, *keys: str) -> None:
        self._stand_on = keys
        self._stand_where_meant(self._is_due)

    def _forget_stale_calls(self) -> None:
        """Have all rows of the calls made anew that have changed and are open."""
        for place in self._stale_calls:
            if [self._parts.pop(f"{kind} {place}", None) for kind in ("call", "one")] != [None, None]:
                begins = part_key(place, "")
                self._stale.update(key for key in self._made if key.startswith(begins))
        self._stale_calls.clear()

    def _trace_nodes(self) -> Iterator[Node]:
        turn = self.shown
        if turn is None:
            return
        steps = [step for step in turn.trace.steps if _tells(step)]
        if len(steps) > 1 or any(step.calls for step in steps):
            yield Node("turn", _always(turn_row, turn))
        for step in steps:
            yield from self._of_step(turn, step)

    def _of_step(self, turn: Turn, step: StepTrace) -> Iterator[Node]:
        total, number = turn.trace.total, step.number
        yield Node(f"step {number}", _always(step_row, turn, step))
        for event in step.retries:
            yield Node(f"retry {number}.{event.attempt}", _always(retry_row, event, total))
        if step.thinking is not None and step.model_ended is not None:
            yield Node(f"thought {number}", _always(thought_row, turn, step))
        if len(step.plan):
            yield Node(f"plan {number}", _always(plan_row, step, cited_in_plan(turn, step)))
        yield from self._calls(step, total)
        if is_answering(turn, step):
            goes_there = self.keymap.label("open-row")
            yield Node(f"answer {number}", _always(answer_row, turn, step, goes_there))

    def _calls(self, step: StepTrace, total: float | None) -> Iterator[Node]:
        """Each call by itself, or those of one tool as one, behind it the ones that a person has to see."""
        ordinals: dict[str, list[int]] = {}
        for ordinal, call in enumerate(step.calls):
            ordinals.setdefault(call.name, []).append(ordinal)
        for name, together in ordinals.items():
            if len(together) < FOLDED_FROM:
                yield from (self._of_call("call", step, ordinal, total) for ordinal in together)
                continue
            calls = [step.calls[ordinal] for ordinal in together]
            key = _group_key(step, name)
            held = partial(self._ones, step, together, total)
            yield Node(key, partial(self._group, step, together, total), held)
            if key not in self._turned:
                asking = (ordinal for ordinal, call in zip(together, calls, strict=True) if call.state == "asking")
                yield from (self._of_call("one", step, ordinal, total) for ordinal in asking)

    def _ones(self, step: StepTrace, ordinals: Sequence[int], total: float | None) -> Iterator[Node]:
        yield from (self._of_call("one", step, ordinal, total) for ordinal in ordinals)

    def _group(self, step: StepTrace, ordinals: Sequence[int], total: float | None, is_open: bool) -> Row:
        calls = [step.calls[ordinal] for ordinal in ordinals]

        def found() -> str:
            places = [f"{step.number}.{ordinal}" for ordinal in ordinals]
            parts = [self._parts_of("one", place, call) for place, call in zip(places, calls, strict=True)]
            return APART.join(f"{call.name}{APART}{each.found()}" for call, each in zip(calls, parts, strict=True))

        least = LINES_BEFORE_FOLDED if self.is_running else 1
        return group_row(calls, total, found, is_open=is_open, least=least)

    def _of_call(self, kind: str, step: StepTrace, ordinal: int, total: float | None) -> Node:
        place, call = f"{step.number}.{ordinal}", step.calls[ordinal]

        def make(is_open: bool) -> Row:
            def found() -> str:
                return self._parts_of(kind, place, call).found()

            return call_row(call, total, found, indent=2 if kind == "one" else 0, is_open=is_open)

        return Node(f"{kind} {place}", make, lambda: self._parts_of(kind, place, call).nodes)

    def _parts_of(self, kind: str, place: str, call: CallTrace) -> CallParts:
        """The parts of a call, made anew when it has changed; `kind` is what its key begins with."""
        if (parts := self._parts.get(f"{kind} {place}")) is None:
            parts = CallParts(
                call,
                place,
                self._forms.get(place),
                deeper=2 if kind == "one" else 0,
                open_key=self.keymap.label("fold-row"),
                page_key=self.keymap.label("pager"),
            )
            self._parts[f"{kind} {place}"] = parts
        return parts


def _tells(step: StepTrace) -> bool:
    """Whether there is something to show of a step besides its beginning."""
    return step.model_ended is not None or bool(len(step.plan) or step.calls or step.retries)


def _always(make: Callable[..., Row], *given: Any) -> Callable[[bool], Row]:
    """What makes a row that is the same, open or not."""
    return lambda _: make(*given)


def _group_key(step: StepTrace, name: str) -> str:
    return f"group {step.number} {name}"
