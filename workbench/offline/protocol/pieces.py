"""Text in token-like pieces: what one delta carries, and what a token is counted as.

Owns the rule that no piece splits a grapheme. Refuses to be a model's tokenizer: the counts are honest counts
of words and punctuation, not of anybody's vocabulary.
"""

from __future__ import annotations

import re
import unicodedata

_PIECE_LENGTH = 16
_WORDS = re.compile(r"\w+|[^\w\s]")
_ZERO_WIDTH_JOINER = "\u200d"


def pieces(text: str) -> list[str]:
    """`text` cut into pieces that join to it again: a word with the space before it, or one other character.

    A piece has at most 16 code points, unless a single grapheme has more.
    """
    found: list[str] = []
    current = ""
    for grapheme in graphemes(text):
        if current and not _continues(current, grapheme):
            found.append(current)
            current = ""
        current += grapheme
    if current:
        found.append(current)
    return found


def count(text: str) -> int:
    """How many words and punctuation marks `text` has."""
    return sum(1 for _ in _WORDS.finditer(text))


def _continues(piece: str, grapheme: str) -> bool:
    if len(piece) + len(grapheme) > _PIECE_LENGTH:
        return False
    last, first = piece[-1], grapheme[0]
    if first.isspace():
        return last.isspace() and (first == "\n") == (last == "\n")
    if piece.isspace():
        return last == " "
    if not _in_word(first):
        return False
    return _in_word(last) and not _ideographic(first) and not _ideographic(last)


def _in_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")


def _ideographic(character: str) -> bool:
    return "\u2e80" <= character <= "\u9fff" or "\uf900" <= character <= "\ufaff" or character >= "\U00020000"


def graphemes(text: str) -> list[str]:
    """The user-perceived characters of `text`, in order, by the rules that matter for splitting.

    Combining marks, variation selectors, emoji modifiers, joined emoji, flags, conjoining Hangul, conjuncts
    after a virama and CR LF stay together.
    """
    if text.isascii() and "\r" not in text:
        return list(text)
    clusters: list[str] = []
    for character in text:
        if clusters and _joins(clusters[-1], character):
            clusters[-1] += character
        else:
            clusters.append(character)
    return clusters


def _joins(cluster: str, character: str) -> bool:
    last = cluster[-1]
    if character == "\n":
        return last == "\r"
    if character.isascii() or last in "\r\n":
        return False
    if _extends(character):
        return True
    if last == _ZERO_WIDTH_JOINER:
        return not character.isalnum()
    if _regional(character):
        return len(cluster) % 2 == 1 and all(map(_regional, cluster))
    if unicodedata.combining(last) == 9:  # a virama binds the next consonant
        return character.isalpha()
    return _conjoins(last, character)


def _extends(character: str) -> bool:
    return (
        character == _ZERO_WIDTH_JOINER
        or unicodedata.category(character) in ("Mn", "Mc", "Me")
        or "\U0001f3fb" <= character <= "\U0001f3ff"
        or "\U000e0020" <= character <= "\U000e007f"
    )


def _regional(character: str) -> bool:
    return "\U0001f1e6" <= character <= "\U0001f1ff"


def _conjoins(last: str, character: str) -> bool:
    """Whether Hangul jamo after Hangul belong to one syllable."""
    leading = "\u1100" <= last <= "\u115f"
    if "\u1160" <= character <= "\u11a7":
        return leading or "\u1160" <= last <= "\u11a7" or _open_syllable(last)
    if "\u11a8" <= character <= "\u11ff":
        return "\u1160" <= last <= "\u11ff" or "\uac00" <= last <= "\ud7a3"
    return leading and "\u1100" <= character <= "\u115f"


def _open_syllable(character: str) -> bool:
    return "\uac00" <= character <= "\ud7a3" and (ord(character) - 0xAC00) % 28 == 0
