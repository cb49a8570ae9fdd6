"""The JSON Schema of a settings file, for editors and for other programs: made from the table."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any, Final

from workbench.config.schema_parts import DRAFT, optional_value
from workbench.config.setting import Setting
from workbench.config.settings_model import SETTINGS

KEYS: Final = "keys"


def settings_schema(actions: Collection[str] = ()) -> dict[str, Any]:
    """A schema that takes what Workbench takes, as far as JSON Schema can tell.

    `actions` are those that may be given keys; without them the schema takes any name for one.
    """
    return {
        "$schema": DRAFT,
        "title": "Settings of Workbench",
        "type": ["object", "null"],
        "additionalProperties": False,
        "properties": {row.name: _property(row, actions) for row in SETTINGS},
    }


def _property(row: Setting, actions: Collection[str]) -> dict[str, Any]:
    """What the row's type takes, or null, or a text that a variable turns into it."""
    schema = row.type.schema()
    if row.name == KEYS and actions:
        schema |= {"propertyNames": {"enum": list(actions)}}
    suggested = {"examples": list(row.usual)} if row.usual else {}
    return {**optional_value(schema, row.meaning), **suggested}
