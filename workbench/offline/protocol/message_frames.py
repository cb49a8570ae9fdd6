"""A finished message as v2 bytes: server-sent frames, or the one JSON body when not streaming.

Owns the JSON of the wire and the order of its events. Refuses to decide anything about the content.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from workbench.offline.protocol.draft import Draft, DraftCall, DraftCitation
from workbench.offline.protocol.pieces import pieces

CitationMode = Literal["fast", "accurate", "off"]
DONE = b"data: [DONE]\n\n"


def to_json(value: Any) -> bytes:
    """Compact JSON in UTF-8; escaped to ASCII where the value holds lone surrogates, which UTF-8 cannot."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    try:
        return text.encode()
    except UnicodeEncodeError:
        return json.dumps(value, separators=(",", ":")).encode()


def stream(draft: Draft, *, id: str, input_tokens: int, mode: CitationMode) -> Iterator[bytes]:
    """The whole frames of `draft` in order, `[DONE]` last. `id` is the message's."""
    start = {"role": "assistant", "content": [], "tool_plan": "", "tool_calls": [], "citations": []}
    yield _frame("message-start", {"id": id}, {"message": start})
    blocks = 0
    if draft.thinking:
        yield from _thinking(draft.thinking)
        blocks = 1
    for piece in pieces(draft.plan):
        yield _frame("tool-plan-delta", {}, {"message": {"tool_plan": piece}})
    for index, call in enumerate(draft.calls):
        yield from _call(index, call)
    if draft.text:
        yield from _text(draft, blocks, mode)
    end = {"finish_reason": draft.finish_reason, "usage": _usage(draft, input_tokens)}
    yield _frame("message-end", {}, end)
    yield DONE


def whole(draft: Draft, *, id: str, input_tokens: int, mode: CitationMode) -> dict[str, Any]:
    """The body of the reply to a request that does not stream."""
    message: dict[str, Any] = {"role": "assistant"}
    content: list[dict[str, str]] = []
    if draft.thinking:
        content.append({"type": "thinking", "thinking": draft.thinking})
    if draft.text:
        content.append({"type": "text", "text": draft.text})
    if content:
        message["content"] = content
    if draft.plan:
        message["tool_plan"] = draft.plan
    if draft.calls:
        message["tool_calls"] = [_call_json(call, call.arguments) for call in draft.calls]
    if draft.citations and mode != "off":
        block = len(content) - 1
        message["citations"] = [_citation_json(draft, citation, block) for citation in draft.citations]
    return {
        "id": id,
        "finish_reason": draft.finish_reason,
        "message": message,
        "usage": _usage(draft, input_tokens),
    }


def _frame(kind: str, fields: Mapping[str, Any], delta: Mapping[str, Any] | None = None) -> bytes:
    data: dict[str, Any] = {**fields, "type": kind}
    if delta is not None:
        data["delta"] = delta
    return b"event: " + kind.encode() + b"\ndata: " + to_json(data) + b"\n\n"


def _thinking(thinking: str) -> Iterator[bytes]:
    empty = {"message": {"content": {"type": "thinking", "thinking": ""}}}
    yield _frame("content-start", {"index": 0}, empty)
    for piece in pieces(thinking):
        yield _frame("content-delta", {"index": 0}, {"message": {"content": {"thinking": piece}}})
    yield _frame("content-end", {"index": 0})


def _text(draft: Draft, block: int, mode: CitationMode) -> Iterator[bytes]:
    waiting = [] if mode == "off" else sorted(draft.citations, key=lambda cited: (cited.end, cited.start))
    yield _frame("content-start", {"index": block}, {"message": {"content": {"type": "text", "text": ""}}})
    written = sent = 0
    for piece in pieces(draft.text):
        yield _frame("content-delta", {"index": block}, {"message": {"content": {"text": piece}}})
        written += len(piece)
        while mode == "fast" and sent < len(waiting) and waiting[sent].end <= written:
            yield from _citation(sent, draft, waiting[sent], block)
            sent += 1
    for index in range(sent, len(waiting)):
        yield from _citation(index, draft, waiting[index], block)
    yield _frame("content-end", {"index": block})


def _citation(index: int, draft: Draft, citation: DraftCitation, block: int) -> Iterator[bytes]:
    payload = {"message": {"citations": _citation_json(draft, citation, block)}}
    yield _frame("citation-start", {"index": index}, payload)
    yield _frame("citation-end", {"index": index})


def _citation_json(draft: Draft, citation: DraftCitation, block: int) -> dict[str, Any]:
    return {
        "start": citation.start,
        "end": citation.end,
        "text": draft.text[citation.start : citation.end],
        "sources": list(citation.sources),
        "type": "TEXT_CONTENT",
        "content_index": block,
    }


def _call(index: int, call: DraftCall) -> Iterator[bytes]:
    start = {"message": {"tool_calls": _call_json(call, "")}}
    yield _frame("tool-call-start", {"index": index}, start)
    for piece in pieces(call.arguments):
        delta = {"message": {"tool_calls": {"function": {"arguments": piece}}}}
        yield _frame("tool-call-delta", {"index": index}, delta)
    yield _frame("tool-call-end", {"index": index})


def _call_json(call: DraftCall, arguments: str) -> dict[str, Any]:
    return {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": arguments}}


def _usage(draft: Draft, input_tokens: int) -> dict[str, Any]:
    counted = {"input_tokens": input_tokens, "output_tokens": draft.output_tokens()}
    return {"billed_units": counted, "tokens": dict(counted)}
