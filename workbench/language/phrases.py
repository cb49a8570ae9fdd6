"""Where the words of a phrase stand in a text one after another, however they are written there.

Owns what "the same words" are: capitals, accents, and what stands between two words do not count, and sentence marks at
the end of a word do not either. What stands within a word does: "node.js" is found as "Node.js", not as "node js".
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from workbench.language.words import folded, is_unspaced

_MARKS_AT_END: Final = ".,;:!?…。，、；：！？"
_SHORTEST: Final = 3  # letters of a word that surely is a term of any text it is a word of


def has_phrase(phrase: str, folded_text: str) -> bool:
    """Whether the words of `phrase` follow one another in a text, which `words.folded` has folded."""
    pattern = _pattern(phrase)
    if pattern is None:
        return False
    return any(_is_whole(folded_text, *found.span()) for found in pattern.finditer(folded_text))


def sure_words(phrase: str) -> Iterator[str]:
    """Those words of `phrase` of which a text that has it is sure to have a term, each as it is written."""
    for word in _words(phrase):
        if len(word) >= _SHORTEST and word.isalpha() and not is_unspaced(word):
            yield word


def _words(phrase: str) -> list[str]:
    words = (word.rstrip(_MARKS_AT_END) or word for word in folded(phrase).split())
    return [word for word in words if any(map(str.isalnum, word))]


@lru_cache(maxsize=64)
def _pattern(phrase: str) -> re.Pattern[str] | None:
    words = _words(phrase)
    return re.compile(r"[\W_]++".join(map(re.escape, words))) if words else None


def _is_whole(text: str, start: int, end: int) -> bool:
    """Whether no word goes on over the start or the end; in scripts without spaces, words end anywhere."""
    return not (_goes_on(text, start, -1) or _goes_on(text, end - 1, 1))


def _goes_on(text: str, last: int, step: int) -> bool:
    """Whether the word with the character at `last` goes on beyond it; underlines around a word are no part of it."""
    if not _is_of_word(text[last]) or is_unspaced(text[last]):
        return False
    beyond = last + step
    while 0 <= beyond < len(text) and text[beyond] == "_":
        beyond += step
    return 0 <= beyond < len(text) and _is_of_word(text[beyond]) and not is_unspaced(text[beyond])


def _is_of_word(character: str) -> bool:
    return character.isalnum() or unicodedata.category(character).startswith("M")
