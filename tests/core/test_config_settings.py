"""Settings files in; settings and located problems out."""

from __future__ import annotations

import io
from pathlib import Path

import pytest

from workbench.cli import parse
from workbench.commands.check import check
from workbench.config.settings import Settings, default_settings_path, read_settings
from workbench.errors import Problem


def read(folder: Path, text: str, environ: dict[str, str] | None = None) -> tuple[Settings, tuple[Problem, ...]]:
    path = folder / "config.yaml"
    path.write_text(text, encoding="utf-8")
    return read_settings(path, environ or {})


def test_every_setting(tmp_path: Path) -> None:
    text = """\
model: command-r-08-2024
system: |
  Be brief.
  Cite.
base_url: http://localhost:8000/cohere/
api_key_env: MY_KEY
offline: true
theme: nord
low_bandwidth: true
timeout: 12.5
max_time: 60
max_steps: 3
temperature: 0
max_tokens: 200
citations: off
thinking: false
docs: [docs.yaml, /srv/more.yaml]
tools: tools.yaml
"""
    settings, problems = read(tmp_path, text)
    assert problems == ()
    assert settings == Settings(
        model="command-r-08-2024",
        system="Be brief.\nCite.\n",
        base_url="http://localhost:8000/cohere",
        api_key_env="MY_KEY",
        offline=True,
        theme="nord",
        low_bandwidth=True,
        timeout=12.5,
        max_time=60.0,
        max_steps=3,
        temperature=0.0,
        max_tokens=200,
        citations="off",
        thinking=False,
        docs=(tmp_path / "docs.yaml", Path("/srv/more.yaml")),
        tools=(tmp_path / "tools.yaml",),
    )


def test_what_is_left_out_or_null_is_the_default(tmp_path: Path) -> None:
    settings, problems = read(tmp_path, "model: null\nsystem:\ntimeout: ~\n")
    assert (settings, problems) == (Settings(), ())
    assert (settings.model, settings.timeout, settings.max_steps) == ("command-a-03-2025", None, 10)


def test_variables_take_the_type_of_their_setting(tmp_path: Path) -> None:
    text = "model: ${MODEL}\nmax_steps: ${STEPS}\noffline: ${OFFLINE}\ntemperature: ${T:-0.5}\nsystem: ${STEPS}\n"
    settings, problems = read(tmp_path, text, {"MODEL": "m", "STEPS": "4", "OFFLINE": "true", "T": ""})
    assert problems == ()
    assert (settings.model, settings.max_steps, settings.offline) == ("m", 4, True)
    assert (settings.temperature, settings.system) == (0.5, "4")


@pytest.mark.parametrize(
    ("text", "place", "message", "hint"),
    [
        ("modle: x", "1:1", "unknown key `modle`", "did you mean `model`?"),
        ("model: x\nmax_step: 2", "2:1", "unknown key `max_step`", "did you mean `max_steps`?"),
        ("model: x\nzzz: 2", "2:1", "unknown key `zzz`", "the keys of a settings file are model"),
        ("model: 5", "1:8", "expected text, found the number 5", "quotes"),
        ("model: ''", "1:8", "only blanks", ""),
        ("offline: yes", "1:10", "expected true or false, found the text `yes`", "write true"),
        ("offline: 0", "1:10", "expected true or false, found the number 0", "write false"),
        ("thinking: [true]", "1:11", "expected true or false, found a list", ""),
        ("timeout: 0", "1:10", "out of range: expected above 0 and up to 86400", ""),
        ("timeout: 5m", "1:10", "expected a number, found the text `5m`", "without quotes or unit"),
        ("max_steps: 0", "1:12", "0 is out of range: expected from 1 to 1000", ""),
        ("max_steps: 1.5", "1:12", "expected a whole number, found the number 1.5", ""),
        ("max_steps: ${N}", "1:12", "environment variable `N` is not set", "${N:-default}"),
        ("temperature: 3", "1:14", "3 is out of range: expected from 0 to 2", ""),
        ("citations: fats", "1:12", "expected one of fast, accurate, off", "did you mean `fast`?"),
        ("citations: false", "1:12", "expected one of fast, accurate, off, enabled, disabled, found false", ""),
        ("model: m\ndocs: 3", "2:7", "expected text or a list of texts", ""),
        ("base_url: localhost:8000", "1:11", "must be an http or https URL", "http://localhost:8000/cohere"),
        ("base_url: http://", "1:11", "must be an http or https URL", "https://api.cohere.com"),
        ("base_url: http://h:port/", "1:11", "base_url is no URL", "https://api.cohere.com"),
        ("base_url: https://api.cohere.com/v2", "1:11", "stop before the API's version", "leave out /v2"),
        ("base_url: https://api.cohere.com/v2/chat/", "1:11", "stop before the API's version", "leave out /v2"),
        ("base_url: https://me:pw@h/", "1:11", "user name or password", ""),
        ("base_url: https://h/?a=b", "1:11", "query or fragment", ""),
        ("model: m\napi_key: s3cr3t", "2:1", "never holds an API key", "CO_API_KEY"),
        ("model: m\nCO_API_KEY: s3cr3t", "2:1", "never holds an API key", "api_key_env"),
        ("api_key_env: s3cr3t-value", "1:14", "the name of an environment variable", "such as CO_API_KEY"),
        ("model: m\nsets: {a: [x]}", "2:1", "belongs to a documents file", "a file of its own"),
    ],
)  # fmt: skip
def test_problems(tmp_path: Path, text: str, place: str, message: str, hint: str) -> None:
    settings, problems = read(tmp_path, text)
    assert [f"{problem.line}:{problem.column}" for problem in problems] == [place]
    assert message in problems[0].message
    assert hint in problems[0].hint
    assert "s3cr3t" not in str(problems[0])
    assert settings.base_url is None


