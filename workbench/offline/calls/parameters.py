"""What the name of a parameter says about the value it wants.

Owns these lists: which preposition leads to which parameter, and which names ask for a code, a day or free text.
"""

from __future__ import annotations

import re

from workbench.language.words import terms

_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|[_\-.]+")


def words_of(name: str) -> str:
    """`getTrain_status-now` as words: `get Train status now`."""
    return _CAMEL.sub(" ", name)


def terms_of(name: str) -> frozenset[str]:
    """The terms of a parameter's name, with those that are stop words in prose: `to`, `from`, `when`."""
    words = words_of(name)
    return frozenset(terms(words)) | frozenset(words.lower().split())


_ORIGIN = terms_of("origin from start source departure depart")
_DESTINATION = terms_of("destination to target arrival end")
_PREFERRED: tuple[tuple[frozenset[str], tuple[str, ...]], ...] = (
    (terms_of("language lang locale"), ("into", "to", "in")),
    (_ORIGIN, ("from", "von", "fra", "via")),
    (_DESTINATION, ("to", "nach", "til", "into", "for")),
    (
        terms_of("location city place country town region where station address area venue timezone zone"),
        ("in", "at", "near", "à", "en", "nach", "to", "for", "from", "of", "bei"),
    ),
    (
        terms_of("name person recipient user customer author who guest employee contact owner restaurant hotel"),
        ("named", "called", "at", "for", "für", "pour", "para", "by", "with", "to", "of"),
    ),
    (
        terms_of("topic subject about keyword product title item category"),
        ("about", "on", "for", "of", "named", "called"),
    ),
)
PERSON = terms_of("person author customer owner contact")
LEADS_TO_PERSON = ("at", "for", "with", "to", "of")  # only before a name: `by` and `named` also lead to lower case
ANY_LEAD = ("in", "for", "at", "of", "about", "to", "from", "with", "on", "near", "by", "named", "called", "via")
FREE_TEXT = terms_of("query q question search text prompt message input keywords term content body phrase")
IDENTIFIERS = terms_of("id identifier number no code ref reference sku isbn ticket flight zip postcode")
SYMBOLS = terms_of("symbol ticker currency iso airport")
WHEN = terms_of("date day when deadline since until")
ARITHMETIC = terms_of("expression formula equation calculation")
LAST_OF_TWO = terms_of("end until return checkout to")
_HINTS: tuple[tuple[frozenset[str], frozenset[str]], ...] = tuple(
    (terms_of(names), frozenset(words_of(hints).split()))
    for names, hints in (
        ("max maximum limit most", "under below most less than max maximum within top first"),
        ("min minimum least", "over above least more than min minimum"),
        (
            "price cost amount budget money total",
            "euro euros dollar dollars usd eur gbp pounds cost costs price",
        ),
        ("passenger guest people party traveller adult", "people persons of us guests adults"),
    )
)


def leads_for(name: str) -> tuple[str, ...]:
    """The prepositions that lead to this parameter, the best first; empty when its name does not tell."""
    words = terms_of(name)
    return next((leads for group, leads in _PREFERRED if words & group), ())


def reserved_lead(name: str) -> str:
    """The preposition that belongs to this parameter alone: `from` to an origin, `to` to a destination."""
    words = terms_of(name)
    return "from" if words & _ORIGIN else "to" if words & _DESTINATION else ""


def hints_for(name: str) -> frozenset[str]:
    """Words that stand by a number which is meant for this parameter, beside those of its name."""
    words = terms_of(name)
    return frozenset(hint for group, hints in _HINTS if words & group for hint in hints)
