"""The typed events of a turn: what came over the wire, and what we did in between.

Owns the vocabulary that every other room speaks; imports nothing of ours and does no work.
Facts about the wire are from Cohere's v2 chat stream: any field of a frame may be missing, indexes are
three separate spaces (content, tool calls, citations), and a content index is not unique.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from typing import Any, ClassVar, Final, Literal


class Messages(list[Mapping[str, Any]]):
    """The messages of a request, of which none ever changes: what was made of one may be used again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """`t` is in seconds since the turn began; `step` counts requests of the turn from 1."""

    kind: ClassVar[str] = "event"
    t: float = 0.0
    step: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class WireEvent(Event):
    """An event that arrived in one frame. `raw` is the frame's data exactly as received."""

    raw: str = ""


# -- the message ----------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageStart(WireEvent):
    """The model's message of this step begins."""

    kind: ClassVar[str] = "message-start"
    id: str = ""
    role: str = "assistant"


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentStart(WireEvent):
    """Opens a content block; `type` is "text", "thinking" or something newer."""

    kind: ClassVar[str] = "content-start"
    index: int | None = None
    type: str = "text"
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentDelta(WireEvent):
    """A piece of a content block: `text` or `thinking`, whichever the frame carried."""

    kind: ClassVar[str] = "content-delta"
    index: int | None = None
    text: str = ""
    thinking: str = ""
    logprobs: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ContentEnd(WireEvent):
    """Closes the content block that was opened last with this stream index."""

    kind: ClassVar[str] = "content-end"
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolPlanDelta(WireEvent):
    """A piece of what the model says before it calls tools."""

    kind: ClassVar[str] = "tool-plan-delta"
    text: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallStart(WireEvent):
    """Opens a tool call; some servers put the first arguments here."""

    kind: ClassVar[str] = "tool-call-start"
    index: int | None = None
    id: str = ""
    name: str = ""
    arguments: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallDelta(WireEvent):
    """A piece of a tool call's arguments, which are JSON when all pieces are joined."""

    kind: ClassVar[str] = "tool-call-delta"
    index: int | None = None
    arguments: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolCallEnd(WireEvent):
    """Closes a tool call: its arguments are complete."""

    kind: ClassVar[str] = "tool-call-end"
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationStart(WireEvent):
    """A whole citation. `start` and `end` count code points of the cited block; `end` is exclusive.

    `type` is TEXT_CONTENT, PLAN, THINKING_CONTENT or something newer, "" when absent. `content_index` is
    the ordinal of the block in the final message, not a stream index. `sources` are as received.
    """

    kind: ClassVar[str] = "citation-start"
    index: int | None = None
    start: int | None = None
    end: int | None = None
    text: str = ""
    type: str = ""
    content_index: int | None = None
    sources: tuple[Mapping[str, Any], ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class CitationEnd(WireEvent):
    """Closes a citation, all of which came with its start."""

    kind: ClassVar[str] = "citation-end"
    index: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class MessageEnd(WireEvent):
    """`finish_reason` is an open set: COMPLETE, STOP_SEQUENCE, MAX_TOKENS, TOOL_CALL, ERROR, TIMEOUT, ..."""

    kind: ClassVar[str] = "message-end"
    finish_reason: str = ""
    usage: Mapping[str, Any] | None = None
    error: str = ""
    error_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Debug(WireEvent):
    """The prompt as the model reads it, of a server that tells it."""

    kind: ClassVar[str] = "debug"
    prompt: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Done(WireEvent):
    """The stream's terminator, `data: [DONE]`."""

    kind: ClassVar[str] = "done"


@dataclass(frozen=True, slots=True, kw_only=True)
class Unknown(WireEvent):
    """A well-formed frame whose `type` is not known here, or `NOT_STREAMED`; `data` is all of it."""

    kind: ClassVar[str] = "unknown"
    type: str = ""
    data: Any = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Malformed(WireEvent):
    """A frame that is no usable event; `reason` says why, `raw` is what came.

    `about` is the type of the event that it was to be, "" where that cannot be told.
    """

    kind: ClassVar[str] = "malformed"
    reason: str = ""
    about: str = ""


NOT_STREAMED = "not-streamed"
"""The `type` of the frame ahead of an answer that came whole, in place of a stream,"""

AT_ONCE = "the server did not stream: its whole answer came at once"
"""and the words for it."""


# -- ours --------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnStart(Event):
    """A turn began; its number is unique in its conversation, and `prompt` is what was asked."""

    kind: ClassVar[str] = "turn-start"
    turn: int
    prompt: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Retrieval(Event):
    """Documents were searched for the prompt, before the first request, in so many `seconds`.

    `sets` has how each set was searched, as `documents.modes.Look.as_json` tells it. `query` says in words what
    narrowed the search, and `notes` what else a person should be told of it. `rewrite` is what a model wrote to be
    searched for, as `documents.rewriting.Rewritten.as_json` tells it, None where none was asked.
    """

    kind: ClassVar[str] = "retrieval"
    seconds: float = 0.0
    sets: tuple[Mapping[str, Any], ...] = ()
    query: str = ""
    notes: tuple[str, ...] = ()
    rewrite: Mapping[str, Any] | None = None

    @property
    def fell_back(self) -> tuple[Mapping[str, Any], ...]:
        """The sets that were searched otherwise than was asked for, of which each `notice` says why."""
        return tuple(each for each in self.sets if each.get("used") != each.get("mode"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Request(Event):
    """A request was sent; `body` is its JSON, which never holds a secret."""

    kind: ClassVar[str] = "request"
    body: Mapping[str, Any]


@dataclass(frozen=True, slots=True, kw_only=True)
class Retry(Event):
    """The step's request failed before anything of an answer came, and is sent again after `wait` seconds.

    `attempt` counts the step's retries from 1, `most` is how many there may be. `error` has `kind`, `status` (None
    when there was no response) and `message`.
    """

    kind: ClassVar[str] = "retry"
    attempt: int
    most: int
    wait: float
    error: Mapping[str, Any]


CitedPlace = Literal["answer", "thinking", "plan", ""]


@dataclass(frozen=True, slots=True, kw_only=True)
class Cited(Event):
    """A citation with its place in the answer: follows its `CitationStart`, and comes again if found later.

    `ordinal` counts the turn's citations from 0. `answer[start:end] == text` in code points, or both are None
    when the text was found nowhere or the citation rests outside the answer (in the plan, in thinking).
    `place` is where it rests, "" for nowhere; outside the answer `within` is where it begins: in all that the turn
    thought, or in the plan of its step. `numbers` are the marks of its sources, in order of first citation in the turn.
    """

    kind: ClassVar[str] = "cited"
    ordinal: int
    start: int | None = None
    end: int | None = None
    text: str = ""
    type: str = ""
    sources: tuple[Mapping[str, Any], ...] = ()
    numbers: tuple[int, ...] = ()
    place: CitedPlace = ""
    within: int | None = None

    @property
    def is_sourced(self) -> bool:
        """Whether it may rest on something: not when all its sources are tool calls that were refused."""
        return bool(self.numbers) or not self.sources


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolStarted(Event):
    """A tool call began to run here; `call` is its ordinal among the calls of its step."""

    kind: ClassVar[str] = "tool-start"
    id: str
    name: str
    arguments: Any = None
    call: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolProgress(Event):
    """A running tool call tells how far it is, or what it does.

    `text` is for people; `done` of `total`, None where that is not told. `level` is "" for that, and of a line of a log
    its level, such as "info". `call` is its ordinal among the calls of its step.
    """

    kind: ClassVar[str] = "tool-progress"
    id: str
    name: str
    text: str = ""
    done: float | None = None
    total: float | None = None
    level: str = ""
    call: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAsked(Event):
    """A person is asked about a tool call, from now on: whether it may run, or what it returns.

    `call` is its ordinal among the calls of its step. Before the first request of a turn there is no call, and `id` is
    "": it is asked whether servers of tools may be started.
    """

    kind: ClassVar[str] = "person-asked"
    id: str
    name: str
    call: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class PersonAnswered(Event):
    """The question about a call is over, answered or not; it stood there for `seconds`."""

    kind: ClassVar[str] = "person-answered"
    id: str
    name: str
    call: int = 0
    seconds: float = 0.0


# In files of earlier versions "arguments" is spelled "invalid-arguments".
NEVER_RAN: Final = frozenset({"unknown-tool", "arguments", "invalid-arguments", "untrusted", "denied", "address"})
"""Kinds of errors of calls that were refused: no such tool, arguments that do not fit, not allowed."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ToolResult(Event):
    """A tool call ended: `result` (any JSON value), or `error` with a text when it failed.

    `arguments` is the parsed object, or the text as received when it does not parse. `seconds` is how long it ran,
    without the time in which a person was asked about it. `error_kind` is one of `errors.ToolFailure`, "" on success.
    `call` is its ordinal among the calls of its step: an id may come twice. `output` is the last of what the tool
    printed, at most 64 KB, with the traceback of one that raised: it is for people, the model gets `result` or `error`.
    `faults` are the places in arguments that do not fit, each with its JSON `pointer` and the `reason`.
    `of_documents` says that the result has passages of loaded documents, as `documents.search_tool` gives them.
    """

    kind: ClassVar[str] = "tool-result"
    id: str
    name: str
    arguments: Any = None
    result: Any = None
    error: str | None = None
    error_kind: str = ""
    seconds: float = 0.0
    call: int = 0
    output: str = ""
    faults: tuple[Mapping[str, str], ...] = ()
    of_documents: bool = False

    @property
    def is_refused(self) -> bool:
        """Whether the call never ran: then it did not fail, and there is nothing of it to cite."""
        return self.error_kind in NEVER_RAN

    @property
    def refusal(self) -> str:
        """In a word or two, how a call that never ran was refused."""
        return {"denied": "denied", "untrusted": "not trusted"}.get(self.error_kind, "refused")


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnSummary:
    """A finished turn, as the last line of `ask --json` tells it.

    `seconds` has `first_token`, None when none came, `total`, `tools`, and `person`: how long a person was asked.
    `error` is None, or has `kind`, `status` and `message`. Citations satisfy `text[start:end] == citation["text"]`, or
    have no `start`. `ledger` has what was sent and what is cited, `coverage` how many of the answer's `sentences` are
    `cited`, None where there is no sentence; the others are in `uncited`, with `start`, `end` and `text`.
    """

    status: str
    finish_reason: str | None = None
    text: str = ""
    thinking: str = ""
    tool_calls: tuple[Mapping[str, Any], ...] = ()
    citations: tuple[Mapping[str, Any], ...] = ()
    ledger: tuple[Mapping[str, Any], ...] = ()
    coverage: Mapping[str, Any] | None = None
    uncited: tuple[Mapping[str, Any], ...] = ()
    usage: Mapping[str, Any] = field(default_factory=dict)
    error: Mapping[str, Any] | None = None
    steps: int = 0
    seconds: Mapping[str, float | None] = field(default_factory=dict)

    def as_json(self) -> dict[str, Any]:
        """The fields of the line, as JSON values."""
        found = {each.name: getattr(self, each.name) for each in fields(self)}
        return {name: list(value) if isinstance(value, tuple) else value for name, value in found.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class TurnEnd(Event):
    """The turn is over."""

    kind: ClassVar[str] = "turn-end"
    status: str
    summary: TurnSummary


WIRE_EVENTS: tuple[type[WireEvent], ...] = (
    MessageStart, ContentStart, ContentDelta, ContentEnd, ToolPlanDelta, ToolCallStart, ToolCallDelta,
    ToolCallEnd, CitationStart, CitationEnd, MessageEnd, Debug, Done, Unknown, Malformed,
)  # fmt: skip
# Those that move an answer on: not what is odd, nor the bare end of the stream.
KNOWN = tuple(kind for kind in WIRE_EVENTS if kind not in (Done, Unknown, Malformed))
OUR_EVENTS: tuple[type[Event], ...] = (
    TurnStart, Retrieval, Request, Retry, Cited, ToolStarted, ToolProgress, PersonAsked, PersonAnswered, ToolResult,
    TurnEnd,
)  # fmt: skip
EVENTS: tuple[type[Event], ...] = (*WIRE_EVENTS, *OUR_EVENTS)
