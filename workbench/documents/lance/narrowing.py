"""What of a set a query accepts: by the fields of its documents, and by words that its passages must have, or must not.

Owns how little is read for it: the fields alone, each value once, and only passages that can be accepted at all.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from itertools import chain
from typing import Final

from workbench.documents.conditions import Condition, leads_to
from workbench.documents.index.data import unpacked
from workbench.documents.lance.table import FACT, PASSAGE, StoreTable
from workbench.documents.queries import Query
from workbench.language.phrases import sure_words
from workbench.language.search_terms import terms_of_any

_AT_ONCE: Final = 200  # passages that are looked at together


class Narrowing:
    """The passages of one version of a table, by what narrows a query; `places` has the place of each document."""

    def __init__(self, table: StoreTable, places: Mapping[int, int]) -> None:
        self._table = table
        self._places = places
        self._fields = [
            name for text in table.rows(FACT, ["text"]).column("text").to_pylist() for name in json.loads(text)
        ]

    def has_field(self, name: str) -> bool:
        """Whether a document has had a field of that name which is not its text."""
        return any(leads_to(name, each) for each in self._fields)

    def meeting(self, where: Sequence[Condition]) -> list[str]:
        """The keys of the passages whose documents meet `where`, in the order of the set."""
        rows = self._table.rows(PASSAGE, ["key", "doc", "place", "data"])
        columns = [rows.column(name).to_pylist() for name in ("data", "doc", "place", "key")]
        fits: dict[str | None, bool] = {}
        found = []
        for data, doc, place, key in zip(*columns, strict=True):
            if data not in fits:
                fields = unpacked(data, "", "")
                fits[data] = all(condition.accepts(fields) for condition in where)
            if fits[data]:
                found.append((self._places[doc], place, key))
        return [key for _, _, key in sorted(found)]

    @staticmethod
    def each_of(query: Query) -> list[list[str]]:
        """Groups of words, of each of which a passage that has the phrases of `query` is sure to have one."""
        groups = (sorted(terms_of_any(word)) for word in chain.from_iterable(map(sure_words, query.phrases)))
        return [group for group in groups if group]


def in_pieces(keys: Sequence[str]) -> Iterator[Sequence[str]]:
    """Keys, a few at a time."""
    return (keys[start : start + _AT_ONCE] for start in range(0, len(keys), _AT_ONCE))


def in_order(rows: Iterable[Mapping[str, object]], keys: Sequence[str]) -> list[Mapping[str, object]]:
    """The rows in the order of their keys."""
    by_key = {row["key"]: row for row in rows}
    return [by_key[key] for key in keys]
