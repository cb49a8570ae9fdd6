"""Which units of which sources answer a question: passages by BM25, then their units by weighted overlap.

Owns the scores and the thresholds between an answer, a near miss and nothing. Refuses to write text.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import pairwise

from workbench.documents.bm25 import Bm25
from workbench.language.words import terms
from workbench.offline.quoting.citable import CitableSource
from workbench.offline.quoting.expected import Expected
from workbench.offline.quoting.query import Query, QueryTerm
from workbench.offline.quoting.quotable import QuotableUnit, units
from workbench.offline.vocabulary import asks_for_code

_PASSAGES = 10  # looked into, of those that BM25 found
_PICKS = 4
_FAR_BELOW = 0.7  # of the best score
_BESIDE_A_LIST = 0.85  # a list or an example that was introduced is an answer of its own
_SAYS_IT_ITSELF = 0.3  # of the words that the best unit itself has; headings alone do not make company
_COMPLETES = 0.4  # of the best score, in words of the question that no better unit has
_ALIKE = 0.8
_NEAR_MISS = 0.22  # coverage under which nothing matched
# What a word around the unit is worth, to one inside it; the sentence before is worth more to one that leans on it.
_HEADING, _ASKED, _LEAD, _TITLE, _LEANT_ON, _BEFORE = 0.8, 0.9, 0.65, 0.55, 0.8, 0.4
# What is added to the coverage: for a good passage, a number where one is asked for, a phrase of the question, ...
_PASSAGE, _EXPECTED, _PHRASE, _SUBJECT, _TITLED = 0.15, 0.15, 0.08, 0.05, 0.15
_DEFINITION, _LEADS_ON, _UNASKED_CODE = 0.12, 0.1, -0.2
_NOWHERE, _NAME_NOWHERE = 0.6, 1.3
_SMALL_PART = 3  # so many times as many words asked as met: the match is chance
_LONG_WORD = 7  # code points of a word that is seldom met by chance
_UNMET = 0.2  # of the question, from which it is not sure that the best sentence is the one that answers
_CONTEXT, _CONTEXT_LENGTH = 4, 400  # sentences and code points that are quoted together at most
_NAME = re.compile(r"(?<=[\w,] )[A-ZÀ-Þ][a-zß-ÿ'’-]+")
_PLAINLY = 3.0  # times as much for a sentence that defines just what is asked for
_ASKS_WHAT = ("what is", "what are", "what's", "who", "define")
_IS = re.compile(r" (?:is|are|means|ist) ")
_COMFORTABLE = 40  # terms; a longer unit is held against itself


@dataclass(frozen=True, slots=True)
class Pick:
    """A unit chosen to answer; `also` are other sources that say the same."""

    source: CitableSource
    place: int
    unit: QuotableUnit
    score: float
    also: tuple[CitableSource, ...] = ()


@dataclass(frozen=True, slots=True)
class Ranking:
    """`picks` are in the order to be read. `coverage` is how much of the question the best pick meets, 0 to 1.

    `is_doubtful` says that the best pick leaves out as much as it meets, and is no answer by its look.
    `units` holds all units of the sources that were looked into, by source id and kind.
    """

    picks: tuple[Pick, ...] = ()
    coverage: float = 0.0
    is_doubtful: bool = False
    units: Mapping[tuple[str, str], tuple[QuotableUnit, ...]] = field(default_factory=dict)

    def inside(self, source: CitableSource) -> tuple[QuotableUnit, ...]:
        """All units of a source that was looked into, in order."""
        return self.units.get((source.kind, source.id), ())


@dataclass(frozen=True, slots=True)
class _Scored:
    pick: Pick
    met: Mapping[str, float]  # query term -> weight met by the unit or what stands around it
    own: frozenset[str]  # the unit's own terms
    own_weight: float
    coverage: float


def rank(query: Query, sources: Sequence[CitableSource], limit: int = _PICKS) -> Ranking:
    """The units of `sources` that answer `query` best, at most `limit`; empty when nothing matches."""
    readable = [source for source in sources if source.text]
    passages = [terms(f"{source.title}\n{source.title}\n{source.text}") for source in readable]
    known = set().union(*passages) if passages else set()
    fitted = query.fitted(known)
    found = Bm25(passages).search(fitted.searched, _PASSAGES)
    if not found:
        return Ranking()
    inside = {place: tuple(units(readable[place].text)) for place, _ in found}
    weights = _weights(fitted, [frozenset(passage) for passage in passages])
    best = found[0][1]
    scored = [
        candidate
        for place, score in found
        for candidate in _scored(fitted, weights, readable[place], inside[place], score / best)
    ]
    chosen = _chosen(scored, limit)
    if not chosen or chosen[0].coverage < _NEAR_MISS or _by_chance(fitted, chosen[0], known):
        return Ranking()
    looked_into: dict[tuple[str, str], tuple[QuotableUnit, ...]] = {
        (readable[place].kind, readable[place].id): found for place, found in inside.items()
    }
    picks = _with_context(fitted, weights, chosen, looked_into)
    coverage = max(one.coverage for one in chosen)
    return Ranking(_in_reading_order(picks), coverage, _is_doubtful(fitted, chosen), looked_into)


def _is_doubtful(query: Query, chosen: Sequence[_Scored]) -> bool:
    telling = [term.term for term in query.terms if term.is_telling]
    met = sum(1 for term in telling if any(one.met[term] for one in chosen))
    return met * 2 <= len(telling) and not Expected(query.text).met_by(chosen[0].pick.unit.text)


def _by_chance(query: Query, best: _Scored, known: Collection[str]) -> bool:
    """Whether the best meets a small part of what the question is about, in passing, and nobody knows the rest."""
    telling = [term for term in query.terms if term.importance >= 1.0]
    met = [term for term in telling if best.met[term.term]]
    around = frozenset(terms(f"{best.pick.source.title} {best.pick.unit.heading}"))
    in_passing = not any(term.match(around) for term in met) and not Expected(query.text).met_by(best.pick.unit.text)
    unknown = [term for term in telling if not term.match(known)]
    strength = sum(term.match(known) * (2 if len(term.term) >= _LONG_WORD else 1) for term in met)
    return bool(met) and in_passing and strength * _SMALL_PART <= len(telling) == len(met) + len(unknown)


def rank_units(query: Query, candidates: Sequence[QuotableUnit], limit: int) -> list[int]:
    """The positions of the best `candidates` in order of position; empty when none matches."""
    sets = [frozenset(terms(f"{unit.heading} {unit.text}")) for unit in candidates]
    fitted = query.fitted(set().union(*sets)) if sets else query
    weights = _weights(fitted, sets)
    source = CitableSource("tool", "", {}, "", "")
    scored = _scored(fitted, weights, source, candidates, 0.0)
    scored.sort(key=lambda one: -one.pick.score)
    best = scored[0].pick.score if scored else 0.0
    return sorted(one.pick.place for one in scored[:limit] if one.pick.score >= best * _FAR_BELOW)


def _weights(query: Query, passages: Sequence[frozenset[str]]) -> dict[str, float]:
    """How much meeting each term is worth: its importance times its rarity, less where nobody has it."""
    weights: dict[str, float] = {}
    names = frozenset(terms(" ".join(_NAME.findall(query.text))))
    for term in query.terms:
        holders = sum(1 for passage in passages if term.match(passage))
        rarity = math.log(2 + len(passages) / max(holders, 1))
        nowhere = _NAME_NOWHERE if term.term in names else _NOWHERE
        weights[term.term] = term.importance * rarity * (1.0 if holders else nowhere)
    return weights


def _scored(
    query: Query, weights: Mapping[str, float], source: CitableSource, inside: Sequence[QuotableUnit], passage: float
) -> list[_Scored]:
    total = sum(weights.values()) or 1.0
    title_sequence = terms(source.title)
    title = frozenset(title_sequence)
    asked = frozenset(term.term for term in query.terms)
    titled = max(_share(title, asked), _share(frozenset(terms(source.title.rpartition("›")[2])), asked))
    expected, code = Expected(query.text), asks_for_code(query.text)
    owns = [frozenset(terms(unit.text)) for unit in inside]
    found: list[_Scored] = []
    for place, unit in enumerate(inside):
        sequence = terms(unit.text)
        own = owns[place]
        around = (
            (own, 1.0),
            (frozenset(terms(unit.heading)), _HEADING),
            (frozenset(terms(unit.lead)), _ASKED if unit.lead.endswith(("?", "？")) else _LEAD),
            (_before(inside, owns, place), _LEANT_ON if unit.leans else _BEFORE),
            (title, _TITLE),
        )
        met = {term.term: weights[term.term] * _met(term, around) for term in query.terms}
        if unit.is_question or not any(met[term.term] and term.is_telling for term in query.terms):
            continue
        coverage = sum(met.values()) / total
        own_weight = sum(weights[term.term] * term.match(own) for term in query.terms)
        score = (
            coverage + _PASSAGE * passage + _PHRASE * _phrases(query, (sequence, terms(unit.heading), title_sequence))
        )
        if unit.leans or any(term.is_telling and term.term in sequence[:1] for term in query.terms):
            score += _SUBJECT
        score += _EXPECTED * max(expected.met_by(unit.text), _HEADING * expected.met_by(unit.heading))
        score += _leading_on(unit, inside[place + 1 : place + 2], code)
        score += _DEFINITION * _defines(query, weights, unit, sequence) + _TITLED * titled
        score *= _COMFORTABLE / max(_COMFORTABLE, len(sequence)) if unit.kind != "code" else 1.0
        pick = Pick(source, place, unit, score - place * 1e-4)
        found.append(_Scored(pick, met, own, own_weight, coverage))
    return found


def _share(words: frozenset[str], asked: frozenset[str]) -> float:
    return len(words & asked) / len(words) if words else 0.0


def _before(inside: Sequence[QuotableUnit], owns: Sequence[frozenset[str]], place: int) -> frozenset[str]:
    """The terms of the sentence before, and of those that it leans on itself."""
    found = frozenset[str]()
    for _ in range(_CONTEXT):
        leans, place = inside[place].leans, inside[place].after
        if place < 0 or (found and not leans):
            break
        found |= owns[place]
    return found


def _leading_on(unit: QuotableUnit, following: Sequence[QuotableUnit], code: bool) -> float:
    """What a unit gains for introducing a list, or an example that is asked for, and loses as code that is not."""
    if unit.kind == "code":
        return _LEADS_ON if code else _UNASKED_CODE
    if not unit.introduces:
        return 0.0
    return _LEADS_ON * (2 if code and following and following[0].kind == "code" else 1)


def _met(term: QueryTerm, around: Sequence[tuple[frozenset[str], float]]) -> float:
    return max(term.match(found) * factor for found, factor in around)


def _phrases(query: Query, sequences: Sequence[Sequence[str]]) -> int:
    """How many neighbours of the question are neighbours in one of `sequences` too, at most three."""
    here = {pair for one in sequences for pair in pairwise(term for term in one if not term.endswith(":"))}
    words = [term.term for term in query.terms]
    return min(3, sum(1 for pair in pairwise(words) if pair in here))


def _defines(query: Query, weights: Mapping[str, float], unit: QuotableUnit, sequence: Sequence[str]) -> float:
    """How plainly the unit says at its beginning what the question's rarest word is: 1, and `_PLAINLY` where all that
    it speaks of before its verb is what is asked for, as in `A session is a conversation that is kept`."""
    if not weights or not query.text.lower().lstrip().startswith(_ASKS_WHAT):
        return 0.0
    rarest = max(weights, key=lambda term: weights[term])
    verb = _IS.search(unit.text)
    if verb is None or rarest not in sequence[:2]:
        return 0.0
    return _PLAINLY if set(terms(unit.text[: verb.start()])) == {term.term for term in query.terms} else 1.0


def _chosen(scored: list[_Scored], limit: int) -> list[_Scored]:
    """The best units, without repetitions and without those far below the best that add nothing to it."""
    ordered = sorted(scored, key=lambda one: -one.pick.score)
    chosen: list[_Scored] = []
    for candidate in ordered:
        twin = next((index for index, one in enumerate(chosen) if _alike(one.own, candidate.own)), None)
        if twin is not None:
            chosen[twin] = _with_also(chosen[twin], candidate)
        elif len(chosen) < limit and (not chosen or _worthwhile(candidate, chosen)):
            chosen.append(candidate)
    return chosen


def _worthwhile(candidate: _Scored, chosen: Sequence[_Scored]) -> bool:
    best = chosen[0]
    beside = _BESIDE_A_LIST if best.pick.unit.introduces else _FAR_BELOW
    if candidate.pick.score >= best.pick.score * beside:
        return candidate.own_weight >= best.own_weight * _SAYS_IT_ITSELF or _completes(candidate, chosen)
    return candidate.own_weight >= best.own_weight * _SAYS_IT_ITSELF and _completes(candidate, chosen)


def _completes(candidate: _Scored, chosen: Sequence[_Scored]) -> bool:
    """Whether the candidate meets a good part of the question that none of the chosen does."""
    met_by_others = Counter[str]()
    for one in chosen:
        met_by_others |= Counter({term: int(weight > 0) for term, weight in one.met.items()})
    new = sum(weight for term, weight in candidate.met.items() if not met_by_others[term])
    return new >= _COMPLETES * sum(chosen[0].met.values())


def _alike(left: frozenset[str], right: frozenset[str]) -> bool:
    return len(left & right) >= _ALIKE * len(left | right)


def _with_also(one: _Scored, twin: _Scored) -> _Scored:
    """`one` with the twin's source too, where the twin says the very same words."""
    same = one.pick.unit.text.casefold() == twin.pick.unit.text.casefold()
    if not same or twin.pick.source.id in (one.pick.source.id, *(source.id for source in one.pick.also)):
        return one
    return replace(one, pick=replace(one.pick, also=(*one.pick.also, twin.pick.source)))


