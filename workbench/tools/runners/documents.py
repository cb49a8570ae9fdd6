"""Documents: a tool that searches what is loaded. No tools file can name it: sets that are retrieved by it bring it."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from contextlib import AbstractAsyncContextManager, nullcontext
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from workbench.documents import search_tool
from workbench.documents.retrieval import Library
from workbench.tools.runner import ApprovedCall, CallOutcome, Runner, Surroundings, ToolKind, WrittenValue
from workbench.tools.specs import ToolSpec


@dataclass(frozen=True, slots=True)
class SearchDocuments(ToolKind):
    """Searches the sets of `library`."""

    library: Library

    written: ClassVar[str] = "nothing: it is not written in a file"
    meaning: ClassVar[str] = "Searches the documents that are loaded."
    runs_code: ClassVar[bool] = False

    @classmethod
    def read(cls, value: WrittenValue, folder: Path) -> Self | None:
        """Refuse it: what it searches is not in a tools file."""
        value.problem("a tools file cannot bring a search of documents", "write `retrieval: tool` in a documents file")
        return None

    def what(self) -> str:
        """Say that a call reads documents that are loaded."""
        return "searches the documents that are loaded"

    def open(self, surroundings: Surroundings) -> AbstractAsyncContextManager[Runner]:
        """What searches, in a thread."""
        return nullcontext(self._search)

    async def _search(self, call: ApprovedCall) -> CallOutcome:
        return CallOutcome(await asyncio.to_thread(search_tool.search, self.library, call.arguments))


def tool_of(library: Library, name: str, *, with_fields: bool = True) -> ToolSpec:
    """The tool that searches `library`, called `name`; `with_fields` is as of `search_tool.parameters`."""
    parameters: Mapping[str, Any] = search_tool.parameters(library, with_fields=with_fields)
    return ToolSpec(name, search_tool.description(library), SearchDocuments(library), parameters)