def test_the_default_file_is_in_the_configuration_folder(tmp_path: Path) -> None:
    assert default_settings_path({"HOME": str(tmp_path)}) is None
    file = tmp_path / ".config" / "workbench" / "config.yaml"
    file.parent.mkdir(parents=True)
    file.write_text("model: m\n")
    assert default_settings_path({"HOME": str(tmp_path)}) == file
    assert default_settings_path({"HOME": "/nowhere", "XDG_CONFIG_HOME": str(tmp_path / ".config")}) == file
    assert default_settings_path({"HOME": str(tmp_path), "XDG_CONFIG_HOME": "relative"}) == file
    assert default_settings_path({"HOME": str(tmp_path), "XDG_CONFIG_HOME": str(tmp_path / "other")}) is None
    assert default_settings_path({}) is None


# -- keys ------------------------------------------------------------------------------------------


def test_keys_are_handed_on_by_action(tmp_path: Path) -> None:
    settings, problems = read(tmp_path, "keys: {quit: ctrl+q, copy: [y, c], help: null}\n")
    assert problems == ()
    assert settings.keys == {"quit": ("ctrl+q",), "copy": ("y", "c"), "help": ()}
    assert Settings().keys == {}


@pytest.mark.parametrize(
    ("keys", "place", "message"),
    [
        ("quit", "1:7", "expected a map of actions and their keys, found the text `quit`"),
        ("{quit: 5}", "1:14", "expected text or a list of texts, found the number 5"),
        ("{quit: [a, 5]}", "1:18", "expected text, found the number 5"),
        ("{quit: a, quit: b}", "1:17", "duplicate key `quit`"),
    ],
)
def test_keys_of_the_wrong_shape(tmp_path: Path, keys: str, place: str, message: str) -> None:
    _, (problem,) = read(tmp_path, f"keys: {keys}\n")
    assert (f"{problem.line}:{problem.column}", problem.message) == (place, message)


def test_keys_of_the_command_line_are_told_in_theirs() -> None:
    keys = parse(["--set", "keys={copy: [y, j]}"]).keys
    assert str(keys.problem("taken", action="copy", key="j")) == "--set keys:1:12: taken"


def test_check_reads_the_schema_that_a_settings_file_names(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text("response_format: answer.json\n")
    (tmp_path / "answer.json").write_text('{"type": "objct"}')
    err = io.StringIO()
    assert check([path], {}, io.StringIO(), err) == 2
    assert err.getvalue().startswith(f"{tmp_path / 'answer.json'}:1:10: unknown JSON Schema type `objct`")
    path = tmp_path / "folder" / "s.yaml"
    path.parent.mkdir()
    path.write_text("response_format: ../answer.json\n")
    err = io.StringIO()
    assert check([path], {}, io.StringIO(), err) == 0
    assert err.getvalue().startswith(f"{path}:1:1: warning: it reads a JSON Schema outside of its folder:")
