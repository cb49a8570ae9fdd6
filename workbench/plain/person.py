"""The person at the terminal, for tools that ask and files that want to be trusted: a question in lines, and one line.

Owns that no is what stands without a clear yes. Which line may be an answer at all: `typed.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final, TypeVar

from workbench.errors import ToolError
from workbench.plain.lines import Lines
from workbench.plain.typed import Ended, Interrupted, TypedLines
from workbench.tools.decisions import DENIED, Decision, Offer, read
from workbench.tools.forms import DECLINES, FieldQuestion, described, filled
from workbench.tools.in_words import shortened
from workbench.tools.people import AnswerRequest, ApprovalRequest, FormAnswer, FormRequest

LONGEST_ARGUMENTS: Final = 20_000  # characters
Answer = TypeVar("Answer")


class PlainPerson:
    """Implements `workbench.tools.people.People`; a yes is the word typed out.

    `on_question` may be set later: it gets the id of a call, and whether a question about it is open.
    """

    def __init__(self, lines: Lines, typed: TypedLines) -> None:
        self._lines = lines
        self._typed = typed
        self.on_question: Callable[[str, bool], object] = lambda *_: None

    async def approve(self, request: ApprovalRequest) -> Decision:
        """Say exactly what would run, and what may be answered; Enter denies, and a `no` may say why."""
        where = f" of {request.file}" if request.file else ""
        self._lines.line(f"question: may {request.tool}{where} run? {request.what}")
        for line in shortened(request.details, LONGEST_ARGUMENTS):
            self._lines.line(line)
        first, *others = request.offers
        for offer in others:
            self._lines.line(f"{offer.word}: allow {offer.meaning}")
        asked = f"allow {first.meaning}? type yes to allow, {_words(others)}, Enter or no REASON denies: "
        return await self._answered(request.call_id, asked, partial(_decision, request.offers)) or DENIED

    async def answer(self, request: AnswerRequest) -> str:
        """Ask for the result of a call. Raises ToolError when the line is empty, or none comes."""
        self._lines.line(f"question: what does {request.tool} return? {request.description}".rstrip())
        self._lines.line(f"arguments: {_short(request.arguments)}")
        answer = await self._answered(request.call_id, "type the result in one line, Enter refuses: ", str.strip)
        if not answer:
            raise ToolError("denied", "the person refused to answer")
        return answer

    async def fill(self, request: FormRequest) -> FormAnswer:
        """Ask for a form, a line for each field; `!` declines."""
        return await filled(request, self._ask_for_field)

    async def _ask_for_field(self, asked: FieldQuestion) -> str | None:
        for line in described(asked):
            self._lines.line(f"question: {line}")
        typed = await self._answered(asked.request.call_id, f"type it in one line, {DECLINES} declines: ", str.strip)
        return None if typed == DECLINES else typed

    async def _answered(self, call_id: str, asked: str, read: Callable[[str], Answer | None]) -> Answer | None:
        """What `read` makes of the line that answers, None when none comes.

        A line of which it makes None is the next question of the person, and it is asked again.
        """
        self.on_question(call_id, True)
        try:
            while True:
                line = await self._typed.answer(lambda: self._lines.prompt(asked))
                self._lines.typed()
                if (found := read(line)) is not None:
                    return found
                self._typed.keep(line)
        except (Ended, Interrupted):
            self._lines.end_text()
            return None
        finally:
            self.on_question(call_id, False)


def _decision(offered: Sequence[Offer], line: str) -> Decision | None:
    return read(line, offered) if line.strip() else DENIED


def _words(offered: Sequence[Offer]) -> str:
    return ", ".join(offer.word for offer in offered)


def _short(arguments: Mapping[str, Any]) -> str:
    text = json.dumps(arguments, ensure_ascii=False, default=str)
    hidden = len(text) - LONGEST_ARGUMENTS
    return text if hidden <= 0 else f"{text[:LONGEST_ARGUMENTS]}... ({hidden} more characters)"
