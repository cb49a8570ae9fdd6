"""Filling a store with a set: what changed is read and put in, what is gone is taken out, the rest is left alone.

Owns when a document counts as changed: by its size, time and inode first, and by its bytes only where these differ, as
in an index. A document is known by its name in the set, so that another person's checkout of the same files changes
nothing. It writes in batches, each one commit: a build that was killed goes on behind the last of them.
"""

from __future__ import annotations

import hashlib
import json
import time
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any, Final

from workbench.documents.converting import converted_here
from workbench.documents.formats import readers
from workbench.documents.index.building import Building, Built, WantedFile, WantedInline
from workbench.documents.index.entry import counts_of
from workbench.documents.index.own_ids import OwnIds
from workbench.documents.index.place import VERSION
from workbench.documents.index.reading import RowReader, Rows, flaws_as_json, flaws_of_json, hash_of
from workbench.documents.index.workers import rows_of
from workbench.documents.lance.faults import WrittenMeanwhile
from workbench.documents.lance.place import only_writer, table_of
from workbench.documents.lance.stale import Stale, stale_of
from workbench.documents.lance.table import DOCUMENT, FACT, PASSAGE, WORD, StoreTable, key_of, table_to_write
from workbench.documents.one_file import ReadFile
from workbench.documents.passages import SetSpec, SplitSpec
from workbench.language import stems

BATCH: Final = 16_000_000  # characters of text and terms that are written at once
_TICK: Final = 2_000_000_000  # nanoseconds in which a file may change without another time
_TRIES: Final = 5  # where another program writes at the same time
QUIET: Final = 2.0  # seconds without a commit, after which another program may be done
_SCANNED: Final = 2_000  # passages whose words are counted at a time
Wanted = WantedFile | WantedInline


@dataclass(frozen=True, slots=True)
class Filled:
    """A store that is up to date, and what is to be said of each file of the set, by where it lies."""

    built: Built
    kept: Mapping[str, ReadFile]


def fill(
    spec: SetSpec,
    wanted: Sequence[Wanted],
    environ: Mapping[str, str],
    tell: Callable[[Building], object] = lambda _: None,
) -> Filled:
    """Have the store of the set hold the `wanted` documents and no others. `tell` is told how it goes on.

    Raises StoreUnusable.
    """
    store = spec.store
    assert store is not None
    with only_writer(store, table_of(spec.name), lambda: tell(Building(waiting=True))):
        for _ in range(_TRIES - 1):
            try:
                return _Filler(table_to_write(store, spec.name, environ), wanted, spec.split, tell).fill()
            except WrittenMeanwhile:
                tell(Building(waiting=True))
                _wait_for_quiet(table_to_write(store, spec.name, environ))
        return _Filler(table_to_write(store, spec.name, environ), wanted, spec.split, tell).fill()


def _wait_for_quiet(table: StoreTable) -> None:
    """Wait until nobody has written for a while: what another program has put in until then need not be read again."""
    before = None
    while before != (before := table.latest()):
        time.sleep(QUIET)


@dataclass(frozen=True, slots=True)
class _Known:
    """What the store has of a document; `said` is what is told of it, as it is kept."""

    doc: int
    place: int
    passages: int
    length: int
    name: str
    is_file: bool
    stamp: tuple[int, int, int] = (0, 0, 0)
    seen: int = 0
    hash: str = ""
    known: bool = False
    flaws: str = "[]"
    left: str = ""
    is_read: bool = False

    @classmethod
    def of(cls, row: Mapping[str, Any]) -> _Known:
        """The document of a row. Raises ValueError, TypeError or LookupError for what was never written."""
        told = json.loads(row["data"])
        fixed = (row["doc"], row["place"], row["passages"], row["length"], row["name"], row["is_file"])
        return cls(*fixed, tuple(told.pop("stamp")), **told)

    def row(self) -> dict[str, Any]:
        """The document as a row."""
        told = {
            "stamp": self.stamp, "seen": self.seen, "hash": self.hash, "known": self.known, "flaws": self.flaws,
            "left": self.left, "is_read": self.is_read,
        }  # fmt: skip
        return {
            "kind": DOCUMENT, "key": f"d{self.doc}", "doc": self.doc, "place": self.place, "name": self.name,
            "is_file": self.is_file, "passages": self.passages, "length": self.length, "data": json.dumps(told),
        }  # fmt: skip

    def as_read(self, file: str) -> ReadFile:
        """What was met when it was read, as of the file at this path."""
        flaws = tuple(tuple(replace(each, file=file) for each in of_one) for of_one in flaws_of_json(self.flaws))
        return ReadFile((), flaws, self.left, self.is_read, self.passages > 0)


