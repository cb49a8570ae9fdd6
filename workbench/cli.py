"""The command line: argv -> a command. Owns the flags and the exit codes; does no work of its own.

Exit codes: 0 complete, 1 the turn failed or is incomplete, or output is lost, 2 usage, configuration or environment,
3 ended by a limit, 130 interrupted.
"""

from __future__ import annotations

import argparse
import difflib
import importlib
import itertools
import math
import os
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, NoReturn

from workbench import __version__
from workbench.commands import COMMANDS
from workbench.config.setting import Setting
from workbench.config.settings_model import OF_NAME, SETTINGS
from workbench.errors import ConfigurationError, OutputError, Problem, RecordingError, WorkbenchError
from workbench.paths import is_there, reason_of
from workbench.printing.standard_output import refuse_closed, writing
from workbench.printing.streams import open_streams, say, settle, silence
from workbench.safe_text import safe_line, safe_text

if TYPE_CHECKING:
    from workbench.secrets.redactor import Redactor
    from workbench.startup.first_keys import FirstKeys

FAILED = 1
USAGE_ERROR = 2
INTERRUPTED = 130
SET = "set"
SEVERAL = ("--docs", "--tools")  # flags that may have several files behind them
PRINTING = (
    "ask",
    "index",
    "search",
    "tools",
    "sessions",
    "compare",
    "schema",
    "completion",
)  # of no use where nothing can be written
SCHEMAS = ("documents", "tools", "settings")  # the kinds of configuration files
MODES = ("all", "keyword", "vector", "hybrid", "rerank")  # of retrieval
SHELLS = ("bash", "zsh", "fish")
REPEATED = (*(row.name for row in SETTINGS if row.flag and isinstance(row.default, tuple)), SET)  # wherever they stand

DESCRIPTION = "A terminal workbench for Cohere's v2 chat API: watch the stream, the tool calls and the sources."
EXAMPLE = 'for example: workbench ask --docs notes.md "When does the library open?"'
EPILOG = "With no key and no --base-url, the embedded offline engine answers from your documents."
ON_HANDBOOK = f"{EPILOG} Where no documents, tools or server are named, the screen opens on the handbook."


def run(argv: Sequence[str], environ: Mapping[str, str] = os.environ, first_keys: FirstKeys | None = None) -> int:
    """Run the command that `argv` asks for; return its exit code. Whatever is raised becomes one clear text.

    `environ` is where keys and settings are read: the program's own copy, when keys were taken out of `os.environ`.
    `first_keys` holds the terminal for the screen, if that may open.
    """
    given: dict[str, Any] = {}
    try:
        open_streams()
        return _run(argv, given, environ, first_keys)
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


def _run(argv: Sequence[str], given: dict[str, Any], environ: Mapping[str, str], first_keys: FirstKeys | None) -> int:
    """As `run`, where the errors made on purpose are concerned; `given` gets what `argv` says."""
    try:
        arguments = parse(argv, environ)
        given.update(vars(arguments))
        code = _dispatch(arguments, environ, first_keys)
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


def _dispatch(arguments: argparse.Namespace, environ: Mapping[str, str], first_keys: FirstKeys | None) -> int:
    if arguments.command in PRINTING or (arguments.command == "replay" and arguments.json):
        refuse_closed(sys.stdout)
    match arguments.command:
        case "check":
            from workbench.commands.check import check

            return check(arguments.files, environ, sys.stdout, sys.stderr)
        case "ask" | "replay" | "index" | "search" | "tools" | "sessions" | "compare" as name:
            module = importlib.import_module(f"workbench.commands.{name}")
            return int(getattr(module, name)(arguments, environ))
        case "init":
            from workbench.commands.init import init

            return init(arguments.folder, environ, sys.stdout)
        case "schema":
            from workbench.commands.schema import schema

            return schema(arguments.kind, sys.stdout)
        case "completion":
            from workbench.commands.completion import completion

            return completion(arguments.shell, parser(), sys.stdout)
        case _:
            from workbench.commands.app import app

            return app(arguments, environ, first_keys)


