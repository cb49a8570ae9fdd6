"""Objects that satisfy a JSON Schema, filled by whoever knows the values.

Owns references, types, and what to do when nothing is known or a value does not fit. Never loads a schema
from elsewhere: a reference that is not local counts as no constraint.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping, Sequence
from enum import Enum
from typing import Any, Protocol

from jsonschema import Draft202012Validator
from jsonschema.exceptions import SchemaError
from referencing import Registry
from referencing.exceptions import Unresolvable

_HOPS = 16
_DEPTH = 4  # of objects in objects
_PROPERTIES = 1000
_ITEMS = 100
_REPAIRS = 20
_LOOSE_TYPES = {
    "str": "string",
    "text": "string",
    "int": "integer",
    "float": "number",
    "double": "number",
    "bool": "boolean",
    "list": "array",
    "dict": "object",
}
_ORDER = ("enum", "format", "number", "integer", "boolean", "array", "string", "object")
_EARLIEST = {"date": "1970-01-01", "date-time": "1970-01-01T00:00:00Z", "time": "00:00:00Z"}


class Missing(Enum):
    """Nothing is known; a value of its own, since null is a value."""

    MISSING = 0


MISSING = Missing.MISSING


class Filler(Protocol):
    """Who knows values. Both methods take a property's name and its resolved schema."""

    def find(self, name: str, schema: Mapping[str, Any], *, required: bool) -> Any:
        """The value that is known, or `MISSING`."""

    def guess(self, name: str, schema: Mapping[str, Any]) -> Any:
        """A value for a required property that is not known, or `MISSING`; asked when all others are found."""

    def comes_last(self, name: str) -> bool:
        """Whether a property takes what the others leave."""


def filled(schema: Mapping[str, Any], filler: Filler) -> dict[str, Any]:
    """An object for `schema`, which should describe one, with what `filler` knows; it satisfies it where possible."""
    value = _Walk(schema, filler).object(resolved(schema, schema), _DEPTH)
    return _repaired(schema, value)


def resolved(schema: Any, root: Mapping[str, Any]) -> Mapping[str, Any]:
    """`schema` with its local references, `allOf`, and the first usable alternative of a union taken in."""
    for _ in range(_HOPS):
        if not isinstance(schema, Mapping):
            return {}
        if isinstance(schema.get("$ref"), str):
            rest = {key: value for key, value in schema.items() if key != "$ref"}
            schema = {**_target(schema["$ref"], root), **rest}
        elif isinstance(schema.get("allOf"), list):
            schema = _merged(schema)
        elif isinstance(schema.get("anyOf"), list) or isinstance(schema.get("oneOf"), list):
            key = "anyOf" if isinstance(schema.get("anyOf"), list) else "oneOf"
            options = [option for option in schema[key] if isinstance(option, Mapping)]
            real = [option for option in options if option.get("type") != "null"]
            rest = {name: value for name, value in schema.items() if name != key}
            schema = {**rest, **(real or options or [{}])[0]}
        else:
            return schema
    return {}


def type_of(schema: Mapping[str, Any]) -> str:
    """The type that a resolved schema wants; told from its other keywords when it does not say."""
    wanted = schema.get("type")
    if isinstance(wanted, list):
        wanted = next((one for one in wanted if one != "null"), "null")
    if isinstance(wanted, str):
        return _LOOSE_TYPES.get(wanted, wanted)
    if "properties" in schema:
        return "object"
    return "array" if "items" in schema else "string"


