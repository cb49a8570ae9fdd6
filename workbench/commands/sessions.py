"""`workbench sessions`: the conversations that were kept, listed one a line, or exported."""

from __future__ import annotations

import argparse
import time
from collections.abc import Mapping
from typing import TextIO

from workbench.commands import sessions_export
from workbench.printing.standard_output import writing
from workbench.safe_text import safe_line
from workbench.secrets.redactor import Redactor
from workbench.sessions.folder import sessions_folder, summaries

LONGEST_PROMPT = 60  # characters of the first question


def sessions(arguments: argparse.Namespace, environ: Mapping[str, str], out: TextIO) -> int:
    """Do what `arguments.action` says; return the exit code. Raises what that raises."""
    if arguments.action == sessions_export.NAME:
        return sessions_export.run(arguments, environ)
    return _list(environ, out)


def _list(environ: Mapping[str, str], out: TextIO) -> int:
    """Print the list: id, when it began (local time), how many questions, the first of them."""
    folder, masked = sessions_folder(environ), Redactor.of(environ).text
    with writing():
        none = True
        for each in summaries(folder, "sessions list"):
            none = False
            turns = f"{'?' if each.turns is None else each.turns} turn{'s' if each.turns != 1 else ''}"
            said = f"({masked(each.problem)})" if each.problem else _short(masked(each.first))
            print(f"{safe_line(each.id)}  {_local(each.began)}  {turns:>9}  {safe_line(said)}", file=out)
        if none:
            print(f"no sessions in {safe_line(str(folder))}", file=out)
    return 0


def _local(seconds: float) -> str:
    """A time since 1970 in the person's own zone; a file may hold one that no calendar has."""
    try:
        return time.strftime("%Y-%m-%d %H:%M", time.localtime(seconds))
    except (ValueError, OverflowError, OSError):
        return "?".center(16)


def _short(prompt: str) -> str:
    line = safe_line(" ".join(prompt.split()))
    return line if len(line) <= LONGEST_PROMPT else f"{line[: LONGEST_PROMPT - 1]}…"
