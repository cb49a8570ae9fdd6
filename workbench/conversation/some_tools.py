"""Some of a conversation's tools, for a turn that is asked with those alone."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from workbench.conversation.options import Tools
from workbench.events import ToolResult
from workbench.tools.runner import Report


class SomeTools:
    """Those of `tools` that are named; the others are not there."""

    def __init__(self, tools: Tools, names: Set[str]) -> None:
        self._tools = tools
        self._names = names

    def definitions(self) -> list[dict[str, Any]]:
        """The request's `tools`."""
        return [each for each in self._tools.definitions() if _name(each) in self._names]

    async def run(self, *, call_id: str, name: str, arguments: str, report: Report) -> ToolResult:
        """Carries out one call, if it is of these tools; raises nothing but CancelledError."""
        if name in self._names:
            return await self._tools.run(call_id=call_id, name=name, arguments=arguments, report=report)
        error = f'this turn was asked without a tool "{name}"'
        return ToolResult(id=call_id, name=name, arguments=arguments, error=error, error_kind="unknown-tool")


def _name(definition: Mapping[str, Any]) -> str:
    function = definition.get("function")
    return str(function.get("name", "")) if isinstance(function, Mapping) else ""
