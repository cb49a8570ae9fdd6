"""A whole answer, which is one JSON object: the frames that a stream of it would have had.

Owns the telling of an answer of the v2 API from any other JSON. A server that does not stream, or a proxy that joins
what its server streams, gives one. Refuses to judge what is in an answer: it is in the frames as it came.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final

from workbench.events import AT_ONCE, NOT_STREAMED
from workbench.json_depth import DEEPEST, is_deeper
from workbench.wire.decoder import MOST_VALUES
from workbench.wire.frames import LONGEST

MOST: Final = LONGEST
"""Bytes of a body that are read as an answer."""

_UNTOLD: Final = frozenset({"", "text/plain", "application/octet-stream"})
"""What servers say of a body of which they do not know what it is."""

_BEGINNING: Final = 100  # bytes

_DONE: Final = b"data: [DONE]\n\n"


def is_json(content_type: str) -> bool:
    """Whether a response's `content-type` is one of JSON."""
    kind = content_type.partition(";")[0].strip().lower()
    return kind in ("application/json", "text/json") or (kind.startswith("application/") and kind.endswith("+json"))


def may_be_answer(content_type: str, body: bytes | bytearray) -> bool:
    """Whether what begins with `body` may be an answer: JSON, or an object that a server calls text, or nothing."""
    if is_json(content_type):
        return True
    kind = content_type.partition(";")[0].strip().lower()
    return kind in _UNTOLD and begins_object(body) is True


def begins_object(body: bytes | bytearray) -> bool | None:
    """Whether `body` begins as an object of JSON, and so as no line of an event stream; None before that is seen."""
    start = body[:_BEGINNING].removeprefix(b"\xef\xbb\xbf").lstrip()
    return None if not start and len(body) < _BEGINNING else start[:1] == b"{"


def frames_of_answer(body: bytes) -> bytes | None:
    """The stream of the answer in `body`, a frame first that says that it is none; None for what is no v2 answer.

    An answer of the v2 API has a `message`, which is an object, and a `finish_reason`. Never raises.
    """
    answer = _loaded(body)
    if answer is None:
        return None
    message, reason = answer.get("message"), answer.get("finish_reason", ...)
    if not isinstance(message, dict) or not (reason is None or isinstance(reason, str)):
        return None
    return b"".join([*(_frame(event) for event in _events(answer, message)), _DONE])


def _loaded(body: bytes) -> dict[str, Any] | None:
    if len(body) > MOST or sum(map(body.count, (b"{", b"[", b","))) > MOST_VALUES:
        return None
    try:
        answer = json.loads(body.decode("utf-8-sig", "replace"))
        return answer if isinstance(answer, dict) and not is_deeper(answer, DEEPEST) else None
    except (ValueError, RecursionError):
        return None


def _frame(event: Mapping[str, Any]) -> bytes:
    """As ASCII: a half of a surrogate pair is as good a character as another there."""
    return f"event: {event['type']}\ndata: {json.dumps(event, separators=(',', ':'))}\n\n".encode("ascii")


def _events(answer: Mapping[str, Any], message: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    yield {"type": NOT_STREAMED, "message": AT_ONCE}
    start = {"message": {"role": message.get("role") or "assistant"}}
    yield {"type": "message-start", "id": answer.get("id"), "delta": start}
    if message.get("tool_plan"):
        yield {"type": "tool-plan-delta", "delta": {"message": {"tool_plan": message["tool_plan"]}}}
    yield from _content(_blocks(message.get("content")), _listed(message.get("citations")))
    for index, call in enumerate(_listed(message.get("tool_calls"))):
        yield {"type": "tool-call-start", "index": index, "delta": {"message": {"tool_calls": call}}}
        yield {"type": "tool-call-end", "index": index}
    end = {name: answer[name] for name in ("finish_reason", "usage", "error", "error_type") if name in answer}
    yield {"type": "message-end", "delta": end}


def _content(blocks: list[Any], citations: list[Any]) -> Iterator[dict[str, Any]]:
    """The blocks, and the citations of all of them within the last: all that they cite has come by then."""
    for index, block in enumerate(blocks):
        kind = _kind(block)
        yield {"type": "content-start", "index": index, "delta": {"message": {"content": {"type": kind}}}}
        yield {"type": "content-delta", "index": index, "delta": {"message": {"content": block}}}
        if index == len(blocks) - 1:
            yield from _cited(citations)
        yield {"type": "content-end", "index": index}
    if not blocks:
        yield from _cited(citations)


def _cited(citations: list[Any]) -> Iterator[dict[str, Any]]:
    for index, citation in enumerate(citations):
        yield {"type": "citation-start", "index": index, "delta": {"message": {"citations": citation}}}
        yield {"type": "citation-end", "index": index}


def _kind(block: Any) -> str:
    """The type of a block; what is no block is left to the decoder, which says so."""
    if not isinstance(block, dict):
        return "text"
    kind = block.get("type")
    return kind if isinstance(kind, str) and kind else "thinking" if "thinking" in block else "text"


def _blocks(content: Any) -> list[Any]:
    """The blocks of a message's content, which may be one text."""
    if isinstance(content, str):
        content = [content] if content else []
    return [{"type": "text", "text": each} if isinstance(each, str) else each for each in _listed(content)]


def _listed(value: Any) -> list[Any]:
    """`value` as a list: nothing for null, and what is no list is its one item."""
    return [] if value is None else value if isinstance(value, list) else [value]
