"""The form that a server wants filled in, over everything else; closing it answers nothing."""

from __future__ import annotations

from collections.abc import Callable

from workbench.ui.background import in_background
from workbench.ui.forms.asked_form import AskedForm
from workbench.ui.keymap import Keymap
from workbench.ui.screens.form import FormScreen


class AskedFormScreen(FormScreen):
    """Shows `form` until it is answered or put aside."""

    def __init__(self, form: AskedForm, keymap: Keymap, outside: Callable[[str], str | None]) -> None:
        super().__init__(form, keymap, outside, first=form.first())
        self._asked = form
        if key := keymap.short("form-close"):  # which the last row may have no room for
            form.about = f"{key} puts it aside, unsent"

    def on_mount(self) -> None:
        """Make ready to check what is filled in."""
        self._asked.shown()
        self.run_worker(self._prepare(), exit_on_error=False)

    def on_unmount(self) -> None:
        """It is answered or put aside."""
        self._asked.closed.set()

    async def _prepare(self) -> None:
        await in_background(self._asked.checker.prepare)
        if self._changing is None:
            self.draw()
