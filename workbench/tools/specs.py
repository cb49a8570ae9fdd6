"""A tool as configured: what the model sees of it, how it runs, and what a call of it needs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

from workbench.tools.runner import ToolKind

Approval = Literal["ask", "always", "never"]


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One tool. `parameters` is a JSON Schema of type object. `timeout` is in seconds.

    `approve` None means: what is harmless needs no approval, code needs it until its file is trusted.
    `file` is the tools file, free of links, whose trust is what a person is asked for, and `digest` the SHA-256 of what
    it held when the tool was read; None for a tool made in code, which is trusted by what its file holds at the call.
    """

    name: str
    description: str
    run: ToolKind
    parameters: Mapping[str, Any] = field(default_factory=lambda: {"type": "object", "properties": {}})
    approve: Approval | None = None
    timeout: float = 30.0
    file: Path | None = None
    digest: str | None = field(default=None, compare=False)

    def as_tool(self) -> dict[str, Any]:
        """The tool in the shape of a request's `tools` list."""
        return {
            "type": "function",
            "function": {
                "name": self.name,
                "description": self.description,
                "parameters": dict(self.parameters),
            },
        }
