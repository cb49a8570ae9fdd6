"""The toolbox at its seam: definitions, unknown tools, canned replies, and results as documents."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import pytest

from workbench.errors import ConfigurationError
from workbench.events import ToolResult
from workbench.tools.people import NoPeople
from workbench.tools.result_documents import result_documents
from workbench.tools.runners.reply import CannedReply
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore


def toolbox(*tools: ToolSpec, clock: Callable[[], float] = lambda: 0.0) -> Toolbox:
    return Toolbox(tools, people=NoPeople(), trust=TrustStore(), environ={}, clock=clock)


def canned(name: str, value: Any = None) -> ToolSpec:
    return ToolSpec(name, f"Does {name}.", CannedReply(value))


def test_definitions_are_the_requests_tools() -> None:
    parameters = {"type": "object", "properties": {"place": {"type": "string"}}}
    box = toolbox(ToolSpec("b", "Second letter.", CannedReply(1), parameters), canned("a"))
    assert box.definitions() == [
        {"type": "function", "function": {"name": "b", "description": "Second letter.", "parameters": parameters}},
        {
            "type": "function",
            "function": {
                "name": "a",
                "description": "Does a.",
                "parameters": {"type": "object", "properties": {}},
            },
        },
    ]


def test_two_tools_of_one_name_are_refused() -> None:
    first = canned("look")
    second = ToolSpec("look", "", CannedReply(2), file=Path("other.yaml"))
    with pytest.raises(ConfigurationError, match=r'other\.yaml: a second tool named "look"'):
        toolbox(first, second)


@pytest.mark.parametrize("value", [None, 0, "", "text", [1, {"a": None}], {"a": {"b": 1.5}}])
async def test_a_reply_is_given_as_it_is(value: Any) -> None:
    ticks = iter([5.0, 7.5])
    box = toolbox(canned("look", value), clock=lambda: next(ticks))
    result = await box.run(call_id="look_1", name="look", arguments='{"a": 1}')
    assert result == ToolResult(id="look_1", name="look", arguments={"a": 1}, result=value, seconds=2.5)


async def test_a_reply_cannot_be_changed_through_a_result() -> None:
    box = toolbox(canned("look", MappingProxyType({"seen": [1]})))
    (await box.run(call_id="1", name="look", arguments="")).result["seen"].append(2)
    assert (await box.run(call_id="2", name="look", arguments="")).result == {"seen": [1]}


@pytest.mark.parametrize("value", [float("nan"), {1, 2}, Path("x")])
async def test_a_reply_that_json_cannot_hold_fails(value: Any) -> None:
    result = await toolbox(canned("look", value)).run(call_id="1", name="look", arguments="")
    assert result.error_kind == "failed"
    assert "its canned reply is not a JSON value" in (result.error or "")


async def test_a_reply_has_a_limit() -> None:
    result = await toolbox(canned("look", "x" * 1_000_001)).run(call_id="1", name="look", arguments="")
    assert result.error_kind == "too-large"
    assert "its canned reply is too long: 1,000,003 bytes are over the limit" in (result.error or "")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        (
            "get_wether",
            'there is no tool "get_wether" (did you mean "get_weather"? the tools are: get_weather, opening_hours)',
        ),
        ("zzz", 'there is no tool "zzz" (the tools are: get_weather, opening_hours)'),
        ("", 'there is no tool "" (the tools are: get_weather, opening_hours)'),
        ("\x1b]0;x", 'there is no tool "\\u001b]0;x" (the tools are: get_weather, opening_hours)'),
    ],
)
async def test_an_unknown_tool(name: str, text: str) -> None:
    box = toolbox(canned("get_weather"), canned("opening_hours"))
    result = await box.run(call_id="c", name=name, arguments="{not json")
    assert (result.error, result.error_kind) == (text, "unknown-tool")
    assert (result.id, result.name, result.arguments, result.result) == ("c", name, "{not json", None)


async def test_an_endless_name_is_cut_and_no_tools_are_said() -> None:
    result = await toolbox().run(call_id="c", name="x" * 1_000_000, arguments="")
    assert len(result.error or "") < 200
    assert "there are no tools" in (result.error or "")


async def test_of_many_tools_a_call_of_none_of_them_is_told_some() -> None:
    box = toolbox(*(canned(f"tool_{number}") for number in range(300)))
    error = (await box.run(call_id="c", name="tool_30", arguments="")).error
    assert error is None
    error = (await box.run(call_id="c", name="tool_299x", arguments="")).error or ""
    assert 'did you mean "tool_299"?' in error
    assert error.endswith("tool_49 and 250 more)")


async def test_arguments_that_do_not_parse_are_kept_as_received() -> None:
    result = await toolbox(canned("look")).run(call_id="c", name="look", arguments='{"a": ')
    assert (result.arguments, result.error_kind) == ('{"a": ', "arguments")
    assert result.seconds == 0.0


async def test_arguments_that_parse_but_violate_are_kept_parsed() -> None:
    box = toolbox(ToolSpec("look", "", CannedReply(1), {"required": ["place"]}))
    result = await box.run(call_id="c", name="look", arguments='{"a": 1}')
    assert (result.arguments, result.error_kind) == ({"a": 1}, "arguments")
    assert result.error == "invalid arguments: 'place' is a required property"


async def test_a_schema_that_is_no_json_fails_the_call() -> None:
    box = toolbox(ToolSpec("look", "", CannedReply(1), {"$ref": "#", "default": {1}}))
    result = await box.run(call_id="c", name="look", arguments="")
    assert result.error_kind == "arguments"
    assert "not a usable JSON Schema: set is not a JSON type" in (result.error or "")


# -- results as documents ------------------------------------------------------------------


def data(result: Any = None, error: str | None = None) -> list[Any]:
    documents = result_documents(ToolResult(id="look_1", name="look", result=result, error=error))
    assert [block["type"] for block in documents] == ["document"] * len(documents)
    assert [block["document"]["id"] for block in documents] == [f"look_1:{n}" for n in range(len(documents))]
    return [block["document"]["data"] for block in documents]


@pytest.mark.parametrize(
    ("result", "expected"),
    [
        ({"opens": "09:00"}, [{"opens": "09:00"}]),
        ([{"a": 1}, {"b": [2]}], [{"a": 1}, {"b": [2]}]),
        ("text", [{"result": "text"}]),
        (5, [{"result": 5}]),
        (None, [{"result": None}]),
        ([], [{"result": []}]),
        ({}, [{"result": {}}]),
        ([1, {"a": 1}], [{"result": [1, {"a": 1}]}]),
        ([{"a": 1}, {}], [{"result": [{"a": 1}, {}]}]),
        ({"a": "\ud83d", "\udc00": ["x\ud800y"]}, [{"a": "\ufffd", "\ufffd": ["x\ufffdy"]}]),
        ({"a": "\ud83c\udf08 🌈"}, [{"a": "🌈 🌈"}]),
    ],
)
def test_a_result_as_documents(result: Any, expected: list[Any]) -> None:
    assert data(result) == expected


def test_an_error_as_a_document() -> None:
    assert data({"partial": 1}, error="timed out after 2 s") == [{"error": "timed out after 2 s"}]


def test_without_a_call_id_the_api_gives_the_ids() -> None:
    documents = result_documents(ToolResult(id="", name="look", result={"a": 1}))
    assert documents == [{"type": "document", "document": {"data": {"a": 1}}}]


async def test_the_sdk_sends_the_documents_as_they_are() -> None:
    from cohere import AsyncClientV2

    content = [
        block
        for value in ({"n": None, "deep": [{"type": "x", "a": None}]}, [{"a": 1}, {"b": "\ud83d"}], None)
        for block in result_documents(ToolResult(id="look_1", name="look", result=value))
    ]
    bodies: list[Any] = []

    def respond(request: httpx.Request) -> httpx.Response:
        bodies.append(json.loads(request.content))
        return httpx.Response(200, headers={"content-type": "text/event-stream"}, content=b"data: [DONE]\n\n")

    async with httpx.AsyncClient(transport=httpx.MockTransport(respond)) as http:
        client = AsyncClientV2("no-key", httpx_client=http)
        message: Any = {"role": "tool", "tool_call_id": "look_1", "content": content}
        assert [event async for event in client.chat_stream(model="m", messages=[message])] == []
    assert bodies[0]["messages"][0]["content"] == content
