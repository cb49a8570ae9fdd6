"""Settings in several values: every choice among them, and words for what is wrong with one."""

from __future__ import annotations

import pytest

from workbench.config.at_hand import SettingsAtHand
from workbench.config.at_hand_text import refusal_told
from workbench.config.settings_model import Settings
from workbench.config.varied import MOST, parted, varied
from workbench.errors import ConfigurationError


def settings() -> SettingsAtHand:
    return SettingsAtHand(
        Settings(model="command-test", temperature=0.3, seed=7), lambda text: text.replace("sk-1", "…")
    )


@pytest.mark.parametrize(
    ("written", "values"),
    [
        ("a,b", ["a", "b"]),
        ("a", ["a"]),
        ("[a,b],[c]", ["[a,b]", "[c]"]),
        ('"a,b",c', ['"a,b"', "c"]),
        ("{type: x, schema: {a: 1}},null", ["{type: x, schema: {a: 1}}", "null"]),
        ("it's,b", ["it's", "b"]),
        ("", [""]),
    ],
)
def test_values_stand_between_commas(written: str, values: list[str]) -> None:
    assert parted(written) == values


def test_every_choice_has_the_other_settings_as_they_are() -> None:
    now = settings()
    choices = varied(now, ["temperature=0,1", "model=command-a,command-b"])
    assert [choice.name for choice in choices] == [
        "command-a  temperature=0", "command-a  temperature=1", "command-b  temperature=0", "command-b  temperature=1",
    ]  # fmt: skip
    assert [choice.options.model for choice in choices] == ["command-a", "command-a", "command-b", "command-b"]
    assert [choice.options.parameters["temperature"] for choice in choices] == [0, 1, 0, 1]
    assert all(choice.options.parameters["seed"] == 7 for choice in choices)
    assert now.options().model == "command-test"
    assert now.options().parameters["temperature"] == 0.3


@pytest.mark.parametrize(
    ("texts", "words"),
    [
        (["temperature=0,x"], "temperature, value 2: expected a number, found the text `x`"),
        (["temperatur=0,1"], "unknown setting `temperatur` (did you mean `temperature`?)"),
        (["offline=true"], "this setting is read at the start"),
        (["temperature=0,,1"], "temperature: value 2 is empty"),
        (["temperature=0,0"], "temperature: 0 is named twice"),
        (["temperature=0", "temperature=1"], "temperature: the setting is named twice"),
        (["temperature"], "temperature: expected NAME=V1,V2,…"),
        (["temperature=0,0.5,1", "seed=1,2,3,4,5"], f"3 × 5 is 15 requests (at most {MOST} at a time"),
        (["api_key=a,b"], "an API key never stands in a setting"),
        (["temperature=sk-1,0"], "the value holds an API key"),
    ],
)
def test_what_is_wrong_is_said_of_its_value(texts: list[str], words: str) -> None:
    with pytest.raises(ConfigurationError) as raised:
        varied(settings(), texts)
    assert words in refusal_told(raised.value)
    assert "sk-1" not in refusal_told(raised.value)


def test_all_that_is_wrong_is_said_at_once() -> None:
    with pytest.raises(ConfigurationError) as raised:
        varied(settings(), ["temperature=x,0,y", "seed=z"])
    assert [problem.file for problem in raised.value.problems if problem.file] == [
        "--set temperature, value 1", "--set temperature, value 3", "--set seed",
    ]  # fmt: skip


def test_twelve_are_not_too_many() -> None:
    assert len(varied(settings(), ["temperature=0,0.5,1", "seed=1,2,3,4"])) == MOST
