"""Which pane gets which event, as which message: the whole table, and nothing else.

Every event type has its row, and every event goes to the events pane besides. Imports every event, and so is itself
imported with the first turn, not with the screen.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, get_args

from textual.message import Message

from workbench import events
from workbench.conversation.turn import Turn
from workbench.ui import messages
from workbench.ui.arrangement import Panel, PaneName

Route = tuple[PaneName, type[messages.EventMessage[Any]]]

SEEN: Route = ("events", messages.EventSeen)

PANES: tuple[PaneName, ...] = get_args(PaneName)

ROUTES: Mapping[type[events.Event], tuple[Route, ...]] = {
    events.TurnStart: tuple((pane, messages.TurnBegan) for pane in PANES),
    events.Retrieval: (("chat", messages.DocumentsSearched), ("tools", messages.DocumentsSearched)),
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
    events.ToolProgress: (("tools", messages.ToolTold),),
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
        ("request", messages.TurnEnded),
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


AT_ONCE: PaneName = "chat"
"""The pane that is told of such a piece as soon as it comes: it is what one waits for and reads."""

LATEST: frozenset[PaneName] = frozenset({"status", "events"})
"""The panes that need the last alone of such pieces in a row: they tell that text comes, and how much, not which."""


def route(turn: Turn, event: events.Event) -> Iterator[tuple[PaneName, Message]]:
    """The messages of one event, each with the pane it goes to."""
    for pane, message in (*ROUTES[type(event)], SEEN):
        yield pane, message(turn, event)


def route_at_once(turn: Turn, piece: events.Event) -> Iterator[tuple[PaneName, Message]]:
    """Those of a piece, of the types in `JOINED`, that do not wait."""
    for pane, message in ROUTES[type(piece)]:
        if pane == AT_ONCE:
            yield pane, message(turn, piece)


def route_joined(held: Sequence[tuple[Turn, events.Event]]) -> Iterator[tuple[PaneName, Message]]:
    """The messages of events that were held back, but for those that went at once."""
    for number, (turn, event) in enumerate(held, 1):
        is_piece = type(event) in JOINED
        goes_on = is_piece and number < len(held) and _is_next(turn, event, *held[number])
        for pane, message in (*ROUTES[type(event)], SEEN):
            if not (is_piece and pane == AT_ONCE) and not (goes_on and pane in LATEST):
                yield pane, message(turn, event)


def _is_next(turn: Turn, event: events.Event, next_turn: Turn, following: events.Event) -> bool:
    return turn is next_turn and type(event) is type(following)
