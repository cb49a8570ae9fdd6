"""Words that find each other although they are spelt differently: near meanings, irregular forms, inflections, slips.

Owns how well another term stands for a term of a question. Refuses to know documents or scores. The lists are English;
inflections and misspellings are found in any language that has letters.
"""

from __future__ import annotations

import difflib
from bisect import bisect_left
from collections.abc import Callable, Collection, Iterable, Mapping
from functools import cache
from typing import Protocol

from workbench.language.search_terms import AskedWord, passage_terms
from workbench.language.words import is_unspaced, terms

_FORM = 0.9  # another form of the same word
_INFLECTED = 0.75
_MISSPELT = 0.7
_NEAR = 0.6
_PART = 0.6  # of a compound
_LEAST_PART = 4  # letters of such a part
_LEAST_BEFORE = 3  # letters before it
_PREFIX = 5  # code points that two inflections share at least
_ALIKE = 0.84
_LAST = chr(0x10FFFF)
_MOST_PAIRS = 200  # that a character is in
_MOST_FORMS = 24  # of one word

_FORMS = """
    begin began begun
    break broke broken
    bring brought
    build built
    buy bought
    child children
    choose chose chosen
    colour color
    catalogue catalog
    centre center
    die died dying
    drink drank drunk
    drive drove driven
    eat ate eaten
    favourite favorite
    fly flew flown flight
    forget forgot forgotten
    freeze froze frozen freezer
    grey gray
    grow grew grown
    hold held
    keep kept
    kilometre kilometer km
    leave left
    licence license
    litre liter
    lose lost loss
    man men
    metre meter
    pay paid payment
    person people
    programme program
    ride rode ridden
    run ran
    sell sold sale
    send sent
    ship shipping shipment
    sleep slept
    speak spoke spoken
    spend spent
    steal stole stolen theft
    store storage
    swim swam swum
    teach taught
    theatre theater
    travel traveller traveler
    tyre tire
    wake woke woken
    wear wore worn
    win won winner
    woman women
    far farther farthest further furthest
    good better best
    bad worse worst
    write wrote written
    apply application applicant
    decide decision
    describe description
    explain explanation
    inspect inspection
    long length
    high height
    wide width
    deep depth
    strong strength
    weigh weight heavy
    warm warmth
    hot heat
    grind ground
    speed fast
    bake baking
"""
_COMPARED = """
    bright broad cheap clean close cold cool dark deep fast few great hard high kind light long loud low near new old
    poor quick rich safe short slow small soft steep strong sweet tall thick warm weak wide young
    large late nice wise
    big fat hot thin wet
    busy dry early easy heavy noisy
"""
_NEAR_MEANINGS = """
    write create define make compose
    cost price fee charge pay fare
    expensive dear costly pricey
    cheap inexpensive
    open hours opening
    close shut
    buy purchase
    refund reimburse money
    delete remove erase cancel
    start begin launch found establish create
    founder founded
    end finish stop expire terminate
    error fail problem fault
    login signin
    install setup
    phone telephone call ring
    mail email contact
    car vehicle
    holiday vacation leave
    salary wage pay
    broken damaged defective
    lose missing
    quick fast speed
    limit maximum max cap
    minimum min least
    photo picture image
    forbidden prohibited banned allowed permitted
    allow permit may
    pet dog cat animal
    wifi wlan wireless
    child kid
    extend renew
    late overdue delay
    eat feed food diet
    meal breakfast lunch dinner
    die death dead
    ill illness sick unwell disease
    doctor physician medical
    big large size
    tall high
    loud noise noisy quiet
    old age
    town city
    home house
    flat apartment
    lift elevator
    rubbish garbage trash waste
    bike bicycle
    plane aircraft airplane
    company firm business shop organisation
    boss manager chief head ceo
    job role position profession
    worker employee staff colleague
    live inhabitant population resident habitat
    author write writer
    own owner responsible
    repair fix mend
    parcel package delivery
    deliver delivery ship shipping send
    arrive arrival
    depart departure
    arrive deliver
    return send
    reward bonus
    voucher gift
    customer client user
    movie film
    lodging hotel accommodation
    secure security safe
    guarantee warranty
    allowance limit budget
    area region
    invent inventor discover discovery
    keep retain retention store
    include contain
    need require mandatory necessary
    approve approval permission consent
    forbid prohibit
    rent lease
    renter tenant
    connect link
    assistance support
    restart reboot
    rollback undo revert
    update upgrade
    meeting appointment
    test exam
    cook prepare
    serve portion
    beverage drink
    smell odour
    clean wash
    warm heat
    duration long
    frequency often
    annual year
    daily day
    weekly week
    monthly month
    weekday workday
    nightly night
    reach reachable available
"""


