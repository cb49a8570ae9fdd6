"""Frames -> events. The only place that knows the JSON of Cohere's v2 stream.

Owns the decoding: a frame is one typed event.
Refuses to judge: it never raises on what came, loses nothing of it, and leaves meaning to the fold.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import Any, NamedTuple

from workbench.events import (
    CitationEnd,
    CitationStart,
    ContentDelta,
    ContentEnd,
    ContentStart,
    Debug,
    Done,
    Malformed,
    MessageEnd,
    MessageStart,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolPlanDelta,
    Unknown,
    WireEvent,
)
from workbench.json_depth import DEEPEST, is_deeper
from workbench.wire.frames import KEPT, Frame

_DECODE = json.JSONDecoder().raw_decode
_CALL = re.compile(r'"tool[-_]calls?\b')  # in what is no JSON, or has no type
MOST_VALUES = 1_000_000  # in the JSON of a frame, about: each takes many times its length on the wire


def decode(frame: Frame, t: float = 0.0, step: int = 1) -> WireEvent:
    """One frame -> one event, stamped with `t` (seconds since the turn began) and `step`. Never raises."""
    event = _decode(frame, t, step)
    return replace(event, about=_about(frame)) if type(event) is Malformed and not event.about else event


def _about(frame: Frame) -> str:
    """The type of the event that a frame was to be, though it cannot be read; "" where nothing tells."""
    if frame.event in _DECODERS:
        return frame.event
    return "tool-call-delta" if _CALL.search(frame.data, 0, KEPT) else ""


def _decode(frame: Frame, t: float, step: int) -> WireEvent:
    raw = frame.data
    if frame.fault:
        return Malformed(t=t, step=step, raw=raw, reason=frame.fault)
    if raw in ("[DONE]", '"[DONE]"'):
        return Done(t=t, step=step, raw=raw)
    if not raw:
        return Unknown(t=t, step=step, raw=raw, type=frame.event)
    if len(raw) > MOST_VALUES and sum(map(raw.count, "{[,")) > MOST_VALUES:
        return Malformed(t=t, step=step, raw=raw[:KEPT], reason="JSON of too many values")
    try:
        data = _loaded(raw)
        too_deep = raw.count("{") + raw.count("[") > DEEPEST and is_deeper(data, DEEPEST)
    except RecursionError:
        too_deep = True
    except ValueError as error:
        return Malformed(t=t, step=step, raw=raw, reason=f"not JSON: {error}")
    if too_deep:
        return Malformed(t=t, step=step, raw=raw, reason="JSON nested too deeply")
    return _decode_json(data, frame.event, _Stamp(t, step, raw))


def _loaded(raw: str) -> Any:
    """As `json.loads`, in half the time where there is nothing around the value. Raises ValueError."""
    try:
        data, end = _DECODE(raw)
    except ValueError:
        end = -1
    return data if end == len(raw) else json.loads(raw)


class _Stamp(NamedTuple):
    """What every event of a frame carries."""

    t: float
    step: int
    raw: str


class _ShapeError(Exception):
    """A known event whose inside is not as it should be; the text says where."""


def _decode_json(data: Any, name: str, at: _Stamp) -> WireEvent:
    if not isinstance(data, dict):
        return _malformed(at, f"expected a JSON object, got {_type_name(data)}")
    kind = data.get("type", name)
    if "type" not in data and name not in _DECODERS:
        return _untyped(data, at)
    if kind == "error":
        return _untyped(data, at)
    decoder = _DECODERS.get(kind) if isinstance(kind, str) else None
    if decoder is None:
        return Unknown(t=at.t, step=at.step, raw=at.raw, type=str(kind), data=data)
    try:
        return decoder(data, at)
    except _ShapeError as error:
        return Malformed(t=at.t, step=at.step, raw=at.raw, reason=f"{kind}: {error}", about=str(kind))


def _untyped(data: Mapping[str, Any], at: _Stamp) -> WireEvent:
    """An object without a type of this API: an error body in the stream, a v1 event, or nothing known."""
    if isinstance(event_type := data.get("event_type"), str):
        return _malformed(at, f"a v1 event ({event_type}); this program speaks the v2 API")
    error = data.get("error", data.get("message"))
    if isinstance(error, dict):
        error = error.get("message") or json.dumps(error)
    if isinstance(error, str) and error:
        return _malformed(at, f"the server sent an error: {error}")
    if data.get("type") == "error":
        return _malformed(at, "the server sent an error and no reason")
    return _malformed(at, "an object without a type")


def _malformed(at: _Stamp, reason: str) -> Malformed:
    return Malformed(t=at.t, step=at.step, raw=at.raw, reason=reason)


# -- reading JSON that may have any shape ---------------------------------------------------


def _type_name(value: Any) -> str:
    names = {dict: "an object", list: "a list", str: "a string", bool: "a boolean", type(None): "null"}
    return names.get(type(value), "a number")


def _object(data: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    """The object under `key`; {} when absent or null. A list of one object stands for that object."""
    value = data.get(key)
    if type(value) is dict:
        return value
    if value is None:
        return {}
    if isinstance(value, list) and len(value) == 1 and isinstance(value[0], dict):
        return value[0]
    raise _ShapeError(f"{key} is {_type_name(value)}")


def _text(data: Mapping[str, Any], key: str) -> str:
    value = data.get(key)
    if type(value) is str:
        return value
    if value is None:
        return ""
    raise _ShapeError(f"{key} is {_type_name(value)}")


def _id(data: Mapping[str, Any]) -> str:
    """The id, as text: some servers count."""
    value = data.get("id")
    return str(value) if type(value) is int else _text(data, "id")


def _arguments(function: Mapping[str, Any]) -> str:
    """The JSON text of a call's arguments, or of a piece of them: some servers send the value itself.

    An empty object is no text, as many send one where the arguments are still to come.
    """
    value = function.get("arguments")
    if type(value) is str:
        return value
    return "" if value is None or value == {} else json.dumps(value, ensure_ascii=False)


def _number(data: Mapping[str, Any], key: str) -> int | None:
    """A whole number, or None when absent or anything else; the fold has an answer to a missing one."""
    value = data.get(key)
    if type(value) is int:
        return value
    return int(value) if isinstance(value, float) and value.is_integer() else None


def _message(data: Mapping[str, Any]) -> Mapping[str, Any]:
    return _object(_object(data, "delta"), "message")


# -- one function an event --------------------------------------------------------------------


def _message_start(data: Mapping[str, Any], at: _Stamp) -> WireEvent:
    role = _text(_message(data), "role") or "assistant"
    return MessageStart(t=at.t, step=at.step, raw=at.raw, id=_text(data, "id"), role=role)


def _content_start(data: Mapping[str, Any], at: _Stamp) -> WireEvent:
    content = _object(_message(data), "content")
    kind = _text(content, "type") or ("thinking" if "thinking" in content else "text")
    text = _text(content, "thinking") or _text(content, "text")
    return ContentStart(t=at.t, step=at.step, raw=at.raw, index=_number(data, "index"), type=kind, text=text)


def _content_delta(data: Mapping[str, Any], at: _Stamp) -> WireEvent:
    try:
        content = data["delta"]["message"]["content"]
    except (KeyError, TypeError):
        content = None
    if type(content) is not dict:  # as it nearly always is
        content = _object(_message(data), "content")
    logprobs = data.get("logprobs")
    return ContentDelta(
        t=at.t,
        step=at.step,
        raw=at.raw,
        index=_number(data, "index"),
        text=_text(content, "text"),
        thinking=_text(content, "thinking"),
        logprobs=logprobs if isinstance(logprobs, dict) else None,
    )


def _content_end(data: Mapping[str, Any], at: _Stamp) -> WireEvent:
    return ContentEnd(t=at.t, step=at.step, raw=at.raw, index=_number(data, "index"))


def _tool_plan_delta(data: Mapping[str, Any], at: _Stamp) -> WireEvent:
    return ToolPlanDelta(t=at.t, step=at.step, raw=at.raw, text=_text(_message(data), "tool_plan"))


def _tool_call_start(data: Mapping[str, Any], at: _Stamp) -> WireEvent:
    call = _object(_message(data), "tool_calls")
    function = _object(call, "function")
    return ToolCallStart(
        t=at.t,
        step=at.step,
        raw=at.raw,
        index=_number(data, "index"),
        id=_id(call),
        name=_text(function, "name"),
        arguments=_arguments(function),
    )


def _tool_call_delta(data: Mapping[str, Any], at: _Stamp) -> WireEvent:
    function = _object(_object(_message(data), "tool_calls"), "function")
    arguments = _arguments(function)
    return ToolCallDelta(t=at.t, step=at.step, raw=at.raw, index=_number(data, "index"), arguments=arguments)


def _tool_call_end(data: Mapping[str, Any], at: _Stamp) -> WireEvent:
    return ToolCallEnd(t=at.t, step=at.step, raw=at.raw, index=_number(data, "index"))


def _citation_start(data: Mapping[str, Any], at: _Stamp) -> WireEvent:
    citation = _object(_message(data), "citations")
    sources = citation.get("sources")
    if isinstance(sources, dict):
        sources = [sources]
    return CitationStart(
        t=at.t,
        step=at.step,
        raw=at.raw,
        index=_number(data, "index"),
        start=_number(citation, "start"),
        end=_number(citation, "end"),
        text=_text(citation, "text"),
        type=_text(citation, "type"),
        content_index=_number(citation, "content_index"),
        sources=tuple(s for s in sources if isinstance(s, dict)) if isinstance(sources, list) else (),
    )


def _citation_end(data: Mapping[str, Any], at: _Stamp) -> WireEvent:
    return CitationEnd(t=at.t, step=at.step, raw=at.raw, index=_number(data, "index"))


def _message_end(data: Mapping[str, Any], at: _Stamp) -> WireEvent:
    delta = _object(data, "delta")
    usage = delta.get("usage")
    error = delta.get("error")
    return MessageEnd(
        t=at.t,
        step=at.step,
        raw=at.raw,
        finish_reason=_text(delta, "finish_reason"),
        usage=usage if isinstance(usage, dict) else None,
        error=error if isinstance(error, str) else "" if error is None else json.dumps(error),
        error_type=_text(delta, "error_type"),
    )


def _debug(data: Mapping[str, Any], at: _Stamp) -> WireEvent:
    return Debug(t=at.t, step=at.step, raw=at.raw, prompt=_text(data, "prompt"))


_DECODERS: Mapping[str, Callable[[Mapping[str, Any], _Stamp], WireEvent]] = {
    "message-start": _message_start,
    "content-start": _content_start,
    "content-delta": _content_delta,
    "content-end": _content_end,
    "tool-plan-delta": _tool_plan_delta,
    "tool-call-start": _tool_call_start,
    "tool-call-delta": _tool_call_delta,
    "tool-call-end": _tool_call_end,
    "citation-start": _citation_start,
    "citation-end": _citation_end,
    "message-end": _message_end,
    "debug": _debug,
}
