"""The values of this room: a tool as configured, and how it runs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal

Approval = Literal["ask", "always", "never"]


@dataclass(frozen=True, slots=True)
class CannedReply:
    """A canned result, for designing a tool before it exists. `value` is any JSON value."""

    value: Any


@dataclass(frozen=True, slots=True)
class Ask:
    """A person types the result."""


@dataclass(frozen=True, slots=True)
class Python:
    """`module:function`, run in a child process. `base` (the tools file's real folder) is importable there."""

    target: str
    base: Path


Run = CannedReply | Ask | Python


@dataclass(frozen=True, slots=True)
class ToolSpec:
    """One tool. `parameters` is a JSON Schema of type object. `timeout` is in seconds.

    `approve` None means: canned and typed results need no approval, code needs it until its file is trusted.
    `file` is the tools file, free of links, whose trust is what a person is asked for, and `digest` the SHA-256 of what
    it held when the tool was read; None for a tool made in code, which is trusted by what its file holds at the call.
    """

    name: str
    description: str
    run: Run
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
