"""The rows of sessions: what is typed there narrows them, and is for whoever shows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import ClassVar, Final

from textual import events
from textual.binding import BindingType
from textual.message import Message

from workbench.ui.widgets.rows import RowList

LONGEST_WORDS: Final = 200  # characters that are looked for
BEGINS: Final = "/"  # begins a search elsewhere, and does so here


class SessionList(RowList, inherit_bindings=False):
    """Rows without keys of their own: each character is looked for."""

    BINDINGS: ClassVar[list[BindingType]] = []

    @dataclass
    class Typed(Message):
        """Sent with what is looked for from now on, made of what was looked for before."""

        change: Callable[[str], str]

    takes_words: bool = True
    """Whether what is typed is looked for: else it is for the screen."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is written here."""
        return self.takes_words and character is not None and character.isprintable()

    async def on_key(self, event: events.Key) -> None:
        """Characters are looked for, and taken away again as at a shell's prompt."""
        if self.takes_words and (change := _change(event)) is not None:
            event.stop()
            event.prevent_default()
            self.post_message(self.Typed(change))

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted is looked for."""
        event.stop()
        pasted = " ".join(event.text[:LONGEST_WORDS].split())
        self.post_message(self.Typed(lambda words: words + pasted))


def _change(event: events.Key) -> Callable[[str], str] | None:
    """What a key makes of the words; None for one that changes nothing."""
    match event.key:
        case "backspace" | "ctrl+h":
            return lambda words: words[:-1]
        case "ctrl+u":
            return lambda _: ""
        case "ctrl+w":
            return lambda words: words.rstrip()[: words.rstrip().rfind(" ") + 1]
    if not event.is_printable or not (typed := event.character):
        return None
    return lambda words: words + typed if words or typed != BEGINS else ""
