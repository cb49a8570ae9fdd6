"""Text that is safe to print: owns what becomes of characters a terminal would act on or hide.

Refuses nothing: every character is either itself or a visible stand-in, without state, so text may come in pieces.
"""

from __future__ import annotations

import unicodedata

# Controls, formats (bidi, zero-width, tags), lone surrogates, line and paragraph separators.
_UNSAFE_CATEGORIES = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})


def printable(text: str) -> str:
    """`text` on one line, with `\\x1b` or `<U+202E>` for whatever is not plainly visible."""
    if text.isascii() and text.isprintable():
        return text
    return "".join(map(_visible, text))


def _visible(character: str) -> str:
    if unicodedata.category(character) not in _UNSAFE_CATEGORIES:
        return character
    code = ord(character)
    return f"\\x{code:02x}" if code < 0x100 else f"<U+{code:04X}>"
