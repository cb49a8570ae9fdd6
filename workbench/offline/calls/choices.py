"""Which of a fixed number of choices a text names, and which of two is converted from and which into.

Owns names, abbreviations and directions. Refuses to know parameters and schemas.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from typing import Any

from workbench.language.words import terms
from workbench.offline.calls import values
from workbench.offline.calls.parameters import words_of
from workbench.offline.calls.values import NamedValue
from workbench.offline.vocabulary import ABBREVIATIONS

_LETTERS = re.compile(r"[^\W\d_]+")
_BEFORE = re.compile(r"(\w+)\W*\Z")
_TOWARDS = ("to", "in", "into")


def named(text: str, choices: Sequence[Any]) -> list[NamedValue]:
    """The choices that the text names, in its order; of two at one place the longer."""
    tokens = [(match.start(), match.end(), match[0]) for match in _LETTERS.finditer(text)]
    found = [one for one in values.numbers(text) if one.value in [c for c in choices if not isinstance(c, bool)]]
    for choice in sorted((choice for choice in choices if isinstance(choice, str)), key=len, reverse=True):
        wanted = frozenset(terms(words_of(choice))) or frozenset(choice.lower().split())
        spans = [(start, end) for start, end, word in tokens if _means(word, wanted)]
        heard = frozenset(term for start, end in spans for term in _meanings(text[start:end]))
        if not wanted or not wanted <= heard:
            continue
        groups = [(spans[0][0], spans[-1][1])] if len(wanted) > 1 else spans
        for start, end in groups:
            if all(end <= one.start or start >= one.end for one in found):
                found.append(NamedValue(start, end, choice))
    return sorted(found, key=lambda one: one.start)


def _means(word: str, wanted: frozenset[str]) -> bool:
    return not wanted.isdisjoint(_meanings(word))


def _meanings(word: str) -> frozenset[str]:
    own = frozenset((word.lower(), *terms(word)))
    return own.union(*(ABBREVIATIONS.get(term, frozenset()) for term in own))


def directed(text: str, found: Iterable[NamedValue], lead: str) -> list[NamedValue]:
    """`found`, the best first for a parameter that `lead` belongs to: `250 USD in EUR` is from USD to EUR."""

    def behind(one: NamedValue) -> str:
        match = _BEFORE.search(text[max(0, one.start - 40) : one.start])
        return match[1].lower() if match else ""

    def of_amount(one: NamedValue) -> bool:
        return behind(one)[-1:].isdigit()

    if lead == "to":
        return sorted(found, key=lambda one: (behind(one) not in _TOWARDS, of_amount(one)))
    if lead == "from":
        return sorted(found, key=lambda one: (behind(one) != "from", not of_amount(one), behind(one) in _TOWARDS))
    return list(found)
