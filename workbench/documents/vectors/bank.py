"""All vectors of one space, kept by the text that they are of: no text is embedded twice, whatever set it is in.

They are apart from the indexes of sets, which are made anew at any time: vectors cost money. A file is for one
embedder, one model and one number of dimensions. Refuses to remove what is damaged: a person decides that.
"""

from __future__ import annotations

import hashlib
import re
import threading
import weakref
from array import array
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, TypeVar

from workbench.documents.embedding import Vector, VectorsUnusable
from workbench.documents.own_file import UnfitFile, own_file
from workbench.documents.passages import EmbedSpec
from workbench.documents.vectors.database import Database
from workbench.paths import reason_of

T = TypeVar("T")

VERSION: Final = 1
_ASKED: Final = 500  # values of one statement
_GAPS: Final = 4  # times as many rows as wanted ones, up to which a range is read in one go
_UNFIT: Final = re.compile(r"[^\w.-]+", re.ASCII)
_LONGEST: Final = 60  # characters of the names of a space and a model in that of its file
_TABLES: Final = (
    # `hash` is that of the text, as `hash_of` has it. What is looked at for every question stands apart.
    "CREATE TABLE vectors (key INTEGER PRIMARY KEY, hash BLOB UNIQUE, int8 BLOB)",
    "CREATE TABLE bits (key INTEGER PRIMARY KEY, bits BLOB)",
    # Where the vectors of a document's passages are, by the name of its index: `first` and `count` are the keys of the
    # passages there, `hash` is of the document, `keys` are of the vectors.
    """CREATE TABLE placed (place TEXT, first INTEGER, count INTEGER, hash BLOB, keys BLOB,
    PRIMARY KEY (place, first)) WITHOUT ROWID""",
)


@dataclass(frozen=True, slots=True)
class Extent:
    """The passages of a document: the key of the first, how many, and the document's hash, b"" where it has none."""

    first: int
    count: int
    hash: bytes = b""


def hash_of(text: str) -> bytes:
    """What a text is known by."""
    return hashlib.blake2b(text.encode("utf-8", "surrogatepass"), digest_size=16).digest()


def bank_file(folder: Path, space: str, spec: EmbedSpec) -> Path:
    """The file for vectors that `space` makes of passages."""
    said = f"{VERSION}\0{space}\0{spec.passages}\0{spec.dimensions}"
    digest = hashlib.blake2b(said.encode(), digest_size=6).hexdigest()
    name = _UNFIT.sub("-", f"{space}-{spec.passages}").strip("-.")[:_LONGEST]
    return folder / f"{name}-{spec.dimensions}-{digest}.vectors"


