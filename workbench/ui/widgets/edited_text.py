"""A text that is edited on a screen of its own: with the keys of the prompt, and those that send it or leave it."""

from __future__ import annotations

from typing import ClassVar

from textual import events
from textual.binding import BindingType
from textual.message import Message

from workbench.ui.bindings import bindings
from workbench.ui.keymap import Keymap
from workbench.ui.terminal.textual_inside import type_key
from workbench.ui.widgets.line_editor import LineEditor
from workbench.ui.widgets.prompt_keys import editing_keys


class EditedText(LineEditor):
    """Says which action of the place `editor` a key is for; a new line is put here, where there may be several."""

    DEFAULT_CSS = """
    EditedText {
        border: none; padding: 0 1; background: transparent; scrollbar-size-vertical: 1;
        &:focus { border: none; background: transparent; background-tint: transparent; }
    }
    """

    class Acted(Message):
        """A key of the action `id` was pressed."""

        def __init__(self, id: str) -> None:
            self.id = id
            super().__init__()

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("editor")]

    def __init__(self, keymap: Keymap, *, is_one_line: bool = False, id: str | None = None) -> None:
        super().__init__(
            id=id, compact=True, soft_wrap=True, tab_behavior="focus", highlight_cursor_line=False,
            show_line_numbers=False,
        )  # fmt: skip
        self.cursor_blink = False
        self._is_one_line = is_one_line
        self._pressed = keymap.pressed("editor")
        self._edits = editing_keys(keymap)

    def put(self, text: str) -> None:
        """Let `text` stand here, the cursor at its beginning; of one line, at its end."""
        self.text = text
        self.move_cursor(self.document.end if self._is_one_line else (0, 0))

    def action_act(self, id: str) -> None:
        """Begin a new line, or tell what else is to be done."""
        if id != "newline-edited":
            self.post_message(self.Acted(id))
        elif not self._is_one_line:
            self.insert("\n")

    async def on_key(self, event: events.Key) -> None:
        """Keys of our own, and those that edit, in the order in which they come."""
        id = self._pressed.get(event.key)
        edit = "" if event.is_printable else self._edits.get(event.key, "")
        if id is not None:
            self.action_act(id)
        elif edit:
            self.ends_kills(edit)
            await self.run_action(edit)
        else:
            self.ends_kills("")
            await type_key(self, event)
            return
        event.stop()
        event.prevent_default()
