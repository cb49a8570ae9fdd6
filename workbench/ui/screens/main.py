"""The screen beneath all dialogs."""

from __future__ import annotations

from typing import TYPE_CHECKING, ClassVar, cast

from textual.binding import Binding, BindingType
from textual.screen import Screen

if TYPE_CHECKING:
    from workbench.ui.app import WorkbenchApp


class MainScreen(Screen[None]):
    """What is typed goes into the prompt, from the first key on."""

    AUTO_FOCUS: ClassVar[str | None] = "#prompt"
    BINDINGS: ClassVar[list[BindingType]] = [
        Binding("f7", "raw", "Raw text", priority=True),
    ]

    def action_raw(self) -> None:
        cast("WorkbenchApp", self.app).commands.run("/raw")
