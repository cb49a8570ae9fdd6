"""What a turn takes over from the one it was made from: its steps up to edited calls, folded again.

Owns which events these are and what of them is edited; live and in a session that is read they are the same. Refuses to
send or to run anything.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import Any

from workbench.conversation.changes import Changes
from workbench.conversation.fold import ToolCall, unique_calls
from workbench.conversation.turn import Step, Turn
from workbench.errors import TreeError
from workbench.events import (
    Cited,
    Event,
    PersonAnswered,
    PersonAsked,
    Request,
    Retrieval,
    ToolProgress,
    ToolResult,
    ToolStarted,
    TurnEnd,
    TurnStart,
)
from workbench.wire.finish_reasons import TOOL_CALL, known_as

_OF_ITS_OWN = (TurnStart, TurnEnd, Retrieval, Cited, PersonAsked, PersonAnswered)
_OF_A_CALL = (ToolStarted, ToolProgress, ToolResult)


def edited_step(base: Turn, changes: Changes) -> int:
    """The step of `base` whose calls are edited, from 1. Raises TreeError where there is none that has them all."""
    if (number := _edited(base, changes)) is not None:
        return number
    wanted = ", ".join(sorted(changes.arguments.keys() | changes.results.keys()))
    raise TreeError(f"no step of turn {base.number} has the calls {wanted}")


def _edited(base: Turn, changes: Changes) -> int | None:
    wanted = changes.arguments.keys() | changes.results.keys()
    for step in base.steps:
        if changes.step in (0, step.number) and wanted <= {call.id for call in calls_of(step)}:
            return step.number
    return None


def last_done(base: Turn) -> int:
    """The last step of `base` that asked for calls, as a whole: a turn can go on from there. 0 where there is none."""
    for step in reversed(base.steps):
        is_call = step.fold.ended and known_as(step.fold.finish_reason) == TOOL_CALL and not step.lost_call
        if is_call and step.message().tool_calls:
            return step.number
    return 0


def calls_of(step: Step) -> list[ToolCall]:
    """The calls of a step, with ids that differ."""
    return unique_calls(step.message().tool_calls)


def fold_given(turn: Turn, base: Turn) -> Iterator[Event]:
    """Fold into `turn` what it takes over of `base`, as `turn.made_from` says; give each event once it is folded.

    All of it is at time 0. Calls of the last of these steps that have no result here are still to be run.
    """
    made = turn.made_from
    assert made is not None
    turn.ledger.sent_with(base.ledger)
    for event in base.events:
        if isinstance(event, _OF_ITS_OWN) or event.step > made.step:
            continue
        if isinstance(event, _OF_A_CALL):
            if event.step == made.step:
                break
            yield from _settled(turn, event)
        elif isinstance(event, Request):
            yield from _settled(turn, event)
            turn.steps[-1].given = True
        else:
            again = replace(event, t=0.0)
            yield from (again, *turn.apply(again))
    if not turn.steps or turn.steps[-1].number != made.step:
        raise TreeError(f"turn {base.number} has no step {made.step}")
    yield from turn.settle(0.0)
    yield from _last_calls(turn, base.steps[made.step - 1], made.arguments, made.results)
    turn.first_token = turn.last_token = None


def edit_calls(turn: Turn, arguments: Mapping[str, Any]) -> None:
    """Give calls of the last step, by their ids, other arguments than the model wrote."""
    step = turn.steps[-1]
    step.edited = {
        ordinal: value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)
        for ordinal, call in enumerate(calls_of(step))
        if (value := arguments.get(call.id)) is not None
    }
    traced = turn.trace.step(step.number)
    for ordinal, text in step.edited.items():
        if traced is not None and ordinal < len(traced.calls):
            traced.calls[ordinal].edit(text)


def _settled(turn: Turn, event: Event) -> Iterator[Event]:
    """Fold an event that comes behind a stream."""
    yield from turn.settle(0.0)
    again = replace(event, t=0.0)
    yield from (again, *turn.apply(again))


def _last_calls(turn: Turn, base: Step, arguments: Mapping[str, Any], results: Mapping[str, Any]) -> Iterator[Event]:
    """The calls of the last step that have their results already, edited or as they were."""
    edit_calls(turn, arguments)
    step = turn.steps[-1]
    for ordinal, call in enumerate(calls_of(step)):
        blank = ToolResult(t=0.0, step=step.number, id=call.id, name=call.name, arguments=call.parsed(), call=ordinal)
        if call.id in results:
            result = replace(blank, result=results[call.id])
        elif call.id in arguments or (had := base.results.get(ordinal)) is None or had.error_kind == "cancelled":
            continue
        else:
            result = replace(had, t=0.0, step=step.number)
        started = ToolStarted(
            t=0.0, step=step.number, id=call.id, name=call.name, arguments=result.arguments, call=ordinal
        )
        for event in (started, result):
            yield from (event, *turn.apply(event))
