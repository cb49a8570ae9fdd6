"""The person at a terminal, for tools that ask: may this code run, and what is the result."""

from __future__ import annotations

import asyncio
import json
import os
import sys
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

from workbench.errors import ToolError
from workbench.safe_text import safe_line
from workbench.secrets.redactor import Redactor
from workbench.terminal_input import forget_typed, is_followed
from workbench.tools.decisions import DENIED, Decision, read
from workbench.tools.forms import DECLINES, FieldQuestion, described, filled
from workbench.tools.in_words import shortened
from workbench.tools.people import AnswerRequest, ApprovalRequest, FormAnswer, FormRequest, NoPeople, People

TERMINAL = Path("/dev/tty")
LONGEST = 500  # characters of arguments that are shown
LONGEST_ANSWER = 40  # characters of what was typed and decides nothing
LONGEST_SHOWN = 20_000  # characters of what would run that are shown
DEAF_SECONDS = 0.5
"""So long after a question is shown, what is typed may have been meant for something else."""


def person_at_terminal(redactor: Redactor) -> People:
    """Whoever sits at the terminal, if standard input and standard error are one; else nobody."""
    return TerminalPerson(redactor) if sys.stdin.isatty() and sys.stderr.isatty() else NoPeople()


class TerminalPerson:
    """Asks on the terminal itself, so that redirected streams stay clean; no question shows a key.

    `on_question` may be set later: it gets the id of a call, and whether a question about it is open.
    """

    def __init__(self, redactor: Redactor, on_question: Callable[[str, bool], object] = lambda *_: None) -> None:
        self._redactor = redactor
        self.on_question = on_question

    async def approve(self, request: ApprovalRequest) -> Decision:
        """Show exactly what would run; only what is offered, typed out behind that, allows it.

        Enter alone and the end of the input deny; what is no answer is asked for again.
        """
        where = f" of {request.file}" if request.file else ""
        first, *others = request.offers
        lines = [
            *_wrapped(f"{request.tool}{where} wants to run: {request.what}"),
            *shortened(request.details, LONGEST_SHOWN),
            *(f"{offer.word}: allow {offer.meaning}" for offer in others),
        ]
        words = ", ".join(offer.word for offer in others)
        asked = f"allow {first.meaning}? type yes to allow, {words}, or no REASON: "
        question = "\n".join(lines)
        while answer := (await self._ask(request.call_id, question, asked, pasted=False)).strip():
            if (decision := read(answer, request.offers)) is not None:
                return decision
            question = f"{answer[:LONGEST_ANSWER]} is no answer to that"
        return DENIED

    async def answer(self, request: AnswerRequest) -> str:
        """The line that is typed as the tool's result."""
        return await self._ask(request.call_id, f"{request.tool} {_short(request.arguments)}", "type its result: ")

    async def fill(self, request: FormRequest) -> FormAnswer:
        """Ask for a form, a line for each field; `!` declines."""
        return await filled(request, self._ask_for_field)

    async def _ask_for_field(self, asked: FieldQuestion) -> str | None:
        lines = "\n".join(described(asked))
        typed = await self._ask(asked.request.call_id, lines, f"type it, {DECLINES} declines: ", pasted=False)
        return None if typed.strip() == DECLINES else typed

    async def _ask(self, call_id: str, question: str, asked: str, *, pasted: bool = True) -> str:
        """The line that answers; of a paste with more behind it only when `pasted`, else ""."""
        self.on_question(call_id, True)
        try:
            return await _ask(self._redactor.text(question), asked, pasted=pasted)
        finally:
            self.on_question(call_id, False)


async def _ask(question: str, asked: str, *, pasted: bool) -> str:
    """Put the question to the controlling terminal; return the line typed. Cancelling leaves nothing behind.

    What is typed until `DEAF_SECONDS` behind the question is no answer: only then `asked` is shown.
    """
    try:
        terminal = os.open(TERMINAL, os.O_RDWR | os.O_NOCTTY)
    except OSError as error:
        raise ToolError("denied", f"nobody can be asked: {error}") from error
    loop = asyncio.get_running_loop()
    typed: asyncio.Future[bytes] = loop.create_future()
    try:
        shown = "\n".join(safe_line(line) for line in question.split("\n"))
        os.write(terminal, f"\n{shown}\n".encode("utf-8", "replace"))
        await asyncio.sleep(DEAF_SECONDS)
        forget_typed(terminal)
        os.write(terminal, safe_line(asked).encode("utf-8", "replace"))
        loop.add_reader(terminal, _read_line, terminal, typed)
        line = await typed
        loop.remove_reader(terminal)
        if not pasted and await loop.run_in_executor(None, is_followed, terminal):
            line = b""
    finally:
        loop.remove_reader(terminal)
        os.close(terminal)
    return line.decode("utf-8", "replace").rstrip("\r\n")


def _read_line(terminal: int, typed: asyncio.Future[bytes]) -> None:
    """The terminal gives whole lines: one read is one answer."""
    if not typed.done():
        typed.set_result(os.read(terminal, 65536))


def _wrapped(text: str) -> list[str]:
    """The text in lines that end between words where the terminal's do, as far as that is known."""
    try:
        columns = os.get_terminal_size(sys.stdin.fileno()).columns
    except (OSError, ValueError):
        return [text]
    return textwrap.wrap(text, columns, break_long_words=False, break_on_hyphens=False) if columns else [text]


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False, default=str)
    return text if len(text) <= LONGEST else f"{text[:LONGEST]}… ({len(text) - LONGEST} more)"
