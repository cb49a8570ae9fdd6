"""A set as the library sees it, wherever its passages are, and a passage that was found in it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import accumulate
from typing import Protocol

from workbench.documents.embedding import Nearby, SearchModels, Span
from workbench.documents.left_out import FileCount
from workbench.documents.passages import EmbedSpec, Passage, RetrievalSpec
from workbench.documents.queries import Query
from workbench.language.words import count_words


@dataclass(frozen=True, slots=True)
class Retrieved:
    """A passage to send; `score` is what its set's mode ranks by, None when its set is sent as a whole.

    `spans` are the parts of its text that are relevant to the question, where a reranker tells them. `matched` has the
    words of the question that it was found by, as they were written. `pinned` tells that a person pinned it to the
    turn, and `is_found` that it would be sent without that.
    """

    passage: Passage
    score: float | None = None
    spans: tuple[Span, ...] = ()
    matched: tuple[str, ...] = ()
    pinned: bool = False
    is_found: bool = True


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

    def search(self, query: Query, most: int | None = None) -> list[tuple[Passage, float]]:
        """The best passages that `query` accepts with their scores, best first: so many as the set says, or `most`.

        For a query that is a filter they are the first of the set, with scores of 0.
        """
        ...

    def retrieved_by(self, retrieval: RetrievalSpec) -> Shelf:
        """The same set, retrieved otherwise."""
        ...

    def nearby(self, models: SearchModels, spec: EmbedSpec) -> Nearby:
        """Its passages by the nearness of vectors. Raises VectorsUnusable where there can be none."""
        ...


def is_sent_whole(shelf: Shelf) -> bool:
    """Whether all of a set goes along: as configured, else if its words fit the budget. It may read all passages."""
    spec = shelf.retrieval
    if spec.mode is not None:
        return spec.mode == "all"
    sent = filter(Query(where=spec.where).accepts_fields, shelf.passages)
    words = accumulate(count_words(passage.text) for passage in sent)
    return all(count <= spec.budget_words for count in words)
