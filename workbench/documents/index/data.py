"""How the data of a passage stand in an index: as JSON, without the text, which is there already.

Owns both ways, and the place in it at which SQLite finds a field.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any


def packed(data: Mapping[str, Any] | None, text: str) -> str | None:
    """The data of a passage with that text, as they are kept; None where they are its text and title alone."""
    if data is None:
        return None
    name = next((key for key, value in data.items() if value == text and isinstance(value, str)), None)
    fields = data if name is None else {**data, name: None}
    return json.dumps([name, fields], ensure_ascii=True)


def unpacked(kept: str | None, title: str, text: str) -> dict[str, Any]:
    """The data of a passage of which that was kept. Raises ValueError, TypeError or LookupError for anything else."""
    if kept is None:
        return {"text": text, "title": title}
    name, fields = json.loads(kept)
    data: dict[str, Any] = fields if name is None else {**fields, name: text}
    return data


def place_of(field: str) -> str:
    """The path of a field in what is kept, for the JSON functions of SQLite; its name must stand in JSON as it is."""
    return f'$[1]."{field}"'
