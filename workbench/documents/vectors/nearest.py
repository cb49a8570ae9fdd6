"""The nearest of many vectors: by their bits first, which costs little, and then by their numbers.

Owns the two ways to go over all bits: held in memory, or, of very many and with the extra `vector`, in the file; and
how many are looked at until enough of them are accepted.
"""

from __future__ import annotations

import heapq
import math
from array import array
from collections.abc import Callable, Sequence
from operator import mul
from typing import Final, Protocol, TypeVar

from workbench.documents.embedding import VectorsUnusable
from workbench.documents.passages import Passage
from workbench.documents.vectors.bank import Bank

MOST_HELD: Final = 150_000
"""Vectors whose bits are held in memory where the extra is there: 25 MB."""

MOST_WITHOUT: Final = 500_000
"""Vectors that are searched without it."""

RESCORED: Final = 100
"""Of the nearest by their bits, so many at least are compared by their numbers."""

_AHEAD: Final = 3  # times as many as are wanted
_MORE: Final = 8  # times as many the next time
Key = TypeVar("Key")


class AllBits(Protocol):
    """The bits of all vectors of a set."""

    def nearest(self, bits: bytes, limit: int) -> list[int]:
        """Which of them, counted from 0, differ in the fewest bits, the nearest first."""
        ...


def all_bits(bank: Bank, keys: array[int], most_held: int = MOST_HELD) -> AllBits:
    """The bits of the vectors with these keys. Raises VectorsUnusable for more than can be searched here."""
    if len(keys) <= most_held:
        return _Held(bank.bits(keys))
    if bank.database.compares_bits:
        return _InFile(bank, keys)
    if len(keys) <= MOST_WITHOUT:
        return _Held(bank.bits(keys))
    raise VectorsUnusable(
        f"{len(keys):,} vectors are too many to be searched without the extra `vector`: "
        "pip install 'cohere-workbench[vector]'"
    )


class _Held:
    """Numbers in memory."""

    def __init__(self, bits: list[int]) -> None:
        self._bits = bits

    def nearest(self, bits: bytes, limit: int) -> list[int]:
        wanted = int.from_bytes(bits, "big")
        differences = [(each ^ wanted).bit_count() for each in self._bits]
        return heapq.nsmallest(limit, range(len(differences)), key=differences.__getitem__)


class _InFile:
    """Rows of the file, which `sqlite-vec` compares."""

    def __init__(self, bank: Bank, keys: array[int]) -> None:
        self._bank = bank
        database = bank.database
        self._table = f"temp.here{id(self)}"
        database.rows(f"DROP TABLE IF EXISTS {self._table}")  # of one that is gone, and was where this one is
        database.rows(f"CREATE TABLE {self._table} (number INTEGER PRIMARY KEY, key INTEGER)")
        with database.writing():
            database.many(f"INSERT INTO {self._table} VALUES (?, ?)", enumerate(keys))

    def nearest(self, bits: bytes, limit: int) -> list[int]:
        sql = f"""SELECT number, vec_distance_hamming(vec_bit(bits), vec_bit(?)) AS difference
        FROM {self._table} AS here JOIN bits ON bits.key = here.key ORDER BY difference, number LIMIT ?"""
        return [number for number, _ in self._bank.database.rows(sql, (bits, limit))]


def similarities(question: bytes, others: Sequence[bytes]) -> list[float]:
    """The cosine similarity of vectors of signed bytes to that of a question, each from -1 to 1."""
    wanted = array("b", question)
    length = math.sqrt(sum(map(mul, wanted, wanted)))
    found = []
    for each in others:
        numbers = array("b", each)
        both = length * math.sqrt(sum(map(mul, numbers, numbers)))
        found.append(sum(map(mul, wanted, numbers)) / both if both else 0.0)
    return found


def nearest_accepted(
    nearest: Callable[[int], tuple[Sequence[tuple[float, Key]], bool]],
    read: Callable[[Sequence[Key]], Sequence[Passage]],
    limit: int,
    accepts: Callable[[Passage], bool],
) -> list[tuple[Passage, float]]:
    """The `limit` nearest passages that are accepted, with their similarity, the nearest first.

    `nearest` gives those nearest by their bits, at least as many as it is asked for, as keys with their similarity, the
    nearest first, and whether that is all that there is. `read` gives the passages of keys.
    """
    looked_at = max(RESCORED, _AHEAD * limit)
    while True:
        ranked, is_all = nearest(looked_at)
        found = _accepted(ranked, read, limit, accepts)
        if is_all or len(found) == limit:
            return found
        looked_at *= _MORE


def _accepted(
    ranked: Sequence[tuple[float, Key]],
    read: Callable[[Sequence[Key]], Sequence[Passage]],
    limit: int,
    accepts: Callable[[Passage], bool],
) -> list[tuple[Passage, float]]:
    found: list[tuple[Passage, float]] = []
    for start in range(0, len(ranked), limit):
        some = ranked[start : start + limit]
        passages = read([key for _, key in some])
        found += [(passage, score) for passage, (score, _) in zip(passages, some, strict=True) if accepts(passage)]
        if len(found) >= limit:
            break
    return found[:limit]
