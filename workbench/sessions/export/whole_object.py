"""A session as one object of JSON: each turn with its summary, its sources and all of its events."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from workbench.sessions.export.exported import EventLine, Exported, ExportedTurn
from workbench.sessions.export.told import model_of


def whole_object(session: Exported, event_line: EventLine) -> Iterator[str]:
    """The text of the object, in pieces; it is ASCII, with an event a line."""
    yield f'{{"id": {json.dumps(session.id)}, "began": {json.dumps(session.began)}, "turns": ['
    for number, each in enumerate(session.turns):
        yield ",\n" if number else "\n"
        yield from _turn(each, event_line)
    yield "\n]}\n"


def _turn(each: ExportedTurn, event_line: EventLine) -> Iterator[str]:
    turn = each.turn
    about = {
        "turn": turn.number,
        "prompt": turn.prompt,
        "model": model_of(turn),
        "source": each.source,
        "parent": each.turn.parent,
        "asked_again": each.is_left,
        "sources": [_source(entry) for entry in turn.ledger.entries()],
    }
    summary = event_line(turn.events[-1], turn)  # as the last line of `ask --json` has it
    yield f'{json.dumps(about)[:-1]}, "summary": {summary}, "events": [\n'
    for number, event in enumerate(turn.events):
        yield (",\n" if number else "") + event_line(event, turn)
    yield "\n]}"


def _source(entry: Any) -> dict[str, Any]:
    said = {each.name: getattr(entry, each.name) for each in fields(entry) if each.name != "key"}
    return {**said, "arguments": json.loads(json.dumps(said["arguments"], default=str))}
