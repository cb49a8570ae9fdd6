"""Texts ranked by how much of a question they say, and which of their sentences say it: by words, not by a model.

Owns the score, from 0 to 1. Words that few of the texts have count more, and so does a sentence that has many of them.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from workbench.documents.bm25 import K1, rarity, weight
from workbench.language.meanings import widened
from workbench.language.search_terms import AskedWord, asked_words, passage_terms
from workbench.language.words import sentences

_WHOLE, _BEST, _OFTEN = 0.45, 0.45, 0.1
"""What the text as a whole counts, its best sentence, and how often and in how little text it has the words."""

_CLEARLY: Final = 0.6  # of what the best sentence says
_MOST: Final = 3  # sentences of a text
_UNKNOWN: Final = 1  # texts that have a word which none has


@dataclass(frozen=True, slots=True)
class Ranked:
    """Which of the texts it is, its score, and its sentences that say most: start, end and score of each."""

    index: int
    score: float
    spans: tuple[tuple[int, int, float], ...]


def ranked(question: str, texts: Sequence[str]) -> list[Ranked]:
    """Each of the texts, the best first; those that say equally much in their order."""
    counted = [Counter(passage_terms(text)) for text in texts]
    known = Counter(word for each in counted for word in each)
    asked = _Asked(question, known, len(texts))
    lengths = [each.total() for each in counted]
    average = (sum(lengths) / len(lengths) if lengths else 0.0) or 1.0
    found = []
    for index, (text, words) in enumerate(zip(texts, counted, strict=True)):
        whole = asked.share(words)
        spans = _spans(asked, text) if whole else ()
        often = asked.often(words, lengths[index] / average)
        best = max((score for *_, score in spans), default=0.0)
        score = _WHOLE * whole + _BEST * best + _OFTEN * often
        found.append(Ranked(index, round(score, 6), spans))
    return sorted(found, key=lambda each: (-each.score, each.index))


class _Asked:
    """The words of a question, each with what it is worth, and what stands for it among the words that are known."""

    def __init__(self, question: str, known: Mapping[str, int], size: int) -> None:
        asked = asked_words(question)
        self._worth = {word: rarity(max(known.get(term, _UNKNOWN) for term in word), size) for word in asked}
        self._stands = {word: widened([word], known.keys()) for word in self._worth}
        self._all = sum(self._worth.values()) or 1.0

    def share(self, words: Mapping[str, int]) -> float:
        """How much of the question words say, from 0 to 1."""
        return sum(worth * self._best(word, words) for word, worth in self._worth.items()) / self._all

    def often(self, words: Mapping[str, int], length: float) -> float:
        """As `share`, where what a text of `length`, 1 being the average, repeats counts more."""
        found = 0.0
        for word, worth in self._worth.items():
            count = sum(words.get(other, 0) * factor for other, factor in self._stands[word].items())
            found += worth * weight(count, length, 1.0) / (K1 + 1) if count else 0.0
        return found / self._all

    def _best(self, word: AskedWord, words: Mapping[str, int]) -> float:
        return max((factor for other, factor in self._stands[word].items() if other in words), default=0.0)


def _spans(asked: _Asked, text: str) -> tuple[tuple[int, int, float], ...]:
    said = [(start, end, asked.share(Counter(passage_terms(text[start:end], text)))) for start, end in sentences(text)]
    least = _CLEARLY * max((score for *_, score in said), default=0.0)
    best = sorted((each for each in said if each[2] >= least > 0), key=lambda each: (-each[2], each[0]))
    return tuple((start, end, round(score, 6)) for start, end, score in best[:_MOST])
