"""Tools as people have them at hand: read where tools are expected, and never taken for documents."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.loopback import message, stream
from tests.serving import serving
from workbench.cli import run
from workbench.documents.tool_shapes import TELLING, shape_of

SCHEMA = {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}
NAMED = {"name": "hours", "description": "When a place opens."}
FOREIGN: dict[str, dict[str, Any]] = {
    "OpenAI's": {"type": "function", "function": {**NAMED, "parameters": SCHEMA, "strict": True}},
    "OpenAI's, strict outside": {"type": "function", "strict": False, "function": {**NAMED, "parameters": SCHEMA}},
    "OpenAI's, flat": {"type": "function", **NAMED, "parameters": SCHEMA, "strict": True},
    "Anthropic's": {**NAMED, "input_schema": SCHEMA},
    "Anthropic's, with more": {
        **NAMED,
        "type": "custom",
        "input_schema": SCHEMA,
        "cache_control": {"type": "ephemeral"},
    },
    "MCP's": {**NAMED, "inputSchema": SCHEMA},
    "MCP's, with more": {
        **NAMED,
        "title": "Hours",
        "inputSchema": SCHEMA,
        "outputSchema": {"type": "object"},
        "annotations": {"readOnlyHint": True},
        "_meta": {},
    },
    "Cohere v1's": {
        **NAMED,
        "parameter_definitions": {"place": {"type": "str", "required": True}},
    },
    "LangChain's": {"title": "hours", "description": NAMED["description"], **SCHEMA},
    "Cohere's": {**NAMED, "parameters": SCHEMA, "annotations": {"title": "Hours"}},
}
OTHERS: list[Any] = [
    {"functionDeclarations": [{**NAMED, "parameters": SCHEMA}]},
    {"function_declarations": [NAMED]},
    {"toolSpec": {**NAMED, "inputSchema": {"json": SCHEMA}}},
    {"type": "bash_20250124", "name": "bash"},
    {"type": "custom", "name": "lark", "description": "x", "format": {"type": "grammar", "definition": "start: x"}},
    {"type": "web_search", "search_context_size": "low"},
    {"type": "mcp", "server_label": "tracker", "server_url": "https://tracker.example/mcp"},
    {"type": "function", "name": "hours", "description": "x"},
    {"functions": [{**NAMED, "parameters": SCHEMA}]},
    {"toolConfig": {"tools": [{"toolSpec": {**NAMED, "inputSchema": {"json": SCHEMA}}}], "toolChoice": {"auto": {}}}},
    {**NAMED, "parameters": {}},
    {"title": "hours", **SCHEMA},
    {"title": "Now", "description": "The time.", "type": "object", "properties": {}},
    {
        "$defs": {"Day": {"enum": ["Monday"], "title": "Day", "type": "string"}},
        "additionalProperties": False,
        "title": "OpeningHours",
        "type": "object",
        "properties": {"day": {"$ref": "#/$defs/Day"}, "any": {"title": "Any"}},
    },
    {"jsonrpc": "2.0", "id": 1, "result": {"tools": [{**NAMED, "inputSchema": SCHEMA}]}},
]
DOCUMENTS: list[Any] = [
    "a text",
    {"title": "Jobs", "function": "Sales manager", "text": "She sells."},
    {"name": "fopen", "type": "function", "text": "Opens a file."},
    {"name": "hours", "description": "When a place opens."},
    {"$schema": "https://json-schema.org/draft/2020-12/schema", "title": "What a place is", **SCHEMA},
    {"title": "What a place is", **SCHEMA},
    {"$id": "https://example.org/place", "title": "Place", **SCHEMA},
    {"title": "Place", "text": "What a place is.", **SCHEMA},
    {"title": "Vase", "type": "object", "properties": {"material": "clay"}},
    {"title": "Vase", "type": "object", "properties": {"size": {"height": 3}}},
    {"title": "Vase", "type": "object", "properties": ["blue"]},
    {"toolConfig": {"tools": ["hammer"]}, "text": "A toolbox."},
    {"name": "lungs", "functions": ["breathing"]},
    {"name": "press", "parameters": {"pressure": 3}, "text": "A machine."},
    {"name": "press", "parameters": "three", "text": "A machine."},
    {"name": "release_20250101", "type": "release_20250101", "text": "What is new."},
    {"id": "d", "data": {"name": "hours", "input_schema": SCHEMA, "text": "About tools."}},
    {"tools": ["hammer", "saw"], "text": "A list."},
    {"tools": [{**NAMED, "inputSchema": SCHEMA}], "messages": [], "text": "A talk."},
    {"result": "ok", "text": "Done."},
    {"type": "note", "text": "A note."},
    {"type": "shell", "text": "A sea shell."},
    {"type": "mcp", "note": "What the letters mean."},
]


def problems(capsys: pytest.CaptureFixture[str], *argv: str) -> str:
    """What standard error has of a command that must refuse."""
    assert run(list(argv)) == 2
    out, err = capsys.readouterr()
    assert out == ""
    return err


@pytest.mark.parametrize("whose", FOREIGN)
def test_tools_of_other_apis_are_read_and_sent(
    whose: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CO_API_KEY", "key-of-these-tests")
    path = tmp_path / "tools.json"
    path.write_text(json.dumps([{**FOREIGN[whose], "run": {"reply": "nine"}}]), encoding="utf-8")
    assert run(["check", str(path)]) == 0
    assert capsys.readouterr().err == ""
    calls = [("c1", "hours", '{"place": "library"}')]
    replies = iter([stream(message(tool_calls=calls)), stream(message("Nine."))])
    with serving(lambda _: next(replies)) as server:
        assert run(["ask", "--base-url", server.url, "--tools", str(path), "?"]) == 0
        sent = server.received[0].body["tools"]
    assert sent == [{"type": "function", "function": {**NAMED, "parameters": SCHEMA}}]
    assert "✓ hours" in capsys.readouterr().err


@pytest.mark.parametrize("whose", FOREIGN)
def test_such_a_tool_without_run_asks_for_its_results(
    whose: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tools.json"
    path.write_text(json.dumps({"tools": [FOREIGN[whose]], "nextCursor": None}), encoding="utf-8")
    assert run(["check", str(path)]) == 0
    assert "tools.json: 1 tool\n" in capsys.readouterr().out
    assert run(["ask", "--offline", "--json", "--tools", str(path), "hours: when does the place library open?"]) == 0
    results = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    (result,) = [line for line in results if line["event"] == "tool-result"]
    assert (result["error_kind"], "needs a person" in result["error"]) == ("denied", True)


@pytest.mark.parametrize("tool", [*FOREIGN.values(), *OTHERS], ids=lambda tool: json.dumps(tool)[:40])
@pytest.mark.parametrize("form", ["list", "set", "sets", "one", "lines", "file", "glob"])
def test_no_list_of_tools_is_documents(
    form: str, tool: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shape_of(tool) is not None
    assert tool.keys() & TELLING
    path, text = tmp_path / "docs.json", json.dumps([tool, tool])
    match form:
        case "set":
            text = json.dumps({"documents": [tool]})
        case "sets":
            text = json.dumps({"sets": {"a": ["a text", tool]}})
        case "one":
            text = json.dumps(tool)
        case "lines":
            path, text = tmp_path / "docs.jsonl", f"{json.dumps(tool)}\n{json.dumps(tool)}\n"
        case "file" | "glob":
            (tmp_path / "data").mkdir()
            (tmp_path / "data" / "tools.json").write_text(text, encoding="utf-8")
            text = json.dumps({"sets": {"a": {"files": "data/tools.json" if form == "file" else "data/*.json"}}})
    path.write_text(text, encoding="utf-8")
    err = problems(capsys, "ask", "--offline", "--docs", str(path), "?")
    assert "tool" in err
    assert "shape" in err
    assert "--tools" in err
    assert "run:" in err
    assert any(f"{name}:1:" in err for name in ("docs.json", "docs.jsonl", "tools.json"))


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda document: json.dumps(document)[:40])
@pytest.mark.parametrize("form", ["set", "lines"])
def test_a_document_that_looks_a_little_like_one_is_a_document(
    form: str, document: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert shape_of(document) is None
    path, text = tmp_path / "docs.json", json.dumps({"documents": [document]})
    if form == "lines":
        path, text = tmp_path / "docs.jsonl", json.dumps(document)
    path.write_text(text, encoding="utf-8")
    assert run(["ask", "--offline", "--docs", str(path), "?"]) == 0, capsys.readouterr().err


def test_one_problem_tells_of_many_tools_and_the_documents_are_kept(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "docs.jsonl"
    tool = json.dumps(FOREIGN["MCP's"])
    path.write_text(f'"a text"\n{tool}\n{tool}\n', encoding="utf-8")
    err = problems(capsys, "ask", "--offline", "--docs", str(path), "?")
    assert err.count("\n") == 1
    assert "docs.jsonl:2:1: this is a list of 2 tools, in MCP's shape, not a document" in err


def test_the_parameters_of_the_first_api_become_a_schema(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CO_API_KEY", "key-of-these-tests")
    definitions = {
        "a": {"description": "A.", "type": "str", "required": True},
        "b": {"type": "List[int]"},
        "c": {"type": "Dict", "required": False},
        "d": {"type": "datetime", "description": "D."},
        "e": {"type": "float"},
        "f": {},
        "g": {"type": "Dict[str, List[float]]"},
        "h": {"type": "Optional[int]"},
        "i": {"type": "list[dict | None]"},
        "j": {"type": "Union[List[str], str]"},
        "k": {"type": "List[List[date]]"},
        "l": {"type": "int | date"},
    }
    path = tmp_path / "tools.json"
    path.write_text(json.dumps([{**NAMED, "parameter_definitions": definitions, "run": "ask"}]), encoding="utf-8")
    with serving(lambda _: stream(message("Yes."))) as server:
        assert run(["ask", "--base-url", server.url, "--tools", str(path), "?"]) == 0
        (tool,) = server.received[0].body["tools"]
    assert tool["function"]["parameters"] == {
        "type": "object",
        "properties": {
            "a": {"description": "A.", "type": "string"},
            "b": {"type": "array", "items": {"type": "integer"}},
            "c": {"type": "object"},
            "d": {"description": "D."},
            "e": {"type": "number"},
            "f": {},
            "g": {"type": "object", "additionalProperties": {"type": "array", "items": {"type": "number"}}},
            "h": {"type": ["integer", "null"]},
            "i": {"type": "array", "items": {"type": ["object", "null"]}},
            "j": {"anyOf": [{"type": "array", "items": {"type": "string"}}, {"type": "string"}]},
            "k": {"type": "array", "items": {"type": "array"}},
            "l": {},
        },
        "required": ["a"],
    }


@pytest.mark.parametrize("definitions", [[1], "x", {"a": [1]}, {"a": {"type": 7}}])
def test_odd_parameters_of_the_first_api_are_located(
    definitions: Any, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tools.json"
    path.write_text(json.dumps([{**NAMED, "parameter_definitions": definitions, "run": "ask"}]), encoding="utf-8")
    assert "tools.json:1:" in problems(capsys, "check", str(path))


def test_a_model_of_pydantic_is_the_schema_of_its_parameters(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CO_API_KEY", "key-of-these-tests")
    schema = {
        "$defs": {"Day": {"enum": ["Monday"], "title": "Day", "type": "string"}},
        "properties": {"day": {"$ref": "#/$defs/Day"}, "title": {"title": "Title", "type": "string"}},
        "required": ["day"],
        "additionalProperties": False,
        "type": "object",
    }
    path = tmp_path / "tools.json"
    path.write_text(json.dumps([{"title": "OpeningHours", **schema, "run": "ask", "approve": "always"}]))
    with serving(lambda _: stream(message("Yes."))) as server:
        assert run(["ask", "--base-url", server.url, "--tools", str(path), "?"]) == 0
        (tool,) = server.received[0].body["tools"]
    assert (tool["function"]["name"], tool["function"]["parameters"]) == ("OpeningHours", schema)


def test_a_title_that_is_no_name_is_located(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tools.json"
    path.write_text(json.dumps([{"title": "Opening hours", **SCHEMA, "run": "ask"}]), encoding="utf-8")
    assert "tools.json:1:12: `Opening hours` cannot be a tool's name" in problems(capsys, "check", str(path))


@pytest.mark.parametrize("whose", ["MCP's", "LangChain's"])
def test_a_key_that_no_shape_has_is_unknown_still(
    whose: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "tools.json"
    path.write_text(json.dumps([{**FOREIGN[whose], "run": "ask", "tiemout": 3}]), encoding="utf-8")
    assert "unknown key `tiemout` (did you mean `timeout`?)" in problems(capsys, "check", str(path))
