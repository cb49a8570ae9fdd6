"""Events as JSON lines, one object a line, flushed: the contract that scripts depend on."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import fields
from typing import Any, TextIO

from workbench.conversation.turn import Turn
from workbench.errors import ToolFailure
from workbench.events import (
    Cited,
    Done,
    Event,
    Malformed,
    PersonAnswered,
    PersonAsked,
    ToolProgress,
    ToolResult,
    ToolStarted,
    TurnEnd,
    TurnStart,
    WireEvent,
)
from workbench.printing.json_line import as_line, write_line

NOT_IN_THE_CONTRACT = (TurnStart, Cited, Done, ToolStarted, ToolProgress, PersonAsked, PersonAnswered)


class JsonLines:
    """Writes `{"event": KIND, "t": seconds, "step": n, ...}` for each event of a turn, ASCII only."""

    lost = False  # of notes, which there are none of

    def __init__(self, out: TextIO, turn: int | None = None, *, whole: Callable[[], Turn] | None = None) -> None:
        """`turn` is the number of the turn, for lines of several that say which they are of. `whole` gives the turn
        itself, when it has ended: by it the last line says where in its sources the cited words stand."""
        self._out = out
        self._of_turn = {} if turn is None else {"turn": turn}
        self._whole = whole

    def event(self, event: Event) -> None:
        """Write one event as a line and flush it; what is `NOT_IN_THE_CONTRACT` is left out."""
        if not isinstance(event, NOT_IN_THE_CONTRACT):
            is_end = isinstance(event, TurnEnd) and self._whole is not None
            entry = event_json(event, self._whole() if is_end and self._whole is not None else None)
            write_line(self._out, {"event": entry.pop("event"), **self._of_turn, **entry})

    def finish(self, turn: Turn) -> None:
        """Nothing: the turn's end is an event."""


def event_json(event: Event, turn: Turn | None = None) -> dict[str, Any]:
    """One event as an object. Fields that the frame did not carry are left out; a failed frame has its `raw`.

    With its `turn` the end of one says where in its sources the cited words stand.
    """
    entry: dict[str, Any] = {"event": event.kind, "t": event.t}
    match event:
        case TurnEnd():
            return {**entry, **event.summary.as_json(), **_chain(turn)}
        case ToolResult():
            return {**entry, "step": event.step, **_tool_result(event)}
    return {**entry, "step": event.step, **dict(_carried(event))}


def event_line(event: Event, turn: Turn | None = None) -> str:
    """One event as an object of JSON, on one line that any parser reads; `turn` as for `event_json`."""
    return as_line(event_json(event, turn))


def _chain(turn: Turn | None) -> dict[str, Any]:
    if turn is None:
        return {}
    from workbench.documents.chain import ledger_json  # nothing else of a line looks for words

    return {"ledger": ledger_json(turn.ledger.entries(), turn.citations)}


def _carried(event: Event) -> Iterator[tuple[str, Any]]:
    for each in fields(event):
        value = getattr(event, each.name)
        if each.name in ("t", "step") or value is None or (each.name == "raw" and not isinstance(event, Malformed)):
            continue
        if value == "" and isinstance(event, WireEvent) and each.name in OPTIONAL_TEXT:
            continue
        yield each.name, list(value) if isinstance(value, tuple) else value


OPTIONAL_TEXT = frozenset({"text", "thinking", "error", "error_type", "about"})


def _tool_result(event: ToolResult) -> Mapping[str, Any]:
    kind: ToolFailure | str = event.error_kind
    outcome = {"result": event.result} if event.error is None else {"error": event.error, "error_kind": kind}
    return {"id": event.id, "name": event.name, "arguments": event.arguments, **outcome, "seconds": event.seconds}
