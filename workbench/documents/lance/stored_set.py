"""A set whose passages are in a store: they are read from it when they are sent, and not held in memory.

Owns what a library asks of a set, at the last version of the store that is whole: a newer one is seen as soon as
somebody asks, and one question, which asks several times, looks for it once.
"""

from __future__ import annotations

import threading
import time
from array import array
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, partial
from itertools import islice
from typing import Any, Final, TypeVar

from workbench.documents.embedding import Nearby, SearchModels
from workbench.documents.index.data import unpacked
from workbench.documents.lance.faults import NotInStore
from workbench.documents.lance.narrowing import Narrowing
from workbench.documents.lance.order import in_set_order, read_rows
from workbench.documents.lance.ranking import Only, Ranking, Row
from workbench.documents.lance.stale import stale_of
from workbench.documents.lance.table import DOCUMENT, FACT, StoreTable, open_table
from workbench.documents.lance.vector_table import VectorTable
from workbench.documents.lance.vectors import StoredVectors
from workbench.documents.lance.words import StoreWords
from workbench.documents.lazy_passages import LazyPassages
from workbench.documents.left_out import FileCount
from workbench.documents.passages import EmbedSpec, Passage, RetrievalSpec, SetSpec
from workbench.documents.queries import Query
from workbench.documents.shelf import is_sent_whole
from workbench.language.meanings import widened

T = TypeVar("T")

COLUMNS: Final = (*("name", "is_file", "passages", "own", "number", "title", "text", "data", "first", "last"),)
_AT_ONCE: Final = 1_000  # passages that are read together
_OF_NOW: Final = 0.2  # seconds for which no newer version is looked for: on S3 that takes three requests


@dataclass(frozen=True)
class _State:
    """A table as it was when it was looked at: its version, and what is known of it."""

    version: int
    table: StoreTable
    ranking: Ranking
    narrowing: Narrowing
    documents: Any  # an Arrow array of them, in the order of the set
    names: tuple[str, ...]  # of all documents, in that order

    @cached_property
    def rows(self) -> array[int]:
        """The row of each passage, in the order of the set."""
        passages = in_set_order(self.table.passages(["doc", "place"]), self.documents)
        return array("Q", passages.column("_rowid").to_pylist())


class StoredSet:
    """The passages of one set, in its store. Any method may raise StoreUnusable.

    `environ` has the credentials; `fills` says that this program is the one that puts vectors there, too.
    """

    def __init__(
        self,
        spec: SetSpec,
        environ: Mapping[str, str],
        files: FileCount = FileCount(),  # noqa: B008 - it is frozen
        *,
        fills: bool = False,
    ) -> None:
        store = spec.store
        assert store is not None
        self._name = spec.name
        self._files = files
        self._retrieval = spec.retrieval
        self._opened = _Opened(lambda: open_table(store, spec.name, environ))
        self._renamed: dict[str, str] = {}
        self._sends_all: bool | None = None
        self._nearby: dict[object, Nearby] = {}
        self._samples: dict[tuple[int, range], list[Passage]] = {}
        self._vectors = partial(VectorTable, store, spec.name, environ, fills=fills)

    @property
    def name(self) -> str:
        """The set's."""
        return self._name

    @property
    def files(self) -> FileCount:
        """How many files it names, and which are left out; known to whoever has just filled it."""
        return self._files

    @property
    def passages(self) -> Sequence[Passage]:
        """All of them, in the order of the set; each is read when it is asked for."""
        return LazyPassages(self.size, self.at, _AT_ONCE)

    @property
    def size(self) -> int:
        """How many passages there are, as it was known last: whoever draws a screen does not wait for a network."""
        return self._opened.known().ranking.size

    @property
    def documents(self) -> tuple[str, ...]:
        """The names of its documents, in the order of the set."""
        return self._opened.known().names

    @property
    def retrieval(self) -> RetrievalSpec:
        """How it is retrieved."""
        return self._retrieval

    @property
    def sends_all(self) -> bool:
        """Whether the set is sent whole: as configured, else if its words fit the budget."""
        if self._sends_all is None:
            self._sends_all = is_sent_whole(self)
        return self._sends_all

    def has_field(self, name: str) -> bool:
        """Whether a document may have a field of that name which is not its text."""
        return self._opened.use(lambda state: state.narrowing.has_field(name))

    def finds(self, query: Query) -> bool:
        """Whether a search for `query` would find anything, were it not narrowed."""
        return query.is_filter or self._opened.use(lambda state: bool(widened(query.words, state.ranking.words)))

    def search(self, query: Query, most: int | None = None) -> list[tuple[Passage, float]]:
        """The best passages that `query` accepts with their scores, best first; `most` in place of the set's own."""
        top_k = most or self._retrieval.top_k

        def use(state: _State) -> list[tuple[Passage, float]]:
            meeting = state.narrowing.meeting(query.where) if query.where else None
            if meeting is not None and query.is_filter:
                found = filter(query.accepts, self._of_rows(state, meeting.rows))
                return [(passage, 0.0) for passage in islice(found, top_k)]

            def accepts(row: Row) -> bool:
                return query.accepts_itself(self._passage(row))

            only = Only(
                None if meeting is None else meeting.found,
                accepts if query.phrases or query.excluded_phrases or query.choices.hides else None,
                COLUMNS,
                state.narrowing.each_of(query),
                sorted(query.excluded_words),
            )
            best = state.ranking.best(widened(query.words, state.ranking.words), top_k, only)
            passages = self._of_rows(state, [row for row, _ in best])
            return [(passage, score) for passage, (_, score) in zip(passages, best, strict=True)]

        return self._opened.use(use)

    def nearby(self, models: SearchModels, spec: EmbedSpec) -> Nearby:
        """Its passages by the nearness of vectors, which are in the store, too."""
        key = (id(models.embedder), spec)
        if key not in self._nearby:
            vectors = self._vectors(models.embedder.space, spec)
            self._nearby[key] = StoredVectors(self._texts, vectors, models.embedder, spec)
        return self._nearby[key]

    def _texts(self) -> _Texts:
        return self._opened.use(lambda state: _Texts(state, self._of_rows))

    def retrieved_by(self, retrieval: RetrievalSpec) -> StoredSet:
        """The same set, retrieved otherwise."""
        other = StoredSet.__new__(StoredSet)
        other.__dict__.update(self.__dict__)
        other._retrieval, other._sends_all = retrieval, None
        return other

    def rename(self, documents: Mapping[str, str]) -> None:
        """Have the ids of these documents be made of other names. For whoever opens sets, before anybody asks."""
        self._renamed = dict(documents)

    def at(self, places: range) -> list[Passage]:
        """The passages at these places of the set, from 0, those that there are: it may have fewer by now. A sample of
        them is read once for each version."""
        if places.step == 1:
            return self._read(places)
        key = (self._opened.known().version, places)
        if key not in self._samples:
            self._samples = {key: self._read(places)}
        return self._samples[key]

    def _read(self, places: range) -> list[Passage]:
        def use(state: _State) -> list[Passage]:
            rows = state.rows
            return list(self._of_rows(state, [rows[place] for place in places if place < len(rows)]))

        return self._opened.use(use)

    def _of_rows(self, state: _State, rows: Sequence[int]) -> Iterator[Passage]:
        """The passages of these rows, in their order; they are read as they are taken."""
        return map(self._passage, read_rows(state.table, rows, COLUMNS))

    def _passage(self, row: Row) -> Passage:
        base = self._renamed.get(row["name"], row["name"])
        alone = row["passages"] == 1 and not row["is_file"]
        id = str(row["own"] or (base if alone else f"{base}#{row['number']}"))
        title, text = row["title"], row["text"]
        data = unpacked(row["data"], title, text)
        lines = None if row["first"] is None else (row["first"], row["last"])
        return Passage(id, self._name, title, text, data, row["name"] if row["is_file"] else None, lines)


