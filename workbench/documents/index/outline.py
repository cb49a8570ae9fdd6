"""The documents of a set by its index, in a line each: how many passages, how large, and where the file lies."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence, Set
from typing import Final

from workbench.documents.choices import name_of_id
from workbench.documents.outline import Outlined

_ASKED = (
    "SELECT d.name, d.is_file, d.real, d.passages, d.hash, "
    "(SELECT own FROM passages WHERE key = d.first), "
    "(SELECT sum(length(CAST(text AS BLOB)) + length(CAST(title AS BLOB))) FROM passages "
    "WHERE key >= d.first AND key < d.first + d.passages) "
    "FROM documents d WHERE d.passages > 0 ORDER BY d.place"
)


_NAMED: Final = (
    "SELECT d.name, d.is_file, d.first, d.passages, "
    "CASE WHEN d.is_file THEN NULL ELSE (SELECT own FROM passages WHERE key = d.first) END "
    "FROM documents d WHERE d.passages > 0"
)


def keys_of(connection: sqlite3.Connection, documents: Set[str], renamed: Mapping[str, str]) -> Set[int]:
    """The keys of the passages of these documents, as `choices.document_name` names them. Raises sqlite3.Error."""
    keys: set[int] = set()
    for name, is_file, first, count, own in connection.execute(_NAMED):
        if (name if is_file else name_of_id(own or renamed.get(name, name))) in documents:
            keys.update(range(first, first + count))
    return keys


def outline_of(connection: sqlite3.Connection, renamed: Mapping[str, str]) -> Sequence[Outlined]:
    """The documents in their order; `renamed` as of `IndexedSet`. Raises sqlite3.Error."""
    found, first = [], 0
    for name, is_file, real, count, stamp, own, size in connection.execute(_ASKED):
        document = name if is_file else (own or renamed.get(name, name))
        if not is_file and own is not None and count > 1:
            document = own.rpartition("#")[0] or own
        found.append(Outlined(document, first, count, size, bytes(stamp), real if is_file else ""))
        first += count
    return found
