"""The passages of all sets in use, and which of them a question needs.

Owns the choice between sending all of a set and its best matches, and what of either a question narrows. Refuses to
guess: what no term finds is not retrieved. What is kept in memory never changes, and its index is built at the first
search.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from functools import cached_property
from itertools import islice

from workbench.documents.bm25 import Bm25
from workbench.documents.choices import Choices
from workbench.documents.conditions import leads_to
from workbench.documents.embedding import Nearby, SearchModels, Stop
from workbench.documents.left_out import FileCount
from workbench.documents.modes import BEYOND, OF_VECTORS, Look, Search, needs_models
from workbench.documents.passages import DocumentSet, EmbedSpec, Passage, RetrievalSpec
from workbench.documents.queries import Query, parsed
from workbench.documents.query_sources import Queries
from workbench.documents.search_options import SearchOptions
from workbench.documents.shelf import Retrieved, Shelf, is_sent_whole
from workbench.documents.suggestions import suggestions
from workbench.documents.vectors import KeptVectors
from workbench.language.meanings import SortedTerms, widened
from workbench.language.search_terms import passage_terms
from workbench.plural import plural

__all__ = ["Found", "InMemory", "Library", "Retrieved", "Shelf"]

_SAYS_ENOUGH = 3  # words of a question that a search by vectors takes by itself, known or not


@dataclass(frozen=True, slots=True)
class Found:
    """What a search gave: the passages to send, what was searched for, and what a person should be told of it.

    `looks` says of each set that was searched how that was done, `narrowed` in words what narrowed the search, and
    `beyond` are passages that were found, too, and are not sent, set by set, best first: `BEYOND` of them, or fewer.
    `searched` has the text for which a set was searched, by its name, where that is another than that of `query`.
    """

    items: tuple[Retrieved, ...]
    query: Query
    notes: tuple[str, ...] = ()
    looks: tuple[Look, ...] = ()
    narrowed: str = ""
    beyond: tuple[Retrieved, ...] = ()
    searched: Mapping[str, str] = field(default_factory=dict)

    @property
    def tells(self) -> bool:
        """Whether there is more to tell of it than that words were looked for."""
        by_words = all(look.used == look.mode == "keyword" and not look.notice for look in self.looks)
        return bool(self.notes or self.narrowed) or not by_words

    @property
    def seconds(self) -> float:
        """How long it took."""
        return round(sum(look.seconds for look in self.looks), 6)


class Library:
    """The document sets of a session, searchable: by meaning, too, where there are `models`."""

    def __init__(self, sets: Sequence[DocumentSet | Shelf], models: SearchModels | None = None) -> None:
        self._shelves: list[Shelf] = [InMemory(each) if isinstance(each, DocumentSet) else each for each in sets]
        self._models = models

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the sets, in their order."""
        return tuple(shelf.name for shelf in self._shelves)

    def only(self, names: Set[str]) -> Library:
        """The sets of these names alone; what was found out about them is shared."""
        return Library([shelf for shelf in self._shelves if shelf.name in names], self._models)

    def with_models(self, models: SearchModels | None) -> Library:
        """The same sets, searched with these models."""
        return Library(self._shelves, models)

    @property
    def shelves(self) -> Sequence[Shelf]:
        """The sets, in their order."""
        return self._shelves

    @property
    def models(self) -> SearchModels | None:
        """What they are searched with."""
        return self._models

    @property
    def needs_models(self) -> bool:
        """Whether a set is searched with the help of a model."""
        return any(needs_models(shelf.retrieval.ranked_by) for shelf in self._shelves)

    def retrieved_by(self, change: Callable[[RetrievalSpec], RetrievalSpec]) -> Library:
        """The same sets, each retrieved as `change` makes of how it was."""
        return Library([shelf.retrieved_by(change(shelf.retrieval)) for shelf in self._shelves], self._models)

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

    def found(
        self,
        question: str,
        history: Sequence[str] = (),
        options: SearchOptions = SearchOptions(),  # noqa: B008 - frozen
    ) -> Found:
        """As `retrieve`, with what was searched for, and how."""
        asked = parsed(question, self.has_field)
        query = self._query(asked, history)
        queries = Queries(asked, query, tuple(history), options.rewrite)
        beyond = BEYOND // max(1, sum(1 for _ in self._searched()))
        search = Search(self._models, options.stop or Stop(), local=options.local, beyond=beyond)
        nothing = Found((), query, self._notes(queries), narrowed=query.told())
        found = self._with_items(nothing, queries, search, options.choices)
        if found.items or options.strictly or not query.phrases:
            return found
        found = self._with_items(nothing, queries.without_phrases(), search, options.choices)
        phrases = " and ".join(f'"{each}"' for each in query.phrases)
        missed = f"no passage has {phrases}: what is sent was found by its words"
        return replace(found, notes=(*found.notes, missed)) if found.items else found

    @property
    def asks_for_rewrite(self) -> bool:
        """Whether a set is searched by what a model writes in place of the question."""
        return any(shelf.retrieval.rewrite for shelf in self._searched())

    @property
    def passages(self) -> tuple[Sequence[Passage], ...]:
        """The passages of each set, in the order of the sets."""
        return tuple(shelf.passages for shelf in self._shelves)

    def of_tool(self) -> Library | None:
        """The sets that the model searches itself, to be searched in their modes; None where there are none."""
        sets = [shelf for shelf in self._shelves if shelf.retrieval.mode == "tool"]
        searched = (shelf.retrieved_by(replace(shelf.retrieval, mode=shelf.retrieval.ranked_by)) for shelf in sets)
        return Library(list(searched), self._models) if sets else None

    def has_field(self, name: str) -> bool:
        """Whether a document of some set may have a field of that name which is not its text."""
        return any(shelf.has_field(name) for shelf in self._shelves)

    def _searched(self) -> Iterator[Shelf]:
        """The sets that are searched with a question."""
        return (shelf for shelf in self._shelves if shelf.retrieval.mode != "tool" and not shelf.sends_all)

    def _notes(self, queries: Queries) -> tuple[str, ...]:
        """What a person should be told of where the words come from."""
        specs = {shelf.name: shelf.retrieval for shelf in self._searched()}
        by_turns = [
            name for name, spec in specs.items() if spec.query == "turns" and not (spec.rewrite and queries.rewrite)
        ]
        if not (by_turns and queries.history):
            return ()
        count = len(queries.latest)
        before = "question" if count == 1 else f"{count} questions"
        return (f"{', '.join(by_turns)}: searched by the words of the {before} before, too",)

    def _with_items(self, nothing: Found, queries: Queries, search: Search, choices: Choices) -> Found:
        """With what the question leaves of whole sets, and what is found in others, and how."""
        items: list[Retrieved] = []
        beyond: list[Retrieved] = []
        looks: list[Look] = []
        searched: dict[str, str] = {}
        for shelf in self._shelves:
            where = shelf.retrieval.where
            if shelf.retrieval.mode == "tool":
                continue
            if shelf.sends_all:
                items += _whole(shelf, queries.asked.with_where(where).without_off(choices))
                continue
            query = queries.of(shelf.retrieval).with_where(where).without_off(choices)
            found, look = search.look(shelf, query)
            items += found[: look.found]
            beyond += found[look.found :]
            looks.append(look)
            if query.text != queries.query.text:
                searched[shelf.name] = query.text
        return replace(nothing, items=tuple(items), looks=tuple(looks), beyond=tuple(beyond), searched=searched)

    def _query(self, asked: Query, history: Sequence[str]) -> Query:
        searched = list(self._searched())
        if not searched or any(_finds(shelf, asked) for shelf in searched):
            return asked
        for message in reversed(history):
            query = parsed(message, self.has_field)
            if any(shelf.finds(query) for shelf in searched):
                return query
        return asked


