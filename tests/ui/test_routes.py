"""Every event type has its row in the table, and every pane takes what the table sends it."""

from __future__ import annotations

from typing import get_args

import pytest

from tests.ui.harness import workbench_app
from workbench import events
from workbench.conversation.turn import Turn
from workbench.ui.arrangement import PaneName
from workbench.ui.messages import EventMessage
from workbench.ui.routes import AT_ONCE, JOINED, LATEST, PANES, ROUTES, route, route_at_once, route_joined

EXAMPLES: list[events.Event] = [
    events.TurnStart(turn=1, prompt="?"),
    events.Retrieval(sets=({"set": "s", "mode": "vector", "used": "keyword", "notice": "no model is at hand"},)),
    events.Request(body={"model": "m"}),
    events.Retry(attempt=1, most=3, wait=1.0, error={"kind": "http", "status": 503, "message": "busy"}),
    events.Cited(ordinal=0),
    events.ToolStarted(id="c", name="f"),
    events.ToolProgress(id="c", name="f"),
    events.PersonAsked(id="c", name="f"),
    events.PersonAnswered(id="c", name="f"),
    events.ToolResult(id="c", name="f"),
    events.TurnEnd(status="complete", summary=events.TurnSummary(status="complete")),
    *(kind() for kind in events.WIRE_EVENTS),
]


def test_the_table_has_every_event_type_and_no_other() -> None:
    assert set(ROUTES) == set(events.EVENTS) == {type(event) for event in EXAMPLES}


def test_every_pane_is_routed_to() -> None:
    assert {pane for row in ROUTES.values() for pane, _ in row} == set(get_args(PaneName)) == set(PANES)


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.kind)
def test_an_event_becomes_messages_that_carry_it_and_its_turn(event: events.Event) -> None:
    turn = Turn(7, "?")
    sent = list(route(turn, event))
    assert sent[-1][0] == "events"
    assert [pane for pane, _ in sent[:-1]] == [pane for pane, _ in ROUTES[type(event)]]
    for _, message in sent:
        assert isinstance(message, EventMessage)
        assert (message.turn, message.event, message.bubble) == (7, event, False)


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.kind)
def test_every_pane_handles_what_it_is_sent(event: events.Event) -> None:
    panes = workbench_app().panes
    for pane, message in route(Turn(1, "?"), event):
        assert hasattr(panes[pane], message.handler_name), f"{pane} has no {message.handler_name}"


@pytest.mark.parametrize("event", EXAMPLES, ids=lambda event: event.kind)
def test_what_is_held_back_goes_to_every_pane_once_sooner_or_later(event: events.Event) -> None:
    turn = Turn(1, "?")
    at_once = list(route_at_once(turn, event)) if type(event) in JOINED else []
    sent = [(pane, type(message)) for pane, message in [*at_once, *route_joined([(turn, event)])]]
    assert sorted(sent, key=str) == sorted([(pane, type(message)) for pane, message in route(turn, event)], key=str)
    assert {pane for pane, _ in at_once} <= {AT_ONCE}


def test_of_pieces_in_a_row_the_latest_is_enough_for_what_only_counts_them() -> None:
    first, second = Turn(1, "?"), Turn(2, "?")
    text: events.Event = events.ContentDelta(text="a")
    plan: events.Event = events.ToolPlanDelta(text="b")
    call: events.Event = events.ToolCallDelta(index=0)
    held = [(first, text)] * 3 + [(first, plan)] * 2 + [(second, plan)]
    held += [(second, call)] * 2 + [(second, events.Cited(ordinal=0)), (second, events.Cited(ordinal=1))]
    sent: dict[str, list[events.Event]] = {}
    for pane, message in route_joined(held):
        assert isinstance(message, EventMessage)
        sent.setdefault(pane, []).append(message.event)
    assert sent["status"] == [text, plan, plan]
    assert sent["events"] == [text, plan, plan, call, *[event for _, event in held[-2:]]]
    assert sent["tools"] == [plan, plan, plan, call, call, *[event for _, event in held[-2:]]]
    assert AT_ONCE not in LATEST
    assert [event.ordinal for event in sent[AT_ONCE] if isinstance(event, events.Cited)] == [0, 1]
