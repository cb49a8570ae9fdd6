"""Text that a person takes along, to the terminal's clipboard or into a file, and what is said of that."""

from __future__ import annotations

from typing import Protocol

from textual.notifications import SeverityLevel

from workbench.ui.background import in_background
from workbench.ui.new_files import not_written, write_beside
from workbench.ui.terminal.clipboard import counted

NOTHING = "nothing to copy yet"


class Outlet(Protocol):
    """What copies need of the stage: a word at the edge of the screen, and the terminal's clipboard."""

    def say(self, text: str, *, severity: SeverityLevel = "information") -> None:
        """Say `text` at the edge of the screen for a short while."""

    def to_clipboard(self, text: str) -> None:
        """Hand `text` to the clipboard that there is; what became of it is said."""


class Copies:
    """Takes text along; what cannot be done is said at the edge of the screen, never raised."""

    def __init__(self, stage: Outlet) -> None:
        self._stage = stage

    def to_clipboard(self, text: str) -> None:
        """Hand `text` to the clipboard that there is."""
        if not text:
            self._stage.say(NOTHING, severity="warning")
        else:
            self._stage.to_clipboard(text)

    def to_file(self, text: str, file: str) -> None:
        """Write `text` into a file that does not exist yet."""
        if not text:
            self._stage.say(NOTHING, severity="warning")
            return
        if problem := not_written(file, text):
            self._stage.say(problem, severity="error")
        else:
            self._say_written(text, file)

    def beside(self, text: str, stem: str, suffix: str) -> None:
        """Write `text` into a new file of this name, or one like it, in the current folder."""
        if not text:
            self._stage.say(NOTHING, severity="warning")
            return
        try:
            name = write_beside(stem, suffix, text)
        except OSError as error:
            self._stage.say(f"not written: {error.strerror or error}", severity="error")
        else:
            self._say_written(text, name)

    async def large_to_file(self, text: str, file: str) -> None:
        """As `to_file`, of a text that takes long to write: keys are read meanwhile."""
        if problem := await in_background(lambda: not_written(file, text)):
            self._stage.say(problem, severity="error")
        else:
            self._say_written(text, file)

    async def large_beside(self, text: str, stem: str, suffix: str) -> None:
        """As `beside`, of a text that takes long to write."""
        try:
            name = await in_background(lambda: write_beside(stem, suffix, text))
        except OSError as error:
            self._stage.say(f"not written: {error.strerror or error}", severity="error")
        else:
            self._say_written(text, name)

    def _say_written(self, text: str, file: str) -> None:
        self._stage.say(f"{counted(text)} written to {file}")
