"""The chat pane: questions and answers as they stream. It knows what a message means; the view knows how to draw."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, ClassVar

from textual.app import ComposeResult
from textual.widget import Widget

from workbench.safe_text import safe_line
from workbench.ui import messages
from workbench.ui.panes.pane import Pane
from workbench.ui.widgets.chat_view import Mark, NoticeKind
from workbench.ui.widgets.start_page import StartPage, StartWords
from workbench.ui.widgets.transcript import Transcript
from workbench.wire.finish_reasons import in_words, is_whole

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn
    from workbench.events import Cited, Malformed, Unknown

LONGEST_NOTICE = 300  # characters of a frame quoted in the chat
LONGEST_QUOTE = 120  # characters of a cited text that is not in the answer
MOST_UNPLACED = 3  # such texts of a turn that are quoted
MOST_ODD_FRAMES = 20  # of a turn that are said in the chat, each in a line

ENDINGS: dict[str, tuple[NoticeKind, str]] = {
    "incomplete": ("warning", "incomplete"),
    "failed": ("error", "✗ failed"),
    "cancelled": ("info", "■ cancelled · what came is kept"),
    "max-steps": ("warning", "stopped"),
    "limit": ("warning", "stopped"),
    "timeout": ("error", "✗ timed out"),
}

_WHERE = {"PLAN": "plan", "THINKING_CONTENT": "thinking"}
"""What a citation of this type rests in, where that is not the answer."""


class ChatPane(Pane):
    """The conversation so far."""

    TITLE: ClassVar[str] = "Chat"

    def __init__(self, *, id: str | None = None) -> None:
        super().__init__(id=id)
        self.view = Transcript(id="transcript")
        self.start = StartPage()
        self._odd_frames = 0
        self.among_siblings: Callable[[Turn], str] = lambda _: ""
        """Says which of the turns one is that were asked in the same place, or ""."""
        self.goes_on: Callable[[Turn], str] = lambda _: ""
        """Says how one goes on past the limit that stopped a turn, or "" where that is not so."""

    def body(self) -> Widget:
        """The transcript."""
        return self.view

    def compose(self) -> ComposeResult:
        """The introduction of the empty chat, and the transcript. It needs no title: a bar says that one is in it."""
        yield self.start
        yield self.view

    def introduce(self, words: StartWords) -> None:
        """Say in the empty pane what this is and what to do first."""
        self.start.words = words

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked yet."""
        return self.start.display

    def draw(self) -> None:
        """Scroll to the turn that is shown: all of them stand in the chat, one below the other."""
        if self.shown is not None:
            self.view.show_turn(self.shown.number)

    def is_stale(self, message: messages.EventMessage[Any]) -> bool:
        """Whether a message is about another turn than the latest, wherever one reads meanwhile."""
        return message.state is not self.latest

    def reset(self) -> None:
        """A new conversation: empty the transcript, and introduce the app again."""
        super().reset()
        self.view.clear()
        self._introducing(True)

    def forget(self) -> None:
        """Other turns are about to stand here: take away those that do."""
        self.view.clear()

    def _introducing(self, yes: bool) -> None:
        self.start.display = yes

    def begin(self, turn: Turn) -> None:
        """A turn began: its question stands at the end of the transcript, which is followed from now on."""
        self.latest = self.shown = turn
        self._odd_frames = 0
        self._introducing(False)
        self.view.begin_turn(turn.number, turn.prompt, turn.place)

    def restore(self, turn: Turn) -> None:
        """Add a turn that is over, as it ended, or one that runs, as far as it has come."""
        self.begin(turn)
        if thinking := turn.thinking:
            self.view.append_thinking(turn.number, thinking)
        if text := turn.text:
            self.view.append_text(turn.number, text)
        self._say_the_rest(turn)

    def rewind(self, turn: Turn) -> None:
        """Show the turn as it was, in place of what it had become and of all that was asked behind it."""
        marks = [cited.ordinal for cited in turn.citations]
        with self.view.taken_back(turn.number, len(turn.thinking), turn.text, marks) as is_there:
            if is_there:
                self.latest = self.shown = turn
                self._say_the_rest(turn)
            else:
                self.restore(turn)

    def _say_the_rest(self, turn: Turn) -> None:
        """What there is besides text: the citations, what was odd, and how it ended, if it did."""
        for cited in turn.citations:
            self._mark(turn, cited)
        for event in turn.trace.odd:
            self._odd_frame(turn, event)
        if turn.trace.odd_count > len(turn.trace.odd):
            self._more_odd_frames(turn)
        self._odd_frames = turn.trace.odd_count
        if turn.status != "running":
            self._finish(turn)

    def on_block_began(self, message: messages.BlockBegan) -> None:
        """Show the text that came with the block's beginning, as answer or as thinking."""
        if message.event.text:
            self._content(message, message.event.type == "thinking", message.event.text)

    def on_content_arrived(self, message: messages.ContentArrived) -> None:
        """Show a piece of the answer or of the thinking."""
        if message.event.thinking:
            self._content(message, True, message.event.thinking)
        if message.event.text:
            self._content(message, False, message.event.text)

    def _content(self, message: messages.EventMessage[Any], thinking: bool, text: str) -> None:
        if self.is_stale(message):
            return
        if thinking:
            self.view.append_thinking(message.turn, text)
        else:
            self.view.append_text(message.turn, text)

    def on_citation_placed(self, message: messages.CitationPlaced) -> None:
        """Mark the cited words in the answer."""
        if not self.is_stale(message):
            self._mark(message.state, message.event)

    def _mark(self, turn: Turn, cited: Cited) -> None:
        if cited.is_sourced and cited.start is not None and cited.end is not None:
            self.view.mark_citation(turn.number, Mark(cited.ordinal, cited.start, cited.end, cited.numbers))
        elif cited.is_sourced and cited.place == "thinking" and cited.within is not None:
            end = cited.within + len(cited.text)
            self.view.mark_thinking(turn.number, Mark(cited.ordinal, cited.within, end, cited.numbers))

    def on_odd_frame(self, message: messages.OddFrame) -> None:
        """Say that a frame came which is no known event; the events pane shows it whole."""
        if self.is_stale(message):
            return
        self._odd_frames += 1
        if self._odd_frames <= MOST_ODD_FRAMES:
            self._odd_frame(message.state, message.event)
        elif self._odd_frames == MOST_ODD_FRAMES + 1:
            self._more_odd_frames(message.state)

    def on_documents_searched(self, message: messages.DocumentsSearched) -> None:
        """Say of each set that it was searched otherwise than was asked for, and why."""
        if not self.is_stale(message):
            for each in message.event.fell_back:
                said = safe_line(f"! {each['set']}: {each['notice']}")[:LONGEST_NOTICE]
                self.view.notice(message.turn, "warning", said)

    def _odd_frame(self, turn: Turn, event: Unknown | Malformed) -> None:
        from workbench.events import AT_ONCE, NOT_STREAMED, Malformed

        if isinstance(event, Malformed):
            what = event.reason
        elif event.type == NOT_STREAMED:
            what = AT_ONCE
        else:
            what = f"unknown event {event.type!r}"
        self.view.notice(
            turn.number, "warning", f"! {safe_line(what)[:LONGEST_NOTICE]}{self._frames('shows the frame')}"
        )

    def _more_odd_frames(self, turn: Turn) -> None:
        self.view.notice(turn.number, "warning", f"! more such frames came{self._frames('shows them')}")

    def _frames(self, does: str) -> str:
        return self.keymap.hint("show-events", does)

    def on_turn_ended(self, message: messages.TurnEnded) -> None:
        """Show the rest of the answer, and how the turn ended when there is anything to say of it."""
        if not self.is_stale(message):
            self._finish(message.state)

    def _finish(self, turn: Turn) -> None:
        for words in unplaced_words(turn):
            self.view.notice(turn.number, "warning", words)
        if settings := asked_with_words(turn):
            self.view.notice(turn.number, "info", settings)
        if notice := ending_of(turn, self.goes_on(turn)):
            self.view.notice(turn.number, *notice)
        self.view.finish(
            turn.number,
            thinking_seconds=turn.trace.thinking_seconds,
            seconds=turn.seconds,
            among=self.among_siblings(turn),
        )


