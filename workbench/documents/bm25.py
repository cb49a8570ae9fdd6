"""BM25 ranking over an inverted index.

Owns scoring only: texts come in as terms (see `language.words.terms`) and go out as positions. Refuses to know what
a passage is, and is never changed once built.
"""

from __future__ import annotations

import heapq
import math
from array import array
from collections import Counter, defaultdict
from collections.abc import Collection, Mapping, Sequence

K1 = 1.2  # how soon repeating a term stops helping
_B = 0.75  # how much a long text is held against itself


def weight(count: float, length: float, average: float) -> float:
    """What a term is worth that a text of `length` terms has so often; less than `K1` + 1."""
    return count * (K1 + 1) / (count + K1 * (1 - _B + _B * length / average))


def rarity(found: int, size: int) -> float:
    """What a term is worth that so many of `size` texts have."""
    return math.log(1 + (size - found + 0.5) / (found + 0.5))


class Bm25:
    """An index of `texts`, each a sequence of terms; positions in that sequence are the results."""

    def __init__(self, texts: Sequence[Sequence[str]]) -> None:
        self._size = len(texts)
        lengths = [len(text) for text in texts]
        average = (sum(lengths) / self._size if self._size else 0.0) or 1.0
        places: defaultdict[str, array[int]] = defaultdict(lambda: array("L"))
        weights: defaultdict[str, array[float]] = defaultdict(lambda: array("d"))
        for position, text in enumerate(texts):
            for term, count in Counter(text).items():
                places[term].append(position)
                weights[term].append(weight(count, lengths[position], average))
        self._postings = {term: (places[term], weights[term]) for term in places}

    def __contains__(self, term: str) -> bool:
        """Whether any text has `term`."""
        return term in self._postings

    @property
    def terms(self) -> Collection[str]:
        """Every term that some text has."""
        return self._postings.keys()

    def search(self, query: Sequence[str] | Mapping[str, float], top_k: int) -> list[tuple[int, float]]:
        """The `top_k` best (position, score) for the distinct terms of `query`, best first.

        In a mapping, each term counts as much as its value says; in a sequence all count 1.
        Only scores above 0; equal scores stay in the order of the texts.
        """
        scores = [0.0] * self._size
        factors = query if isinstance(query, Mapping) else dict.fromkeys(query, 1.0)
        for term, factor in factors.items():
            if term not in self._postings:
                continue
            positions, weights = self._postings[term]
            worth = factor * rarity(len(positions), self._size)
            for position, each in zip(positions, weights, strict=True):
                scores[position] += worth * each
        found = ((score, -position) for position, score in enumerate(scores) if score > 0)
        return [(-position, score) for score, position in heapq.nlargest(max(top_k, 0), found)]
