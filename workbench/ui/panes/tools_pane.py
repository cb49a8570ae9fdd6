"""The tools pane: the turn as a trace. Steps, the plan, each call with its arguments as they arrive, its state,
duration, and result or error."""

from __future__ import annotations

import json
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.content import Content
from textual.widget import Widget

from workbench.safe_text import safe_text
from workbench.ui import messages
from workbench.ui.panes.pane import Pane
from workbench.ui.widgets.row import LONGEST_LINE, Row, beginning
from workbench.ui.widgets.rows import RowList

if TYPE_CHECKING:
    from workbench.conversation.text_buffer import TextBuffer
    from workbench.conversation.trace import CallTrace, StepTrace
    from workbench.events import Retry, ToolResult

REFRESH_SECONDS = 0.05  # deltas that come within this time are one change of a row
BAR_CELLS = 12
STATES = {
    "writing": ("…", "writing", "muted"),
    "ready": ("○", "not run", "muted"),
    "running": ("⧗", "running", "accent"),
    "asking": ("⏸", "asks you", "warning"),
    "done": ("✓", "done", "success"),
    "failed": ("✗", "failed", "error"),
    "denied": ("⊘", "denied", "warning"),
    "refused": ("⊘", "refused", "warning"),
}


class ToolsPane(Pane):
    """The trace of a turn. A row is made anew for all that came meanwhile, not for each delta."""

    TITLE: ClassVar[str] = "Tools"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = RowList(
            follow=True,
            id="tools-rows",
            empty="The model's plan and tool calls appear here as they stream. Give it tools with --tools FILE; "
            "/tools lists them.",
        )
        self._changed: dict[str, Callable[[], Row]] = {}
        self._calls_known: dict[int, int] = {}  # calls that have a row, by the number of the step

    def body(self) -> Widget:
        """The list of steps, plans and calls."""
        return self.rows

    def draw(self) -> None:
        """Show the trace of the turn anew."""
        self._changed.clear()
        self._calls_known.clear()
        self.rows.clear()
        self._summarise()
        for step in self.shown.trace.steps if self.shown is not None else ():
            self._show_whole(step)
        self._catch_up()

    def _summarise(self) -> None:
        turn = self.shown
        if turn is None:
            self.summarise("")
            return
        total = turn.trace.total
        this = self.which or f"turn {turn.number}"
        self.summarise(this if total is None else f"{this.removesuffix(' · ')} · {total:.1f} s")

    # -- what happens ------------------------------------------------------------------------------

    def on_retry_planned(self, message: messages.RetryPlanned) -> None:
        """Add a row for the attempt that failed."""
        if (step := self._step(message)) is not None:
            self._show_step(step)
            self._show_retry(step, message.event)

    def on_plan_arrived(self, message: messages.PlanArrived) -> None:
        """Show the plan as far as it has come."""
        if (step := self._step(message)) is not None:
            self._show_step(step)
            self._show_plan(step)

    def on_call_began(self, message: messages.CallBegan) -> None:
        """Add a row for each call that has none."""
        if (step := self._step(message)) is not None:
            self._show_calls(step)

    def _show_calls(self, step: StepTrace) -> None:
        """Show the calls that have no row yet: the turn may be ahead of its messages, and rows stand in their order."""
        self._show_step(step)
        for ordinal in range(self._calls_known.get(step.number, 0), len(step.calls)):
            self._show_call(step, ordinal)
        self._calls_known[step.number] = len(step.calls)

    def on_arguments_arrived(self, message: messages.ArgumentsArrived) -> None:
        """Show the call's arguments as far as they have come."""
        self._call_changed(message, message.event.index)

    def on_call_ended(self, message: messages.CallEnded) -> None:
        """Show that the call is written to its end."""
        self._call_changed(message, message.event.index)

    def on_message_ended(self, message: messages.MessageEnded) -> None:
        """Show how long the model took in this step."""
        if (step := self._step(message)) is not None:
            self._show_step(step)

    def on_tool_running(self, message: messages.ToolRunning) -> None:
        """Show that the call runs."""
        self._call_ran(message, message.event.call)

    def on_tool_returned(self, message: messages.ToolReturned) -> None:
        """Show the call's result or error, and how long it ran."""
        self._call_ran(message, message.event.call)

    def on_question_opened(self, message: messages.QuestionOpened) -> None:
        """Show that a person is asked about the call."""
        self._call_ran(message, message.event.call)

    def on_question_closed(self, message: messages.QuestionClosed) -> None:
        """Show how long the person was asked, and that the call runs."""
        self._call_ran(message, message.event.call)

    def on_turn_ended(self, message: messages.TurnEnded) -> None:
        """Show all of the trace as it is at the end, with bars for when in the turn each thing ran."""
        if self.is_stale(message):
            return
        self._summarise()
        for step in message.state.trace.steps:
            self._show_whole(step)
        self._catch_up()

    def _step(self, message: messages.EventMessage[Any]) -> StepTrace | None:
        return None if self.is_stale(message) else message.state.trace.step(message.event.step)

    def _call_changed(self, message: messages.EventMessage[Any], index: int | None) -> None:
        step = self._step(message)
        call = None if step is None else step.call_at(index)
        if step is not None and call is not None:
            self._show_call_of(step, step.calls.index(call))

    def _call_ran(self, message: messages.EventMessage[Any], ordinal: int) -> None:
        step = self._step(message)
        if step is not None and ordinal < len(step.calls):
            self._show_call_of(step, ordinal)

    def _show_call_of(self, step: StepTrace, ordinal: int) -> None:
        """Show a call below its step, and below the calls before it, which a server may never have begun."""
        if ordinal >= self._calls_known.get(step.number, 0):
            self._show_calls(step)
        else:
            self._show_call(step, ordinal)

    # -- how it looks ------------------------------------------------------------------------------

    def _show_whole(self, step: StepTrace) -> None:
        """Show all of a step, once there is anything of it besides its beginning."""
        if step.model_ended is None and not (len(step.plan) or step.calls or step.retries):
            return
        self._show_step(step)
        for event in step.retries:
            self._show_retry(step, event)
        if len(step.plan):
            self._show_plan(step)
        for ordinal in range(len(step.calls)):
            self._show_call(step, ordinal)
        self._calls_known[step.number] = len(step.calls)

    def _show_step(self, step: StepTrace) -> None:
        self._show(f"step {step.number}", partial(self._step_row, step))

    def _show_retry(self, step: StepTrace, event: Retry) -> None:
        self._show(f"retry {step.number}.{event.attempt}", partial(_retry_row, event))

    def _show_plan(self, step: StepTrace) -> None:
        self._show(f"plan {step.number}", partial(_plan_row, step))

    def _show_call(self, step: StepTrace, ordinal: int) -> None:
        self._show(f"call {step.number}.{ordinal}", partial(self._call_row, step.calls[ordinal]))

    def _show(self, key: str, make: Callable[[], Row]) -> None:
        """Show a row soon, as it will be then."""
        if not self._changed:
            self.set_timer(REFRESH_SECONDS * self.patience, self._catch_up)
        self._changed[key] = make

    def _catch_up(self) -> None:
        with self.rows.at_once():
            for key, make in self._changed.items():
                self.rows.put(key, make())
        self._changed.clear()

    def _step_row(self, step: StepTrace) -> Row:
        parts: list[Content | tuple[str, str]] = [(f" step {step.number}", "bold")]
        tail = None
        if step.model_ended is not None:
            parts.append((f"  model {step.model_ended - step.began:.2f} s", "muted"))
            tail = self._bar(step.began, step.model_ended)
        return Row(Content.assemble(*parts), tail=tail)

    def _call_row(self, call: CallTrace) -> Row:
        glyph, word, style = STATES[call.state]
        arguments, rest = _beginning(call.arguments)
        result = call.result
        head = Content.assemble(
            (f"   {glyph} ", style),
            (beginning(call.name)[0] or "(no name)", "bold"),
            (f"  {word} " if result is None or result.is_refused else f"  {word} {result.seconds:.2f} s ", style),
            f" {arguments or '{}'}",
        )
        brief, brief_rest, tail = None, 0, None
        if result is not None:
            shade = _shade(result)
            outcome, brief_rest = beginning(_outcome(result))
            brief = Content.assemble(("     → ", shade or "muted"), (outcome, shade))
            tail = self._bar(call.began, result.t)
        body = partial(_call_body, call)
        return Row(head, tail=tail, brief=brief, body=body, indent=7, head_rest=rest, brief_rest=brief_rest)

    def _bar(self, began: float, ended: float) -> Content | None:
        return _bar(began, ended, self.shown.trace.total if self.shown is not None else None)


