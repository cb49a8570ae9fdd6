"""`workbench compare A[:TURN] B[:TURN]`: two turns of sessions or recordings, and how they differ."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterator, Mapping
from typing import Any, Final

from workbench.printing.json_line import write_line
from workbench.printing.standard_output import make_lossless, writing
from workbench.printing.streams import noting
from workbench.safe_text import safe_line
from workbench.sessions.compare import CallChange, CitedSpan, Comparison
from workbench.sessions.compare import compare as compared
from workbench.sessions.differences import MISSING, ValueChange
from workbench.sessions.folder import sessions_folder
from workbench.sessions.named_turns import named_turn, read_turn
from workbench.startup.known_keys import redactor_of

COMMAND: Final = "compare"
LONGEST: Final = 160  # characters of a value in a line


def compare(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print how the two turns differ. Returns 0 whether they do or not.

    Raises ConfigurationError when there is no such turn, RecordingError for a file that cannot be read.
    """
    redactor = redactor_of(vars(arguments), environ)
    folder = sessions_folder(environ)
    wanted = [named_turn(each, folder, COMMAND, noting(redactor)) for each in (arguments.a, arguments.b)]
    a, b = (read_turn(each, redactor, COMMAND) for each in wanted)
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
