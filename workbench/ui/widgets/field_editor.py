"""The line in which the value of a field is changed: Enter takes it, Escape leaves it as it was.

Owns its keys: those that edit are the prompt's, and Up and Down walk the list over it.
"""

from __future__ import annotations

import re
from typing import Final

from textual import events
from textual.message import Message

from workbench.ui.actions import BY_ID
from workbench.ui.keymap import Keymap
from workbench.ui.widgets.line_editor import LineEditor
from workbench.ui.widgets.prompt_keys import editing_keys, told_of

_BREAKS: Final = re.compile(r"\s*[\r\n]+\s*")


class FieldEditor(LineEditor):
    """One line, or several where a value may have them, which the key of a new line begins."""

    DEFAULT_CSS = """
    FieldEditor {
        height: auto; min-width: 3; min-height: 1; max-height: 6; border: none; padding: 0 1 0 0;
        background: transparent; scrollbar-size-vertical: 1;
        &:focus { border: none; background: transparent; background-tint: transparent; }
    }
    """

    class Taken(Message):
        """Sent with Enter: the value is what stands here, or what is chosen in the list."""

    class Left(Message):
        """Sent with Escape: the value stays as it was."""

    class Walked(Message):
        """Sent to choose another one in the list: the next one (1) or the one before."""

        def __init__(self, by: int) -> None:
            self.by = by
            super().__init__()

    class Completed(Message):
        """Sent with Tab: what is chosen in the list is to stand here."""

    class Outside(Message):
        """Sent to write the value in $EDITOR."""

    def __init__(self, keymap: Keymap, *, id: str | None = None) -> None:
        super().__init__(
            id=id, compact=True, soft_wrap=True, tab_behavior="focus", highlight_cursor_line=False,
            show_line_numbers=False,
        )  # fmt: skip
        self.cursor_blink = False
        self.is_long = False
        """Whether a value may have several lines."""
        self.walks = False
        """Whether Up and Down walk a list, and do not move the cursor."""
        self._edits = editing_keys(keymap)
        self._newline = frozenset(told_of(keymap, BY_ID["newline"]))
        self._outside = frozenset(told_of(keymap, BY_ID["form-editor"]))

    def begin(self, text: str, *, is_long: bool) -> None:
        """Let a value be changed, the cursor at its end."""
        self.is_long = is_long
        self.text = text if is_long else _BREAKS.sub(" ", text)
        self.move_cursor(self.document.end)

    @property
    def typed(self) -> str:
        """What stands here, in one line where a value has no more."""
        return self.text if self.is_long else _BREAKS.sub(" ", self.text)

    def takes_key(self, event: events.Key) -> bool:
        """Whether a key changes what stands here or the cursor, and nothing else."""
        return event.is_printable or event.key in self._edits.keys() - self._ours()

    def _ours(self) -> set[str]:
        return {"enter", "escape", "tab", *self._newline, *self._outside, *(("up", "down") if self.walks else ())}

    async def on_key(self, event: events.Key) -> None:
        """Keys that edit and those of our own are handled here, in the order in which they came."""
        message = self._meant(event.key)
        edit = "" if event.is_printable else self._edits.get(event.key, "")
        if message is None and not edit and event.key not in self._newline:
            self.ends_kills("")
            return
        event.stop()
        event.prevent_default()
        if message is not None:
            self.post_message(message)
        elif event.key in self._newline:
            if self.is_long:
                self.insert("\n")
        else:
            self.ends_kills(edit)
            await self.run_action(edit)

    def _meant(self, key: str) -> Message | None:
        match key:
            case "enter":
                return self.Taken()
            case "escape":
                return self.Left()
            case "tab":
                return self.Completed()
            case "up" | "down" if self.walks:
                return self.Walked(1 if key == "down" else -1)
        return self.Outside() if key in self._outside else None
