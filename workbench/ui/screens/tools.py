"""The tools of the conversation over everything else: switched on and off, and one of them opened.

Owns the keys of the list; what there is to switch is the form's.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import ClassVar, Final

from textual.binding import BindingType

from workbench.ui.actions import BY_ID
from workbench.ui.bindings import bindings
from workbench.ui.forms.tools_form import ToolsForm
from workbench.ui.keymap import Keymap
from workbench.ui.screens.form import FormScreen

NAMED: Final = ("switch-tool", "only-tool", "every-tool", "filter", "search", "close-tools", "help")


class ToolsScreen(FormScreen, inherit_bindings=False):
    """Enter opens a tool, Space switches it on or off."""

    BINDINGS: ClassVar[list[BindingType]] = [*bindings("tools")]

    def __init__(self, form: ToolsForm, keymap: Keymap, outside: Callable[[str], str | None], first: str = "") -> None:
        super().__init__(form, keymap, outside, first=first)
        self._of_tools = form

    def action_switch(self) -> None:
        """Give the field its next value."""
        self.rows.action_fold()

    def action_only(self) -> None:
        """Let this tool alone go along."""
        self._done(self._of_tools.only(self.field.key if self.field is not None else ""))

    def action_every(self) -> None:
        """Let every tool go along."""
        self._of_tools.every()
        self._done("")

    def _show_keys(self) -> None:
        keys = self._keymap
        does = "run it" if self.field is not None and self.field.how == "press" else "change"
        head = (f"{key} {does}",) if (key := keys.short("open-row")) else ()
        self.last.keys = (*head, *(f"{key} {BY_ID[id].hint}" for id in NAMED if (key := keys.short(id))))
        self.last.left = self._form.about
