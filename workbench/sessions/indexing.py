"""What was said in all sessions, in the index: a row of it for each turn, or several where much was said.

Owns bringing it up to date, which reads what is new in files that have grown. All of it can be made again from the
files at any time, and two programs may do so at once: whoever comes second leaves what is there.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.sessions.index import NoIndex, index_path, is_busy, with_index
from workbench.sessions.index_text import encodable, index_key
from workbench.sessions.listing import SessionEntry, entries_in, entry_of
from workbench.transactions import writing

if TYPE_CHECKING:
    from workbench.sessions.said import LastTurns, Said

TOGETHER: Final = 200  # turns that are written at once
MOST_QUESTIONS: Final = 10_000  # that are asked for
WHILE: Final = 2.0  # seconds of reading after which one is told
_COLUMNS: Final = "stamp, size, head, turns, last_place, last_at, last_seq"


def update(folder: Path, asker: str, on_note: Callable[[str], object], masked: Callable[[str], str]) -> None:
    """Have the index hold what all sessions in `folder` say, and nothing of those that are gone. May take a while.

    Raises ConfigurationError when the folder cannot be read, which names the command that asked, and WorkbenchError
    where there can be no index.
    """
    entries = entries_in(folder, asker)
    with_index(folder, lambda connection: bring_up_to_date(connection, entries, on_note, masked), on_note)


def update_one(session: Path, masked: Callable[[str], str]) -> None:
    """Have the index hold what `session` says by now. Where that fails, the next search does it."""
    entry = entry_of(session)
    with contextlib.suppress(NoIndex):
        with_index(session.parent, lambda connection: _bring(connection, [entry], _nobody, masked), _nobody)


def questions(folder: Path) -> list[str]:
    """What was asked in the sessions that the index knows by now, the oldest first, each as it was asked last.

    Never fails: what cannot be read was not asked.
    """
    latest_first = (
        "SELECT said.asked FROM said JOIN searched ON searched.key = said.session WHERE said.asked IS NOT NULL "
        "ORDER BY searched.id DESC, said.place DESC LIMIT ?"
    )

    def use(connection: sqlite3.Connection) -> list[str]:
        return [text for (text,) in connection.execute(latest_first, [MOST_QUESTIONS])]

    if not index_path(folder).exists():
        return []
    with contextlib.suppress(NoIndex):
        return list(reversed(dict.fromkeys(with_index(folder, use, _nobody))))
    return []


def forget(folder: Path, ids: Sequence[str]) -> None:
    """Take what these sessions said out of the index. Where that fails, the next search does it."""
    gone = [index_key(id) for id in ids]
    with contextlib.suppress(NoIndex):
        with_index(folder, lambda connection: _take_out(connection, gone), _nobody)


def bring_up_to_date(
    connection: sqlite3.Connection,
    entries: Sequence[SessionEntry],
    on_note: Callable[[str], object],
    masked: Callable[[str], str],
) -> None:
    """As `update`, of all `entries` that there are."""
    there = {each.key for each in entries}
    gone = sorted(id for (id,) in connection.execute("SELECT id FROM searched") if id not in there)
    try:
        if gone:
            _take_out(connection, gone)
    except sqlite3.OperationalError as error:
        if not is_busy(error):
            raise
    _bring(connection, entries, on_note, masked)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the index has of a session."""

    key: int
    stamp: str
    size: int
    head: int
    turns: int
    last_place: int
    last_at: int
    last_seq: int

    @property
    def last(self) -> LastTurns | None:
        """Where its last turns begin, which may have gone on."""
        from workbench.sessions.said import LastTurns

        return LastTurns(self.last_place, self.last_at, self.last_seq) if self.last_at and self.turns else None


@dataclass(frozen=True, slots=True)
class _New:
    """What is to be in the index of a session, in place of what it has from the first turn of `said` on."""

    entry: SessionEntry
    known: _Known | None
    head: int
    said: Said


