"""Which tools a question asks for, by the words that they share.

Owns the score of a tool and the parts of a question. Refuses to fill arguments.
"""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from workbench.documents.search_tool import NAMES
from workbench.language.words import terms
from workbench.offline.calls.parameters import words_of
from workbench.offline.calls.schema_filling import properties_of, resolved
from workbench.offline.calls.values import expressions
from workbench.offline.protocol.chat_request import Tool
from workbench.offline.quoting.query import Query, QueryTerm, understand
from workbench.offline.vocabulary import (
    CHANGES,
    LITTLE_MEANING,
    LOOKS_UP,
    SEARCH_WORDS,
    SEARCHES,
    TOOL_MEANINGS,
    TOOL_SAYS_LITTLE,
)

_ENOUGH = 0.33
_READ = 2000  # code points of a question; what asks for a tool is not pages long
_NAME, _CHOICE, _DESCRIPTION, _PARAMETER, _PARAMETER_TEXT = 1.0, 0.9, 0.8, 0.6, 0.45
_NEAR, _NEAR_NAME = 0.7, 0.5
_SAYS_LITTLE = 0.25
_OF_QUESTION, _OF_NAME, _CONCISE, _COMMANDED = 0.6, 0.4, 0.05, 0.2
_NOWHERE = 0.5  # of a word that no tool has: it may be an argument
_UNCOMMANDED = 0.6  # what a tool keeps of its score when another is commanded, or when it changes what nobody asked to
_CLAUSE = re.compile(r"[?!;]+\s*|\.\s+|,?\s+(?:and|also|then|plus|as well as|und|et|og)\s+|,\s+", re.IGNORECASE)
_FIRST_WORDS = re.compile(
    r"^(?:please|can you|could you|would you|i want to|i need to|i'd like to|let's|now|then|\W)+\s*", re.I
)
_MEASURED = re.compile(r"\d\s?([^\W\d]{1,2}|[kc]m[²³]?|°\s?[CF])\b")
_TOLD = re.compile(r"[.,;:]\s+|\s(?:or|and)\s")
_CAPITALISED = re.compile(r"(?<=[\w,] )[A-ZÀ-Þ][\w'’-]*")


@dataclass(frozen=True, slots=True)
class Choice:
    """A tool to call for `text`, the part of the question that asks for it. `score` is 0 to 1."""

    tool: Tool
    text: str
    score: float


@dataclass(frozen=True, slots=True)
class _Profile:
    tool: Tool
    fields: tuple[tuple[frozenset[str], float], ...]
    name: frozenset[str]
    described: frozenset[str]
    verbs: frozenset[str]  # what the tool does: the first words of its name and of what its description tells

    def match(self, term: QueryTerm) -> float:
        alternatives = dict.fromkeys(sorted(TOOL_MEANINGS.get(term.term, ())), _NEAR)
        wider = replace(term, alternatives={**alternatives, **term.alternatives})
        met = max(wider.match(found) * factor for found, factor in self.fields)
        return met * (_SAYS_LITTLE if term.term in TOOL_SAYS_LITTLE else 1.0)


def choose(question: str, earlier: str, tools: Sequence[Tool], *, forced: bool) -> tuple[Choice, ...]:
    """The tools to call for `question`, one for each part of it that asks for one, in the order of the parts.

    `earlier` is the question before, for a follow-up. With `forced`, the best tool is chosen even if none fits.
    """
    if not tools:
        return ()
    profiles = [_profile(tool) for tool in tools]
    question = question[:_READ]
    chosen = _by_clause(question, profiles)
    if not chosen:
        best = _best(understand(question, earlier), question, profiles)
        chosen = [best] if best.score >= _ENOUGH or forced else []
    return tuple(chosen)


def search_tool(tools: Sequence[Tool]) -> Tool | None:
    """The tool that searches whatever there is: its name and description speak of nothing else.

    Before all others it is the one that searches the documents that are loaded.
    """
    for tool in sorted(tools, key=lambda each: each.name not in NAMES):
        if tool.name in NAMES and "query" in properties_of(resolved(tool.parameters, tool.parameters)):
            return tool
        words = frozenset(terms(f"{words_of(tool.name)} {tool.description}"))
        looks_up = words & frozenset(terms("search lookup retrieve find"))
        schema = resolved(tool.parameters, tool.parameters)
        takes_text = any(set(terms(words_of(name))) & SEARCH_WORDS or name == "q" for name in properties_of(schema))
        if looks_up and takes_text and words <= SEARCH_WORDS | TOOL_SAYS_LITTLE:
            return tool
    return None


def _by_clause(question: str, profiles: Sequence[_Profile]) -> list[Choice]:
    """A choice for each clause that asks for a tool.

    A clause that asks for none, or only adds to the tool before it, belongs to the clause before it.
    """
    spans: list[tuple[Choice, int, int]] = []
    for start, end in _clauses(question):
        text = question[start:end]
        query = understand(text)
        best = _best(query, text, profiles)
        adds = bool(spans) and best.tool == spans[-1][0].tool and not _spoken(query, _name_of(best.tool))
        if best.score >= _ENOUGH and not adds:
            spans.append((best, start, end))
        elif spans:
            spans[-1] = (*spans[-1][:2], end)
    return [replace(choice, text=question[start:end].strip()) for choice, start, end in spans]


