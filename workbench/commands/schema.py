"""`workbench schema KIND`: the JSON Schema of a kind of configuration file, for editors and other programs."""

from __future__ import annotations

from typing import TextIO

from workbench.config.kind import Kind
from workbench.config.schemas import schema_of
from workbench.printing.standard_output import writing
from workbench.startup.starter_files import as_json
from workbench.ui.actions import BY_ID


def schema(kind: Kind, out: TextIO) -> int:
    """Print the schema on `out`; return the exit code."""
    with writing():
        print(as_json(schema_of(kind, tuple(BY_ID))), end="", file=out)
    return 0