def properties_of(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    """The properties of an object schema; empty when it has none."""
    properties = schema.get("properties")
    return properties if isinstance(properties, Mapping) else {}


def minimal(schema: Any, root: Mapping[str, Any], depth: int = _DEPTH) -> Any:
    """The smallest value that a schema asks for: its constant, default or first choice, else an empty one."""
    schema = resolved(schema, root)
    for key in ("const", "default"):
        if key in schema:
            return schema[key]
    if isinstance(schema.get("enum"), list) and schema["enum"]:
        return schema["enum"][0]
    kind = type_of(schema)
    if kind == "object":
        wanted = _required(schema) if depth > 0 else ()
        known = properties_of(schema)
        return {name: minimal(known.get(name, {}), root, depth - 1) for name in wanted}
    if kind == "array":
        length = _bound(schema, "minItems", 0) if depth > 0 else 0
        item = minimal(schema.get("items", {}), root, depth - 1) if length else None
        return [item] * min(int(length), _ITEMS)
    if kind in ("integer", "number"):
        return _smallest_number(schema, whole=kind == "integer")
    if kind == "string":
        length = min(int(_bound(schema, "minLength", 0)), 1000)
        return _EARLIEST.get(str(schema.get("format")), "-" * length)
    return False if kind == "boolean" else None


class _Walk:
    """One walk over a schema that may refer to itself; it ends after so many properties."""

    def __init__(self, root: Mapping[str, Any], filler: Filler) -> None:
        self._root = root
        self._filler = filler
        self._left = _PROPERTIES

    def object(self, schema: Mapping[str, Any], depth: int) -> dict[str, Any]:
        """The values of an object's properties: first what is found, then what is required beside it."""
        known = {name: resolved(part, self._root) for name, part in properties_of(schema).items()}
        required = _required(schema)
        values: dict[str, Any] = {}
        for name in sorted(known, key=lambda name: self._turn(name, known[name], name in required)):
            value = self._found(name, known[name], name in required, depth)
            if value is not MISSING:
                values[name] = value
        for name in known:
            if name in required and name not in values:
                values[name] = self._supplied(name, known[name])
        return {name: values[name] for name in known if name in values}

    def _turn(self, name: str, schema: Mapping[str, Any], required: bool) -> tuple[bool, int, bool]:
        """Specific kinds choose their values first, so that a free text gets only what is left."""
        kind = "enum" if "enum" in schema else "format" if "format" in schema else type_of(schema)
        return self._filler.comes_last(name), _ORDER.index(kind) if kind in _ORDER else len(_ORDER), not required

    def _found(self, name: str, schema: Mapping[str, Any], required: bool, depth: int) -> Any:
        self._left -= 1
        if self._left < 0:
            return MISSING
        if "const" in schema:
            return schema["const"]
        if type_of(schema) == "object" and depth > 0:
            inner = self.object(schema, depth - 1)
            return inner if inner or required else MISSING
        return self._filler.find(name, self._with_items(schema), required=required)

    def _supplied(self, name: str, schema: Mapping[str, Any]) -> Any:
        if "default" in schema:
            return schema["default"]
        guess = self._filler.guess(name, self._with_items(schema))
        return minimal(schema, self._root) if guess is MISSING else guess

    def _with_items(self, schema: Mapping[str, Any]) -> Mapping[str, Any]:
        return {**schema, "items": resolved(schema["items"], self._root)} if "items" in schema else schema


def _required(schema: Mapping[str, Any]) -> tuple[str, ...]:
    required = schema.get("required")
    return tuple(name for name in required if isinstance(name, str)) if isinstance(required, list) else ()


def _target(reference: str, root: Mapping[str, Any]) -> Mapping[str, Any]:
    if not reference.startswith("#"):
        return {}
    place: Any = root
    for key in reference.lstrip("#").strip("/").split("/"):
        if key:
            key = key.replace("~1", "/").replace("~0", "~")
            place = place.get(key) if isinstance(place, Mapping) else None
    return place if isinstance(place, Mapping) else {}


def _merged(schema: Mapping[str, Any]) -> Mapping[str, Any]:
    merged: dict[str, Any] = {}
    for part in [*schema["allOf"], {key: value for key, value in schema.items() if key != "allOf"}]:
        if isinstance(part, Mapping):
            properties = {**properties_of(merged), **properties_of(part)}
            required = [*_required(merged), *_required(part)]
            merged.update(part)
            if properties:
                merged["properties"] = properties
            if required:
                merged["required"] = required
    return merged


def _bound(schema: Mapping[str, Any], key: str, default: float) -> float:
    value = schema.get(key, default)
    return value if isinstance(value, int | float) and not isinstance(value, bool) else default


def _smallest_number(schema: Mapping[str, Any], *, whole: bool) -> float:
    least = _bound(schema, "minimum", 0)
    if "exclusiveMinimum" in schema:
        least = max(least, _bound(schema, "exclusiveMinimum", 0) + 1)
    most = _bound(schema, "maximum", _bound(schema, "exclusiveMaximum", least + 2) - 1)
    value = min(max(least, 0 if least <= 0 <= most else least), max(most, least))
    step = _bound(schema, "multipleOf", 0)
    if step > 0 and value % step:
        value += step - value % step
    return int(value) if whole or value == int(value) else value


# -- repair ---------------------------------------------------------------------------------


def problems(schema: Mapping[str, Any], value: Any) -> Iterator[Sequence[str | int]]:
    """The path of every part of `value` that breaks `schema`; none when the schema itself cannot be used."""
    try:
        strict = _strict(schema)
        Draft202012Validator.check_schema(strict)
        validator = Draft202012Validator(strict, registry=Registry())
        yield from [tuple(error.absolute_path) for error in validator.iter_errors(value)]
    except (SchemaError, Unresolvable, RecursionError, re.error):
        return


def _repaired(schema: Mapping[str, Any], value: dict[str, Any]) -> dict[str, Any]:
    """`value` without the optional properties that do not fit, and with minimal values for required ones."""
    root = resolved(schema, schema)
    required, known = _required(root), properties_of(root)
    for _ in range(_REPAIRS):
        path = next((path for path in problems(schema, value)), None)
        if path is None:
            return value
        name = next(iter(path), None)
        missing = next((wanted for wanted in required if wanted not in value), None)
        if isinstance(name, str) and name not in required:
            value = {key: kept for key, kept in value.items() if key != name}
        elif isinstance(name, str):
            value = {**value, name: minimal(known.get(name, {}), schema)}
        elif missing is not None:
            value = {**value, missing: minimal(known.get(missing, {}), schema)}
        else:
            return value
    return value


def _strict(schema: Any) -> Any:
    """`schema` with the loose names of types that people write made JSON Schema's own."""
    if isinstance(schema, list):
        return [_strict(part) for part in schema]
    if not isinstance(schema, Mapping):
        return schema
    kept = {key: _strict(part) for key, part in schema.items()}
    if isinstance(kept.get("type"), str):
        kept["type"] = _LOOSE_TYPES.get(kept["type"], kept["type"])
    return kept
