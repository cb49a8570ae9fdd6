"""The arguments of a tool call, taken from a question by the tool's JSON Schema.

Owns which value of the question goes to which parameter. Each value is used once. Refuses to choose tools.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.language.words import terms
from workbench.offline.calls import values
from workbench.offline.calls.choices import directed, named
from workbench.offline.calls.parameters import (
    ANY_LEAD,
    ARITHMETIC,
    FREE_TEXT,
    IDENTIFIERS,
    LAST_OF_TWO,
    LEADS_TO_PERSON,
    PERSON,
    SYMBOLS,
    WHEN,
    hints_for,
    leads_for,
    reserved_lead,
    terms_of,
    words_of,
)
from workbench.offline.calls.schema_filling import MISSING, filled, properties_of, resolved, type_of
from workbench.offline.calls.values import NamedValue
from workbench.offline.protocol.chat_request import Tool
from workbench.offline.vocabulary import LITTLE_MEANING

_NEGATION = re.compile(
    r"\b(?:no|not|without|don't|dont|never|exclude|excluding|disable|off|ohne|sans)\b(?:\W+\w+){0,2}\W*\Z", re.I
)
_NEAR_WORDS = 3
_WORD = re.compile(r"\w+")
_EXAMPLES = re.compile(r"(?:e\.?\s?g\.?|such as|for example|like|one of|either|:)\s+(.+)", re.IGNORECASE)
_ANOTHER_QUESTION = re.compile(
    r"(?:[?.!;]\s+|\b(?:and|or|und|oder|et|ou|y|o)\s+)(?:what|who|which|how|where|when|why|was|wer|wie|wo|wann|welche\w*)\b",
    re.IGNORECASE,
)
_CONTENT = re.compile(r"\w[\w'’.-]*\w|\w")


@dataclass(frozen=True, slots=True)
class Arguments:
    """`values` satisfy the schema where that was possible.

    `is_guess` says that a required one is only what was left of the question. Those that are `missing` are made up.
    """

    values: Mapping[str, Any]
    is_guess: bool
    missing: tuple[str, ...] = ()


def draw(tool: Tool, texts: Sequence[str], known: Mapping[str, Any]) -> list[Arguments]:
    """The arguments of a call of `tool`: more than one set when the question names several values for one of them.

    `texts` are read in order of trust: the part of the question, all of it, the one that it goes on from. `known` holds
    values of earlier results by key.
    """
    reader = _Reader(tool, texts, known)
    first = filled(tool.parameters, reader)
    sets = [first]
    for name, others in reader.coordinates.items():
        if name in first:
            sets.extend({**first, name: other} for other in others)
    return [Arguments(one, reader.guessed, tuple(reader.missing)) for one in sets]


class _Reader:
    """A `schema_filling.Filler` over the question; it remembers which spans of it are used up."""

    def __init__(self, tool: Tool, texts: Sequence[str], known: Mapping[str, Any]) -> None:
        self.guessed = False
        self.missing: dict[str, None] = {}
        self.coordinates: dict[str, list[str]] = {}
        self._tool = tool
        self._texts = list(dict.fromkeys(text for text in texts if text.strip()))
        self._known = known
        self._used: dict[str, list[tuple[int, int]]] = {text: [] for text in self._texts}
        self._tool_words = frozenset(terms(f"{words_of(tool.name)} {tool.description}"))
        parameters = resolved(tool.parameters, tool.parameters)
        properties = properties_of(parameters)
        self._reserved = {lead: name for name in properties if (lead := reserved_lead(name))}
        self._has_free_text = any(terms_of(name) & FREE_TEXT for name in properties)
        kinds = [type_of(resolved(part, tool.parameters)) for part in properties.values()]
        self._numeric = sum(kind in ("integer", "number") for kind in kinds)

    # -- schema.Filler

    def find(self, name: str, schema: Mapping[str, Any], *, required: bool) -> Any:
        for text in self._texts if required else self._texts[:1]:
            value = self._find_in(text, name, schema, required=required)
            if value is not MISSING:
                return value
        return self._from_results(name, schema) if required else MISSING

    def guess(self, name: str, schema: Mapping[str, Any]) -> Any:
        wanted = type_of(schema)
        is_list = wanted == "array" and type_of(schema.get("items", {})) == "string"
        if not self._texts or "enum" in schema or not (wanted == "string" or is_list):
            self.missing[name] = None
            return MISSING
        left = self._content_words(self._texts[0], name)
        if not left or self._is_settled(name, schema) or terms_of(name).issuperset(terms(left)):
            self.missing[name] = None
        self.guessed = self.guessed or not terms_of(name) & FREE_TEXT
        if "format" in schema:
            return MISSING
        left = left or " ".join(self._texts[0].split())
        return [left] if is_list else left

    def comes_last(self, name: str) -> bool:
        return bool(terms_of(name) & FREE_TEXT)

    # -- by kind of parameter

    def _find_in(self, text: str, name: str, schema: Mapping[str, Any], *, required: bool) -> Any:
        if isinstance(schema.get("enum"), list):
            return self._choice(text, name, schema["enum"])
        kind = type_of(schema)
        if kind in ("integer", "number"):
            return self._number(text, name, schema, required=required)
        if kind == "boolean":
            return _switch(text, name)
        if kind == "array":
            return self._list(text, name, schema, required=required)
        if kind == "string":
            return self._string(text, name, schema, required=required)
        return MISSING

    def _choice(self, text: str, name: str, choices: Sequence[Any]) -> Any:
        """The choice that the text names; of several, one behind the parameter's own preposition."""
        found = directed(text, self._free(text, named(text, choices)), reserved_lead(name))
        if not found:
            return MISSING
        self._use(text, found[0])
        return found[0].value

    def _number(self, text: str, name: str, schema: Mapping[str, Any], *, required: bool) -> Any:
        whole = type_of(schema) == "integer"
        free = [
            found
            for found in self._free(text, values.numbers(text))
            if not (whole and isinstance(found.value, float) and not found.value.is_integer())
            and _within(found.value, schema)
        ]
        near = frozenset(terms(f"{words_of(name)} {schema.get('description', '')}")) - LITTLE_MEANING | hints_for(name)
        best = max(free, key=lambda found: _affinity(text, found, near), default=None)
        if best is None or not (required or self._numeric == 1 or _affinity(text, best, near) > 0):
            return MISSING
        self._use(text, _with_hints(text, best, hints_for(name)) if self._has_free_text else best)
        return int(best.value) if whole else best.value

    def _list(self, text: str, name: str, schema: Mapping[str, Any], *, required: bool) -> Any:
        items = schema.get("items", {})
        if isinstance(items.get("enum"), list):
            chosen = self._free(text, named(text, items["enum"]))
            for one in chosen:
                self._use(text, one)
            return [one.value for one in chosen] or MISSING
        kind = type_of(items)
        if kind in ("integer", "number"):
            found = self._free(text, values.numbers(text))
            whole = [int(one.value) if kind == "integer" else one.value for one in found]
            return (whole or MISSING) if required or self._numeric == 0 else MISSING
        if kind != "string":
            return MISSING
        if "format" not in items and terms_of(str(schema.get("description", ""))) & {"email", "mail", "e-mail"}:
            items = {**items, "format": "email"}
        found = self._specific(text, name, items) or self._led(text, name, required=required)
        if not found and required:
            found = self._free(text, values.names(text))
        for one in found:
            self._use(text, one)
        return list(dict.fromkeys(one.value for one in found)) or MISSING

    def _string(self, text: str, name: str, schema: Mapping[str, Any], *, required: bool) -> Any:
        found = self._specific(text, name, schema)
        if not found and not self._is_settled(name, schema):
            found = self._led(text, name, required=False) or self._labelled(text, name) or self._described(text, schema)
            if not found:
                found = self._led(text, name, required=required)
            if not found and required and not terms_of(name) & FREE_TEXT:
                found = [
                    one
                    for one in self._free(text, values.names(text))
                    if one.start < _asked_first(text) and not self._is_led_to_other(text, one, name)
                ]
        if not found:
            return MISSING
        self._use(text, found[0])
        if required and found[0].lead and not self.coordinates:
            others = [one for one in found[1:] if one.lead == found[0].lead and self._joins(text, found[0], one)]
            for other in others:
                self._use(text, other)
            if others:
                self.coordinates[name] = [str(other.value) for other in others]
        return found[0].value

    def _joins(self, text: str, first: NamedValue, other: NamedValue) -> bool:
        """Whether both stand in one enumeration after one preposition."""
        return not any(word in values.PREPOSITIONS for word in _WORD.findall(text[first.end : other.start].lower()))

    def _is_settled(self, name: str, schema: Mapping[str, Any]) -> bool:
        """Whether only a value of the right look will do, so that words of the question will not."""
        return "format" in schema or bool(terms_of(name) & (IDENTIFIERS | ARITHMETIC))

    def _specific(self, text: str, name: str, schema: Mapping[str, Any]) -> list[NamedValue]:
        """Values whose look fits what the parameter's format or name asks for."""
        words, form = terms_of(name), schema.get("format")
        if form in ("date", "date-time") or (words & WHEN and form is None):
            found = self._dated(text, words, form)
            if found:
                return found
        if form == "time" or (words & {"time", "hour"} and form is None):
            suffix = ":00Z" if form == "time" else ""
            return [NamedValue(one.start, one.end, one.value + suffix) for one in self._free(text, values.times(text))]
        for wanted, finder in (
            ("email", values.emails),
            ("mail", values.emails),
            ("uri", values.urls),
            ("url", values.urls),
        ):
            if form == wanted or wanted in words:
                found = self._free(text, finder(text))
                if found or form == wanted:
                    return found
        if words & ARITHMETIC:
            return self._free(text, values.expressions(text))
        if words & IDENTIFIERS:
            plain = [NamedValue(one.start, one.end, text[one.start : one.end]) for one in values.numbers(text)]
            found = self._free(text, [*values.codes(text), *plain])
            near = words - IDENTIFIERS
            return sorted(found, key=lambda one: -_affinity(text, one, near))
        if (words | (terms_of(str(schema.get("description", ""))) if reserved_lead(name) else frozenset())) & SYMBOLS:
            found = directed(text, self._free(text, values.capitals(text)), reserved_lead(name))
            if found:
                return found
        is_for_others = self._has_free_text and not words & FREE_TEXT and leads_for(name)
        return self._free(text, [*self._assigned(text, name), *([] if is_for_others else values.quoted(text))])

    def _dated(self, text: str, words: frozenset[str], form: Any) -> list[NamedValue]:
        found = self._free(text, values.dates(text))
        if form == "date-time":
            clock = next((one.value for one in values.times(text)), "00:00")
            found = [NamedValue(one.start, one.end, f"{one.value}T{clock}:00Z") for one in found]
        if not found and form is None:
            found = self._free(text, values.days(text))
        return found[::-1] if len(found) > 1 and words & LAST_OF_TWO else found

    def _assigned(self, text: str, name: str) -> list[NamedValue]:
        """`name: value` and `name = value`."""
        label = re.escape(words_of(name)).replace(r"\ ", r"[\s_-]")
        pattern = re.compile(rf"\b{label}\s*[:=]\s*([^\s,;]+)", re.IGNORECASE)
        return [NamedValue(match.start(), match.end(), match[1].strip("\"'.")) for match in pattern.finditer(text)]

    def _labelled(self, text: str, name: str) -> list[NamedValue]:
        """Names beside the parameter's own word: `the Finance department`, `room Aurora`, `our billing service`."""
        label = terms_of(name)
        plain = re.finditer(rf"\b(?:the|my|our|your)\s+(\w[\w-]*)\s+{re.escape(words_of(name))}\b", text, re.IGNORECASE)
        found = [one for one in values.names(text) if _affinity(text, one, label) > 1]
        return self._free(text, found or [NamedValue(match.start(1), match.end(1), match[1]) for match in plain])

    def _described(self, text: str, schema: Mapping[str, Any]) -> list[NamedValue]:
        """Words of the question that the parameter's description, or the tool's, gives as examples."""
        described = f"{schema.get('description', '')}\n{self._tool.description}"
        examples = _EXAMPLES.search(described)
        if not examples:
            return []
        wanted = frozenset(terms(examples[1])) - LITTLE_MEANING
        named = [match for match in _CONTENT.finditer(text) if wanted.intersection(terms(match[0]))]
        return self._free(text, [NamedValue(match.start(), match.end(), match[0]) for match in named])

    def _led(self, text: str, name: str, *, required: bool) -> list[NamedValue]:
        """Phrases behind the prepositions that suit the parameter, the most suitable first."""
        leads = leads_for(name)
        if not leads and (not required or terms_of(name) & FREE_TEXT):
            return []
        order = list(dict.fromkeys([*leads, *(ANY_LEAD if required else ())]))
        suitable = [
            one
            for one in self._free(text, values.phrases(text))
            if one.lead in order
            and self._reserved.get(one.lead, name) == name
            and not self._only_tool_words(str(one.value))
            and (required or one.lead not in LEADS_TO_PERSON or not terms_of(name) & PERSON or not one.value.islower())
        ]
        return sorted(suitable, key=lambda one: (order.index(one.lead), one.start))

    def _is_led_to_other(self, text: str, found: NamedValue, name: str) -> bool:
        """Whether the word before a value belongs to another parameter, as `to` does to `destination`."""
        before = _WORD.findall(text[: found.start].lower())[-1:]
        return any(self._reserved.get(word, name) != name and reserved_lead(name) != word for word in before)

    def _only_tool_words(self, value: str) -> bool:
        found = frozenset(terms(value))
        return bool(found) and value.islower() and found <= self._tool_words | LITTLE_MEANING

    # -- what is left

    def _content_words(self, text: str, name: str) -> str:
        """The words of the question that carry meaning and that no other parameter has taken.

        Words that only name the tool are left out, unless the parameter is called so, or is a free text beside others.
        """
        found = [match for match in _CONTENT.finditer(text) if frozenset(terms(match[0])) - LITTLE_MEANING]
        end = _asked_first(text)
        free = [each[0] for each in found if each.start() < end and self._is_free(text, each.start(), each.end())]
        own = [word for word in free if not self._tool_words.issuperset(terms(word))]
        called = [word for word in free if terms_of(name).intersection(terms(word))]
        beside = free if terms_of(name) & FREE_TEXT and self._used[text] else []
        return " ".join(own or called or beside)

    def _from_results(self, name: str, schema: Mapping[str, Any]) -> Any:
        keys = [name, "id"] if name.lower().endswith(("_id", "id")) else [name]
        value = next((self._known[key] for key in keys if key in self._known), MISSING)
        if value is MISSING or (type_of(schema) in ("integer", "number")) == isinstance(value, str):
            return MISSING
        return str(value) if type_of(schema) == "string" else value

    def _free(self, text: str, found: Iterable[NamedValue]) -> list[NamedValue]:
        return [one for one in found if one.value != "" and self._is_free(text, one.start, one.end)]

    def _is_free(self, text: str, start: int, end: int) -> bool:
        return all(end <= used_start or start >= used_end for used_start, used_end in self._used[text])

    def _use(self, text: str, found: NamedValue) -> None:
        self._used[text].append((found.start, found.end))
        for other in self._texts:
            if other != text and text in other:
                offset = other.index(text)
                self._used[other].append((offset + found.start, offset + found.end))


