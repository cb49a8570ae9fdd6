"""Arguments of a tool call: from text to a checked object, or one clear reason why not."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import Any

import pytest

from workbench.errors import ToolError
from workbench.tools import jsontext
from workbench.tools.call_arguments import ArgumentChecker, parse_arguments
from workbench.tools.runners.reply import CannedReply
from workbench.tools.specs import ToolSpec

DEEP = 50_000


def checker(schema: dict[str, Any], limit: float = 60.0) -> ArgumentChecker:
    spec = ToolSpec("look", "Looks.", CannedReply("seen"), parameters=schema)
    return ArgumentChecker(spec, environ=dict(os.environ), limit=limit)


async def refusal(schema: dict[str, Any], arguments: dict[str, Any], **options: Any) -> tuple[str, str]:
    with pytest.raises(ToolError) as caught:
        await checker(schema, **options).check(arguments, size=100)
    return caught.value.kind, str(caught.value)


async def test_a_schema_of_many_parts_is_checked_where_it_holds_nobody_up() -> None:
    large = {"type": "object", "properties": {f"p{number}": {"type": "string"} for number in range(4_000)}}
    kind, text = await refusal(large, {}, limit=0.0)
    assert kind == "arguments"
    assert "could not be checked" in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", {}),
        (" \n", {}),
        ("{}", {}),
        ('{"a": 1, "a": 2}', {"a": 2}),
        ('{"a": [1.5, null, true, "\\u00e9"]}', {"a": [1.5, None, True, "é"]}),
        ('{"a": "\\ud83d"}', {"a": "\ud83d"}),
    ],
)
def test_usable_texts(text: str, expected: dict[str, Any]) -> None:
    assert parse_arguments(text) == expected


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ('{"a": }', "Expecting value at line 1 column 7"),
        ('{"a": 1', "at line 1 column 8"),
        ('{"a": 1} x', "Extra data at line 1 column 10"),
        ('{"a": NaN}', "NaN is not a JSON number"),
        ('{"a": -Infinity}', "-Infinity is not a JSON number"),
        ('{"a": 1e999}', "1e999 is too large"),
        ('{"a": ' + "9" * 5000 + "}", "4300 digits"),
        ("[" * DEEP + "]" * DEEP, "nested deeper than 100 levels"),
        ('{"a": ' + "[" * 101 + "]" * 101 + "}", "nested deeper than 100 levels"),
        ('{"a": "' + "é" * 500_000 + '"}', "1,000,009 bytes are over the limit of 1,000,000"),
        ("true", "must be a JSON object, not a boolean"),
        ("7", "must be a JSON object, not a number"),
        ('"place"', "must be a JSON object, not a string"),
        ('[{"a": 1}]', "must be a JSON object, not an array"),
    ],
)
def test_unusable_texts_say_why(text: str, reason: str) -> None:
    with pytest.raises(ToolError) as caught:
        parse_arguments(text)
    assert caught.value.kind == "arguments"
    assert reason in str(caught.value)


def test_the_depth_limit_is_exact() -> None:
    assert jsontext.parse("[" * 100 + "1" + "]" * 100)
    with pytest.raises(jsontext.NotJson):
        jsontext.parse("[" * 101 + "]" * 101)


async def test_all_violations_are_told_with_their_paths() -> None:
    schema = {
        "type": "object",
        "properties": {"place": {"type": "string"}, "days": {"type": "array", "items": {"type": "integer"}}},
        "required": ["place", "unit"],
        "additionalProperties": False,
    }
    kind, text = await refusal(schema, {"place": 5, "days": [1, "two"], "extra": 1})
    assert kind == "arguments"
    assert "$.place: 5 is not of type 'string'" in text
    assert "$.days[1]: 'two' is not of type 'integer'" in text
    assert "'unit' is a required property" in text
    assert "'extra' was unexpected" in text
    await checker({**schema, "required": ["place"]}).check({"place": "library", "days": [1]}, size=40)


async def test_each_fault_has_the_place_of_the_key_that_it_is_about() -> None:
    schema = {
        "type": "object",
        "properties": {
            "place": {"type": "string"},
            "a/b~c": {"type": "array", "items": {"type": "integer"}},
            "where": {"type": "object", "required": ["city"], "properties": {"city": {}}},
        },
        "required": ["place", "unit"],
        "additionalProperties": False,
    }
    arguments = {"place": 5, "a/b~c": [1, "two"], "where": {}, "extra": 1, "other": 2}
    with pytest.raises(ToolError) as raised:
        await checker(schema).check(arguments, size=90)
    assert {fault["pointer"]: fault["reason"] for fault in raised.value.faults} == {
        "/place": "5 is not of type 'string'",
        "/a~1b~0c/1": "'two' is not of type 'integer'",
        "/where/city": "is required, and missing",
        "/extra": "is no parameter of this tool",
        "/other": "is no parameter of this tool",
        "/unit": "is required, and missing",
    }


async def test_a_process_that_checks_tells_the_places_too() -> None:
    schema = {"properties": {"a": {"type": "string", "pattern": "^[a-z]+$"}}, "required": ["b"]}
    with pytest.raises(ToolError) as raised:
        await checker(schema).check({"a": "5"}, size=20)
    assert [fault["pointer"] for fault in raised.value.faults] == ["/a", "/b"]


async def test_at_most_five_violations_are_told() -> None:
    schema = {"type": "object", "additionalProperties": {"type": "integer"}}
    _, five = await refusal(schema, {f"k{n}": "x" for n in range(5)})
    assert five.count("is not of type") == 5
    assert "and more" not in five
    _, six = await refusal(schema, {f"k{n}": "x" for n in range(6)})
    assert six.count("is not of type") == 5
    assert six.endswith("and more")


async def test_a_huge_value_does_not_make_a_huge_text() -> None:
    schema = {"type": "object", "additionalProperties": {"type": "integer"}}
    _, text = await refusal(schema, {"k" * 60_000: "x" * 60_000})
    assert len(text) < 500


async def test_formats_are_not_enforced() -> None:
    await checker({"properties": {"day": {"type": "string", "format": "date"}}}).check({"day": "soon"}, size=20)


@pytest.mark.parametrize(
    ("schema", "reason"),
    [
        ({"type": "object", "properties": {"a": {"type": "str"}}}, "$.properties.a.type: 'str'"),
        ({"properties": {"a": {"type": "string", "pattern": "(["}}}, "pattern"),
        ({"$ref": "#/$defs/missing"}, '"/$defs/missing" is not within it'),
        ({"$ref": "#"}, "refers to itself without end"),
    ],
)
async def test_a_broken_schema_is_the_tools_fault(schema: dict[str, Any], reason: str) -> None:
    kind, text = await refusal(schema, {"a": "x"})
    assert kind == "arguments"
    assert 'the parameters of "look" are not a usable JSON Schema' in text
    assert reason in text


@pytest.mark.parametrize(
    "schema",
    [
        {"properties": {"a": {"$ref": "#/$defs/word"}}, "$defs": {"word": {"type": "string"}}},
        {"properties": {"a": {"type": "string", "pattern": "^[a-z]+$"}}},
    ],
)
async def test_references_and_patterns_are_checked_too(schema: dict[str, Any]) -> None:
    await checker(schema).check({"a": "word"}, size=20)
    kind, text = await refusal(schema, {"a": 5} if "$defs" in schema else {"a": "5"})
    assert kind == "arguments"
    assert "$.a: " in text


async def test_a_remote_reference_is_never_fetched() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        kind, text = await refusal({"$ref": f"http://127.0.0.1:{server.getsockname()[1]}/schema"}, {})
        with pytest.raises(BlockingIOError):
            server.accept()
    assert kind == "arguments"
    assert "references are never fetched" in text


CATASTROPHE = {"properties": {"a": {"type": "string", "pattern": "^(a+)+$"}}}
TRIGGER = {"a": "a" * 60 + "!"}


async def test_a_catastrophic_pattern_does_not_hold_the_loop() -> None:
    check = asyncio.ensure_future(checker(CATASTROPHE).check(TRIGGER, size=100))
    for _ in range(20):
        await asyncio.sleep(0.01)
    assert not check.done()
    check.cancel()
    with pytest.raises(asyncio.CancelledError):
        await check


async def test_a_check_that_takes_too_long_is_ended() -> None:
    kind, text = await refusal(CATASTROPHE, TRIGGER, limit=0.3)
    assert kind == "arguments"
    assert "could not be checked against its parameters: timed out after 0.3 s" in text


async def test_a_property_named_pattern_is_no_pattern() -> None:
    schema = {"properties": {"pattern": {"type": "string"}}}
    spec = ToolSpec("grep", "Finds lines.", CannedReply([]), parameters=schema)
    # With no time for another process, only a check in this one can pass.
    await ArgumentChecker(spec, environ={}, limit=0.0).check({"pattern": "x"}, size=20)
