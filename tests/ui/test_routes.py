"""Every event type has its row in the table, and every pane takes what the table sends it."""

from __future__ import annotations

from typing import get_args

import pytest

from tests.ui.harness import workbench_app
from workbench import events
from workbench.conversation.turn import Turn
from workbench.ui.arrangement import PaneName
from workbench.ui.messages import EventMessage
from workbench.ui.routes import PANES, ROUTES, route

EXAMPLES: list[events.Event] = [
    events.TurnStart(turn=1, prompt="?"),
    events.Request(body={"model": "m"}),
    events.Retry(attempt=1, most=3, wait=1.0, error={"kind": "http", "status": 503, "message": "busy"}),
    events.Cited(ordinal=0),
    events.ToolStarted(id="c", name="f"),
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
