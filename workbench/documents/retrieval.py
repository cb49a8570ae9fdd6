"""The passages of all sets in use, and which of them a question needs.

Owns the choice between sending all of a set and its best matches, and what of either a question narrows. Refuses to
guess: what no term finds is not retrieved. What is kept in memory never changes, and its index is built at the first
search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import islice
from typing import Protocol

from workbench.documents.bm25 import Bm25
from workbench.documents.conditions import leads_to
from workbench.documents.left_out import FileCount
from workbench.documents.passages import DocumentSet, Passage, RetrievalSpec
from workbench.documents.queries import Query, parsed
from workbench.documents.suggestions import suggestions
from workbench.language.meanings import SortedTerms, widened
from workbench.language.words import count_words, terms


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage to send; `score` is its BM25 score, None when its set is sent as a whole."""

    passage: Passage
    score: float | None = None


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave: the passages to send, what was searched for, and what a person should be told of it."""

    items: tuple[Retrieved, ...]
    query: Query
    notes: tuple[str, ...] = ()


class Shelf(Protocol):
    """One set, wherever its passages are."""

    @property
    def name(self) -> str:
        """The set's."""
        ...

    @property
    def passages(self) -> Sequence[Passage]:
        """All of them, in the order of the set."""
        ...

    @property
    def size(self) -> int:
        """How many passages there are."""
        ...

    @property
    def files(self) -> FileCount:
        """How many files it names, and which are left out."""
        ...

    @property
    def retrieval(self) -> RetrievalSpec:
        """How it is retrieved."""
        ...

    @property
    def sends_all(self) -> bool:
        """Whether the set is sent whole: as configured, else if its words fit the budget."""
        ...

    def has_field(self, name: str) -> bool:
        """Whether a document of the set may have a field of that name which is not its text."""
        ...

    def finds(self, query: Query) -> bool:
        """Whether a search for `query` would find anything, were it not narrowed."""
        ...

    def search(self, query: Query) -> list[tuple[Passage, float]]:
        """The best passages that `query` accepts with their scores, best first.

        For a query that is a filter they are the first of the set, with scores of 0.
        """
        ...

    def retrieved_by(self, retrieval: RetrievalSpec) -> Shelf:
        """The same set, retrieved otherwise."""
        ...


