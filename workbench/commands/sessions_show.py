"""`workbench sessions show ID`: every turn of one that was kept, in lines or as `ask --json` prints them."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn

NAME: Final = "show"
ASKER: Final = "sessions show"


def add(actions: Any) -> None:
    """Add the parser of `sessions show`."""
    parser = actions.add_parser(NAME, help="every turn of one", allow_abbrev=False)
    parser.add_argument("id", metavar="ID", help="its id, the beginning of that, or last")
    parser.add_argument("--json", action="store_true", help="every event as a JSON line, as of ask --json")


def run(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print the turns, those that the conversation went on without included. Returns 0 however they ended.

    Raises ConfigurationError when there is no such session, RecordingError when it cannot be read.
    """
    from workbench.errors import RecordingError
    from workbench.plain.lines import Lines
    from workbench.printing.standard_output import make_lossless
    from workbench.printing.streams import noting
    from workbench.sessions.folder import own_session, sessions_folder
    from workbench.sessions.restore import every_turn
    from workbench.startup.known_keys import redactor_of

    redactor = redactor_of(vars(arguments), environ)
    path = own_session(sessions_folder(environ), arguments.id, ASKER, on_damaged=noting(redactor))
    if arguments.json:
        make_lossless(sys.stdout, encoding="utf-8")
    lines = Lines(sys.stdout, redactor)
    shown = False
    before: int | None = None
    for recorded, turn in every_turn(path, redactor):
        shown = True
        if not arguments.json:
            if turn.parent != before:
                lines.line(f"note: {_of_a_branch(turn)}")
            before = turn.number
            _in_lines(turn, recorded.source, lines)
            continue
        _as_json(turn)
    if not shown:
        raise RecordingError(f"{path}: holds no question")
    return 0


def _as_json(turn: Turn) -> None:
    from workbench.printing.json_lines import JsonLines
    from workbench.printing.standard_output import writing

    printer = JsonLines(sys.stdout, turn.number, whole=lambda: turn)
    with writing():
        for event in turn.events:
            printer.event(event)


def _of_a_branch(turn: Turn) -> str:
    """Where a turn stands that does not go on from the one before it."""
    goes_on = f"goes on from turn {turn.parent}" if turn.parent is not None else "is a first question"
    again = "" if turn.made_from is None else f", turn {turn.made_from.turn} asked again"
    return f"turn {turn.number} {goes_on}{again}"


def _in_lines(turn: Any, source: str, lines: Any) -> None:
    from workbench.cohere_client.client_options import OFFLINE_ENGINE
    from workbench.plain.turn_lines import TurnLines, sources_of

    written = TurnLines(lines, OFFLINE_ENGINE if source == OFFLINE_ENGINE else None)
    lines.line(f"{turn.number}> {turn.prompt}")
    for event in turn.events:
        written.event(event)
    written.finish(turn, sources_of(turn))
