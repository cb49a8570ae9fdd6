"""Reply: a canned result, for designing a tool before it exists. Refuses values that JSON cannot hold.

It is the same for every call, or chosen by the arguments: `chosen_reply.py` knows that form.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, ClassVar, Self

from workbench.errors import ToolError
from workbench.tools import jsontext
from workbench.tools.runner import ApprovedCall, CallOutcome, Runner, Surroundings, ToolKind, WrittenValue
from workbench.tools.runners.chosen_reply import ChosenReply, form_schema, is_form


@dataclass(frozen=True, slots=True)
class CannedReply(ToolKind):
    """`value` is any JSON value, the result of every call, unless `chosen` has the one for its arguments."""

    value: Any
    chosen: ChosenReply | None = None

    written: ClassVar[str] = "any value"
    meaning: ClassVar[str] = "A canned result, the same for every call or, with `when:`, chosen by its arguments."
    runs_code: ClassVar[bool] = False

    @classmethod
    def read(cls, value: WrittenValue, folder: Path) -> Self | None:
        """The value as it is, `${VAR}` not expanded; None once a problem of the form with `when:` is told."""
        data = value.data()
        if not is_form(data):
            return cls(data)
        chosen = ChosenReply.read(value)
        return None if chosen is None else cls(data, chosen)

    @classmethod
    def schema(cls) -> Mapping[str, Any]:
        """Any value; one with `when:` as the form."""
        return form_schema()

    def names(self) -> frozenset[str]:
        """The arguments that the form names; none of a reply that is the same for every call."""
        return frozenset() if self.chosen is None else self.chosen.names

    def what(self) -> str:
        """Say that a call gives the canned reply; nothing runs."""
        return "gives its canned reply" if self.chosen is None else "gives the canned reply for its arguments"

    @asynccontextmanager
    async def open(self, surroundings: Surroundings) -> AsyncIterator[Runner]:
        """What gives each call a copy of its reply; ToolError "arguments" when there is none for it."""
        yield self._copy

    async def _copy(self, call: ApprovedCall) -> CallOutcome:
        value = self.value if self.chosen is None else self.chosen.reply_to(call.arguments)
        try:
            return CallOutcome(jsontext.plain(value))
        except jsontext.TooLarge as error:
            raise ToolError("too-large", f"its canned reply is too long: {error}") from None
        except jsontext.NotJson as error:
            raise ToolError("failed", f"its canned reply is not a JSON value: {error}") from None
