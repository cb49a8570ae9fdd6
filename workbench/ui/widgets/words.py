"""Where words begin and end for the keys that move and delete by one, and what those have taken away.

Knows texts and offsets into them, no widget. Offsets are code points.
"""

from __future__ import annotations

import unicodedata


def word_start(text: str, at: int) -> int:
    """The beginning of the word before `at`, or of the one that it stands in."""
    while at and not _is_of_word(text[at - 1]):
        at -= 1
    while at and _is_of_word(text[at - 1]):
        at -= 1
    return at


def word_end(text: str, at: int) -> int:
    """The end of the word behind `at`, or of the one that it stands in."""
    while at < len(text) and not _is_of_word(text[at]):
        at += 1
    while at < len(text) and _is_of_word(text[at]):
        at += 1
    return at


def argument_start(text: str, at: int) -> int:
    """The beginning of what stands before `at` without a blank in it."""
    while at and text[at - 1].isspace():
        at -= 1
    while at and not text[at - 1].isspace():
        at -= 1
    return at


def _is_of_word(character: str) -> bool:
    return character.isalnum() or character == "_" or unicodedata.category(character).startswith("M")


class Killed:
    """What was deleted to be put back elsewhere. Deletions in a row are one text, wherever each was made."""

    def __init__(self) -> None:
        self.text = ""
        self._goes_on = False

    def take(self, text: str, *, forward: bool) -> None:
        """`text` was deleted, behind the cursor when `forward`. Nothing, and it stays as it was."""
        if not text:
            return
        before = self.text if self._goes_on else ""
        self.text = before + text if forward else text + before
        self._goes_on = True

    def end(self) -> None:
        """Something else was done: the next deletion is another text."""
        self._goes_on = False
