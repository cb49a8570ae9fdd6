"""`workbench ask`: one turn on standard output, as text for people or as JSON lines for scripts.

Standard output carries the answer alone (or the JSON lines); plan, tool calls, citations and sources go to
standard error. Owns interrupting the turn and the exit code.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import select
import signal
import stat
import sys
from collections.abc import Callable, Mapping, Sequence, Set
from contextlib import aclosing, suppress
from dataclasses import dataclass, field, replace
from functools import partial
from typing import TYPE_CHECKING, Protocol

from workbench.conversation import Conversation
from workbench.errors import ChatError, ConfigurationError, Problem
from workbench.printing.answer import Printer
from workbench.printing.exit_codes import INTERRUPTED, WORST_FIRST, exit_code_of
from workbench.printing.json_lines import JsonLines
from workbench.printing.standard_output import make_lossless, writing
from workbench.printing.streams import say
from workbench.printing.terminal_person import TerminalPerson, person_at_terminal
from workbench.safe_text import safe_line, safe_text
from workbench.secrets.redactor import Redactor
from workbench.startup.logs import logging_to
from workbench.startup.setup import Plan, consent_of, load_library, open_conversation, read_plan

if TYPE_CHECKING:
    from workbench.documents.passages import Passage
    from workbench.documents.retrieval import Library

STANDARD_INPUT = "-"
TITLE = "standard input"  # of what is piped in
HINT = "--docs FILE searches a file as large, and </dev/null is no input"
MOST_BYTES = 4 * 1024 * 1024  # of it: several times what a turn takes, and never without an end, as of `yes`
PATIENCE_SECONDS = 3.0  # for the first byte of a pipe: one that a script has handed down may stay open for ever
NOTHING_CAME = (
    f"workbench: nothing came on standard input in {PATIENCE_SECONDS:g} s: asked without it (</dev/null does not wait; "
    "of a slow command, keep the output in a file and read it with <)"
)
# What a terminal, `timeout` and a closed connection send: each ends the turn, and the last line is still written.
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


def ask(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Ask `arguments.prompt` once; return the exit code. Raises ConfigurationError before anything is sent."""
    prompt = _prompt(arguments.prompt)
    plan = read_plan(arguments, environ)
    if arguments.dry_run:  # nothing is asked, so nothing is kept
        plan = replace(plan, record=None, session=False)
    piped = _piped() if arguments.prompt != STANDARD_INPUT else ()
    make_lossless(sys.stdout, encoding="utf-8" if arguments.json else None)
    redactor = plan.redactor(environ)
    with logging_to(plan.settings.log, redactor):
        consent = consent_of(vars(arguments), redactor, environ, plan.further)
        said = partial(_say, redactor)
        library = load_library(plan.sets, consent, said, environ, said)
        if arguments.dry_run:
            return asyncio.run(_dry_run(plan, environ, library, prompt, piped, as_json=arguments.json))
        runs = _Runs(prompt, piped, arguments.repeat, as_json=arguments.json)
        return asyncio.run(_ask(plan, environ, library, runs))


def _say(redactor: Redactor, line: str) -> None:
    say(safe_line(redactor.text(line)), sys.stderr)


def _prompt(given: str) -> str:
    prompt = _typed() if given == STANDARD_INPUT else given
    if not prompt.strip():
        raise ConfigurationError(
            [Problem("PROMPT", 0, 0, "the question is empty", "give it in quotes, or - for stdin")]
        )
    return prompt.encode("utf-8", "replace").decode("utf-8")


def _piped() -> tuple[Passage, ...]:
    """What is piped in beside the question: documents of the turn. Raises ConfigurationError for what cannot be sent.

    What is neither a pipe nor a file, such as a terminal or what a service has for its input, is not read.
    """
    try:
        mode = os.fstat(sys.stdin.fileno()).st_mode
    except (OSError, ValueError, AttributeError):  # there is none
        return ()
    if not (stat.S_ISFIFO(mode) or stat.S_ISREG(mode)):
        return ()
    if not select.select([sys.stdin.fileno()], [], [], PATIENCE_SECONDS)[0]:
        say(NOTHING_CAME, sys.stderr)
        return ()
    text = _typed()
    if not text.strip():
        return ()
    from workbench.documents.attached import attached_text

    found = attached_text(text, TITLE)
    if found.problem:
        raise ConfigurationError([Problem(TITLE, 0, 0, found.problem, HINT)])
    return found.passages


def _typed() -> str:
    """Standard input to its end. Raises ConfigurationError when it cannot be read, as a folder, or is too large."""
    try:
        os.set_blocking(sys.stdin.fileno(), True)  # another program may have left it otherwise
        data = sys.stdin.buffer.read(MOST_BYTES + 1)
    except OSError as error:
        reason = error.strerror or str(error)
        raise ConfigurationError(
            [Problem("PROMPT", 0, 0, f"standard input cannot be read: {reason}", "give the question in quotes")]
        ) from error
    if len(data) > MOST_BYTES:
        raise ConfigurationError([Problem(TITLE, 0, 0, f"has over {MOST_BYTES // 1024**2} MB", HINT)])
    return data.decode("utf-8", "replace")


