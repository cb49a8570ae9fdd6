"""The person behind a tool call: what is asked of them, and who answers when nobody is there.

Owns the questions and the protocol; the screen or a terminal implements it. Refuses to guess: without a
person, approval is denied and an `ask` tool fails with a text that says what to do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Literal, Protocol, TypeVar

from workbench.errors import ToolError

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class ApprovalRequest:
    """May this code run? `what` says in words what would run; `arguments` are the model's, not trusted.

    With scope "file", a yes is for every tool of `file` until its content changes; with "call", for this one.
    """

    call_id: str
    tool: str
    what: str
    scope: Literal["call", "file"]
    file: Path | None = None
    arguments: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class AnswerRequest:
    """Type the result of a call of an `ask` tool."""

    call_id: str
    tool: str
    description: str
    arguments: Mapping[str, Any] = field(default_factory=dict)


class People(Protocol):
    """Whoever decides. Never asked two things at once; may raise ToolError, whose kind and text are kept."""

    async def approve(self, request: ApprovalRequest) -> bool:
        """Whether the person allows what `request` says."""

    async def answer(self, request: AnswerRequest) -> str:
        """The result that the person types, as text."""


class NoPeople:
    """Nobody is there: a command without a terminal."""

    async def approve(self, request: ApprovalRequest) -> bool:
        """Raises ToolError "denied", which says how to allow it."""
        subject = f"the tools of {request.file}" if request.scope == "file" else f'the tool "{request.tool}"'
        raise ToolError("denied", f"nobody is here to approve {subject}; allow it with --yes, or run it at a terminal")

    async def answer(self, request: AnswerRequest) -> str:
        """Raises ToolError "failed": there is nobody to type."""
        raise ToolError("failed", f'the tool "{request.tool}" needs a person to type its result; run it at a terminal')


class AlwaysApprove:
    """For `--yes`: every approval is given; results are still typed by `people`.

    A yes for a file goes to the toolbox's trust store like any other: pair this with an in-memory
    TrustStore if it should count for this run only.
    """

    def __init__(self, people: People) -> None:
        self._people = people

    async def approve(self, request: ApprovalRequest) -> bool:
        """True, whatever is asked."""
        return True

    async def answer(self, request: AnswerRequest) -> str:
        """What `people` type."""
        return await self._people.answer(request)


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
