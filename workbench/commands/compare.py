"""`workbench compare A[:TURN] B[:TURN]`: two turns of sessions or recordings, and how they differ."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workbench.conversation.turn import Turn
from workbench.errors import ConfigurationError, Problem, RecordingError
from workbench.paths import look_at
from workbench.printing.json_line import write_line
from workbench.printing.standard_output import make_lossless, writing
from workbench.printing.streams import noting
from workbench.safe_text import safe_line
from workbench.secrets.redactor import Redactor
from workbench.sessions.compare import CallChange, CitedSpan, Comparison
from workbench.sessions.compare import compare as compared
from workbench.sessions.differences import MISSING, ValueChange
from workbench.sessions.folder import find_session, sessions_folder
from workbench.sessions.restore import recorded_turn
from workbench.startup.known_keys import redactor_of

COMMAND: Final = "compare"
LONGEST: Final = 160  # characters of a value in a line
DIGITS: Final = 9  # of the number of a turn


@dataclass(frozen=True, slots=True)
class Wanted:
    """A turn that is asked for, as it was `given`: of a file, the last one where there is no number."""

    given: str
    path: Path
    turn: int | None


def compare(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print how the two turns differ. Returns 0 whether they do or not.

    Raises ConfigurationError when there is no such turn, RecordingError for a file that cannot be read.
    """
    redactor = redactor_of(vars(arguments), environ)
    folder = sessions_folder(environ)
    wanted = [_wanted(each, folder, noting(redactor)) for each in (arguments.a, arguments.b)]
    a, b = (_turn(each, redactor) for each in wanted)
    found = compared(a, b)
    if arguments.json:
        make_lossless(sys.stdout, encoding="utf-8")
        with writing():
            write_line(sys.stdout, found.as_json())
        return 0
    with writing():
        for name, each, turn in (("a", wanted[0], a), ("b", wanted[1], b)):
            title = f"{each.path.stem}:{turn.number}  {turn.status}  {_brief(turn.prompt)}"
            print(safe_line(f"{name}  {redactor.text(title)}"))
        for line in report(found):
            print(safe_line(redactor.text(line)))
    return 0


def _wanted(given: str, folder: Path | None, on_damaged: Callable[[str], object]) -> Wanted:
    """The file and the turn that a word names: an id or a path, and a number behind a colon."""
    name, colon, number = given.rpartition(":")
    if not colon or not (number.isascii() and number.isdigit()) or look_at(given).kind == "file":
        return Wanted(given, _path(given, folder, on_damaged), None)
    if len(number) > DIGITS:
        raise _refusal(given, f"there is no turn {number[:DIGITS]}…")
    return Wanted(given, _path(name, folder, on_damaged), int(number))


def _path(name: str, folder: Path | None, on_damaged: Callable[[str], object]) -> Path:
    path = Path(name)
    if path.suffix == ".sse":
        raise _refusal(name, "a raw stream has no turns", "a recording has, of --record FILE")
    if look_at(path).kind == "absent" and "/" not in name and not path.suffix:
        return find_session(folder, name, COMMAND, on_damaged=on_damaged)
    return path


def _turn(wanted: Wanted, redactor: Redactor) -> Turn:
    turn, numbers = recorded_turn(wanted.path, wanted.turn, redactor)
    if turn is not None:
        return turn
    if not numbers:
        raise RecordingError(f"{wanted.path}: holds no question")
    there = f"it has turn{'s' if len(numbers) > 1 else ''} {numbers[0]}"
    more = f" to {numbers[-1]}" if len(numbers) > 1 else ""
    raise _refusal(wanted.given, f"there is no turn {wanted.turn}", there + more)


def _refusal(given: str, message: str, hint: str = "") -> ConfigurationError:
    return ConfigurationError([Problem(f"{COMMAND}: {given}", 0, 0, message, hint)])


# -- for people --------------------------------------------------------------------------------------


def report(found: Comparison) -> Iterator[str]:
    """The lines that tell what differs, each thing by its name; what is the same is one word."""
    yield from _of("text", _text(found))
    yield from _of("citations", _citations(found))
    yield from _of("calls", [line for change in found.calls.differs for line in _call(change)])
    yield from _of("documents", _documents(found))
    for name in ("settings", "usage", "seconds"):
        yield from _of(name, [_value(change) for change in getattr(found, name).differs])


def _of(name: str, lines: list[str]) -> Iterator[str]:
    yield f"{name}: {'differs' if lines else 'the same'}"
    yield from (f"  {line}" for line in lines)


def _text(found: Comparison) -> list[str]:
    lines = []
    for change in found.text.differs:
        lines += [f"- {_brief(change.lost)}"] if change.lost.strip() else []
        lines += [f"+ {_brief(change.new)}"] if change.new.strip() else []
    return lines or (["blanks alone"] if found.text.differs else [])


def _citations(found: Comparison) -> list[str]:
    changes = found.citations.differs
    return [
        *(f"~ {_quoted(a)} rests on {_sources(b)}, not on {_sources(a)}" for a, b in changes.sources),
        *(f"- {_quoted(each)} on {_sources(each)}" for each in changes.lost),
        *(f"+ {_quoted(each)} on {_sources(each)}" for each in changes.new),
    ]


def _quoted(span: CitedSpan) -> str:
    return f'"{_brief(span.text)}"'


def _sources(span: CitedSpan) -> str:
    return ", ".join(source.title or source.id for source in span.sources) or "nothing"


def _call(change: CallChange) -> Iterator[str]:
    match change:
        case CallChange(kind="lost", a=call) | CallChange(kind="new", b=call) if call is not None:
            yield f"{'-' if change.kind == 'lost' else '+'} {call.name} {_json(call.arguments)}"
        case _:
            yield f"~ {change.name}, with {'other arguments' if change.kind == 'arguments' else 'another result'}"
            yield from (f"    {_value(each)}" for each in change.changes)


def _documents(found: Comparison) -> list[str]:
    changes = found.documents.differs
    return [
        *(f"- {each.title or each.id}, rank {each.rank}" for each in changes.lost),
        *(f"+ {each.title or each.id}, rank {each.rank}" for each in changes.new),
        *(f"~ {b.title or b.id}, rank {a.rank} → {b.rank}" for a, b in changes.moved),
        *(f"~ {b.title or b.id}, with another text" for _, b in changes.changed),
    ]


def _value(change: ValueChange) -> str:
    a, b = ("none" if value is MISSING else _json(value) for value in (change.a, change.b))
    return f"{change.path or 'value'}: {a} → {b}"


def _json(value: Any) -> str:
    return _brief(json.dumps(value, ensure_ascii=False, default=str))


def _brief(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST else f"{line[:LONGEST]}… ({len(line) - LONGEST} more characters)"
