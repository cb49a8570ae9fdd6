"""`where:` of a set's retrieval: what the fields of a document must be for its passages to be retrieved.

Owns its forms, for files and for `--where`: a value, a list of values of which one is enough, or `{from, to}`.
"""

from __future__ import annotations

from typing import Any, Final

from workbench.config.nodes import List, Map, MapEntry, Node, Scalar
from workbench.config.schema_parts import NOTHING, Schema, closed
from workbench.config.typed_reading import Fields, Reader, is_null
from workbench.documents.conditions import Condition, Value
from workbench.documents.queries import condition_of

RANGE_KEYS: Final = ("from", "to")
_EXAMPLE: Final = "for example `where: {year: 2026, kind: [guide, faq]}`"
_FORMS: Final = "a value, a list of values or {from, to}"


def where_of(node: Node, reader: Reader) -> tuple[Condition, ...]:
    """The conditions of a `where:`; what is wrong with it goes to the findings of `reader`."""
    if not isinstance(node, Map):
        reader.wrong_type(node, "a map of fields and their values", _EXAMPLE)
        return ()
    found = (_condition(entry, reader) for entry in node.entries.values())
    return tuple(condition for condition in found if condition is not None)


def _condition(entry: MapEntry, reader: Reader) -> Condition | None:
    name, node = entry.key, entry.value
    if not name.strip():
        reader.findings.add(entry, "a field without a name", _EXAMPLE)
        return None
    if isinstance(node, Map):
        return _range(name, node, reader)
    if isinstance(node, List):
        if not node.items:
            reader.findings.add(node, f"no value of `{name}` is listed, so nothing would be found", _EXAMPLE)
        values = [_value(item, reader) for item in node.items]
        return Condition(name, tuple(value for value in values if value is not None)) if values else None
    value = _value(node, reader)
    return None if value is None else Condition(name, (value,))


def _range(name: str, node: Map, reader: Reader) -> Condition | None:
    fields = Fields(node, reader, RANGE_KEYS, "a range")
    bounds = [None if (bound := fields.get(key)) is None else _value(bound, reader) for key in RANGE_KEYS]
    if not node.entries:
        reader.findings.add(node, f"the range of `{name}` has no end", "give `from:`, `to:` or both")
    return None if bounds == [None, None] else Condition(name, least=bounds[0], most=bounds[1])


def _value(node: Node, reader: Reader) -> Value | None:
    found = reader.resolved(node)
    if found is None:
        return None
    if not isinstance(found, Scalar) or is_null(found):
        reader.wrong_type(found, _FORMS, _EXAMPLE)
        return None
    return found.value if not isinstance(found.value, str) else reader.text(found)


def assigned(text: str) -> Condition | None:
    """The condition of `NAME=VALUE`, its value as in a question: `2024,2025`, `2024..2026`. None for anything else."""
    name, equals, value = text.partition("=")
    return condition_of(name.strip(), value.strip()) if equals and name.strip() and value.strip() else None


def where_schema() -> Schema:
    """The JSON Schema of a `where:`, with no regard to what documents there are."""
    value: Any = {"type": ["string", "number", "boolean"]}
    bound = {"anyOf": [value, NOTHING]}
    several = {"type": "array", "items": value, "minItems": 1}
    between = closed(dict.fromkeys(RANGE_KEYS, bound), minProperties=1)
    return {"type": "object", "additionalProperties": {"anyOf": [value, several, between]}}
