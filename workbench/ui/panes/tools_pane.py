"""The tools pane: the turn as a trace. Steps, the plan, each call with its arguments as they arrive, its state,
duration, and result or error. Owns which rows there are, and when they are made anew."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.content import Content
from textual.message import Message
from textual.widget import Widget

from workbench.safe_text import safe_text
from workbench.ui import messages
from workbench.ui.panes.call_rows import LINES_OF_CALL, call_row, group_row, reason_lines
from workbench.ui.panes.cited_text import cited_content
from workbench.ui.panes.pane import Pane
from workbench.ui.panes.time_axis import Marked, seconds, tails
from workbench.ui.widgets.row import LONGEST_LINE, Row, beginning
from workbench.ui.widgets.rows import RowList

if TYPE_CHECKING:
    from workbench.conversation.text_buffer import TextBuffer
    from workbench.conversation.trace import StepTrace
    from workbench.conversation.turn import Turn
    from workbench.events import Cited, Retry

REFRESH_SECONDS = 0.05  # deltas that come within this time are one change of a row
SLICE_SECONDS = 0.005  # in which rows are made before keys get their turn,
NEXT_SECONDS = 0.01  # for so long
LEAST_TOLD = 0.05  # seconds
BESIDE_TITLE = 4  # cells of the title line that are neither the name nor the times
FOLDED_FROM = 3  # calls of one tool in a step, that are one row
LINES_BEFORE_FOLDED = LINES_OF_CALL * (FOLDED_FROM - 1)

Rows = Iterator[tuple[str, Callable[[], Row]]]
"""The keys of rows in their order, each with what makes its row."""


class TraceRows(RowList):
    """Rows of a trace. Some hold other rows, which stand behind them while they are open."""

    GROUP: ClassVar[str] = "group "
    """What the keys of rows begin with that hold others."""

    _kept: str | None = None
    """The key of a row that is kept in view, in place of the end."""

    class Folded(Message):
        """Sent when a row that holds others is to show them, or to hide them."""

        def __init__(self, key: str) -> None:
            self.key = key
            super().__init__()

    def keep_in_view(self, key: str) -> None:
        """While the end is followed, keep a row in view instead, at any size, until it is let go or one scrolls."""
        if self._is_following and key in self._index:
            self._kept, self._follows = key, False
            self._jump(self._with_kept(self.scroll_offset.y))

    def let_go(self) -> None:
        """Follow the end again, where it was followed until a row was kept in view."""
        kept, self._kept = self._kept, None
        if kept is not None and self.cursor < 0:
            self.action_scroll_end()

    def clear(self) -> None:
        """Remove all rows; the end is followed again."""
        self._kept = None
        super().clear()

    def watch_scroll_y(self, old_value: float, new_value: float) -> None:
        """The list was scrolled: what is in view now is what one means to see."""
        super().watch_scroll_y(old_value, new_value)
        if self._is_placed:
            self._kept = None

    def _top_for_size(self) -> int:
        top = super()._top_for_size()
        return self._with_kept(top) if self.cursor < 0 else top

    def _with_kept(self, top: int) -> int:
        """The line at the top of the view that is nearest to `top` and has the row in view that is kept there."""
        index = None if self._kept is None else self._index.get(self._kept)
        if index is None or not self._page:
            return top
        start, end = self._start(index), self._ends[index]
        return start if end - start > self._page else max(min(top, start), end - self._page)

    @property
    def call_here(self) -> tuple[int, int] | None:
        """The step, and the ordinal in it, of the call that one stands on; None on any other row."""
        kind, _, place = (self.cursor_key or "").partition(" ")
        step, _, ordinal = place.partition(".")
        return (int(step), int(ordinal)) if kind in ("call", "one") else None

    def let_out(self, key: str) -> None:
        """Show the rows that a row holds."""
        self.post_message(self.Folded(key))

    def action_fold(self) -> None:
        """Unfold the row under the cursor, or fold it again."""
        if (key := self.cursor_key) is not None and key.startswith(self.GROUP):
            self.post_message(self.Folded(key))
        else:
            super().action_fold()


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
        self._made: dict[str, Row] = {}
        self._stale: set[str] = set()  # rows that say what was so before
        self._is_due = False
        self._asked_about = ""  # the place of the call that a person is asked about, until its row is there
        self._open: set[str] = set()  # rows that show the rows that they hold

    def body(self) -> Widget:
        """The list of steps, plans and calls."""
        return self.rows

    @property
    def keeps_room(self) -> bool:
        """While the turn runs, that leads from this pane to the other one."""
        return self.is_running

    def draw(self) -> None:
        """Show the trace of the turn anew."""
        self._open.clear()
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
        self._summarise()
        self._catch_up()

    def _summarise(self) -> None:
        room = self.size.width - len(self.TITLE) - BESIDE_TITLE
        self.summarise("" if self.shown is None else f"{self.which}{_times(self.shown, room - len(self.which))}")

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
        """Show how long the model took in this step."""
        self._step_changed(message, "step", "thought")

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

    def show_call(self, step: int, ordinal: int) -> None:
        """Stand on a call, which is let out where those of its tool are folded together."""
        trace = None if self.shown is None else self.shown.trace.step(step)
        if trace is None or ordinal >= len(trace.calls):
            return
        group = _group_key(trace, trace.calls[ordinal].name)
        if group in self._made and group not in self._open:
            self._open.add(group)
            self._stale.add(group)
        self._catch_up()
        place = f"{step}.{ordinal}"
        if not self.rows.show(f"call {place}"):
            self.rows.show(f"one {place}")

    def on_trace_rows_folded(self, message: TraceRows.Folded) -> None:
        """Show the calls that are folded together, or fold them again."""
        if message.key in self._made:  # and not of a turn that is not shown any more
            self._open ^= {message.key}
            self._stale.add(message.key)
            self._catch_up()

    def _step_changed(self, message: messages.EventMessage[Any], *kinds: str) -> None:
        if (step := self._step(message)) is not None:
            self._changed(*(f"{kind} {step.number}" for kind in kinds))

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
            self._changed(f"call {place}", f"one {place}", _group_key(step, step.calls[ordinal].name))

    def _changed(self, *keys: str) -> None:
        """What these rows say has changed, or there are new ones: show it soon, as it will be then."""
        self._stale.update(keys)
        self._catch_up_in(REFRESH_SECONDS * self.patience)

    def _catch_up_in(self, seconds: float) -> None:
        if not self._is_due:
            self._is_due = True
            self.set_timer(seconds, self._catch_up)

    # -- the rows ----------------------------------------------------------------------------------

    def _catch_up(self) -> None:
        """Make the rows that are not made, as many as there is time for now, and show them all.

        Until its time comes, a row says what it said before, and a new one is not there.
        """
        self._is_due = False
        made: dict[str, Row] = {}
        end, waits = time.monotonic() + SLICE_SECONDS, False
        for key, make in self._rows():
            row = self._made.get(key)
            if row is None or key in self._stale:
                if made and time.monotonic() > end:
                    waits = True
                else:
                    row = make()
                    self._stale.discard(key)
            if row is not None:
                made[key] = row
        self._stale &= made.keys()
        self._made = made
        self.rows.put_all(made)
        for key in (f"call {self._asked_about}", f"one {self._asked_about}") if self._asked_about else ():
            if key in made:
                self._asked_about = ""
                self.rows.keep_in_view(key)
        if waits:
            self._catch_up_in(NEXT_SECONDS)

    def _rows(self) -> Rows:
        turn = self.shown
        if turn is None:
            return
        for step in turn.trace.steps:
            # Nothing is shown of a step until there is something besides its beginning.
            if step.model_ended is not None or len(step.plan) or step.calls or step.retries:
                yield from self._of_step(turn, step)

    def _of_step(self, turn: Turn, step: StepTrace) -> Rows:
        total = turn.trace.total
        yield f"step {step.number}", partial(_step_row, step, total, _taken_over(turn, step))
        for event in step.retries:
            yield f"retry {step.number}.{event.attempt}", partial(_retry_row, event, total)
        if step.thinking is not None and step.model_ended is not None:
            yield f"thought {step.number}", partial(_thought_row, turn, step)
        if len(step.plan):
            yield f"plan {step.number}", partial(_plan_row, step, _cited_in_plan(turn, step))
        yield from self._calls(step, total)

    def _calls(self, step: StepTrace, total: float | None) -> Rows:
        """Each call by itself, or those of one tool as one, behind it the ones that a person has to see."""
        copy_key = self.keymap.label("copy")
        ordinals: dict[str, list[int]] = {}
        for ordinal, call in enumerate(step.calls):
            ordinals.setdefault(call.name, []).append(ordinal)
        for name, together in ordinals.items():
            is_group = len(together) >= FOLDED_FROM
            is_open = _group_key(step, name) in self._open
            if is_group:
                calls = [step.calls[ordinal] for ordinal in together]
                least = LINES_BEFORE_FOLDED if self.is_running else 1
                yield _group_key(step, name), partial(group_row, calls, total, is_open=is_open, least=least)
            for ordinal in together:
                call = step.calls[ordinal]
                if not is_group or is_open or call.state == "asking":
                    make = partial(call_row, call, total, copy_key, indent=2 if is_group else 0)
                    yield f"{'one' if is_group else 'call'} {step.number}.{ordinal}", make


def _group_key(step: StepTrace, name: str) -> str:
    return f"{TraceRows.GROUP}{step.number} {name}"


# -- how they look -----------------------------------------------------------------------------------------


def _times(turn: Turn, room: int) -> str:
    """`2.4 s  model 1.5 tools 0.9 asked you 8.2`: the time of the turn, once it is over, and whose it was; in fewer
    words where these do not fit `room` cells."""
    if turn.trace.total is None:
        return ""
    times = (turn.trace.model_seconds, turn.tool_seconds, turn.person_seconds)
    said = ""
    for names in (("model", "tools", "asked you"), ("model", "tools", "you")):
        parts = [f"{name} {took:.1f}" for name, took in zip(names, times, strict=True) if took >= LEAST_TOLD]
        said = "  ".join([f"{turn.trace.total:.1f} s", *([" ".join(parts)] if parts else [])])
        if len(said) <= room:
            break
    return said


def _taken_over(turn: Turn, step: StepTrace) -> str:
    """Says of a step that it is that of another turn."""
    made = turn.made_from
    return "  taken over" if made is not None and step.number <= made.step else ""


def _step_row(step: StepTrace, total: float | None, whose: str) -> Row:
    took = None if step.model_ended is None else step.model_ended - step.began
    spans: Sequence[Marked] = [] if step.model_ended is None else [((step.began, step.model_ended), "model")]
    head = Content.assemble((f" step {step.number}", "bold"), (whose, "muted"))
    return Row(head, tails=tails(took, spans, total))


def _retry_row(event: Retry, total: float | None) -> Row:
    reason = str(event.error["message"])
    said = Content.styled(beginning(reason)[0], "warning")
    return Row(
        Content.assemble(
            (" ↻ ", "warning"),
            (f"retry {event.attempt} of {event.most}", "bold"),
            (f"  after {event.wait:.1f} s", "muted"),
        ),
        tails=tails(event.wait, [((event.t, event.t + event.wait), "waiting")], total),
        body=lambda: Content(safe_text(reason)),
        folded=partial(reason_lines, said),
    )


def _thought_row(turn: Turn, step: StepTrace) -> Row:
    began, ended = step.thinking or (0.0, 0.0)
    return Row(
        Content.styled(f"   thought for {seconds(ended - began)} s", "muted"),
        body=lambda: Content(safe_text(turn.steps[step.number - 1].message().thinking.strip())),
        indent=3,
    )


def _cited_in_plan(turn: Turn, step: StepTrace) -> list[Cited]:
    return [each for each in turn.citations if each.place == "plan" and each.step == step.number and each.is_sourced]


def _plan_row(step: StepTrace, cited: Sequence[Cited]) -> Row:
    line, rest = _beginning(step.plan)
    lead = len(line) - len(line.lstrip())
    return Row(
        Content.assemble(("   plan  ", "muted"), cited_content(line.strip(), cited, lead)),
        body=lambda: _plan_body(step.plan.text, cited),
        indent=3,
        head_rest=rest,
    )


def _plan_body(plan: str, cited: Sequence[Cited]) -> Content:
    return cited_content(safe_text(plan.strip()), cited, len(plan) - len(plan.lstrip()))


def _beginning(text: TextBuffer) -> tuple[str, int]:
    """As `beginning`, of a text that grows: it may be megabytes, and its row is made anew twenty times a second."""
    return beginning(text.slice(0, LONGEST_LINE))[0], max(0, len(text) - LONGEST_LINE)
