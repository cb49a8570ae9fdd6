"""The passages of all sets in use, and which of them a question needs.

Owns the choice between sending all of a set and its best matches. Refuses to guess: what no term finds is
not retrieved. What is kept in memory never changes, and its index is built at the first search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence, Set
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Protocol

from workbench.documents.bm25 import Bm25
from workbench.documents.left_out import FileCount
from workbench.documents.passages import DocumentSet, Passage, RetrievalSpec
from workbench.documents.suggestions import suggestions
from workbench.language.meanings import SortedTerms, widened
from workbench.language.words import count_words, terms


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage to send; `score` is its BM25 score, None when its set is sent as a whole.

    `spans` are the code points [start, end) of its text that are relevant to the question, each with how much, where
    a reranker tells. `matched` has the words of the question that it was found by, as they were written.
    """

    passage: Passage
    score: float | None = None
    spans: tuple[tuple[int, int, float], ...] = ()
    matched: tuple[str, ...] = ()


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

    def finds(self, query: Sequence[str]) -> bool:
        """Whether a search for the terms `query` would find anything."""
        ...

    def search(self, query: Sequence[str]) -> list[tuple[Passage, float]]:
        """The best passages for the terms `query` with their scores, best first."""
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
        query = self._query(question, history)
        return [item for shelf in self._shelves for item in _retrieved(shelf, query)]

    def _query(self, question: str, history: Sequence[str]) -> list[str]:
        searched = [shelf for shelf in self._shelves if not shelf.sends_all]
        for message in (question, *reversed(history)):
            query = terms(message)
            if any(shelf.finds(query) for shelf in searched):
                return query
        return []


def _retrieved(shelf: Shelf, query: Sequence[str]) -> Iterator[Retrieved]:
    """All of the set, or its best passages for `query`."""
    if shelf.sends_all:
        yield from (Retrieved(passage) for passage in shelf.passages)
        return
    yield from (Retrieved(passage, score) for passage, score in shelf.search(query))


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
        return sum(count_words(passage.text) for passage in self._set.passages) <= spec.budget_words

    @cached_property
    def _index(self) -> Bm25:
        return Bm25([terms(f"{passage.title}\n{passage.text}") for passage in self._set.passages])

    @cached_property
    def _known(self) -> SortedTerms:
        return SortedTerms(self._index.terms)

    def finds(self, query: Sequence[str]) -> bool:
        """Whether a search for `query` would find anything."""
        return bool(widened(query, self._known))

    def search(self, query: Sequence[str]) -> list[tuple[Passage, float]]:
        """The best passages for `query` with their scores, best first."""
        best = self._index.search(widened(query, self._known), self._set.retrieval.top_k)
        return [(self._set.passages[position], score) for position, score in best]

    def retrieved_by(self, retrieval: RetrievalSpec) -> InMemory:
        """The same set, retrieved otherwise."""
        other = InMemory(replace(self._set, retrieval=retrieval))
        found_out = ("_index", "_known")
        other.__dict__.update({name: self.__dict__[name] for name in found_out if name in self.__dict__})
        return other
