"""A value of a setting as a person would type it, and as YAML: what is read back is the same value."""

from __future__ import annotations

import json
from typing import Any

from workbench.config.response_format import ResponseFormat
from workbench.config.setting import Setting
from workbench.config.setting_types import Choice, Text

_JSON_OBJECT = {"type": "json_object"}


def as_yaml_value(row: Setting, value: Any) -> str:
    """The value behind `name:` in a settings file, or behind `name=`, in one line; null for None."""
    if value is None:
        return "null"
    if isinstance(row.type, Choice):
        return str(value)
    if isinstance(value, ResponseFormat):
        return _of_format(value)
    if isinstance(value, bool | int | float | str):
        return json.dumps(value, ensure_ascii=False)
    return json.dumps(row.type.wire(value), ensure_ascii=False)


def as_typed(row: Setting, value: Any) -> str:
    """The value as it stands in a line where it is changed: text as it is, all else as YAML; "" for None."""
    if value is None:
        return ""
    return value if isinstance(row.type, Text) else as_yaml_value(row, value)


def assignment(row: Setting, typed: str) -> str:
    """The `NAME=VALUE` that `typed` means for a setting, of what `as_typed` gave or somebody typed; "" is null."""
    if not typed.strip():
        return f"{row.name}=null"
    return f"{row.name}={json.dumps(typed, ensure_ascii=True) if isinstance(row.type, Text) else typed}"


def _of_format(value: ResponseFormat) -> str:
    """A word, a path, or the object of the API."""
    if value.file is not None and not value.wire:
        return json.dumps(str(value.file), ensure_ascii=False)
    words = {"text": {"type": "text"}, "json": _JSON_OBJECT}
    word = next((word for word, wire in words.items() if dict(value.wire) == wire), None)
    return word or json.dumps(dict(value.wire), ensure_ascii=False)
