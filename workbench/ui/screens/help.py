"""The help screen: every key and command, from one table."""

from __future__ import annotations

from typing import ClassVar

from textual.app import ComposeResult
from textual.binding import Binding, BindingType
from textual.containers import VerticalScroll
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from workbench.ui.screens.everywhere import EVERYWHERE

KEYS: tuple[tuple[str, str], ...] = (
    ("Enter", "send the question; while an answer streams, ask it next"),
    ("Ctrl+J, Shift+Enter, Alt+Enter", "a new line in the question"),
    ("Up, Down", "earlier questions (prompt), scroll or move (panes)"),
    ("Esc", "cancel the turn and keep what came; else back to the prompt"),
    ("Ctrl+C", "cancel, then clear the prompt, then twice to quit"),
    ("Ctrl+Q", "quit"),
    ("Tab, Ctrl+O", "the next pane; Shift+Tab the one before"),
    ("F2 F3 F4 F5 F6", "chat, tools, sources, events, request"),
    ("z", "grow a pane to the whole screen, and back"),
    ("[ and ]", "the previous and the next citation (chat)"),
    ("Enter", "from a citation to its source; from a source back to the chat"),
    ("Space", "expand or fold: thinking, a call, a passage, a frame"),
    ("y", "copy: the answer (chat), the row under the cursor (other panes)"),
    ("Ctrl+N", "a new conversation"),
    ("Ctrl+P", "the command palette"),
    ("F1", "this help"),
)


class HelpScreen(ModalScreen[None]):
    """Any of Esc, F1, q closes it."""

    DEFAULT_CSS = """
    HelpScreen { align: center middle; }
    HelpScreen > VerticalScroll {
        width: 84; max-width: 100%; height: auto; max-height: 100%; padding: 1 2; background: $surface;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("escape,f1,q", "dismiss", "Close"),
        *EVERYWHERE,
    ]

    def __init__(self, commands: tuple[tuple[str, str], ...]) -> None:
        super().__init__()
        self._commands = commands

    def compose(self) -> ComposeResult:
        with VerticalScroll():
            yield Static(_table("Keys", KEYS), markup=False)
            yield Static(_table("Commands", self._commands), markup=False)


def _table(title: str, rows: tuple[tuple[str, str], ...]) -> Content:
    width = max(len(left) for left, _ in rows) + 2
    lines = [Content.assemble((f"{title}\n", "bold"))]
    lines += [Content.assemble((f"{left:<{width}}", "$accent"), f"{right}\n") for left, right in rows]
    return Content("").join(lines)
