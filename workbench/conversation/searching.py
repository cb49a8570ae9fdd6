"""The tools of a turn with one more: the search of its document sets that the model searches itself.

Owns what that tool is called beside others, and that it is switched off by that name. Calls of it are run as those of
any tool, and nobody is asked about them.
"""

from __future__ import annotations

import asyncio
from collections.abc import Set
from dataclasses import replace
from functools import cached_property
from typing import TYPE_CHECKING, Any, Protocol, runtime_checkable

from workbench.conversation.options import Documents, PreparesTools, Tools
from workbench.documents import search_tool
from workbench.errors import WorkbenchError
from workbench.tools.runner import Report

if TYPE_CHECKING:
    from workbench.documents.retrieval import Library
    from workbench.events import ToolResult
    from workbench.tools.specs import ToolSpec
    from workbench.tools.toolbox import Toolbox


@runtime_checkable
class SearchedByTool(Protocol):
    """Documents of which some may be left to the model to search."""

    def of_tool(self) -> Library | None:
        """The sets that the model searches itself, None where there are none."""
        ...


def with_search(
    tools: Tools | None, library: Documents | None, every: Tools | None, without: Set[str] = frozenset()
) -> Tools | None:
    """`tools`, with a search of those sets of `library` that the model searches itself, where there are some, and where
    its name is not in `without`. It is called otherwise where one of `every` tool of the conversation has its name."""
    searched = library.of_tool() if isinstance(library, SearchedByTool) else None
    if searched is None or (without and _free_name(every) in without):
        return tools
    return _WithSearch(tools, searched, every)


def search_of(tools: Tools | None, library: Documents | None) -> ToolSpec | None:
    """The search that stands beside `tools`, as a list of tools has it; None where there is none. No document is looked
    at for it: what fields they have is not among its parameters."""
    searched = library.of_tool() if isinstance(library, SearchedByTool) else None
    if searched is None:
        return None
    from workbench.tools.runners.documents import tool_of

    return tool_of(searched, _free_name(tools), with_fields=False)


class _WithSearch:
    """Tools, and the search of a library behind them, called as `every` tool of the conversation leaves it."""

    def __init__(self, tools: Tools | None, library: Library, every: Tools | None) -> None:
        self._tools = tools
        self._library = library
        self._every = every

    def definitions(self) -> list[dict[str, Any]]:
        """The request's `tools`."""
        [own] = self._search.definitions()
        named = {**own, "function": {**own["function"], "name": _free_name(self._every)}}
        return [*([] if self._tools is None else self._tools.definitions()), named]

    async def prepare(self, *, ask: bool = True) -> None:
        """Has those found that are on servers, and what the search says of the documents read in a thread."""
        if isinstance(self._tools, PreparesTools):
            await self._tools.prepare(ask=ask)
        await asyncio.to_thread(lambda: self._search)

    async def run(self, *, call_id: str, name: str, arguments: str, report: Report) -> ToolResult:
        """Carries out one call; raises nothing but CancelledError."""
        if self._tools is not None and name != _free_name(self._every):
            return await self._tools.run(call_id=call_id, name=name, arguments=arguments, report=report)
        own = search_tool.NAME if name == search_tool.OTHER_NAME else name
        try:
            search = await asyncio.to_thread(lambda: self._search)
        except WorkbenchError as error:
            from workbench.events import ToolResult  # a screen asks here whether there is a search, before any turn

            return ToolResult(id=call_id, name=name, arguments=arguments, error=str(error), error_kind="failed")
        result = await search.run(call_id=call_id, name=own, arguments=arguments, report=report)
        return replace(result, name=name, of_documents=search_tool.is_found(result.result))

    @cached_property
    def _search(self) -> Toolbox:
        from workbench.tools.people import NoPeople
        from workbench.tools.runners.documents import tool_of
        from workbench.tools.toolbox import Toolbox
        from workbench.tools.trust import TrustStore

        tool = tool_of(self._library, search_tool.NAME)
        return Toolbox([tool], people=NoPeople(), trust=TrustStore(), environ={})


def _free_name(every: Tools | None) -> str:
    others = [] if every is None else every.definitions()
    names = {str(function.get("name")) for each in others if isinstance(function := each.get("function"), dict)}
    return search_tool.OTHER_NAME if search_tool.NAME in names else search_tool.NAME
