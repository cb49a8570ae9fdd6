"""A question as weighted terms, each with the other terms that would do.

Owns which words of a question count, and how a follow-up takes words from the question before it.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, replace

from workbench.language.meanings import Terms, related, variants
from workbench.language.words import terms
from workbench.offline.vocabulary import LITTLE_MEANING, SOME_MEANING, is_follow_up

_LITTLE, _SOME, _SPECIFIC = 0.2, 0.5, 1.8
_CODE = re.compile(r"\d\D|\D\d")  # a version, a number of an order: what the question is about
_EARLIER = 0.5
_SHORT = 3  # terms; a question this short may lean on the one before it
_FIRST, _LAST = 40, 24  # terms of a long question that are looked for


@dataclass(frozen=True, slots=True)
class QueryTerm:
    """`importance` is 1 for a word that tells, more for a code, less for a filler.

    `alternatives` maps other terms to how well they stand for this one, 0 to 1.
    """

    term: str
    importance: float
    alternatives: Mapping[str, float]

    @property
    def is_telling(self) -> bool:
        """Whether a match of this term alone says something."""
        return self.importance > _LITTLE

    def match(self, found: Collection[str]) -> float:
        """How well this term is met by the terms `found`: 1 for itself, 0 for not at all."""
        if self.term in found:
            return 1.0
        return max((factor for term, factor in self.alternatives.items() if term in found), default=0.0)


@dataclass(frozen=True, slots=True)
class Query:
    """A question: its text, and its distinct terms in order."""

    text: str
    terms: tuple[QueryTerm, ...]

    @property
    def searched(self) -> dict[str, float]:
        """All terms worth a search, alternatives included, each with how much it counts."""
        found: dict[str, float] = {}
        for term in self.terms:
            for word, factor in ((term.term, 1.0), *term.alternatives.items()):
                found[word] = max(found.get(word, 0.0), term.importance * factor)
        return found

    def fitted(self, known: Collection[str]) -> Query:
        """The query with inflections and likely misspellings taken from the terms that are `known`."""
        return replace(self, terms=tuple(_fitted(term, known) for term in self.terms))


def understand(question: str, earlier: str = "") -> Query:
    """The query of `question`; when it is a short follow-up, words of the `earlier` question count half."""
    own = _query_terms(question, 1.0)
    telling = [term for term in own if term.is_telling]
    if earlier and len(telling) <= _SHORT and (not telling or is_follow_up(question)):
        return joined(question, earlier)
    return Query(question, own)


def joined(question: str, earlier: str) -> Query:
    """The query of `question` together with that of the `earlier` one, whose words count half."""
    own = _query_terms(question, 1.0)
    known = {term.term for term in own}
    more = tuple(term for term in _query_terms(earlier, _EARLIER) if term.term not in known)
    return Query(question, own + more)


def _query_terms(text: str, factor: float) -> tuple[QueryTerm, ...]:
    found: list[QueryTerm] = []
    for term in _both_ends(list(dict.fromkeys(terms(text)))):
        importance = _importance(term) * factor
        found.append(QueryTerm(term, importance, related(term)))
    return tuple(found)


def _both_ends(found: list[str]) -> list[str]:
    """The terms of a question that is not a pasted text, else those around it, where the question stands."""
    return found if len(found) <= _FIRST + _LAST else found[:_FIRST] + found[-_LAST:]


def _importance(term: str) -> float:
    if term in LITTLE_MEANING or LITTLE_MEANING.issuperset(term.split("-")):  # also `faut-il`
        return _LITTLE
    if _CODE.search(term):
        return _SPECIFIC
    return _SOME if term in SOME_MEANING else 1.0


def _fitted(term: QueryTerm, known: Collection[str]) -> QueryTerm:
    found = variants(term.term, Terms(known)) if term.is_telling else {}
    return replace(term, alternatives={**found, **term.alternatives}) if found else term
