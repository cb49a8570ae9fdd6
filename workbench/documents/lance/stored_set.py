"""A set whose passages are in a store: they are read from it when they are sent, and not held in memory.

Owns what a library asks of a set, at the last version of the store that is whole: a newer one is seen as soon as
somebody asks, and one question sees one version.
"""

from __future__ import annotations

import json
import threading
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Any, Final, TypeVar, overload

from workbench.documents.lance.faults import NotInStore
from workbench.documents.lance.ranking import Ranking, Row
from workbench.documents.lance.table import DOCUMENT, PASSAGE, StoreTable, open_table
from workbench.documents.lance.words import StoreWords
from workbench.documents.left_out import FileCount
from workbench.documents.passages import Passage, RetrievalSpec, SetSpec
from workbench.language.meanings import widened
from workbench.language.words import count_words

T = TypeVar("T")

COLUMNS: Final = (
    *("doc", "place", "name", "is_file", "passages", "own", "number", "title", "text", "data", "first", "last"),
)
_AT_ONCE: Final = 1_000  # passages that are read together


@dataclass(frozen=True, slots=True)
class _State:
    """A table as it was when it was looked at: its version, and what is known of it."""

    version: int
    table: StoreTable
    ranking: Ranking
    documents: tuple[int, ...]  # in the order of the set, those that have passages
    ends: tuple[int, ...]  # how many passages there are up to the end of each
    names: tuple[str, ...]  # of all documents


class StoredSet:
    """The passages of one set, in its store. Any method may raise StoreUnusable.

    `environ` has the credentials.
    """

    def __init__(self, spec: SetSpec, environ: Mapping[str, str], files: FileCount = FileCount()) -> None:  # noqa: B008 - it is frozen
        store = spec.store
        assert store is not None
        self._name = spec.name
        self._files = files
        self._retrieval = spec.retrieval
        self._opened = _Opened(lambda: open_table(store, spec.name, environ))
        self._renamed: dict[str, str] = {}
        self._sends_all: bool | None = None

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
        return _Stored(self)

    @property
    def size(self) -> int:
        """How many passages there are."""
        return self._opened.use(lambda state: state.ranking.size)

    @property
    def documents(self) -> tuple[str, ...]:
        """The names of its documents, in the order of the set."""
        return self._opened.use(lambda state: state.names)

    @property
    def retrieval(self) -> RetrievalSpec:
        """How it is retrieved."""
        return self._retrieval

    @property
    def sends_all(self) -> bool:
        """Whether the set is sent whole: as configured, else if its words fit the budget."""
        if self._retrieval.mode is not None:
            return self._retrieval.mode == "all"
        if self._sends_all is None:
            words = accumulate(count_words(passage.text) for passage in self.passages)
            self._sends_all = all(count <= self._retrieval.budget_words for count in words)
        return self._sends_all

    def finds(self, query: Sequence[str]) -> bool:
        """Whether a search for `query` would find anything."""
        return self._opened.use(lambda state: bool(widened(query, state.ranking.words)))

    def search(self, query: Sequence[str]) -> list[tuple[Passage, float]]:
        """The best passages for `query` with their scores, best first."""

        def use(state: _State) -> list[tuple[Passage, float]]:
            best = state.ranking.best(widened(query, state.ranking.words), self._retrieval.top_k, COLUMNS)
            return [(self._passage(row), score) for row, score in best]

        return self._opened.use(use)

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
        """The passages at these places of the set, from 0."""

        def use(state: _State) -> list[Passage]:
            wanted = []
            for place in places:
                document = bisect_right(state.ends, place)
                before = state.ends[document - 1] if document else 0
                wanted.append((state.documents[document], place - before))
            rows = state.table.rows(PASSAGE, COLUMNS, {doc for doc, _ in wanted}).to_pylist()
            by_place = {(row["doc"], row["place"]): row for row in rows}
            return [self._passage(by_place[each]) for each in wanted]

        return self._opened.use(use)

    def _passage(self, row: Row) -> Passage:
        base = self._renamed.get(row["name"], row["name"])
        alone = row["passages"] == 1 and not row["is_file"]
        id = str(row["own"] or (base if alone else f"{base}#{row['number']}"))
        title, text, packed = row["title"], row["text"], row["data"]
        data: dict[str, Any] = {"text": text, "title": title} if packed is None else json.loads(packed)
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
    return _State(
        table.version, table, ranking, tuple(row["doc"] for row in filled), ends, tuple(row["name"] for row in found)
    )


class _Stored(Sequence[Passage]):
    """The passages of a set, read as they are asked for."""

    def __init__(self, documents: StoredSet) -> None:
        self._documents = documents
        self._size = documents.size

    def __len__(self) -> int:
        return self._size

    @overload
    def __getitem__(self, place: int) -> Passage: ...

    @overload
    def __getitem__(self, place: slice) -> Sequence[Passage]: ...

    def __getitem__(self, place: int | slice) -> Passage | Sequence[Passage]:
        wanted = range(self._size)[place]
        if isinstance(wanted, range):
            return self._documents.at(wanted)
        return self._documents.at(range(wanted, wanted + 1))[0]

    def __iter__(self) -> Iterator[Passage]:
        for start in range(0, self._size, _AT_ONCE):
            yield from self[start : start + _AT_ONCE]
