"""Tools in the shapes of other APIs: owns turning one into the map of name, description and parameters that it means.

Refuses nothing: what stays unknown in the map is for its reader to say.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from workbench.config.nodes import List, Map, MapEntry, Node, Scalar
from workbench.config.python_types import schema_of_type

PLAIN_TYPES: Final = ("function", "custom")  # what `type` says there of a tool
ALWAYS: Final = frozenset({"strict", "annotations"})
# The name that another API has for `parameters`, and what else it has that does not change what a tool is.
SCHEMAS: Final[Mapping[str, frozenset[str]]] = {
    "inputSchema": frozenset({"title", "outputSchema", "_meta", "icons", "execution"}),
    "input_schema": frozenset(
        {"cache_control", "input_examples", "defer_loading", "allowed_callers", "eager_input_streaming"}
    ),
    "parameter_definitions": frozenset({"outputs"}),
}
NOT_OF_TITLED: Final = frozenset({"name", "function", "parameters", *SCHEMAS})
OF_OBJECTS: Final = frozenset(
    (
        *("type", "properties", "required", "additionalProperties", "patternProperties", "propertyNames"),
        *("minProperties", "maxProperties", "unevaluatedProperties", "dependencies", "dependentRequired"),
        *("dependentSchemas", "allOf", "anyOf", "oneOf", "not", "if", "then", "else", "$defs", "definitions"),
        *("$schema", "$id", "$comment", "examples", "example", "default", "deprecated"),
    )
)
"""What the schema of an object holds, but its title and its description, which are the tool's."""


def plain_tool(node: Map) -> Map:
    """The tool as Workbench has it: with `parameters`, and without what other APIs say besides."""
    if is_titled_schema(node):
        return _named_by_title(node)
    found = next((key for key in SCHEMAS if key in node.entries and "parameters" not in node.entries), None)
    ignored = ALWAYS | (SCHEMAS[found] if found else frozenset())
    if _is_one_of(node, "type", PLAIN_TYPES) and "function" not in node.entries:
        ignored |= {"type"}
    entries = {}
    for key, entry in without(node, ignored).entries.items():
        if key == found:
            value = _schema(entry.value) if key == "parameter_definitions" else entry.value
            key, entry = "parameters", MapEntry("parameters", value, entry.line, entry.column)
        entries[key] = entry
    return Map(entries, node.line, node.column)


def without(node: Map, keys: Collection[str]) -> Map:
    """The map without these keys."""
    return Map({key: entry for key, entry in node.entries.items() if key not in keys}, node.line, node.column)


def is_titled_schema(node: Map) -> bool:
    """Whether the tool is the schema of its parameters, and its name is the title of that."""
    keys = node.entries.keys()
    return {"title", "properties"} <= keys and not keys & NOT_OF_TITLED and _is_one_of(node, "type", ("object",))


def _named_by_title(node: Map) -> Map:
    """The tool that is written as a schema: what is none of a schema stands beside it."""
    title = node.entries["title"]
    schema = {key: entry for key, entry in node.entries.items() if key in OF_OBJECTS}
    parameters = MapEntry("parameters", Map(schema, node.line, node.column), node.line, node.column)
    name = MapEntry("name", title.value, title.line, title.column)
    beside = without(node, (*schema, "title")).entries
    return Map({"name": name, **beside, "parameters": parameters}, node.line, node.column)


def _is_one_of(node: Map, key: str, values: Collection[object]) -> bool:
    value = node.entries[key].value if key in node.entries else None
    return isinstance(value, Scalar) and value.value in values


def _schema(definitions: Node) -> Node:
    """The JSON Schema of the parameters of Cohere's first API: a map from each name to its type, in Python's words."""
    if not isinstance(definitions, Map):
        return definitions
    properties = {key: _entry(key, _property(each.value), each) for key, each in definitions.entries.items()}
    required = tuple(
        Scalar(key, each.line, each.column)
        for key, each in definitions.entries.items()
        if isinstance(each.value, Map) and _is_one_of(each.value, "required", (True,))
    )
    at = (definitions.line, definitions.column)
    found: dict[str, Node] = {"type": Scalar("object", *at), "properties": Map(properties, *at)}
    if required:
        found["required"] = List(required, *at)
    return Map({key: MapEntry(key, value, *at) for key, value in found.items()}, *at)


def _property(node: Node) -> Node:
    """One parameter; of a type that JSON Schema has no name for nothing is said but its description."""
    if not isinstance(node, Map):
        return node
    entries = dict(without(node, ("required", "type")).entries)
    kind = node.entries.get("type")
    if kind is None or not isinstance(kind.value, Scalar) or not isinstance(kind.value.value, str):
        return Map({**entries, **({"type": kind} if kind else {})}, node.line, node.column)
    said = schema_of_type(kind.value.value)
    entries |= {key: _entry(key, _node_of(value, kind), kind) for key, value in said.items()}
    return Map(entries, node.line, node.column)


def _entry(key: str, value: Node, at: MapEntry) -> MapEntry:
    return MapEntry(key, value, at.line, at.column)


def _node_of(value: Any, at: MapEntry) -> Node:
    """A value as if it had been written there."""
    if isinstance(value, dict):
        inner = {key: _entry(key, _node_of(each, at), at) for key, each in value.items()}
        return Map(inner, at.line, at.column)
    if isinstance(value, list):
        return List(tuple(_node_of(each, at) for each in value), at.line, at.column)
    return Scalar(value, at.line, at.column)
