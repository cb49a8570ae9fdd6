"""Tools files in; tool specifications and located problems out."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from workbench.config.reader import read_tree
from workbench.config.tools_file import tools_of
from workbench.errors import Problem
from workbench.tools.runners.person import Ask
from workbench.tools.runners.python import Python
from workbench.tools.runners.reply import CannedReply
from workbench.tools.specs import ToolSpec

SCHEMA = {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}


def read(
    folder: Path, text: str, environ: dict[str, str] | None = None
) -> tuple[tuple[ToolSpec, ...], tuple[Problem, ...]]:
    path = folder / "tools.yaml"
    path.write_text(text, encoding="utf-8")
    tools, problems = tools_of(read_tree(path), environ or {})
    return tuple(tool.spec for tool in tools), problems


def good(folder: Path, text: str, environ: dict[str, str] | None = None) -> tuple[ToolSpec, ...]:
    tools, problems = read(folder, text, environ)
    assert problems == ()
    return tools


def test_a_whole_file(tmp_path: Path) -> None:
    text = """\
tools:
  - name: hours
    description: |
      Opening hours.
      Of any place.
    parameters: {type: object, properties: {place: {type: string}}, required: [place]}
    run: {reply: {opens: "09:00", open: [yes, true, 1.5, null]}}
    approve: always
    timeout: 2
  - name: "no"
    run: ask
  - name: search-all
    run: {python: "pkg.tools:Search.run"}
    approve: never
    timeout: 0.5
  - {name: typed, run: {ask: true}}
"""
    file = tmp_path / "tools.yaml"
    canned = CannedReply({"opens": "09:00", "open": ["yes", True, 1.5, None]})
    description = "Opening hours.\nOf any place.\n"
    assert good(tmp_path, text) == (
        ToolSpec("hours", description, canned, SCHEMA, "always", 2.0, file),
        ToolSpec("no", "", Ask(), file=file),
        ToolSpec("search-all", "", Python("pkg.tools:Search.run", tmp_path), approve="never", timeout=0.5, file=file),
        ToolSpec("typed", "", Ask(), file=file),
    )


def test_a_tool_called_no_needs_no_quotes(tmp_path: Path) -> None:
    (tool,) = good(tmp_path, "- {name: no, run: ask}\n")
    assert tool.name == "no"


def test_tools_of_a_request_can_be_pasted(tmp_path: Path) -> None:
    function = {"name": "hours", "description": "Hours.", "parameters": SCHEMA}
    tool: dict[str, Any] = {"type": "function", "function": function, "run": {"reply": ["😀"]}, "timeout": 9}
    (spec,) = good(tmp_path, json.dumps([tool], indent="\t"))
    assert spec.as_tool() == {"type": "function", "function": function}
    assert (spec.run, spec.timeout) == (CannedReply(["😀"]), 9.0)


@pytest.mark.parametrize("value", ["null", "0", "false", "''", "[]", "{}"])
def test_any_value_can_be_a_reply(tmp_path: Path, value: str) -> None:
    (tool,) = good(tmp_path, f"- {{name: x, run: {{reply: {value}}}}}\n")
    assert isinstance(tool.run, CannedReply)
    assert tool.run.value == json.loads(value.replace("''", '""'))


def test_variables_expand_in_settings_and_never_in_replies_or_schemas(tmp_path: Path) -> None:
    text = """\
- name: x
  description: Search ${CITY}.
  parameters: {type: object, properties: {p: {pattern: "^${CITY}"}}}
  run: {reply: "${CITY}"}
  timeout: ${SECONDS:-7}
