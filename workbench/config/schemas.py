"""The JSON Schema of each kind of configuration file, by the name of the kind."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from workbench.config.documents_schema import documents_schema
from workbench.config.kind import Kind
from workbench.config.settings_schema import settings_schema
from workbench.config.tools_schema import tools_schema


def schema_of(kind: Kind, actions: Collection[str]) -> dict[str, Any]:
    """The schema of a file of this kind; `actions` are those of the screen, which settings may give keys to."""
    if kind == "documents":
        return documents_schema()
    return tools_schema() if kind == "tools" else settings_schema(actions)
