"""The schemas that are seen to be valid at a glance: owns the keywords most tools use, and what each must hold.

Refuses to judge any other: what is not plain is for JSON Schema's own validator, whose import alone takes as long
as a quarter of the start.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any, Final

from workbench.tools.schema_dialects import draft_of

TYPES: Final = ("object", "array", "string", "number", "integer", "boolean", "null")


def is_plain(schema: Any) -> bool:
    """Whether `schema`, a JSON value, is valid for certain, as of Draft 2020-12. False says nothing about it."""
    if isinstance(schema, dict):
        return all(key in _HOLDS and _HOLDS[key](value) for key, value in schema.items())
    return isinstance(schema, bool)


def _is_text(value: Any) -> bool:
    return isinstance(value, str)


def _is_truth(value: Any) -> bool:
    return isinstance(value, bool)


def _is_number(value: Any) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool)


def _is_count(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool) and value >= 0


def _is_list(value: Any) -> bool:
    return isinstance(value, list)


def _is_type(value: Any) -> bool:
    return isinstance(value, str) and value in TYPES


def _are_names(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(name, str) for name in value) and len(set(value)) == len(value)


def _are_properties(value: Any) -> bool:
    return isinstance(value, dict) and all(is_plain(schema) for schema in value.values())


def _is_anything(value: Any) -> bool:
    return True


def _is_draft(value: Any) -> bool:
    """Whether this is a draft for which the keywords here mean what they mean for the last."""
    return draft_of({"$schema": value}) in ("6", "7", "2019-09", "2020-12")


_HOLDS: Final[Mapping[str, Callable[[Any], bool]]] = {
    "$schema": _is_draft,
    "type": _is_type,
    "title": _is_text,
    "description": _is_text,
    "properties": _are_properties,
    "required": _are_names,
    "additionalProperties": is_plain,
    "items": is_plain,
    "enum": _is_list,
    "const": _is_anything,
    "default": _is_anything,
    "examples": _is_list,
    "minimum": _is_number,
    "maximum": _is_number,
    "exclusiveMinimum": _is_number,
    "exclusiveMaximum": _is_number,
    "minLength": _is_count,
    "maxLength": _is_count,
    "minItems": _is_count,
    "maxItems": _is_count,
    "uniqueItems": _is_truth,
}
