"""Definitions as people have them: in every shape the same tool, out of whatever they are wrapped in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.cli import run
from workbench.config.reader import read_tree
from workbench.config.tools_file import tools_of
from workbench.errors import ConfigurationError
from workbench.tools.specs import ToolSpec

TOOLS: dict[str, dict[str, Any]] = {
    "no_arguments": {},
    "weather": {"city": ("string", "Where.", True), "days": ("integer", "How many.", False)},
    "price": {"amount": ("number", "How much.", True), "currency": ("string", "ISO 4217.", True)},
    "alarm-set": {"on": ("boolean", "Whether it rings.", True)},
    "tags_of": {"tags": ("array", "Of these.", False), "more": ("object", "What else.", False)},
}
V1 = {"string": "str", "integer": "int", "number": "float", "boolean": "bool", "array": "list", "object": "dict"}
SHAPES = ("OpenAI's", "OpenAI's, flat", "Anthropic's", "MCP's", "Cohere v1's", "bare")


def schema_of(name: str) -> dict[str, Any]:
    fields = TOOLS[name]
    schema = {"type": "object", "properties": {key: {"type": t, "description": d} for key, (t, d, _) in fields.items()}}
    required = [key for key, (_, _, needed) in fields.items() if needed]
    return {**schema, "required": required} if required else schema


def written(name: str, shape: str) -> dict[str, Any]:
    """The tool as another API has it."""
    head, schema = {"name": name, "description": f"About {name}."}, schema_of(name)
    match shape:
        case "OpenAI's":
            return {"type": "function", "function": {**head, "parameters": schema, "strict": True}}
        case "OpenAI's, flat":
            return {"type": "function", **head, "parameters": schema, "strict": False}
        case "Anthropic's":
            return {**head, "input_schema": schema, "cache_control": {"type": "ephemeral"}}
        case "MCP's":
            hints = {"readOnlyHint": True, "destructiveHint": False, "openWorldHint": True, "title": "T"}
            return {**head, "title": "T", "inputSchema": schema, "annotations": hints, "outputSchema": schema}
        case "Cohere v1's":
            definitions = {
                key: {"type": V1[t], "description": d, "required": r} for key, (t, d, r) in TOOLS[name].items()
            }
            return {**head, "parameter_definitions": definitions}
        case _:
            return {"title": name, "description": head["description"], **schema}


def load(folder: Path, text: str) -> list[ToolSpec]:
    path = folder / "tools.json"
    path.write_text(text, encoding="utf-8")
    tools, problems = tools_of(read_tree(path), {})
    if problems:
        raise ConfigurationError(problems)
    return [tool.spec for tool in tools]


def read(folder: Path, value: Any, text: str = "") -> list[dict[str, Any]]:
    """What the request has of the tools of a file."""
    return [spec.as_tool()["function"] for spec in load(folder, text or json.dumps(value))]


@pytest.mark.parametrize("shape", SHAPES)
@pytest.mark.parametrize("name", TOOLS)
def test_every_shape_is_the_same_tool(name: str, shape: str, tmp_path: Path) -> None:
    expected = {"name": name, "description": f"About {name}.", "parameters": schema_of(name)}
    if not TOOLS[name]:
        expected["parameters"] = {"type": "object", "properties": {}}
    assert read(tmp_path, [written(name, shape)]) == [expected]
    assert read(tmp_path, written(name, shape)) == [expected]


WEATHER = {"name": "weather", "description": "About weather.", "parameters": schema_of("weather")}
GEMINI = {
    "name": "weather",
    "description": "About weather.",
    "parameters": {
        "type": "OBJECT",
        "properties": {
            "city": {"type": "STRING", "description": "Where."},
            "days": {"type": "INTEGER", "description": "How many."},
        },
        "required": ["city"],
    },
    "response": {"type": "OBJECT"},
}
SPEC = {"toolSpec": {"name": "weather", "description": "About weather.", "inputSchema": {"json": schema_of("weather")}}}
WRAPPED: dict[str, Any] = {
    "a tools file": {"tools": [written("weather", "OpenAI's")]},
    "tools/list": {"tools": [written("weather", "MCP's")], "nextCursor": "n", "_meta": {}},
    "tools/list on the line": {"jsonrpc": "2.0", "id": 1, "result": {"tools": [written("weather", "MCP's")]}},
    "Cohere's request": {
        "model": "command",
        "messages": [{"role": "user", "content": "?"}],
        "tools": [written("weather", "OpenAI's")],
        "temperature": 0,
        "stream": True,
    },
    "Anthropic's request": {
        "model": "claude",
        "max_tokens": 9,
        "messages": [],
        "system": "s",
        "tools": [written("weather", "Anthropic's")],
    },
    "Responses' request": {"model": "m", "input": "?", "tools": [written("weather", "OpenAI's, flat")]},
    "Cohere v1's request": {"message": "?", "tools": [written("weather", "Cohere v1's")], "preamble": "p"},
    "Gemini's request": {"contents": [], "tools": [{"functionDeclarations": [GEMINI]}]},
    "Gemini's tool": {"functionDeclarations": [GEMINI]},
    "Gemini's list": [{"function_declarations": [{**GEMINI, "behavior": "BLOCKING"}]}],
    "Gemini's JSON Schema": {
        "functionDeclarations": [
            {"name": "weather", "description": "About weather.", "parametersJsonSchema": schema_of("weather")}
        ]
    },
    "OpenAI's functions": {"functions": [WEATHER]},
    "Bedrock's": {"toolConfig": {"tools": [SPEC], "toolChoice": {"auto": {}}}},
    "Bedrock's tool": [SPEC],
    "a schema with an id": {
        "$schema": "https://json-schema.org/draft/2020-12/schema",
        "title": "weather",
        "description": "About weather.",
        **schema_of("weather"),
    },
}


@pytest.mark.parametrize("around", WRAPPED)
def test_tools_are_taken_out_of_what_is_around_them(around: str, tmp_path: Path) -> None:
    expected = dict(WEATHER)
    if around == "a schema with an id":
        expected["parameters"] = {"$schema": WRAPPED[around]["$schema"], **schema_of("weather")}
    assert read(tmp_path, WRAPPED[around]) == [expected]


@pytest.mark.parametrize("around", [name for name in WRAPPED if name != "a schema with an id"])
def test_check_knows_them_and_no_document_is_made_of_them(
    around: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tools.json"
    path.write_text(json.dumps(WRAPPED[around]), encoding="utf-8")
    assert run(["check", str(path)]) == 0
    assert capsys.readouterr().out == f"{path}: 1 tool\n"
    assert run(["ask", "--offline", "--docs", str(path), "?"]) == 2
    assert "pass it with --tools" in capsys.readouterr().err


def test_what_stands_beside_a_definition_of_bedrock_counts(tmp_path: Path) -> None:
    (spec,) = load(tmp_path, json.dumps([{**SPEC, "run": {"reply": 1}, "timeout": 3}]))
    assert (spec.timeout, spec.run.what()) == (3.0, "gives its canned reply")


def test_a_value_that_may_be_null_is_one_more_type(tmp_path: Path) -> None:
    inner = {"type": "ARRAY", "items": {"type": "STRING", "nullable": True}}
    declared = {"name": "f", "parameters": {"type": "OBJECT", "properties": {"type": inner}}}
    (tool,) = read(tmp_path, {"functionDeclarations": [declared]})
    assert tool["parameters"]["properties"] == {"type": {"type": "array", "items": {"type": ["string", "null"]}}}


NAMED = {
    "an Anthropic tool": ({"type": "bash_20250124", "name": "bash"}, "`bash_20250124` is a tool of", "leave it out"),
    "an OpenAI tool": ({"type": "web_search"}, "`web_search` is a tool of", "leave it out"),
    "a Gemini tool": ({"googleSearch": {}}, "`googleSearch` is a tool of", "leave it out"),
    "LangChain's dump": ({"lc": 1, "type": "not_implemented", "id": ["a"]}, "dump of LangChain", "to_openai_tool"),
    "a schema": ({"type": "object", "properties": {}}, "has no name", "give it `title: NAME`"),
    "no name": ({"description": "d", "parameters": {"type": "object"}}, "missing key `name`", "a short name"),
    "a name": ({"name": "../x", "parameters": {}}, "`../x` cannot be a tool's name", "letters, digits"),
    "parameters": ({"name": "f", "parameters": {"type": "dict"}}, "JSON Schema type `dict`", "types: object"),
}  # fmt: skip


@pytest.mark.parametrize("what", NAMED)
def test_what_is_no_definition_is_named_with_its_place_and_a_remedy(what: str, tmp_path: Path) -> None:
    tool, message, hint = NAMED[what]
    good = json.dumps(written("weather", "MCP's"))
    with pytest.raises(ConfigurationError) as caught:
        read(tmp_path, None, f"[\n{good},\n{json.dumps(tool)}]")
    problem = caught.value.problems[0]
    assert problem.line == 3
    assert message in problem.message
    assert hint in problem.hint


@pytest.mark.parametrize("key", ["openapi", "lc"])
def test_other_files_that_hold_tools_are_named(key: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tools.json"
    path.write_text(json.dumps({key: "3.1.0", "paths": {}}), encoding="utf-8")
    assert run(["check", str(path)]) == 2
    err = capsys.readouterr().err
    assert "tools.json:1:1: this is" in err
    assert "(write " in err


def test_a_schema_alone_without_a_name_is_told_from_a_file_of_settings(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "schema.json"
    path.write_text(json.dumps({"type": "object", "properties": {"x": {"type": "string"}}}), encoding="utf-8")
    assert run(["check", str(path)]) == 2
    assert capsys.readouterr().err.startswith(f"{path}:1:1: this is the schema of an object, and it has no name")
