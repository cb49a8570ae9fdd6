"""The results of tool calls as sentences that quote them.

Owns how a result becomes statements: fields of an object, elements of a list, sentences of a text; and what counts
as a failure. Refuses to know documents.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from workbench.offline.protocol.chat_request import RequestedCall, RequestMessage
from workbench.offline.protocol.draft import TextBuilder
from workbench.offline.protocol.readable import fields, line, scalar, unpacked
from workbench.offline.quoting.citable import CitableSource, tool_source
from workbench.offline.quoting.compose import add_quotations
from workbench.offline.quoting.query import Query
from workbench.offline.quoting.quotable import QuotableUnit, parts, units
from workbench.offline.quoting.quotation import Quotation
from workbench.offline.quoting.ranking import rank_units

_WRAPPERS = frozenset(("result", "results", "output", "content", "text", "data", "value", "response", "answer"))
_FAILURES = ("error", "errors", "exception", "failure")
_FAILED = ("error", "failed", "failure")
_FAILURE_WORDS = ("error:", "error executing", "traceback (most recent call last)", "exception:")
_LONG = 240  # code points; a longer text is quoted by its sentences
_ALL = 4  # statements of one call that are shown without choosing
_CHOSEN = 4


@dataclass(frozen=True, slots=True)
class Outcome:
    """One call of this turn with its results, in the order of the tool message."""

    call: RequestedCall
    sources: tuple[CitableSource, ...]


@dataclass(frozen=True, slots=True)
class _Statement:
    unit: QuotableUnit
    source: CitableSource


def outcomes(messages: Sequence[RequestMessage]) -> tuple[Outcome, ...]:
    """The calls that `messages`, those after the last user message, hold results of."""
    calls = {call.id: call for message in messages for call in message.calls}
    gathered: dict[str, list[CitableSource]] = {}
    for message in messages:
        if message.role != "tool" or message.tool_call_id not in calls:
            continue
        sources = gathered.setdefault(message.tool_call_id, [])
        for output in message.outputs:
            sources.append(tool_source(message.tool_call_id, len(sources), output))
    return tuple(Outcome(calls[id], tuple(sources)) for id, sources in gathered.items())


def add_results(builder: TextBuilder, query: Query, found: Sequence[Outcome]) -> None:
    """Appends one paragraph for each outcome, with citations of what it quotes."""
    names = [outcome.call.name for outcome in found]
    for outcome in found:
        if builder:
            builder.add("\n\n")
        label = f"`{outcome.call.name}`"
        arguments = unpacked(outcome.call.arguments)
        if names.count(outcome.call.name) > 1 and isinstance(arguments, dict) and arguments:
            label += f" ({line(arguments)})"
        _add_outcome(builder, label, query, outcome)


def known_values(found: Sequence[Outcome]) -> dict[str, Any]:
    """The scalar fields of all results by key, for a call that needs what another one returned."""
    values: dict[str, Any] = {}
    for outcome in found:
        for source in outcome.sources:
            for key, value in source.payload.items():
                if key != "content" and isinstance(value, str | int | float):
                    values.setdefault(key, value)
    return values


def statements_of(outcome: Outcome) -> list[QuotableUnit]:
    """What the results of a call say, unit by unit; nothing when it failed."""
    if any(_failure(source) for source in outcome.sources):
        return []
    return [unit for source in outcome.sources for unit in _statements(_value(source)) if unit.text]


def _add_outcome(builder: TextBuilder, label: str, query: Query, outcome: Outcome) -> None:
    failure = next((pair for source in outcome.sources if (pair := _failure(source))), None)
    if failure is not None:
        builder.add(f"{label} gave no result:")  # it may have failed, or was not allowed to run
        add_quotations(builder, [failure])
        return
    statements = [
        _Statement(unit, source) for source in outcome.sources for unit in _statements(_value(source)) if unit.text
    ]
    if not statements:
        builder.add(f"{label} returned nothing.")
        return
    chosen = _chosen(query, statements)
    part = f" (the {len(chosen)} of {len(statements)} parts that fit best)" if len(chosen) < len(statements) else ""
    builder.add(f"{label} returned{part}:")
    add_quotations(builder, [Quotation(one.unit.text, (one.source,)) for one in chosen])


def _value(source: CitableSource) -> Any:
    payload = source.payload
    return unpacked(payload["content"]) if set(payload) == {"content"} else payload


def _failure(source: CitableSource) -> Quotation | None:
    """What a result says went wrong, or None when nothing did."""
    value = _value(source)
    if isinstance(value, str):
        failed = value.lstrip().lower().startswith(_FAILURE_WORDS)
        return Quotation(scalar(value)[:_LONG], (source,)) if failed else None
    if not isinstance(value, Mapping):
        return None
    for key in _FAILURES:
        if value.get(key):
            told = value[key] if value[key] is not True else value.get("message", line(value))
            return Quotation(line(told), (source,))
    refused = value.get("ok") is False or value.get("success") is False
    if refused or str(value.get("status", "")).lower() in _FAILED:
        return Quotation(line(value.get("message") or value), (source,))
    return None


def _statements(value: Any) -> list[QuotableUnit]:
    value = unpacked(value)
    if isinstance(value, str):
        return _of_text(value)
    if isinstance(value, list):
        if all(not isinstance(item, dict | list) for item in value) and len(line(value)) <= _LONG:
            return [QuotableUnit(line(value))] if value else []
        return [unit for item in value for unit in _statements(item)]
    if isinstance(value, Mapping):
        return _of_object(value)
    return [] if value is None else [QuotableUnit(scalar(value))]


def _of_text(text: str) -> list[QuotableUnit]:
    if len(text) <= _LONG and "\n" not in text.strip():
        return [QuotableUnit(scalar(text))]
    found = units(text)
    return found if found else [QuotableUnit(scalar(text))]


def _of_object(value: Mapping[str, Any]) -> list[QuotableUnit]:
    if len(value) == 1:
        key, only = next(iter(value.items()))
        if key in _WRAPPERS:
            return _statements(only)
    plain: dict[str, Any] = {}
    rest: list[QuotableUnit] = []
    for key, item in value.items():
        inner = unpacked(item)
        is_records = isinstance(inner, list) and any(isinstance(one, dict) for one in inner)
        is_text = isinstance(inner, str) and len(inner) > _LONG
        if is_records or is_text:
            rest.extend(_statements(inner))
        else:
            plain[key] = inner
    return [*_of_fields(plain), *rest]


def _of_fields(plain: Mapping[str, Any]) -> list[QuotableUnit]:
    """The fields in one line where that is short, else each on its own."""
    together = line(plain)
    if len(together) <= _LONG:
        return [QuotableUnit(together)] if plain else []
    return [QuotableUnit(part) for key, text in fields(plain) for part in parts(f"{key}: {text}")]


def _chosen(query: Query, statements: Sequence[_Statement]) -> list[_Statement]:
    if len(statements) <= _ALL:
        return list(statements)
    places = rank_units(query, [one.unit for one in statements], _CHOSEN)
    return [statements[place] for place in places] if places else list(statements[:_CHOSEN])
