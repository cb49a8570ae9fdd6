"""The JSON Schema of MCP servers in a tools file: its keys are those that `mcp_servers` reads."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from workbench.config.mcp_servers import APPROVALS, IGNORED, MAX_TIMEOUT, TYPES
from workbench.config.mcp_shapes import ALSO
from workbench.config.schema_parts import TEXT, Schema, closed, one_or_several, optional, optional_value

_ANY: Final[Mapping[str, Any]] = {}
_SERVERS: Final[Mapping[str, Any]] = {"$ref": "#/definitions/servers"}
_ARGUMENT: Final[Mapping[str, Any]] = {"type": ["string", "number"]}
_SECONDS: Final[Mapping[str, Any]] = {"type": "number", "exclusiveMinimum": 0, "maximum": MAX_TIMEOUT}


def servers_schema() -> Schema:
    """A map from names to servers."""
    return {"description": "MCP servers by their names.", "type": "object", "additionalProperties": _server()}


def mcp_section() -> Schema:
    """What stands under `mcp`: servers, or what an editor has there."""
    of_editor = closed({"servers": _SERVERS, "inputs": _ANY}, ("servers",))
    return {"if": _has_servers(), "then": of_editor, "else": _SERVERS}


def _has_servers() -> Schema:
    """A map with `servers` that is none itself."""
    named = {"type": "object", "not": {"anyOf": [{"required": [key]} for key in ("command", "url")]}}
    return {
        "type": "object",
        "required": ["servers"],
        "properties": {"servers": named},
        "propertyNames": {"enum": ["servers", "inputs"]},
    }


def _server() -> Schema:
    of_tool = {
        "approve": optional_value({"enum": list(APPROVALS)}, "Whether each call is asked for, allowed, or refused."),
        "timeout": optional_value(_SECONDS, "How many seconds a call may take."),
    }
    names = optional(one_or_several(TEXT), "Names of tools; * and ? stand for any.")
    properties = {
        "command": optional(one_or_several(TEXT, minItems=1), "The program that is the server, with its arguments."),
        "args": optional(one_or_several(_ARGUMENT), "Further arguments."),
        "env": optional(_texts(), "Environment variables that it is given; ${VAR} is filled in when it is started."),
        "cwd": optional(TEXT, "The folder that it runs in, from that of this file."),
        "url": optional(TEXT, "Where a server is that is reached over HTTP."),
        "headers": optional(_texts(), "Headers of each request; ${VAR} is filled in when it is sent."),
        "type": optional({"enum": list(TYPES)}, "How it is reached, where `command` or `url` do not say that."),
        **of_tool,
        "startup_timeout": optional_value(_SECONDS, "How many seconds it may take until its tools are listed."),
        "include": names,
        "exclude": names,
        "tools": optional({"type": "object", "additionalProperties": closed(of_tool)}, "What holds for single tools."),
        "disabled": optional_value({"type": "boolean"}, "Leaves the server out."),
        "enabled": optional_value({"type": "boolean"}, "Whether the server is taken."),
    }
    also = {key: properties[ours] for key, ours in ALSO.items()}
    reached = [{"required": [key]} for key in ("command", "url", "httpUrl", "serverUrl")]
    return closed({**dict.fromkeys(IGNORED, _ANY), **properties, **also}, anyOf=reached)


def _texts() -> Schema:
    return {"type": "object", "additionalProperties": _ARGUMENT}
