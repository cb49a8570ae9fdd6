"""The sessions of a folder in a list: what is told of each, read once and kept in the index until the file changes.

Refuses to need the index: what cannot be kept there is read again the next time.
"""

from __future__ import annotations

import calendar
import contextlib
import sqlite3
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from workbench.errors import RecordingError
from workbench.sessions.folder import session_entries
from workbench.sessions.index import NoIndex, with_index
from workbench.sessions.index_text import encodable, index_key
from workbench.sessions.names import names_in
from workbench.sessions.summary import summary
from workbench.transactions import writing

T = TypeVar("T")

LONGEST_PROMPT: Final = 2000  # characters of the first question
LARGEST: Final = 2**62  # a number that the index takes
SECOND: Final = len("20260131-091500")
MANY: Final = 100  # sessions that take a while to be read
_COLUMNS: Final = "id, stamp, began, turns, model, prompt, tokens, problem"


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session in a list. `began` is in seconds since 1970, `prompt` the first question, or its beginning.

    `name` is None unless a person gave one. `tokens` is None where no answer told of any. `problem` says why the file
    is no session that can be read, or is ""; there are no `turns` then. `written` is when the file was.
    """

    id: str
    name: str | None
    began: float
    turns: int | None
    model: str
    prompt: str
    tokens: int | None
    problem: str = ""
    written: float = 0.0


@dataclass(frozen=True, slots=True)
class SessionEntry:
    """A file of the folder; `stamp` is another one whenever the file was written."""

    id: str
    path: Path
    size: int
    written: float
    stamp: str

    @property
    def key(self) -> str:
        """The id as the index has it: a file may have a name that is no text."""
        return index_key(self.id)


@dataclass(frozen=True, slots=True)
class KnownSessions:
    """What is known at once: all sessions, newest first, and the files that are still to be read, newest first.

    Of a file that was written meanwhile there is what was known before, and of a new one when it began.
    """

    sessions: Sequence[ListedSession]
    unread: Sequence[SessionEntry]


def listed_sessions(
    folder: Path | None, asker: str, on_note: Callable[[str], object], masked: Callable[[str], str] = str
) -> list[ListedSession]:
    """All sessions, newest first. `on_note` is told when reading them takes a while; `masked` takes keys out.

    Raises ConfigurationError when the folder cannot be read, which names the command that asked.
    """
    entries = entries_in(folder, asker)
    if not entries or folder is None:
        return []
    names = names_in(folder)

    def use(connection: sqlite3.Connection | None) -> list[ListedSession]:
        known = _known(connection)
        new = _unread(entries, known)
        if len(new) >= MANY:
            on_note(f"{len(new)} sessions are read for the list, which takes a while this once")
        rows = _read(new, connection, masked)
        _forget_others(connection, known, entries)
        return [_session(each, rows.get(each.key) or known[each.key], names, masked) for each in entries]

    return _newest_first(_with(folder, use))


def known_sessions(folder: Path | None, asker: str, masked: Callable[[str], str]) -> KnownSessions:
    """What can be said of all sessions without reading any. Raises as `listed_sessions`."""
    entries = entries_in(folder, asker)
    if not entries or folder is None:
        return KnownSessions((), ())
    names = names_in(folder)
    known = _with(folder, _known)
    unread = _unread(entries, known)
    sessions = [_session(each, known.get(each.key) or _unknown(each), names, masked) for each in entries]
    return KnownSessions(_newest_first(sessions), sorted(unread, key=lambda each: each.id, reverse=True))


def read_sessions(folder: Path, entries: Sequence[SessionEntry], masked: Callable[[str], str]) -> list[ListedSession]:
    """Read these files, and keep in the index what a list says of them."""
    names = names_in(folder)
    rows = _with(folder, lambda connection: _read(entries, connection, masked))
    return [_session(each, rows[each.key], names, masked) for each in entries]


def _with(folder: Path, use: Callable[[sqlite3.Connection | None], T]) -> T:
    """What `use` makes of the index, or of none where there can be none."""
    try:
        return with_index(folder, use, lambda _: None)
    except NoIndex:
        return use(None)


def _newest_first(sessions: Sequence[ListedSession]) -> list[ListedSession]:
    # An id begins with the second in which its session did.
    return sorted(sessions, key=lambda each: (each.id[:SECOND], each.began, each.id), reverse=True)


def entries_in(folder: Path | None, asker: str) -> list[SessionEntry]:
    """All that has the name of a session, whatever it is. Raises ConfigurationError as `listed_sessions`."""
    return [entry_of(path) for path in session_entries(folder, asker)]


def entry_of(path: Path) -> SessionEntry:
    """The file as it is now."""
    try:
        status = path.stat()
    except OSError:
        return SessionEntry(path.stem, path, 0, 0.0, "")
    stamp = f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}"
    return SessionEntry(path.stem, path, status.st_size, status.st_mtime, stamp)


def _known(connection: sqlite3.Connection | None) -> dict[str, Sequence[Any]]:
    """The rows of the index by their keys."""
    return {} if connection is None else {row[0]: row for row in connection.execute(f"SELECT {_COLUMNS} FROM listed")}


def _unread(entries: Sequence[SessionEntry], known: Mapping[str, Sequence[Any]]) -> list[SessionEntry]:
    """Those that are not in the index as they are."""
    return [each for each in entries if each.key not in known or known[each.key][1] != each.stamp]


def _unknown(entry: SessionEntry) -> Sequence[Any]:
    """What is said of a session before it is read: when it began is in its name."""
    try:
        began = float(calendar.timegm(time.strptime(entry.id[:SECOND], "%Y%m%d-%H%M%S")))
    except ValueError:
        began = entry.written
    return entry.key, "", began, None, "", "", None, ""


def _read(
    entries: Sequence[SessionEntry], connection: sqlite3.Connection | None, masked: Callable[[str], str]
) -> dict[str, Sequence[Any]]:
    """The rows of these files by their keys, which are in the index then."""
    rows: dict[str, Sequence[Any]] = {each.key: _row(each, masked) for each in entries}
    if connection is not None and rows:
        with contextlib.suppress(sqlite3.OperationalError), writing(connection):  # the list is whole without it
            values = f"INSERT OR REPLACE INTO listed ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?)"
            connection.executemany(values, list(rows.values()))
    return rows


def _forget_others(
    connection: sqlite3.Connection | None, known: Mapping[str, Sequence[Any]], entries: Sequence[SessionEntry]
) -> None:
    """Take out of the index what it has of files that are gone."""
    gone = sorted(known.keys() - {each.key for each in entries})
    if connection is not None and gone:
        with contextlib.suppress(sqlite3.OperationalError), writing(connection):
            connection.executemany("DELETE FROM listed WHERE id = ?", [(id,) for id in gone])


def _row(entry: SessionEntry, masked: Callable[[str], str]) -> tuple[Any, ...]:
    """What the index keeps of a session: no key, which one of another day may have been when it was asked."""
    from workbench.sessions.scan import SessionFigures, session_figures  # which a list that is known does not wait for

    ends = summary(entry.path, entry.written)
    turns, figures = ends.turns, SessionFigures(0, "", None, ends.problem)
    if not ends.problem:
        with contextlib.suppress(RecordingError):  # of a line that is too long, which its two ends do not tell
            figures = session_figures(entry.path)
            turns = None if figures.problem else figures.turns
    tokens = None if figures.tokens is None else min(figures.tokens, LARGEST)
    # Masked before it is cut: of a part of a key nothing would be known.
    said = (masked(figures.model), masked(ends.first)[:LONGEST_PROMPT], masked(figures.problem))
    texts = [encodable(text) for text in said]
    return entry.key, entry.stamp, ends.began, turns, *texts[:2], tokens, texts[2]


def _session(
    entry: SessionEntry, row: Sequence[Any], names: Mapping[str, str], masked: Callable[[str], str]
) -> ListedSession:
    _, _, began, turns, model, prompt, tokens, problem = row
    name = names.get(entry.id)
    shown = None if name is None else masked(name)
    # Masked again: the row may be of a day on which a key of today was none.
    return ListedSession(
        entry.id, shown, began, turns, masked(model), masked(prompt), tokens, masked(problem), entry.written
    )
