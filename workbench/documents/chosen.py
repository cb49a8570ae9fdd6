"""The documents of a library as a person has chosen them: what is off is not found, and what is pinned is sent.

Owns that a passage which is off gives its place to the next best one. Knows nothing of how a set is searched: it asks
for more of it, and leaves out.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence, Set
from dataclasses import replace
from functools import partial
from typing import Final

from workbench.documents.choices import Choices
from workbench.documents.modes import BEYOND, Look
from workbench.documents.passages import RetrievalSpec
from workbench.documents.retrieval import Found, Library, Retrieved
from workbench.documents.search_options import SearchOptions

_MORE: Final = 20  # passages that are asked for beyond those that are sent, at first
_GROWS: Final = 8  # times as many, where these are not enough


class ChosenDocuments:
    """`library`, of which a turn gets what `choices` leave of it."""

    def __init__(self, library: Library, choices: Choices) -> None:
        self._whole = library
        self._library = library.only(frozenset(library.names) - choices.sets_off) if choices.sets_off else library
        self._choices = choices

    def describe(self) -> str:
        """What there is, for people."""
        return self._library.describe()

    def in_short(self) -> str:
        """As `describe`, for a title."""
        return self._library.in_short()

    def only(self, names: Set[str]) -> ChosenDocuments:
        """The sets of these names alone, those among them that are off, too: they are chosen for one turn."""
        return ChosenDocuments(self._whole.only(names), replace(self._choices, sets_off=frozenset()))

    @property
    def asks_for_rewrite(self) -> bool:
        """Whether the model is to write what is searched for."""
        return self._library.asks_for_rewrite

    def of_tool(self) -> Library | None:
        """The sets that the model searches itself, in which it finds nothing that is off; None where there are none."""
        searched = self._library.of_tool()
        return searched if searched is None else _ChosenLibrary(searched, self._choices.lasting)

    def retrieve(self, question: str, history: Sequence[str] = ()) -> list[Retrieved]:
        """As of the library: first what is pinned and was not found, then what was found."""
        return list(self.found(question, history).items)

    def found(
        self,
        question: str,
        history: Sequence[str] = (),
        options: SearchOptions = SearchOptions(),  # noqa: B008 - frozen
    ) -> Found:
        """As `retrieve`, with how that was done."""

        def search(library: Library) -> Found:
            return library.found(question, history, options)

        found = self._on(search) if self._choices.hides else search(self._library)
        beyond = tuple(each for each in found.beyond if not self._choices.is_pinned(each.passage.id))
        pinned = {passage.id: passage for passage in self._choices.pinned}
        there = {each.passage.id for each in found.items}
        added = [Retrieved(each, pinned=True, is_found=False) for id, each in pinned.items() if id not in there]
        marked = (replace(each, pinned=True) if each.passage.id in pinned else each for each in found.items)
        return replace(found, items=(*added, *marked), beyond=beyond)

    def _on(self, search: Callable[[Library], Found]) -> Found:
        """What is found and is on: of each set as many passages as it sends, where there are so many."""
        most = {shelf.name: shelf.retrieval.top_k for shelf in self._library.shelves if not shelf.sends_all}
        more = _MORE
        while True:
            found = search(self._library.retrieved_by(partial(_wider, more)))
            on = [each for each in found.items if not self._choices.is_off(each.passage)]
            asked, kept = (Counter(each.passage.set for each in some) for some in (found.items, on))
            if all(kept[name] >= count or asked[name] < count + more for name, count in most.items()):
                items = _first(on, most)
                return replace(
                    found, items=tuple(items), looks=_of(items, found.looks), beyond=self._beyond(items, found)
                )
            more *= _GROWS

    def _beyond(self, items: Sequence[Retrieved], found: Found) -> tuple[Retrieved, ...]:
        """What is found, is on, and is not among the `items` that are sent: the best of each set."""
        searched = {look.set for look in found.looks}
        sent = {each.passage.id for each in items}
        left = [
            each
            for each in (*found.items, *found.beyond)
            if each.passage.set in searched and each.passage.id not in sent and not self._choices.is_off(each.passage)
        ]
        return tuple(_first(left, dict.fromkeys(searched, BEYOND // max(1, len(searched)))))


class _ChosenLibrary(Library):
    """A library of which nothing is found that is off: for whoever searches it otherwise than with a question."""

    def __init__(self, library: Library, choices: Choices) -> None:
        super().__init__(library.shelves, library.models)
        self._choices = choices

    def only(self, names: Set[str]) -> Library:
        """The sets of these names alone."""
        return _ChosenLibrary(super().only(names), self._choices)

    def retrieved_by(self, change: Callable[[RetrievalSpec], RetrievalSpec]) -> Library:
        """The same sets, each retrieved as `change` makes of how it was."""
        return _ChosenLibrary(super().retrieved_by(change), self._choices)

    def found(
        self,
        question: str,
        history: Sequence[str] = (),
        options: SearchOptions = SearchOptions(),  # noqa: B008 - frozen
    ) -> Found:
        """As of `Library`, without what is off."""
        chosen = ChosenDocuments(Library(self.shelves, self.models), self._choices)
        return chosen.found(question, history, options)


def _of(items: Sequence[Retrieved], looks: Sequence[Look]) -> tuple[Look, ...]:
    """The looks, each with how many of what it found are among the `items`."""
    count = Counter(each.passage.set for each in items)
    return tuple(replace(look, found=count[look.set]) for look in looks)


def _wider(more: int, spec: RetrievalSpec) -> RetrievalSpec:
    return replace(spec, top_k=spec.top_k + more)


def _first(found: Sequence[Retrieved], most: dict[str, int]) -> list[Retrieved]:
    """The first of each set, as many as it sends; all of one that is sent whole."""
    taken: Counter[str] = Counter()
    first = []
    for each in found:
        taken[each.passage.set] += 1
        if taken[each.passage.set] <= most.get(each.passage.set, taken[each.passage.set]):
            first.append(each)
    return first
