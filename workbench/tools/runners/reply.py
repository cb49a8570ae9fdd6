"""Reply: a canned result, for designing a tool before it exists. Refuses values that JSON cannot hold."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from workbench.errors import ToolError
from workbench.tools import jsontext
from workbench.tools.runner import ApprovedCall, CallOutcome, Runner, Surroundings, ToolKind, WrittenValue


@dataclass(frozen=True, slots=True)
class CannedReply(ToolKind):
    """Every call has the same result. `value` is any JSON value."""

    value: Any

    written: ClassVar[str] = "any value"
    meaning: ClassVar[str] = "A canned result, the same for every call."
    runs_code: ClassVar[bool] = False

    @classmethod
    def read(cls, value: WrittenValue, folder: Path) -> Self:
        """The value as it is, `${VAR}` not expanded."""
        return cls(value.data())

    def what(self) -> str:
        """Say that a call gives the canned reply; nothing runs."""
        return "gives its canned reply"

    @asynccontextmanager
    async def open(self, surroundings: Surroundings) -> AsyncIterator[Runner]:
        """What gives each call a copy of the reply; ToolError for a reply that JSON cannot hold."""
        yield self._copy

    async def _copy(self, call: ApprovedCall) -> CallOutcome:
        try:
            return CallOutcome(jsontext.plain(self.value))
        except jsontext.NotJson as error:
            raise ToolError("failed", f"its canned reply is not a JSON value: {error}") from None