def parse(argv: Sequence[str], environ: Mapping[str, str] = os.environ) -> argparse.Namespace:
    """What `argv` says; exits with a usage error. Options may stand before and after the command.

    What `--set` says of a setting is as if its flag said it. Raises ConfigurationError with the problems of that.
    `environ` holds the keys that an error may not quote.
    """
    top = parser(sessions="sessions" in argv, tools="tools" in argv)
    try:
        given, unknown = top.parse_known_args(each_with_its_flag(argv))
        if unknown:
            masked = _redactor(vars(given), environ).text  # before anything is cut: a part of a key is not found
            top.error(masked(_not_understood(given, [masked(each) for each in unknown])))
    except _NoQuestion as misused:
        _say(misused.said(argv), {}, environ)
        sys.exit(USAGE_ERROR)
    except _Misused as misused:
        _say(str(misused), {}, environ)
        sys.exit(USAGE_ERROR)
    for name in REPEATED:
        # argparse lets what stands behind the command replace what stands before it.
        behind = vars(given).pop(f"{name}_of_command", [])
        if files := [*vars(given).get(name, []), *behind]:
            setattr(given, name, files)
    if SET in given:
        _set(given, environ)
    return given


def each_with_its_flag(argv: Sequence[str]) -> list[str]:
    """`argv` with the flag before each of several files behind one, as a shell makes them of `--docs notes/*.md`.

    What is no file or folder, is called as a command or stands behind `--` is left as it is.
    """
    words: list[str] = []
    flag = ""  # whose files may go on with the next word
    rest = iter(argv)
    for word in rest:
        if word == "--":
            return [*words, word, *rest]
        if flag and not word.startswith("-") and word not in COMMANDS and is_there(word):
            words += (flag, word)
            continue
        words.append(word)
        name, given, _ = word.partition("=")
        flag = name if name in SEVERAL else ""
        if flag and not given:
            words.extend(itertools.islice(rest, 1))
    return words


def _set(given: argparse.Namespace, environ: Mapping[str, str]) -> None:
    """Put what `--set` says into `given`, in place of its texts. Raises ConfigurationError with all problems of it."""
    from workbench.config.assignments import FLAG, read_assignments

    texts: list[str] = vars(given).pop(SET)
    values, problems = read_assignments(texts)
    if problems:  # once more without any key, that of a variable included which is named here
        _, problems = read_assignments(texts, _redactor(vars(given) | values, environ).text)
    for name, value in values.items():
        flag = vars(given).get(name, value)
        if value != (tuple(flag) if isinstance(flag, list) else flag):
            said = f"{OF_NAME[name].option} says something else"
            problems += (Problem(f"{FLAG} {name}", 0, 0, said, "give one of the two"),)
    if problems:
        raise ConfigurationError(problems)
    vars(given).update(values)


def _not_understood(given: argparse.Namespace, unknown: Sequence[str]) -> str:
    option = next((text.partition("=")[0] for text in unknown if text.startswith("-")), None)
    if option is None and given.command == "ask":
        files = "; to give several files: --docs FILE --docs FILE" if "docs" in given else ""
        return f"the question is one argument: put it in quotes ({' '.join([given.prompt, *unknown])[:60]!r}){files}"
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


class _NoQuestion(_Misused):
    """`ask` was given none."""

    def said(self, argv: Sequence[str]) -> str:
        """What is missing and an example, and what may have become of one that stands in `argv`."""
        strange = any(word[1:2] not in ("", "-", "h") and word.startswith("-") for word in argv)
        dashes = "a question that begins with - goes behind --" if strange else ""
        if not dashes and {"--docs", "--tools", "--resume"} & {word.partition("=")[0] for word in argv}:
            dashes = "a question behind --resume, or one that is the name of a file, goes behind --"
        lines = ("workbench ask: the question is missing", EXAMPLE, dashes, "all options: workbench ask --help")
        return "\n".join(filter(None, lines))


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
        if message.startswith("argument COMMAND: invalid choice"):
            message += '; to ask a question: workbench ask "..."; to give several files: --docs FILE --docs FILE'
        elif message.endswith("required: PROMPT"):
            raise _NoQuestion
        raise _Misused(f"{self.format_usage()}{self.prog}: error: {message}")


