"""What Cohere's own client makes of a frame: it hands it on, drops it, or takes it for another event.

Owns which fields the models of the `cohere` package declare, as data: nothing of the package is imported, and a test
compares both. What it declares not, it hands on beside the rest, where few look for it.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from workbench.json_depth import is_deeper

PARAMETERS: Final = (
    "model", "messages", "tools", "strict_tools", "documents", "citation_options", "response_format", "safety_mode",
    "max_tokens", "stop_sequences", "temperature", "seed", "frequency_penalty", "presence_penalty", "k", "p",
    "logprobs", "tool_choice", "thinking", "priority",
)  # fmt: skip
"""What `chat_stream` of the client takes, and sends as it is given."""

Handed = Literal["as it is", "dropped", "as another", "end"]
"""What becomes of a frame: an event of its type, nothing, an event of a type that it is not, or the end of all."""


@dataclass(frozen=True, slots=True)
class SdkEvent:
    """What the client makes of a frame. `beside` are the fields of it that its models do not declare, by their paths.

    `taken_for` is the type of the event that it is not, "" where it is one, or none.
    """

    handed: Handed
    beside: tuple[str, ...] = ()
    taken_for: str = ""

    @property
    def flag(self) -> str:
        """In a few words what is lost of the frame; "" where nothing is."""
        if self.handed == "dropped":
            return "the SDK drops it"
        return f"the SDK takes it for a {self.taken_for}" if self.handed == "as another" else ""


def sdk_event(raw: str) -> SdkEvent:
    """What the client makes of a frame with this data."""
    if raw == "[DONE]":
        return SdkEvent("end")
    if not raw:
        return _DROPPED
    try:
        data = json.loads(raw)
    except RecursionError:
        return _DROPPED
    except ValueError:
        return SdkEvent("as another", taken_for="message-start")  # made of the fields of the frame itself
    if not isinstance(data, dict) or is_deeper(data, _DEEPEST):
        return _DROPPED
    if "type" not in data:
        return _untyped(data)
    shape = _EVENTS.get(data["type"]) if isinstance(data["type"], str) else None
    if shape is None or not _fits(data, shape):
        return _DROPPED
    return SdkEvent("as it is", tuple(_beside(data, shape, "")))


_DEEPEST: Final = 200  # levels; the client gives up on what is nested more deeply
_DROPPED: Final = SdkEvent("dropped")


def _untyped(data: Mapping[str, Any]) -> SdkEvent:
    """An object without a type fits the models of some types by chance: the first that takes most of it is what it
    is taken for."""
    fitting = {kind: _count(data, shape) for kind, shape in _EVENTS.items() if _fits(data, shape)}
    most = max(fitting.values(), default=0)
    kind = next((kind for kind, count in fitting.items() if count == most), "")
    return SdkEvent("as another", taken_for=kind) if kind else _DROPPED


# -- the models ------------------------------------------------------------------------------------------------------


class Object(dict[str, "Object | Leaf"]):
    """The declared fields of an object; any other is handed on too. `needs` must be there."""

    def __init__(self, fields: Mapping[str, Object | Leaf], needs: tuple[str, ...] = ()) -> None:
        super().__init__(fields)
        self.needs = needs


Leaf = Callable[[Any], bool]
"""Whether a value that is not null can be that of a field."""


def _any(_: Any) -> bool:
    return True


def _text(value: Any) -> bool:
    return isinstance(value, str)


def _float(value: Any) -> bool:
    if isinstance(value, str):
        try:
            float(value)
        except ValueError:
            return False
    return isinstance(value, int | float | str)


def _int(value: Any) -> bool:
    if isinstance(value, str):
        try:
            int(value)
        except ValueError:
            return False
        return True
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def _list_of(leaf: Leaf) -> Leaf:
    return lambda value: isinstance(value, list) and all(each is not None and leaf(each) for each in value)


def _object(value: Any) -> bool:
    return isinstance(value, dict)


def _only(*values: str) -> Leaf:
    return lambda value: value in values


def _source(value: Any) -> bool:
    return isinstance(value, dict) and any(_fits(value, shape) for shape in _SOURCES)


_SOURCES: Final = (
    Object({"type": _only("tool"), "id": _text, "tool_output": _object}),
    Object({"type": _only("document"), "id": _text, "document": _object}),
)


def _event(**fields: Object | Leaf) -> Object:
    return Object({"type": _text, **fields})


def _message(**fields: Object | Leaf) -> Object:
    return Object({"message": Object(fields)})


_FUNCTION: Final = Object({"name": _text, "arguments": _text})
_CALL: Final = Object({"id": _text, "type": _only("function"), "function": _FUNCTION}, needs=("id",))
_LOGPROBS: Final = Object({"text": _text, "token_ids": _list_of(_int), "logprobs": _list_of(_float)}, ("token_ids",))
_CITATION: Final = Object(
    {
        "start": _int, "end": _int, "text": _text, "sources": _list_of(_source), "content_index": _int, "type": _any,
    }
)  # fmt: skip
_BILLED: Final = Object(
    {"input_tokens": _float, "output_tokens": _float, "search_units": _float, "classifications": _float}
)
_TOKENS: Final = Object({"input_tokens": _float, "output_tokens": _float})
_USAGE: Final = Object({"billed_units": _BILLED, "tokens": _TOKENS, "cached_tokens": _float})
_EVENTS: Final[Mapping[str, Object]] = MappingProxyType(
    {
        "message-start": _event(id=_text, delta=_message(role=_only("assistant"))),
        "content-start": _event(
            index=_int, delta=_message(content=Object({"thinking": _text, "text": _text, "type": _any}))
        ),
        "content-delta": _event(
            index=_int, delta=_message(content=Object({"thinking": _text, "text": _text})), logprobs=_LOGPROBS
        ),
        "content-end": _event(index=_int),
        "tool-plan-delta": _event(delta=_message(tool_plan=_text)),
        "tool-call-start": _event(index=_int, delta=_message(tool_calls=_CALL)),
        "tool-call-delta": _event(
            index=_int, delta=_message(tool_calls=Object({"function": Object({"arguments": _text})}))
        ),
        "tool-call-end": _event(index=_int),
        "citation-start": _event(index=_int, delta=_message(citations=_CITATION)),
        "citation-end": _event(index=_int),
        "message-end": _event(id=_text, delta=Object({"error": _text, "finish_reason": _any, "usage": _USAGE})),
        "debug": _event(prompt=_text),
    }
)


def _fits(value: Any, shape: Object | Leaf) -> bool:
    """Whether a value that is not null is one of this shape; what is null, or not there, always fits unless needed."""
    if not isinstance(shape, Object):
        return shape(value)
    if not isinstance(value, dict) or any(value.get(name) is None for name in shape.needs):
        return False
    return all(value[name] is None or _fits(value[name], inner) for name, inner in shape.items() if name in value)


def _beside(value: Any, shape: Object | Leaf, place: str) -> Iterator[str]:
    """The paths of the fields that are not declared."""
    if isinstance(shape, Object) and isinstance(value, dict):
        for name, inner in value.items():
            path = f"{place}.{name}" if place else name
            if name in shape:
                yield from _beside(inner, shape[name], path)
            else:
                yield path


def _count(value: Any, shape: Object | Leaf) -> int:
    """How many fields of a value, and of the objects in it, a shape has."""
    if not isinstance(shape, Object) or not isinstance(value, dict):
        return 0
    return sum(1 + _count(value[name], inner) for name, inner in shape.items() if name in value)
