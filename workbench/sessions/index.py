"""The index beside the sessions: an SQLite file for what would else be read again each time.

Owns the file: that only its owner can read it, which version it has, and that one that is damaged is made anew. All of
it comes from the sessions, so nothing is lost with it. Refuses to fail: where no file can be used, one in memory is.
It keeps no write-ahead log, which breaks on network home folders; what a killed program leaves is rolled back.
"""

from __future__ import annotations

import contextlib
import os
import sqlite3
import stat
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Final, TypeVar

from workbench.errors import WorkbenchError
from workbench.paths import reason_of
from workbench.transactions import writing

T = TypeVar("T")

VERSION: Final = 3
"""Of the tables below. One of another version is made anew."""

PATIENCE: Final = 3.0  # seconds for which another program that writes is waited for
_PAGES_READ: Final = "PRAGMA cache_size = -8000"
_TABLES: Final = (
    # What a list says of a session; `stamp` tells whether the file is still the one that was read.
    """CREATE TABLE listed (id TEXT PRIMARY KEY, stamp TEXT, began REAL, turns INTEGER, model TEXT, prompt TEXT,
    tokens INTEGER, problem TEXT) WITHOUT ROWID""",
    # How far a session is in `said`: so many turns, of a file whose first line has this checksum. The last turns,
    # which may go on, begin with the one of this place, at this byte and the line of this number; 0 where that is not
    # known.
    """CREATE TABLE searched (key INTEGER PRIMARY KEY, id TEXT UNIQUE, stamp TEXT, size INTEGER, head INTEGER,
    turns INTEGER, last_place INTEGER, last_at INTEGER, last_seq INTEGER)""",
    # Which turn a row of `words` is of; `place` counts the turns of a file from 0. The first row of a turn has its
    # question as it was asked.
    "CREATE TABLE said (key INTEGER PRIMARY KEY, session INTEGER, place INTEGER, turn INTEGER, asked TEXT)",
    "CREATE INDEX said_by_session ON said (session, place)",
    """CREATE VIRTUAL TABLE words USING fts5(question, answer, thinking, call, result,
    tokenize = 'porter unicode61 remove_diacritics 2')""",
)
_OF_CONTENTS: Final = ("CORRUPT", "NOTADB", "ERROR", "SCHEMA", "MISMATCH")
_DAMAGED: Final = frozenset(getattr(sqlite3, f"SQLITE_{name}") for name in _OF_CONTENTS)
BUSY: Final = frozenset({sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED})


class NoIndex(WorkbenchError):
    """No index can be made, not even in memory."""


class _NotUsable(Exception):
    """What stands in the place of the file is none that may be used; the text says why."""


class _OtherVersion(Exception):
    """The file is of another version of this program, or of another program, or part of it is missing."""


def index_path(folder: Path) -> Path:
    """The index of the sessions in `folder`."""
    return folder.with_name(f"{folder.name}.sqlite")


def with_index(folder: Path, use: Callable[[sqlite3.Connection], T], on_problem: Callable[[str], object]) -> T:
    """What `use` makes of the index of `folder`, which is made when it is missing, and anew when it is damaged.

    `use` may be called again, with an index that holds nothing. `on_problem` is told when none can be kept. Raises
    WorkbenchError when there can be none at all.
    """
    path = index_path(folder)
    for may_be_made_anew in (True, False):
        before = _inode(path)
        try:
            with closing(_opened(path)) as connection:
                return use(connection)
        except (sqlite3.Error, _OtherVersion, _NotUsable, OSError, TypeError, ValueError) as error:
            if may_be_made_anew and _is_damage(error):
                _discard(path, before)
                continue
            reason = reason_of(error) if isinstance(error, OSError | ValueError) else str(error)
            on_problem(f"{path}: cannot be used, every session is read instead: {reason}")
            break
    try:
        with closing(sqlite3.connect(":memory:", isolation_level=None)) as connection:
            _make(connection)
            return use(connection)
    except sqlite3.Error as error:
        raise NoIndex(f"sessions cannot be searched with this Python's SQLite: {error}") from error


def is_busy(error: sqlite3.Error) -> bool:
    """Whether another program was writing for too long."""
    return _code(error) in BUSY


def _opened(path: Path) -> sqlite3.Connection:
    _check(path)
    connection = sqlite3.connect(path, timeout=PATIENCE, isolation_level=None)
    try:
        [version] = connection.execute("PRAGMA user_version").fetchone()
        if version == 0:
            with writing(connection):
                [version] = connection.execute("PRAGMA user_version").fetchone()
                if version == 0:
                    _make(connection)
                    version = VERSION
        if version != VERSION:
            raise _OtherVersion(f"it has version {version}, not {VERSION}")
        # SQLite itself takes the missing rest of a last page for zeros. A file never becomes smaller.
        [pages], [size] = (connection.execute(f"PRAGMA page_{each}").fetchone() for each in ("count", "size"))
        if path.stat().st_size < pages * size:
            raise _OtherVersion("its end is missing")
        connection.text_factory = _text
        connection.execute(_PAGES_READ)
        connection.execute("PRAGMA secure_delete = ON")
    except BaseException:
        connection.close()
        raise
    return connection


def _text(data: bytes) -> str:
    """A text of the index, which may be damaged."""
    return data.decode("utf-8", "replace")


def _make(connection: sqlite3.Connection) -> None:
    for each in _TABLES:
        connection.execute(each)
    connection.execute(f"PRAGMA user_version = {VERSION}")


def _check(path: Path) -> None:
    """Make the file when it is missing. It is never opened here: closing it would take SQLite's locks of it away.

    Raises OSError, and _NotUsable for what others may write, or what is no file.
    """
    with contextlib.suppress(FileExistsError):
        os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise _NotUsable("it is not a regular file")
    if status.st_uid != os.geteuid():
        raise _NotUsable("it is somebody else's")
    if status.st_mode & 0o077:
        path.chmod(0o600)


def _inode(path: Path) -> int | None:
    try:
        return path.lstat().st_ino
    except OSError:
        return None


def _is_damage(error: Exception) -> bool:
    """Whether that is of what the file holds: a value of a wrong type is, too."""
    if isinstance(error, sqlite3.Error):
        return _code(error) in _DAMAGED
    return isinstance(error, _OtherVersion | TypeError | ValueError)


def _code(error: sqlite3.Error) -> int:
    """The error's primary code; of one that Python raises itself, that of any damage."""
    code = getattr(error, "sqlite_errorcode", sqlite3.SQLITE_ERROR)
    return int(code) & 0xFF


def _discard(path: Path, inode: int | None) -> None:
    """Take the file away, unless another program has done so and made one anew."""
    if inode is not None and _inode(path) != inode:
        return
    with contextlib.suppress(OSError):
        path.with_name(f"{path.name}-journal").unlink(missing_ok=True)  # it would be played into the new one
        path.unlink(missing_ok=True)
