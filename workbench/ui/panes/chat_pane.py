"""The chat pane: questions and answers as they stream. It knows what a message means; the view knows how to draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, ClassVar

from textual.app import ComposeResult
from textual.content import Content
from textual.widget import Widget
from textual.widgets import Static

from workbench.safe_text import safe_line
from workbench.ui import messages
from workbench.ui.panes.pane import Pane
from workbench.ui.widgets.chat_view import Mark, NoticeKind
from workbench.ui.widgets.transcript import Transcript

HOW_TO_BEGIN = "Type a question and press Enter. F1 shows every key, ^P every command."
LONGEST_NOTICE = 300  # characters of a frame quoted in the chat
MOST_ODD_FRAMES = 20  # of a turn that are said in the chat, each in a line

WHOLE = frozenset({"", "COMPLETE", "STOP_SEQUENCE", "TOOL_CALL"})  # finish reasons that need no word
ENDINGS: dict[str, tuple[NoticeKind, str]] = {
    "incomplete": ("warning", "incomplete"),
    "failed": ("error", "✗ failed"),
    "cancelled": ("info", "■ cancelled · what came is kept"),
    "max-steps": ("warning", "stopped"),
    "limit": ("warning", "stopped"),
    "timeout": ("error", "✗ timed out"),
}


class ChatPane(Pane):
    """The conversation so far."""

    TITLE: ClassVar[str] = "Chat"
    DEFAULT_CSS = """
    ChatPane #intro { height: auto; padding: 1 2; color: $text-muted; }
    """

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.view = Transcript(id="transcript")
        self._thinking_began: float | None = None
        self._thinking_ended: float | None = None
        self._odd_frames = 0

    def body(self) -> Widget:
        return self.view

    def compose(self) -> ComposeResult:
        title, view = super().compose()
        yield title
        yield Static(id="intro", markup=False)
        yield view

    def introduce(self, notes: Sequence[str]) -> None:
        """Say in the empty pane what this is and what to do first."""
        lines = [Content(f"{safe_line(note)}\n") for note in (*notes, HOW_TO_BEGIN)]
        self.query_one("#intro", Static).update(Content("\n").join(lines))

    def reset(self) -> None:
        self.view.clear()
        self._introducing(True)

    def _introducing(self, yes: bool) -> None:
        self.query_one("#intro").display = yes

    def begin(self, message: messages.TurnBegan) -> None:
        self._thinking_began = self._thinking_ended = None
        self._odd_frames = 0
        self._introducing(False)
        self.view.begin_turn(message.turn, message.event.prompt)

    def on_block_began(self, message: messages.BlockBegan) -> None:
        if message.event.text:
            self._content(message, message.event.type == "thinking", message.event.text)

    def on_content_arrived(self, message: messages.ContentArrived) -> None:
        if message.event.thinking:
            self._content(message, True, message.event.thinking)
        if message.event.text:
            self._content(message, False, message.event.text)

    def _content(self, message: messages.EventMessage[Any], thinking: bool, text: str) -> None:
        if self.is_stale(message):
            return
        if thinking:
            self._thinking_began = message.event.t if self._thinking_began is None else self._thinking_began
            self._thinking_ended = message.event.t
            self.view.append_thinking(self.turn, text)
        else:
            self.view.append_text(self.turn, text)

    def on_block_ended(self, message: messages.BlockEnded) -> None:
        """The view shows a block as it stands; its end changes nothing."""

    def on_citation_placed(self, message: messages.CitationPlaced) -> None:
        event = message.event
        if not self.is_stale(message) and event.start is not None and event.end is not None:
            self.view.mark_citation(self.turn, Mark(event.ordinal, event.start, event.end, event.numbers))

    def on_odd_frame(self, message: messages.OddFrame) -> None:
        """A frame that is no known event is said here and shown whole in the events pane."""
        if self.is_stale(message):
            return
        from workbench.events import Malformed

        self._odd_frames += 1
        if self._odd_frames > MOST_ODD_FRAMES:
            if self._odd_frames == MOST_ODD_FRAMES + 1:
                self.view.notice(self.turn, "warning", "! more such frames came · F5 shows them")
            return
        event = message.event
        what = event.reason if isinstance(event, Malformed) else f"unknown event {event.type!r}"
        self.view.notice(self.turn, "warning", f"! {safe_line(what)[:LONGEST_NOTICE]} · F5 shows the frame")

    def on_turn_ended(self, message: messages.TurnEnded) -> None:
        if self.is_stale(message):
            return
        event = message.event
        if event.status in ENDINGS:
            kind, word = ENDINGS[event.status]
            error = event.summary.get("error") or {}
            reason = f" · {error['message']}" if error.get("message") else ""
            hint = "" if event.status in ("max-steps", "limit") else " · /retry asks again"
            self.view.notice(self.turn, kind, f"{word}{reason}{hint}")
        elif (reason := event.summary.get("finish_reason") or "") not in WHOLE:
            cut = "the answer was cut short" if reason == "MAX_TOKENS" else "the model gave a reason of its own to stop"
            self.view.notice(self.turn, "warning", f"! {cut}: {safe_line(reason)}")
        elif not event.summary.get("text") and not event.summary.get("tool_calls"):
            self.view.notice(self.turn, "info", f"no text came ({event.summary.get('finish_reason') or 'no reason'})")
        seconds = None
        if self._thinking_began is not None and self._thinking_ended is not None:
            seconds = self._thinking_ended - self._thinking_began
        self.view.finish(self.turn, thinking_seconds=seconds)
