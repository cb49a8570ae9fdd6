"""A document's data fields: which of them is the text, the title, the id, and what may be sent at all.

Owns the reading of Cohere's document shapes. Refuses nothing that is JSON: values that a request cannot hold
(lone surrogates, NaN, dates) become text.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any

from workbench import surrogates

_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
TEXT_FIELDS = ("text", "snippet", "content", "body")


def text_field(data: Mapping[str, Any]) -> str | None:
    """The name of the field that holds the document's text, None when it has only other fields."""
    return next((name for name in TEXT_FIELDS if isinstance(data.get(name), str) and data[name].strip()), None)


def text_of(data: Mapping[str, Any]) -> str:
    """The document's text: its text field, else every field with a value as a line `name: value`."""
    name = text_field(data)
    if name is not None:
        return str(data[name])
    return "\n".join(f"{key}: {_shown(value)}" for key, value in data.items() if value not in (None, "", {}, []))


def title_of(data: Mapping[str, Any]) -> str:
    """The document's title on one line, "" when it has none."""
    title = data.get("title")
    return " ".join(title.split()) if isinstance(title, str) else ""


def sendable(value: Any) -> Any:
    """`value` as JSON that any encoder accepts; its depth must have been bounded where it was read."""
    if isinstance(value, str):
        return surrogates.sendable(value)
    if isinstance(value, Mapping):
        return {str(sendable(str(key))): sendable(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [sendable(item) for item in value]
    if value is None or isinstance(value, (bool, int)) or (isinstance(value, float) and math.isfinite(value)):
        return value
    return str(value)


def printable(name: str) -> str:
    """A file name fit for ids and titles: control and undecodable characters as escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode("ascii") for c in name)


def in_quotes(name: str) -> str:
    """A name in quotes, on one line; what cannot be seen of it is left to the message that holds it."""
    return f"'{_CONTROL.sub(lambda found: printable(found[0]), name)}'"


def _shown(value: Any) -> str:
    if isinstance(value, str):
        return value
    try:
        return json.dumps(value, ensure_ascii=False, default=str)
    except (RecursionError, ValueError):
        return "(a value too deep to show)"
