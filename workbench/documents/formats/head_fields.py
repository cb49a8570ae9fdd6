"""The fields of a page's metadata: which of them go along with its text, and how they are written.

Owns that a field stays as it is written, as in a documents file: `1.10` is text, and what JSON writes in the same way
is a number. Refuses maps, and more or longer fields than a passage should carry.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from datetime import date, time
from typing import Any, Final

from workbench.documents.fields import TEXT_FIELDS, sendable

_MOST_FIELDS: Final = 30
_MOST_CHARACTERS: Final = 500  # of one field, or of one of its items
_MOST_ITEMS: Final = 50
_OF_PASSAGES: Final = frozenset(["id", "title", "data", *TEXT_FIELDS])  # what a passage has of its own


def title_in(found: Mapping[str, Any]) -> str:
    """The title among the fields, whatever case its name is in; "" without one."""
    title = next((value for key, value in found.items() if key.lower() == "title" and value not in (None, "")), "")
    return str(title) if isinstance(title, str | int | float) and not isinstance(title, bool) else ""


def kept(found: Mapping[str, Any]) -> dict[str, Any]:
    """The fields that go along with the text: values and lists of such."""
    fields: dict[str, Any] = {}
    for key, value in found.items():
        plain = _plain(value)
        if key.lower() in _OF_PASSAGES or len(key) > _MOST_CHARACTERS or plain in (None, "", []):
            continue
        fields[str(sendable(key))] = sendable(plain)
        if len(fields) == _MOST_FIELDS:
            break
    return fields


def as_written(text: str) -> Any:
    """What a plain YAML scalar stands for: a number or a truth where JSON writes it so, nothing for null, else text."""
    if text in ("~", "null", ""):
        return None
    if text in ("true", "false"):
        return text == "true"
    if text[0] in "-0123456789" and len(text) < 20:
        try:
            number = json.loads(text)
        except ValueError:
            return text
        return number if json.dumps(number) == text else text
    return text


def _plain(value: Any) -> Any:
    """A value or a list of values that is short enough, dates as text; None for all else."""
    if isinstance(value, list):
        items = [_plain(each) for each in value[:_MOST_ITEMS] if not isinstance(each, list)]
        return [each for each in items if each is not None]
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, str):
        return value if len(value) <= _MOST_CHARACTERS else None
    return value if isinstance(value, bool | int | float) else None
