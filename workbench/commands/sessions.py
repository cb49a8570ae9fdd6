"""`workbench sessions list`: the conversations that were kept, one a line, for people and for `--resume`."""

from __future__ import annotations

import time
from collections.abc import Mapping
from typing import TextIO

from workbench.cohere_client.redactor import Redactor
from workbench.commands.output import writing
from workbench.sessions.folder import sessions_folder, summaries
from workbench.ui.text import safe_line

LONGEST_PROMPT = 60  # characters of the first question


def sessions(environ: Mapping[str, str], out: TextIO) -> int:
    """Print the list: id, when it began (local time), how many questions, the first of them."""
    folder, masked = sessions_folder(environ), Redactor.of(environ).text
    with writing():
        none = True
        for each in summaries(folder):
            none = False
            began = time.strftime("%Y-%m-%d %H:%M", time.localtime(each.began))
            turns = f"{each.turns} turn{'s' if each.turns != 1 else ''}"
            print(f"{safe_line(each.id)}  {began}  {turns:>9}  {_short(masked(each.first))}", file=out)
        if none:
            print(f"no sessions in {safe_line(str(folder))}", file=out)
    return 0


def _short(prompt: str) -> str:
    line = safe_line(" ".join(prompt.split()))
    return line if len(line) <= LONGEST_PROMPT else f"{line[: LONGEST_PROMPT - 1]}…"