Table = Mapping[str, Mapping[str, float]]
TermsOf = Callable[[str], list[str]]


def _grouped(rows: str, factor: float, terms_of: TermsOf) -> Table:
    groups: dict[str, dict[str, float]] = {}
    for row in rows.strip().splitlines():
        group = sorted(set(terms_of(row)))
        for word in group:
            groups.setdefault(word, {}).update({other: factor for other in group if other != word})
    return groups


def _merged(*tables: Table) -> Table:
    merged: dict[str, dict[str, float]] = {}
    for table in tables:
        for word, others in table.items():
            known = merged.setdefault(word, {})
            known.update({other: max(factor, known.get(other, 0.0)) for other, factor in others.items()})
    return {word: dict(sorted(others.items())) for word, others in merged.items()}


def _compared(adjective: str) -> str:
    """An adjective with its comparative and superlative, by the rules of English spelling."""
    stem = adjective
    if adjective.endswith("y"):
        stem = f"{adjective[:-1]}i"
    elif adjective.endswith("e"):
        stem = adjective[:-1]
    elif len(adjective) == 3 and adjective[1] in "aeiou" and adjective[2] in "bdgnt":
        stem = adjective + adjective[-1]
    return f"{adjective} {stem}er {stem}est"


def _with_forms(near: Table, same: Table) -> Table:
    """`near` with the other forms of what it leads to, and for the other forms of what it leads from."""
    wide: dict[str, dict[str, float]] = {}
    for word, others in near.items():
        for start in (word, *same.get(word, ())):
            for other, factor in others.items():
                for end in (other, *same.get(other, ())):
                    if end != start:
                        wide.setdefault(start, {})[end] = factor
    return wide


@cache
def _table(terms_of: TermsOf) -> Table:
    """Which terms mean nearly the same, where `terms_of` has the terms of a text."""
    comparisons = "\n".join(map(_compared, _COMPARED.split()))
    same = _merged(_grouped(_FORMS, _FORM, terms_of), _grouped(comparisons, _FORM, terms_of))
    return _merged(_with_forms(_grouped(_NEAR_MEANINGS, _NEAR, terms_of), same), same)


def related(term: str, terms_of: TermsOf = terms) -> Mapping[str, float]:
    """Other terms that mean nearly the same as `term`, and how well they stand for it, 0 to 1.

    They are terms as `terms_of` has them.
    """
    return _table(terms_of).get(term, {})


class Vocabulary(Protocol):
    """The terms that are known, wherever they are kept."""

    def __contains__(self, term: str) -> bool:
        """Whether `term` is one of them."""
        ...

    def beginning(self, start: str) -> Iterable[str]:
        """Those that begin so, `start` itself included if it is one."""
        ...

    def as_long(self, letter: str, least: int, most: int) -> Iterable[str]:
        """Those that begin with a letter and are so long."""
        ...

    def pairs_with(self, character: str) -> Iterable[str]:
        """Those of two characters, one of which is this."""
        ...


