"""What a turn was asked with: kept in its record, told in words, and brought back when a session goes on."""

from __future__ import annotations

import json
import os
import zlib
from pathlib import Path
from typing import Any

import pytest

from tests.core.keeping import session
from workbench import cli
from workbench.cli import run
from workbench.config.at_hand import AT_HAND, SettingsAtHand
from workbench.config.ran_with import asked_with, noted, values_of, words
from workbench.config.request_parameters import options_of
from workbench.config.settings_model import Settings
from workbench.conversation.turn import Turn
from workbench.events import Request
from workbench.recordings.recording import Recording
from workbench.sessions.restore import restored
from workbench.sessions.turns import TurnLines, turns_of
from workbench.startup.setup import read_plan


def asked(*argv: str, prompt: str = "When does the harbour open?") -> int:
    return run(["ask", "--offline", "--json", *argv, prompt], os.environ)


def first_request(capsys: pytest.CaptureFixture[str]) -> dict[str, Any]:
    out = capsys.readouterr().out
    lines = [json.loads(line) for line in out.splitlines()]
    body: dict[str, Any] = next(line["body"] for line in lines if line["event"] == "request")
    return body


def turn_of(settings: Settings, *, is_noted: bool = True) -> Turn:
    """A turn that was asked with these, by a program that notes them or one that does not yet."""
    options = options_of(settings)
    turn = Turn(1, "why?")
    turn.settings = options.settings if is_noted else None
    system = [{"role": "system", "content": options.system}] if options.system else []
    messages = [*system, {"role": "user", "content": "why?"}]
    turn.apply(Request(t=0, step=1, body={"model": options.model, "messages": messages, **options.parameters}))
    return turn


def example(row: Any) -> Settings:
    settings = SettingsAtHand(Settings())
    settings.assign(f"{row.name}={row.example or (row.default - 1 if row.default > 1 else row.default / 2)}")
    return settings.now


@pytest.mark.parametrize("row", AT_HAND, ids=lambda row: row.name)
def test_every_setting_is_noted_as_json_and_read_again(row: Any) -> None:
    settings = example(row)
    said = json.loads(json.dumps(noted(settings)))
    assert said.keys() == {row.name}
    assert values_of(said) == {row.name: getattr(settings, row.name)}
    assert asked_with(turn_of(settings)) == said
    assert words(turn_of(settings))[0].startswith(f"{row.name} ")


@pytest.mark.parametrize("row", [row for row in AT_HAND if row.parameter is not None], ids=lambda row: row.name)
def test_of_an_older_record_its_request_tells(row: Any) -> None:
    """But not whether its model was the default then."""
    settings = example(row)
    turn = turn_of(settings, is_noted=False)
    again = values_of(asked_with(turn))
    assert {name: value for name, value in again.items() if name != "model"} | {row.name: again[row.name]} == {
        row.name: getattr(settings, row.name)
    }
    assert [each for each in words(turn) if each.startswith("model ")] == []


def test_words_are_few_and_short_and_safe() -> None:
    settings = Settings(temperature=0.3, seed=7, system="Be\nbrief \x1b[31m" + "x" * 500, k=3, max_steps=4)
    assert words(turn_of(Settings())) == []
    assert words(turn_of(settings)) == [
        "system Be brief ␛[31mxxxxxxxxxxxxxxxxxxxxxxxxx…",
        "max_steps 4",
        "temperature 0.3",
        "k 3",
        "seed 7",
    ]
    many = Settings(temperature=1, p=0.5, k=1, seed=1, max_tokens=5, frequency_penalty=0, presence_penalty=0,
                    logprobs=True, priority=1, tool_choice="none")  # fmt: skip
    assert len(words(turn_of(many))) == 9
    assert words(turn_of(many))[-1] == "2 more"


def test_what_a_file_says_that_is_no_value_is_left_out() -> None:
    odd: Any = {"temperature": 9, "seed": [1], "k": 3, "model": None, "system": {"a": 1}, "unknown": 1,
                "response_format": "schema.json", "stop_sequences": "x"}  # fmt: skip
    assert values_of(odd) == {"k": 3, "stop_sequences": ("x",)}


