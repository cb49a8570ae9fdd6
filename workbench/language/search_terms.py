"""The terms by which passages are searched: those of a passage in its language, and those of a question in each.

A passage is in one language, and its words have the stems of that. A question is too short to tell, and may be about
passages in several: it has the stems of all.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from typing import Final

from workbench.language.stems import TONGUES, left_out, rules_of
from workbench.language.tongues import tongue_of
from workbench.language.words import ChunkTerms

_DEFAULT: Final = TONGUES[0]


AskedWord = tuple[str, ...]
"""A word of a question: the terms that it may be in a passage, the stem of each language, each once."""


class PassageTerms:
    """The terms of passages; what was made of a word is remembered. `fresh` gets every term that was not known."""

    def __init__(self, fresh: set[str] | None = None) -> None:
        self._of_tongue = {tongue: ChunkTerms(rules_of(tongue), fresh) for tongue in TONGUES}

    def joined(self, text: str, of: str = "") -> str:
        """The terms of a passage, or of a part `of` one, in order and with repeats, with blanks between them."""
        return self._of_tongue[_tongue(of or text)].joined(text)

    def by_chunks(self, text: str) -> list[str]:
        """The terms of each chunk of a passage, which stands between white space: with blanks between them; of many a
        chunk "", of most a single term."""
        chunks = text.split()
        return list(map(self._of_tongue[_known(tongue_of(text, chunks))].__getitem__, chunks))


def passage_terms(text: str, of: str = "") -> list[str]:
    """The terms of a passage, or of a part `of` one, in order and with repeats.

    Without case and accents, and as the stem that a word has in the language of the passage, without the words of it
    that say too little. Numbers stay. An identifier gives itself and its parts (`max_tokens`, `max`, `token`;
    `--docs`, `docs`; `run:`, `run`). Text in scripts without spaces gives overlapping pairs of characters, and each
    character that may be a word.
    """
    return _remembered().joined(text, of).split()


def asked_words(text: str, of: str = "") -> list[AskedWord]:
    """The words of a question, or of a part `of` one, in order and each once; see `AskedWord`."""
    spoken = _tongue(of or text)
    found: dict[AskedWord, None] = {}
    for chunk in text.split():
        by_tongue = [_asked(tongue, spoken)[chunk].split() for tongue in TONGUES]
        found.update((tuple(dict.fromkeys(stems)), None) for stems in zip(*by_tongue, strict=True))
    return list(found)


def terms_of_any(word: str) -> frozenset[str]:
    """The terms of a word, in whatever language a passage with it is: the passage has one of them at least.

    None where some language leaves the word out.
    """
    found = [_within(tongue)[word].split() for tongue in TONGUES]
    return frozenset(term for terms in found for term in terms) if all(found) else frozenset()


def _tongue(text: str) -> str:
    return _known(tongue_of(text))


def _known(tongue: str) -> str:
    """The language whose stems stand for those of a text that is in this one, or in none that is told."""
    return tongue if tongue in TONGUES else _DEFAULT


@cache
def _remembered() -> PassageTerms:
    return PassageTerms()


@cache
def _asked(tongue: str, spoken: str) -> ChunkTerms:
    """The stems of one language, of the words that are not little ones of the one in which is asked."""
    return ChunkTerms(replace(rules_of(tongue), left_out=left_out(spoken)))


@cache
def _within(tongue: str) -> ChunkTerms:
    return ChunkTerms(rules_of(tongue))
