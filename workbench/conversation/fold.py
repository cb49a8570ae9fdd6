"""The fold: event after event -> the message so far, and messages for the next request. No I/O.

Owns content blocks, tool plan, tool calls, citations and their anchors, usage and finish reason of a message.
Pure (the same events give the same message) and linear: an event costs the same at any length. Refuses to
drop text: what comes out of order, without a start or after the end is still folded, and a block of a type
that is not known yet counts as text.
"""

from __future__ import annotations

import itertools
import json
import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, cast

from workbench.conversation.text_buffer import TextBuffer
from workbench.events import (
    CitationStart,
    ContentDelta,
    ContentEnd,
    ContentStart,
    Event,
    MessageEnd,
    MessageStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolPlanDelta,
)
from workbench.tools.jsontext import object_text

NEAR = 200  # code points on either side of a wrong offset in which a cited text is looked for
PLAN = -1  # the "block" of a citation that rests in the tool plan
MOST_PLACES = 8  # blocks in which one citation is looked for
MOST_UNANCHORED = 500  # citations that came before their text, and are looked for again with each block that ends


@dataclass(frozen=True, slots=True)
class ContentBlock:
    """A content block; `type` is "text", "thinking" or something newer. `open` until its content-end."""

    type: str
    text: str
    open: bool


def _no_number(name: str) -> float:
    raise ValueError(f"{name} is no JSON number")


def _finite(text: str) -> float:
    number = float(text)
    return number if math.isfinite(number) else _no_number(text)


@dataclass(frozen=True, slots=True)
class ToolCall:
    """A tool call as the model wrote it; `arguments` is the JSON text, "" and `null` standing for {}."""

    id: str
    name: str
    arguments: str
    open: bool = False

    def parsed(self) -> Any:
        """The arguments as an object once they parse, else the text as received."""
        try:
            value = json.loads(object_text(self.arguments), parse_constant=_no_number, parse_float=_finite)
        except (ValueError, RecursionError):
            return self.arguments
        return value if isinstance(value, dict) else self.arguments


@dataclass(frozen=True, slots=True)
class Citation:
    """`block` is the ordinal of a content block, PLAN, or None when the text was found nowhere.

    When anchored, `block_text[start:end] == text`, in code points; else both are None.
    """

    ordinal: int
    text: str
    type: str
    sources: tuple[Mapping[str, Any], ...]
    block: int | None = None
    start: int | None = None
    end: int | None = None


@dataclass(frozen=True, slots=True)
class Message:
    """A message, whole or so far. `ended` tells whether its message-end has come."""

    id: str
    blocks: tuple[ContentBlock, ...]
    tool_plan: str
    tool_calls: tuple[ToolCall, ...]
    citations: tuple[Citation, ...]
    ended: bool
    finish_reason: str
    usage: Mapping[str, Any] | None
    error: str
    error_type: str

    @property
    def text(self) -> str:
        """The text of all blocks but those of thinking, in their order."""
        return "".join(block.text for block in self.blocks if block.type != "thinking")

    @property
    def thinking(self) -> str:
        """The text of the thinking blocks, in their order."""
        return "".join(block.text for block in self.blocks if block.type == "thinking")

    def text_base(self, block: int) -> int:
        """Where the text block with this ordinal begins in `text`, in code points."""
        return sum(len(b.text) for b in self.blocks[:block] if b.type != "thinking")


class _OpenBlock:
    __slots__ = ("buffer", "index", "open", "type")

    def __init__(self, kind: str, index: int | None) -> None:
        self.type = kind
        self.index = index
        self.buffer = TextBuffer()
        self.open = True


class _OpenCall:
    __slots__ = ("arguments", "id", "name", "open")

    def __init__(self, call_id: str, name: str) -> None:
        self.id = call_id
        self.name = name
        self.arguments = TextBuffer()
        self.open = True


