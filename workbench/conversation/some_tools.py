"""Some of a conversation's tools, for a turn that is asked with those alone."""

from __future__ import annotations

from collections.abc import Mapping, Set
from typing import Any

from workbench.conversation.options import PreparesTools, Tools
from workbench.events import ToolResult
from workbench.tools.runner import Report


class SomeTools:
    """Those of `tools` that are in `names`, all when that is None, and not in `without`; the others are not there."""

    def __init__(self, tools: Tools, names: Set[str] | None, without: Set[str] = frozenset()) -> None:
        self._tools = tools
        self._names = names
        self._without = without

    def _has(self, name: str) -> bool:
        return name not in self._without and (self._names is None or name in self._names)

    def definitions(self) -> list[dict[str, Any]]:
        """The request's `tools`."""
        return [each for each in self._tools.definitions() if self._has(_name(each))]

    async def prepare(self, *, ask: bool = True) -> None:
        """Has them found that are on servers."""
        if isinstance(self._tools, PreparesTools):
            await self._tools.prepare(ask=ask)

    async def run(self, *, call_id: str, name: str, arguments: str, report: Report) -> ToolResult:
        """Carries out one call, if it is of these tools; raises nothing but CancelledError."""
        if self._has(name):
            return await self._tools.run(call_id=call_id, name=name, arguments=arguments, report=report)
        error = f'this turn was asked without a tool "{name}"'
        return ToolResult(id=call_id, name=name, arguments=arguments, error=error, error_kind="unknown-tool")


def _name(definition: Mapping[str, Any]) -> str:
    function = definition.get("function")
    return str(function.get("name", "")) if isinstance(function, Mapping) else ""
