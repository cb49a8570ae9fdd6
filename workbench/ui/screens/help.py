"""The help screen: every key and command, from one table."""

from __future__ import annotations

from workbench.ui.screens.reading_screen import Pair, ReadingScreen

KEYS: tuple[Pair, ...] = (
    ("Enter", "send the question; while an answer streams, ask it next"),
    ("Ctrl+J, Shift+Enter, Alt+Enter", "a new line in the question"),
    ("Ctrl+_, Alt+U", "undo what was typed; Ctrl+Y does it again"),
    ("Ctrl+G", "write the question in $EDITOR"),
    ("Up, Down", "earlier questions (prompt), scroll or move (panes)"),
    ("PageUp, PageDown", "a page of the chat (prompt), of the pane (panes)"),
    ("Esc", "cancel the turn and keep what came; else back to the prompt"),
    ("Ctrl+C", "copy what is selected, else cancel, then clear the prompt, then twice to quit"),
    ("Ctrl+Q", "quit"),
    ("Ctrl+Z", "stop, and back to the shell, where fg goes on"),
    ("Tab, Ctrl+O", "the next pane; Shift+Tab the one before"),
    ("F2 F3 F4 F5 F6", "chat, tools, sources, events, request"),
    ("F7", "the raw text of the answer that is read, its thinking and its plan; Esc goes back"),
    ("z", "grow a pane to the whole screen, and back"),
    ("[ and ]", "the previous and the next citation (chat)"),
    ("Enter", "from a citation to its source; from a source back to the chat"),
    ("Space", "expand or fold: thinking, a call, a passage, a frame"),
    ("y", "copy: what is selected, the answer (chat), the row under the cursor (other panes)"),
    ("Ctrl+N", "a new conversation"),
    ("Ctrl+L", "draw the screen again, when something else wrote on it"),
    ("Ctrl+P", "the command palette"),
    ("F1", "this help"),
)


class HelpScreen(ReadingScreen):
    """The keys, and the `commands` with what they mean."""

    def __init__(self, commands: tuple[Pair, ...]) -> None:
        super().__init__(("Keys", KEYS), ("Commands", commands))