def _with_context(
    query: Query,
    weights: Mapping[str, float],
    chosen: Sequence[_Scored],
    inside: Mapping[tuple[str, str], tuple[QuotableUnit, ...]],
) -> list[Pick]:
    """The chosen picks, each with the sentence that it leans on; the best with what follows if it may not answer."""
    best, expected = chosen[0], Expected(query.text)
    unmet = sum(weights[term.term] for term in query.terms if term.is_telling and not best.met[term.term])
    enough = 0.0 if expected else _UNMET * sum(weights.values())
    unsure = unmet > enough and not expected.met_by(best.pick.unit.text)
    used: set[tuple[str, int]] = set()
    picks: list[Pick] = []
    for one in chosen:
        pick, all_units = one.pick, inside[one.pick.source.kind, one.pick.source.id]
        places = _together(all_units, pick.place, follow=unsure and one is best)
        if (pick.source.id, pick.place) in used:
            continue
        places = [place for place in places if (pick.source.id, place) not in used]
        used.update((pick.source.id, place) for place in places)
        text = " ".join(all_units[place].text for place in places)
        picks.append(replace(pick, unit=replace(pick.unit, text=text)))
    return picks


def _together(inside: Sequence[QuotableUnit], place: int, *, follow: bool) -> list[int]:
    """The place of a sentence after those of the sentences that it leans on, and before those that follow it."""
    places = [place]
    if inside[place].kind == "code" or inside[place].introduces:
        return places
    while inside[places[0]].leans and inside[places[0]].after >= 0 and len(places) < _CONTEXT:
        places.insert(0, inside[places[0]].after)
    while follow and places[-1] + 1 < len(inside) and inside[places[-1] + 1].after == places[-1]:
        places.append(places[-1] + 1)
    while len(places) > 1 and (
        len(places) > _CONTEXT or sum(len(inside[one].text) for one in places) > _CONTEXT_LENGTH
    ):
        places.pop(0 if places[-1] == place else -1)
    return places


def _in_reading_order(chosen: Sequence[Pick]) -> tuple[Pick, ...]:
    """Sources in the order of their best unit, the units of one source in the order of its text."""
    order: dict[tuple[str, str], list[Pick]] = {}
    for pick in chosen:
        order.setdefault((pick.source.kind, pick.source.id), []).append(pick)
    return tuple(pick for picks in order.values() for pick in sorted(picks, key=lambda pick: pick.place))
