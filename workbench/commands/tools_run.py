"""`workbench tools run NAME [JSON]`: one call of one tool, without a model: what it would be told is printed.

The call goes the way of every call, the checks, the approval and the limits included. Owns the words of the contract
for how a call fails, and the exit code: 0 for a result, 1 for a call that failed, 2 for one that could not be made, 130
for one that was interrupted.
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from workbench.events import ToolResult
    from workbench.secrets.redactor import Redactor
    from workbench.startup.setup import Plan
    from workbench.tools.runner import Progress, Report

NAME: Final = "run"
STANDARD_INPUT: Final = "-"
MOST_BYTES: Final = 2_000_000  # of arguments on standard input; of what is less, the tool itself says what is too much

NOT_MADE: Final = frozenset({"unknown-tool", "arguments", "untrusted"})
"""How a call fails that was asked for wrongly, or may not be made here: exit code 2."""

IN_CONTRACT: Final[Mapping[str, str]] = {"failed": "raised"}
"""What a failure is called for scripts, where that is another word than within the program."""


def add(actions: Any) -> argparse.ArgumentParser:
    """Add the parser of `tools run`."""
    parser: argparse.ArgumentParser = actions.add_parser(NAME, help="call one, without a model", allow_abbrev=False)
    parser.add_argument("name", metavar="NAME", help="the name of the tool")
    json_help = "its arguments, a JSON object; - reads it from standard input, and without it there are none"
    parser.add_argument("arguments", metavar="JSON", nargs="?", default="", help=json_help)
    parser.add_argument("--json", action="store_true", help="one JSON object: how the call ended, and what it printed")
    return parser


def run(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Call the tool and print how that ended; return the exit code. Raises ConfigurationError for the files."""
    from workbench.printing.standard_output import make_lossless
    from workbench.startup.logs import logging_to
    from workbench.startup.tools_alone import read_tools

    plan = read_tools(arguments, environ)
    text = _typed() if arguments.arguments == STANDARD_INPUT else arguments.arguments
    text = text.encode("utf-8", "replace").decode("utf-8")
    make_lossless(sys.stdout, encoding="utf-8" if arguments.json else None)
    redactor = plan.redactor(environ)
    with logging_to(plan.settings.log, redactor):
        report = _quietly if arguments.json else partial(_tell, redactor)
        result, interrupted = asyncio.run(_called(plan, environ, arguments.name, text, report))
    entry = redactor.value(call_json(result))
    if arguments.json:
        _print_line(entry)
    else:
        _print_plainly(entry)
    return exit_code(result, interrupted=interrupted)


def exit_code(result: ToolResult, *, interrupted: bool) -> int:
    """The exit code of a call that ended so."""
    from workbench.printing.exit_codes import FAILED, INTERRUPTED, USAGE

    if result.error is None:
        return 0
    kind = in_contract(result.error_kind)
    if interrupted or kind == "cancelled":
        return INTERRUPTED
    return USAGE if kind in NOT_MADE else FAILED


def in_contract(kind: str) -> str:
    """How a call failed, in the word that scripts know."""
    return IN_CONTRACT.get(kind, kind)


def call_json(result: ToolResult) -> dict[str, Any]:
    """A call as an object: the result as the model would get it, or the error; arguments that are none, as text."""
    from workbench.tools.result_sizes import for_model

    ended: dict[str, Any] = (
        {"result": for_model(result.result)}
        if result.error is None
        else {"error": result.error, "error_kind": in_contract(result.error_kind)}
    )
    return {
        "name": result.name,
        "arguments": _parsed(result.arguments) if isinstance(result.arguments, str) else result.arguments,
        **ended,
        "seconds": round(result.seconds, 6),
        "output": result.output,
    }


async def _called(
    plan: Plan, environ: Mapping[str, str], name: str, text: str, report: Report
) -> tuple[ToolResult, bool]:
    """How the call ended, and whether a signal ended it; nothing of it runs any more then."""
    from contextlib import aclosing

    from workbench.commands.ask import interruptible
    from workbench.printing.streams import noting
    from workbench.printing.terminal_person import person_at_terminal
    from workbench.startup.tools_alone import toolbox_of

    redactor = plan.redactor(environ)
    toolbox = toolbox_of(plan, person_at_terminal(redactor), environ, noting(redactor))

    async def made() -> ToolResult:
        if name not in (spec.name for spec in toolbox.specs()):
            await toolbox.prepare()  # it may be one of a server's
        return await toolbox.run(call_id=name, name=name, arguments=text, report=report)

    async with aclosing(toolbox):
        call = asyncio.ensure_future(made())
        interrupted = interruptible(call)
        await asyncio.wait([call])
        if call.cancelled():
            return _cancelled(name, text), True
        return call.result(), interrupted()


def _cancelled(name: str, text: str) -> ToolResult:
    from workbench.events import ToolResult

    return ToolResult(id=name, name=name, arguments=_parsed(text), error="cancelled", error_kind="cancelled")


def _parsed(text: str) -> Any:
    """The object that the arguments are, or their text."""
    from workbench.errors import ToolError
    from workbench.tools.call_arguments import parse_arguments

    try:
        return parse_arguments(text)
    except ToolError:
        return text


def _quietly(_: Progress) -> None:
    """How a call goes on is told to nobody where only its end is wanted."""


def _tell(redactor: Redactor, progress: Progress) -> None:
    """Say on standard error how the call goes on; what it prints is said whole at its end."""
    from workbench.printing.streams import say
    from workbench.safe_text import safe_line
    from workbench.tools.runners.endings import PRINTED

    if progress.level == PRINTED:
        return
    share = ""
    if progress.done is not None:
        share = f"{progress.done:g}" + (f" of {progress.total:g}" if progress.total is not None else "")
    said = ": ".join(filter(None, (progress.level, share, redactor.text(progress.text))))
    say(safe_line(f"⧗ {said}"), sys.stderr)


def _typed() -> str:
    """The arguments on standard input, or as much of them as shows that they are too long."""
    from workbench.errors import ConfigurationError, Problem

    try:
        return sys.stdin.buffer.read(MOST_BYTES).decode("utf-8", "replace")
    except OSError as error:
        problem = f"standard input cannot be read: {error.strerror or error}"
        raise ConfigurationError([Problem("JSON", 0, 0, problem, "give the arguments in quotes")]) from error


def _print_line(entry: Mapping[str, Any]) -> None:
    from workbench.printing.json_line import write_line
    from workbench.printing.standard_output import writing

    with writing():
        write_line(sys.stdout, entry)


def _print_plainly(entry: Mapping[str, Any]) -> None:
    """The result on standard output; how long it took, what was printed, and an error on standard error."""
    from workbench.printable_json import printable_json
    from workbench.printing.standard_output import writing
    from workbench.printing.streams import say
    from workbench.safe_text import safe_line, safe_text

    printed, both = entry["output"], sys.stdout.isatty() and sys.stderr.isatty()
    if both and isinstance(entry.get("result"), str) and printed.strip() == entry["result"].strip():
        printed = ""  # of a program whose result is what it printed: once, where both are one screen
    for line in printed.splitlines():
        say(safe_line(line), sys.stderr)
    if "error" in entry:
        say(safe_text(f"workbench: {entry['name']} failed ({entry['error_kind']}): {entry['error']}"), sys.stderr)
        return
    result = entry["result"]
    shown = result if isinstance(result, str) else printable_json(result, indent=2)
    with writing():
        print(safe_text(shown) if sys.stdout.isatty() else shown, flush=True)
    say(safe_line(f"workbench: {entry['name']} took {entry['seconds']:.2f} s"), sys.stderr)
