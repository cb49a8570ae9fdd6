"""`workbench sessions search WORDS`: the turns of all conversations in which the words are, the best first."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import Any, Final

NAME: Final = "search"
ASKER: Final = "sessions search"


def add(actions: Any) -> None:
    """Add the parser of `sessions search`."""
    parser = actions.add_parser(NAME, help="turns by what was said in them", allow_abbrev=False)
    words_help = "all of these are in a turn: in its question, answer, thinking, calls or results"
    parser.add_argument("words", metavar="WORDS", nargs="+", help=words_help)
    parser.add_argument("--json", action="store_true", help="a JSON object a line")


def run(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print the hits, a line each. Returns 1 when there is none, which is said on standard error."""
    from workbench.printing.exit_codes import FAILED
    from workbench.printing.json_line import write_line
    from workbench.printing.standard_output import make_lossless, writing
    from workbench.printing.streams import say
    from workbench.safe_text import safe_line
    from workbench.sessions.folder import sessions_folder
    from workbench.sessions.search import MOST_HITS, search
    from workbench.startup.known_keys import redactor_of

    redactor = redactor_of(vars(arguments), environ)

    def note(text: str) -> None:
        say(safe_line(redactor.text(f"workbench: {text}")), sys.stderr)

    words = " ".join(arguments.words)
    found = search(sessions_folder(environ), words, ASKER, note, redactor.text)
    if not found.hits:
        note(f"no session has {words!r}")
        return FAILED
    if arguments.json:
        make_lossless(sys.stdout, encoding="utf-8")
    with writing():
        for hit in found.hits:
            if arguments.json:
                entry = {"id": hit.id, "turn": hit.turn, "kind": hit.kind, "text": hit.text}
                write_line(sys.stdout, redactor.value(entry))
            else:
                text = redactor.text(" ".join(hit.text.split()))
                print(safe_line(f"{hit.id}:{hit.turn}  {hit.kind:<8}  {text}"))
    if found.more:
        note(f"these are the best {MOST_HITS}: further words find fewer")
    return 0