def parser(*, sessions: bool = True, tools: bool = True) -> argparse.ArgumentParser:
    """The whole command line. A flag that was not given is absent from the result, so that settings can fill it.

    Without `sessions` or `tools`, what that command takes is left out: the start of the program does not wait for it.
    """
    shared = [_options("")]
    top = _Parser(prog="workbench", description=DESCRIPTION, epilog=ON_HANDBOOK, parents=shared, allow_abbrev=False)
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
    prompt_help = (
        "the question; - reads it from standard input. What is piped in beside one is a document of this turn. One "
        "that begins with - goes behind --, as does one behind --resume, or one that is the name of a file, behind "
        "--docs"
    )
    ask.add_argument("prompt", metavar="PROMPT", help=prompt_help)
    ask.add_argument("--json", action="store_true", help="every event as a JSON line, the summary last")
    once = ask.add_mutually_exclusive_group()
    once.add_argument("--dry-run", action="store_true", help="print the request that would be sent, and send nothing")
    repeat_help = "ask N times from the same state, and compare: a row a run; with --json, the events of each"
    once.add_argument("--repeat", metavar="N", type=_times, help=repeat_help)
    ask.set_defaults(command="ask")

    replay = commands.add_parser("replay", help="play a recording or a session again", allow_abbrev=False)
    replay_help = "a recording, a session by its file, id or name, or a raw .sse stream; or one turn of it"
    replay.add_argument("file", metavar="FILE|ID[:TURN]", type=Path, help=replay_help)
    speed_help = "how many times as fast; 0 or max does not wait at all"
    replay.add_argument("--speed", metavar="N", type=_speed, default=1.0, help=speed_help)
    replay.add_argument("--step", action="store_true", help="begin paused, to go on step by step")
    stops_help = "pause behind each event of this kind, as tool-call-start; may be given again"
    replay.add_argument("--break", dest="stops", metavar="KIND", action="append", type=_event_kind, help=stops_help)
    replay.add_argument("--json", action="store_true", help="JSON lines, as of ask --json, in place of the screen")
    for name in ("log", "plain"):
        _add_flag(replay.add_argument, OF_NAME[name])
    replay.set_defaults(command="replay")

    index = commands.add_parser("index", help="build or update the indexes of the documents", allow_abbrev=False)
    index.add_argument("--json", action="store_true", help="a JSON object a set")
    index.set_defaults(command="index")
    search = commands.add_parser("search", help="what retrieval would send for a question", allow_abbrev=False)
    query_help = "a question; - reads one from each line of standard input. With --questions, none"
    search.add_argument("query", metavar="QUERY", nargs="?", help=query_help)
    search.add_argument("--json", action="store_true", help="a JSON object a passage")
    search.add_argument("--top-k", metavar="N", type=_times, help="at most so many passages a question")
    search.add_argument("--mode", choices=MODES, help="how passages are found, in place of what the sets say")
    where_help = "what a field of their documents must be, such as year=2026; may be given several times"
    search.add_argument("--where", metavar="NAME=VALUE", action="append", default=[], help=where_help)
    questions_help = 'JSON lines {"question", "documents"}: how many of the documents each mode finds'
    search.add_argument("--questions", metavar="FILE", type=Path, help=questions_help)
    search.set_defaults(command="search")
    index.add_argument("--mode", choices=MODES, help="for sets that are searched so, in place of what they say")
    for each in (index, search):
        _add_documents(each)
        for row in ("offline", "base_url", "api_key_env", "retries"):
            _add_flag(each.add_argument, OF_NAME[row])

    alone = commands.add_parser("tools", help="the tools, without a model", allow_abbrev=False)
    alone.set_defaults(command="tools")
    if tools:
        from workbench.commands.tools import add_actions as add_actions_of_tools

        add_actions_of_tools(alone)

    kept = commands.add_parser("sessions", help="the conversations that were kept", allow_abbrev=False)
    kept.set_defaults(command="sessions")
    if sessions:
        from workbench.commands.sessions import add_actions

        add_actions(kept)

    compare = commands.add_parser("compare", help="two turns, and how they differ", allow_abbrev=False)
    turn_help = "a session by its id, or a recording, and which turn of it; the last one where none is named"
    compare.add_argument("a", metavar="FILE|ID[:TURN]", help=turn_help)
    compare.add_argument("b", metavar="FILE|ID[:TURN]", help="the other one")
    compare.add_argument("--json", action="store_true", help="one JSON object: of each thing, what both have")
    compare.set_defaults(command="compare")

    check = commands.add_parser("check", help="validate configuration files", allow_abbrev=False)
    check_help = "a documents, tools or settings file, or a folder with some"
    check.add_argument("files", metavar="FILE|FOLDER", nargs="+", type=Path, help=check_help)
    check.set_defaults(command="check")

    init = commands.add_parser("init", help="write configuration files to begin with", allow_abbrev=False)
    init_help = "the folder that gets them, made where it is missing; without one, the current folder"
    init.add_argument("folder", metavar="DIR", nargs="?", type=Path, default=Path(), help=init_help)
    init.set_defaults(command="init")

    schema = commands.add_parser("schema", help="the JSON Schema of a kind of configuration file", allow_abbrev=False)
    schema.add_argument("kind", choices=SCHEMAS, help="the kind of file")
    schema.set_defaults(command="schema")

    completion_help = "a script by which a shell completes all this"
    completion = commands.add_parser("completion", help=completion_help, allow_abbrev=False)
    completion.add_argument("shell", choices=SHELLS, help="the shell that is to read the script")
    completion.set_defaults(command="completion")
    return top