def _clauses(question: str) -> list[tuple[int, int]]:
    spans: list[tuple[int, int]] = []
    start = 0
    for match in _CLAUSE.finditer(question):
        spans.append((start, match.start()))
        start = match.end()
    return [(begin, end) for begin, end in [*spans, (start, len(question))] if question[begin:end].strip()]


def _best(query: Query, text: str, profiles: Sequence[_Profile]) -> Choice:
    weights = _weights(query, text, profiles)
    unknown = [term.term for term in query.terms if not any(profile.match(term) for profile in profiles)]
    commanded = [_commands(query, profile.verbs) for profile in profiles]
    scored = [
        (
            _score(query, weights, unknown, profile, text) * (_UNCOMMANDED if any(commanded) and not told else 1.0),
            -place,
        )
        for place, (profile, told) in enumerate(zip(profiles, commanded, strict=True))
    ]
    score, place = max(scored)
    return Choice(profiles[-place].tool, text, score)


def _weights(query: Query, text: str, profiles: Sequence[_Profile]) -> dict[str, float]:
    """How much each term tells about which tool is meant; names and amounts are arguments."""
    arguments = {term for match in _CAPITALISED.finditer(text) for term in terms(match[0])}
    measured = {term for match in _MEASURED.finditer(text) for term in terms(match[1])}
    weights: dict[str, float] = {}
    for term in query.terms:
        holders = sum(1 for profile in profiles if profile.match(term))
        rarity = math.log(2 + len(profiles) / max(holders, 1))
        is_argument = not holders and (term.term in arguments or term.term in measured or term.term[0].isdigit())
        weights[term.term] = 0.0 if is_argument else term.importance * rarity * (1.0 if holders else _NOWHERE)
    return weights


def _score(query: Query, weights: Mapping[str, float], unknown: Collection[str], profile: _Profile, text: str) -> float:
    if expressions(text) and profile.name & frozenset(terms("calculator calculate calc math compute evaluate")):
        return 1.0
    met = {term.term: profile.match(term) for term in query.terms}
    commanded = _commands(query, profile.verbs)
    if not (commanded or any(met[term.term] >= _PARAMETER_TEXT and term.is_telling for term in query.terms)):
        return 0.0
    total = sum(weights[term] for term in met if not (commanded and term in unknown)) or 1.0
    of_question = sum(weights[term] * match for term, match in met.items()) / total
    telling = profile.name - TOOL_SAYS_LITTLE or profile.name
    spoken = _spoken(query, telling)
    score = _OF_QUESTION * of_question + _OF_NAME * spoken + _CONCISE * _spoken(query, profile.described)
    if commanded:
        return min(1.0, score + _COMMANDED)
    changes = bool(profile.verbs & CHANGES)
    return score * _UNCOMMANDED if changes and not any(term.match(profile.verbs) for term in query.terms) else score


def _commands(query: Query, verbs: frozenset[str]) -> bool:
    """Whether the question begins with one of `verbs`, or means it: `Find headphones`, `please define ...`."""
    first = _FIRST_WORDS.sub("", query.text).split(maxsplit=1)[:1]
    asked = frozenset(terms(" ".join(first))) & (CHANGES | LOOKS_UP)
    return bool(asked & verbs or (asked & SEARCHES and verbs & SEARCHES))


def _spoken(query: Query, name: frozenset[str]) -> float:
    """The part of the terms of a tool's name that the query has, or a near meaning of; 0 to 1."""
    said = frozenset(term.term for term in query.terms)
    inflected = frozenset(query.searched) | {near for term in said for near in TOOL_MEANINGS.get(term, ())}
    points = [1.0 if word in said else _NEAR_NAME if word in inflected else 0.0 for word in name]
    return sum(points) / len(points) if points else 0.0


def _name_of(tool: Tool) -> frozenset[str]:
    return frozenset(terms(words_of(tool.name)))


def _profile(tool: Tool) -> _Profile:
    schema = resolved(tool.parameters, tool.parameters)
    parameters = properties_of(schema)
    details = [resolved(part, tool.parameters) for part in parameters.values()]
    choices = " ".join(words_of(str(choice)) for part in details for choice in _choices(part))
    described = " ".join(str(part.get("description", "")) for part in details)
    fields = (
        (_name_of(tool), _NAME),
        (frozenset(terms(choices)), _CHOICE),
        (frozenset(terms(tool.description)), _DESCRIPTION),
        (frozenset(terms(" ".join(map(words_of, parameters)))), _PARAMETER),
        (frozenset(terms(described)), _PARAMETER_TEXT),
    )
    told = [words_of(tool.name), *_TOLD.split(tool.description)]
    verbs = frozenset(verb for words in told for verb in terms(words)[:1])
    return _Profile(tool, fields, _name_of(tool), frozenset(terms(tool.description)) - LITTLE_MEANING, verbs)


def _choices(schema: Mapping[str, Any]) -> list[Any]:
    items = schema.get("items")
    found = schema.get("enum") or (items.get("enum") if isinstance(items, Mapping) else None)
    return found if isinstance(found, list) else []
