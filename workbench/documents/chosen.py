"""The documents of a library as a person has chosen them: what is off is not found, and what is pinned is sent.

Owns what goes along though it was not found. That nothing is found which is off is for whoever searches: so the next
best takes its place.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence, Set
from dataclasses import replace

from workbench.documents.choices import Choices
from workbench.documents.passages import RetrievalSpec
from workbench.documents.retrieval import Found, Library, Retrieved
from workbench.documents.search_options import SearchOptions


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
        found = self._library.found(question, history, replace(options, choices=self._choices.lasting))
        beyond = tuple(each for each in found.beyond if not self._choices.is_pinned(each.passage.id))
        pinned = {passage.id: passage for passage in self._choices.pinned}
        there = {each.passage.id for each in found.items}
        added = [Retrieved(each, pinned=True, is_found=False) for id, each in pinned.items() if id not in there]
        marked = (replace(each, pinned=True) if each.passage.id in pinned else each for each in found.items)
        return replace(found, items=(*added, *marked), beyond=beyond)


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
