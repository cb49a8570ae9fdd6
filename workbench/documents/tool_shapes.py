"""The definitions of tools that people have at hand: owns telling them from documents, and whose shape they have.

    {type: function, function: {name, ...}}, {type: function, name, parameters}     OpenAI's, and Cohere's
    {type: custom, name, format}, {type: web_search}, {type: mcp, server_label}     OpenAI's, which only it can run
    {name, description, input_schema}, {type: bash_20250124, name}                  Anthropic's
    {name, description, inputSchema, annotations}                                   MCP's
    {name, description, parameter_definitions}                                      Cohere's first API
    {functionDeclarations: [...]}, {toolSpec: {name, ...}}                          Gemini's, Bedrock's
    {title, description, type: object, properties}                                  LangChain's, a model of Pydantic
    {functions: [...]}, {toolConfig: {tools: [...]}}                                lists of OpenAI's and of Bedrock's

Refuses to guess: a record with a text of its own is a document, unless it holds the schema of a tool.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any, Final

from workbench.documents.fields import text_field

TELLING: Final = frozenset(
    {
        "function",
        "input_schema",
        "inputSchema",
        "parameter_definitions",
        "parameters",
        "functionDeclarations",
        "function_declarations",
        "functions",
        "toolSpec",
        "toolConfig",
        "type",
        "tools",
        "result",
    }
)
"""Keys of which the definition of a tool, or a list of them, has one at least."""

_SCHEMAS: Final = {
    "input_schema": "Anthropic's",
    "inputSchema": "MCP's",
    "parameter_definitions": "Cohere v1's",
}
_BARE: Final = frozenset({"type", "name", "description", "strict"})
_OF_CUSTOM: Final = frozenset({"type", "name", "description", "format"})
_AROUND: Final = frozenset(
    {"tools", "functions", "toolConfig", "nextCursor", "_meta", "jsonrpc", "id", "result", "$schema"}
)
_OF_SCHEMAS: Final = frozenset({"$schema", "$id", "id"})  # a JSON Schema in its own right, which describes data
_SAID_OF_VALUES: Final = frozenset(
    {"type", "$ref", "anyOf", "allOf", "oneOf", "enum", "const", "title", "description", "default"}
)
_NAME: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")
_OF_OPENAI: Final = re.compile(
    "web_search(_preview)?(_20[0-9_]+)?|file_search|code_interpreter|computer_use_preview|image_generation|(local_)?shell"
    "|apply_patch|mcp"
)  # the type of a tool that its API brings along, and which has no name
_OF_ANTHROPIC: Final = re.compile(r"[a-z_]+_20[0-9]{6}")  # the type of a tool that its API brings along


def shape_of(value: Any) -> str | None:
    """Whose shape a value has, in a word such as "MCP's", when it defines a tool or lists such; None for a document."""
    if not isinstance(value, Mapping) or not value.keys() & TELLING:
        return None
    return _of_list(value) or _of_tool(value)


def _of_list(value: Mapping[Any, Any]) -> str | None:
    """Of an object around tools, as servers give it."""
    for key in ("functionDeclarations", "function_declarations"):
        if isinstance(value.get(key), list):
            return "Gemini's"
    if not value.keys() <= _AROUND:
        return None
    inner = value.get("result", value.get("toolConfig", value))
    tools = inner.get("tools", inner.get("functions")) if isinstance(inner, Mapping) else None
    return _of_tool(tools[0]) if isinstance(tools, list) and tools else None


def _of_tool(value: Any) -> str | None:
    if not isinstance(value, Mapping):
        return None
    if _is_named(value.get("toolSpec")):
        return "Bedrock's"
    if _is_named(value.get("function")):
        return "OpenAI's"
    kind = value.get("type")
    if not _is_named(value):
        if isinstance(kind, str) and _OF_OPENAI.fullmatch(kind) and text_field(value) is None:
            return "OpenAI's" if kind != "mcp" or "server_label" in value else None
        return "LangChain's" if _is_titled_schema(value) else None
    for key, whose in _SCHEMAS.items():
        if isinstance(value.get(key), Mapping):
            return whose
    if isinstance(kind, str) and _OF_ANTHROPIC.fullmatch(kind) and text_field(value) is None:
        return "Anthropic's"
    has_schema = _is_schema(value.get("parameters"))
    if kind == "function" and (has_schema or value.keys() <= _BARE):
        return "OpenAI's"
    if kind == "custom" and isinstance(value.get("format"), Mapping) and value.keys() <= _OF_CUSTOM:
        return "OpenAI's"
    return "Cohere's" if has_schema and text_field(value) is None else None


def _is_titled_schema(value: Mapping[Any, Any]) -> bool:
    """Whether the value is the schema of an object whose title is a name, as that of a class: fields are arguments."""
    title, properties = value.get("title"), value.get("properties")
    if value.get("type") != "object" or not isinstance(properties, Mapping) or not isinstance(title, str):
        return False
    if "name" in value or value.keys() & _OF_SCHEMAS or not _NAME.fullmatch(title) or text_field(value) is not None:
        return False
    return all(isinstance(each, Mapping) and each.keys() & _SAID_OF_VALUES for each in properties.values())


def _is_named(value: Any) -> bool:
    return isinstance(value, Mapping) and isinstance(value.get("name"), str)


def _is_schema(value: Any) -> bool:
    return isinstance(value, Mapping) and (not value or value.get("type") == "object" or "properties" in value)
