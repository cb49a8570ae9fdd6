"""Full text over all sessions: questions, answers, thinking, calls and results, a row of the index for each turn.

Owns bringing the index up to date, which reads what is new in files that have grown, and what words find. Refuses to
let them be anything but words: no operator of SQLite's is among them. Text of a turn that is long is in several rows.
"""

from __future__ import annotations

import contextlib
import sqlite3
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.sessions.index import NoIndex, is_busy, with_index, writing
from workbench.sessions.index_text import KINDS, index_key, readable, searchable
from workbench.sessions.listing import SessionEntry, entries_in

MOST_HITS: Final = 100
MOST_WORDS: Final = 50  # of a search
WEIGHTS: Final = "4.0, 3.0, 1.0, 2.0, 2.0"  # of the kinds, in telling which hit is the best
TOGETHER: Final = 200  # turns that are written at once
WHILE: Final = 2.0  # seconds of reading after which one is told
_WORDS_SHOWN: Final = 24  # of a text, around what is found
_BEGIN, _END, _CUT = "\x02", "\x03", "…"
_SNIPPETS: Final = ", ".join(
    f"snippet(words, {column}, char(2), char(3), '{_CUT}', {_WORDS_SHOWN})" for column in range(len(KINDS))
)
_FOUND: Final = (
    f"SELECT searched.id, said.turn, words.rank, {_SNIPPETS} FROM words "
    "JOIN said ON said.key = words.rowid JOIN searched ON searched.key = said.session "
    f"WHERE words MATCH ? AND words.rank MATCH 'bm25({WEIGHTS})' ORDER BY words.rank LIMIT ?"
)


@dataclass(frozen=True, slots=True)
class Hit:
    """A turn in which the words are. `kind` is one of `KINDS`, `text` what stands around them there."""

    id: str
    turn: int
    kind: str
    text: str


@dataclass(frozen=True, slots=True)
class Found:
    """The best hits first, equal ones newest first. `more` says that there are others."""

    hits: tuple[Hit, ...]
    more: bool = False


def search(
    folder: Path | None,
    words: str,
    asker: str,
    on_note: Callable[[str], object],
    masked: Callable[[str], str] = str,
) -> Found:
    """The turns that hold all of `words`; where there is none, those that hold words which begin so.

    `on_note` is told what takes long or cannot be done. Raises ConfigurationError when the folder cannot be read, which
    names the command that asked, and WorkbenchError where nothing can be searched.
    """
    entries = entries_in(folder, asker)
    if not entries or folder is None:
        return Found(())

    def use(connection: sqlite3.Connection) -> Found:
        _bring_up_to_date(connection, entries, on_note, masked)
        ids = {each.key: each.id for each in entries}
        return _found(connection, query(words), ids) or _found(connection, query(words, begun=True), ids) or Found(())

    return with_index(folder, use, on_note)


def forget(folder: Path, ids: Sequence[str]) -> None:
    """Take what these sessions said out of the index. Where that fails, the next search does it."""
    gone = [index_key(id) for id in ids]
    with contextlib.suppress(NoIndex):
        with_index(folder, lambda connection: _take_out(connection, gone), lambda _: None)


def query(words: str, *, begun: bool = False) -> str:
    """What asks SQLite for a text with all of the words, each as it is; `begun` for words that begin so."""
    # What no letter or digit is in, is no word to SQLite, and stands in no text.
    known = [word for word in words.replace('"', " ").split() if any(map(str.isalnum, word))]
    phrases = [" ".join(searchable(word).split()) for word in known[:MOST_WORDS]]
    return " ".join(f'"{phrase}"{"*" if begun else ""}' for phrase in phrases)


# -- what is found -----------------------------------------------------------------------------------