class MessageFold:
    """Folds the events of one message. `apply` takes any event and ignores those that are not its own."""

    def __init__(self) -> None:
        self.id = ""
        self.ended = False
        self.finish_reason = ""
        self.usage: Mapping[str, Any] | None = None
        self.error = ""
        self.error_type = ""
        self.citations: list[Citation] = []
        self._unanchored: dict[int, CitationStart] = {}
        self._plan = TextBuffer()
        self._blocks: list[_OpenBlock] = []
        self._block_by_index: dict[int | None, int] = {}
        self._calls: list[_OpenCall] = []
        self._call_by_index: dict[int | None, _OpenCall] = {}

    # -- reading --------------------------------------------------------------------------

    def message(self) -> Message:
        """The message so far; cost grows with its length, so not for every event."""
        return Message(
            id=self.id,
            blocks=tuple(ContentBlock(b.type, b.buffer.text, b.open) for b in self._blocks),
            tool_plan=self._plan.text,
            tool_calls=tuple(ToolCall(c.id, c.name, c.arguments.text, c.open) for c in self._calls),
            citations=tuple(self.citations),
            ended=self.ended,
            finish_reason=self.finish_reason,
            usage=self.usage,
            error=self.error,
            error_type=self.error_type,
        )

    def text_base(self, block: int) -> int:
        """Where the text block with this ordinal begins in the message's text, in code points."""
        return sum(len(b.buffer) for b in self._blocks[:block] if b.type != "thinking")

    def thinking_base(self, block: int) -> int:
        """Where the thinking block with this ordinal begins in the message's thinking, in code points."""
        return sum(len(b.buffer) for b in self._blocks[:block] if b.type == "thinking")

    def thinking_length(self) -> int:
        """The length so far of the message's thinking, in code points."""
        return self.thinking_base(len(self._blocks))

    def text_bases(self) -> list[int]:
        """`text_base` of every block."""
        lengths = (len(b.buffer) if b.type != "thinking" else 0 for b in self._blocks)
        return list(itertools.accumulate(lengths, initial=0))

    @property
    def block_count(self) -> int:
        """How many content blocks there are so far, of whatever type."""
        return len(self._blocks)

    @property
    def call_count(self) -> int:
        """How many tool calls there are so far."""
        return len(self._calls)

    def block_of(self, index: int | None) -> int | None:
        """The ordinal of the block that a delta with this index was added to last; None where there is none."""
        ordinal = self._block_by_index.get(index)
        return len(self._blocks) - 1 if ordinal is None and index is None and self._blocks else ordinal

    def block_length(self, block: int) -> int:
        """The length so far of a block, in code points."""
        return len(self._blocks[block].buffer)

    def call_of(self, index: int | None) -> int | None:
        """The ordinal of the call that a piece with this index belongs to; None where there is none."""
        call = self._call_by_index.get(index)
        if call is None:
            return len(self._calls) - 1 if index is None and self._calls else None
        return next(ordinal for ordinal in range(len(self._calls) - 1, -1, -1) if self._calls[ordinal] is call)

    def text_length(self) -> int:
        """The length so far of the message's text, in code points."""
        return self.text_base(len(self._blocks))

    def is_text(self, block: int | None) -> bool:
        """Whether the block with this ordinal is part of the text; one of thinking is not, nor are None and `PLAN`."""
        return block is not None and block >= 0 and self._blocks[block].type != "thinking"

    # -- folding ------------------------------------------------------------------------------

    def apply(self, event: Event) -> tuple[Citation, ...]:
        """Fold one event; return the citations that it added or newly anchored."""
        handler = _HANDLERS.get(type(event))
        return handler(self, event) if handler else ()

    def settle(self) -> tuple[Citation, ...]:
        """Try again to anchor the citations that came before their text; return those it anchored."""
        settled = []
        for ordinal, event in tuple(self._unanchored.items()):
            citation = self._anchor(ordinal, event)
            if citation.start is not None:
                del self._unanchored[ordinal]
                self.citations[ordinal] = citation
                settled.append(citation)
        return tuple(settled)

    def _message_start(self, event: MessageStart) -> tuple[Citation, ...]:
        self.id = self.id or event.id
        return ()

    def _content_start(self, event: ContentStart) -> tuple[Citation, ...]:
        self._open_block(event.type, event.index).buffer.append(event.text)
        return ()

    def _content_delta(self, event: ContentDelta) -> tuple[Citation, ...]:
        if event.thinking:
            self._block_for(event.index, "thinking").buffer.append(event.thinking)
        if event.text:
            self._block_for(event.index, "text").buffer.append(event.text)
        return ()

    def _content_end(self, event: ContentEnd) -> tuple[Citation, ...]:
        ordinal = self._block_by_index.get(event.index)
        if ordinal is not None:
            self._blocks[ordinal].open = False
        return self.settle()

    def _open_block(self, kind: str, index: int | None) -> _OpenBlock:
        block = _OpenBlock(kind, index)
        self._block_by_index[index] = len(self._blocks)
        self._blocks.append(block)
        return block

    def _block_for(self, index: int | None, kind: str) -> _OpenBlock:
        """The most recently opened block with this index; one that was never opened is opened here."""
        ordinal = self.block_of(index)
        if ordinal is not None:
            block = self._blocks[ordinal]
            if (block.type == "thinking") == (kind == "thinking"):
                return block
        return self._open_block(kind, index)

    def _tool_plan_delta(self, event: ToolPlanDelta) -> tuple[Citation, ...]:
        self._plan.append(event.text)
        return ()

    def _tool_call_start(self, event: ToolCallStart) -> tuple[Citation, ...]:
        call = self._call_by_index[event.index] = _OpenCall(event.id, event.name)
        call.arguments.append(event.arguments)
        self._calls.append(call)
        return ()

    def _tool_call_delta(self, event: ToolCallDelta) -> tuple[Citation, ...]:
        call = self._call_by_index.get(event.index)
        if call is None and event.index is None and self._calls:
            call = self._calls[-1]
        if call is None:
            call = self._call_by_index[event.index] = _OpenCall("", "")
            self._calls.append(call)
        call.arguments.append(event.arguments)
        return ()

    def _tool_call_end(self, event: ToolCallEnd) -> tuple[Citation, ...]:
        if (call := self._call_by_index.get(event.index)) is not None:
            call.open = False
        return ()

    def _message_end(self, event: MessageEnd) -> tuple[Citation, ...]:
        self.ended = True
        self.finish_reason = event.finish_reason
        self.usage = event.usage
        self.error = event.error
        self.error_type = event.error_type
        return self.settle()

    # -- citations ------------------------------------------------------------------------------

    def _citation_start(self, event: CitationStart) -> tuple[Citation, ...]:
        ordinal = len(self.citations)
        citation = self._anchor(ordinal, event)
        self.citations.append(citation)
        if citation.start is None and len(self._unanchored) < MOST_UNANCHORED:
            self._unanchored[ordinal] = event
        return (citation,)

    def _anchor(self, ordinal: int, event: CitationStart) -> Citation:
        """The citation with a verified place: as given, else near it, else nowhere."""
        places = self._places(event)
        for search in (_exactly, _nearby):
            for block, buffer in places:
                start = search(buffer, event.text, event.start, event.end)
                if start is not None:
                    end = start + len(event.text)
                    return Citation(ordinal, event.text, event.type, event.sources, block, start, end)
        return Citation(ordinal, event.text, event.type, event.sources)

    def _places(self, event: CitationStart) -> list[tuple[int, TextBuffer]]:
        """The blocks in which the citation may rest, the likeliest first."""
        if event.type == "PLAN":
            return [(PLAN, self._plan)]
        thinking = event.type == "THINKING_CONTENT"
        chosen = event.content_index
        count = len(self._blocks)
        ordinals = [chosen] if chosen is not None and 0 <= chosen < count else []
        ordinals += range(count - 1, max(-1, count - 1 - MOST_PLACES), -1)
        return [(n, self._blocks[n].buffer) for n in ordinals if (self._blocks[n].type == "thinking") == thinking]


