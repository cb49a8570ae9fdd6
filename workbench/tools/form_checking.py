"""What is wrong with an object that is being filled in, told at the property that it is wrong with.

Owns which parts of a schema can be checked while somebody types: those that end soon. Patterns, references and the
like are left out, and checked by whoever takes the whole, in a process that can be killed (`call_arguments`).
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from itertools import islice
from typing import TYPE_CHECKING, Any, Final

from workbench.tools import parameters_schema

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError
    from jsonschema.protocols import Validator

WHOLE: Final = ""
"""Where that stands which is wrong with no property alone."""

MOST_CHECKED: Final = 64_000  # characters of the object: more is not checked while somebody types
_MOST_FOUND: Final = 50
_LONGEST: Final = 200
_OF_SCHEMAS: Final = ("properties", "patternProperties", "$defs", "definitions", "dependentSchemas")
_OF_VALUES: Final = ("enum", "const", "default", "examples")
_NOT_LOOSER: Final = {"not": (), "oneOf": (), "contains": ("minContains", "maxContains"), "if": ("then", "else")}
"""What could refuse more once a part of it is left out, with what depends on it."""
_MUST: Final = {
    "minimum": "must be at least {}",
    "exclusiveMinimum": "must be more than {}",
    "maximum": "must be at most {}",
    "exclusiveMaximum": "must be less than {}",
    "multipleOf": "must be a multiple of {}",
    "minLength": "must have at least {} characters",
    "maxLength": "must have at most {} characters",
    "minItems": "must have at least {} items",
    "maxItems": "must have at most {} items",
}


class FormChecker:
    """Checks against `schema`. The first `prepare` takes about a tenth of a second: it is for a thread."""

    def __init__(self, schema: Mapping[str, Any]) -> None:
        self._schema = schema
        self._validator: Validator | None = None

    def prepare(self) -> None:
        """Make ready to check. A schema that cannot be used checks nothing: a call says why it cannot be."""
        try:
            self._validator = parameters_schema.build(bounded(self._schema))
        except (parameters_schema.BrokenSchema, RecursionError):
            self._validator = None

    def problems(self, values: Mapping[str, Any]) -> dict[str, str]:
        """What is wrong, by the names of properties; WHOLE for what is wrong with none alone. Nothing before it is
        prepared, and of what is very large."""
        if self._validator is None or not _is_small(values):
            return {}
        found: dict[str, str] = {}
        try:
            for error in islice(self._validator.iter_errors(dict(values)), _MOST_FOUND):
                for name, words in _told(error, values):
                    found.setdefault(name, words[:_LONGEST])
        except RecursionError:
            return found
        return found


def placed(texts: Sequence[str]) -> dict[str, str]:
    """What a refused call said of its arguments (`$.place: is wrong`, one a text), by the names of properties."""
    found: dict[str, str] = {}
    for text in texts:
        path, _, words = text.partition(": ")
        name = path.removeprefix("$.").partition(".")[0].partition("[")[0] if path.startswith("$.") else WHOLE
        found.setdefault(name, words if path.startswith("$") else text)
    return found


def bounded(schema: Any) -> Any:
    """The schema without what may take unbounded time to check; it refuses nothing that the whole one takes."""
    if not isinstance(schema, Mapping):
        return schema
    dropped = {key for key, value in schema.items() if parameters_schema.is_unbounded(key, value)}
    if "patternProperties" in dropped:
        dropped |= {"additionalProperties"}
    kept: dict[str, Any] = {}
    for key, value in schema.items():
        if key in dropped:
            continue
        if key in _OF_SCHEMAS and isinstance(value, Mapping):
            kept[key] = {name: bounded(each) for name, each in value.items()}
        elif key in _OF_VALUES:
            kept[key] = value
        else:
            kept[key] = [bounded(each) for each in value] if isinstance(value, list) else bounded(value)
    for key, others in _NOT_LOOSER.items():
        if key in kept and kept[key] != schema[key]:
            for name in (key, *others):
                kept.pop(name, None)
    return kept


def _is_small(values: Mapping[str, Any]) -> bool:
    size = 0
    try:
        for piece in json.JSONEncoder(default=str).iterencode(values):
            size += len(piece)
            if size > MOST_CHECKED:
                return False
    except (RecursionError, ValueError):
        return False
    return True


def _told(error: ValidationError, values: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """The properties that an error is about, each with words."""
    path = list(error.absolute_path)
    if path:
        inner = "".join(f"[{key}]" if isinstance(key, int) else f".{key}" for key in path[1:])
        yield str(path[0]), f"{inner.removeprefix('.')}: {_short(error)}" if inner else _short(error)
    elif error.validator == "required" and isinstance(wanted := error.validator_value, list):
        yield from ((name, "is required") for name in wanted if isinstance(name, str) and name not in values)
    elif error.validator == "additionalProperties":
        properties = error.schema.get("properties") if isinstance(error.schema, Mapping) else None
        known = properties if isinstance(properties, Mapping) else {}
        yield from ((name, "is none of the parameters") for name in values if name not in known)
    else:
        yield WHOLE, error.message


def _short(error: ValidationError) -> str:
    """The message without the value, which stands there already."""
    limit = error.validator_value
    match error.validator:
        case "type":
            names = limit if isinstance(limit, list) else [limit]
            return f"must be {' or '.join(map(str, names))}"
        case "enum" if isinstance(limit, list):
            return f"must be one of {', '.join(json.dumps(each, ensure_ascii=False) for each in limit)}"
        case "const":
            return f"must be {json.dumps(limit, ensure_ascii=False)}"
        case "oneOf" | "anyOf" if isinstance(limit, list) and all(isinstance(e, dict) and "const" in e for e in limit):
            return f"must be one of {', '.join(json.dumps(each['const'], ensure_ascii=False) for each in limit)}"
        case str(name) if name in _MUST and isinstance(limit, int | float):
            return _MUST[name].format(limit)
    return error.message
