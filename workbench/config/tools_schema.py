"""The JSON Schema of a tools file: its keys are those that `tools_file` reads, its kinds the registry's."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Final

from workbench.config.foreign_tools import ALWAYS, NOT_OF_TITLED, OF_OBJECTS, PLAIN_TYPES, SCHEMAS
from workbench.config.mcp_schema import mcp_section, servers_schema
from workbench.config.mcp_shapes import SECTIONS
from workbench.config.schema_parts import DRAFT, TEXT, VARIABLE, Schema, closed, optional, optional_value
from workbench.config.tools_file import API_KEYS, APPROVALS, AROUND, FUNCTION_KEYS, INPUTS, MAX_TIMEOUT, NAME, OWN_KEYS
from workbench.tools.registry import KINDS
from workbench.tools.runner import SWITCH

_ANY: Final[Mapping[str, Any]] = {}
_TOOLS: Final = {"$ref": "#/definitions/tools"}


def tools_schema() -> Schema:
    """A schema that takes a tools file, as far as JSON Schema can tell, with tools in the shapes of other APIs too."""
    sections = {key: {"$ref": "#/definitions/servers"} for key in SECTIONS}
    around = {**dict.fromkeys((*AROUND, *INPUTS), _ANY), "tools": _TOOLS, **sections, "mcp": mcp_section()}
    some = [{"required": [key]} for key in ("tools", *SECTIONS)]
    return {
        "$schema": DRAFT,
        "title": "Tools of Workbench",
        "if": {"type": "array"},
        "then": _TOOLS,
        "else": closed(around, anyOf=some),
        "definitions": {
            "tools": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/tool"}},
            "tool": _tool(),
            "run": _run(),
            "servers": servers_schema(),
        },
    }


def _tool() -> Schema:
    """A tool as Workbench has it, or with what the model sees of it under `function`."""
    wrapped = {
        **_of(API_KEYS),
        "type": optional({"const": "function"}, "What the API calls a tool."),
        "function": _by_schema(FUNCTION_KEYS),
        **dict.fromkeys(ALWAYS, _ANY),
    }
    return {
        "if": {"type": "object", "required": ["function"]},
        "then": closed(wrapped, ("function",)),
        "else": _by_schema(OWN_KEYS),
    }


def _by_schema(keys: Collection[str], required: tuple[str, ...] = ()) -> Schema:
    """A map with these keys, or with what another API has in place of `parameters`, and says besides."""
    chosen = _plain(keys, "parameters", ALWAYS, required)
    for name, besides in reversed(list(SCHEMAS.items())):
        has = {"type": "object", "required": [name], "not": {"required": ["parameters"]}}
        chosen = {"if": has, "then": _plain(keys, name, ALWAYS | besides, required), "else": chosen}
    has = {"type": "object", "required": ["title", "properties", "type"], "properties": {"type": {"const": "object"}}}
    titled = {**has, "not": {"anyOf": [{"required": [name]} for name in sorted(NOT_OF_TITLED)]}}
    return {"if": titled, "then": _titled(keys, required), "else": chosen}


def _titled(keys: Collection[str], required: tuple[str, ...]) -> Schema:
    """A tool that is written as the schema of its parameters, whose title is the name."""
    besides = {key: value for key, value in _of(keys).items() if key not in ("name", "parameters", "type")}
    schema = {**dict.fromkeys(sorted(OF_OBJECTS), _ANY), "type": {"const": "object"}, "properties": {"type": "object"}}
    return closed({**schema, **besides, "title": _of(("name",))["name"]}, ("title", *required))


def _plain(keys: Collection[str], schema: str, ignored: Collection[str], required: tuple[str, ...]) -> Schema:
    properties = {schema if key == "parameters" else key: value for key, value in _of(keys).items()}
    types = {"type": optional({"enum": list(PLAIN_TYPES)}, "What another API calls a tool.")}
    return closed({**dict.fromkeys(sorted(ignored), _ANY), **types, **properties}, ("name", *required))


def _of(keys: Collection[str]) -> Schema:
    name = {"type": "string", "pattern": f"^{NAME.pattern}$"}
    meanings = {
        "name": {"description": "What the model calls the tool by.", "anyOf": [name, VARIABLE]},
        "description": optional(TEXT, "What the tool returns and when to use it: the model chooses by that."),
        "parameters": optional({"type": "object"}, "The JSON Schema of the arguments, of type object."),
        "run": {"$ref": "#/definitions/run"},
        "approve": optional_value({"enum": list(APPROVALS)}, "Whether each call is asked for, allowed, or refused."),
        "timeout": optional_value(
            {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_TIMEOUT}, "How many seconds a call may take."
        ),
    }
    return {key: meanings[key] for key in keys if key in meanings}


def _run() -> Schema:
    """The name of a kind that needs no more, or a map with one kind."""
    switches = [key for key, kind in KINDS.items() if kind.written == SWITCH]
    kinds = {key: {"description": kind.meaning, **kind.schema()} for key, kind in KINDS.items()}
    return {
        "description": "How the tool runs; without it, you type its results.",
        "anyOf": [{"enum": switches}, closed(kinds, minProperties=1, maxProperties=1)],
    }
