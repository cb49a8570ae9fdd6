"""Ask: a person types the result, which is JSON when it parses as JSON, else text. Refuses over a megabyte."""

from __future__ import annotations

from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import Any, ClassVar, Self

from workbench.errors import ToolError
from workbench.tools import jsontext
from workbench.tools.people import AnswerRequest, People, put
from workbench.tools.runner import SWITCH, ApprovedCall, CallOutcome, Runner, Surroundings, ToolKind, WrittenValue


@dataclass(frozen=True, slots=True)
class Ask(ToolKind):
    """A person types the result; the tool's timeout is not for people."""

    written: ClassVar[str] = SWITCH
    meaning: ClassVar[str] = "You type the result of every call."
    runs_code: ClassVar[bool] = False
    asks_person: ClassVar[bool] = True

    @classmethod
    def read(cls, value: WrittenValue, folder: Path) -> Self | None:
        """The tool's configuration, when the key is true; None once a problem is told."""
        return cls() if value.switched_on() else None

    @classmethod
    def schema(cls) -> Mapping[str, Any]:
        """True, and nothing else."""
        return {"const": True}

    def what(self) -> str:
        """Say that a person types the result."""
        return "asks you to type the result"

    @asynccontextmanager
    async def open(self, surroundings: Surroundings) -> AsyncIterator[Runner]:
        """What puts each call to `surroundings.people`. A call raises ToolError when it is not answered."""
        yield partial(_typed, surroundings.people)


async def _typed(people: People, call: ApprovedCall) -> CallOutcome:
    text = await put(people.answer(AnswerRequest(call.id, call.tool, call.description, call.arguments)))
    try:
        jsontext.check_size(text)
    except jsontext.NotJson as error:
        raise ToolError("too-large", f"the typed result is too long: {error}") from None
    return CallOutcome(_value(text))


def _value(text: str) -> Any:
    try:
        return jsontext.parse(text)
    except jsontext.NotJson:
        return text