class _Filler:
    """One table being brought up to date."""

    def __init__(
        self, table: StoreTable, wanted: Sequence[Wanted], split: SplitSpec, tell: Callable[[Building], object]
    ) -> None:
        self._table = table
        self._split = split
        self._tell = tell
        self._reading = _reading(split)
        self._wanted = dict(zip(_docs_of(wanted), wanted, strict=True))
        self._places = {doc: place for place, doc in enumerate(self._wanted)}
        self._known: dict[int, _Known] = {}
        self._words_right = False
        self._fields: set[str] = set()  # that documents have, or had
        self._stale = Stale()
        self._own: dict[str, str] | None = None  # whose each id is
        self._gone: list[int] = []  # documents that are to be taken out
        self._rows: list[dict[str, Any]] = []
        self._emptied: list[int] = []
        self._added: Counter[str] = Counter()  # words of passages that wait to be written
        self._size = 0
        self._told = Building()

    def fill(self) -> Filled:
        """Read what changed and write it. Raises StoreUnusable."""
        self._look()
        self._gone = [doc for doc in self._known if doc not in self._wanted]
        again, stamped = self._changed()
        moved = {
            doc: replace(stamped.get(doc, known), place=self._places[doc])
            for doc, known in self._known.items()
            if doc in self._wanted and doc not in again and known.place != self._places[doc]
        }
        self._told = Building(0, len(again))
        is_whole = self._table.whole() == self._table.version
        is_right = self._words_right and is_whole and self._table.is_searchable()
        if self._gone or again or stamped or moved or not is_right:
            self._tell(self._told)
            for doc, rows in self._read(again):
                self._add(doc, rows)
            is_piled_up = self._write_rest({**stamped, **moved})
            self._table.finish(tidy=is_piled_up or not is_whole)
        built = Built(
            len(self._known), sum(each.passages for each in self._known.values()), len(self._known) - len(again)
        )
        return Filled(built, self._kept())

    def _look(self) -> None:
        """See what the table has; one whose parts do not fit each other, or that was read otherwise, is made anew."""
        try:
            facts = self._table.rows(FACT, ["data", "text", "passages", "number", "title"]).to_pylist()
            fields = {str(name) for each in facts for name in json.loads(each["text"])}
            stale = stale_of(facts)
            found = self._table.rows(DOCUMENT, ["doc", "place", "passages", "length", "name", "is_file", "data"])
            known = {each.doc: each for each in map(_Known.of, found.to_pylist())}
            fits = sum(each.passages for each in known.values()) == self._table.count(PASSAGE)
            fits = fits and len(known) == found.num_rows
        except (ValueError, TypeError, LookupError):
            facts, known, fits, fields, stale = [], {}, False, set(), Stale()
        if not fits or (known and [each["data"] for each in facts] != [self._reading]):
            self._table, known, facts, fields, stale = self._table.empty(), {}, [], set(), Stale()
        self._known, self._fields, self._stale = known, fields, stale
        self._words_right = bool(facts and facts[0]["passages"])

    def _changed(self) -> tuple[list[int], dict[int, _Known]]:
        """The documents that are to be read, and those whose bytes are as they were, with their new stamps."""
        again: list[int] = []
        stamped: dict[int, _Known] = {}
        for doc, each in self._wanted.items():
            known = self._known.get(doc)
            if known is None or known.is_file != isinstance(each, WantedFile):
                again.append(doc)
            elif isinstance(each, WantedInline):
                if known.hash != each.hash.hex():
                    again.append(doc)
            elif known.known != each.to_read.known:
                again.append(doc)
            elif known.stamp != _stamp(each) or known.seen - each.mtime < _TICK:
                seen = time.time_ns()
                if known.hash and hash_of(each.to_read.real).hex() == known.hash:
                    stamped[doc] = replace(known, stamp=_stamp(each), seen=seen)
                else:
                    again.append(doc)
        return again, stamped

    def _read(self, again: Iterable[int]) -> Iterator[tuple[int, Rows]]:
        files: list[tuple[int, Any, int]] = []
        reader = RowReader(self._split, converted_here)
        for doc in again:
            each = self._wanted[doc]
            if isinstance(each, WantedFile):
                files.append((doc, each.to_read, each.size))
            else:
                yield doc, reader.inline(each.document, each.hash)
        yield from rows_of(files, self._split)

    def _add(self, doc: int, rows: Rows) -> None:
        """Have a document written with the next batch."""
        before = self._known.get(doc)
        if before is not None:
            self._emptied.append(doc)
            self._forget_ids(doc)
        self._known[doc], passages = self._made(doc, rows)
        self._rows += [self._known[doc].row(), *passages]
        self._fields.update(rows.fields)
        self._size += sum(len(row[4]) + len(row[8]) for row in rows.rows)
        told = self._told
        self._told = Building(told.read + 1, told.to_read, told.passages + len(passages))
        self._tell(self._told)
        if self._size >= BATCH:
            self._words_right = False
            self._put([self._fact()])

    def _made(self, doc: int, rows: Rows) -> tuple[_Known, list[dict[str, Any]]]:
        """A document with its passages, as rows."""
        wanted = self._wanted[doc]
        is_file = isinstance(wanted, WantedFile)
        ids = OwnIds(self._owner, wanted.name)
        counts = Counter(row[0:2] for row in rows.rows if row[0] is not None)
        passages, numbered = [], 0
        for at, (own, line, number, title, text, data, first, last, entry, length) in enumerate(rows.rows):
            numbered += own is None
            said = None if own is None else ids.id(own, line, number, counts[own, line])
            words = counts_of(entry)
            self._added.update(words.keys())
            passages.append({
                "kind": PASSAGE, "key": key_of(doc, at), "doc": doc, "place": at, "name": wanted.name, "own": said,
                "is_file": is_file, "passages": len(rows.rows), "number": numbered if is_file else number,
                "title": title, "text": text, "data": data, "first": first, "last": last, "length": length,
                "entry": " ".join(" ".join([word] * count) for word, count in words.items()), "same": same(title, text),
            })  # fmt: skip
            if said is not None and self._own is not None:
                self._own[said] = wanted.name
        flaws = (*rows.flaws, tuple(ids.flaws)) if ids.flaws else rows.flaws
        bare = [
            [replace(each, file="") for each in of_one] for of_one in flaws
        ]  # no path of this machine is anyone's business
        known = _Known(
            doc, self._places[doc], len(passages), sum(row[9] for row in rows.rows), wanted.name, is_file,
            _stamp(wanted), time.time_ns(), rows.hash.hex(),
            isinstance(wanted, WantedFile) and wanted.to_read.known, flaws_as_json(bare), rows.left, rows.is_read,
        )  # fmt: skip
        return known, passages

    def _write_rest(self, restamped: Mapping[int, _Known]) -> bool:
        """Write what is left, and have the words be right: by what came and went, or by all passages.

        Returns whether there is too much beside the index of words by now.
        """
        rows = [each.row() for each in restamped.values()]
        if self._words_right:
            is_piled_up = self._write_changed(rows)
        else:
            is_piled_up, self._stale = True, Stale()
            self._put([*rows, self._fact()], self._gone)
            counted = dict.fromkeys((name for name, _ in _words(self._table)), 0)
            counted.update(_counted(self._table))
            self._words_right = True
            self._put([*_word_rows(counted), self._fact()])
        self._known = {doc: restamped.get(doc, each) for doc, each in self._known.items() if doc in self._wanted}
        return is_piled_up

    def _write_changed(self, rows: Sequence[Mapping[str, Any]]) -> bool:
        """Write what is left, with the words of what came and went, as `_write_rest`."""
        out = [*self._emptied, *self._gone]
        entries = self._table.rows(PASSAGE, ["entry"], out).column("entry").to_pylist() if out else []
        taken = Counter(chain.from_iterable(set(entry.split()) for entry in entries))
        changed = {word: self._added[word] - taken[word] for word in {*self._added, *taken}}
        changed = {word: more for word, more in changed.items() if more}
        found = {name: count for name, count in _words(self._table) if name in changed}
        words = _word_rows({word: found.get(word, 0) + more for word, more in changed.items()})
        stale = Stale(self._stale.passages + len(entries), self._stale.words + taken)
        is_piled_up = self._table.is_piled_up(len(self._rows) + len(rows) + len(words) + stale.passages)
        self._stale = Stale() if is_piled_up else stale
        self._put([*rows, *words, self._fact()], self._gone)
        return is_piled_up

    def _put(self, rows: Sequence[Mapping[str, Any]], gone: Sequence[int] = ()) -> None:
        self._table.put([*self._rows, *rows], self._emptied, gone)
        self._rows, self._emptied, self._size = [], [], 0
        self._added = Counter()

    def _fact(self) -> dict[str, Any]:
        fields = json.dumps(sorted(self._fields))
        right = int(self._words_right)
        stale = json.dumps(self._stale.words) if self._stale.passages else None
        return {
            "kind": FACT, "key": "f", "data": self._reading, "text": fields, "passages": right,
            "number": self._stale.passages, "title": stale,
        }  # fmt: skip

    def _owner(self, id: str) -> str | None:
        """The document of the set that has an id, None for a free one."""
        if self._own is None:
            out = {*self._emptied, *self._gone}
            found = self._table.rows(PASSAGE, ["doc", "own", "name"]).to_pylist()
            there = [row for row in found if row["doc"] not in out]
            self._own = {row["own"]: row["name"] for row in (*there, *self._rows) if row.get("own") is not None}
        return self._own.get(id) or self._own.get(f"{id}#1")

    def _forget_ids(self, doc: int) -> None:
        if self._own is not None:
            name = self._wanted[doc].name
            self._own = {id: of for id, of in self._own.items() if of != name}

    def _kept(self) -> dict[str, ReadFile]:
        files = [(doc, each) for doc, each in self._wanted.items() if isinstance(each, WantedFile)]
        return {each.real: self._known[doc].as_read(each.to_read.file) for doc, each in files}


