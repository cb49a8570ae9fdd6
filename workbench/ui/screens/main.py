"""The screen beneath all dialogs."""

from __future__ import annotations

from typing import ClassVar

from textual.screen import Screen


class MainScreen(Screen[None]):
    """What is typed goes into the prompt, from the first key on."""

    AUTO_FOCUS: ClassVar[str | None] = "#prompt"