@dataclass(frozen=True, slots=True)
class _Runs:
    """A question, what is piped in beside it, and how often it is asked, each time from the same state.

    `repeat` is None where it is asked once, and its answer is shown; not so a table.
    """

    prompt: str
    piped: Sequence[Passage]
    repeat: int | None
    as_json: bool = field(kw_only=True)

    def is_over(self, number: int, interrupted: Callable[[], bool], codes: set[int]) -> bool:
        """Whether no run follows that of this number, from 0; one that should have followed adds to the exit codes."""
        if number + 1 < (self.repeat or 1) and interrupted():
            codes.add(INTERRUPTED)
        return INTERRUPTED in codes


async def _ask(plan: Plan, environ: Mapping[str, str], library: Library | None, runs: _Runs) -> int:
    redactor = plan.redactor(environ)
    person, warn = person_at_terminal(redactor), partial(_warn, redactor)
    async with open_conversation(plan, library, person, environ, on_problem=warn) as opened:
        conversation = opened.conversation
        if isinstance(person, TerminalPerson):
            person.on_question = conversation.person_asked
        if runs.repeat is not None:
            with suppress(ChatError):  # which the first run tells
                await opened.client.prepare()  # the first run is as quick as the others
        interrupted = interruptible(conversation)
        if runs.repeat is None or runs.as_json:
            return await _printed(conversation, runs, interrupted)
        return await _in_a_table(conversation, runs, interrupted)


async def _printed(conversation: Conversation, runs: _Runs, interrupted: Callable[[], bool]) -> int:
    """Every run as it goes, until it is `interrupted`; return the exit code."""
    codes: set[int] = set()
    for number in range(runs.repeat or 1):
        if number:
            conversation.forget_last()
        printer = (
            JsonLines(sys.stdout, whole=lambda: conversation.turns[-1])
            if runs.as_json
            else Printer(sys.stdout, sys.stderr)
        )
        async with aclosing(conversation.ask(runs.prompt, runs.piped)) as events:
            async for event in events:
                with writing():
                    printer.event(event)
        turn = conversation.turns[-1]
        with writing():
            printer.finish(turn)
        codes.add(exit_code_of(turn) or int(printer.lost))
        if runs.is_over(number, interrupted, codes):
            break
    return _worst(codes)


async def _in_a_table(conversation: Conversation, runs: _Runs, interrupted: Callable[[], bool]) -> int:
    """A row for each run until it is `interrupted`, and how far they agree; return the exit code."""
    from workbench.printing.repeated import Repeated

    codes: set[int] = set()
    with writing():
        table = Repeated(sys.stdout, sys.stderr)
    for number in range(runs.repeat or 1):
        if number:
            conversation.forget_last()
        async with aclosing(conversation.ask(runs.prompt, runs.piped)) as events:
            async for _ in events:
                pass
        turn = conversation.turns[-1]
        with writing():
            table.add(turn)
        codes.add(exit_code_of(turn))
        if runs.is_over(number, interrupted, codes):
            break
    with writing():
        table.finish()
    return _worst(codes)


def _worst(codes: Set[int]) -> int:
    """The exit code of several runs."""
    return next(code for code in WORST_FIRST if code in codes)


async def _dry_run(
    plan: Plan,
    environ: Mapping[str, str],
    library: Library | None,
    prompt: str,
    piped: Sequence[Passage],
    *,
    as_json: bool,
) -> int:
    """Print the request that would be sent; return the exit code."""
    from workbench.printing.dry_run import print_body, print_lines

    redactor = plan.redactor(environ)
    person, warn = person_at_terminal(redactor), partial(_warn, redactor)
    async with open_conversation(plan, library, person, environ, on_problem=warn) as opened:
        request = await opened.conversation.preview(prompt, piped)
        server = opened.client.description.label
    with writing():
        if as_json:
            print_lines(request, server, sys.stdout)
        else:
            print_body(request, server, sys.stdout, sys.stderr)
    return 0


def _warn(redactor: Redactor, problem: str) -> None:
    say(safe_text(redactor.text(f"workbench: {problem}")), sys.stderr)


class Cancels(Protocol):
    """What a signal cancels."""

    def cancel(self) -> bool:
        """Stop what runs; return whether there was anything."""
        ...


def interruptible(conversation: Cancels) -> Callable[[], bool]:
    """Ctrl+C ends the turn and keeps what came; a second one ends the program. So do the other `STOPPING` signals.

    One that the caller has ignored, as `nohup` does, stays ignored. What is returned tells whether one has come.
    """
    loop, heard = asyncio.get_running_loop(), set[signal.Signals]()

    def interrupt(number: signal.Signals) -> None:
        heard.add(number)
        loop.remove_signal_handler(number)
        conversation.cancel()

    for number in STOPPING:
        if signal.getsignal(number) is not signal.SIG_IGN:
            loop.add_signal_handler(number, interrupt, number)
    return lambda: bool(heard)
