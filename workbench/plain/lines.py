"""Lines of text to one stream: what is whole when it is written, and what a line may hold.

Owns that no control character but the newline is written, that a word of running text is written whole, and that
nothing begins in the middle of a line. Lines are as long as they are: whatever shows them breaks them.
"""

from __future__ import annotations

import re
from typing import Final, Literal, TextIO

from workbench.printing.standard_output import writing
from workbench.safe_text import safe_line, safe_text
from workbench.secrets.redactor import Redactor

TAB: Final = " " * 4
LONGEST_WORD: Final = 40  # characters; what is longer is not waited for
_WORD_BEGUN: Final = re.compile(r"[^\s\u1100-\uffff]+\Z")
"""The end of a text that may go on. Of scripts that part no words by blanks, each character is one."""


class Lines:
    """Writes to `out`, each time at once. Raises OutputError, or BrokenPipeError when the reader has gone."""

    def __init__(self, out: TextIO, redactor: Redactor) -> None:
        self._out = out
        self._redactor = redactor
        self._open: Literal["", "text", "prompt"] = ""  # what stands in the line that has no end yet
        self._at_start = True  # of a line, in running text
        self._held = ""  # the beginning of a word
        self._later: list[str] = []
        self._asked = ""  # the last prompt

    def line(self, text: str) -> None:
        """A line of its own, in which a newline of `text` is shown as `␤`."""
        self.end_text()
        self._write(f"{safe_line(self._redactor.text(text))}\n")

    def later(self, text: str) -> None:
        """As `line`, once the running text has ended; a prompt that stands open is asked again behind it."""
        asked = self._asked if self._open == "prompt" else ""
        if self._open == "text":
            self._later.append(text)
        else:
            self.line(text)
        if asked:
            self.prompt(asked)

    def piece(self, text: str) -> None:
        """A piece of running text, which may have several lines; the beginning of a word waits for its rest."""
        if self._open != "text":
            self.end_text()
            self._open, self._at_start = "text", True
        text = self._held + safe_text(text).replace("\t", TAB)
        begun = _WORD_BEGUN.search(text, max(0, len(text) - LONGEST_WORD - 1))
        self._held = begun[0] if begun and len(begun[0]) <= LONGEST_WORD else ""
        if whole := text[: len(text) - len(self._held)]:
            self._at_start = whole.endswith("\n")
            self._write(whole)

    def end_text(self) -> None:
        """End the line that stands open, if one does, and write what waited for that."""
        if self._held or (self._open == "text" and not self._at_start) or self._open == "prompt":
            self._write(f"{self._held}\n")
        self._open, self._held = "", ""
        later, self._later = self._later, []
        for text in later:
            self.line(text)

    def prompt(self, text: str) -> None:
        """Ask for a line: what is typed goes on in that of `text`."""
        self.end_text()
        self._open, self._asked = "prompt", text
        self._write(safe_line(self._redactor.text(text)))

    def typed(self) -> None:
        """The person has ended a line, that of the prompt if there is one: what comes next begins a new one."""
        self._at_start = True
        if self._open == "prompt":
            self._open = ""

    def break_text(self) -> None:
        """Let running text go on in a new line: the terminal has shown something behind it."""
        if self._open == "text":
            self._at_start = True
            self._write("\n")

    def _write(self, text: str) -> None:
        with writing():
            self._out.write(text)
            self._out.flush()
