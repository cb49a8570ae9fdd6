"""The words that a good part of all passages have, kept at hand: the index of words would say slowly where they are.

Owns which words these are, and the numbers that say how often a passage has one, and how long it is.
"""

from __future__ import annotations

import heapq
import sqlite3
from array import array
from bisect import bisect_left
from collections import Counter
from collections.abc import Sequence
from operator import neg
from typing import Final

from workbench.documents.bm25 import weight
from workbench.documents.index.entry import counts_of
from workbench.documents.index.vocabulary import passages_with
from workbench.language.search_terms import PassageTerms

LEAST: Final = 5_000  # passages that have a word, below which it is read from the index of words
SHARE: Final = 10  # or one in so many of all
DENSE: Final = 4  # one in so many has the commonest
HEADS: Final = 256  # passages for which a word counts most
_SAMPLE: Final = 500  # passages in which common words are looked for
_MENDED: Final = 10_000  # passages that may come, for which the table is mended and not made anew
_LENGTH_BITS: Final = 20
_LONGEST: Final = (1 << _LENGTH_BITS) - 1
_ONCE: Final = 1 << _LENGTH_BITS
_OFTENEST: Final = (1 << (32 - _LENGTH_BITS)) - 1


def code(count: int, length: int) -> int:
    """That a passage of so many terms has one of them so often, in 32 bits."""
    return min(count, _OFTENEST) << _LENGTH_BITS | min(length, _LONGEST)


def decoded(code: int) -> tuple[int, int]:
    """How often, of how many terms."""
    return code >> _LENGTH_BITS, code & _LONGEST


def codes_of(connection: sqlite3.Connection, term: str, lengths: array[int]) -> tuple[array[int], array[int]]:
    """The keys of the passages that have `term`, in order, and their codes; `lengths` as of `lengths_of`."""
    keys: Sequence[int] = ()
    more = lengths  # with how much more often than once, as it stands in a code
    for count, found in passages_with(connection, term):
        if count == 1:  # all of them
            keys = found
            continue
        more = lengths[:] if more is lengths else more
        often = min(count, _OFTENEST) - 1 << _LENGTH_BITS
        for key in found:
            more[key] = often + lengths[key]
    return array("I", keys), array("I", map(_ONCE.__add__, map(more.__getitem__, keys)))


def lengths_of(connection: sqlite3.Connection) -> array[int]:
    """How many terms each passage has, by its key, as far as a code can say; 0 for keys that none has."""
    rows = connection.execute("SELECT first, passages, lengths FROM documents").fetchall()
    lengths = array("I", bytes(4 * max((first + count for first, count, _ in rows), default=0)))
    for first, count, packed in rows:
        lengths[first : first + count] = array("I", packed)
    if any(length > _LONGEST for length in lengths):
        return array("I", [min(length, _LONGEST) for length in lengths])
    return lengths


def size_of(connection: sqlite3.Connection) -> tuple[int, float]:
    """How many passages there are, and how many terms one has on average."""
    said = "SELECT coalesce(sum(passages), 0), coalesce(sum(terms), 0) FROM documents"
    size, terms = connection.execute(said).fetchone()
    return size, (terms / size if size else 0.0) or 1.0


class Weights(dict[int, float]):
    """What a term that is worth so much adds to the score of a passage, by its code."""

    def __init__(self, worth: float, average: float) -> None:
        super().__init__()
        self._worth = worth
        self._average = average

    def __missing__(self, code: int) -> float:
        count, length = decoded(code)
        found = self[code] = self._worth * weight(count, length, self._average)
        return found


class CommonWords:
    """The table `common` of an index, for the one who writes."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._added: list[tuple[int, str]] = []  # the first of them
        self._count = 0  # of all
        self._removed: list[range] = []

    def added(self, entries: Sequence[tuple[int, str]]) -> None:
        """Passages have come, each a key and its entry."""
        self._count += len(entries)
        if self._count <= _MENDED:
            self._added += entries

    def removed(self, keys: range) -> None:
        """The passages of these keys are gone."""
        self._removed.append(keys)

    def keep(self, *, afresh: bool) -> None:
        """Have the table be right again: from all passages if `afresh`, or where many have changed."""
        [count] = self._connection.execute("SELECT coalesce(sum(passages), 0) FROM documents").fetchone()
        changed = self._count + sum(map(len, self._removed))
        if afresh or changed * 10 > count or self._count > _MENDED:
            self._anew(count)
        elif changed:
            self._mended()
        self._added.clear()
        self._removed.clear()
        self._count = 0

    def _anew(self, count: int) -> None:
        run = self._connection.execute
        run("DELETE FROM common")
        least = max(LEAST, count // SHARE)
        if count < least:
            return
        lengths = lengths_of(self._connection)
        for term in self._likely(count, least):
            [found] = run("SELECT doc FROM counted WHERE term = ?", [term]).fetchone() or (0,)
            if found >= least:
                self._put(term, *codes_of(self._connection, term, lengths))

    def _likely(self, count: int, least: int) -> list[str]:
        """The words that may be common, by some passages from all over the set."""
        [last] = self._connection.execute("SELECT max(key) FROM passages").fetchone()
        step = max(1, last // _SAMPLE)
        said = "SELECT title, text FROM passages WHERE key = ?"
        terms = PassageTerms()
        seen: Counter[str] = Counter()
        looked_at = 0
        for key in range(1, last + 1, step):
            for title, text in self._connection.execute(said, [key]):
                seen.update(set(terms.joined(f"{title}\n{text}").split()))
                looked_at += 1
        expected = looked_at * least / count
        return [term for term, times in seen.items() if times * 2 >= expected]

    def _mended(self) -> None:
        counts = [(key, counts_of(entry)) for key, entry in sorted(self._added)]
        lengths = {key: sum(found.values()) for key, found in counts}
        for term, *packed in self._connection.execute("SELECT term, keys, codes FROM common").fetchall():
            keys, codes = array("I", packed[0]), array("I", packed[1])
            for gone in self._removed:
                start, stop = bisect_left(keys, gone.start), bisect_left(keys, gone.stop)
                del keys[start:stop], codes[start:stop]
            new = [(key, found[term]) for key, found in counts if term in found]  # behind all that are there
            keys.extend(key for key, _ in new)
            codes.extend(code(count, lengths[key]) for key, count in new)
            self._put(term, keys, codes)

    def _put(self, term: str, keys: array[int], codes: array[int]) -> None:
        size, average = size_of(self._connection)
        heads: array[int] | None = None
        if len(keys) * DENSE > size:
            weights = Weights(1.0, average)
            best = heapq.nlargest(HEADS, zip(map(weights.__getitem__, codes), map(neg, keys), strict=True))
            heads = array("I", [-key for _, key in best])
        row = (term, keys.tobytes(), codes.tobytes(), heads.tobytes() if heads else None)
        self._connection.execute("INSERT OR REPLACE INTO common VALUES (?, ?, ?, ?)", row)
