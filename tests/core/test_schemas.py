"""The JSON Schemas of configuration files: they take what loads, and refuse the keys that `workbench check` refuses."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any, get_args

import pytest
import yaml
from jsonschema import Draft7Validator

from workbench.cli import SCHEMAS, run
from workbench.commands.check import check
from workbench.config.findings import Findings
from workbench.config.kind import Kind, kind_of
from workbench.config.nodes import plain_data
from workbench.config.reader import parse_tree, read_tree
from workbench.config.schemas import schema_of
from workbench.startup.starter_files import FILES, starter_files
from workbench.ui.actions import BY_ID

ACTIONS = tuple(BY_ID)
CONFIG = Path(__file__).parents[2] / "config"
UNKNOWN = "wibble"

# What is not in the examples, in few words.
TOOL = {"name": "f", "description": "d", "run": "ask"}
MORE: dict[Kind, list[Any]] = {
    "documents": [
        ["a text", {"id": 1, "text": "t"}, {"data": {"text": "t"}, "id": "a"}, {"data": "text"}],
        {"documents": ["a"], "split": {"max_words": 10}, "retrieval": {"mode": "all", "top_k": 3, "budget_words": 9}},
        {"files": "*.md", "split": "none", "retrieval": "keyword", "documents": None},
        {"files": "*.md", "retrieval": {"where": {"a": 1, "b": ["x", True], "c": {"from": 1, "to": None}}}},
        {"sets": {"a": ["text"], "b": {"files": ["${NOWHERE:-.}/*.md"], "split": "${WORDS:-10}"}}},
    ],
    "tools": [
        [TOOL],
        {"tools": [TOOL, {"name": "g", "description": "without a way to run"}], "nextCursor": "x"},
        {"tools": [{**TOOL, "run": {"ask": True}}, {**TOOL, "name": "g", "run": {"python": "m.n:f"}, "timeout": 1}]},
        {"tools": [{"type": "function", "function": {"name": "f", "strict": True}, "run": {"reply": None}}]},
        {"tools": [{"name": "f", "inputSchema": {"type": "object"}, "title": "F", "run": "ask"}]},
        {"tools": [{"type": "custom", "name": "f", "input_schema": {"type": "object"}, "run": "ask"}]},
        {"tools": [{"name": "f", "parameter_definitions": {"q": {"type": "str"}}, "outputs": [], "run": "ask"}]},
        {"tools": [{"title": "f", "type": "object", "properties": {"q": {"type": "string"}}, "run": "ask"}]},
        {"tools": [{"function": {"name": "f", "inputSchema": {"type": "object"}, "icons": []}, "run": "ask"}]},
        {"mcp": {"time": {"command": ["mcp-server-time"], "tools": {"now": {"approve": "ask"}}}}, "tools": [TOOL]},
        {"mcpServers": {"a": {"command": "x", "args": ["-p", 1], "env": {"K": "${K}"}, "autoApprove": ["x"]}}},
        {"servers": {"a": {"type": "http", "url": "https://a.example/mcp", "headers": {"A": "b"}}}, "inputs": []},
        {"mcp": {"servers": {"a": {"type": "sse", "serverUrl": "http://127.0.0.1:1/sse", "disabled": True}}}},
    ],
    "settings": [
        {"model": "m", "keys": {"quit": None, "help": ["f1", "f12"]}, "docs": ["a.yaml"], "tools": "t.yaml"},
        {
            "response_format": {"type": "object", "properties": {}},
            "extra_body": {"a": {"b": 1}},
            "seed": "${NUMBER:-7}",
        },
    ],
}


def validator(kind: Kind) -> Draft7Validator:
    schema = schema_of(kind, ACTIONS)
    Draft7Validator.check_schema(schema)
    return Draft7Validator(schema)


def files() -> Iterator[tuple[str, Kind, Any]]:
    """A name, the kind and the data of every file that is shipped or written, and of some more."""
    texts = {f"config/{path.name}": path.read_bytes() for path in CONFIG.glob("*.yaml")}
    texts |= {name: text.encode() for name, text in starter_files(ACTIONS).items() if name.endswith(".yaml")}
    for name, text in sorted(texts.items()):
        tree = parse_tree(Path(name), text)
        kind = kind_of(tree, Findings(name))
        assert kind is not None
        assert tree.root is not None
        yield name, kind, plain_data(tree.root)
    for kind, more in MORE.items():
        for number, data in enumerate(more):
            yield f"{kind}{number}", kind, data


FILES_OF_KINDS = list(files())


def check_of(data: Any, path: Path) -> str:
    """What `workbench check` says of a file with this data, "" when it is good."""
    err = io.StringIO()
    path.write_text(yaml.safe_dump(data))
    return err.getvalue() if check([path], {}, io.StringIO(), err) else ""


def with_unknown(data: Any) -> Iterator[tuple[str, Any]]:
    """The data with one more key, in each of its maps in turn, behind the place of the map."""
    if isinstance(data, dict):
        yield "", {**data, UNKNOWN: ["x"]}
        for key, value in data.items():
            for place, changed in with_unknown(value):
                yield f"/{key}{place}", {**data, key: changed}
    elif isinstance(data, list):
        for number, value in enumerate(data):
            for place, changed in with_unknown(value):
                yield f"/{number}{place}", [*data[:number], changed, *data[number + 1 :]]


def test_there_is_one_for_each_kind_of_file() -> None:
    assert SCHEMAS == get_args(Kind) == tuple(FILES)


@pytest.mark.parametrize("kind", SCHEMAS)
def test_the_command_prints_it(kind: Kind, capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["schema", kind]) == 0
    assert json.loads(capsys.readouterr().out) == schema_of(kind, ACTIONS)


def test_another_kind_is_a_wrong_use(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as end:
        run(["schema", "cases"])
    assert end.value.code == 2
    assert capsys.readouterr().err.endswith("invalid choice: 'cases' (choose from 'documents', 'tools', 'settings')\n")


@pytest.mark.parametrize(("name", "kind", "data"), FILES_OF_KINDS, ids=[name for name, *_ in FILES_OF_KINDS])
def test_what_loads_is_valid(name: str, kind: Kind, data: Any, tmp_path: Path) -> None:
    validator(kind).validate(data)
    if name in (f"{kind}{number}" for number in range(len(MORE[kind]))):
        (tmp_path / "x.md").write_text("text")
        (tmp_path / "a.yaml").write_text("[text]")
        (tmp_path / "t.yaml").write_text(yaml.safe_dump([TOOL]))
        assert check_of(data, tmp_path / f"{name}.yaml") == ""


@pytest.mark.parametrize(("name", "kind", "data"), FILES_OF_KINDS, ids=[name for name, *_ in FILES_OF_KINDS])
def test_a_key_that_check_does_not_know_is_invalid(name: str, kind: Kind, data: Any, tmp_path: Path) -> None:
    """And one that it takes, such as a further field of a document, is valid."""
    valid, refused = validator(kind), 0
    for place, changed in with_unknown(data):
        said = check_of(changed, tmp_path / "changed.yaml")
        unknown = any(words in said for words in (f"unknown key `{UNKNOWN}`", f"unknown way to run `{UNKNOWN}`"))
        unknown |= "there is no action" in said and UNKNOWN in said
        unknown |= "expected a map of settings" in said  # a preset of that name
        # a server, a variable, a header or a tool of a server of that name
        unknown |= any(f"expected {what}" in said for what in ("a server", "text", "a map with `approve`"))
        refused += unknown
        assert valid.is_valid(changed) is not unknown, f"{name}{place}: {said}"
    assert refused or isinstance(data, list)


@pytest.mark.parametrize(
    ("kind", "wrong"),
    [
        ("documents", {"sets": {}}),
        ("documents", {"sets": {"a": 5}}),
        ("documents", {"split": 5}),
        ("documents", {"documents": ["  "]}),
        ("documents", {"files": "a.md", "split": 0}),
        ("documents", {"files": "a.md", "retrieval": "tools"}),
        ("documents", {"files": "a.md", "retrieval": {"where": {"a": []}}}),
        ("documents", {"files": "a.md", "retrieval": {"where": {"a": {}}}}),
        ("documents", {"files": []}),
        ("tools", {"tools": []}),
        ("tools", {"tools": [{"name": "f", "run": None}]}),
        ("tools", {"tools": [{**TOOL, "name": "a name"}]}),
        ("tools", {"tools": [{**TOOL, "run": {"reply": 1, "ask": True}}]}),
        ("tools", {"tools": [{**TOOL, "run": {"ask": False}}]}),
        ("tools", {"tools": [{**TOOL, "run": {"python": "no function"}}]}),
        ("tools", {"tools": [{**TOOL, "timeout": 0}]}),
        ("tools", {"tools": [{**TOOL, "approve": "sometimes"}]}),
        ("tools", {"mcp": {"a": {"args": ["x"]}}}),
        ("tools", {"mcpServers": {"a": {"command": "x", "timeout": 0}}}),
        ("tools", {"mcpServers": {"a": {"url": "https://a.example", "type": "pigeon"}}}),
        ("settings", {"keys": {"quiet": "f12"}}),
    ],
)
def test_what_is_wrong_for_check_is_invalid(kind: Kind, wrong: Any, tmp_path: Path) -> None:
    assert check_of(wrong, tmp_path / "wrong.yaml")
    assert not validator(kind).is_valid(wrong)


def test_it_says_what_keys_are_for() -> None:
    (tools,) = schema_of("tools", ())["definitions"]["run"]["anyOf"][1:]
    assert all(kind["description"].endswith(".") for kind in tools["properties"].values())


def test_no_example_is_left_out() -> None:
    assert {kind for _, kind, _ in FILES_OF_KINDS} == set(SCHEMAS)
    assert read_tree(CONFIG / "docs.yaml").root is not None
