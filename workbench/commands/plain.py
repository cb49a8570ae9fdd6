"""`workbench --plain`: the conversation in lines, at a terminal of any kind or out of a pipe.

Owns what is read and opened before the first question, in the order of `ask`, and what is said before and behind it.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING

from workbench.cohere_client import ChatClient, Description
from workbench.conversation import Conversation
from workbench.errors import ConfigurationError, Problem, WorkbenchError
from workbench.plain.conversing import Conversing
from workbench.plain.lines import Lines
from workbench.plain.person import PlainPerson
from workbench.plain.typed import TypedLines
from workbench.printing.standard_output import refuse_closed
from workbench.secrets.redactor import Redactor
from workbench.startup.crash import crashed
from workbench.startup.logs import logging_to
from workbench.startup.setup import Opened, Plan, consent_of, load_library, open_conversation
from workbench.tools.people import NoPeople
from workbench.ui.tool_choosing import tools_in_short

if TYPE_CHECKING:
    from workbench.documents.retrieval import Library

HANDBOOK_NOTE = "note: these are the pages of Workbench's own handbook: --docs FILE asks yours."
OFFLINE_NOTE = (
    "note: the offline engine extracts sentences from your documents and calls your tools. It is not a language "
    "model. CO_API_KEY asks a Cohere model, --base-url URL a server of your own."
)


def plain(plan: Plan, environ: Mapping[str, str], why: str = "") -> int:
    """Hold a conversation as planned; return the exit code. Raises ConfigurationError before anything is asked.

    `why` says why there is no screen, where the person may have expected one.
    """
    refuse_closed(sys.stdout)
    redactor = plan.redactor(environ)
    lines = Lines(sys.stdout, redactor)
    with logging_to(plan.settings.log, redactor):
        if why:
            lines.line(f"note: {why}")
        sets = plan.sets
        if plan.docs:
            sets = (*sets, *plan.read_docs(environ))
        consent = consent_of({"yes": plan.yes}, redactor, environ, plan.further)
        library = load_library(sets, consent, partial(_note_now, lines), environ, partial(_note_now, lines))
        kept = plan.settings.session if plan.session is None else plan.session
        return asyncio.run(_converse(replace(plan, session=kept), environ, library, lines))


async def _converse(plan: Plan, environ: Mapping[str, str], library: Library | None, lines: Lines) -> int:
    typed = TypedLines(sys.stdin.fileno(), on_cut=partial(_note, lines))
    if not typed.at_terminal and not await typed.has_any():
        hint = "write one a line into it, or run workbench --plain at a terminal"
        raise ConfigurationError([Problem("standard input", 0, 0, "there is no question in it", hint)])
    asks = _seen(lines, plan.redactor(environ)) if typed.at_terminal else None
    person = PlainPerson(asks, typed) if asks is not None else NoPeople()
    problem = partial(_note, lines)
    warming: asyncio.Task[None] | None = None
    async with open_conversation(plan, library, person, environ, on_problem=problem) as opened:
        conversation = opened.conversation
        if isinstance(person, PlainPerson):
            person.on_question = conversation.person_asked
        client = opened.client.description
        answerer = client.label if client.kind == "offline" else None
        conversing = Conversing(
            conversation,
            typed,
            lines,
            lambda error: crashed(error, conversation.redactor, environ),
            opened.settings,
            asks=asks,
            answerer=answerer,
        )
        for turn in conversation.turns:
            conversing.show(turn)
        suggesting = library if typed.at_terminal else None
        _introduce(lines, conversation, client, suggesting, on_handbook=plan.on_handbook)
        if typed.at_terminal:
            lines.line("/help lists the commands; Ctrl+D in an empty line ends the conversation.")
            warming = asyncio.create_task(_warm(opened.client))
        try:
            code = await conversing.run()
        finally:
            typed.close()
            if warming is not None:
                warming.cancel()
        _part(lines, opened, plan, environ)
        return code


def _seen(lines: Lines, redactor: Redactor) -> Lines | None:
    """Where a person at the terminal sees what is asked: `lines`, or standard error while those go elsewhere."""
    if sys.stdout.isatty():
        return lines
    return Lines(sys.stderr, redactor) if sys.stderr.isatty() else None


async def _warm(client: ChatClient) -> None:
    """Load what the first answer needs while a person reads and types; what is wrong with it is told by the turn."""
    with contextlib.suppress(WorkbenchError):
        await client.prepare()


def _introduce(
    lines: Lines, conversation: Conversation, client: Description, suggesting: Library | None, *, on_handbook: bool
) -> None:
    """Say what answers, from what, and what one may ask of the documents that are `suggesting` it."""
    library = conversation.library
    words = [conversation.options.model] if client.kind != "offline" else []
    words.append(client.label)
    if library is not None:
        words.append(library.describe())
    if tools := tools_in_short(conversation):
        words.append(tools)
    lines.line(f"Workbench: {', '.join(words)}")
    if on_handbook:
        lines.line(HANDBOOK_NOTE)
    if client.kind == "offline":
        lines.line(OFFLINE_NOTE)
    for question in suggesting.suggestions() if suggesting is not None and not conversation.turns else ():
        lines.line(f"you may ask: {question}")


def _part(lines: Lines, opened: Opened, plan: Plan, environ: Mapping[str, str]) -> None:
    """Say what goes on with the conversation, when it is kept."""
    keeping, conversation = opened.keeping, opened.conversation
    if keeping is None or keeping.session is None or not conversation.turns:
        return
    from workbench.startup.parting import resuming

    lines.line(f"note: to go on: {resuming(keeping.session, plan, conversation.options.model, environ)} --plain")


def _note_now(lines: Lines, text: str) -> None:
    lines.line(f"note: {text}")


def _note(lines: Lines, problem: str) -> None:
    lines.later(f"note: {problem}")
