"""Which terms the passages of an index have, and how many passages have each."""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Iterable, Iterator
from typing import Final

from workbench.documents.index.entry import MARK

_MOST: Final = 10_000  # terms that are remembered
_LAST: Final = "\U0010ffff"


class IndexTerms:
    """The terms of one index as it is now; a `language.meanings.Vocabulary`."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection
        self._common = {
            term: int(size) // 4 for term, size in connection.execute("SELECT term, length(keys) FROM common")
        }
        self._found: dict[str, int] = {}

    def __contains__(self, term: str) -> bool:
        """Whether any passage has `term`."""
        return self.found(term) > 0

    def is_common(self, term: str) -> bool:
        """Whether it is kept at hand which passages have `term`."""
        return term in self._common

    def found(self, term: str) -> int:
        """How many passages have `term`."""
        if term in self._common:
            return self._common[term]
        if term not in self._found:
            if len(self._found) >= _MOST:
                self._found.clear()
            row = self._connection.execute("SELECT doc FROM counted WHERE term = ?", [term]).fetchone()
            self._found[term] = int(row[0]) if row else 0
        return self._found[term]

    def beginning(self, start: str) -> Iterable[str]:
        """The terms that begin so."""
        said = "SELECT term FROM terms WHERE term >= ? AND term < ? AND instr(term, ?) = 0"
        return self._of_passages(self._connection.execute(said, (start, start + _LAST, MARK)).fetchall())

    def as_long(self, letter: str, least: int, most: int) -> Iterable[str]:
        """The terms that begin with a letter and are so long; some of them may be of passages that are gone."""
        said = "SELECT term FROM terms WHERE term >= ? AND term < ? AND length(term) BETWEEN ? AND ?"
        found = self._connection.execute(said, (letter, letter + _LAST, least, most))
        return [term for (term,) in found if MARK not in term]

    def pairs_with(self, character: str) -> Iterable[str]:
        """The terms of two characters, one of which is this."""
        said = "SELECT term FROM terms WHERE length(term) = 2 AND instr(term, ?) > 0"
        return self._of_passages(self._connection.execute(said, [character]).fetchall())

    def _of_passages(self, rows: Iterable[tuple[str]]) -> list[str]:
        return [term for (term,) in rows if term in self]


def passages_with(connection: sqlite3.Connection, term: str) -> Iterator[tuple[int, list[int]]]:
    """How often passages have `term`, and the keys of those, in order: first of all that have it, as if once.

    Those that follow have it more often, and are among the first. Raises sqlite3.Error.
    """
    yield 1, _keys(connection, term)
    start = f"{term}{MARK}"
    repeated = connection.execute("SELECT term FROM terms WHERE term >= ? AND term < ?", (start, start + _LAST))
    for (each,) in repeated.fetchall():
        if keys := _keys(connection, each):
            yield int(each.removeprefix(start)), keys


def _keys(connection: sqlite3.Connection, word: str) -> list[int]:
    """The keys of entries with a word, in order. They come as one value: a row each takes twice as long."""
    said = "SELECT json_group_array(rowid) FROM words WHERE words MATCH ?"
    keys: list[int] = json.loads(connection.execute(said, [f'"{word}"']).fetchone()[0])
    return keys
