"""The sessions of a folder in a list: what is told of each, read once and kept in the index until the file changes.

Refuses to need the index: what cannot be kept there is read again the next time.
"""

from __future__ import annotations

import contextlib
import sqlite3
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workbench.errors import RecordingError
from workbench.sessions.folder import session_entries
from workbench.sessions.index import NoIndex, with_index, writing
from workbench.sessions.index_text import encodable, index_key
from workbench.sessions.names import names_in
from workbench.sessions.summary import summary

LONGEST_PROMPT: Final = 2000  # characters of the first question
LARGEST: Final = 2**62  # a number that the index takes
SECOND: Final = len("20260131-091500")
MANY: Final = 100  # sessions that take a while to be read
_COLUMNS: Final = "id, stamp, began, turns, model, prompt, tokens, problem"


@dataclass(frozen=True, slots=True)
class ListedSession:
    """A session in a list. `began` is in seconds since 1970, `prompt` the first question, or its beginning.

    `name` is None unless a person gave one. `tokens` is None where no answer told of any. `problem` says why the file
    is no session that can be read, or is ""; there are no `turns` then.
    """

    id: str
    name: str | None
    began: float
    turns: int | None
    model: str
    prompt: str
    tokens: int | None
    problem: str = ""


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


def listed_sessions(folder: Path | None, asker: str, on_note: Callable[[str], object]) -> list[ListedSession]:
    """All sessions, newest first. `on_note` is told when reading them takes a while.

    Raises ConfigurationError when the folder cannot be read, which names the command that asked.
    """
    entries = entries_in(folder, asker)
    if not entries or folder is None:
        return []

    def use(connection: sqlite3.Connection | None) -> list[ListedSession]:
        return _listed(entries, names_in(folder), connection, on_note)

    try:
        found = with_index(folder, use, lambda _: None)
    except NoIndex:
        found = use(None)
    # An id begins with the second in which its session did.
    return sorted(found, key=lambda each: (each.id[:SECOND], each.began, each.id), reverse=True)


def entries_in(folder: Path | None, asker: str) -> list[SessionEntry]:
    """All that has the name of a session, whatever it is. Raises ConfigurationError as `listed_sessions`."""
    return [_entry(path) for path in session_entries(folder, asker)]


def _entry(path: Path) -> SessionEntry:
    try:
        status = path.stat()
    except OSError:
        return SessionEntry(path.stem, path, 0, 0.0, "")
    stamp = f"{status.st_size}:{status.st_mtime_ns}:{status.st_ctime_ns}:{status.st_ino}"
    return SessionEntry(path.stem, path, status.st_size, status.st_mtime, stamp)


def _listed(
    entries: Sequence[SessionEntry],
    names: Mapping[str, str],
    connection: sqlite3.Connection | None,
    on_note: Callable[[str], object],
) -> list[ListedSession]:
    known = {} if connection is None else {row[0]: row for row in connection.execute(f"SELECT {_COLUMNS} FROM listed")}
    new = [each for each in entries if each.key not in known or known[each.key][1] != each.stamp]
    if len(new) >= MANY:
        on_note(f"{len(new)} sessions are read for the list, which takes a while this once")
    rows = {each.key: _row(each) for each in new}
    if connection is not None:
        _keep(connection, list(rows.values()), sorted(known.keys() - {each.key for each in entries}))
    return [_session(each, rows.get(each.key) or known[each.key], names) for each in entries]


def _row(entry: SessionEntry) -> tuple[Any, ...]:
    """What the index keeps of a session."""
    from workbench.sessions.scan import SessionFigures, session_figures  # which a list that is known does not wait for

    ends = summary(entry.path, entry.written)
    turns, figures = ends.turns, SessionFigures(0, "", None)
    if not ends.problem:
        with contextlib.suppress(RecordingError):  # of a line that is too long, which its two ends do not tell
            figures = session_figures(entry.path)
            turns = figures.turns
    tokens = None if figures.tokens is None else min(figures.tokens, LARGEST)
    texts = [encodable(text) for text in (figures.model, ends.first[:LONGEST_PROMPT], ends.problem)]
    return entry.key, entry.stamp, ends.began, turns, *texts[:2], tokens, texts[2]


def _session(entry: SessionEntry, row: Sequence[Any], names: Mapping[str, str]) -> ListedSession:
    _, _, began, turns, model, prompt, tokens, problem = row
    return ListedSession(entry.id, names.get(entry.id), began, turns, model, prompt, tokens, problem)


def _keep(connection: sqlite3.Connection, rows: Sequence[tuple[Any, ...]], gone: Sequence[str]) -> None:
    if not rows and not gone:
        return
    try:
        with writing(connection):
            connection.executemany(f"INSERT OR REPLACE INTO listed ({_COLUMNS}) VALUES (?,?,?,?,?,?,?,?)", rows)
            connection.executemany("DELETE FROM listed WHERE id = ?", [(id,) for id in gone])
    except sqlite3.OperationalError:  # another program writes, or nobody can: the list is whole without it
        return
