"""A set whose passages are in a store: they are read from it when they are sent, and not held in memory.

Owns what a library asks of a set, at the last version of the store that is whole: a newer one is seen as soon as
somebody asks, and one question sees one version.
"""

from __future__ import annotations

import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import accumulate, islice
from typing import Final, TypeVar

from workbench.documents.embedding import Nearby, SearchModels
from workbench.documents.index.data import unpacked
from workbench.documents.lance.faults import NotInStore
from workbench.documents.lance.narrowing import Narrowing, in_order, in_pieces
from workbench.documents.lance.ranking import Only, Ranking, Row
from workbench.documents.lance.table import DOCUMENT, PASSAGE, StoreTable, key_of, open_table
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

COLUMNS: Final = (
    *("key", "doc", "place", "name", "is_file", "passages", "own", "number", "title", "text", "data", "first", "last"),
)
_AT_ONCE: Final = 1_000  # passages that are read together


@dataclass(frozen=True, slots=True)
class _State:
    """A table as it was when it was looked at: its version, and what is known of it."""

    version: int
    table: StoreTable
    ranking: Ranking
    narrowing: Narrowing
    documents: tuple[int, ...]  # in the order of the set, those that have passages
    ends: tuple[int, ...]  # how many passages there are up to the end of each
    names: tuple[str, ...]  # of all documents


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
                found = filter(query.accepts, self._of_keys(state, meeting))
                return [(passage, 0.0) for passage in islice(found, top_k)]
            keys = None if meeting is None else frozenset(meeting)

            def accepts(row: Row) -> bool:
                return (keys is None or row["key"] in keys) and query.accepts_text(self._passage(row))

            only = (
                Only(accepts, state.narrowing.each_of(query), sorted(query.excluded_words)) if query.narrows else Only()
            )
            best = state.ranking.best(widened(query.words, state.ranking.words), top_k, COLUMNS, only)
            return [(self._passage(row), score) for row, score in best]

        return self._opened.use(use)

    def nearby(self, models: SearchModels, spec: EmbedSpec) -> Nearby:
        """Its passages by the nearness of vectors, which are in the store, too."""
        key = (id(models.embedder), spec)
        if key not in self._nearby:
            vectors = self._vectors(models.embedder.space, spec)
            self._nearby[key] = StoredVectors(_Texts(self._opened, self._of_keys), vectors, models.embedder, spec)
        return self._nearby[key]

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
        """The passages at these places of the set, from 0; a sample of them is read once for each version."""
        if places.step == 1:
            return self._read(places)
        key = (self._opened.known().version, places)
        if key not in self._samples:
            self._samples = {key: self._read(places)}
        return self._samples[key]

    def _read(self, places: range) -> list[Passage]:
        def use(state: _State) -> list[Passage]:
            wanted = []
            for place in places:
                document = bisect_right(state.ends, place)
                before = state.ends[document - 1] if document else 0
                wanted.append(key_of(state.documents[document], place - before))
            return list(self._of_keys(state, wanted))

        return self._opened.use(use)

    def _of_keys(self, state: _State, keys: Sequence[str]) -> Iterator[Passage]:
        """The passages with these keys, in their order; they are read as they are taken."""
        for some in in_pieces(keys):
            for row in in_order(state.table.passages(some, COLUMNS).to_pylist(), some):
                yield self._passage(row)

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

    def use(self, ask: Callable[[_State], T]) -> T:
        """What `ask` makes of the last whole version. Raises StoreUnusable."""
        with self._lock:
            try:
                return ask(self._now())
            except NotInStore:  # the version that was read is gone, or all that there was
                self._state = None
                return ask(self._now())

    def known(self) -> _State:
        """The version that was looked at last; the last whole one where none was yet. Raises StoreUnusable."""
        with self._lock:
            return self._state or self._now()

    def _now(self) -> _State:
        if self._state is None or self._state.table.whole() != self._state.version:
            table = self._open()
            self._state = _looked_at(table)
        return self._state


def _looked_at(table: StoreTable) -> _State:
    found = table.rows(DOCUMENT, ["doc", "place", "name", "passages", "length"]).sort_by("place").to_pylist()
    filled = [row for row in found if row["passages"]]
    size, terms = sum(row["passages"] for row in found), sum(row["length"] for row in found)
    places = {row["doc"]: row["place"] for row in found}
    ranking = Ranking(table, StoreWords(table), size, (terms / size if size else 0.0) or 1.0, places)
    ends = tuple(accumulate(row["passages"] for row in filled))
    documents, names = tuple(row["doc"] for row in filled), tuple(row["name"] for row in found)
    return _State(table.version, table, ranking, Narrowing(table, places), documents, ends, names)


class _Texts:
    """The passages as those look at them who keep their vectors."""

    def __init__(self, opened: _Opened, of_keys: Callable[[_State, Sequence[str]], Iterator[Passage]]) -> None:
        self._opened = opened
        self._of_keys = of_keys

    def version(self) -> int:
        """Another number once there are other passages."""
        return self._opened.use(lambda state: state.version)

    def keys(self) -> list[tuple[str, int]]:
        """The key of each passage, and what it has in common with those that say the same; in the order of the set."""

        def use(state: _State) -> list[tuple[str, int]]:
            rows = state.table.rows(PASSAGE, ["key", "doc", "place", "same"])
            columns = [rows.column(name).to_pylist() for name in ("doc", "place", "key", "same")]
            places = state.ranking.places
            found = sorted((places[doc], place, key, same) for doc, place, key, same in zip(*columns, strict=True))
            return [(key, same) for _, _, key, same in found]

        return self._opened.use(use)

    def passages(self, keys: Sequence[str]) -> list[Passage]:
        """The passages with these keys. Raises KeyError when one is gone."""
        return self._opened.use(lambda state: list(self._of_keys(state, keys)))
