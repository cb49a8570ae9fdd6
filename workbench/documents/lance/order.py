"""The passages of one version of a table by their rows: in the order of the set, and read a few at a time.

A row has a number in a version of its table, by which it is read without a look at any other row.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from workbench.documents.lance.table import StoreTable

_AT_ONCE: Final = 200  # passages that are read together


def in_set_order(passages: Any, documents: Any) -> Any:
    """An Arrow table of passages, with `doc` and `place`, in the order of the set, which `documents` are in."""
    import pyarrow.compute as pc

    at = pc.index_in(passages.column("doc"), value_set=documents)
    return passages.append_column("at", at).sort_by([("at", "ascending"), ("place", "ascending")])


def read_rows(table: StoreTable, rows: Sequence[int], columns: Sequence[str]) -> Iterator[Mapping[str, Any]]:
    """The rows of these numbers, in their order; they are read as they are taken. Raises StoreUnusable."""
    for start in range(0, len(rows), _AT_ONCE):
        some = rows[start : start + _AT_ONCE]
        found = {row["_rowid"]: row for row in table.of_rows(some, columns).to_pylist()}
        yield from (found[each] for each in some)
