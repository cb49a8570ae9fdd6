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
        """The number of the turn."""
        return self.state.number


class TurnBegan(EventMessage["events.TurnStart"]):
    """A question was asked: a new turn begins, in every pane."""


class EventSeen(EventMessage["events.Event"]):
    """Any event, for the events pane."""


class DocumentsSearched(EventMessage["events.Retrieval"]):
    """Documents were searched for the question, in a way that is worth telling."""


class RequestSent(EventMessage["events.Request"]):
    """A step's request was sent, whose body the event holds."""


class RetryPlanned(EventMessage["events.Retry"]):
    """The request failed, and is sent again after a while."""


class BlockBegan(EventMessage["events.ContentStart"]):
    """The model begins a block of content, whose first text may be in it."""


class ContentArrived(EventMessage["events.ContentDelta"]):
    """A piece of the answer or of the thinking came."""


class PlanArrived(EventMessage["events.ToolPlanDelta"]):
    """A piece of the tool plan came."""


class CallBegan(EventMessage["events.ToolCallStart"]):
    """The model begins to write a tool call."""


class ArgumentsArrived(EventMessage["events.ToolCallDelta"]):
    """A piece of a tool call's arguments came."""


class CallEnded(EventMessage["events.ToolCallEnd"]):
    """The model has written a tool call to its end; it does not run yet."""


class CitationArrived(EventMessage["events.CitationStart"]):
    """A citation came, as the server has it; `CitationPlaced` tells its place in the answer."""


class CitationPlaced(EventMessage["events.Cited"]):
    """A citation has its place in the answer, or another than before."""


class MessageEnded(EventMessage["events.MessageEnd"]):
    """The model's message of a step is over."""


class PromptRevealed(EventMessage["events.Debug"]):
    """The server told the prompt as the model read it."""


class OddFrame(EventMessage["events.Unknown | events.Malformed"]):
    """A frame came that is no known event, or cannot be read as one."""


class ToolRunning(EventMessage["events.ToolStarted"]):
    """A tool call began to run here."""


class ToolTold(EventMessage["events.ToolProgress"]):
    """A tool call that runs told how far it is."""


class QuestionOpened(EventMessage["events.PersonAsked"]):
    """A person is asked about a tool call."""


class QuestionClosed(EventMessage["events.PersonAnswered"]):
    """The question about a tool call is answered, or given up."""


class ToolReturned(EventMessage["events.ToolResult"]):
    """A tool call has its result, or its error."""


class TurnEnded(EventMessage["events.TurnEnd"]):
    """The turn is over, however it ended."""


class TurnRewound(EventMessage["events.Event"]):
    """The turn is shown as it was when this event of it had come, wherever the pane was before."""
