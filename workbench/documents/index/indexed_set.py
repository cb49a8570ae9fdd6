"""A set whose passages are in an index: they are read from it when they are sent, and not held in memory.

Owns what a library asks of a set. An index that turns out to be damaged is made anew, and asked again.
"""

from __future__ import annotations

import sqlite3
import threading
from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import closing
from dataclasses import dataclass
from functools import partial
from itertools import accumulate
from pathlib import Path
from typing import Final, TypeVar

from workbench.documents.embedding import Nearby, SearchModels
from workbench.documents.index.data import unpacked
from workbench.documents.index.narrowing import Narrowing
from workbench.documents.index.outline import keys_of, outline_of
from workbench.documents.index.ranking import Ranking
from workbench.documents.index.store import IndexDamaged, damage_told, open_store
from workbench.documents.lazy_passages import LazyPassages
from workbench.documents.left_out import FileCount
from workbench.documents.outline import Outlined
from workbench.documents.passages import EmbedSpec, Passage, RetrievalSpec
from workbench.documents.queries import Query
from workbench.documents.shelf import is_sent_whole
from workbench.documents.vectors import KeptVectors
from workbench.language.meanings import widened
from workbench.paths import reason_of

T = TypeVar("T")

_AT_ONCE: Final = 200  # passages that are read together
_COLUMNS: Final = (
    "SELECT own, number, title, text, data, line, last, name, is_file, passages FROM passages "
    "JOIN documents ON documents.key = passages.document WHERE passages.key = ?"
)


@dataclass(frozen=True, slots=True)
class _State:
    """An index as it was when it was looked at: its version for SQLite, and what is known of it."""

    version: int
    ranking: Ranking
    narrowing: Narrowing
    firsts: tuple[int, ...]  # the key of the first passage of each document, in the order of the set
    ends: tuple[int, ...]  # how many passages there are up to the end of each
    off: dict[frozenset[str], Set[int]]  # the keys of the passages of documents that were off the last time

    @property
    def size(self) -> int:
        """How many passages there are."""
        return self.ends[-1] if self.ends else 0


class IndexedSet:
    """The passages of one set, in the index at `path`.

    `renamed` has other names for documents whose own names stand for those of other sets; `mend` makes the index anew
    when it is damaged, and may raise WorkbenchError.
    """

    def __init__(
        self,
        name: str,
        path: Path,
        retrieval: RetrievalSpec,
        mend: Callable[[], object],
        renamed: Mapping[str, str] | None = None,
        files: FileCount = FileCount(),  # noqa: B008 - it is frozen
    ) -> None:
        self._name = name
        self._files = files
        self._retrieval = retrieval
        self._opened = _Opened(path, mend)
        self._renamed = dict(renamed or {})
        self._sends_all: bool | None = None
        self._vectors = KeptVectors()

    @property
    def name(self) -> str:
        """The set's."""
        return self._name

    @property
    def files(self) -> FileCount:
        """How many files it names, and which are left out."""
        return self._files

    @property
    def passages(self) -> Sequence[Passage]:
        """All of them, in the order of the files; each is read when it is asked for."""
        return LazyPassages(self._opened.use(lambda _, state: state.size), self.at, _AT_ONCE)

    @property
    def size(self) -> int:
        """How many passages there are, as it was known last: whoever draws a screen does not wait for a search."""
        return self._opened.known().size

    @property
    def sends_all(self) -> bool:
        """Whether the set is sent whole: as configured, else if its words fit the budget."""
        if self._sends_all is None:
            self._sends_all = is_sent_whole(self)
        return self._sends_all

    def has_field(self, name: str) -> bool:
        """Whether a document may have a field of that name which is not its text."""
        return self._opened.use(lambda _, state: state.narrowing.has_field(name))

    def finds(self, query: Query) -> bool:
        """Whether a search for `query` would find anything, were it not narrowed."""
        return query.is_filter or self._opened.use(lambda _, state: bool(widened(query.words, state.ranking.terms)))

    def search(self, query: Query, most: int | None = None) -> list[tuple[Passage, float]]:
        """The best passages that `query` accepts with their scores, best first; `most` in place of the set's own."""
        top_k = most or self._retrieval.top_k

        def use(connection: sqlite3.Connection, state: _State) -> list[tuple[Passage, float]]:
            read = partial(self._passage, connection)
            if query.is_filter:
                return state.narrowing.first(query, top_k, read, self._off(connection, state, query))
            words = widened(query.words, state.ranking.terms)
            if query.narrows:
                return state.narrowing.best(query, words, top_k, read, self._off(connection, state, query))
            return [(read(key), score) for key, score in state.ranking.best(words, top_k)]

        return self._opened.use(use)

    def _off(self, connection: sqlite3.Connection, state: _State, query: Query) -> Set[int]:
        """The keys of the passages of documents that are off."""
        names = frozenset(document for name, document in query.choices.documents_off if name == self._name)
        if not names:
            return frozenset()
        if names not in state.off:
            state.off.clear()
            state.off[names] = keys_of(connection, names, self._renamed)
        return state.off[names]

    def retrieved_by(self, retrieval: RetrievalSpec) -> IndexedSet:
        """The same set, retrieved otherwise."""
        other = IndexedSet.__new__(IndexedSet)
        other.__dict__.update(self.__dict__)
        other._retrieval, other._sends_all = retrieval, None
        return other

    @property
    def retrieval(self) -> RetrievalSpec:
        """How it is retrieved."""
        return self._retrieval

    def outline(self) -> Sequence[Outlined]:
        """Its documents, in a line each."""
        return self._opened.use(lambda connection, _: outline_of(connection, self._renamed))

    def at(self, places: range) -> list[Passage]:
        """The passages at these places of the set, from 0, those that there are: it may have fewer by now."""

        def use(connection: sqlite3.Connection, state: _State) -> list[Passage]:
            found = []
            for place in (each for each in places if each < state.size):
                document = bisect_right(state.ends, place)
                before = state.ends[document - 1] if document else 0
                found.append(self._passage(connection, state.firsts[document] + place - before))
            return found

        return self._opened.use(use)

    def nearby(self, models: SearchModels, spec: EmbedSpec) -> Nearby:
        """Its passages by the nearness of vectors. Raises VectorsUnusable where there can be none."""
        from workbench.documents.index.texts import IndexTexts

        texts = IndexTexts(self._opened.path, self._opened.ask, self._passage)
        return self._vectors.of(lambda: texts, models, spec)

    def close(self) -> None:
        """Let go of the file."""
        self._opened.close()

    def _passage(self, connection: sqlite3.Connection, key: int) -> Passage:
        row = connection.execute(_COLUMNS, [key]).fetchone()
        own, number, title, text, kept, line, last, name, is_file, count = row
        base = self._renamed.get(name, name)
        id = own or (base if count == 1 and not is_file else f"{base}#{number}")
        lines = None if line is None else (line, last)
        return Passage(id, self._name, title, text, unpacked(kept, title, text), name if is_file else None, lines)


