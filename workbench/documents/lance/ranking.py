"""The best passages of a store by BM25: the library's index of words says which come into question, and these are
scored by the very sums that are made in memory.

Owns how many are asked for: as many as it takes until no other one can be among the best. The library takes each word
for a whole one, so that its score is never less than ours, and answers in a tenth of the time that weights would take.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from workbench.documents.bm25 import rarity, weight
from workbench.documents.lance.table import StoreTable, Words
from workbench.documents.lance.words import StoreWords

_FIRST: Final = 64  # passages that are asked for at once, at least
_MORE: Final = 4  # times as many the next time
_MARGIN: Final = 1.01  # the library's scores are of single precision, and count what was taken out for a while
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Only:
    """What passages come into question: those that are accepted, with a word of `each_of` and none of `none_of`."""

    accepts: Callable[[Row], bool] = lambda _: True
    each_of: Sequence[Sequence[str]] = ()
    none_of: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """One version of a table: its words, its passages' number and mean length, and the place of each document."""

    table: StoreTable
    words: StoreWords
    size: int
    average: float
    places: Mapping[int, int]

    def best(
        self, query: Mapping[str, float], top_k: int, columns: Sequence[str], only: Only
    ) -> list[tuple[Row, float]]:
        """The rows of the `top_k` best passages that are accepted, with these columns, and their scores, best first.

        Each term of `query` counts as much as its value says, at most 1. Equal scores stay in the order of the set.
        """
        found = {term: self.words.found(term) for term in query}
        worth = {term: factor * rarity(found[term], self.size) for term, factor in query.items() if found[term]}
        if not worth or top_k < 1:
            return []
        words = Words([*worth], only.each_of, only.none_of)
        columns = tuple(dict.fromkeys((*columns, "key", "entry", "length", "doc", "place")))
        limit = max(_FIRST, _MORE * top_k)
        while True:
            rows = self.table.best(words, columns, limit).to_pylist()
            best = list(islice(filter(lambda each: only.accepts(each[0]), self._sorted(rows, worth)), top_k))
            if len(rows) < limit or (len(best) == top_k and best[-1][1] > rows[-1]["_score"] * _MARGIN):
                return best
            limit *= _MORE

    def _sorted(self, rows: Iterable[Row], worth: Mapping[str, float]) -> Iterator[tuple[Row, float]]:
        scored = [(self._score(row, worth), -self.places[row["doc"]], -row["place"], row) for row in rows]
        scored.sort(key=lambda each: each[:3], reverse=True)
        return ((row, score) for score, _, _, row in scored if score > 0)

    def _score(self, row: Row, worth: Mapping[str, float]) -> float:
        counts = Counter(row["entry"].split())
        score = 0.0
        for term, each in worth.items():
            if count := counts[term]:
                score += each * weight(count, row["length"], self.average)
        return score
