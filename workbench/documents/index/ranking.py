"""The best passages of an index by BM25: the very ones that scoring every passage would give, without doing so.

Owns the order in which words are looked at: rare ones first, and common ones only for what can still be among the best.
"""

from __future__ import annotations

import heapq
import sqlite3
from array import array
from bisect import bisect_left
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence, Set
from operator import add
from typing import Final

from workbench.documents.bm25 import K1, rarity
from workbench.documents.index.common import DENSE, Weights, codes_of, lengths_of, size_of
from workbench.documents.index.order import SetOrder
from workbench.documents.index.vocabulary import IndexTerms

_LOOKED_UP: Final = 8  # times as many passages as come into question have a word: then these are looked up among them


class Ranking:
    """The passages of an index as it is now, by their keys."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self.terms = IndexTerms(connection)
        self._lengths = lengths_of(connection)
        self.size, self._average = size_of(connection)
        self._at_hand: dict[str, tuple[array[int], array[int]]] = {}
        self.order = SetOrder(connection)

    def best(self, query: Mapping[str, float], top_k: int, without: Set[int] = frozenset()) -> list[tuple[int, float]]:
        """The keys of the `top_k` best passages but for those `without`, and their scores, best first.

        Each term of `query` counts as much as its value says. Only scores above 0; equal scores stay in the order of
        the set.
        """
        if top_k < 1:
            return []
        words = self._worth(query)
        scores: dict[int, float] = {}
        for number, (count, term, worth) in enumerate(words):
            ahead = sum(each * (K1 + 1) for _, _, each in words[number:])
            if len(scores) >= top_k and (least := heapq.nlargest(top_k, scores.values())[-1]) > ahead:
                rest = {key: score for key, score in scores.items() if score + ahead >= least}
                return self._among(rest, words[number:], top_k)
            if count * DENSE > self.size:
                found_soon = self._by_heads(scores, words[number:], top_k, without)
                return self._over_all(scores, words[number:], top_k, without) if found_soon is None else found_soon
            keys, codes = self._codes(term)
            get = scores.get
            for key, each in zip(keys, map(Weights(worth, self._average).__getitem__, codes), strict=True):
                scores[key] = get(key, 0.0) + each
            if without:
                for key in keys:
                    if key in without:
                        scores.pop(key, None)
        return self._first(scores.items(), top_k)

    def of(self, query: Mapping[str, float], keys: Iterable[int]) -> list[tuple[int, float]]:
        """As `best`, of the passages of these keys, all that have a score."""
        scores = dict.fromkeys(keys, 0.0)
        return self._among(scores, self._worth(query), len(scores))

    def _worth(self, query: Mapping[str, float]) -> list[tuple[int, str, float]]:
        """The terms that some passages have, how many these are, and what a term is worth; rare ones first."""
        found = [(self.terms.found(term), term, factor) for term, factor in query.items()]
        return sorted((count, term, factor * rarity(count, self.size)) for count, term, factor in found if count)

    def _codes(self, term: str) -> tuple[array[int], array[int]]:
        """The keys of the passages that have `term`, in order, and their codes, as of `common.code`."""
        if not self.terms.is_common(term):
            return codes_of(self._connection, term, self._lengths)
        if term not in self._at_hand:
            said = "SELECT keys, codes FROM common WHERE term = ?"
            keys, codes = self._connection.execute(said, [term]).fetchone()
            self._at_hand[term] = array("I", keys), array("I", codes)
        return self._at_hand[term]

    def _among(
        self, scores: dict[int, float], words: Iterable[tuple[int, str, float]], top_k: int
    ) -> list[tuple[int, float]]:
        """The best of these passages, with what further words add to their scores."""
        for _, term, worth in words:
            weights = Weights(worth, self._average)
            keys, codes = self._codes(term)
            if len(scores) * _LOOKED_UP > len(keys):
                for key, code in zip(keys, codes, strict=True):
                    if key in scores:
                        scores[key] += weights[code]
                continue
            for key in scores:
                at = bisect_left(keys, key)
                if at < len(keys) and keys[at] == key:
                    scores[key] += weights[codes[at]]
        return self._first(scores.items(), top_k)

    def _by_heads(
        self, before: Mapping[int, float], words: Sequence[tuple[int, str, float]], top_k: int, without: Set[int]
    ) -> list[tuple[int, float]] | None:
        """The best passages, where they are among those for which one of the words counts most; else None.

        Of passages for which a word counts equally, those of the smallest keys are among these.
        """
        scores = dict(before)
        bound = 0.0  # of what any other passage can have
        for _, term, worth in words:
            row = self._connection.execute("SELECT heads FROM common WHERE term = ?", [term]).fetchone()
            if row is None or row[0] is None:
                return None
            heads = array("I", row[0])
            for key in heads:
                if key not in without:
                    scores.setdefault(key, 0.0)
            keys, codes = self._codes(term)
            if len(heads) < len(keys):
                bound += Weights(worth, self._average)[codes[bisect_left(keys, heads[-1])]]
        best = self._among(scores, words, top_k)
        if len(best) < top_k or best[-1][1] < bound:
            return None
        return best if best[-1][1] > bound or self.order.is_of_keys else None

    def _first(self, scores: Collection[tuple[int, float]], top_k: int) -> list[tuple[int, float]]:
        best = heapq.nlargest(top_k, ((score, -key) for key, score in scores if score > 0))
        if not best or self.order.is_of_keys:
            return [(-key, score) for score, key in best]
        least = best[-1][0]
        equal = [(-score, self.order.of(key), key) for key, score in scores if score >= least]
        return [(key, -score) for score, _, key in sorted(equal)[:top_k]]

    def _over_all(
        self, before: Mapping[int, float], words: Iterable[tuple[int, str, float]], top_k: int, without: Set[int]
    ) -> list[tuple[int, float]]:
        """The best of all passages, where words are so common that nothing is gained by looking for them."""
        scores = [0.0] * len(self._lengths)
        for key, score in before.items():
            scores[key] = score
        for _, term, worth in words:
            weights = Weights(worth, self._average)
            keys, codes = self._codes(term)
            start, stop = (keys[0], keys[-1] + 1) if keys else (0, 0)
            added: Iterator[float] = map(weights.__getitem__, codes)
            if stop - start == len(keys):  # one after another
                scores[start:stop] = map(add, scores[start:stop], added)
            else:
                for key, each in zip(keys, added, strict=True):
                    scores[key] += each
        for key in without:
            scores[key] = 0.0
        least = heapq.nlargest(top_k, scores)[-1] if scores else 0.0
        found = [(key, score) for key, score in enumerate(scores) if score >= least]
        return self._first(found, top_k)
