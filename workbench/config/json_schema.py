"""JSON Schema in a file, such as a tool's `parameters`: owns finding the place of each fault.

Refuses parameters that are not of type object, since the model always sends an object; resolves no reference.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Final

from workbench.config.findings import Findings, Located
from workbench.config.nodes import List, Map, Node, Scalar, plain_data
from workbench.config.plain_schema import TYPES, is_plain
from workbench.errors import did_you_mean, quoted
from workbench.tools.schema_dialects import is_read, judged, patterns_in

if TYPE_CHECKING:
    from jsonschema.exceptions import ValidationError

_SHOWN = 10
_KEYWORDS: Final = frozenset(
    [
        "$schema",
        "$id",
        "id",
        "$ref",
        "$defs",
        "$comment",
        "definitions",
        "title",
        "description",
        "properties",
        "required",
        "patternProperties",
        "additionalProperties",
        "propertyNames",
        "minProperties",
        "maxProperties",
        "anyOf",
        "oneOf",
        "allOf",
        "not",
        "if",
        "then",
        "else",
        "enum",
        "const",
        "default",
        "examples",
        "dependencies",
        "dependentRequired",
        "dependentSchemas",
        "unevaluatedProperties",
        "strict",
    ]
)
_EXAMPLE = "write `type: object` and the arguments under `properties:`"


def check_parameters(node: Map, findings: Findings) -> None:
    """Adds a problem, at the offending key where it can be found, for whatever is wrong with the schema."""
    kind = node.entries.get("type")
    if kind is None and node.entries and not node.entries.keys() & _KEYWORDS:
        findings.add(node, "parameters are missing `type: object`", _EXAMPLE)
    elif (
        kind is not None
        and isinstance(kind.value, Scalar)
        and kind.value.value in TYPES
        and kind.value.value != "object"
    ):
        findings.add(kind.value, f"parameters are of type object, not {kind.value.value}", _EXAMPLE)
    check_schema(node, findings)


def check_schema(node: Map, findings: Findings) -> None:
    """As `check_parameters`, of a schema that may be of any type."""
    try:
        faults = _faults(node)
    except RecursionError:
        findings.add(node, "the schema nests too deeply to be checked", "flatten it")
        return
    for fault in faults:
        findings.add(_place(node, fault), *_worded(fault))


def _faults(node: Map) -> list[ValidationError]:
    schema = plain_data(node)
    if is_plain(schema):
        return []
    return judged(schema, _SHOWN)[1]


def unread_patterns(node: Map) -> list[tuple[Located, str]]:
    """The patterns of a schema that cannot be checked here, each with its place; the schema has no fault."""
    schema = plain_data(node)
    if is_plain(schema):
        return []
    return [(_at(node, path), pattern) for path, pattern in patterns_in(schema) if not is_read(pattern)]


def _place(node: Node, fault: ValidationError) -> Located:
    return _at(node, fault.absolute_path)


def _at(node: Node, path: Iterable[str | int]) -> Located:
    """The node that the path leads to, or the last one that exists on the way."""
    for step in path:
        if isinstance(node, Map) and isinstance(step, str) and step in node.entries:
            node = node.entries[step].value
        elif isinstance(node, List) and isinstance(step, int) and step < len(node.items):
            node = node.items[step]
    return node


def _worded(fault: ValidationError) -> tuple[str, str]:
    """The message and hint of a fault, in the words of a schema's author."""
    path = [str(step) for step in fault.absolute_path]
    where = quoted(".".join(path)) if path else "the schema"
    value = fault.instance
    if path and path[-1] == "type" and isinstance(value, str) and value not in TYPES:
        return f"unknown JSON Schema type {quoted(value)}", did_you_mean(value, TYPES, f"types: {', '.join(TYPES)}")
    if fault.validator == "format":
        return f"{where} is no valid {fault.validator_value}: {quoted(str(value))}", ""
    if fault.validator == "type":
        expected = fault.validator_value
        names = " or ".join(expected) if isinstance(expected, list) else str(expected)
        hint = "in JSON Schema, `required` is a list of names beside `properties`" if "required" in path else ""
        return f"{where} must be of type {names}", hint
    return f"{where} is not valid JSON Schema: {_short(fault.message)}", ""


def _short(message: str) -> str:
    return message if len(message) <= 200 else f"{message[:200]}…"
