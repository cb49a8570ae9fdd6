"""The screen beneath all dialogs."""

from __future__ import annotations

from typing import ClassVar

from textual.binding import Binding, BindingType
from textual.screen import Screen


class MainScreen(Screen[None], inherit_bindings=False):
    """What is typed goes into the prompt, from the first key on.

    Of Textual's keys of a screen it has those that copy: Tab and Shift+Tab are actions of the table, which may be none.
    """

    BINDINGS: ClassVar[list[BindingType]] = [Binding("ctrl+c,super+c", "screen.copy_text", "Copy", show=False)]

    AUTO_FOCUS: ClassVar[str | None] = "#prompt"
