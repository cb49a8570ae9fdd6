"""`workbench ask`: one turn on standard output, as text for people or as JSON lines for scripts.

Standard output carries the answer alone (or the JSON lines); plan, tool calls, citations and sources go to
standard error. Owns interrupting the turn and the exit code.
"""

from __future__ import annotations

import argparse
import asyncio
import os
import signal
import sys
from contextlib import aclosing

from workbench.commands.answer import Printer
from workbench.commands.json_lines import JsonLines
from workbench.commands.person import person_at_terminal
from workbench.commands.setup import Plan, open_conversation, read_plan
from workbench.conversation import Conversation
from workbench.errors import ConfigurationError, Problem

EXIT_CODES = {"complete": 0, "cancelled": 130}


def ask(arguments: argparse.Namespace) -> int:
    """Ask `arguments.prompt` once; return the exit code. Raises ConfigurationError before anything is sent."""
    prompt = _prompt(arguments.prompt)
    plan = read_plan(arguments, os.environ)
    try:
        return asyncio.run(_ask(plan, prompt, as_json=arguments.json))
    except BrokenPipeError:
        # Whoever read standard output has gone: nothing more can be said to them, at exit neither.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1


def _prompt(given: str) -> str:
    prompt = sys.stdin.buffer.read().decode("utf-8", "replace") if given == "-" else given
    if not prompt.strip():
        raise ConfigurationError(
            [Problem("PROMPT", 0, 0, "the question is empty", "give it in quotes, or - for stdin")]
        )
    return prompt.encode("utf-8", "replace").decode("utf-8")


async def _ask(plan: Plan, prompt: str, *, as_json: bool) -> int:
    async with open_conversation(plan, person_at_terminal(), os.environ) as conversation:
        _interruptible(conversation)
        printer = JsonLines(sys.stdout) if as_json else Printer(sys.stdout, sys.stderr)
        async with aclosing(conversation.ask(prompt)) as events:
            async for event in events:
                printer.event(event)
        turn = conversation.turns[-1]
        printer.finish(turn)
        return EXIT_CODES.get(turn.status, 1)


def _interruptible(conversation: Conversation) -> None:
    """Ctrl+C ends the turn and keeps what came; a second one ends the program."""
    loop = asyncio.get_running_loop()

    def interrupt() -> None:
        loop.remove_signal_handler(signal.SIGINT)
        conversation.cancel()

    loop.add_signal_handler(signal.SIGINT, interrupt)
