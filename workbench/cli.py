"""The command line: argv -> a command. Owns the flags and the exit codes; does no work of its own.

Exit codes: 0 complete, 1 the turn failed or is incomplete, 2 usage or configuration, 130 interrupted.
"""

from __future__ import annotations

import argparse
import math
import os
import sys
from collections.abc import Sequence
from pathlib import Path

from workbench import __version__
from workbench.errors import ConfigurationError, WorkbenchError
from workbench.ui.text import safe_text

USAGE_ERROR = 2
INTERRUPTED = 130

DESCRIPTION = "A terminal workbench for Cohere's v2 chat API: watch the stream, the tool calls and the sources."
EPILOG = "With no key and no --base-url, the embedded offline engine answers from your documents."


def run(argv: Sequence[str]) -> int:
    """Run the command that `argv` asks for; return its exit code. Errors made on purpose become one clear text."""
    arguments = parser().parse_args(argv)
    try:
        return _dispatch(arguments)
    except ConfigurationError as error:
        for problem in error.problems:
            print(safe_text(str(problem)), file=sys.stderr)
        return USAGE_ERROR
    except WorkbenchError as error:
        print(safe_text(f"workbench: {error}"), file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return INTERRUPTED


def _dispatch(arguments: argparse.Namespace) -> int:
    match arguments.command:
        case "check":
            from workbench.commands.check import check

            return check(arguments.files, os.environ, sys.stdout, sys.stderr)
        case "ask":
            from workbench.commands.ask import ask

            return ask(arguments)
        case _:
            from workbench.commands.app import app

            return app(arguments)


def parser() -> argparse.ArgumentParser:
    """The whole command line. A flag that was not given is absent from the result, so that settings can fill it."""
    options = _options()
    top = argparse.ArgumentParser(
        prog="workbench", description=DESCRIPTION, epilog=EPILOG, parents=[options], allow_abbrev=False
    )
    top.add_argument("--version", action="version", version=f"workbench {__version__}")
    top.set_defaults(command="app")
    commands = top.add_subparsers(title="commands", metavar="COMMAND")

    ask = commands.add_parser(
        "ask", help="one turn on standard output", parents=[options], allow_abbrev=False, epilog=EPILOG
    )
    ask.add_argument("prompt", metavar="PROMPT", help="the question; - reads it from standard input")
    ask.add_argument("--json", action="store_true", help="every event as a JSON line, the summary last")
    ask.set_defaults(command="ask")

    check = commands.add_parser("check", help="validate configuration files", allow_abbrev=False)
    check.add_argument("files", metavar="FILE", nargs="+", type=Path)
    check.set_defaults(command="check")
    return top


def _options() -> argparse.ArgumentParser:
    """The flags that the app and `ask` share."""
    options = argparse.ArgumentParser(add_help=False, argument_default=argparse.SUPPRESS, allow_abbrev=False)
    add = options.add_argument_group("options").add_argument
    add("--docs", metavar="FILE", action="append", type=Path, help="a documents file; may be given again")
    add("--tools", metavar="FILE", action="append", type=Path, help="a tools file; may be given again")
    add("--config", metavar="FILE", type=Path, help="a settings file, in place of the one in your home")
    add("--model", metavar="NAME", help="the model to ask")
    add("--system", metavar="TEXT", help="a system message")
    add("--offline", action="store_true", help="use the embedded engine even if a key is set")
    add("--base-url", metavar="URL", help="where the API is, without /v2 (else CO_API_URL)")
    add("--api-key-env", metavar="NAME", help="the variable that holds the key (else CO_API_KEY, COHERE_API_KEY)")
    add("--timeout", metavar="SECONDS", type=_seconds, help="give up when no byte came for so long")
    add("--max-time", metavar="SECONDS", type=_seconds, help="give up when the whole turn took so long")
    add("--max-steps", metavar="N", type=_steps, help="the most requests that one turn may take")
    add("--record", metavar="FILE", type=Path, help="write a recording of every request and its stream")
    add("--theme", metavar="NAME", help="the colours of the screen")
    add("--yes", action="store_true", help="approve tools that run code without asking")
    return options


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (0 < value < math.inf):
        raise argparse.ArgumentTypeError(f"expected seconds above 0, got {text!r}")
    return value


def _steps(text: str) -> int:
    try:
        value = int(text)
    except ValueError:
        value = 0
    if value < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return value