def test_the_record_has_them_without_keys(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CO_API_KEY", "sk-0123456789abcdef")
    assert asked("--session", "--set", "seed=7", "--system", "my key is sk-0123456789abcdef") == 0
    path = session()
    assert "sk-0123456789" not in path.read_text()
    (line,) = [line for line in Recording.read(path).lines if line.kind == "turn-start"]
    assert line.fields["settings"]["seed"] == 7
    (kept,) = [each for each in turns_of(path, Recording.read(path).lines) if isinstance(each, TurnLines)]
    assert words(restored(kept, path).turn)[-1] == "seed 7"


def test_a_session_brings_back_what_it_was_asked_with(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked("--session", "--set", "seed=7", "--set", "max_steps=4", "--system", "Be brief", "--model", "m") == 0
    capsys.readouterr()
    assert asked("--resume=") == 0
    out, err = capsys.readouterr()
    body = json.loads(out.splitlines()[0])["body"]
    assert (body["model"], body["seed"], body["messages"][0]["content"]) == ("m", 7, "Be brief")
    assert err == "workbench: as in the session: model m, system Be brief, max_steps 4, seed 7\n"
    lines = [line for line in Recording.read(session()).lines if line.kind == "turn-start"]
    assert lines[1].fields["settings"] == lines[0].fields["settings"]


def test_flags_win_and_that_is_said(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    settings = tmp_path / "s.yaml"
    settings.write_text("k: 5\npresets: {strict: {temperature: 0}}\n")
    assert asked("--session", "--set", "seed=7", "--set", "temperature=1", "--set", "k=3", "--model", "m") == 0
    capsys.readouterr()
    argv = ["--resume=", "--set", "seed=8", "--config", str(settings), "--preset", "strict", "--model", "n"]
    assert asked(*argv) == 0
    out, err = capsys.readouterr()
    body = json.loads(out.splitlines()[0])["body"]
    assert (body["model"], body["seed"], body["temperature"], body["k"]) == ("n", 8, 0, 5)
    assert err.splitlines() == [
        "workbench: the session was with m; it goes on with n",
        "workbench: not as in the session: temperature 0 (was 1), k 5 (was 3), seed 8 (was 7)",
    ]


def test_a_session_wins_over_the_settings_file_of_the_person(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """What was a default then is one again."""
    assert asked("--session", "--set", "seed=7") == 0
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "config" / "workbench"
    folder.mkdir(parents=True)
    (folder / "config.yaml").write_text("seed: 1\ntemperature: 0.9\n")
    capsys.readouterr()
    assert asked("--resume=") == 0
    out, err = capsys.readouterr()
    body = json.loads(out.splitlines()[0])["body"]
    assert body["seed"] == 7 and "temperature" not in body
    assert err == "workbench: as in the session: temperature unset, seed 7\n"


def test_a_record_of_an_earlier_version_brings_back_its_parameters(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked("--session", "--set", "seed=7", "--set", "max_steps=4", "--system", "Be brief") == 0
    path = session()
    lines = [json.loads(line) for line in path.read_text().splitlines()]
    earlier = [{name: value for name, value in line.items() if name not in ("settings", "sum")} for line in lines]
    texts = [json.dumps(line, separators=(",", ":")) for line in earlier]
    path.write_text("".join(f'{text[:-1]},"sum":"{zlib.crc32(text.encode()):08x}"}}\n' for text in texts))
    capsys.readouterr()
    assert asked("--resume=") == 0
    assert capsys.readouterr().err == "workbench: as in the session: system Be brief, seed 7\n"


def test_sessions_show_says_them(capsys: pytest.CaptureFixture[str]) -> None:
    assert asked("--session", "--set", "seed=7", "--set", "max_steps=4") == 0
    capsys.readouterr()
    assert run(["sessions", "show", "last"], os.environ) == 0
    assert "\nsettings: max_steps 4, seed 7\nstate: complete" in capsys.readouterr().out


def test_origins_are_told_as_far_as_they_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("seed: 1\nk: 3\npresets: {strict: {temperature: 0, p: 0.5}}\n")
    argv = ["--config", str(file), "--preset", "strict", "--set", "seed=2", "--model", "m", "--set", "p=0.7"]
    origins = read_plan(cli.parse(argv), {}).origins
    assert {name: origins.get(name) for name in ("seed", "k", "temperature", "p", "model", "system")} == {
        "seed": "--set",
        "k": "the settings file",
        "temperature": "preset strict",
        "p": "--set",
        "model": "--model",
        "system": None,
    }
