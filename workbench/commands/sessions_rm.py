"""`workbench sessions rm ID...`: moves conversations away, and `--undo` brings them back."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, Final

NAME: Final = "rm"
ASKER: Final = "sessions rm"


def add(actions: Any) -> None:
    """Add the parser of `sessions rm`."""
    parser = actions.add_parser(NAME, help="move some away, or back", allow_abbrev=False)
    parser.add_argument("ids", metavar="ID", nargs="*", help="an id, the beginning of one, or last")
    parser.add_argument("--yes", action="store_true", help="do not ask, at a terminal")
    parser.add_argument("--undo", action="store_true", help="bring back what was removed last, or these")


def run(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Move the sessions away, all or none, or back. Returns 1 when the person at the terminal says no.

    Raises ConfigurationError when there is no such session, RecordingError for one that is in use.
    """
    from workbench.errors import ConfigurationError, Problem
    from workbench.printing.exit_codes import FAILED
    from workbench.printing.standard_output import writing
    from workbench.printing.streams import say
    from workbench.sessions.folder import own_session, session_entries, sessions_folder
    from workbench.sessions.indexing import forget
    from workbench.sessions.removal import remove, undo

    folder = sessions_folder(environ)
    session_entries(folder, ASKER)  # which says what is wrong with the folder, if anything is
    if arguments.undo and folder is not None:
        _tell(undo(folder, arguments.ids, ASKER), "is back")
        return 0
    if not arguments.ids:
        hint = "workbench sessions list shows the ids"
        raise ConfigurationError([Problem(ASKER, 0, 0, "there is no ID to remove", hint)])
    sessions = list(dict.fromkeys(own_session(folder, each, ASKER) for each in arguments.ids))
    if not _may(sessions, yes=arguments.yes):
        say("nothing is removed", sys.stderr)
        return FAILED
    assert folder is not None  # in which they were found
    remove(folder, sessions)
    forget(folder, [each.stem for each in sessions])
    _tell(sessions, "is removed")
    with writing():
        print(f"workbench sessions rm --undo brings {'it' if len(sessions) == 1 else 'them'} back")
    return 0


def _may(sessions: Sequence[Path], *, yes: bool) -> bool:
    """Whether they are to go: a person at a terminal is asked. Without one there is nobody, and it can be undone."""
    if yes or not (sys.stdin.isatty() and sys.stderr.isatty()):
        return True
    from workbench.printing.streams import say
    from workbench.safe_text import safe_line

    names = ", ".join(each.stem for each in sessions)
    say(safe_line(f"remove {names}? [y/N] "), sys.stderr, end="")
    return sys.stdin.readline().strip().lower() in ("y", "yes")


def _tell(sessions: Sequence[Path], what: str) -> None:
    from workbench.printing.standard_output import writing
    from workbench.safe_text import safe_line

    with writing():
        for each in sessions:
            print(safe_line(f"{each.stem} {what}"))
