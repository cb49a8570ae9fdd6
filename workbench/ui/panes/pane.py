"""What all panes share: a title line with a word on the right, a body below, and a turn that they are about."""

from __future__ import annotations

from typing import Any, ClassVar

from textual.app import ComposeResult, RenderResult
from textual.containers import Vertical
from textual.content import Content
from textual.reactive import reactive
from textual.widget import Widget

from workbench.ui.messages import EventMessage, TurnBegan
from workbench.ui.text import safe_line


class PaneTitle(Widget):
    """One line: the pane's name at the left, what it holds at the right."""

    DEFAULT_CSS = """
    PaneTitle { height: 1; padding: 0 1; color: $text-muted; text-style: bold; }
    """
    summary: reactive[str] = reactive("")

    def __init__(self, title: str) -> None:
        super().__init__()
        self._title = title

    def render(self) -> RenderResult:
        width = self.content_size.width
        summary = safe_line(self.summary)
        room = width - len(self._title) - 2
        right = Content(summary).truncate(max(0, room), ellipsis=True)
        gap = max(1, width - len(self._title) - right.cell_length)
        return Content.assemble(self._title, " " * gap, (right.plain, "not bold"))


class Pane(Vertical):
    """A pane of the screen. Subclasses give `TITLE` and `body()`."""

    TITLE: ClassVar[str] = ""
    DEFAULT_CSS = """
    Pane { height: 1fr; }
    Pane:focus-within > PaneTitle { color: $accent; }
    """

    turn: int = 0

    def compose(self) -> ComposeResult:
        yield PaneTitle(self.TITLE)
        yield self.body()

    def body(self) -> Widget:
        """The widget below the title; it is the one that takes the focus."""
        raise NotImplementedError

    def summarise(self, summary: str) -> None:
        """Say at the right of the title what the pane holds."""
        self.query_one(PaneTitle).summary = summary

    def is_stale(self, message: EventMessage[Any]) -> bool:
        return message.turn != self.turn

    def on_turn_began(self, message: TurnBegan) -> None:
        self.turn = message.turn
        self.begin(message)

    def begin(self, message: TurnBegan) -> None:
        """A turn began: make room for it."""
        raise NotImplementedError

    def reset(self) -> None:
        """A new conversation: show nothing of the old one."""
        raise NotImplementedError
