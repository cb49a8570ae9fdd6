"""The tools pane: the turn as a trace. Steps, the plan, each call with its arguments as they arrive, its state,
duration, and result or error."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar

from textual.content import Content
from textual.widget import Widget

from workbench.conversation.text_buffer import TextBuffer
from workbench.safe_text import safe_text
from workbench.ui import messages
from workbench.ui.panes.pane import Pane
from workbench.ui.widgets.row import LONGEST_LINE, Row, beginning
from workbench.ui.widgets.rows import RowList

if TYPE_CHECKING:
    from workbench.events import Retry

REFRESH_SECONDS = 0.05  # deltas that come within this time are one change of a row
BAR_CELLS = 12
STATES = {
    "writing": ("…", "writing", "muted"),
    "ready": ("○", "not run", "muted"),
    "running": ("⧗", "running", "accent"),
    "asking": ("⏸", "asks you", "warning"),
    "done": ("✓", "done", "success"),
    "failed": ("✗", "failed", "error"),
}


@dataclass(slots=True)
class ShownCall:
    """A tool call as the pane shows it. Times are in seconds since the turn began; `id` is known once it runs."""

    key: str
    name: str
    id: str = ""
    arguments: TextBuffer = field(default_factory=TextBuffer)
    state: str = "writing"
    seconds: float | None = None
    began: float = 0.0
    ended: float = 0.0
    outcome: str = ""


@dataclass(slots=True)
class StepTrace:
    """A step as the pane shows it."""

    number: int
    began: float
    model_ended: float | None = None
    plan: TextBuffer = field(default_factory=TextBuffer)
    calls: list[ShownCall] = field(default_factory=list)
    by_index: dict[int | None, ShownCall] = field(default_factory=dict)


class ToolsPane(Pane):
    """The trace of the latest turn. A row is made anew for all that came meanwhile, not for each delta."""

    TITLE: ClassVar[str] = "Tools"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.rows = RowList(
            follow=True,
            id="tools-rows",
            empty="The model's plan and tool calls appear here as they stream. Give it tools with --tools FILE; "
            "/tools lists them.",
        )
        self._steps: list[StepTrace] = []
        self._total: float | None = None
        self._changed: dict[str, Callable[[], Row]] = {}
        self._asking: set[str] = set()  # ids of calls that a person is asked about

    def body(self) -> Widget:
        return self.rows

    def begin(self, message: messages.TurnBegan) -> None:
        self.reset()
        self.summarise(f"turn {message.turn}")

    def reset(self) -> None:
        self._steps.clear()
        self._total = None
        self._changed.clear()
        self.rows.clear()
        self.summarise("")

    # -- what happens ------------------------------------------------------------------------------

    def on_request_sent(self, message: messages.RequestSent) -> None:
        if not self.is_stale(message):
            self._steps.append(StepTrace(message.event.step, message.event.t))

    def on_retry_planned(self, message: messages.RetryPlanned) -> None:
        if (step := self._step(message)) is not None:
            self._show_step(step)
            self._show(f"retry {step.number}.{message.event.attempt}", partial(_retry_row, message.event))

    def on_plan_arrived(self, message: messages.PlanArrived) -> None:
        if (step := self._step(message)) is not None:
            step.plan.append(message.event.text)
            self._show_step(step)
            self._show_plan(step)

    def on_call_began(self, message: messages.CallBegan) -> None:
        if (step := self._step(message)) is not None:
            call = ShownCall(f"{step.number}.{len(step.calls)}", message.event.name, began=message.event.t)
            call.arguments.append(message.event.arguments)
            step.calls.append(call)
            step.by_index[message.event.index] = call
            self._show_step(step)
            self._show_call(call)

    def on_arguments_arrived(self, message: messages.ArgumentsArrived) -> None:
        if (step := self._step(message)) is not None:
            call = step.by_index.get(message.event.index) or (step.calls[-1] if step.calls else None)
            if call is not None:
                call.arguments.append(message.event.arguments)
                self._show_call(call)

    def on_call_ended(self, message: messages.CallEnded) -> None:
        if (step := self._step(message)) is not None:
            call = step.by_index.get(message.event.index)
            if call is not None and call.state == "writing":
                call.state = "ready"
                self._show_call(call)

    def on_message_ended(self, message: messages.MessageEnded) -> None:
        if (step := self._step(message)) is not None:
            step.model_ended = message.event.t
            self._show_step(step)

    def on_tool_running(self, message: messages.ToolRunning) -> None:
        if (call := self._call(message, message.event.call)) is not None:
            call.state, call.began, call.id = "running", message.event.t, message.event.id
            self._show_call(call)

    def on_tool_returned(self, message: messages.ToolReturned) -> None:
        event = message.event
        if (call := self._call(message, event.call)) is not None:
            call.state = "done" if event.error is None else "failed"
            call.seconds, call.ended = event.seconds, event.t
            call.outcome = event.error if event.error is not None else _as_text(event.result)
            self._show_call(call)

    def asks_person(self, call_id: str, is_open: bool) -> None:
        """A person is asked about a call, or not any more. It may be asked before the call is known to run."""
        (self._asking.add if is_open else self._asking.discard)(call_id)
        for call in self._steps[-1].calls if self._steps else ():
            if call.id == call_id:
                self._show_call(call)

    def on_turn_ended(self, message: messages.TurnEnded) -> None:
        if self.is_stale(message):
            return
        self._total = message.event.t
        self.summarise(f"turn {self.turn} · {self._total:.1f} s")
        for step in self._steps:
            if step.model_ended is not None or len(step.plan) or step.calls:
                self._show_step(step)
            for call in step.calls:
                if call.state == "writing":
                    call.state = "ready"
                self._show_call(call)
        self._catch_up()

    def _step(self, message: messages.EventMessage[Any]) -> StepTrace | None:
        return self._steps[-1] if self._steps and not self.is_stale(message) else None

    def _call(self, message: messages.EventMessage[Any], ordinal: int) -> ShownCall | None:
        step = self._step(message)
        return step.calls[ordinal] if step is not None and ordinal < len(step.calls) else None

    # -- how it looks ------------------------------------------------------------------------------

    def _show_step(self, step: StepTrace) -> None:
        self._show(f"step {step.number}", partial(self._step_row, step))

    def _show_plan(self, step: StepTrace) -> None:
        self._show(f"plan {step.number}", partial(_plan_row, step))

    def _show_call(self, call: ShownCall) -> None:
        self._show(f"call {call.key}", partial(self._call_row, call))

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
            tail = _bar(step.began, step.model_ended, self._total)
        return Row(Content.assemble(*parts), tail=tail)

    def _call_row(self, call: ShownCall) -> Row:
        is_asking = call.state == "running" and call.id in self._asking
        glyph, word, style = STATES["asking" if is_asking else call.state]
        arguments, rest = _beginning(call.arguments)
        head = Content.assemble(
            (f"   {glyph} ", style),
            (beginning(call.name)[0] or "(no name)", "bold"),
            (f"  {word} " if call.seconds is None else f"  {word} {call.seconds:.2f} s ", style),
            f" {arguments or '{}'}",
        )
        brief, brief_rest = None, 0
        if call.seconds is not None:
            shade = "error" if call.state == "failed" else ""
            outcome, brief_rest = beginning(call.outcome)
            brief = Content.assemble(("     → ", shade or "muted"), (outcome, shade))
        tail = _bar(call.began, call.ended, self._total) if call.ended else None
        body = partial(_call_body, call)
        return Row(head, tail=tail, brief=brief, body=body, indent=7, head_rest=rest, brief_rest=brief_rest)


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


def _call_body(call: ShownCall) -> Content:
    body = [Content(_pretty(call.arguments.text))]
    if call.seconds is not None:
        shade = "error" if call.state == "failed" else ""
        body += [Content.styled("→", shade or "muted"), Content.styled(_pretty(call.outcome), shade)]
    return Content("\n").join(body)


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


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
