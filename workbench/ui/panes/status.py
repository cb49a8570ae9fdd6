"""The status line: what the turn is doing, and its figures when it is over."""

from __future__ import annotations

import math
from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from textual.timer import Timer

from workbench.printing.closing import closing_words
from workbench.ui import messages
from workbench.ui.keymap import Keymap
from workbench.ui.terminal.textual_inside import set_once
from workbench.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn


class Status(StatusLine):
    """Painted once for each thing that changes: sent, first token, tools, the end. Only a wait is counted down."""

    keymap: Keymap = Keymap()
    """The keys that its words name."""

    def __init__(self, *, answerer: str | None = None, id: str | None = None) -> None:
        """`answerer` is named in place of the request's model, when no model answers."""
        super().__init__(id=id)
        self.answerer = answerer
        """What answers when no model does."""
        self.goes_on: Callable[[Turn], str] = lambda _: ""
        """Says by which command one goes on past the limit that stopped a turn, or "" where that is not so."""
        self._turn: Turn | None = None
        self._model = ""
        self._countdown: Timer | None = None

    @property
    def _stops(self) -> str:
        return self.keymap.hint("cancel", "stops") if self.is_live else ""

    def on_turn_began(self, message: messages.TurnBegan) -> None:
        """Say that the request is being sent."""
        self._turn = message.state
        self._say("⧗ sending")

    is_live = True
    """Whether what is said happens now: then a wait is counted down, and a key stops the turn."""

    def on_turn_rewound(self, message: messages.TurnRewound) -> None:
        """Say what was said when the event came, or the last one before it of which anything is."""
        from workbench.ui.routes import ROUTES

        turn = self._turn = message.state
        self._model = self.answerer or str(turn.steps[-1].request.get("model", "") if turn.steps else "")
        for number in range(len(turn.events) - 1, -1, -1):
            event = turn.events[number]
            told = [kind for pane, kind in ROUTES[type(event)] if pane == "status"]
            for kind in told:
                self.post_message(kind(turn, event))
            if told:
                return

    def show(self, turn: Turn) -> None:
        """Say how a turn ended that is over."""
        self._turn = turn
        self._model = self.answerer or str(turn.steps[-1].request.get("model", "") if turn.steps else "")
        self._say(self._words_of_end(turn))

    def _words_of_end(self, turn: Turn) -> str:
        ended, *told = closing_words(turn, self._model)
        return " · ".join(filter(None, (ended, self.goes_on(turn), *told)))

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
        if not self.is_live:
            return
        self._countdown = set_once(self, pause, partial(self._count_down, retry, reason, round(left - pause, 3)))

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
            self._say(self._words_of_end(message.state))

    def _say_running(self, message: messages.EventMessage[Any]) -> None:
        if not self._is_current(message):
            return
        trace = message.state.trace
        call = trace.asking
        if call is not None or trace.asked_since is not None:
            self._say(f"⏸ waiting for you: {message.event.name if call is None else call.name}")
            return
        if not trace.steps:
            self._say("⧗ starting servers of tools")
            return
        count = trace.running
        running = f"⧗ running {count} tool{'s' if count != 1 else ''}{self._stops}"
        self._say(running if count > 0 else "⧗ sending results")

    def _is_current(self, message: messages.EventMessage[Any]) -> bool:
        return message.state is self._turn