def _finds(shelf: Shelf, query: Query) -> bool:
    """Whether a set is searched for `query` itself: its words are known, or its meaning will do."""
    by_meaning = shelf.retrieval.mode in OF_VECTORS and len(query.words) >= _SAYS_ENOUGH
    return by_meaning or shelf.finds(query)


def _whole(shelf: Shelf, query: Query) -> Iterator[Retrieved]:
    """All of the set that `query` accepts."""
    accepts = query.accepts if query.narrows else lambda _: True
    return (Retrieved(passage) for passage in shelf.passages if accepts(passage))


def _described(shelf: Shelf) -> str:
    left = shelf.files.told()
    return f"{shelf.name} ({plural(shelf.size, 'passage')}{'; ' * bool(left)}{left})"


class InMemory:
    """One set that is at hand, with its index."""

    def __init__(self, documents: DocumentSet) -> None:
        self._set = documents
        self._vectors = KeptVectors()

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
        return is_sent_whole(self)

    @cached_property
    def _index(self) -> Bm25:
        return Bm25([passage_terms(f"{passage.title}\n{passage.text}") for passage in self._set.passages])

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

    def search(self, query: Query, most: int | None = None) -> list[tuple[Passage, float]]:
        """The best passages that `query` accepts with their scores, best first; `most` in place of the set's own."""
        passages, top_k = self._set.passages, most or self._set.retrieval.top_k
        if query.is_filter:
            return [(passage, 0.0) for passage in islice(filter(query.accepts, passages), top_k)]
        best = self._index.search(widened(query.words, self._known), len(passages) if query.narrows else top_k)
        found = ((passages[position], score) for position, score in best)
        return list(islice((each for each in found if query.accepts(each[0])), top_k))

    def retrieved_by(self, retrieval: RetrievalSpec) -> InMemory:
        """The same set, retrieved otherwise."""
        other = InMemory(replace(self._set, retrieval=retrieval))
        found_out = ("_index", "_known", "_fields", "_vectors")
        other.__dict__.update({name: self.__dict__[name] for name in found_out if name in self.__dict__})
        return other

    def nearby(self, models: SearchModels, spec: EmbedSpec) -> Nearby:
        """Its passages by the nearness of vectors. Raises VectorsUnusable where there can be none."""
        from workbench.documents.vectors.of_set import HeldTexts

        return self._vectors.of(lambda: HeldTexts(self._set.passages), models, spec)