class Library:
    """The document sets of a session, searchable."""

    def __init__(self, sets: Sequence[DocumentSet | Shelf]) -> None:
        self._shelves = [InMemory(each) if isinstance(each, DocumentSet) else each for each in sets]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the sets, in their order."""
        return tuple(shelf.name for shelf in self._shelves)

    def only(self, names: Set[str]) -> Library:
        """The sets of these names alone; what was found out about them is shared."""
        return Library([shelf for shelf in self._shelves if shelf.name in names])

    def retrieved_by(self, change: Callable[[RetrievalSpec], RetrievalSpec]) -> Library:
        """The same sets, each retrieved as `change` makes of how it was."""
        return Library([shelf.retrieved_by(change(shelf.retrieval)) for shelf in self._shelves])

    def describe(self) -> str:
        """What there is, for people: "handbook (31 passages), faq (1 passage)"; "no documents" when empty."""
        return ", ".join(map(_described, self._shelves)) or "no documents"

    def suggestions(self) -> tuple[str, ...]:
        """A few questions that the documents answer."""
        return suggestions([shelf.passages for shelf in self._shelves])

    def in_short(self) -> str:
        """As `describe`, for a title: "handbook 31, faq 1"."""
        return ", ".join(f"{shelf.name} {shelf.size}" for shelf in self._shelves) or "no documents"

    def retrieve(self, question: str, history: Sequence[str] = ()) -> list[Retrieved]:
        """The passages for `question`, set by set: whole sets in their own order, searched ones best first.

        `history` is the user's earlier messages, oldest first. When no set that is searched knows any term of
        the question ("And why?"), the latest of them that finds something stands in for it.
        """
        return list(self.found(question, history).items)

    def found(self, question: str, history: Sequence[str] = (), *, strictly: bool = True) -> Found:
        """As `retrieve`, with what was searched for.

        Phrases that no passage has find nothing; if not `strictly`, their words are searched then, which a note says.
        """
        asked = parsed(question, self.has_field)
        query = self._query(asked, history)
        items = self._items(asked, query)
        if items or strictly or not query.phrases:
            return Found(tuple(items), query)
        items = self._items(asked.without_phrases(), query.without_phrases())
        phrases = " and ".join(f'"{each}"' for each in query.phrases)
        note = f"no passage has {phrases}: what is sent was found by its words"
        return Found(tuple(items), query, (note,) if items else ())

    @property
    def passages(self) -> tuple[Sequence[Passage], ...]:
        """The passages of each set, in the order of the sets."""
        return tuple(shelf.passages for shelf in self._shelves)

    def of_tool(self) -> Library | None:
        """The sets that the model searches itself, to be searched in their modes; None where there are none."""
        sets = [shelf for shelf in self._shelves if shelf.retrieval.mode == "tool"]
        searched = (shelf.retrieved_by(replace(shelf.retrieval, mode=shelf.retrieval.search)) for shelf in sets)
        return Library(list(searched)) if sets else None

    def has_field(self, name: str) -> bool:
        """Whether a document of some set may have a field of that name which is not its text."""
        return any(shelf.has_field(name) for shelf in self._shelves)

    def _items(self, asked: Query, query: Query) -> list[Retrieved]:
        """What `asked` leaves of whole sets, and what is found for `query` in others."""
        shelves = [shelf for shelf in self._shelves if shelf.retrieval.mode != "tool"]
        return [item for shelf in shelves for item in _retrieved(shelf, asked if shelf.sends_all else query)]

    def _query(self, asked: Query, history: Sequence[str]) -> Query:
        searched = [shelf for shelf in self._shelves if shelf.retrieval.mode != "tool" and not shelf.sends_all]
        if not searched or any(shelf.finds(asked) for shelf in searched):
            return asked
        for message in reversed(history):
            query = parsed(message, self.has_field)
            if any(shelf.finds(query) for shelf in searched):
                return query
        return asked


def _retrieved(shelf: Shelf, query: Query) -> Iterator[Retrieved]:
    """All of the set that `query` accepts, or its best passages for it."""
    query = query.with_where(shelf.retrieval.where)
    if not shelf.sends_all:
        yield from (Retrieved(passage, score) for passage, score in shelf.search(query))
        return
    accepts = query.accepts if query.narrows else lambda _: True
    yield from (Retrieved(passage) for passage in shelf.passages if accepts(passage))


def _described(shelf: Shelf) -> str:
    left = shelf.files.told()
    return f"{shelf.name} ({shelf.size} passage{'' if shelf.size == 1 else 's'}{'; ' * bool(left)}{left})"


class InMemory:
    """One set that is at hand, with its index."""

    def __init__(self, documents: DocumentSet) -> None:
        self._set = documents

    @property
    def passages(self) -> Sequence[Passage]:
        """All of them, in the order of the file."""
        return self._set.passages

    @property
    def name(self) -> str:
        """The set's."""
        return self._set.name

    @property
    def size(self) -> int:
        """How many passages there are."""
        return len(self._set.passages)

    @property
    def files(self) -> FileCount:
        """How many files it names, and which are left out."""
        return self._set.files

    @property
    def retrieval(self) -> RetrievalSpec:
        """How it is retrieved."""
        return self._set.retrieval

    @cached_property
    def sends_all(self) -> bool:
        """Whether the set is sent whole: as configured, else if its words fit the budget."""
        spec = self._set.retrieval
        if spec.mode is not None:
            return spec.mode == "all"
        sent = filter(Query(where=spec.where).accepts_fields, self._set.passages)
        return sum(count_words(passage.text) for passage in sent) <= spec.budget_words

    @cached_property
    def _index(self) -> Bm25:
        return Bm25([terms(f"{passage.title}\n{passage.text}") for passage in self._set.passages])

    @cached_property
    def _known(self) -> SortedTerms:
        return SortedTerms(self._index.terms)

    @cached_property
    def _fields(self) -> Set[str]:
        return {key for passage in self._set.passages for key in passage.data}

    def has_field(self, name: str) -> bool:
        """Whether a document may have a field of that name which is not its text."""
        return any(leads_to(name, key) for key in self._fields)

    def finds(self, query: Query) -> bool:
        """Whether a search for `query` would find anything, were it not narrowed."""
        return query.is_filter or bool(widened(query.words, self._known))

    def search(self, query: Query) -> list[tuple[Passage, float]]:
        """The best passages that `query` accepts with their scores, best first."""
        passages, top_k = self._set.passages, self._set.retrieval.top_k
        if query.is_filter:
            return [(passage, 0.0) for passage in islice(filter(query.accepts, passages), top_k)]
        best = self._index.search(widened(query.words, self._known), len(passages) if query.narrows else top_k)
        found = ((passages[position], score) for position, score in best)
        return list(islice((each for each in found if query.accepts(each[0])), top_k))

    def retrieved_by(self, retrieval: RetrievalSpec) -> InMemory:
        """The same set, retrieved otherwise."""
        other = InMemory(replace(self._set, retrieval=retrieval))
        found_out = ("_index", "_known", "_fields")
        other.__dict__.update({name: self.__dict__[name] for name in found_out if name in self.__dict__})
        return other