def asked_with_words(turn: Turn) -> str:
    """The settings that a turn was asked with, where they were not the default; "" for none."""
    from workbench.config.ran_with import words  # not for the first paint

    return " · ".join(words(turn))


def unplaced_words(turn: Turn) -> list[str]:
    """The citations that nothing in the answer is marked by, a line each, when there are not too many."""
    unanchored = turn.unanchored
    lines = []
    for cited in unanchored[:MOST_UNPLACED]:
        text = safe_line(" ".join(cited.text.split()))
        quoted = f"“{text[:LONGEST_QUOTE]}{'…' if len(text) > LONGEST_QUOTE else ''}” "
        numbers = "".join(f"[{number}]" for number in cited.numbers) or "without a source"
        lines.append(
            f"! cited, but not found in the {_WHERE.get(cited.type, 'answer')}: {quoted if text else ''}{numbers}"
        )
    if (more := len(unanchored) - MOST_UNPLACED) > 0:
        lines.append(f"! {more} more citation{'s are' if more > 1 else ' is'} not found where the model has them")
    return lines


def ending_of(turn: Turn, goes_on: str = "") -> tuple[NoticeKind, str] | None:
    """The words on how a turn ended, when there is anything to say of it; `goes_on` is what can be done then."""
    reason = turn.finish_reason
    if turn.status in ENDINGS:
        kind, word = ENDINGS[turn.status]
        error = str(turn.error or "")
        said = error if error.startswith(word) else " · ".join(filter(None, (word, error)))
        hint = goes_on or ("" if turn.status in ("max-steps", "limit") else "/retry asks again")
        return kind, " · ".join(filter(None, (said, hint)))
    if not is_whole(reason):
        return "warning", f"! {in_words(reason)}: {safe_line(reason)}"
    if not turn.text and not any(step.calls for step in turn.trace.steps):
        return "info", f"no text came ({reason or 'no reason'})"
    return None