class Terms:
    """A vocabulary of terms that are at hand."""

    def __init__(self, terms: Collection[str]) -> None:
        self._terms = terms

    def __contains__(self, term: str) -> bool:
        """Whether `term` is one of them."""
        return term in self._terms

    def beginning(self, start: str) -> Iterable[str]:
        """Those that begin so."""
        return [term for term in self._terms if term.startswith(start)]

    def as_long(self, letter: str, least: int, most: int) -> Iterable[str]:
        """Those that begin with a letter and are so long."""
        return [term for term in self._terms if term[:1] == letter and least <= len(term) <= most]

    def pairs_with(self, character: str) -> Iterable[str]:
        """Those of two characters, one of which is this."""
        return [term for term in self._terms if len(term) == 2 and character in term]


class SortedTerms(Terms):
    """A vocabulary of terms that are at hand and that much is asked of."""

    def __init__(self, terms: Collection[str]) -> None:
        super().__init__(terms)
        self._sorted = sorted(terms)

    def beginning(self, start: str) -> Iterable[str]:
        """Those that begin so."""
        first = bisect_left(self._sorted, start)
        return self._sorted[first : bisect_left(self._sorted, start + _LAST, first)]


def variants(term: str, known: Vocabulary) -> dict[str, float]:
    """Those of the `known` terms that are an inflection of `term` or, if there is none, what it may misspell.

    Of a character that stands alone in a script without spaces, they are the pairs that it is in.
    """
    if is_unspaced(term) and len(term) == 1 and term not in known:
        return dict.fromkeys(sorted(known.pairs_with(term))[:_MOST_PAIRS], _INFLECTED)
    if len(term) < _PREFIX or not term.isalpha():
        return {}
    longer = [other for other in known.beginning(term) if other != term]
    if len(longer) > _MOST_FORMS:  # the beginning of many words tells little
        longer = sorted(longer, key=lambda other: (len(other), other))[:_MOST_FORMS]
    shorter = [term[:length] for length in range(_PREFIX, len(term)) if term[:length] in known]
    if longer or shorter or term in known:
        return dict.fromkeys(sorted(longer + shorter), _INFLECTED)
    similar = known.as_long(term[0], len(term) - 2, len(term) + 2)
    return dict.fromkeys(difflib.get_close_matches(term, sorted(similar), 1, _ALIKE), _MISSPELT)


def _english(text: str) -> list[str]:
    """The terms of the lists above, as passages in English have them."""
    return [term for word in text.split() for term in passage_terms(word)]


def widened(asked: Iterable[AskedWord], known: Vocabulary | Collection[str]) -> dict[str, float]:
    """The `known` terms of passages worth a search for words, each with how much it counts, at most 1.

    Other inflections, parts of a compound and what may be meant by a slip stand in only for a word that is not known:
    they would lead away from one that is. Only words of other scripts, which have no stems, have their inflections
    always.
    """
    known = Terms(known) if isinstance(known, Collection) else known
    found: dict[str, float] = {}
    for word in asked:
        counting: dict[str, float] = {}
        for term in word:
            counting.update(related(term, _english))
        counting = {term: factor for term, factor in counting.items() if term in known}
        itself = [term for term in word if term in known]
        if not itself or not itself[0].isascii():
            counting.update(_standing_in(word, known))
        counting.update(dict.fromkeys(itself, 1.0))
        for term, factor in counting.items():
            found[term] = max(factor, found.get(term, 0.0))
    return found


def _standing_in(word: AskedWord, known: Vocabulary) -> dict[str, float]:
    """The known terms that may be meant by a word which is not known."""
    found: dict[str, float] = {}
    for term in word:
        found.update(variants(term, known))
    return found or {part: _PART for term in word if (part := _last_part(term, known))}


def _last_part(term: str, known: Vocabulary) -> str:
    """What a compound such as "Dosenpfand" is a kind of, where that is known; else ""."""
    if len(term) < _LEAST_BEFORE + _LEAST_PART or not term.isalpha() or is_unspaced(term):
        return ""
    parts = (term[start:] for start in range(_LEAST_BEFORE, len(term) - _LEAST_PART + 1))
    return next((part for part in parts if part in known), "")
