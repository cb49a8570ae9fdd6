"""The best passages of a store by BM25: the library's index of words says which come into question, and these are
scored by the very sums that are made in memory.

Owns how many are asked for: as many as it takes until no other one can be among the best. The library takes each word
for a whole one, so that its score is never less than ours, and answers in a tenth of the time that weights would take.
Only what scores need is read of them; the passages are read once it is known which are the best.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass
from itertools import islice
from typing import Any, Final

from workbench.documents.bm25 import rarity, weight
from workbench.documents.lance.stale import Stale
from workbench.documents.lance.table import StoreTable, Words
from workbench.documents.lance.words import StoreWords

_FIRST: Final = 64  # passages that are asked for at once, at least
_MORE: Final = 4  # times as many the next time
_MARGIN: Final = 1.01  # the library's scores are of single precision
_FEW: Final = 500  # passages that are scored one by one, rather than looked for among all
_SCORED: Final = ("entry", "length", "doc", "place")
Row = Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Only:
    """What passages come into question: those of `rows` (None for all) that are accepted, by these `columns` of them,
    with a word of `each_of` and none of `none_of`."""

    rows: Set[int] | None = None
    accepts: Callable[[Row], bool] | None = None
    columns: Sequence[str] = ()
    each_of: Sequence[Sequence[str]] = ()
    none_of: Sequence[str] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """One version of a table: its words, its passages' number and mean length, the place of each document, and what its
    index of words has not heard of."""

    table: StoreTable
    words: StoreWords
    size: int
    average: float
    places: Mapping[int, int]
    stale: Stale

    def best(self, query: Mapping[str, float], top_k: int, only: Only) -> list[tuple[int, float]]:
        """The rows of the `top_k` best passages that are accepted, and their scores, best first.

        Each term of `query` counts as much as its value says, at most 1. Equal scores stay in the order of the set.
        """
        found = {term: self.words.found(term) for term in query}
        worth = {term: factor * rarity(found[term], self.size) for term, factor in query.items() if found[term]}
        if not worth or top_k < 1:
            return []
        columns = tuple(dict.fromkeys((*_SCORED, *(only.columns if only.accepts else ()))))
        if only.rows is not None and len(only.rows) <= _FEW:
            rows = self.table.of_rows(sorted(only.rows), columns).to_pylist() if only.rows else []
            return self._best(rows, worth, top_k, only)
        words = Words([*worth], only.each_of, only.none_of)
        limit, margin = self._first_limit(top_k, only), _MARGIN * self.stale.excess(found, worth, self.size)
        while True:
            rows = self.table.best(words, columns, limit).to_pylist()
            best = self._best(rows, worth, top_k, only)
            if len(rows) < limit or (len(best) == top_k and best[-1][1] > rows[-1]["_score"] * margin):
                return best
            limit *= _MORE

    def _first_limit(self, top_k: int, only: Only) -> int:
        """How many are asked for at first: of a part of the set, so many that enough of them may be in it."""
        wanted = _MORE * top_k
        return max(_FIRST, wanted if only.rows is None else wanted * self.size // len(only.rows))

    def _best(self, rows: Iterable[Row], worth: Mapping[str, float], top_k: int, only: Only) -> list[tuple[int, float]]:
        within = rows if only.rows is None else (row for row in rows if row["_rowid"] in only.rows)
        scored = self._sorted(within, worth, frozenset(only.none_of))
        best = (each for each in scored if only.accepts is None or only.accepts(each[0]))
        return [(row["_rowid"], score) for row, score in islice(best, top_k)]

    def _sorted(
        self, rows: Iterable[Row], worth: Mapping[str, float], none_of: frozenset[str]
    ) -> Iterator[tuple[Row, float]]:
        scored = [(self._score(row, worth, none_of), -self.places[row["doc"]], -row["place"], row) for row in rows]
        scored.sort(key=lambda each: each[:3], reverse=True)
        return ((row, score) for score, _, _, row in scored if score > 0)

    def _score(self, row: Row, worth: Mapping[str, float], none_of: frozenset[str]) -> float:
        """What a passage is worth; nothing with a word of `none_of`."""
        counts = Counter(row["entry"].split())
        score = 0.0
        for term, each in worth.items() if none_of.isdisjoint(counts) else ():
            if count := counts[term]:
                score += each * weight(count, row["length"], self.average)
        return score
