"""The person at the screen: what tools want to know becomes questions over the prompt, one at a time."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Protocol

from textual.content import Content

from workbench.errors import ToolError
from workbench.safe_text import safe_line, safe_text
from workbench.tools.decisions import DENIED, NO, Decision, read
from workbench.tools.in_words import ON_ONE_LINE, shortened
from workbench.tools.people import AnswerRequest, ApprovalRequest, FormAnswer, FormRequest
from workbench.ui.widgets.question_dock import Question

if TYPE_CHECKING:
    from workbench.ui.forms.asked_form import AskedForm

LONGEST_ARGUMENTS = 20_000  # characters


class PutsQuestions(Protocol):
    """Where a question is put: the stage. `asks_one_thing` is held by whoever puts one."""

    asks_one_thing: asyncio.Lock

    async def put_question(self, question: Question) -> str | None:
        """What was answered; None when that was refused."""

    async def fill_in(self, form: AskedForm) -> None:
        """Show a form; returns once it is answered or put aside."""

    def masked(self, text: str) -> str:
        """A text without the API keys in it."""


class ScreenPerson:
    """Implements `workbench.tools.people.People` for the app. Approval needs a word that is offered, typed out.

    `on_question` gets the id of a call, and whether a question about it is open, whenever that changes.
    """

    def __init__(self, stage: PutsQuestions, on_question: Callable[[str, bool], object]) -> None:
        self._stage = stage
        self._on_question = on_question

    async def approve(self, request: ApprovalRequest) -> Decision:
        """Ask whether what the request says may run, and how far; what is no answer to that is a no."""
        exactly = "\n".join(map(safe_line, shortened(request.details, LONGEST_ARGUMENTS)))
        text = Content.assemble(
            (safe_line(request.what), "bold"),
            f"\nfile: {safe_line(str(request.file))}" if request.file is not None else "",
            f"\n{exactly}" if exactly else "",
        )
        title = f"May {safe_line(request.tool)} run?"
        question = Question(title, text, "type yes to allow", "denies", offers=request.offers)
        answer = await self._put(request.call_id, question)
        return DENIED if answer is None else read(answer, request.offers) or DENIED

    async def answer(self, request: AnswerRequest) -> str:
        """Ask for a tool's result. Raises ToolError when the person refuses."""
        text = Content.assemble(f"{safe_text(request.description)}\n", "arguments: ", _arguments(request.arguments))
        title = f"What does {safe_line(request.tool)} return?"
        question = Question(title, text, "type the result", "refuses", wants="text")
        answer = await self._put(request.call_id, question)
        if answer is None:
            raise ToolError("denied", "the person at the screen refused to answer")
        return answer

    async def fill(self, request: FormRequest) -> FormAnswer:
        """Ask for a form: first whether it is to be opened, then the form, as often as it is put aside."""
        from workbench.ui.forms.asked_form import AskedForm  # only when a server asks

        form = AskedForm(request, self._stage.masked)
        title = f"{safe_line(self._stage.masked(request.asker))} has a form for you"
        text = Content(safe_text(self._stage.masked(request.message)))
        question = Question(title, text, "opens the form", "declines", wants="going")
        async with self._asking(request.call_id):
            while form.answer is None:
                answer = await self._stage.put_question(question)
                if answer is None:
                    return FormAnswer("cancel")
                if answer == NO:
                    return FormAnswer("decline")
                await self._stage.fill_in(form)
            return form.answer

    async def _put(self, call_id: str, question: Question) -> str | None:
        async with self._asking(call_id):
            return await self._stage.put_question(question)

    @asynccontextmanager
    async def _asking(self, call_id: str) -> AsyncIterator[None]:
        """Within, the person is asked about this call, and about no other."""
        async with self._stage.asks_one_thing:
            self._on_question(call_id, True)
            try:
                yield
            finally:
                self._on_question(call_id, False)


ENDS: Final = "ends the program"
"""What a refusal does at the start."""


async def ask_trust(stage: PutsQuestions, file: Path, wishes: Sequence[str], refusing: str = ENDS) -> bool:
    """Ask whether a file may have what it asks for; anything but `yes` is a no, which does what `refusing` says."""
    text = Content.assemble(
        f"A yes is for this file, until it changes:\n  {safe_line(str(file))}\n",
        *((f"- {safe_line(wish)}\n", "bold") for wish in wishes),
    )
    title = f"Do you trust {safe_line(file.name)}?"
    async with stage.asks_one_thing:
        return await stage.put_question(Question(title, text, "type yes to trust it", refusing)) is not None


def _arguments(arguments: Mapping[str, Any]) -> str:
    brief = json.dumps(arguments, ensure_ascii=False, default=str)
    text = safe_text(
        brief if len(brief) <= ON_ONE_LINE else json.dumps(arguments, ensure_ascii=False, indent=2, default=str)
    )
    hidden = len(text) - LONGEST_ARGUMENTS
    return text if hidden <= 0 else f"{text[:LONGEST_ARGUMENTS]}… ({hidden} more characters)"
