"""The order of a set's passages in its index: that of their keys, until a file has changed, which gets new ones."""

from __future__ import annotations

import sqlite3
from bisect import bisect_right


class SetOrder:
    """Where the passages of an index as it is now stand in the set, by their keys."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        firsts = [row[0] for row in connection.execute("SELECT first FROM documents WHERE passages > 0 ORDER BY place")]
        by_key = sorted(range(len(firsts)), key=firsts.__getitem__)
        self._firsts = [firsts[place] for place in by_key]
        self._places = by_key
        self.is_of_keys = by_key == [*range(len(firsts))]
        """Whether it is the order of the keys."""

    def of(self, key: int) -> tuple[int, int]:
        """Where a passage stands among all: less for one that comes before."""
        return self._places[bisect_right(self._firsts, key) - 1], key
