"""What the JSON Schemas of configuration files have in common.

They are of Draft 7, the last that editors read without exception, and say what JSON Schema can: that ids are used once,
or that a file is there, is for `workbench check`.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

Schema = dict[str, Any]

DRAFT: Final = "http://json-schema.org/draft-07/schema#"
VARIABLE: Final[Mapping[str, Any]] = {"type": "string", "pattern": r"\$\{"}
"""A text with a variable of the environment, which may become whatever is asked for."""
NOTHING: Final[Mapping[str, Any]] = {"type": "null"}
TEXT: Final[Mapping[str, Any]] = {"type": "string", "pattern": r"\S"}


def optional(schema: Mapping[str, Any], meaning: str) -> Schema:
    """What `schema` takes, or nothing: a key without a value counts as one that is missing."""
    return {"description": meaning, "anyOf": [schema, NOTHING]}


def optional_value(schema: Mapping[str, Any], meaning: str) -> Schema:
    """As `optional`, or a text that a variable turns into what is asked for."""
    return {"description": meaning, "anyOf": [schema, NOTHING, VARIABLE]}


def closed(properties: Mapping[str, Any], required: tuple[str, ...] = (), **more: Any) -> Schema:
    """A map with these keys and no other."""
    needs = {"required": list(required)} if required else {}
    return {"type": "object", "additionalProperties": False, "properties": dict(properties), **needs, **more}


def one_or_several(schema: Mapping[str, Any], **of_list: Any) -> Schema:
    """What `schema` takes, or a list of that."""
    return {"anyOf": [schema, {"type": "array", "items": schema, **of_list}]}
