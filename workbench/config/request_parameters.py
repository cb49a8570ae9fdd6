"""The parameters of a request, from the settings that are parameters of the API: each at its path, unset ones left out.

Owns how settings that meet in one field go together, and what `extra_body` is merged into.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.config.settings_model import SETTINGS, Settings


def parameters_of(settings: Settings) -> dict[str, Any]:
    """What goes into the body of every request, but for what the conversation itself writes there."""
    given = [
        (row, value)
        for row in SETTINGS
        if row.parameter is not None and not row.by_conversation and (value := getattr(settings, row.name)) is not None
    ]
    body: dict[str, Any] = {}
    for row, _ in given:
        for path, value in row.implied.items():
            body = _merged(body, _at(tuple(path.split(".")), value))
    for row, value in given:
        body = _merged(body, _at(row.path, row.type.wire(value)))
    return body


def _at(path: tuple[str, ...], value: Any) -> Any:
    return {path[0]: _at(path[1:], value)} if path else value


def _merged(one: Mapping[str, Any], other: Mapping[str, Any]) -> dict[str, Any]:
    """Both; where both have a map they are merged in turn, and else `other` wins."""
    merged = dict(one)
    for key, value in other.items():
        before = merged.get(key)
        merged[key] = _merged(before, value) if isinstance(before, Mapping) and isinstance(value, Mapping) else value
    return merged