class Bank:
    """The vectors at `path`, opened when they are first asked for. For several threads, and several programs at once.

    Every method may raise VectorsUnusable.
    """

    def __init__(self, path: Path, *, extended: bool | None = None) -> None:
        """`extended` as of `Database`."""
        self.path = path
        self._extended = extended
        self._lock = threading.RLock()
        self._database: Database | None = None
        self._added = 0

    @property
    def version(self) -> tuple[int, int]:
        """Something else after vectors were added, by this program or another."""
        with self._lock:
            return int(self.database.rows("PRAGMA data_version")[0][0]), self._added

    @property
    def database(self) -> Database:
        """The open file."""
        with self._lock:
            if self._database is None:
                self._database = self._open()
            return self._database

    def keys(self, hashes: Sequence[bytes]) -> array[int]:
        """The key of the vector of each text, 0 for one that has none."""
        found: dict[bytes, int] = {}
        with self._lock:
            for at in range(0, len(hashes), _ASKED):
                asked = hashes[at : at + _ASKED]
                marks = ",".join("?" * len(asked))
                sql = f"SELECT hash, key FROM vectors WHERE hash IN ({marks})"
                found.update((bytes(hash), key) for hash, key in self.database.rows(sql, asked))
        return array("I", [found.get(each, 0) for each in hashes])

    def known(self, hashes: Sequence[bytes]) -> set[bytes]:
        """Those of the texts that have a vector."""
        return {hash for hash, key in zip(hashes, self.keys(hashes), strict=True) if key}

    def add(self, vectors: Mapping[bytes, Vector]) -> None:
        """Keep vectors by the hashes of their texts; those that another program has added meanwhile stay."""
        with self._lock, self.database.writing():
            self._added += len(vectors)
            for hash, vector in vectors.items():
                added = self.database.rows(
                    "INSERT OR IGNORE INTO vectors (hash, int8) VALUES (?, ?) RETURNING key", (hash, vector.int8)
                )
                self.database.many("INSERT INTO bits VALUES (?, ?)", ((key, vector.bits) for [key] in added))

    def bits(self, keys: Sequence[int]) -> list[int]:
        """The bits of each vector as a number."""
        read: dict[int, int] = {}
        with self._lock:
            low, high = (min(keys), max(keys)) if keys else (0, -1)
            if high - low < _GAPS * len(keys):
                rows = self.database.rows("SELECT key, bits FROM bits WHERE key BETWEEN ? AND ?", (low, high))
                read = {key: int.from_bytes(bits, "big") for key, bits in rows}
            else:
                read = {key: int.from_bytes(bits, "big") for key, bits in self._of("bits", keys)}
        return self._each(read, keys)

    def int8(self, keys: Sequence[int]) -> list[bytes]:
        """The numbers of each vector."""
        with self._lock:
            read = {key: bytes(each) for key, each in self._of("int8", keys)}
        return self._each(read, keys)

    def placed(self, place: str) -> dict[Extent, array[int]]:
        """Where the vectors of an index's documents are."""
        with self._lock:
            rows = self.database.rows("SELECT first, count, hash, keys FROM placed WHERE place = ?", [place])
        return {Extent(first, count, bytes(hash)): array("I", keys) for first, count, hash, keys in rows}

    def place(self, place: str, found: Iterable[tuple[Extent, array[int]]]) -> None:
        """Keep where the vectors of some documents of an index are."""
        rows = [(place, each.first, each.count, each.hash, keys.tobytes()) for each, keys in found]
        if rows:
            with self._lock, self.database.writing():
                self.database.many("INSERT OR REPLACE INTO placed VALUES (?, ?, ?, ?, ?)", rows)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            if self._database is not None:
                self._database.close()
            self._database = None

    def _each(self, read: Mapping[int, T], keys: Sequence[int]) -> list[T]:
        try:
            return [read[key] for key in keys]
        except KeyError as error:
            raise VectorsUnusable(
                f"{self.path}: it lacks a vector that it had; take it away to have it made anew"
            ) from error

    def _of(self, column: str, keys: Sequence[int]) -> Iterable[tuple[int, bytes]]:
        table = "bits" if column == "bits" else "vectors"
        for at in range(0, len(keys), _ASKED):
            asked = keys[at : at + _ASKED]
            marks = ",".join("?" * len(asked))
            rows = self.database.rows(f"SELECT key, {column} FROM {table} WHERE key IN ({marks})", asked)
            yield from ((key, each) for key, each in rows)

    def _open(self) -> Database:
        try:
            self.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            own_file(self.path, make=True)
        except OSError as error:
            raise VectorsUnusable(f"{self.path}: {reason_of(error)}") from error
        except UnfitFile as error:
            raise VectorsUnusable(str(error)) from error
        database = Database(self.path, extended=self._extended)
        try:
            with database.writing():
                [[version]] = database.rows("PRAGMA user_version")
                if version == 0:
                    for each in _TABLES:
                        database.rows(each)
                    database.rows(f"PRAGMA user_version = {VERSION}")
                elif version != VERSION:
                    raise VectorsUnusable(f"{self.path}: it is of another version of this program")
        except BaseException:
            database.close()
            raise
        weakref.finalize(self, database.close)
        return database
