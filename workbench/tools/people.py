"""The person behind a tool call: what is asked of them, and who answers when nobody is there.

Owns the questions and the protocol; the screen or a terminal implements it. Refuses to guess: without a
person, nothing is approved or trusted, and an `ask` tool is denied, with a text that says what to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, Literal, Protocol, TypeVar, runtime_checkable

from workbench.errors import ToolError
from workbench.tools.decisions import Decision, Offer, offers
from workbench.tools.in_words import argument_lines

T = TypeVar("T")

_REMEDY: Final = "allow it with --yes, or run it at a terminal"


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """May this code run? `what` says in words what would run; `arguments` are the model's, not trusted.

    With scope "file", a yes is for every tool of `file` until its content changes; with "call", for this one.
    `lines` are the rest of what exactly would run, as its kind says it; None for the arguments as they are. `code` is
    whether it runs code; it may be asked for although it is harmless.
    """

    call_id: str
    tool: str
    what: str
    scope: Literal["call", "file"]
    file: Path | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)
    lines: tuple[str, ...] | None = None
    code: bool = True

    @property
    def offers(self) -> tuple[Offer, ...]:
        """What may be answered, what it is about first."""
        return offers(self.scope, of_file=self.file is not None, code=self.code)

    @property
    def details(self) -> tuple[str, ...]:
        """What stands below `what`, in lines: text from outside, that may be long."""
        return argument_lines(self.arguments) if self.lines is None else self.lines


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """Type the result of a call of an `ask` tool."""

    call_id: str
    tool: str
    description: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class FormRequest:
    """Fill in a form while a call runs. `asker` names who wants it, `message` says what for: both are not trusted.

    `schema` is a JSON Schema of an object whose properties are not objects. `call_id` is "" where no call is known.
    """

    call_id: str
    asker: str
    message: str
    schema: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class FormAnswer:
    """What the person did with a form: `values` satisfy its schema when it was accepted; else there are none."""

    action: Literal["accept", "decline", "cancel"]
    values: Mapping[str, Any] = field(default_factory=dict)


class People(Protocol):
    """Whoever decides. Never asked two things at once; may raise ToolError, whose kind and text are kept."""

    async def approve(self, request: ApprovalRequest) -> Decision:
        """How far the person allows what `request` says: one of its offers, or a no."""

    async def answer(self, request: AnswerRequest) -> str:
        """The result that the person types, as text."""


@runtime_checkable
class FillsForms(Protocol):
    """People who can be asked to fill in a form. For those who cannot, each is declined."""

    async def fill(self, request: FormRequest) -> FormAnswer:
        """The form as the person filled it in, or declined to."""


class NoPeople:
    """Nobody is there: a command without a terminal."""

    async def approve(self, request: ApprovalRequest) -> Decision:
        """Raises ToolError, which says how to allow it: "untrusted" for a file, "denied" for a call."""
        if request.scope == "file":
            raise ToolError("untrusted", f"nobody is here to trust the tools of {request.file}; {_REMEDY}")
        raise ToolError("denied", f'nobody is here to approve the tool "{request.tool}"; {_REMEDY}')

    async def answer(self, request: AnswerRequest) -> str:
        """Raises ToolError "denied": there is nobody to type."""
        raise ToolError("denied", f'the tool "{request.tool}" needs a person to type its result; run it at a terminal')


class AlwaysApprove:
    """For `--yes`: every approval is given; results are still typed by `people`.

    A yes for a file goes to the toolbox's trust store like any other: pair this with an in-memory
    TrustStore if it should count for this run only.
    """

    def __init__(self, people: People) -> None:
        self._people = people

    async def approve(self, request: ApprovalRequest) -> Decision:
        """What is asked for, whatever that is."""
        return Decision(request.offers[0].scope)

    async def answer(self, request: AnswerRequest) -> str:
        """What `people` type."""
        return await self._people.answer(request)

    async def fill(self, request: FormRequest) -> FormAnswer:
        """What `people` fill in."""
        return await fill(self._people, request)


async def fill(people: People, request: FormRequest) -> FormAnswer:
    """The form as `people` fill it in; declined where they cannot."""
    return await people.fill(request) if isinstance(people, FillsForms) else FormAnswer("decline")


async def put(question: Awaitable[T]) -> T:
    """Waits for a person. Raises ToolError "cancelled" when the question was closed without an answer.

    A closed dialog cancels what we wait for, which looks like our own cancellation but must not end the turn.
    """
    try:
        return await question
    except asyncio.CancelledError:
        task = asyncio.current_task()
        if task is None or task.cancelling():
            raise
        raise ToolError("cancelled", "the question was closed without an answer") from None
