"""What the client of the `cohere` package makes of a frame is what we say that it does: both are asked."""

from __future__ import annotations

import contextlib
import copy
import inspect
import io
import json
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import cohere
import pytest
from cohere.core.http_sse._models import ServerSentEvent
from cohere.core.pydantic_utilities import parse_sse_obj
from cohere.v2.types import V2ChatStreamResponse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.loopback import message
from workbench.wire.frames import FrameReader
from workbench.wire.sdk_model import PARAMETERS, SdkEvent, sdk_event

CASSETTES = Path(__file__).parents[1] / "cassettes"


def frames(data: bytes) -> list[str]:
    reader = FrameReader()
    return [frame.data for frame in [*reader.feed(data), *reader.close()] if not frame.fault]


RECORDED = [frame for path in sorted(CASSETTES.glob("*.sse")) for frame in frames(path.read_bytes())]
WHOLE = frames(
    message("Nine ü🌈", plan="I look.", tool_calls=[("c", "f", "{}")], citations=[
        {"start": 0, "end": 4, "text": "Nine", "sources": [{"type": "document", "id": "d", "document": {"id": "d"}}]},
        {"start": 0, "end": 4, "text": "Nine", "sources": [{"type": "tool", "id": "c:0", "tool_output": {"a": 1}}]},
    ])
)  # fmt: skip


def of_sdk(raw: str) -> SdkEvent:
    """As the loop of the client's `chat_stream` does."""
    if raw == "[DONE]":
        return SdkEvent("end")
    if not raw:
        return SdkEvent("dropped")
    try:
        event: Any = parse_sse_obj(ServerSentEvent(data=raw, event="x"), V2ChatStreamResponse)  # type: ignore[arg-type]
    except Exception:  # noqa: BLE001 - each of them is a frame that it leaves out
        return SdkEvent("dropped")
    if "type" not in event.model_fields_set:
        return SdkEvent("as another", taken_for=event.type)
    return SdkEvent("as it is", tuple(sorted(extras(event))))


def extras(value: Any, place: str = "") -> Iterator[str]:
    if hasattr(value, "model_extra"):
        for name in (*type(value).model_fields, *(value.model_extra or {})):
            path = f"{place}.{name}" if place else name
            if name in (value.model_extra or {}):
                yield path
            else:
                yield from extras(getattr(value, name), path)


def ours(raw: str) -> SdkEvent:
    made = sdk_event(raw)
    return SdkEvent(made.handed, tuple(sorted(made.beside)), made.taken_for)


@pytest.mark.parametrize("raw", dict.fromkeys([*RECORDED, *WHOLE]))
def test_each_recorded_frame(raw: str) -> None:
    assert ours(raw) == of_sdk(raw)


@pytest.mark.parametrize(
    ("raw", "flag"),
    [
        ("{bad json", "the SDK takes it for a message-start"),
        ("upstream connect error", "the SDK takes it for a message-start"),
        ('{"error":{"message":"x"}}', "the SDK takes it for a message-start"),
        ('{"message":"internal error","id":"x"}', "the SDK takes it for a message-start"),
        ('{"event_type":"text-generation","text":"x"}', "the SDK takes it for a message-start"),
        ('{"index":0}', "the SDK takes it for a content-start"),
        ('{"type":"sparkle"}', "the SDK drops it"),
        ("[1]", "the SDK drops it"),
        ("7", "the SDK drops it"),
        ("null", "the SDK drops it"),
        ('"[DONE]"', "the SDK drops it"),
        ("", "the SDK drops it"),
        ('{"type":"content-delta","delta":{"message":{"content":{"text":1}}}}', "the SDK drops it"),
        ('{"type":"tool-call-delta","delta":{"message":{"tool_calls":[{}]}}}', "the SDK drops it"),
        ('{"type":"content-delta","index":0,"logprobs":{"text":"x"}}', "the SDK drops it"),
        ('{"type":"content-delta","a":' + "[" * 5000 + "]" * 5000 + "}", "the SDK drops it"),
        ("[DONE]", ""),
        ('{"type":"content-end","index":0}', ""),
    ],
)
def test_what_is_lost_is_said(raw: str, flag: str) -> None:
    assert sdk_event(raw).flag == flag
    assert ours(raw) == of_sdk(raw)


def test_fields_that_are_not_declared_are_named() -> None:
    raw = '{"type":"message-end","x":1,"delta":{"usage":{"tokens":{"reasoning_tokens":3}},"error_type":"E"}}'
    assert set(sdk_event(raw).beside) == {"x", "delta.usage.tokens.reasoning_tokens", "delta.error_type"}


def test_the_parameters_are_those_of_the_client() -> None:
    known = set(inspect.signature(cohere.ClientV2.chat_stream).parameters) - {"self", "request_options"}
    assert set(PARAMETERS) == known


ODD: list[Any] = [None, True, 0, -1, 1.0, 1.5, "", "7", "x", "1.5", [], [{}], [1], ["x"], {}, {"a": 1}]
odd = st.sampled_from(ODD)


@st.composite
def changed(draw: st.DrawFn) -> str:
    """A frame of which a value somewhere is another one, is missing, or has something beside it."""
    data = copy.deepcopy(json.loads(draw(st.sampled_from([each for each in {*WHOLE, *RECORDED} if is_object(each)]))))
    at = data
    while True:
        names = [name for name, value in at.items() if isinstance(value, dict) and value]
        if not names or draw(st.booleans()):
            break
        at = at[draw(st.sampled_from(sorted(names)))]
    what = draw(st.sampled_from(["another", "missing", "beside"]))
    if what == "beside" or not at:
        at["zzz"] = draw(odd)
    elif what == "missing":
        del at[draw(st.sampled_from(sorted(at)))]
    else:
        at[draw(st.sampled_from(sorted(at)))] = draw(odd)
    return json.dumps(data)


def is_object(raw: str) -> bool:
    with contextlib.suppress(ValueError):
        return isinstance(json.loads(raw), dict)
    return False


@settings(max_examples=600, suppress_health_check=[HealthCheck.too_slow])
@given(changed())
def test_any_change_of_a_frame(raw: str) -> None:
    logging.disable(logging.CRITICAL)
    with contextlib.redirect_stderr(io.StringIO()):
        expected = of_sdk(raw)
    logging.disable(logging.NOTSET)
    assert ours(raw) == expected
