"""The layout of the keyboard, as far as its keys have told: which key names a command that is pressed.

Commands are named by Latin letters. On a keyboard of another script they are those of the same key on a Latin one, also
where it writes a sign: what is `'` in Hebrew is W. On a Latin one whose letters stand elsewhere, `'` may be that of
Dvorak, and is itself.
"""

from __future__ import annotations

import unicodedata
from typing import Final

_SIGNS_FOR_LETTERS: Final = frozenset({("'", "w"), ("/", "q"), (";", "q"), (",", "q")})
"""The signs that keyboards of another script (Hebrew, Greek, Bulgarian) have in the place of a Latin letter, while
nothing is known; other pairs, such as Q and the `'` of Dvorak, are those of Latin keyboards."""


class Layout:
    """What is known of one keyboard, which may change from key to key."""

    def __init__(self) -> None:
        self._writes_another = False
        self._is_moved = False  # it is Latin, and its letters stand elsewhere

    def wrote(self, text: str) -> None:
        """Note what a key has typed: the last letter tells the script."""
        letter = next(filter(str.isalpha, reversed(text)), "")
        if letter:
            self._writes_another = _is_of_another_script(letter)
            self._is_moved = self._is_moved and not self._writes_another

    def command(self, own: str, base: str) -> str:
        """The character by which a key with Ctrl or Alt is named: the one that it writes, or that of its `base` key on
        a Latin keyboard, which is "" where the terminal does not tell it."""
        if not base or not own:
            return own
        if _is_of_another_script(own):
            self.wrote(own)
            return base
        if own.isalpha():
            if own != base and _is_letter(own) and _is_letter(base):
                self._writes_another, self._is_moved = False, True
            return own
        return base if _is_letter(base) and own.isascii() and self._stands_for(own, base) else own

    def _stands_for(self, sign: str, letter: str) -> bool:
        return self._writes_another or (not self._is_moved and (sign, letter) in _SIGNS_FOR_LETTERS)


def _is_of_another_script(character: str) -> bool:
    """Whether it is no Latin character."""
    return not character.isascii() and not unicodedata.name(character, "LATIN").startswith("LATIN")


def _is_letter(character: str) -> bool:
    return character.isascii() and character.isalpha()
