"""Which pane gets which event, as which message: the whole table, and nothing else.

Every event type has its row, and every event goes to the events pane besides. Imports every event, and so is itself
imported with the first turn, not with the screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, get_args

from textual.message import Message

from workbench import events
from workbench.conversation.turn import Turn
from workbench.ui import messages
from workbench.ui.arrangement import Panel, PaneName

Route = tuple[PaneName, type[messages.EventMessage[Any]]]

PANES: tuple[PaneName, ...] = get_args(PaneName)

ROUTES: Mapping[type[events.Event], tuple[Route, ...]] = {
    events.TurnStart: tuple((pane, messages.TurnBegan) for pane in PANES),
    events.Request: (
        ("request", messages.RequestSent),
        ("sources", messages.RequestSent),
        ("status", messages.RequestSent),
    ),
    events.Retry: (("tools", messages.RetryPlanned), ("status", messages.RetryPlanned)),
    events.MessageStart: (),
    events.ContentStart: (("chat", messages.BlockBegan),),
    events.ContentDelta: (("chat", messages.ContentArrived), ("status", messages.ContentArrived)),
    events.ContentEnd: (),
    events.ToolPlanDelta: (("tools", messages.PlanArrived), ("status", messages.PlanArrived)),
    events.ToolCallStart: (("tools", messages.CallBegan), ("status", messages.CallBegan)),
    events.ToolCallDelta: (("tools", messages.ArgumentsArrived),),
    events.ToolCallEnd: (("tools", messages.CallEnded),),
    events.CitationStart: (("sources", messages.CitationArrived),),
    events.CitationEnd: (),
    events.Cited: (
        ("chat", messages.CitationPlaced),
        ("tools", messages.CitationPlaced),
        ("sources", messages.CitationPlaced),
    ),
    events.MessageEnd: (("tools", messages.MessageEnded),),
    events.Debug: (("request", messages.PromptRevealed),),
    events.Done: (),
    events.Unknown: (("chat", messages.OddFrame),),
    events.Malformed: (("chat", messages.OddFrame),),
    events.ToolStarted: (("tools", messages.ToolRunning), ("status", messages.ToolRunning)),
    events.PersonAsked: (("tools", messages.QuestionOpened), ("status", messages.QuestionOpened)),
    events.PersonAnswered: (("tools", messages.QuestionClosed), ("status", messages.QuestionClosed)),
    events.ToolResult: (
        ("tools", messages.ToolReturned),
        ("sources", messages.ToolReturned),
        ("status", messages.ToolReturned),
    ),
    events.TurnEnd: (
        ("chat", messages.TurnEnded),
        ("tools", messages.TurnEnded),
        ("sources", messages.TurnEnded),
        ("status", messages.TurnEnded),
    ),
}

SUGGESTED: Mapping[type[events.Event], Panel] = {
    events.ToolCallStart: "tools",
    events.PersonAsked: "tools",
    events.Cited: "sources",
}
"""The pane that is worth a look once such an event came."""


JOINED = frozenset({events.ContentDelta, events.ToolPlanDelta, events.ToolCallDelta})
"""The pieces that a stream is made of: those that come soon after one another may reach their panes together."""


def route(turn: Turn, event: events.Event) -> Iterator[tuple[PaneName, Message]]:
    """The messages of one event, each with the pane it goes to."""
    for pane, message in ROUTES[type(event)]:
        yield pane, message(turn, event)
    yield "events", messages.EventSeen(turn, event)
