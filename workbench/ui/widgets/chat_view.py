"""What the chat pane asks of whatever draws a conversation. Owns the interface; `Transcript` implements it."""

from __future__ import annotations

from contextlib import AbstractContextManager
from typing import Protocol

from workbench.ui.markdown.line import Mark, NoticeKind

__all__ = ["ChatView", "Mark", "NoticeKind"]


class ChatView(Protocol):
    """A turn is named by its number. Text comes in pieces of any size; what names an unknown turn is ignored."""

    def begin_turn(self, turn: int, prompt: str, place: int | None = None) -> None:
        """A question was asked: `prompt` is shown word for word."""

    def append_thinking(self, turn: int, text: str) -> None:
        """A piece of what the model thinks."""

    def append_text(self, turn: int, text: str) -> None:
        """A piece of the answer, which is Markdown."""

    def mark_citation(self, turn: int, mark: Mark) -> None:
        """A span of the answer so far is cited; offsets are code points of its text as appended."""

    def mark_thinking(self, turn: int, mark: Mark) -> None:
        """A span of what was thought is cited; offsets are code points of it as appended."""

    def notice(self, turn: int, kind: NoticeKind, text: str) -> None:
        """A line of ours at the turn's end: how it failed, that it was cancelled."""

    def finish(
        self, turn: int, *, thinking_seconds: float | None = None, seconds: float | None = None, among: str = ""
    ) -> None:
        """No more text will come; how long it thought, and how long the turn took, in seconds. `among` says which of
        the turns it is that were asked in the same place."""

    def at_once(self) -> AbstractContextManager[None]:
        """Within, turns are added and nothing is shown; all of them are, as at a resize, at the end."""

    def show_turn(self, turn: int) -> None:
        """Bring the beginning of a turn into view, or the end of the last one."""

    def clear(self) -> None:
        """Forget every turn."""