"""
    (tool,) = good(tmp_path, text.replace("^${CITY}", "^[$]{1}"), {"CITY": "Bern"})
    assert (tool.description, tool.run, tool.timeout) == ("Search Bern.", CannedReply("${CITY}"), 7.0)


RUN = "run: ask"


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("tolls:\n  - x\n", "1:1", "unknown key `tolls`", "did you mean `tools`?"),
        ("tools:\n", "1:7", "key `tools` of a tools file has no value", "at least one tool"),
        ("tools: []\n", "1:8", "there is no tool", "at least one"),
        ("tools: {name: x}\n", "1:8", "expected a list of tools, found a map", "`- `"),
        ("tools:\n  - {name: x, run: ask}\n  - x\n", "3:5", "expected a tool (a map", ""),
        ("- {name: x, run: ask, tiemout: 3}", "1:23", "unknown key `tiemout`", "did you mean `timeout`?"),
        ("- {run: ask, parameters: {type: object}, name: }", "1:48", "key `name` of a tool has no value", "short name"),
        ("tools:\n- {run: ask}", "2:3", "missing key `name` of a tool", "short name"),
        ("- {name: 12, run: ask}", "1:10", "expected text, found the number 12", "put quotes"),
        ("- {name: true, run: ask}", "1:10", "expected text, found true", "put quotes"),
        ("- {name: 2fast, run: ask}", "1:10", "`2fast` cannot be a tool's name", "at most 64"),
        ("- {name: a b, run: ask}", "1:10", "`a b` cannot be a tool's name", "a letter"),
        (f"- {{name: {'x' * 65}, run: ask}}", "1:10", "cannot be a tool's name", "at most 64"),
        ('- {name: "a\\e[2J", run: ask}', "1:10", "control characters", "one plain line"),
        ("- {name: x, run: ask}\n- {name: x, run: ask}", "2:10", "duplicate tool `x`", "first defined at 1:10"),
        ("- {name: x, description: [a], run: ask}", "1:26", "expected text, found a list", ""),
        ("- {name: x, run: }", "1:18", "`run` says nothing", "`reply: any value`, `python: module:function`, "),
        ("- {name: x, run: {}}", "1:18", "`run` says nothing", "one of"),
        ("- {name: x, run: asks}", "1:18", "expected `ask` or a map, found the text `asks`", "one of"),
        ("- {name: x, run: {pyhton: 'a:b'}}", "1:19", "unknown way to run `pyhton`", "did you mean `python`?"),
        ("- {name: x, run: {reply: 1, ask: true}}", "1:29", "`run` has both `reply` and `ask`", "keep one"),
        ("- {name: x, run: {ask: false}}", "1:24", "`ask` can only be true", "one of"),
        ("- {name: x, run: {ask: yes}}", "1:24", "expected true or false, found the text `yes`", "write true"),
        ("- {name: x, run: {http: {url: u}}}", "1:31", "`u` is no http:// or https:// URL", "such as https://"),
        ("- {name: x, run: {python: os.system}}", "1:27", "`os.system` is not `module:function`", "my_tools:search"),
        ("- {name: x, run: {python: '../a:b'}}", "1:27", "`../a:b` is not `module:function`", "beside this file"),
        ("- {name: x, run: {python: 'a:b()'}}", "1:27", "`a:b()` is not `module:function`", "beside this file"),
        ("- {name: x, run: ask, approve: allways}", "1:32", "expected one of ask, always, never", "mean `always`"),
        ("- {name: x, run: ask, approve: true}", "1:32", "expected one of ask, always, never, found true", ""),
        ("- {name: x, run: ask, timeout: 0}", "1:32", "0 is out of range: expected above 0 and up to 86400", ""),
        ("- {name: x, run: ask, timeout: 2s}", "1:32", "expected a number, found the text `2s`", "such as 30"),
        ("- {name: x, run: ask, timeout: '2'}", "1:32", "expected a number, found the text `2`", "without quotes"),
        ("- {type: function, function: {name: x}, name: y, run: ask}", "1:41", "unknown key `name`", "type, function"),
        ("- {type: tool, function: {name: x}, run: ask}", "1:10", "expected one of function, found", ""),
        ("- {function: {nam: x}, run: ask}", "1:14", "missing key `name` of `function`", ""),
        ("- {function: x, run: ask}", "1:14", "expected a map with name", ""),
        ("- {name: x, run: ask, parameters: [a]}", "1:35", "expected a JSON Schema", ""),
        ("- {name: x, run: ask, parameters: {place: {type: string}}}", "1:35", "missing `type: object`", "properties"),
        ("- {name: x, run: ask, parameters: {type: string}}", "1:42", "of type object, not string", "properties"),
        ("- {name: x, run: ask, parameters: {type: objct}}", "1:42", "unknown JSON Schema type `objct`", "`object`"),
        (
            "- name: x\n  run: ask\n  parameters:\n    type: object\n    properties:\n      a: {type: strin}\n",
            "6:17", "unknown JSON Schema type `strin`", "did you mean `string`?",
        ),
        (
            "- name: x\n  run: ask\n  parameters:\n    type: object\n    properties:\n      a: {pattern: '(['}\n",
            "6:20", "`properties.a.pattern` is no valid regex", "",
        ),
        (
            "- name: x\n  run: ask\n  parameters:\n    type: object\n    properties:\n      a: {required: true}\n",
            "6:21", "`properties.a.required` must be of type array", "a list of names",
        ),
        (
            "- name: x\n  run: ask\n  parameters: {type: object, properties: [a]}\n",
            "3:42", "`properties` must be of type object", "",
        ),
    ],
)  # fmt: skip
def test_problems(tmp_path: Path, text: str, place: str, message: str, hint: str) -> None:
    _, problems = read(tmp_path, text)
    matching = [problem for problem in problems if message in problem.message]
    assert matching, problems
    assert f"{matching[0].line}:{matching[0].column}" == place
    assert hint in matching[0].hint


def test_all_problems_come_at_once_in_file_order(tmp_path: Path) -> None:
    text = "tools:\n  - {name: a b, run: x, timeout: -1}\n  - {name: c, run: }\n"
    text += "  - {name: d, run: {reply: 1, ask: true}, approve: no}\n"
    tools, problems = read(tmp_path, text)
    assert tools == ()
    assert [problem.line for problem in problems] == [2, 2, 2, 3, 4, 4]


def test_a_deep_schema_is_no_crash(tmp_path: Path) -> None:
    nested = '{"type":"object","properties":{"a":' * 28 + "{}" + "}}" * 28
    tools, problems = read(tmp_path, f'[{{"name": "x", "run": "ask", "parameters": {nested}}}]')
    assert [tool.name for tool in tools] == ["x"]
    assert all("too deeply" in problem.message for problem in problems)


def test_many_faults_of_one_schema_stay_readable(tmp_path: Path) -> None:
    fields = ", ".join(f"f{number}: {{type: nope}}" for number in range(100))
    _, problems = read(tmp_path, f"- {{name: x, run: ask, parameters: {{type: object, properties: {{{fields}}}}}}}")
    assert 1 <= len(problems) <= 10