def same(title: str, text: str) -> int:
    """What two passages have in common that say the same: 64 bits of a hash."""
    return _bits(f"{title}\n{text}")


def _bits(text: str) -> int:
    return int.from_bytes(
        hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "big", signed=True
    )


def _docs_of(wanted: Iterable[Wanted]) -> Iterator[int]:
    """What each document is known by: its name, and for another one of that name its number among them."""
    met: Counter[str] = Counter()
    for each in wanted:
        met[each.name] += 1
        yield _bits(each.name if met[each.name] == 1 else f"{each.name}\0{met[each.name]}")


def _stamp(wanted: Wanted) -> tuple[int, int, int]:
    return (wanted.size, wanted.mtime, wanted.inode) if isinstance(wanted, WantedFile) else (0, 0, 0)


def _reading(split: SplitSpec) -> str:
    """What passages depend on besides the documents."""
    return json.dumps([VERSION, stems.version(), readers(), split.mode, split.max_words], default=str)


def _words(table: StoreTable) -> Iterator[tuple[str, int]]:
    found = table.rows(WORD, ["name", "passages"])
    return zip(found.column("name").to_pylist(), found.column("passages").to_pylist(), strict=True)


def _word_rows(words: Mapping[str, int]) -> list[dict[str, Any]]:
    return [{"kind": WORD, "key": f"w{word}", "name": word, "passages": count} for word, count in words.items()]


def _counted(table: StoreTable) -> Counter[str]:
    """How many passages have each word."""
    counted: Counter[str] = Counter()
    for batch in table.rows(PASSAGE, ["entry"]).to_batches(_SCANNED):
        for entry in batch.column("entry").to_pylist():
            counted.update(set(entry.split()))
    return counted