def _add_documents(command: argparse.ArgumentParser) -> None:
    """The flags of a command that has documents and no conversation."""
    _add_flag(command.add_argument, OF_NAME["docs"], "_of_command")
    add, config_help = command.add_argument, "a settings file, in place of the one in your home"
    add("--config", metavar="FILE", type=Path, default=argparse.SUPPRESS, help=config_help)
    add("--yes", action="store_true", default=argparse.SUPPRESS, help="trust the files given, and embed, for this run")


def _options(suffix: str) -> _Parser:
    """The flags that the app and `ask` share; `suffix` keeps the files of one apart from those of the other."""
    options = _Parser(add_help=False, argument_default=argparse.SUPPRESS, allow_abbrev=False)
    add = options.add_argument_group("options").add_argument
    for row in (OF_NAME[name] for name in REPEATED if name != SET):
        _add_flag(add, row, suffix)
    add("--config", metavar="FILE", type=Path, help="a settings file, in place of the one in your home")
    for row in SETTINGS:
        if row.name not in REPEATED:
            _add_flag(add, row)
    set_help = "a setting or a parameter of the API, as in a settings file; may be given again"
    add("--set", dest=f"{SET}{suffix}", metavar="NAME=VALUE", action="append", help=set_help)
    add("--preset", metavar="NAME", help="begin with the settings of a preset; flags for single settings win")
    add("--record", metavar="FILE", type=Path, help="write a recording of every request and its stream")
    add("--resume", metavar="ID", nargs="?", const="", help="go on with a session: the last one, or the one named")
    add("--yes", action="store_true", help="approve tools that run code and trust the files given, for this run")
    return options


OPTIONS = (
    *(option for row in SETTINGS for option in row.options),
    "--config", "--set", "--preset", "--record",
    "--resume", "--yes", "--json", "--speed", "--undo", "--help", "--version",
    "--top-k", "--mode", "--questions", "--where",
    "--dry-run", "--repeat", "--step", "--break", "--turn", "--format", "--output", "--force",
)  # fmt: skip


def _add_flag(add: Callable[..., Any], row: Setting, suffix: str = "") -> None:
    """The flags of one setting, if it has any; `suffix` keeps the files of a command apart."""
    if row.flag is None:
        return
    if row.flag.metavar is None:
        add(row.option, action="store_true", default=argparse.SUPPRESS, help=row.flag.help)
        for option in row.options[1:]:
            add(option, dest=row.name, action="store_false", default=argparse.SUPPRESS, help=row.flag.off)
        return
    action = "append" if row.name in REPEATED else "store"
    add(
        row.option,
        dest=f"{row.name}{suffix}",
        metavar=row.flag.metavar,
        action=action,
        type=partial(_typed, row),
        default=argparse.SUPPRESS,
        help=row.flag.help,
    )


def _typed(row: Setting, text: str) -> Any:
    try:
        return row.type.of_flag(text)
    except ValueError as error:
        raise argparse.ArgumentTypeError(str(error)) from None


def _times(text: str) -> int:
    """How often, 1 or more; the number of runs of a day has few digits."""
    if not (text.isascii() and text.isdigit() and int(text[:9]) > 0 and len(text) <= 9):
        raise argparse.ArgumentTypeError(f"expected a whole number, 1 or more, got {text!r}")
    return int(text)


def _event_kind(text: str) -> str:
    from workbench.events import EVENTS

    kinds = sorted(kind.kind for kind in EVENTS)
    if text not in kinds:
        raise argparse.ArgumentTypeError(f"expected a kind of event, one of {', '.join(kinds)}; got {text!r}")
    return text


def _speed(text: str) -> float:
    try:
        value = 0.0 if text == "max" else float(text)
    except ValueError:
        value = math.nan
    if not (0 <= value < math.inf):
        raise argparse.ArgumentTypeError(f"expected 0 or more, or max, got {text!r}")
    return value
