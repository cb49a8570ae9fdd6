"""Bringing an index up to date: what changed is read, what is gone is taken out, and the rest is left alone.

Owns when a document counts as changed: by its size, time and inode first, and by its bytes only where these differ. It
writes in batches, each whole or not at all: a build that was killed goes on behind the last of them.
"""

from __future__ import annotations

import sqlite3
import time
from array import array
from collections import Counter
from collections.abc import Callable, Iterable, Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.documents.converting import converted_here
from workbench.documents.index.common import LEAST, CommonWords
from workbench.documents.index.entry import entry_of
from workbench.documents.index.own_ids import OwnIds
from workbench.documents.index.reading import RowReader, Rows, flaws_as_json, hash_of
from workbench.documents.index.store import (
    IndexDamaged,
    damage_told,
    discard,
    fact,
    keep_fact,
    only_writer,
    open_store,
)
from workbench.documents.index.workers import rows_of
from workbench.documents.one_file import FileToRead, ReadDocument
from workbench.documents.passages import SplitSpec
from workbench.language.search_terms import PassageTerms
from workbench.transactions import writing

BATCH: Final = 16_000_000  # characters of text and terms that are written at once
_TICK: Final = 2_000_000_000  # nanoseconds in which a file may change without another time
_GAPS: Final = 8  # times as many keys as passages, and more: an index that is read slowly
_HASHED: Final = 64_000_000  # bytes of terms that SQLite gathers before it writes a part of the index of words
_PARTS: Final = 64  # parts of it that there may be in a build before they are made fewer; SQLite's own number is 16


@dataclass(frozen=True, slots=True)
class WantedFile:
    """A file of the set, by its name in it, with its stamp as it is now."""

    name: str
    to_read: FileToRead
    size: int
    mtime: int
    inode: int

    @property
    def real(self) -> str:
        """Where it lies, which is what it is known by."""
        return self.to_read.key


@dataclass(frozen=True, slots=True)
class WantedInline:
    """A document that is written in a documents file, by its name in the set; `hash` tells it from others."""

    name: str
    document: ReadDocument
    file: str
    hash: bytes

    @property
    def real(self) -> str:
        """What it is known by."""
        return f"\0{self.name}"


@dataclass(frozen=True, slots=True)
class Building:
    """How far a build is: documents `read` of those that are `to_read`; `waiting` for another program that builds."""

    read: int = 0
    to_read: int = 0
    passages: int = 0
    waiting: bool = False


@dataclass(frozen=True, slots=True)
class Built:
    """An index that is up to date: its documents, their passages, and how many documents were not read again."""

    documents: int
    passages: int
    reused: int


def bring_up_to_date(
    path: Path,
    wanted: Sequence[WantedFile | WantedInline],
    spec: SplitSpec,
    tell: Callable[[Building], object] = lambda _: None,
    *,
    afresh: bool = False,
) -> Built:
    """Have the index at `path` hold the `wanted` documents and no others. `tell` is told how it goes on.

    What is damaged is made anew, and all that is there if `afresh`. Raises IndexUnusable where no index can be kept.
    """
    with only_writer(path, lambda: tell(Building(waiting=True))):
        if afresh:
            discard(path)
        try:
            return _brought(path, wanted, spec, tell)
        except IndexDamaged:
            discard(path)
            return _brought(path, wanted, spec, tell)


def _brought(
    path: Path, wanted: Sequence[WantedFile | WantedInline], spec: SplitSpec, tell: Callable[[Building], object]
) -> Built:
    with closing(open_store(path, make=True)) as connection, damage_told(path):
        return _Builder(connection, wanted, spec, tell).build()


@dataclass(frozen=True, slots=True)
class _Known:
    """What the index has of a document."""

    key: int
    name: str
    place: int
    stamp: tuple[int, int, int]
    seen: int
    hash: bytes
    known: int


