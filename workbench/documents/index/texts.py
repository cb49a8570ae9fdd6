"""The titles and texts of an index, for those who make vectors of them: a document's at a time, never all at once."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Protocol, TypeVar

from workbench.documents.embedding import VectorsUnusable
from workbench.documents.passages import Passage
from workbench.documents.vectors.bank import Extent
from workbench.documents.vectors.filling import Text
from workbench.paths import reason_of

T = TypeVar("T")


class Asks(Protocol):
    """Asks something of the open index. Raises IndexUnusable."""

    def __call__(self, ask: Callable[[sqlite3.Connection], T], /) -> T:
        """What `ask` makes of it."""


class IndexTexts:
    """Those of the index at `path`, which `asks` asks; `made` makes a passage of its key."""

    def __init__(self, path: Path, asks: Asks, made: Callable[[sqlite3.Connection, int], Passage]) -> None:
        self._path = path
        self._asks = asks
        self._made = made

    @property
    def place(self) -> str:
        """The name of the index: another one has other keys."""
        return self._path.name

    def version(self) -> object:
        """Something else once the index was written, or made anew."""
        [version] = self._asks(lambda run: run.execute("PRAGMA data_version").fetchone())
        try:
            return version, self._path.stat().st_ino
        except OSError as error:
            raise VectorsUnusable(f"{self._path}: {reason_of(error)}") from error

    def extents(self) -> Sequence[Extent]:
        """The documents that have passages, in the order of the set."""
        sql = "SELECT first, passages, hash FROM documents WHERE passages > 0 ORDER BY place"
        return [Extent(first, count, bytes(hash or b"")) for first, count, hash in self._rows(sql)]

    def texts(self, extent: Extent) -> list[Text]:
        """The titles and texts of a document's passages, as they are now."""
        sql = "SELECT title, text FROM passages WHERE key >= ? AND key < ? ORDER BY key"
        return [(title, text) for title, text in self._rows(sql, extent.first, extent.first + extent.count)]

    def passage(self, key: int) -> Passage:
        """The passage with this key. Raises VectorsUnusable for one that was taken out meanwhile."""

        def ask(connection: sqlite3.Connection) -> Passage | None:
            is_there = connection.execute("SELECT 1 FROM passages WHERE key = ?", [key]).fetchone()
            return self._made(connection, key) if is_there else None

        passage = self._asks(ask)
        if passage is None:
            raise VectorsUnusable(f"{self._path}: it was written while it was searched; ask again")
        return passage

    def _rows(self, sql: str, *values: Any) -> list[tuple[Any, ...]]:
        return self._asks(lambda connection: connection.execute(sql, values).fetchall())
