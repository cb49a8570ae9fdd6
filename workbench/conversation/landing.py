"""What an event of a turn became: the piece of text, the call or the citation that it brought, and the way back.

Owns the mapping in both directions, from events alone. What a piece belongs to is decided by the fold of its message.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from workbench.conversation.fold import MessageFold
from workbench.events import (
    CitationEnd,
    CitationStart,
    Cited,
    ContentDelta,
    ContentEnd,
    ContentStart,
    Debug,
    Event,
    MessageEnd,
    PersonAnswered,
    PersonAsked,
    Request,
    Retry,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolPlanDelta,
    ToolProgress,
    ToolResult,
    ToolStarted,
    TurnEnd,
)

What = Literal["text", "plan", "call", "citation", "request", "prompt", "retry", "end", "turn"]
"""A piece of a block of content; the plan; a tool call; a citation; a request; the prompt as the model saw it; a retry;
the end of the turn's answer; the turn as a whole."""


@dataclass(frozen=True, slots=True)
class Landing:
    """Where an event is seen. `ordinal` counts blocks, calls or citations of the message of its `step` from 0.

    `start` and `end` are code points of a block's text. A `Cited` has its ordinal in the turn, with `of_turn`.
    """

    what: What
    step: int
    ordinal: int = 0
    start: int = 0
    end: int = 0
    of_turn: bool = False


_OF_CALLS: Final = (ToolStarted, ToolProgress, ToolResult, PersonAsked, PersonAnswered)


class Landings:
    """Tells of the events of one step, given in their order from its request on, where each of them is seen."""

    def __init__(self) -> None:
        self._fold = MessageFold()

    def take(self, event: Event) -> Landing:
        """Where the next event is seen."""
        if isinstance(event, Request | Retry):
            self._fold = MessageFold()  # what a failed attempt left is no part of the next one
        self._fold.apply(event)
        return self._landing(event)

    def _landing(self, event: Event) -> Landing:
        fold, step = self._fold, event.step
        match event:
            case ContentStart() | ContentDelta() | ContentEnd():
                return self._of_content(event)
            case ToolPlanDelta():
                return Landing("plan", step)
            case ToolCallStart() | ToolCallDelta() | ToolCallEnd():
                return Landing("call", step, fold.call_of(event.index) or 0)
            case CitationStart() | CitationEnd():
                return Landing("citation", step, max(0, len(fold.citations) - 1))
            case Cited():
                return Landing("citation", step, event.ordinal, of_turn=True)
            case Request():
                return Landing("request", step)
            case Debug():
                return Landing("prompt", step)
            case Retry():
                return Landing("retry", step, event.attempt)
            case MessageEnd() | TurnEnd():
                return Landing("end", step)
            case PersonAsked(id="") | PersonAnswered(id=""):
                return Landing("turn", step)
            case _ if isinstance(event, _OF_CALLS):
                return Landing("call", step, event.call)
        return Landing("turn", step)

    def _of_content(self, event: ContentStart | ContentDelta | ContentEnd) -> Landing:
        fold = self._fold
        block = fold.block_count - 1 if isinstance(event, ContentStart) else fold.block_of(event.index)
        if block is None:
            return Landing("turn", event.step)
        end = fold.block_length(block)
        text = "" if isinstance(event, ContentEnd) else event.text
        text = (event.thinking or text) if isinstance(event, ContentDelta) else text
        return Landing("text", event.step, block, end - len(text), end)


def brings(landing: Landing) -> Callable[[Event], bool]:
    """Whether an event, of those of the landing's step, is the first that brought what is seen there.

    Of calls it is to be asked of the events in their order, from the request of the step on.
    """
    match landing.what:
        case "request":
            return lambda event: isinstance(event, Request)
        case "prompt":
            return lambda event: isinstance(event, Debug)
        case "plan":
            return lambda event: isinstance(event, ToolPlanDelta)
        case "retry":
            return lambda event: isinstance(event, Retry) and event.attempt == landing.ordinal
        case "citation":
            return lambda event: isinstance(event, Cited) and event.ordinal == landing.ordinal
        case "call":
            landings = Landings()

            def is_of_call(event: Event) -> bool:
                landed = landings.take(event)
                return (landed.what, landed.ordinal) == ("call", landing.ordinal)

            return is_of_call
    return lambda event: isinstance(event, ContentStart | ContentDelta)
