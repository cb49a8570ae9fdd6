"""The questions that a tool may put to a person: may this code run, and what is the result."""

from __future__ import annotations

import time
from typing import ClassVar

from textual import events, on
from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import Vertical
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from workbench.ui.screens.everywhere import EVERYWHERE

DEAF_SECONDS = 0.5  # a paste or a key meant for the prompt must not answer a question that has just appeared


class ToolQuestion(ModalScreen[str | None]):
    """A question with one line to answer it. Esc answers None; keys of the first half second are ignored."""

    DEFAULT_CSS = """
    ToolQuestion { align: center middle; }
    ToolQuestion > Vertical { width: 90%; max-width: 100; height: auto; padding: 1 2; background: $surface; }
    ToolQuestion Input { margin-top: 1; }
    ToolQuestion .asked { max-height: 12; overflow-y: auto; height: auto; }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape", "refuse", "Refuse", priority=True),
        *EVERYWHERE,
    ]

    def __init__(self, title: str, text: Content, hint: str) -> None:
        super().__init__()
        self._title = title
        self._text = text
        self._hint = hint
        self._opened = time.monotonic()

    def compose(self) -> ComposeResult:
        with Vertical():
            yield Static(Content.styled(self._title, "bold $warning"))
            yield Static(self._text, classes="asked")
            yield Input(placeholder=self._hint)

    def on_mount(self) -> None:
        self._opened = time.monotonic()
        self.query_one(Input).cursor_blink = False
        self.query_one(Input).focus()

    async def on_event(self, event: events.Event) -> None:
        if isinstance(event, events.Key | events.Paste) and self._is_deaf():
            event.stop()
            return
        await super().on_event(event)

    def _is_deaf(self) -> bool:
        return time.monotonic() - self._opened < DEAF_SECONDS

    @on(Input.Submitted)
    def _answered(self, message: Input.Submitted) -> None:
        self.dismiss(message.value)

    def action_refuse(self) -> None:
        if not self._is_deaf():
            self.dismiss(None)
