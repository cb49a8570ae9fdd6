"""Settings of a conversation that runs: every row that can be changed, what is refused, and back to the start."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from workbench.config.at_hand import AT_HAND, SettingsAtHand
from workbench.config.at_hand_text import changes_told, refusal_told, tables, told
from workbench.config.setting import Setting
from workbench.config.settings_model import SETTINGS, Settings
from workbench.errors import ConfigurationError


@pytest.mark.parametrize("row", [row for row in AT_HAND if row.example or row.usual], ids=lambda row: row.name)
def test_every_setting_is_changed_and_given_back(row: Setting) -> None:
    settings, before = SettingsAtHand(Settings()), SettingsAtHand(Settings()).options()
    change = settings.assign(f"{row.name}={row.example or row.usual[0]}")
    assert settings.options() != before
    assert settings.changed() == (row,)
    assert row.name in changes_told([change])
    (back,) = settings.reset()
    assert (back.before, back.after) == (change.after, change.before)
    assert settings.options() == before
    assert settings.reset() == ()


def test_the_start_is_what_flags_and_files_said_and_null_is_the_default_of_the_table() -> None:
    settings = SettingsAtHand(Settings(temperature=0.3, seed=7))
    assert settings.changed() == ()
    settings.assign("temperature = 1")
    settings.assign("seed=null")
    assert settings.options().parameters == {"temperature": 1.0}
    settings.reset("temperature")
    assert settings.options().parameters == {"temperature": 0.3}
    settings.reset()
    assert settings.options().parameters == {"temperature": 0.3, "seed": 7}


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("temperature=9", "temperature: 9 is out of range: expected from 0 to 2"),
        ("temperature=warm", "temperature: expected a number"),
        ("tempretur=1", "unknown setting `tempretur` (did you mean `temperature`?)"),
        ("theme=nord", "theme: this setting is read at the start (start with --theme or --set theme=…)"),
        ("api_key=abc", "an API key never stands"),
        ("seed=sk-secret-0123456789", "the value holds an API key"),
        ("seed=[1", "seed: "),
        ("seed=", "seed: there is no value (seed=null is its default)"),
        ("stop_sequences=[a, b, c, d, e, f]", "stop_sequences: "),
    ],
)
def test_what_cannot_be_is_said_in_a_line_and_changes_nothing(text: str, said: str) -> None:
    settings = SettingsAtHand(Settings(), lambda shown: shown.replace("sk-secret-0123456789", "•••"))
    before = settings.options()
    with pytest.raises(ConfigurationError) as caught:
        settings.assign(text)
    assert said in refusal_told(caught.value)
    assert "\n" not in refusal_told(caught.value)
    assert "sk-secret" not in refusal_told(caught.value)
    assert settings.options() == before


def test_a_schema_is_read_when_it_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "answer.json").write_text(json.dumps({"type": "object", "properties": {"a": {"type": "string"}}}))
    settings = SettingsAtHand(Settings())
    settings.assign("response_format=answer.json")
    asked = settings.options().parameters["response_format"]
    assert asked["json_schema"]["properties"] == {"a": {"type": "string"}}
    with pytest.raises(ConfigurationError, match=r"nowhere\.json"):
        settings.assign("response_format=nowhere.json")
    assert settings.options().parameters["response_format"] == asked


def test_what_stands_in_the_list_is_the_table() -> None:
    settings = SettingsAtHand(Settings(temperature=0.3))
    settings.assign("seed=7")
    listed = [name for _, rows in tables(settings) for name, _ in rows]
    assert {name.removeprefix("● ").partition("=")[0] for name in listed} == {row.name for row in AT_HAND}
    assert len(listed) == len(AT_HAND) < len(SETTINGS)
    assert "● seed=7" in listed
    assert "temperature=0.3" in listed
    assert told(settings, settings.row("seed")).startswith("seed: 7 (default unset). ")
