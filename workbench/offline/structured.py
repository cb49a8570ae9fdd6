"""An answer as JSON: the object that a response format asks for, filled from what was found.

Owns which evidence goes to which property. Refuses to invent: what nothing was found for is left out, or minimal
where the schema requires it.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from typing import Any

from workbench.language.words import terms
from workbench.offline.calls import values
from workbench.offline.calls.schema_filling import MISSING, filled, type_of
from workbench.offline.quoting.query import joined
from workbench.offline.quoting.quotable import QuotableUnit
from workbench.offline.quoting.ranking import rank_units

_LIST = 3


def as_json(question: str, evidence: Sequence[QuotableUnit], schema: Mapping[str, Any]) -> str:
    """An object for `schema` as JSON text, its values taken from `evidence`, best first."""
    return json.dumps(filled(schema, _Evidence(question, evidence)), ensure_ascii=False, indent=2)


def plain_json(answer: str, sources: Sequence[str]) -> str:
    """The answer as an object of its own, for a request that gives no schema."""
    return json.dumps({"answer": answer, "sources": list(dict.fromkeys(sources))}, ensure_ascii=False, indent=2)


class _Evidence:
    """A `schema_filling.Filler` over quoted units: a property gets the one that meets its name and description best."""

    def __init__(self, question: str, evidence: Sequence[QuotableUnit]) -> None:
        self._question = question
        self._left = list(evidence)

    def find(self, name: str, schema: Mapping[str, Any], *, required: bool) -> Any:
        if not self._left:
            return MISSING
        best = self._ranked(name, schema)
        if isinstance(schema.get("enum"), list):
            return self._choice(schema["enum"])
        kind = type_of(schema)
        if kind in ("integer", "number"):
            return _number(best, whole=kind == "integer")
        if kind == "boolean":
            said = frozenset(terms(" ".join(unit.text for unit in best)))
            wanted = frozenset(terms(name.replace("_", " ")))
            return True if wanted and wanted <= said else MISSING
        if kind == "array":
            return self._list(best, schema.get("items", {}))
        return self._text(best, schema) if kind == "string" else MISSING

    def guess(self, name: str, schema: Mapping[str, Any]) -> Any:
        return MISSING

    def comes_last(self, name: str) -> bool:
        return False

    def _ranked(self, name: str, schema: Mapping[str, Any]) -> list[QuotableUnit]:
        wanted = f"{name.replace('_', ' ')} {schema.get('description', '')}"
        places = rank_units(joined(wanted, self._question), self._left, _LIST)
        return [self._left[place] for place in places] or self._left[:_LIST]

    def _choice(self, choices: Sequence[Any]) -> Any:
        said = frozenset(terms(" ".join(unit.text for unit in self._left)))
        named = (choice for choice in choices if isinstance(choice, str) and said.issuperset(terms(choice)))
        return next((choice for choice in named if terms(choice)), MISSING)

    def _text(self, best: Sequence[QuotableUnit], schema: Mapping[str, Any]) -> Any:
        if schema.get("format") in ("date", "date-time"):
            found = [one.value for unit in best for one in values.dates(unit.text)]
            suffix = "T00:00:00Z" if schema["format"] == "date-time" else ""
            return f"{found[0]}{suffix}" if found else MISSING
        if "format" in schema:
            return MISSING
        unit = best[0]
        if len(self._left) > 1:
            self._left.remove(unit)
        return unit.text

    def _list(self, best: Sequence[QuotableUnit], items: Mapping[str, Any]) -> Any:
        kind = type_of(items)
        if kind == "string" and "enum" not in items:
            return [unit.text for unit in best]
        if kind in ("integer", "number"):
            numbers = [one.value for unit in best for one in values.numbers(unit.text)]
            return [int(one) if kind == "integer" else one for one in numbers]
        if kind == "object":
            return [item for unit in best if (item := filled(items, _Evidence(self._question, [unit])))]
        return MISSING


def _number(best: Sequence[QuotableUnit], *, whole: bool) -> Any:
    for unit in best:
        for found in values.numbers(unit.text):
            if not whole or float(found.value).is_integer():
                return int(found.value) if whole else found.value
    return MISSING