def _exactly(buffer: TextBuffer, text: str, start: int | None, end: int | None) -> int | None:
    if start is None or not text or start < 0 or (end is not None and end - start != len(text)):
        return None
    return start if buffer.slice(start, start + len(text)) == text else None


def _nearby(buffer: TextBuffer, text: str, start: int | None, end: int | None) -> int | None:
    """The occurrence of `text` that begins nearest to `start`, at most NEAR code points away."""
    if start is None or not text:
        return None
    first = max(0, start - NEAR)
    window = buffer.slice(first, start + NEAR + len(text))
    found, at = None, window.find(text)
    while at >= 0:
        if found is None or abs(first + at - start) < abs(found - start):
            found = first + at
        at = window.find(text, at + 1)
    return found


_Handler = Callable[[MessageFold, Event], tuple[Citation, ...]]
_HANDLERS: Mapping[type[Event], _Handler] = {
    kind: cast(_Handler, handler)
    for kind, handler in {
        MessageStart: MessageFold._message_start,
        ContentStart: MessageFold._content_start,
        ContentDelta: MessageFold._content_delta,
        ContentEnd: MessageFold._content_end,
        ToolPlanDelta: MessageFold._tool_plan_delta,
        ToolCallStart: MessageFold._tool_call_start,
        ToolCallDelta: MessageFold._tool_call_delta,
        ToolCallEnd: MessageFold._tool_call_end,
        CitationStart: MessageFold._citation_start,
        MessageEnd: MessageFold._message_end,
    }.items()
}


def fold(events: Iterable[Event]) -> Message:
    """Fold a whole message at once."""
    state = MessageFold()
    for event in events:
        state.apply(event)
    return state.message()


# -- messages for the next request ----------------------------------------------------------------


def assistant_message(message: Message, *, thinking: bool, tool_calls: bool) -> dict[str, Any] | None:
    """The message in the shape of a request's `messages`, or None when nothing of it can be sent.

    `thinking` keeps thinking blocks (wanted between the steps of one turn); `tool_calls` keeps plan and calls
    (only when each call gets its tool message).
    """
    content: Any = message.text
    if thinking and message.thinking:
        kinds = [("thinking" if b.type == "thinking" else "text", b.text) for b in message.blocks if b.text]
        content = [{"type": kind, kind: text} for kind, text in kinds]
    entry: dict[str, Any] = {"role": "assistant"}
    if tool_calls and message.tool_calls:
        if message.tool_plan:
            entry["tool_plan"] = message.tool_plan
        entry["tool_calls"] = [
            {
                "id": call.id,
                "type": "function",
                "function": {"name": call.name, "arguments": object_text(call.arguments).strip()},
            }
            for call in message.tool_calls
        ]
    if content:
        entry["content"] = content
    return entry if len(entry) > 1 else None


def unique_calls(calls: Sequence[ToolCall]) -> list[ToolCall]:
    """The calls with ids that differ; a missing or repeated id gets a suffix, so that results can be told apart."""
    seen: set[str] = set()
    unique = []
    for ordinal, call in enumerate(calls):
        call_id = call.id or f"{call.name or 'call'}_{ordinal}"
        while call_id in seen:
            call_id = f"{call_id}_{ordinal}"
        seen.add(call_id)
        unique.append(ToolCall(call_id, call.name, call.arguments, call.open))
    return unique