def _asked_first(text: str) -> int:
    """Where the first question of a text ends, and another one begins that asks for something else."""
    other = _ANOTHER_QUESTION.search(text)
    return len(text) if other is None else other.start()


def _within(value: float, schema: Mapping[str, Any]) -> bool:
    low, high = schema.get("minimum"), schema.get("maximum")
    return not ((isinstance(low, int | float) and value < low) or (isinstance(high, int | float) and value > high))


def _affinity(text: str, found: NamedValue, near: frozenset[str]) -> int:
    """How many of the words around a value belong to its parameter; the closest count double."""
    before = _WORD.findall(text[: found.start])[-_NEAR_WORDS:][::-1]
    after = _WORD.findall(text[found.end :])[:_NEAR_WORDS]
    points = 0
    for side in (before, after):
        for distance, word in enumerate(side):
            if near.intersection((word.lower(), *terms(word))):
                points += 2 if distance == 0 else 1
    return points


def _with_hints(text: str, found: NamedValue, hints: frozenset[str]) -> NamedValue:
    """The number with the words beside it that only say what it is: `under 80 euro`."""
    start, end = found.start, found.end
    before = re.search(r"(\w+)\s+[$€£]?\Z", text[:start])
    after = re.match(r"\s*(\w+)", text[end:])
    if before and before[1].lower() in hints:
        start = before.start(1)
    if after and after[1].lower() in hints:
        end += after.end(1)
    return NamedValue(start, end, found.value)


def _switch(text: str, name: str) -> Any:
    """True when the question names the parameter, False when it does with a negation before."""
    wanted = frozenset(terms(words_of(name))) - frozenset(terms("include use is has enable with show only"))
    if not wanted or not wanted <= frozenset(terms(text)):
        return MISSING
    place = next((m.start() for m in _CONTENT.finditer(text) if wanted.intersection(terms(m[0]))), 0)
    return _NEGATION.search(text[:place]) is None
