"""The table of settings: whatever a row says holds in the settings file, behind `--set`, as a flag and on the wire."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
import yaml
from jsonschema import Draft7Validator

from tests.loopback import Received, Reply, message, stream
from tests.serving import serving
from workbench.cli import parse, run
from workbench.config.request_parameters import parameters_of
from workbench.config.setting import Setting
from workbench.config.settings import read_settings
from workbench.config.settings_model import OF_NAME, SETTING_KEYS, SETTINGS, Settings
from workbench.config.settings_schema import settings_schema
from workbench.startup.setup import read_plan

PARAMETERS = [row for row in SETTINGS if row.parameter is not None]
WAYS = [(row, way) for row in PARAMETERS for way in ("set", "flag", "file") if way != "flag" or row.flag]


def sample(row: Setting) -> str:
    """A value of the row, as YAML."""
    return row.example or yaml.safe_dump(row.default, default_flow_style=True).splitlines()[0]


def answers(_: Received) -> Reply:
    return stream(message("Yes."))


def sent(*argv: str) -> dict[str, Any]:
    """The body that a server gets of one question."""
    with serving(answers) as server:
        assert run(["ask", "--base-url", server.url, *argv, "why?"]) == 0
        (received,) = server.received
    body: dict[str, Any] = received.body
    return body


def at(body: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        body = body[int(step) if isinstance(body, list) else step]
    return body


def read(row: Setting, folder: Path) -> Any:
    path = folder / "settings.yaml"
    path.write_text(f"{row.name}: {sample(row)}\n", encoding="utf-8")
    settings, problems = read_settings(path, {})
    assert problems == ()
    return getattr(settings, row.name)


# -- every row -------------------------------------------------------------------------------------


@pytest.mark.parametrize(("row", "way"), WAYS, ids=[f"{row.name}-{way}" for row, way in WAYS])
def test_a_parameter_arrives_at_its_path_however_it_is_said(row: Setting, way: str, tmp_path: Path) -> None:
    value = row.type.wire(read(row, tmp_path))
    said = {
        "set": ["--set", f"{row.name}={sample(row)}"],
        "flag": [row.option, sample(row)],
        "file": ["--config", str(tmp_path / "settings.yaml")],
    }
    body = sent(*said[way])
    found = at(body, row.path)
    assert (found if row.path else {key: found[key] for key in value}) == value
    for path, implied in row.implied.items():
        assert at(body, tuple(path.split("."))) == implied


@pytest.mark.parametrize("row", SETTINGS, ids=SETTING_KEYS)
def test_a_setting_is_the_same_in_the_file_and_on_the_command_line(
    row: Setting, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "docs.yaml").write_text("documents: [x]\n")
    (tmp_path / "tools.yaml").write_text("tools: [{name: f, description: d, run: ask}]\n")

    def whole(value: Any) -> Any:
        return [path.absolute() for path in paths] if (paths := row.type.paths(value)) else value

    in_file = whole(read(row, tmp_path))
    plan = read_plan(parse(["--set", f"{row.name}={sample(row)}"]), {})
    assert whole(getattr(plan.settings, row.name)) == in_file
    if row.flag is None:
        return
    values = [sample(row).strip("[]")] if row.flag.metavar else []
    assert whole(getattr(read_plan(parse([row.option, *values]), {}).settings, row.name)) in (in_file, True)


@pytest.mark.parametrize("row", SETTINGS, ids=SETTING_KEYS)
def test_a_row_says_what_it_is(row: Setting, tmp_path: Path) -> None:
    assert row.meaning[0].isupper() and row.meaning.endswith(".")
    assert row.flag is None or not row.flag.help.endswith(".")
    assert (row.default is None) <= bool(row.example)
    assert row.outside.count("{}") == 1 if row.type.paths(read(row, tmp_path)) else row.outside.count("{}") <= 1


def test_what_is_not_set_is_not_sent(tmp_path: Path) -> None:
    assert sent() == {"model": Settings().model, "messages": [{"role": "user", "content": "why?"}], "stream": True}
    file = tmp_path / "s.yaml"
    file.write_text("".join(f"{row.name}: null\n" for row in PARAMETERS))
    assert sent("--config", str(file)).keys() == {"model", "messages", "stream"}


# -- what goes into a request ----------------------------------------------------------------------


def test_every_parameter_at_once(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("""\
model: command-x
system: Be brief.
temperature: 0
p: 0.5
k: 0
seed: 18446744073709551615
max_tokens: 5
stop_sequences: ["\\n\\n", " "]
frequency_penalty: 0.5
presence_penalty: 1
logprobs: false
safety_mode: CONTEXTUAL
response_format: {type: object, properties: {answer: {type: string}}}
tool_choice: none
strict_tools: true
citations: Disabled
thinking: true
thinking_budget: 100
priority: 2
extra_body: {chat_template: null, thinking: {effort: low}, more: [1, {a: b}]}
""")
    assert sent("--config", str(file)) == {
        "model": "command-x",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "why?"}],
        "stream": True,
        "temperature": 0.0,
        "p": 0.5,
        "k": 0,
        "seed": 2**64 - 1,
        "max_tokens": 5,
        "stop_sequences": ["\n\n", " "],
        "frequency_penalty": 0.5,
        "presence_penalty": 1.0,
        "logprobs": False,
        "safety_mode": "CONTEXTUAL",
        "response_format": {
            "type": "json_object",
            "json_schema": {"type": "object", "properties": {"answer": {"type": "string"}}},
        },
        "tool_choice": "NONE",
        "strict_tools": True,
        "citation_options": {"mode": "DISABLED"},
        "thinking": {"type": "enabled", "token_budget": 100, "effort": "low"},
        "priority": 2,
        "chat_template": None,
        "more": [1, {"a": "b"}],
    }


@pytest.mark.parametrize(
    ("settings", "parameters"),
    [
        (Settings(thinking_budget=9), {"thinking": {"type": "enabled", "token_budget": 9}}),
        (Settings(thinking=False, thinking_budget=9), {"thinking": {"type": "disabled", "token_budget": 9}}),
        (Settings(thinking=False), {"thinking": {"type": "disabled"}}),
        (Settings(extra_body={"seed": 1, "x": {"y": 2}}, seed=5), {"seed": 1, "x": {"y": 2}}),
        (Settings(stop_sequences=()), {"stop_sequences": []}),
    ],
)
def test_settings_that_meet_in_one_field(settings: Settings, parameters: Mapping[str, Any]) -> None:
    assert parameters_of(settings) == parameters


@pytest.mark.parametrize(
    ("value", "wire"),
    [
        ("text", {"type": "text"}),
        ("JSON", {"type": "json_object"}),
        ("{type: json_object}", {"type": "json_object"}),
        ("{type: array}", {"type": "json_object", "json_schema": {"type": "array"}}),
        ("answer.json", {"type": "json_object", "json_schema": {"type": "object", "title": "${HOME}"}}),
    ],
)
def test_a_response_format_is_a_word_a_file_or_a_schema(
    value: str, wire: Mapping[str, Any], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answer.json").write_text('{"type": "object", "title": "${HOME}"}')
    assert sent("--set", f"response_format={value}")["response_format"] == wire


def test_the_offline_engine_takes_them_all(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    said = [f"--set={row.name}={sample(row)}" for row in PARAMETERS if row.name != "response_format"]
    assert run(["ask", "--offline", "--json", *said, "hi"]) == 0
    lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert {"seed": 7, "k": 3}.items() <= lines[0]["body"].items()
    assert lines[-1]["status"] == "complete"


# -- what is wrong behind --set --------------------------------------------------------------------


@pytest.mark.parametrize(
    ("assignments", "told"),
    [
        (["sed=7"], "--set sed: unknown setting `sed` (did you mean `seed`?)"),
        (["citation_options=x"], "unknown setting `citation_options` (did you mean `citations`?)"),
        (["zzzz=1"], "--set zzzz: unknown setting `zzzz` (the settings are model, "),
        (["seed=x"], "--set seed: expected a whole number, found the text `x`"),
        (["seed=-1"], "--set seed: -1 is out of range: expected from 0 to 18446744073709551615"),
        (["k=501"], "--set k: 501 is out of range: expected from 0 to 500"),
        (["p=0"], "--set p: 0 is out of range: expected from 0.01 to 0.99"),
        (["priority=-1"], "--set priority: -1 is out of range: expected 0 or more"),
        (["timeout=0"], "--set timeout: 0 is out of range: expected above 0 and up to 86400"),
        (["citations=fats"], "(did you mean `fast`?)"),
        (["response_format=jsno"], "--set response_format: expected text, json, a path or a JSON Schema"),
        (["response_format=absent.json"], "absent.json: there is no such file"),
        (["response_format={type: objct}"], "--set response_format:1:8: unknown JSON Schema type `objct`"),
        (["stop_sequences=[a, b, c, d, e, f]"], "--set stop_sequences:1:17: more than 5 texts"),
        (["extra_body={stream: false}"], "--set extra_body:1:2: `stream` is written by Workbench itself"),
        (["extra_body=5"], "--set extra_body: expected a map of fields and their values, found the number 5"),
        (["keys=[quit]"], "--set keys: expected a map of actions and their keys, found a list"),
        (["model={"], "--set model:1:2: YAML syntax"),
        (["system=# a comment"], "--set system: `# a comment` is nothing in YAML (put quotes around it)"),
        (["seed"], "--set: expected NAME=VALUE, found `seed`"),
        (["api_key=s3cr3t"], "--set: an API key never stands on the command line"),
        (["base_url=https://api.cohere.com/v2"], "--set base_url: base_url must stop before the API's version"),
    ],
)  # fmt: skip
def test_a_wrong_value_is_a_located_problem(
    assignments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert run(["ask", "--offline", *(f"--set={each}" for each in assignments), "hi"]) == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert told in line
    assert "s3cr3t" not in line


def test_all_problems_are_told_at_once(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["--set", "seed=x", "ask", "--set", "k=9999", "--set", "sed=1", "hi"]) == 2
    assert [line.partition(": ")[0] for line in capsys.readouterr().err.splitlines()] == [
        "--set seed",
        "--set k",
        "--set sed",
    ]


@pytest.mark.parametrize("name", ["seed", "system", "nothing"])
def test_a_key_in_a_value_is_not_quoted(
    name: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """Not in part either, where what surrounds it is cut; and not of a variable that `--set` itself names."""
    monkeypatch.setenv("MINE", "the-key-0123456789")
    value = f"[{'x' * 50} the-key-0123456789]"
    assert run(["ask", "--set", "api_key_env=MINE", "--set", f"{name}={value}", "hi"]) == 2
    said = capsys.readouterr().err
    assert "the-key" not in said
    assert "holds an API key" in said


# -- what wins -------------------------------------------------------------------------------------


def test_a_flag_and_set_may_only_say_the_same(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["ask", "--offline", "--model", "a", "--set", "model=b", "hi"]) == 2
    assert capsys.readouterr().err == "--set model: --model says something else (give one of the two)\n"
    assert run(["ask", "--offline", "--no-session", "--set", "session=true", "hi"]) == 2
    assert parse(["--model", "a", "--set", "model=a", "--docs", "x", "--set", "docs=x"]).model == "a"


def test_set_wins_over_the_file_and_null_takes_back(tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("seed: 1\nk: 2\ntimeout: 30\nfirst_byte_timeout: 5\n")
    settings = read_plan(
        parse(["--config", str(file), "--set", "seed=2", "--set", "seed=3", "--set", "k="]), {}
    ).settings
    assert (settings.seed, settings.k, settings.first_byte_timeout) == (3, None, 5.0)
    assert read_plan(parse(["--config", str(file), "--set", "timeout=9"]), {}).settings.first_byte_timeout is None


def test_a_variable_is_text_behind_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NAME", "expanded")
    assert parse(["--set", "system=say ${NAME}"]).system == "say ${NAME}"


def test_the_variable_of_the_address_counts_last(monkeypatch: pytest.MonkeyPatch) -> None:
    with serving(answers) as server:
        monkeypatch.setenv(OF_NAME["base_url"].environment, "http://127.0.0.1:1")
        assert run(["ask", "--set", f"base_url={server.url}", "why?"]) == 0
        assert len(server.received) == 1


# -- a file from elsewhere -------------------------------------------------------------------------


@pytest.mark.parametrize(
    "setting",
    ["extra_body: {user: {name: '${HARMLESS}'}}", "stop_sequences: [a, '${HARMLESS}']", "seed: ${DIGITS}"],
)
def test_a_variable_in_any_parameter_is_asked_about(
    setting: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("HARMLESS", "a-value-that-is-not")
    monkeypatch.setenv("DIGITS", "4711")
    with serving(answers) as server:
        file = tmp_path / "s.yaml"
        file.write_text(f"base_url: {server.url}\n{setting}\n")
        argv = ["ask", "--config", str(file), "why?"]
        assert (run(argv), server.received) == (2, [])
        assert "s.yaml:2:1: it sends what the environment holds as " in capsys.readouterr().err
        assert run([*argv, "--yes"]) == 0
        assert json.dumps(server.received[0].body).count("a-value-that-is-not" if "HARM" in setting else "4711") == 1


def test_a_schema_outside_of_the_folder_is_asked_about_before_it_is_read(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "private.json").write_text("[a list]")
    file = tmp_path / "folder" / "s.yaml"
    file.parent.mkdir()
    file.write_text("response_format: ../private.json\n")
    assert run(["ask", "--offline", "--config", str(file), "why?"]) == 2
    said = capsys.readouterr().err
    assert f"s.yaml:1:1: it reads a JSON Schema outside of its folder: {tmp_path / 'private.json'}" in said
    assert "a JSON Schema is a map" not in said
    assert run(["ask", "--offline", "--yes", "--config", str(file), "why?"]) == 2
    assert "private.json:1:1: a JSON Schema is a map" in capsys.readouterr().err


def test_a_schema_expands_no_variable(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("HARMLESS", "a-value-that-is-not")
    file = tmp_path / "s.yaml"
    file.write_text("response_format: {type: object, title: '${HARMLESS}'}\n")
    assert sent("--config", str(file))["response_format"]["json_schema"]["title"] == "${HARMLESS}"


# -- the JSON Schema of the file -------------------------------------------------------------------


@pytest.mark.parametrize("row", SETTINGS, ids=SETTING_KEYS)
def test_the_schema_takes_what_the_row_takes(row: Setting) -> None:
    schema = settings_schema()
    Draft7Validator.check_schema(schema)
    of_file = Draft7Validator(schema)
    for value in (yaml.safe_load(sample(row)), None, "${VARIABLE}"):
        of_file.validate({row.name: value})
    assert schema["properties"][row.name]["description"] == row.meaning


@pytest.mark.parametrize(
    "wrong", [{"sed": 1}, {"seed": -1}, {"p": 1}, {"offline": "yes"}, {"citations": "fats"}, {"keys": {"quit": 5}},
              {"extra_body": {"messages": []}}, {"stop_sequences": list("abcdef")}, {"timeout": 0}, {"docs": 3}],
)  # fmt: skip
def test_the_schema_refuses_what_the_table_refuses(wrong: dict[str, Any], tmp_path: Path) -> None:
    assert not Draft7Validator(settings_schema()).is_valid(wrong)
    file = tmp_path / "s.yaml"
    file.write_text(json.dumps({"model": "m", **wrong}))
    assert run(["check", str(file)]) == 2


def test_the_schema_takes_the_example(project: Path) -> None:
    example = yaml.safe_load((project / "config" / "settings.yaml").read_text(encoding="utf-8"))
    Draft7Validator(settings_schema()).validate(example)
