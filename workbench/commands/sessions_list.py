"""`workbench sessions list`: the conversations that were kept, one a line, for people and for `--resume`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from workbench.sessions.listing import ListedSession

NAME: Final = "list"
LONGEST_PROMPT: Final = 60  # characters of the first question in a line for people


def add(actions: Any) -> None:
    """Add the parser of `sessions list`."""
    parser = actions.add_parser(NAME, help="one a line, the latest first", allow_abbrev=False)
    parser.add_argument("--json", action="store_true", help="a JSON object a line")


def run(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print the list: id, when it began (local time), how many questions, its name, the first question."""
    from workbench.printing.json_line import write_line
    from workbench.printing.standard_output import make_lossless, writing
    from workbench.printing.streams import noting
    from workbench.safe_text import safe_line
    from workbench.sessions.folder import sessions_folder
    from workbench.sessions.listing import listed_sessions
    from workbench.startup.known_keys import redactor_of

    folder, redactor = sessions_folder(environ), redactor_of(vars(arguments), environ)
    found = listed_sessions(folder, "sessions list", noting(redactor), redactor.text)
    if arguments.json:
        make_lossless(sys.stdout, encoding="utf-8")
    with writing():
        for each in found:
            if arguments.json:
                write_line(sys.stdout, redactor.value(session_json(each)))
            else:
                print(safe_line(_line(each, redactor.text)))
        if not found and not arguments.json:
            print(f"no sessions in {safe_line(str(folder))}")
    return 0


def session_json(session: ListedSession) -> dict[str, Any]:
    """A session as an object. `cost` is null until prices are known."""
    entry: dict[str, Any] = {
        "id": session.id,
        "name": session.name,
        "began": session.began,
        "turns": session.turns,
        "model": session.model or None,
        "prompt": session.prompt,
        "tokens": session.tokens,
        "cost": None,
    }
    return {**entry, "problem": session.problem} if session.problem else entry


def _line(session: ListedSession, masked: Any) -> str:
    turns = f"{'?' if session.turns is None else session.turns} turn{'s' if session.turns != 1 else ''}"
    problem = f"({masked(session.problem)})" if session.problem else ""
    said = " ".join(filter(None, (short(masked(session.prompt)), problem)))
    name = f"{masked(session.name)} · " if session.name else ""
    return f"{session.id}  {local_time(session.began)}  {turns:>9}  {name}{said}"


def local_time(seconds: float) -> str:
    """A time since 1970 in the person's own zone; a file may hold one that no calendar has."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    except (ValueError, OverflowError, OSError):
        return "?".center(16)


def short(prompt: str) -> str:
    """The beginning of a question, in one line."""
    from workbench.safe_text import safe_line

    line = safe_line(" ".join(prompt.split()))
    return line if len(line) <= LONGEST_PROMPT else f"{line[: LONGEST_PROMPT - 1]}…"
