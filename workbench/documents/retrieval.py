"""The passages of all sets in use, and which of them a question needs.

Owns the choice between sending all of a set and its best matches. Refuses to guess: what no term finds is
not retrieved. Passages never change; each set's index is built at its first search.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence, Set
from dataclasses import dataclass
from functools import cached_property

from workbench.documents.bm25 import Bm25
from workbench.documents.passages import DocumentSet, Passage
from workbench.documents.suggestions import suggestions
from workbench.language.meanings import widened
from workbench.language.words import count_words, terms


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage to send; `score` is its BM25 score, None when its set is sent as a whole."""

    passage: Passage
    score: float | None = None


class Library:
    """The document sets of a session, searchable."""

    def __init__(self, sets: Sequence[DocumentSet]) -> None:
        self._shelves = [_Shelf(documents) for documents in sets]

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the sets, in their order."""
        return tuple(shelf.name for shelf in self._shelves)

    def only(self, names: Set[str]) -> Library:
        """The sets of these names alone; what was found out about them is shared."""
        some = Library(())
        some._shelves = [shelf for shelf in self._shelves if shelf.name in names]
        return some

    def describe(self) -> str:
        """What there is, for people: "handbook (31 passages), faq (1 passage)"; "no documents" when empty."""
        return ", ".join(shelf.describe() for shelf in self._shelves) or "no documents"

    def suggestions(self) -> tuple[str, ...]:
        """A few questions that the documents answer."""
        return suggestions([shelf.passages for shelf in self._shelves])

    def in_short(self) -> str:
        """As `describe`, for a title: "handbook 31, faq 1"."""
        return ", ".join(shelf.in_short() for shelf in self._shelves) or "no documents"

    def retrieve(self, question: str, history: Sequence[str] = ()) -> list[Retrieved]:
        """The passages for `question`, set by set: whole sets in their own order, searched ones best first.

        `history` is the user's earlier messages, oldest first. When no set that is searched knows any term of
        the question ("And why?"), the latest of them that finds something stands in for it.
        """
        query = self._query(question, history)
        return [item for shelf in self._shelves for item in shelf.retrieve(query)]

    def _query(self, question: str, history: Sequence[str]) -> list[str]:
        searched = [shelf for shelf in self._shelves if not shelf.sends_all]
        for message in (question, *reversed(history)):
            query = terms(message)
            if any(shelf.finds(query) for shelf in searched):
                return query
        return []


class _Shelf:
    """One set with its index."""

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

    def finds(self, query: Sequence[str]) -> bool:
        """Whether a search for `query` would find anything."""
        return bool(widened(query, self._index.terms))

    def retrieve(self, query: Sequence[str]) -> Iterator[Retrieved]:
        """All of the set, or its best passages for `query`."""
        if self.sends_all:
            yield from (Retrieved(passage) for passage in self._set.passages)
            return
        for position, score in self._index.search(widened(query, self._index.terms), self._set.retrieval.top_k):
            yield Retrieved(self._set.passages[position], score)

    def in_short(self) -> str:
        """The set's name and the number of its passages."""
        return f"{self._set.name} {len(self._set.passages)}"

    def describe(self) -> str:
        """The set's name and size, for people."""
        count = len(self._set.passages)
        return f"{self._set.name} ({count} passage{'' if count == 1 else 's'})"