def _found(connection: sqlite3.Connection, asked: str, ids: Mapping[str, str]) -> Found | None:
    """None for no hit."""
    if not asked:
        return None
    rows = connection.execute(_FOUND, (asked, 2 * MOST_HITS)).fetchall()
    best: dict[tuple[str, int], tuple[float, Hit]] = {}
    for key, turn, rank, *snippets in rows:
        if key in ids:
            kind, text = _best(snippets)
            best.setdefault((key, turn), (round(rank, 6), Hit(ids[key], turn, kind, text)))
    newest_first = sorted(best.values(), key=lambda each: (each[1].id, each[1].turn), reverse=True)
    hits = [hit for _, hit in sorted(newest_first, key=lambda each: each[0])]
    return Found(tuple(hits[:MOST_HITS]), len(hits) > MOST_HITS or len(rows) == 2 * MOST_HITS) if hits else None


def _best(snippets: Sequence[str | None]) -> tuple[str, str]:
    """The kind that has most of the words, and what stands around them."""
    texts = [text or "" for text in snippets]
    column = max(range(len(KINDS)), key=lambda each: (texts[each].count(_BEGIN), -each))
    return KINDS[column], readable(texts[column].replace(_BEGIN, "").replace(_END, ""))


# -- what is in the index ----------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class _Known:
    """What the index has of a session."""

    key: int
    stamp: str
    size: int
    head: int
    turns: int


@dataclass(frozen=True, slots=True)
class _New:
    """What is to be in the index of a session, in place of what it has from turn `first` on."""

    entry: SessionEntry
    known: _Known | None
    head: int
    first: int
    turns: int
    rows: tuple[tuple[int, int, Sequence[str]], ...]  # place and number of a turn, and a text of each kind


def _bring_up_to_date(
    connection: sqlite3.Connection,
    entries: Sequence[SessionEntry],
    on_note: Callable[[str], object],
    masked: Callable[[str], str],
) -> None:
    rows = connection.execute("SELECT id, key, stamp, size, head, turns FROM searched")
    known = {id: _Known(*columns) for id, *columns in rows}
    changed = [each for each in entries if each.key not in known or known[each.key].stamp != each.stamp]
    gone = sorted(known.keys() - {each.key for each in entries})
    try:
        if gone:
            _take_out(connection, gone)
        waiting: list[_New] = []
        for each in _told(changed, on_note):
            waiting.append(_read(each, known.get(each.key), masked))
            if sum(len(new.rows) for new in waiting) >= TOGETHER:
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
    first = max(0, known.turns - 1) if known is not None and has_grown else 0  # the last one may have gone on
    said = read_said(entry.path, first, masked)
    return _New(entry, known, head, first, said.turns, said.rows)


def _write(connection: sqlite3.Connection, news: Sequence[_New]) -> None:
    """Put what was read in place, but for what another program has put there meanwhile. Raises sqlite3.Error."""
    if not news:
        return
    with writing(connection):
        for new in news:
            row = connection.execute("SELECT key, stamp FROM searched WHERE id = ?", [new.entry.key]).fetchone()
            if row != (None if new.known is None else (new.known.key, new.known.stamp)):
                continue
            key = _begin(connection, new)
            for place, turn, texts in new.rows:
                said = "INSERT INTO said (session, place, turn) VALUES (?, ?, ?)"
                rowid = connection.execute(said, (key, place, turn)).lastrowid
                connection.execute(
                    "INSERT INTO words (rowid, question, answer, thinking, call, result) VALUES (?, ?, ?, ?, ?, ?)",
                    (rowid, *texts),
                )


def _begin(connection: sqlite3.Connection, new: _New) -> int:
    """Take out what is written anew of a session, and note how far it is read; return its key."""
    columns = (new.entry.stamp, new.entry.size, new.head, new.turns)
    if new.known is None:
        added = "INSERT INTO searched (id, stamp, size, head, turns) VALUES (?, ?, ?, ?, ?)"
        return int(connection.execute(added, (new.entry.key, *columns)).lastrowid or 0)
    _take_rows_out(connection, new.known.key, new.first)
    changed = "UPDATE searched SET stamp = ?, size = ?, head = ?, turns = ? WHERE key = ?"
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
