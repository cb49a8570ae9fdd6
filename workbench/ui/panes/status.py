"""The status line: what the turn is doing, and its figures when it is over."""

from __future__ import annotations

import math
from functools import partial
from typing import TYPE_CHECKING, Any, Final

from textual.timer import Timer

from workbench.safe_text import safe_line
from workbench.ui import messages
from workbench.ui.keymap import Keymap
from workbench.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn


FAILED: Final = frozenset({"failed", "timeout"})
LONGEST_REASON: Final = 40  # characters of a finish reason


class Status(StatusLine):
    """Painted once for each thing that changes: sent, first token, tools, the end. Only a wait is counted down."""

    keymap: Keymap = Keymap()
    """The keys that its words name."""

    def __init__(self, *, answerer: str | None = None, id: str | None = None) -> None:
        """`answerer` is named in place of the request's model, when no model answers."""
        super().__init__(id=id)
        self.answerer = answerer
        """What answers when no model does."""
        self._turn: Turn | None = None
        self._model = ""
        self._countdown: Timer | None = None

    @property
    def _stops(self) -> str:
        return self.keymap.hint("cancel", "stops")

    def on_turn_began(self, message: messages.TurnBegan) -> None:
        """Say that the request is being sent."""
        self._turn = message.state
        self._say("⧗ sending")

    def show(self, turn: Turn) -> None:
        """Say how a turn ended that is over."""
        self._turn = turn
        self._model = self.answerer or str(turn.steps[-1].request.get("model", "") if turn.steps else "")
        self._say(" · ".join(closing_words(turn, self._model)))

    def on_request_sent(self, message: messages.RequestSent) -> None:
        """Say that the first token is waited for, of which model, and in which step when it is not the first."""
        if self._is_current(message):
            self._model = self.answerer or str(message.event.body.get("model", ""))
            step = f" · step {message.event.step}" if message.event.step > 1 else ""
            self._say(f"⧗ waiting for the first token{self._stops}{step} · {self._model}")

    def on_retry_planned(self, message: messages.RetryPlanned) -> None:
        """Say why the request failed, and count the seconds down to the next attempt."""
        if self._is_current(message):
            event = message.event
            status = event.error["status"]
            reason = f"HTTP {status}" if status else str(event.error["kind"])
            self._say("")
            self._count_down(f"retry {event.attempt} of {event.most}", reason, event.wait)

    def _count_down(self, retry: str, reason: str, left: float) -> None:
        """Say how long it is until the request is sent again, once a second, and then that it was sent."""
        if left <= 0:
            self._say(f"⧗ waiting for the first token{self._stops} · {retry} · {self._model}")
            return
        self.left = f"⧗ {retry} in {math.ceil(left)} s · {reason}{self._stops}"
        # The part of a second that is over first, so that every later change falls on a whole one.
        pause = left % 1 or 1.0
        self._countdown = self.set_timer(pause, partial(self._count_down, retry, reason, round(left - pause, 3)))

    def _say(self, words: str) -> None:
        """Say what the turn is doing now; a wait that was counted down is over."""
        if self._countdown is not None:
            self._countdown.stop()
            self._countdown = None
        self.left = words

    def on_content_arrived(self, message: messages.ContentArrived) -> None:
        """Say that the answer streams, or that the model thinks."""
        self._say_what_comes(message, "thinking" if message.event.thinking else "streaming")

    def on_plan_arrived(self, message: messages.PlanArrived) -> None:
        """Say that the model plans."""
        self._say_what_comes(message, "planning")

    def on_call_began(self, message: messages.CallBegan) -> None:
        """Say that the model writes a tool call."""
        self._say_what_comes(message, "writing a tool call")

    def _say_what_comes(self, message: messages.EventMessage[Any], word: str) -> None:
        if self._is_current(message) and self._turn is not None:
            first = self._turn.first_token or 0.0
            self._say(f"⧗ {word}{self._stops} · first token {first:.2f} s · {self._model}")

    def on_tool_running(self, message: messages.ToolRunning) -> None:
        """Say how many tools run."""
        self._say_running(message)

    def on_tool_returned(self, message: messages.ToolReturned) -> None:
        """Say how many tools still run, or that their results are sent."""
        self._say_running(message)

    def on_question_opened(self, message: messages.QuestionOpened) -> None:
        """Say that a person is waited for, and about which call."""
        self._say_running(message)

    def on_question_closed(self, message: messages.QuestionClosed) -> None:
        """Say what goes on, now that the person has answered."""
        self._say_running(message)

    def on_turn_ended(self, message: messages.TurnEnded) -> None:
        """Say how the turn ended, with its figures."""
        if self._is_current(message):
            self._say(" · ".join(closing_words(message.state, self._model)))

    def _say_running(self, message: messages.EventMessage[Any]) -> None:
        if not self._is_current(message):
            return
        trace = message.state.trace
        if (call := trace.asking) is not None:
            self._say(f"⏸ waiting for you: {call.name}")
            return
        count = trace.running
        running = f"⧗ running {count} tool{'s' if count != 1 else ''}{self._stops}"
        self._say(running if count > 0 else "⧗ sending results")

    def _is_current(self, message: messages.EventMessage[Any]) -> bool:
        return message.state is self._turn


def closing_words(turn: Turn, model: str) -> list[str]:
    """The figures of a finished turn, those that are known, the most wanted first."""
    words = [_ending(turn), *_coverage(turn)]
    if turn.first_token is not None:
        words.append(f"first {turn.first_token:.2f} s")
    billed = turn.usage().get("billed_units", {})
    tokens_in, tokens_out = billed.get("input_tokens"), billed.get("output_tokens")
    if speed := _speed(turn, tokens_out):
        words.append(f"{speed:.0f} tok/s")
    if tokens_in is not None or tokens_out is not None:
        words.append(f"{tokens_in or 0:g} → {tokens_out or 0:g} tok")
    if turn.tool_seconds:
        words.append(f"tools {turn.tool_seconds:.1f} s")
    if turn.person_seconds:
        words.append(f"asked you {turn.person_seconds:.1f} s")
    words += [f"total {turn.seconds:.1f} s", model]
    return [word for word in words if word]


def _ending(turn: Turn) -> str:
    """How the turn ended: a glyph and a word, and the reason of a complete one where it is not the usual."""
    glyph = {"complete": "✓", "cancelled": "■"}.get(turn.status, "✗" if turn.status in FAILED else "!")
    reason = turn.finish_reason if turn.status == "complete" else ""
    usual = reason in ("", "COMPLETE")
    return f"{glyph} {turn.status}" + ("" if usual else f" ({safe_line(reason)[:LONGEST_REASON]})")


def _coverage(turn: Turn) -> list[str]:
    """How many sentences are cited, and how many citations have no place in the answer."""
    unanchored = len(turn.unanchored)
    if not unanchored and all(cited.start is None for cited in turn.citations):
        return []
    from workbench.documents.ledger import coverage

    covered, sentences = coverage(turn.text, turn.cited_spans)
    return [f"coverage {covered}/{sentences}" + (f", {unanchored} not placed" if unanchored else "")]


def _speed(turn: Turn, tokens: float | None) -> float | None:
    """Billed output tokens a second of streaming, the time of tools and of the person left out."""
    if not tokens or turn.first_token is None or turn.last_token is None:
        return None
    seconds = turn.last_token - turn.first_token - turn.tool_seconds - turn.person_seconds
    return tokens / seconds if seconds > 0.05 else None