class _Opened:
    """The table, opened when it is first asked and looked at again when there is a newer whole version."""

    def __init__(self, open_it: Callable[[], StoreTable]) -> None:
        self._open = open_it
        self._lock = threading.Lock()
        self._state: _State | None = None
        self._looked = 0.0  # when a newer version was looked for

    def use(self, ask: Callable[[_State], T]) -> T:
        """What `ask` makes of the last whole version. Raises StoreUnusable."""
        with self._lock:
            try:
                return ask(self._now())
            except NotInStore:  # the version that was read is gone, or all that there was
                self._state = None
                return ask(self._now())

    def known(self) -> _State:
        """The version that was looked at last, also while a search has the table; the last whole one where none was
        yet. Raises StoreUnusable."""
        if (state := self._state) is not None:
            return state
        with self._lock:
            return self._state or self._now()

    def _now(self) -> _State:
        now = time.monotonic()
        if self._state is not None and now - self._looked < _OF_NOW:
            return self._state
        if self._state is None or self._state.table.whole() != self._state.version:
            table = self._open()
            self._state = _looked_at(table)
        self._looked = now
        return self._state


def _looked_at(table: StoreTable) -> _State:
    found = table.rows(DOCUMENT, ["doc", "place", "name", "passages", "length"]).sort_by("place")
    doc, place, passages, length = (found.column(name).to_pylist() for name in ("doc", "place", "passages", "length"))
    size, terms = sum(passages), sum(length)
    places = dict(zip(doc, place, strict=True))
    stale = stale_of(table.rows(FACT, ["number", "title"]).to_pylist())
    ranking = Ranking(table, StoreWords(table), size, (terms / size if size else 0.0) or 1.0, places, stale)
    documents = found.column("doc").combine_chunks()
    names = tuple(found.column("name").to_pylist())
    return _State(table.version, table, ranking, Narrowing(table, documents), documents, names)


@dataclass(frozen=True, slots=True)
class _Texts:
    """The passages of one version as those look at them who keep their vectors."""

    state: _State
    of_rows: Callable[[_State, Sequence[int]], Iterator[Passage]]

    @property
    def version(self) -> int:
        """Which version it is."""
        return self.state.version

    def rows(self) -> list[tuple[int, int]]:
        """The row of each passage, and what it has in common with those that say the same; in the order of the set."""
        passages = in_set_order(self.state.table.passages(["doc", "place", "same"]), self.state.documents)
        return list(zip(*(passages.column(name).to_pylist() for name in ("_rowid", "same")), strict=True))

    def passages(self, rows: Sequence[int]) -> list[Passage]:
        """The passages of these rows."""
        return list(self.of_rows(self.state, rows))