class _Opened:
    """The file, opened when it is first asked and looked at again when somebody has written it."""

    def __init__(self, path: Path, mend: Callable[[], object]) -> None:
        self._path = path
        self._mend = mend
        self._lock = threading.Lock()
        self._connection: sqlite3.Connection | None = None
        self._inode = 0
        self._state: _State | None = None

    @property
    def path(self) -> Path:
        """Where it is."""
        return self._path

    def ask(self, ask: Callable[[sqlite3.Connection], T]) -> T:
        """As `use`, of what needs the file alone."""
        return self.use(lambda connection, _: ask(connection))

    def use(self, ask: Callable[[sqlite3.Connection, _State], T]) -> T:
        """What `ask` makes of the index as it is now. Raises IndexUnusable when it can no longer be read."""
        with self._lock:
            try:
                return self._asked(ask)
            except IndexDamaged:
                self._let_go()
                self._mend()
                return self._asked(ask)

    def known(self) -> _State:
        """The index as it was when it was looked at last, also while somebody asks it. Raises IndexUnusable."""
        return self._state or self.use(lambda _, state: state)

    def close(self) -> None:
        """Let go of the file."""
        with self._lock:
            self._let_go()

    def _let_go(self) -> None:
        if self._connection is not None:
            self._connection.close()
        self._connection = self._state = None

    def _asked(self, ask: Callable[[sqlite3.Connection, _State], T]) -> T:
        inode = self._inode_now()
        if self._inode != inode:  # another program has made it anew
            self._let_go()
        if self._connection is None:
            self._connection, self._inode = open_store(self._path), inode
        connection = self._connection
        with damage_told(self._path):
            connection.execute("BEGIN")
            with closing(_Ending(connection)):
                [version] = connection.execute("PRAGMA data_version").fetchone()
                if self._state is None or self._state.version != version:
                    self._state = _looked_at(connection, version)
                return ask(connection, self._state)

    def _inode_now(self) -> int:
        try:
            return self._path.stat().st_ino
        except OSError as error:
            raise IndexDamaged(f"{self._path}: {reason_of(error)}") from error


class _Ending:
    """Ends what was begun, so that whoever writes need not wait."""

    def __init__(self, connection: sqlite3.Connection) -> None:
        self._connection = connection

    def close(self) -> None:
        self._connection.execute("ROLLBACK")


def _looked_at(connection: sqlite3.Connection, version: int) -> _State:
    rows = connection.execute("SELECT first, passages FROM documents WHERE passages > 0 ORDER BY place").fetchall()
    firsts, ends = tuple(first for first, _ in rows), tuple(accumulate(count for _, count in rows))
    ranking = Ranking(connection)
    return _State(version, ranking, Narrowing(connection, ranking), firsts, ends, {})
