"""Tools in what other programs wrap them in: owns taking them out of it, each in a shape of `foreign_tools`.

    {tools: [...]}                        a tools file, the result of an MCP server's tools/list
    {jsonrpc, id, result: {tools}}        that result, as it went over the line
    {model, messages, tools, ...}         a request of Cohere's, OpenAI's or Anthropic's; of Gemini's with `contents`
    {functions: [...]}                    OpenAI's first list
    {functionDeclarations: [...]}         Gemini's, its types in capitals
    {toolConfig: {tools: [{toolSpec}]}}   Bedrock's
    one definition alone, or the schema of its arguments

Refuses what holds no definition, such as a tool that only the server of another API can run: what it is and what to do
is said in its place.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from workbench.config.foreign_tools import is_titled_schema, without
from workbench.config.nodes import List, Map, MapEntry, Node, Scalar, plain_data
from workbench.documents.tool_shapes import TELLING, shape_of
from workbench.errors import quoted

OF_REQUESTS: Final = frozenset({"messages", "message", "contents", "input"})
"""What is asked, in the request of one API or another: with it, `tools` stand in a request."""

DECLARATIONS: Final = ("functionDeclarations", "function_declarations")
_OF_GEMINI: Final = frozenset({"response", "responseJsonSchema", "response_json_schema", "behavior"})
_JSON_SCHEMAS: Final = ("parametersJsonSchema", "parameters_json_schema")
_GEMINI_TYPES: Final = frozenset({"OBJECT", "STRING", "INTEGER", "NUMBER", "BOOLEAN", "ARRAY", "NULL"})
_DEFINES: Final = frozenset({"function", "parameters", "properties", "run", "description"})
_NOT_TOOLS: Final = {
    "openapi": ("this is an OpenAPI document, not a tools file", "write a tool for each path that the model may call"),
    "swagger": ("this is an OpenAPI document, not a tools file", "write a tool for each path that the model may call"),
    "lc": (
        "this is a dump of LangChain, which leaves the schema of a tool out",
        "write what `convert_to_openai_tool(tool)` gives",
    ),
}


def is_request(root: Map) -> bool:
    """Whether the map is the body of a request that holds definitions of tools."""
    tools = root.entries.get("tools") or root.entries.get("functions")
    items = tools.value.items if tools is not None and isinstance(tools.value, List) else ()
    return bool(items) and isinstance(items[0], Map) and not OF_REQUESTS.isdisjoint(root.entries)


def is_list(root: Map) -> bool:
    """Whether the map is a request, a list of another API, or one definition alone, and no file of another kind."""
    if is_request(root) or {"name", "run"} <= root.entries.keys():
        return True
    return not TELLING.isdisjoint(root.entries) and shape_of(plain_data(root)) is not None


def listed(root: Map) -> List | None:
    """The tools that a map holds which is no tools file of ours, None when it holds none; not yet as we have them."""
    if "tools" in root.entries:
        return _list_of(root, "tools") if is_request(root) else None
    if isinstance(inner := _value(root, "result"), Map) and "tools" in inner.entries:
        return _list_of(inner, "tools")
    if isinstance(inner := _value(root, "toolConfig"), Map):
        return _list_of(inner, "tools")
    if "functions" in root.entries:
        return _list_of(root, "functions")
    if is_list(root) or is_titled_schema(root) or _is_schema_without_name(root):
        return List((root,), root.line, root.column)
    return None


def each_tool(tools: List) -> Iterator[Node]:
    """The tools of a list, those that Gemini and Bedrock wrap once more taken out of that."""
    for item in tools.items:
        key = next((key for key in DECLARATIONS if isinstance(item, Map) and key in item.entries), None)
        declared = _value(item, key) if key and isinstance(item, Map) else None
        if isinstance(declared, List):
            yield from (_of_gemini(each) if isinstance(each, Map) else each for each in declared.items)
        elif isinstance(item, Map) and isinstance(inner := _value(item, "toolSpec"), Map):
            yield _of_bedrock(item, inner)
        else:
            yield item


def no_definition(tool: Map) -> tuple[str, str] | None:
    """The message and the hint for a map that stands in the place of a tool and defines none."""
    for key, told in _NOT_TOOLS.items():
        if key in tool.entries:
            return told
    if _is_schema_without_name(tool):
        return (
            "this is the schema of an object, and it has no name",
            "give it `title: NAME`, or `name:` and `parameters:`",
        )
    keys = tool.entries.keys()
    kind = _value(tool, "type")
    if isinstance(kind, Scalar) and isinstance(kind.value, str) and keys.isdisjoint(_DEFINES | _WITH_SCHEMA):
        named = kind.value if kind.value not in ("function", "custom") else ""
    elif len(keys) == 1 and isinstance(_value(tool, only := next(iter(keys))), Map):
        named = only if only not in _DEFINES else ""
    else:
        return None
    if not named:
        return None
    message = f"{quoted(named)} is a tool of the API that it was written for, and says nothing of its arguments"
    return message, "only that server can run it: leave it out, or give it a name, `parameters:` and `run:`"


def not_a_file_of_tools(root: Map) -> tuple[str, str] | None:
    """The message and the hint for a file that people take for one of tools."""
    return next((told for key, told in _NOT_TOOLS.items() if key in root.entries), None)


def _is_schema_without_name(node: Map) -> bool:
    kind = _value(node, "type")
    is_object = isinstance(kind, Scalar) and kind.value == "object" and "properties" in node.entries
    return is_object and node.entries.keys().isdisjoint(_NAMED | _WITH_SCHEMA)


_NAMED: Final = frozenset({"title", "name", "function", "parameters"})
_WITH_SCHEMA: Final = frozenset({"input_schema", "inputSchema", "parameter_definitions"})


def _value(node: Map, key: str) -> Node | None:
    return node.entries[key].value if key in node.entries else None


def _list_of(node: Map, key: str) -> List | None:
    found = _value(node, key)
    return found if isinstance(found, List) else None


def _of_bedrock(item: Map, inner: Map) -> Map:
    """The tool with its schema, which stands one level deeper there, and what is said beside it."""
    entries = {**without(item, ("toolSpec",)).entries, **inner.entries}
    schema = entries.get("inputSchema")
    if schema is not None and isinstance(schema.value, Map) and "json" in schema.value.entries:
        json = schema.value.entries["json"]
        entries["inputSchema"] = MapEntry("inputSchema", json.value, json.line, json.column)
    return Map(entries, item.line, item.column)


def _of_gemini(tool: Map) -> Map:
    """The tool with the types of JSON Schema, and without what it says of its result."""
    entries = dict(without(tool, _OF_GEMINI).entries)
    for key in _JSON_SCHEMAS:
        if key in entries and "parameters" not in entries:
            found = entries.pop(key)
            entries["parameters"] = MapEntry("parameters", found.value, found.line, found.column)
    if "parameters" in entries:
        found = entries["parameters"]
        entries["parameters"] = MapEntry("parameters", _in_small(found.value), found.line, found.column)
    return Map(entries, tool.line, tool.column)


def _in_small(schema: Node) -> Node:
    """The schema with its types in small letters: `nullable: true` is one more type there."""
    if not isinstance(schema, Map):
        return schema
    entries: dict[str, MapEntry] = {}
    nullable = _value(schema, "nullable")
    is_nullable = isinstance(nullable, Scalar) and nullable.value is True
    for key, entry in schema.entries.items():
        value = entry.value
        if key == "type" and isinstance(value, Scalar) and value.value in _GEMINI_TYPES:
            small: Node = Scalar(str(value.value).lower(), value.line, value.column)
            value = (
                List((small, Scalar("null", value.line, value.column)), value.line, value.column)
                if is_nullable
                else small
            )
        elif key == "properties" and isinstance(value, Map):
            inner = {
                name: MapEntry(name, _in_small(each.value), each.line, each.column)
                for name, each in value.entries.items()
            }
            value = Map(inner, value.line, value.column)
        elif key in ("items", "additionalProperties"):
            value = _in_small(value)
        elif key in ("anyOf", "any_of") and isinstance(value, List):
            key, value = "anyOf", List(tuple(map(_in_small, value.items)), value.line, value.column)
        entries[key] = MapEntry(key, value, entry.line, entry.column)
    return Map(
        {key: each for key, each in entries.items() if key != "nullable"} if is_nullable else entries,
        schema.line,
        schema.column,
    )
