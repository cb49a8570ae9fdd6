"""The command line: argv -> a command. Owns the flags and the exit codes; does no work of its own.

Exit codes: 0 complete, 1 the turn failed or is incomplete, or output is lost, 2 usage, configuration or environment,
3 ended by a limit, 130 interrupted.
"""

from __future__ import annotations

import argparse
import difflib
import math
import os
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from workbench import __version__
from workbench.config.settings_model import MOST_RETRIES
from workbench.errors import ConfigurationError, OutputError, RecordingError, WorkbenchError
from workbench.paths import reason_of
from workbench.printing.standard_output import refuse_closed, writing
from workbench.printing.streams import open_streams, say, settle, silence
from workbench.safe_text import safe_line, safe_text

if TYPE_CHECKING:
    from workbench.secrets.redactor import Redactor

FAILED = 1
USAGE_ERROR = 2
INTERRUPTED = 130
FILES = ("docs", "tools")  # flags that add up, wherever they stand

DESCRIPTION = "A terminal workbench for Cohere's v2 chat API: watch the stream, the tool calls and the sources."
LOG_HELP = "append log records to a file, without keys; for a bug report"
EPILOG = "With no key and no --base-url, the embedded offline engine answers from your documents."


def run(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> int:
    """Run the command that `argv` asks for; return its exit code. Whatever is raised becomes one clear text.

    `environ` is where keys and settings are read: the program's own copy, when keys were taken out of `os.environ`.
    """
    given: dict[str, Any] = {}
    try:
        open_streams()
        return _run(argv, given, environ)
    except KeyboardInterrupt:
        return INTERRUPTED
    except SystemExit:  # of the parser, which has said what is wrong
        raise
    except BaseException as error:  # noqa: BLE001 - a person never sees a traceback
        from workbench.startup.crash import crashed

        say(crashed(error, _redactor(given, environ), environ), sys.stderr)
        return FAILED
    finally:
        settle(sys.stdout)
        settle(sys.stderr)


def _run(argv: Sequence[str], given: dict[str, Any], environ: Mapping[str, str]) -> int:
    """As `run`, where the errors made on purpose are concerned; `given` gets what `argv` says."""
    try:
        arguments = parse(argv, environ)
        given.update(vars(arguments))
        code = _dispatch(arguments, environ)
        with writing():
            sys.stdout.flush()
        return code
    except BrokenPipeError:
        # Whoever read the output has gone: nothing more can be said to them, at exit neither.
        silence(sys.stdout)
        return FAILED
    except ConfigurationError as error:
        for problem in error.problems:
            _say(safe_line(str(problem)), given, environ)
        return USAGE_ERROR
    except RecordingError as error:  # of a file that cannot be begun or read: one that fails later is a warning
        _say(safe_line(str(error)), given, environ)
        return USAGE_ERROR
    except OutputError as error:
        silence(sys.stdout)
        _say(f"workbench: {error}", given, environ)
        return FAILED
    except OSError:
        if not (reason := _folder_fault()):
            raise
        _say(f"workbench: the current folder {reason}: change to one that exists", given, environ)
        return USAGE_ERROR
    except WorkbenchError as error:
        _say(f"workbench: {error}", given, environ)
        return FAILED


def _say(text: str, given: Mapping[str, Any], environ: Mapping[str, str]) -> None:
    """One text on standard error, without any key that it quotes."""
    say(safe_text(_redactor(given, environ).text(text)), sys.stderr)


def _redactor(given: Mapping[str, Any], environ: Mapping[str, str]) -> Redactor:
    from workbench.startup.known_keys import redactor_of

    return redactor_of(given, environ)


def _folder_fault() -> str:
    """What is wrong with the current folder, "" when nothing is."""
    try:
        Path.cwd()
    except FileNotFoundError:
        return "is gone"
    except OSError as error:
        return f"cannot be used ({reason_of(error)})"
    return ""


def _dispatch(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    if arguments.command in ("ask", "sessions") or (arguments.command == "replay" and arguments.json):
        refuse_closed(sys.stdout)
    match arguments.command:
        case "check":
            from workbench.commands.check import check

            return check(arguments.files, environ, sys.stdout, sys.stderr)
        case "ask":
            from workbench.commands.ask import ask

            return ask(arguments, environ)
        case "replay":
            from workbench.commands.replay import replay

            return replay(arguments, environ)
        case "sessions":
            from workbench.commands.sessions import sessions

            return sessions(environ, sys.stdout)
        case _:
            from workbench.commands.app import app

            return app(arguments, environ)


def parse(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> argparse.Namespace:
    """What `argv` says; exits with a usage error. Options may stand before and after the command.

    `environ` holds the keys that an error may not quote.
    """
    top = parser()
    try:
        given, unknown = top.parse_known_args(argv)
        if unknown:
            masked = _redactor(vars(given), environ).text  # before anything is cut: a part of a key is not found
            top.error(masked(_not_understood(given, [masked(each) for each in unknown])))
    except _Misused as misused:
        _say(str(misused), {}, environ)
        sys.exit(USAGE_ERROR)
    for name in FILES:
        # argparse lets what stands behind the command replace what stands before it.
        behind = vars(given).pop(f"{name}_of_command", [])
        if files := [*vars(given).get(name, []), *behind]:
            setattr(given, name, files)
    return given


def _not_understood(given: argparse.Namespace, unknown: Sequence[str]) -> str:
    option = next((text.partition("=")[0] for text in unknown if text.startswith("-")), None)
    if option is None and given.command == "ask":
        return f"the question is one argument: put it in quotes ({' '.join([given.prompt, *unknown])[:60]!r})"
    if option is None:
        return f"unrecognized arguments: {' '.join(unknown)}"
    if option in OPTIONS and given.command == "app":
        return f"{option} stands behind a command: workbench --help lists them"
    if option in OPTIONS:
        return f"{option} is no option of {given.command}: workbench {given.command} --help lists those it has"
    close = difflib.get_close_matches(option, OPTIONS, 1)
    hint = f"did you mean {close[0]}?" if close else "a question that begins with - goes behind --"
    return f"there is no option {option} here ({hint})"


class _Misused(Exception):
    """What a parser says of arguments that it cannot use."""


class _Parser(argparse.ArgumentParser):
    """Says what to do, too, when the question is missing, or stands where a command is expected.

    Raises `_Misused` in place of exiting, since it does not know which keys its text may not hold.
    Help that cannot be written is an OutputError: argparse itself would take no notice.
    """

    def _print_message(self, message: str, file: Any = None) -> None:
        if file is not sys.stdout:
            say(message, sys.stderr, end="")
            return
        refuse_closed(file)
        with writing():
            print(message, file=file, end="", flush=True)

    def error(self, message: str) -> NoReturn:
        if "invalid choice" in message:
            message += '; to ask a question: workbench ask "..."'
        elif message.endswith("required: PROMPT"):
            message += (
                "; - reads it from standard input, and one that begins with - goes behind --, as does one behind "
                "--resume"
            )
        raise _Misused(f"{self.format_usage()}{self.prog}: error: {message}")


def parser() -> argparse.ArgumentParser:
    """The whole command line. A flag that was not given is absent from the result, so that settings can fill it."""
    top = _Parser(prog="workbench", description=DESCRIPTION, epilog=EPILOG, parents=[_options("")], allow_abbrev=False)
    top.add_argument("--version", action="version", version=f"workbench {__version__}")
    top.set_defaults(command="app")
    commands = top.add_subparsers(title="commands", metavar="COMMAND")

    ask = commands.add_parser(
        "ask",
        help="one turn on standard output",
        parents=[_options("_of_command")],
        allow_abbrev=False,
        epilog=EPILOG,
    )
    ask.add_argument("prompt", metavar="PROMPT", help="the question; - reads it from standard input")
    ask.add_argument("--json", action="store_true", help="every event as a JSON line, the summary last")
    ask.set_defaults(command="ask")

    replay = commands.add_parser("replay", help="play a recording or a session again", allow_abbrev=False)
    replay.add_argument("file", metavar="FILE", type=Path, help="a recording, a session, or a raw .sse stream")
    speed_help = "how many times as fast; 0 or max does not wait at all"
    replay.add_argument("--speed", metavar="N", type=_speed, default=1.0, help=speed_help)
    replay.add_argument("--json", action="store_true", help="JSON lines, as of ask --json, in place of the screen")
    replay.add_argument("--log", metavar="FILE", type=Path, default=argparse.SUPPRESS, help=LOG_HELP)
    replay.set_defaults(command="replay")

    sessions = commands.add_parser("sessions", help="the conversations that were kept", allow_abbrev=False)
    sessions.add_argument("action", metavar="list", choices=["list"], help="one a line, the latest first")
    sessions.set_defaults(command="sessions")

    check = commands.add_parser("check", help="validate configuration files", allow_abbrev=False)
    check.add_argument("files", metavar="FILE", nargs="+", type=Path)
    check.set_defaults(command="check")
    return top


def _options(suffix: str) -> _Parser:
    """The flags that the app and `ask` share; `suffix` keeps the files of one apart from those of the other."""
    options = _Parser(add_help=False, argument_default=argparse.SUPPRESS, allow_abbrev=False)
    add = options.add_argument_group("options").add_argument
    for name, what in zip(FILES, ("a documents file, a document or a folder of them", "a tools file"), strict=True):
        dest = f"{name}{suffix}"
        add(f"--{name}", dest=dest, metavar="FILE", action="append", type=Path, help=f"{what}; may be given again")
    add("--config", metavar="FILE", type=Path, help="a settings file, in place of the one in your home")
    add("--model", metavar="NAME", type=_name, help="the model to ask")
    add("--system", metavar="TEXT", help="a system message")
    add("--offline", action="store_true", help="use the embedded engine even if a key is set")
    add("--base-url", metavar="URL", help="where the API is, without /v2 (else CO_API_URL)")
    add("--api-key-env", metavar="NAME", help="the variable that holds the key (else CO_API_KEY, COHERE_API_KEY)")
    add("--connect-timeout", metavar="SECONDS", type=_seconds, help="give up connecting after so long")
    add("--first-byte-timeout", metavar="SECONDS", type=_seconds, help="as --timeout, until an answer begins")
    add("--timeout", metavar="SECONDS", type=_seconds, help="give up after so long a silence")
    add("--max-time", metavar="SECONDS", type=_seconds, help="give up when the whole turn took so long")
    add("--max-steps", metavar="N", type=_steps, help="the most requests that one turn may take")
    add("--retries", metavar="N", type=_retries, help="how often a request that failed is sent again, from 0 to 3")
    add("--record", metavar="FILE", type=Path, help="write a recording of every request and its stream")
    add("--log", metavar="FILE", type=Path, help=LOG_HELP)
    add("--resume", metavar="ID", nargs="?", const="", help="go on with a session: the last one, or the one named")
    add("--session", action="store_true", help="keep the conversation as a session, as the app does anyhow")
    add("--no-session", dest="session", action="store_false", help="keep no session")
    add("--theme", metavar="NAME", help="the colours of the screen")
    add("--low-bandwidth", action="store_true", help="write to the terminal rarely and little, for a slow line")
    add("--yes", action="store_true", help="approve tools that run code and trust the files given, for this run")
    return options


OPTIONS = (
    "--docs", "--tools", "--config", "--model", "--system", "--offline", "--base-url", "--api-key-env",
    "--connect-timeout", "--first-byte-timeout", "--timeout", "--max-time", "--max-steps", "--retries", "--record",
    "--log", "--resume", "--session", "--no-session", "--theme", "--low-bandwidth", "--yes", "--json", "--speed",
    "--help", "--version",
)  # fmt: skip


def _name(text: str) -> str:
    if not text.strip():
        raise argparse.ArgumentTypeError("expected a name, got nothing")
    return text


def _seconds(text: str) -> float:
    try:
        value = float(text)
    except ValueError:
        value = math.nan
    if not (0 < value < math.inf):
        raise argparse.ArgumentTypeError(f"expected seconds above 0, got {text!r}")
    return value


def _speed(text: str) -> float:
    try:
        value = 0.0 if text == "max" else float(text)
    except ValueError:
        value = math.nan
    if not (0 <= value < math.inf):
        raise argparse.ArgumentTypeError(f"expected 0 or more, or max, got {text!r}")
    return value


def _steps(text: str) -> int:
    value = _whole_number(text)
    if value is None or value < 1:
        raise argparse.ArgumentTypeError(f"expected a whole number from 1, got {text!r}")
    return value


def _retries(text: str) -> int:
    value = _whole_number(text)
    if value is None or not 0 <= value <= MOST_RETRIES:
        raise argparse.ArgumentTypeError(f"expected a whole number from 0 to {MOST_RETRIES}, got {text!r}")
    return value


def _whole_number(text: str) -> int | None:
    try:
        return int(text)
    except ValueError:
        return None
