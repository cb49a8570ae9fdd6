"""The JSON Schema of a settings file, for editors and for other programs: made from the table."""

from __future__ import annotations

from typing import Any

from workbench.config.setting import Setting
from workbench.config.settings_model import SETTINGS


def settings_schema() -> dict[str, Any]:
    """A schema (Draft 2020-12) that takes what Workbench takes, as far as JSON Schema can tell."""
    return {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "Settings of Workbench",
        "type": "object",
        "additionalProperties": False,
        "properties": {row.name: _property(row) for row in SETTINGS},
    }


def _property(row: Setting) -> dict[str, Any]:
    """What the row's type takes, or null, or a text that a variable turns into it."""
    variable = {"type": "string", "pattern": r"\$\{"}
    return {"description": row.meaning, "anyOf": [row.type.schema(), {"type": "null"}, variable]}
