"""The messages that go down to the panes: one for each thing that can happen in a turn.

They do not bubble, and each carries its turn, so that a pane can ignore what is stale. What a widget has to say to
the app goes up by messages nested in that widget. The events are named here, not imported: the screen is painted
before a turn needs them.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Generic, TypeVar

from textual.message import Message

if TYPE_CHECKING:
    from workbench import events
    from workbench.conversation.turn import Turn

E = TypeVar("E", bound="events.Event")


class EventMessage(Message, Generic[E], bubble=False):
    """An event on its way to a pane. `state` is the fold of its turn, which panes only read."""

    def __init_subclass__(cls, **options: Any) -> None:
        super().__init_subclass__(bubble=False, **options)  # Textual does not inherit it

    def __init__(self, state: Turn, event: E) -> None:
        self.state = state
        self.event = event
        super().__init__()

    @property
    def turn(self) -> int:
        return self.state.number


class TurnBegan(EventMessage["events.TurnStart"]): ...


class EventSeen(EventMessage["events.Event"]):
    """Any event, for the events pane."""


class RequestSent(EventMessage["events.Request"]): ...


class RetryPlanned(EventMessage["events.Retry"]): ...


class BlockBegan(EventMessage["events.ContentStart"]): ...


class ContentArrived(EventMessage["events.ContentDelta"]): ...


class PlanArrived(EventMessage["events.ToolPlanDelta"]): ...


class CallBegan(EventMessage["events.ToolCallStart"]): ...


class ArgumentsArrived(EventMessage["events.ToolCallDelta"]): ...


class CallEnded(EventMessage["events.ToolCallEnd"]): ...


class CitationArrived(EventMessage["events.CitationStart"]): ...


class CitationPlaced(EventMessage["events.Cited"]): ...


class MessageEnded(EventMessage["events.MessageEnd"]): ...


class PromptRevealed(EventMessage["events.Debug"]): ...


class OddFrame(EventMessage["events.Unknown | events.Malformed"]): ...


class ToolRunning(EventMessage["events.ToolStarted"]): ...


class ToolReturned(EventMessage["events.ToolResult"]): ...


class TurnEnded(EventMessage["events.TurnEnd"]): ...
