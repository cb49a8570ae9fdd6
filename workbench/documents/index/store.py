"""The SQLite file of an index: its tables, who may write it, and that one which is damaged is made anew.

All of it comes from the documents, so nothing is lost with it. One program writes at a time, which holds a lock that
ends with it; readers need none. There is no write-ahead log, which breaks on network home folders: what a killed
program leaves is rolled back to the batch before.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from workbench.documents.index.place import VERSION
from workbench.documents.own_file import UnfitFile, own_file
from workbench.documents.writer_lock import writer_lock
from workbench.errors import DocumentsAway
from workbench.paths import reason_of
from workbench.transactions import writing

PATIENCE: Final = 30.0  # seconds for which another program's commit is waited for
_APPLICATION: Final = 0x57424958
_TABLES: Final = (
    # What is not a row of its own: `complete` is 1 when everything that was found is in the tables below.
    "CREATE TABLE facts (name TEXT PRIMARY KEY, value) WITHOUT ROWID",
    # A file, by where it lies, or a document that is written in a documents file. `size`, `mtime` and `inode` tell
    # whether it is still the one that was read at the time `seen`, `hash` what was read. Its passages have the keys
    # from `first` on; `lengths` has the number of terms of each, `terms` their sum. `flaws`, `left` and `is_read` are
    # what is said of it each time; `place` is its place in the set.
    """CREATE TABLE documents (key INTEGER PRIMARY KEY, real TEXT UNIQUE, name TEXT, file TEXT, place INTEGER,
    size INTEGER, mtime INTEGER, inode INTEGER, seen INTEGER, hash BLOB, known INTEGER, is_file INTEGER,
    flaws TEXT, left TEXT, is_read INTEGER, first INTEGER, passages INTEGER, lengths BLOB, terms INTEGER)""",
    # `own` is the id that the document gives itself, with the number of the passage where it has several; `number` is
    # that of the passage among those of its file without one. `data` is as `index.data` packs them.
    """CREATE TABLE passages (key INTEGER PRIMARY KEY, document INTEGER, own TEXT, number INTEGER, title TEXT,
    text TEXT, data TEXT, line INTEGER, last INTEGER)""",
    "CREATE INDEX own_ids ON passages (own) WHERE own IS NOT NULL",
    # The entry of a passage: its terms as `language.words` has them, which are only taken apart here.
    """CREATE VIRTUAL TABLE words USING fts5(entry, content='', columnsize=0, detail='none',
    tokenize="ascii tokenchars '!#$%&()*+,-./:;<=>?@[\\]^_`{|}~'''")""",
    # Every term that a passage ever had, and how often one repeated it, as in an entry.
    "CREATE TABLE terms (term TEXT PRIMARY KEY) WITHOUT ROWID",
    # Every field that a document ever had, as its data names it.
    "CREATE TABLE fields (name TEXT PRIMARY KEY) WITHOUT ROWID",
    # Terms that so many passages have that these are kept at hand: their keys in order, and what `codes` makes of how
    # often each has it. Of the commonest, `heads` has the keys of those passages for which it counts most.
    "CREATE TABLE common (term TEXT PRIMARY KEY, keys BLOB, codes BLOB, heads BLOB)",
)
_OF_CONTENTS: Final = ("CORRUPT", "NOTADB", "ERROR", "SCHEMA", "MISMATCH")
_DAMAGED: Final = frozenset(getattr(sqlite3, f"SQLITE_{name}") for name in _OF_CONTENTS)
_COUNTED: Final = "CREATE VIRTUAL TABLE temp.counted USING fts5vocab(main, words, row)"


class IndexUnusable(DocumentsAway):
    """No index can be kept here, or it cannot be read; the text says why."""


class IndexDamaged(IndexUnusable):
    """What the file holds is not what was written into it: it is to be made anew."""


@contextlib.contextmanager
def only_writer(path: Path, waiting: Callable[[], object]) -> Iterator[None]:
    """Within, no other program brings this index up to date; `waiting` is called once when one does by now.

    Raises IndexUnusable where no lock can be held.
    """
    try:
        path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with writer_lock(path.with_suffix(".lock"), 0o600, waiting):
            yield
    except OSError as error:
        raise IndexUnusable(f"{path.parent}: {reason_of(error)}") from error


def open_store(path: Path, *, make: bool = False) -> sqlite3.Connection:
    """The index at `path`; with `make` an empty one where there is none.

    Raises IndexDamaged for one that is to be made anew, IndexUnusable when it is missing or not to be believed.
    """
    try:
        own_file(path, make=make)
        with damage_told(path):
            connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None, check_same_thread=False)
            try:
                _look(connection, path, make=make)
            except BaseException:
                connection.close()
                raise
            return connection
    except OSError as error:
        raise IndexUnusable(f"{path}: {reason_of(error)}") from error
    except UnfitFile as error:
        raise IndexUnusable(str(error)) from error


def _look(connection: sqlite3.Connection, path: Path, *, make: bool) -> None:
    [version] = connection.execute("PRAGMA user_version").fetchone()
    [tables] = connection.execute("SELECT count(*) FROM sqlite_schema").fetchone()
    if version == 0 and tables == 0 and make:
        with writing(connection):
            for each in _TABLES:
                connection.execute(each)
            connection.execute(f"PRAGMA application_id = {_APPLICATION}")
            connection.execute(f"PRAGMA user_version = {VERSION}")
    elif version != VERSION:
        raise IndexDamaged(f"{path}: it is none of this version")
    # SQLite itself takes the missing rest of a last page for zeros.
    [pages], [size] = (connection.execute(f"PRAGMA page_{each}").fetchone() for each in ("count", "size"))
    if path.stat().st_size < pages * size:
        raise IndexDamaged(f"{path}: its end is missing")
    connection.execute(_COUNTED)


@contextlib.contextmanager
def damage_told(path: Path) -> Iterator[None]:
    """Within, an error of SQLite's becomes IndexDamaged or IndexUnusable, as does a value that was never written."""
    try:
        yield
    except sqlite3.Error as error:
        code = int(getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)) & 0xFF
        raise (IndexDamaged if code in _DAMAGED else IndexUnusable)(f"{path}: {error}") from error
    except (TypeError, ValueError, LookupError) as error:
        raise IndexDamaged(f"{path}: it holds what was never written: {error}") from error


def discard(path: Path) -> None:
    """Take the index away, so that it is made anew. Raises IndexUnusable."""
    try:
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)  # it would be played into the new one
        path.unlink(missing_ok=True)
    except OSError as error:
        raise IndexUnusable(f"{path}: {reason_of(error)}") from error


def fact(connection: sqlite3.Connection, name: str) -> int:
    """A number that is kept by its name, 0 where it is not. Raises sqlite3.Error."""
    row = connection.execute("SELECT value FROM facts WHERE name = ?", [name]).fetchone()
    return int(row[0]) if row else 0


def keep_fact(connection: sqlite3.Connection, name: str, value: int) -> None:
    """Keep a number by its name. Raises sqlite3.Error."""
    connection.execute("INSERT OR REPLACE INTO facts VALUES (?, ?)", (name, value))
