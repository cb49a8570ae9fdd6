"""The SQLite file that vectors are kept in, by the library that there is: `apsw` of the extra `vector`, else Python's.

Owns that a file is opened by one of them only: two copies of SQLite in a process would take away each other's locks.
"""

from __future__ import annotations

import contextlib
import importlib.util
import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench.documents.embedding import VectorsUnusable

if TYPE_CHECKING:
    import apsw

PATIENCE: Final = 30.0  # seconds for which another program's batch is waited for


class Database:
    """An open file. Every method raises VectorsUnusable for what SQLite cannot do.

    `compares_bits` tells that its SQL has the functions of `sqlite-vec`.
    """

    def __init__(self, path: Path, *, extended: bool | None = None) -> None:
        """`extended` says whether the extra is used; None is where it is there."""
        self._path = path
        self.compares_bits = is_extended() if extended is None else extended
        with self._told():
            self._connection = _by_apsw(path) if self.compares_bits else _by_python(path)

    def rows(self, sql: str, values: Sequence[Any] = ()) -> list[tuple[Any, ...]]:
        """What a statement gives."""
        with self._told():
            return list(self._connection.execute(sql, values))

    def many(self, sql: str, rows: Iterable[Sequence[Any]]) -> None:
        """Run a statement for each of the rows."""
        with self._told():
            self._connection.executemany(sql, rows)

    @contextlib.contextmanager
    def writing(self) -> Iterator[None]:
        """Within, all that is written is one batch, kept whole or not at all."""
        self.rows("BEGIN IMMEDIATE")
        try:
            yield
        except BaseException:
            self.rows("ROLLBACK")
            raise
        self.rows("COMMIT")

    def close(self) -> None:
        """Let go of the file."""
        self._connection.close()

    @contextlib.contextmanager
    def _told(self) -> Iterator[None]:
        try:
            yield
        except sqlite3.Error as error:
            raise VectorsUnusable(_words(self._path, error)) from error
        except Exception as error:
            if not self.compares_bits or not _is_of_apsw(error):
                raise
            raise VectorsUnusable(_words(self._path, error)) from error


def is_extended() -> bool:
    """Whether the extra `vector` is installed."""
    return all(importlib.util.find_spec(each) is not None for each in ("apsw", "sqlite_vec"))


def _by_python(path: Path) -> sqlite3.Connection:
    return sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)


def _by_apsw(path: Path) -> apsw.Connection:
    import apsw
    import sqlite_vec

    connection = apsw.Connection(str(path))
    connection.set_busy_timeout(int(PATIENCE * 1000))
    connection.enable_load_extension(True)
    connection.load_extension(sqlite_vec.loadable_path())
    connection.enable_load_extension(False)
    return connection


def _is_of_apsw(error: Exception) -> bool:
    import apsw

    return isinstance(error, apsw.Error)


def _words(path: Path, error: Exception) -> str:
    return f"{path}: {error}; without this file the vectors are made again, which may cost as much as before"
