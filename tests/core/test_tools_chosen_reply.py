"""Canned replies that are chosen by arguments: which case is for a call, and what is wrong with one."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from workbench.config.reader import read_tree
from workbench.config.tools_file import tools_of
from workbench.errors import Problem
from workbench.tools.people import NoPeople
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

HEAD = """\
tools:
  - name: hours
    parameters:
      type: object
      properties: {place: {}, day: {}, n: {}, far: {type: boolean}}
    run:
      reply:
"""
CASES = """\
        when:
          - if: {place: Library, day: [Saturday, Sunday]}
            reply: {opens: "10:00", place: "{place}", at: "on {day}"}
          - if: {place: Library}
            reply: "09:00"
          - if: {n: 1}
            reply: ["{n}", "{day}", 7]
          - if: {far: true}
            reply: null
          - if: {place: {like: "mus?um*"}}
            reply: "{place}: {{closed}}"
          - if: {place: {equals: [1, {a: 2}]}, day: {given: false}}
            reply: "a list"
"""
ELSE = "        else: {error: unknown}\n"


def read(folder: Path, text: str) -> tuple[list[ToolSpec], tuple[Problem, ...]]:
    path = folder / "tools.yaml"
    path.write_text(text, encoding="utf-8")
    tools, problems = tools_of(read_tree(path), {"SECRET": "s"})
    return [tool.spec for tool in tools], problems


async def answer(tool: ToolSpec, arguments: str) -> tuple[Any, str]:
    box = Toolbox([tool], people=NoPeople(), trust=TrustStore(), environ={})
    result = await box.run(call_id="c", name=tool.name, arguments=arguments)
    return result.result if result.error is None else result.error, result.error_kind


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ('{"place": "Library", "day": "Sunday"}', {"opens": "10:00", "place": "Library", "at": "on Sunday"}),
        ('{"place": "Library", "day": "Monday"}', "09:00"),
        ('{"place": "library"}', {"error": "unknown"}),
        ('{"n": 1, "day": {"d": 1}}', [1, {"d": 1}, 7]),
        ('{"n": 1.0}', [1.0, 7]),
        ('{"n": true}', {"error": "unknown"}),
        ('{"far": true}', None),
        ('{"place": "MUSEUM of art"}', "MUSEUM of art: {closed}"),
        ('{"place": [1, {"a": 2}]}', "a list"),
        ('{"place": [1, {"a": 2}], "day": null}', {"error": "unknown"}),
        ("", {"error": "unknown"}),
    ],
)
async def test_the_first_case_that_fits_is_the_reply(arguments: str, expected: Any, tmp_path: Path) -> None:
    (tool,), problems = read(tmp_path, HEAD + CASES + ELSE)
    assert problems == ()
    assert await answer(tool, arguments) == (expected, "")


async def test_without_a_case_and_else_it_says_so(tmp_path: Path) -> None:
    (tool,), _ = read(tmp_path, HEAD + CASES)
    said, kind = await answer(tool, '{"place": "Bergen"}')
    assert kind == "arguments"
    assert said == 'there is no reply for the arguments {"place": "Bergen"}, and no `else`'


@pytest.mark.parametrize(
    "reply",
    ['{when: "09:00", else: "{x}"}', "{when: []}", '{when: [{at: "9"}]}', '{opens: "{place} ${SECRET}"}', '"{"'],
)
async def test_a_reply_that_is_no_form_stays_as_it_is(reply: str, tmp_path: Path) -> None:
    (tool,), problems = read(tmp_path, f"{HEAD}        {reply}\n")
    assert problems == ()
    assert (await answer(tool, "{}"))[0] == getattr(tool.run, "value")  # noqa: B009 - of any kind


async def test_no_pattern_takes_long(tmp_path: Path) -> None:
    pattern = "*a" * 200 + "*b"
    (tool,), _ = read(
        tmp_path, f'{HEAD}        when: [{{if: {{place: {{like: "{pattern}"}}}}, reply: 1}}]\n        else: 2\n'
    )
    assert await answer(tool, f'{{"place": "{"a" * 50_000}"}}') == (2, "")


@pytest.mark.parametrize(
    ("form", "place", "message", "hint"),
    [
        ("when: [{iff: {place: x}, reply: 1}]", "8:23", "unknown key `iff`", "did you mean `if`?"),
        ("when: [{if: {place: x}}]", "8:17", "missing key `reply` of a case", "`- if: {argument: value}`"),
        ("when: [{if: {plaec: x}, reply: 1}]", "7:7", "`{plaec}` stands for an argument", "did you mean `place`?"),
        ("when: [{if: {place: x}, reply: '{dya}'}]", "7:7", "`{dya}` stands for an argument", "did you mean `day`?"),
        ("when: [{if: {place: x}, reply: '{'}]", "8:41", "a single `{`", ""),
        ("when: [{if: {place: {lik: x}}, reply: 1}]", "8:36", "unknown key `lik`", "did you mean `like`?"),
        ("when: [{if: {place: {like: 5}}, reply: 1}]", "8:37", "expected text", ""),
        ("when: [{if: {place: {given: 5}}, reply: 1}]", "8:38", "expected true or false", "without the argument"),
        ("when: [{if: {place: {}}, reply: 1}]", "8:30", "a condition is one of equals, like", "`{equals: {...}}`"),
        ("when: [{if: {}, reply: 1}]", "8:22", "`if` names no argument", "`else:`"),
        ("when: [{if: x, reply: 1}]", "8:22", "expected a map", ""),
        ("when: [{if: {place: x}, reply: 1}, 5]", "8:45", "expected a map", ""),
        ("when: [{if: {place: x}, reply: 1}], esle: 1", "8:52", "unknown key `esle`", "did you mean `else`?"),
    ],
)  # fmt: skip
def test_what_is_wrong_is_said_in_its_place(form: str, place: str, message: str, hint: str, tmp_path: Path) -> None:
    _, problems = read(tmp_path, f"{HEAD}        {{{form}}}\n")
    assert [f"{problem.line}:{problem.column}" for problem in problems] == [place]
    assert message in problems[0].message
    assert hint in problems[0].hint