def _retry_row(event: Retry) -> Row:
    reason = str(event.error["message"])
    line, rest = beginning(reason)
    return Row(
        Content.assemble(
            ("   ↻ ", "warning"),
            (f"retry {event.attempt} of {event.most}", "bold"),
            (f"  after {event.wait:.1f} s  ", "muted"),
            line,
        ),
        body=lambda: Content(safe_text(reason)),
        indent=5,
        head_rest=rest,
    )


def _plan_row(step: StepTrace) -> Row:
    line, rest = _beginning(step.plan)
    return Row(
        Content.assemble(("   plan  ", "muted"), line.strip()),
        body=lambda: Content(safe_text(step.plan.text.strip())),
        indent=9,
        head_rest=rest,
    )


def _beginning(text: TextBuffer) -> tuple[str, int]:
    """As `beginning`, of a text that grows: it may be megabytes, and its row is made anew twenty times a second."""
    return beginning(text.slice(0, LONGEST_LINE))[0], max(0, len(text) - LONGEST_LINE)


def _call_body(call: CallTrace) -> Content:
    body = [Content(_pretty(call.arguments.text))]
    if call.result is not None:
        shade = _shade(call.result)
        body += [Content.styled("→", shade or "muted"), Content.styled(_pretty(_outcome(call.result)), shade)]
        if call.result.output:
            body += [Content.styled("it printed", "muted"), Content(safe_text(call.result.output.rstrip()))]
    return Content("\n").join(body)


def _shade(result: ToolResult) -> str:
    if result.is_refused:
        return "warning"
    return "" if result.error is None else "error"


def _outcome(result: ToolResult) -> str:
    """The error of a call, or its result as text."""
    if result.error is not None:
        return result.error
    return result.result if isinstance(result.result, str) else json.dumps(result.result, ensure_ascii=False)


def _pretty(text: str) -> str:
    """JSON, indented when it parses; any other text as it is."""
    try:
        value = json.loads(text or "{}")
    except (ValueError, RecursionError):
        return safe_text(text)
    if isinstance(value, str):
        return safe_text(value)
    return safe_text(json.dumps(value, ensure_ascii=False, indent=2))


def _bar(began: float, ended: float, total: float | None) -> Content | None:
    """When in the turn something ran: cells of a line as long as the whole turn, once that is known."""
    if not total:
        return None
    first = min(BAR_CELLS - 1, int(began / total * BAR_CELLS))
    last = max(first + 1, min(BAR_CELLS, round(ended / total * BAR_CELLS)))
    return Content.styled("▕" + "▁" * first + "█" * (last - first) + "▁" * (BAR_CELLS - last) + "▏", "muted")
