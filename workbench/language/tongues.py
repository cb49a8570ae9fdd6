"""Which language a text is in, as far as a few little words tell: enough to choose words of our own for it.

Owns those words and nothing else. A text in none of these languages, or too short to tell, is in "".
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Final

from workbench.language.stems import LITTLE_WORDS

_LOOKED_AT: Final = 4_000  # characters
_WORD = re.compile(r"[^\W\d_]+")
_LITTLE: Final = {
    "en": "the of and to is are it for with that this be or not you your when by as from can how what",
    "de": "der die das und ist sind nicht ein eine einen zu von mit für auf den dem im werden wird oder wie was sie",
    "fr": "le la les des et est sont un une du pour dans que qui ne pas avec sur vous il elle au aux ou où ce se",
    "es": "el la los las y es son un una de que en para con por no se del al su como más o si hay",
    "it": "il lo gli di e è sono un una che per con non si del della dei alla come più nel o ma",
    "nl": "de het een en van is zijn niet voor met op te dat die u je wordt worden of als er bij",
    "pt": "o os as e é são um uma de que em para com por não se do da dos das no na ao como mais ou",
}
_OF_WORD: Final = {
    word: tuple(name for name, words in _LITTLE.items() if word in words.split())
    for word in {each for words in _LITTLE.values() for each in words.split()}
}


def language_of(texts: Iterable[str], least: int = 2) -> str:
    """The language of the texts, such as "en" or "de"; "" where none has the most little words, and `least` of them."""
    found = Counter[str]()
    for text in texts:
        for word in _WORD.findall(text[:_LOOKED_AT].lower()):
            found.update(_OF_WORD.get(word, ()))
    (first, most), (_, next_most) = [*found.most_common(2), ("", 0), ("", 0)][:2]
    return first if most >= least and most > next_most else ""


_BEGINNING: Final = 500  # characters of a passage that tell its language by its letters
_FIRST: Final = 64  # of the chunks between white space, which tell it by its little words
_LONG: Final = 32  # different ones among these, with which its letters need not be looked at
_KNOWN: Final = {
    tongue: frozenset(f"{_LITTLE.get(tongue, '')} {LITTLE_WORDS.get(tongue, '')}".split())
    for tongue in _LITTLE.keys() | LITTLE_WORDS.keys()
}
_OF_KNOWN: Final = {
    word: tuple(tongue for tongue, known in _KNOWN.items() if word in known)
    for word in frozenset[str]().union(*_KNOWN.values())
}
_ANY: Final = frozenset(_OF_KNOWN)
_WRITTEN: Final = frozenset(form for word in _ANY for form in (word, word.capitalize(), word.upper()))
_LETTERS: Final = {"de": "äöüß", "fr": "çèêàùîôœë", "es": "ñ¿¡áíóú", "pt": "ãõçáíóúâêô", "it": "èàìòù"}
"""Letters that words of these languages have, and English ones have not."""


def tongue_of(text: str, chunks: Sequence[str] | None = None) -> str:
    """The language of a passage or a question by its little words and its letters, such as "de"; "" where none is told.

    `chunks` are what stands between white space in `text`, where they are at hand. It takes a microsecond or two: what
    the beginning of a text tells by its words is enough.
    """
    first = (text.split() if chunks is None else chunks)[:_FIRST]
    found = _WRITTEN.intersection(first)
    if (told := _first(_counted(set(map(str.lower, found))), 3)) or len(set(first)) > _LONG:
        return told
    beginning = text[:_BEGINNING].lower()
    scores = {tongue: 2 * count for tongue, count in _counted(_ANY.intersection(_WORD.findall(beginning))).items()}
    if not beginning.isascii():
        for tongue, letters in _LETTERS.items():
            scores[tongue] = scores.get(tongue, 0) + sum(letter in beginning for letter in letters)
    return _first(scores, 1)


def _counted(words: Iterable[str]) -> dict[str, int]:
    """How many of these little words, each there once, each language has."""
    found: dict[str, int] = {}
    for word in words:
        for tongue in _OF_KNOWN[word]:
            found[tongue] = found.get(tongue, 0) + 1
    return found


def _first(found: dict[str, int], least: int) -> str:
    """The language that has the most, if it has `least` at least and no other has as much."""
    most = max(found.values(), default=0)
    named = [tongue for tongue, count in found.items() if count == most]
    return named[0] if most >= least and len(named) == 1 else ""