class _Builder:
    """One index being brought up to date, by the only one who may write it."""

    def __init__(
        self,
        connection: sqlite3.Connection,
        wanted: Sequence[WantedFile | WantedInline],
        spec: SplitSpec,
        tell: Callable[[Building], object],
    ) -> None:
        self._connection = connection
        self._wanted = wanted
        self._spec = spec
        self._tell = tell
        self._places = {each.real: place for place, each in enumerate(wanted)}
        self._common = CommonWords(connection)
        self._gone: Sequence[_Known] = ()  # what is still to be taken out
        self._next = 0  # the key of the next passage
        self._pending: list[tuple[WantedFile | WantedInline, _Known | None, Rows]] = []
        self._size = 0
        self._whole = True  # all that changes is one batch
        self._read = 0
        self._to_read = 0
        self._passages = 0

    def build(self) -> Built:
        """Read what changed and write it. Raises sqlite3.Error."""
        run = self._connection.execute
        run("PRAGMA cache_spill = OFF")  # nobody who reads is kept out before a batch is whole
        run("PRAGMA cache_size = -32000")
        run("PRAGMA secure_delete = OFF")  # nothing is in it that is not in the documents
        known = {
            row[0]: _Known(row[1], row[2], row[3], (row[4], row[5], row[6]), row[7], bytes(row[8]), row[9])
            for row in run("SELECT real, key, name, place, size, mtime, inode, seen, hash, known FROM documents")
        }
        [self._next, count] = run(
            "SELECT coalesce(max(first + passages), 1), coalesce(sum(passages), 0) FROM documents"
        ).fetchone()
        if self._next > _GAPS * (count + LEAST):
            raise IndexDamaged("it has had so many changes that it is mostly gaps")
        self._gone = [known[real] for real in known if real not in self._places]
        files, inline, stamps = self._changed(known)
        moved = [
            (self._places[real], found.key)
            for real, found in known.items()
            if real in self._places and found.place != self._places[real]
        ]
        self._to_read = len(files) + len(inline)
        if self._gone or stamps or moved or self._to_read or not fact(self._connection, "complete"):
            self._write_all(known, files, inline, stamps, moved)
        documents, passages = run("SELECT count(*), coalesce(sum(passages), 0) FROM documents").fetchone()
        return Built(documents, passages, documents - self._to_read)

    def _changed(
        self, known: dict[str, _Known]
    ) -> tuple[list[WantedFile], list[WantedInline], list[tuple[int, int, int, int, int]]]:
        """The documents that are to be read, and the new stamps of those whose bytes are as they were."""
        files: list[WantedFile] = []
        inline: list[WantedInline] = []
        stamps: list[tuple[int, int, int, int, int]] = []
        for each in self._wanted:
            found = known.get(each.real)
            if found is not None and (found.name != each.name):
                found = None
            if isinstance(each, WantedInline):
                if found is None or found.hash != each.hash:
                    inline.append(each)
                continue
            stamp = (each.size, each.mtime, each.inode)
            if found is None or found.known != int(each.to_read.known):
                files.append(each)
            elif found.stamp != stamp or found.seen - each.mtime < _TICK:
                seen = time.time_ns()
                if found.hash and hash_of(each.to_read.real) == found.hash:
                    stamps.append((*stamp, seen, found.key))
                else:
                    files.append(each)
        return files, inline, stamps

    def _write_all(
        self,
        known: dict[str, _Known],
        files: Sequence[WantedFile],
        inline: Sequence[WantedInline],
        stamps: Sequence[tuple[int, int, int, int, int]],
        moved: Sequence[tuple[int, int]],
    ) -> None:
        run = self._connection.execute
        self._tell(Building(0, self._to_read))
        reader = RowReader(self._spec, converted_here)
        for each in inline:
            self._add(each, known.get(each.real), reader.inline(each.document, each.hash))
        sized = [(each, each.to_read, each.size) for each in files]
        for file, rows in rows_of(sized, self._spec):
            self._add(file, known.get(file.real), rows)
        with writing(self._connection):
            self._write_pending()
            many = self._connection.executemany
            many("UPDATE documents SET size = ?, mtime = ?, inode = ?, seen = ? WHERE key = ?", stamps)
            many("UPDATE documents SET place = ? WHERE key = ?", moved)
            keep_fact(self._connection, "complete", 1)
            self._merges(4, 16)
            self._common.keep(afresh=not self._whole)
        if not self._whole:
            run("PRAGMA optimize")

    def _add(self, wanted: WantedFile | WantedInline, known: _Known | None, rows: Rows) -> None:
        """Have a document written with the next batch."""
        self._pending.append((wanted, known, rows))
        self._size += sum(len(row[4]) + len(row[8]) for row in rows.rows)
        self._read += 1
        self._passages += len(rows.rows)
        self._tell(Building(self._read, self._to_read, self._passages))
        if self._size >= BATCH:
            self._whole = False
            with writing(self._connection):
                keep_fact(self._connection, "complete", 0)
                self._merges(0, _PARTS)
                self._write_pending()

    def _merges(self, few: int, most: int) -> None:
        """How many parts of the index of words SQLite makes fewer of as it writes, or at once when there are `most`.

        A large build leaves them (0): what is merged at each batch would be written again and again.
        """
        for name, value in (("automerge", few), ("crisismerge", most), ("hashsize", _HASHED)):
            self._connection.execute(f"INSERT INTO words (words, rank) VALUES ('{name}', {value})")

    def _write_pending(self) -> None:
        """Write what is pending, once all is taken out in whose place it comes, or that is gone: its ids are free."""
        self._take_out([*self._gone, *(known for _, known, _ in self._pending if known is not None)])
        self._gone = ()
        if not self._pending:
            return
        fresh = sorted({term for *_, rows in self._pending for term in rows.fresh})
        self._connection.executemany("INSERT OR IGNORE INTO terms VALUES (?)", zip(fresh))
        fields = sorted({name for *_, rows in self._pending for name in rows.fields})
        self._connection.executemany("INSERT OR IGNORE INTO fields VALUES (?)", zip(fields))
        entries = [entry for wanted, _, rows in self._pending for entry in self._write(wanted, rows)]
        self._connection.executemany("INSERT INTO words (rowid, entry) VALUES (?, ?)", entries)
        self._common.added(entries)
        self._pending.clear()
        self._size = 0

    def _write(self, wanted: WantedFile | WantedInline, rows: Rows) -> list[tuple[int, str]]:
        """Put one document in; the entries of its passages, by their keys, are left."""
        first, numbered = self._next, 0
        lengths = array("I", [row[9] for row in rows.rows])
        self._next += len(rows.rows)
        is_file = isinstance(wanted, WantedFile)
        stamp = (wanted.size, wanted.mtime, wanted.inode) if isinstance(wanted, WantedFile) else (0, 0, 0)
        file = wanted.to_read.file if isinstance(wanted, WantedFile) else wanted.file
        named = OwnIds(self._owner, file)
        passages = []
        counts = Counter(row[0:2] for row in rows.rows if row[0] is not None)
        for at, row in enumerate(rows.rows, first):
            own, line, number, title, text, data, top, last, _, _ = row
            numbered += own is None
            said = None if own is None else named.id(own, line, number, counts[own, line])
            passages.append((at, 0, said, numbered if is_file else number, title, text, data, top, last))
        flaws = (*rows.flaws, tuple(named.flaws)) if named.flaws else rows.flaws
        columns = (
            *(wanted.real, wanted.name, file, self._places[wanted.real], *stamp, time.time_ns(), rows.hash),
            *(int(isinstance(wanted, WantedFile) and wanted.to_read.known), int(is_file), flaws_as_json(flaws)),
            *(rows.left, int(rows.is_read), first, len(passages), lengths.tobytes(), sum(lengths)),
        )
        marks = ", ".join("?" * len(columns))
        key = int(self._connection.execute(f"INSERT INTO documents VALUES (NULL, {marks})", columns).lastrowid or 0)
        self._connection.executemany(
            "INSERT INTO passages VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
            [(row[0], key, *row[2:]) for row in passages],
        )
        return [(number, row[8]) for number, row in enumerate(rows.rows, first)]

    def _take_out(self, documents: Iterable[_Known]) -> None:
        """Take documents out with their passages, of which the index of words must be told its words."""
        run = self._connection.execute
        terms = PassageTerms()
        for each in documents:
            [first, count] = run("SELECT first, passages FROM documents WHERE key = ?", [each.key]).fetchone()
            keys = (first, first + count)
            said = run("SELECT key, title, text FROM passages WHERE key >= ? AND key < ?", keys).fetchall()
            gone = [(key, entry_of(terms.by_chunks(f"{title}\n{text}"))[0]) for key, title, text in said]
            self._connection.executemany("INSERT INTO words (words, rowid, entry) VALUES ('delete', ?, ?)", gone)
            run("DELETE FROM passages WHERE key >= ? AND key < ?", keys)
            run("DELETE FROM documents WHERE key = ?", [each.key])
            self._common.removed(range(*keys))

    def _owner(self, id: str) -> str | None:
        """The file whose document has an id, None for a free one."""
        asked = "SELECT file FROM passages JOIN documents ON documents.key = document WHERE own = ? OR own = ?"
        row = self._connection.execute(asked, (id, f"{id}#1")).fetchone()
        return None if row is None else str(row[0])