def _bring(
    connection: sqlite3.Connection,
    entries: Sequence[SessionEntry],
    on_note: Callable[[str], object],
    masked: Callable[[str], str],
) -> None:
    rows = connection.execute(f"SELECT id, key, {_COLUMNS} FROM searched")
    known = {id: _Known(*columns) for id, *columns in rows}
    changed = [each for each in entries if each.key not in known or known[each.key].stamp != each.stamp]
    try:
        waiting: list[_New] = []
        for each in _told(changed, on_note):
            waiting.append(_read(each, known.get(each.key), masked))
            if sum(len(new.said.rows) for new in waiting) >= TOGETHER:
                _write(connection, waiting)
                waiting.clear()
        _write(connection, waiting)
    except sqlite3.OperationalError as error:
        if not is_busy(error):
            raise
        on_note("another program is writing the index of sessions: what is newest may not be found yet")


def _told(entries: Sequence[SessionEntry], on_note: Callable[[str], object]) -> Iterator[SessionEntry]:
    """`entries`, one after another; whoever waits is told when they take long."""
    began, told = time.monotonic(), False
    for number, entry in enumerate(entries):
        if not told and time.monotonic() - began > WHILE:
            told = True
            on_note(f"{len(entries) - number} more sessions are read for the first time; the next search has them")
        yield entry


def _read(entry: SessionEntry, known: _Known | None, masked: Callable[[str], str]) -> _New:
    """What is to be written of a session: all of it, or its last turns when the file has only grown."""
    from workbench.sessions.said import first_line_sum, read_said  # which a search of what is known does not wait for

    head = first_line_sum(entry.path)
    has_grown = known is not None and known.size < entry.size and known.head == head
    return _New(entry, known, head, read_said(entry.path, known.last if known and has_grown else None, masked))


def _write(connection: sqlite3.Connection, news: Sequence[_New]) -> None:
    """Put what was read in place, but for what another program has put there meanwhile. Raises sqlite3.Error."""
    if not news:
        return
    with writing(connection):
        for new in news:
            there = connection.execute("SELECT key, stamp FROM searched WHERE id = ?", [new.entry.key]).fetchone()
            if there != (None if new.known is None else (new.known.key, new.known.stamp)):
                continue
            key = _begin(connection, new)
            for row in new.said.rows:
                said = "INSERT INTO said (session, place, turn, asked) VALUES (?, ?, ?, ?)"
                asked = None if row.asked is None else encodable(row.asked)
                rowid = connection.execute(said, (key, row.place, row.number, asked)).lastrowid
                connection.execute(
                    "INSERT INTO words (rowid, question, answer, thinking, call, result) VALUES (?, ?, ?, ?, ?, ?)",
                    (rowid, *row.texts),
                )


def _begin(connection: sqlite3.Connection, new: _New) -> int:
    """Take out what is written anew of a session, and note how far it is read; return its key."""
    last = (new.said.last.place, new.said.last.at, new.said.last.seq) if new.said.last else (0, 0, 0)
    columns = (new.entry.stamp, new.entry.size, new.head, new.said.turns, *last)
    if new.known is None:
        added = f"INSERT INTO searched (id, {_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?)"
        return int(connection.execute(added, (new.entry.key, *columns)).lastrowid or 0)
    _take_rows_out(connection, new.known.key, new.said.first)
    changed = f"UPDATE searched SET ({_COLUMNS}) = (?, ?, ?, ?, ?, ?, ?) WHERE key = ?"
    connection.execute(changed, (*columns, new.known.key))
    return new.known.key


def _take_out(connection: sqlite3.Connection, ids: Sequence[str]) -> None:
    with writing(connection):
        for id in ids:
            for (key,) in connection.execute("SELECT key FROM searched WHERE id = ?", [id]).fetchall():
                _take_rows_out(connection, key, 0)
                connection.execute("DELETE FROM searched WHERE key = ?", [key])
            connection.execute("DELETE FROM listed WHERE id = ?", [id])


def _take_rows_out(connection: sqlite3.Connection, key: int, first: int) -> None:
    """Take out the turns of a session from place `first` on."""
    of_these = "SELECT key FROM said WHERE session = ? AND place >= ?"
    connection.execute(f"DELETE FROM words WHERE rowid IN ({of_these})", (key, first))
    connection.execute("DELETE FROM said WHERE session = ? AND place >= ?", (key, first))


def _nobody(_: str) -> None:
    """Nobody is told."""
