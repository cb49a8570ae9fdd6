"""JSON Schema as people have it: any draft, and the regular expressions of ECMAScript."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tests.loopback import message, stream
from tests.serving import serving
from workbench.cli import run
from workbench.tools import parameters_schema
from workbench.tools.schema_dialects import checkable, is_pattern, is_read, judged

UNREAD = [
    r"^\p{L}+$", r"\P{Lu}", r"(?<name>\d+)", r"\cA", r"[\w-.]", r"[\d-x]", r"\u{1F600}", r"[^]*", r"[\s\S-z]",
    r"(?<y>\d)\k<y>", r"\p{Script=Greek}", r"[\p{L}--[a-z]]", r"\X(?<a>b)", r"[]", r"(?<=a+)b",
]  # fmt: skip
READ = [r"\/", r"^\/api\/v\d$", r"^[a-z]+$", r"[\w.-]", r"\u0041", r"(?:a|b)", "", r"\d{2,}", r"a{1}", "🌈", r"[[a]"]
BROKEN = [
    "([",
    "(",
    ")",
    "a)(",
    "[a",
    "\\",
    "*",
    "+a",
    "a**",
    "a{2}{3}",
    "b{3,1}",
    r"(\)",
    r"[\]",
    r"(?<n>\p{L}",
    "a|*",
]
DRAFTS = [
    "http://json-schema.org/draft-04/schema#",
    "http://json-schema.org/draft-04/schema",
    "http://json-schema.org/draft-06/schema#",
    "http://json-schema.org/draft-07/schema#",
    "https://json-schema.org/draft-07/schema",
    "https://json-schema.org/draft/2019-09/schema",
    "https://json-schema.org/draft/2020-12/schema",
    "http://json-schema.org/schema#",
    "https://example.com/of-our-own",
]
OLD: list[dict[str, Any]] = [
    {
        "$schema": "http://json-schema.org/draft-04/schema#",
        "type": "object",
        "properties": {"n": {"type": "number", "minimum": 0, "exclusiveMinimum": True}},
        "definitions": {"a": {"id": "#a", "type": "string"}},
    },
    {
        "$schema": "http://json-schema.org/draft-07/schema#",
        "properties": {"n": {"type": "array", "items": [{"type": "string"}], "additionalItems": False}},
        "dependencies": {"n": ["m"]},
    },
    {"type": "object", "properties": {"n": {"type": "array", "items": [{"type": "string"}]}}},
    {"type": "object", "properties": {"n": {"type": "number", "minimum": 0, "exclusiveMinimum": True}}},
    {},
    {"properties": {"n": {"type": "string"}}},
    {"description": "Nothing to say."},
    {"$ref": "#/$defs/a", "$defs": {"a": {"type": "object"}}},
    {"anyOf": [{"required": ["n"]}, {"required": ["m"]}]},
    {"additionalProperties": False, "type": "object"},
]


def patterned(pattern: str) -> dict[str, Any]:
    return {"type": "object", "properties": {"n": {"type": "string", "pattern": pattern, "maxLength": 3}}}


def written(tmp_path: Path, *schemas: dict[str, Any]) -> Path:
    path = tmp_path / "tools.json"
    tools = [{"name": f"t{n}", "run": "ask", "parameters": schema} for n, schema in enumerate(schemas)]
    path.write_text(json.dumps({"tools": tools}), encoding="utf-8")
    return path


def found(schema: dict[str, Any], **arguments: Any) -> list[str]:
    return [each.text for each in parameters_schema.violations(parameters_schema.build(schema), arguments)]


@pytest.mark.parametrize("pattern", UNREAD)
def test_a_pattern_of_another_dialect_is_sent_and_the_rest_is_checked(
    pattern: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert is_pattern(pattern)
    if not is_read(pattern):
        assert run(["check", str(written(tmp_path, patterned(pattern)))]) == 0
        err = capsys.readouterr().err
        assert err.count("warning: the pattern") == 1
        assert "is not one of Python's" in err
    assert found(patterned(pattern), n=7) == ["$.n: 7 is not of type 'string'"]
    assert any("too long" in each for each in found(patterned(pattern), n="abcd"))


@pytest.mark.parametrize("pattern", READ)
def test_a_pattern_that_python_reads_is_no_word_worth(
    pattern: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert is_read(pattern)
    assert run(["check", str(written(tmp_path, patterned(pattern)))]) == 0
    assert capsys.readouterr().err == ""


def test_a_pattern_that_python_reads_is_checked() -> None:
    assert found(patterned("^[a-c]+$"), n="abc") == []
    assert len(found(patterned("^[a-c]+$"), n="abd")) == 1


@pytest.mark.parametrize("pattern", BROKEN)
def test_a_pattern_of_no_dialect_is_a_problem_where_it_stands(
    pattern: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert not is_pattern(pattern)
    assert run(["check", str(written(tmp_path, patterned(pattern)))]) == 2
    assert "`properties.n.pattern` is no valid regex" in capsys.readouterr().err
    with pytest.raises(parameters_schema.BrokenSchema):
        parameters_schema.build(patterned(pattern))


@pytest.mark.parametrize("draft", DRAFTS)
def test_every_draft_is_taken(draft: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    schema = {"$schema": draft, **patterned("^a$")}
    assert run(["check", str(written(tmp_path, schema))]) == 0
    assert capsys.readouterr().err == ""
    assert found(schema, n="a") == []
    assert len(found(schema, n="b")) == 1


@pytest.mark.parametrize("schema", OLD)
def test_what_a_draft_allows_is_taken_and_sent_as_it_is(
    schema: dict[str, Any], tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CO_API_KEY", "key-of-these-tests")
    with serving(lambda _: stream(message("Yes."))) as server:
        assert run(["ask", "--base-url", server.url, "--tools", str(written(tmp_path, schema)), "?"]) == 0
        (received,) = server.received
    no_arguments = {"type": "object", "properties": {}}  # what `{}` means, in words that every server takes
    assert received.body["tools"][0]["function"]["parameters"] == (schema or no_arguments)
    parameters_schema.build(schema)
    assert capsys.readouterr().out == "Yes.\n"


def test_an_old_draft_is_checked_by_its_own_rules() -> None:
    assert len(found(OLD[0], n=0)) == len(found(OLD[3], n=0)) == 1
    assert found(OLD[0], n=1) == []
    assert len(found(OLD[1], n=["a", "b"], m=1)) == 1
    assert len(found(OLD[1], n=[])) == 1


@pytest.mark.parametrize("text", ["json", "yaml"])
def test_a_schema_of_an_answer_may_have_such_patterns(
    text: str, tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("CO_API_KEY", "key-of-these-tests")
    monkeypatch.chdir(tmp_path)
    schema = {"$schema": DRAFTS[0], **patterned(r"^\p{L}(?<n>x)$")}
    (tmp_path / f"answer.{text}").write_text(json.dumps(schema), encoding="utf-8")
    with serving(lambda _: stream(message("{}"))) as server:
        named = ["--set", f"response_format=answer.{text}"]
        assert run(["ask", "--base-url", server.url, *named, "?"]) == 0, capsys.readouterr().err
        (received,) = server.received
    assert received.body["response_format"] == {"type": "json_object", "json_schema": schema}


def test_only_what_cannot_be_checked_is_left_out_and_values_are_no_schemas() -> None:
    schema = {
        "patternProperties": {r"\p{L}": {"type": "string"}, "^x-": {"pattern": r"\p{L}", "minLength": 1}},
        "additionalProperties": False,
        "properties": {
            "pattern": {"const": {"pattern": r"\p{L}"}},
            "a": {"anyOf": [{"pattern": r"\cA"}, {"enum": [1]}]},
        },
        "default": {"pattern": r"\p{L}"},
    }
    assert checkable(schema) == {
        "patternProperties": {"^x-": {"minLength": 1}},
        "properties": {"pattern": {"const": {"pattern": r"\p{L}"}}, "a": {"anyOf": [{}, {"enum": [1]}]}},
        "default": {"pattern": r"\p{L}"},
    }
    assert found(schema, ä="x") == []


def test_a_note_stands_at_its_pattern(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "tools.yaml"
    path.write_text(
        "- name: x\n  run: ask\n  parameters:\n    type: object\n    properties:\n"
        "      a: {type: array, items: {pattern: '\\p{L}'}}\n",
        encoding="utf-8",
    )
    assert run(["check", str(path)]) == 0
    out, err = capsys.readouterr()
    assert "1 tool" in out
    assert ":6:41: warning: the pattern `\\p{L}` is not one of Python's" in err


def test_no_required_names_are_none_in_an_old_draft_too() -> None:
    inner: dict[str, Any] = {"type": "object", "properties": {}, "required": []}
    schema = {"$schema": "http://json-schema.org/draft-04/schema#", **inner, "properties": {"a": inner}}
    kind, faults = judged(schema)
    assert faults == []
    assert not list(kind(schema).iter_errors({"a": {}}))


@pytest.mark.parametrize("wrong", [{"enum": []}, {"required": [1]}, {"allOf": []}, {"properties": {"required": []}}])
def test_other_faults_of_an_old_draft_are_faults(wrong: dict[str, Any]) -> None:
    schema = {"$schema": "http://json-schema.org/draft-04/schema#", "type": "object", **wrong}
    assert judged(schema)[1]
