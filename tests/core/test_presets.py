"""Presets: what a settings file may say of them, the flag, and what is saved."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator

from tests.loopback import Received, Reply, message, stream
from tests.serving import serving
from workbench.cli import parse, run
from workbench.config.at_hand import AT_HAND, SettingsAtHand, Start
from workbench.config.own_presets import FILE, read_own_presets, save_preset, with_preset
from workbench.config.settings import read_settings
from workbench.config.settings_model import OF_NAME, Settings
from workbench.config.settings_schema import settings_schema
from workbench.errors import ConfigurationError
from workbench.startup.setup import read_plan

STRICT = """\
presets:
  strict: {temperature: 0, seed: 7, system: Be brief}
  loose:
    temperature: 1.5
    seed: null
"""


def answers(_: Received) -> Reply:
    return stream(message("Yes."))


def sent(*argv: str) -> dict[str, Any]:
    with serving(answers) as server:
        assert run(["ask", "--base-url", server.url, *argv, "why?"], os.environ) == 0
        (received,) = server.received
    body: dict[str, Any] = received.body
    return body


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Path]:
    """The configuration folder of a person, in which nobody else may write."""
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path / "config"))
    folder = tmp_path / "config" / "workbench"
    before = os.umask(0o022)
    folder.mkdir(parents=True)
    yield folder
    os.umask(before)


def problems_of(text: str, folder: Path) -> list[str]:
    path = folder / "s.yaml"
    path.write_text(text)
    return [str(problem).removeprefix(f"{path}:") for problem in read_settings(path, {})[1]]


# -- the settings file -----------------------------------------------------------------------------


def test_each_preset_is_read_as_settings_are_and_null_is_the_default(tmp_path: Path) -> None:
    path = tmp_path / "s.yaml"
    path.write_text(STRICT)
    settings, problems = read_settings(path, {})
    assert problems == ()
    assert settings.presets == {
        "strict": {"temperature": 0.0, "seed": 7, "system": "Be brief"},
        "loose": {"temperature": 1.5, "seed": None},
    }
    assert settings.temperature is None


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("presets: [strict]", "1:10: expected a map of presets, found a list"),
        ("presets: {strict: 0}", "1:19: expected a map of settings, found the number 0"),
        ("presets: {strict: {tempretur: 0}}", "1:20: unknown key `tempretur` (did you mean `temperature`?)"),
        ("presets: {strict: {temperature: 9}}", "1:33: 9 is out of range: expected from 0 to 2"),
        ("presets: {strict: {theme: nord}}", "1:20: `theme` is read at the start, and cannot be in a preset"),
        ("presets: {strict: {base_url: 'http://x.example'}}", "`base_url` is read at the start"),
        ("presets: {strict: {docs: a.yaml}}", "`docs` is read at the start"),
        ("presets: {strict: {api_key: abc}}", "unknown key `api_key`"),
        ("presets: {two words: {seed: 1}}", "1:11: `two words` is no name for a preset"),
        ("presets: {strict: {system: '${CO_API_KEY}'}}", "CO_API_KEY"),
    ],
)
def test_what_is_wrong_is_told_where_it_stands(text: str, said: str, tmp_path: Path) -> None:
    (problem,) = problems_of(text, tmp_path)
    assert said in problem


def test_the_schema_takes_what_is_read(tmp_path: Path) -> None:
    valid = Draft7Validator(settings_schema())
    assert valid.is_valid({"presets": {"strict": {"temperature": 0, "seed": None}}})
    refused: tuple[Any, ...] = (
        {"strict": {"tempretur": 0}},
        {"strict": {"theme": "nord"}},
        {"two words": {}},
        {"strict": 3},
    )
    for wrong in refused:
        assert not valid.is_valid({"presets": wrong})


# -- the flag --------------------------------------------------------------------------------------


def test_a_preset_arrives_in_the_request_over_the_file_and_under_flags(home: Path, tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(f"{STRICT}temperature: 0.9\np: 0.5\n")
    body = sent("--config", str(file), "--preset", "strict")
    assert (body["temperature"], body["seed"], body["p"]) == (0.0, 7, 0.5)
    assert body["messages"][0] == {"role": "system", "content": "Be brief"}
    body = sent("--config", str(file), "--preset", "loose", "--set", "temperature=0.1")
    assert body["temperature"] == 0.1 and "seed" not in body


def test_a_preset_that_was_saved_is_one_too_and_wins_over_the_files(home: Path, tmp_path: Path) -> None:
    (home / FILE).write_text("strict: {seed: 1}\nmine: {k: 3, system: 'in ${HOME}'}\n")
    (home / "config.yaml").write_text(STRICT)
    assert sent("--preset", "mine")["k"] == 3
    assert sent("--preset", "mine")["messages"][0]["content"] == "in ${HOME}"
    body = sent("--preset", "strict")
    assert body["seed"] == 1 and "temperature" not in body
    assert sent("--preset", "loose")["temperature"] == 1.5


@pytest.mark.parametrize(
    ("name", "hint"), [("strct", "did you mean `strict`?"), ("x", "the presets are loose, strict")]
)
def test_an_unknown_preset_is_a_wrong_use(
    name: str, hint: str, home: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    (home / "config.yaml").write_text(STRICT)
    assert run(["ask", "--offline", "--preset", name, "why?"], os.environ) == 2
    assert capsys.readouterr().err == f"--preset: there is no preset `{name}` ({hint})\n"


def test_what_a_projects_file_says_in_presets_is_asked_about_as_settings_are(tmp_path: Path, home: Path) -> None:
    """Whether one of them is begun with or not: one can change to any."""
    file, environ = tmp_path / "project" / "s.yaml", {**os.environ, "CO_API_KEY": "k" * 20, "INNER": "secret words"}
    file.parent.mkdir()
    file.write_text("presets: {a: {system: 'about ${INNER}'}}\n")
    with pytest.raises(ConfigurationError, match="it sends what the environment holds as INNER, in `presets`"):
        read_plan(parse(["--config", str(file)]), environ)
    (tmp_path / "schema.json").write_text("{type: object, properties: {}}")
    file.write_text("presets: {a: {response_format: ../schema.json}}\n")
    with pytest.raises(
        ConfigurationError, match=r"its presets read a JSON Schema outside of its folder: .*schema\.json"
    ):
        read_plan(parse(["--config", str(file)]), environ)
    file.write_text(STRICT)
    plan = read_plan(parse(["--config", str(file), "--preset", "strict"]), environ)
    assert plan.settings.seed == 7
    assert plan.origins["seed"] == "preset strict"


def test_check_tells_what_is_wrong_with_a_preset_and_what_may_be_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    file = tmp_path / "s.yaml"
    file.write_text("thinking: true\npresets: {a: {response_format: gone.json}, b: {max_tokens: 9000}}\n")
    assert run(["check", str(file)]) == 2
    err = capsys.readouterr().err
    assert f"{tmp_path}/gone.json" in err
    file.write_text("thinking: true\npresets: {b: {max_tokens: 9000, seed: 1}}\n")
    assert run(["check", str(file)]) == 0
    assert capsys.readouterr().err.splitlines() == [
        f"{file}:1:1: warning: thinking may be refused: command-a-03-2025 does not reason",
        f"{file}:2:1: warning: preset b: max_tokens may be refused: command-a-03-2025 writes 8,000 tokens at most",
    ]


# -- while a conversation runs ---------------------------------------------------------------------


def at_hand(home: Path, **settings: Any) -> SettingsAtHand:
    return SettingsAtHand(Settings(**settings), start=Start(environ={"XDG_CONFIG_HOME": str(home.parent)}))


def test_applying_changes_what_is_in_it_and_says_where_that_is_from(home: Path) -> None:
    settings = at_hand(home, presets={"strict": {"temperature": 0.0, "seed": 7}}, seed=7, p=0.5)
    changes = settings.apply("strict")
    assert [each.row.name for each in changes] == ["temperature"]
    assert settings.options().parameters == {"temperature": 0.0, "p": 0.5, "seed": 7}
    assert settings.origin(OF_NAME["temperature"]) == "preset strict"
    settings.reset()
    assert settings.options().parameters == {"p": 0.5, "seed": 7}
    with pytest.raises(ConfigurationError, match="did you mean `strict`"):
        settings.apply("stric")


@pytest.mark.parametrize("row", AT_HAND, ids=lambda row: row.name)
def test_whatever_was_changed_is_saved_and_read_again(row: Any, home: Path) -> None:
    settings = at_hand(home)
    settings.assign(f"{row.name}={row.example or (row.default - 1 if row.default > 1 else row.default / 2)}")
    settings.save("mine")
    again = at_hand(home)
    again.apply("mine")
    assert again.now == settings.now
    assert read_plan(parse(["--preset", "mine"]), {"XDG_CONFIG_HOME": str(home.parent)}).settings == settings.now


def test_saving_leaves_the_rest_of_the_file_as_it_is(home: Path) -> None:
    path = home / FILE
    text = "# mine\nstrict:   # for tests\n  seed: 1\n  # why\n\n# loose ends\n'loose': {k: 3}\n# the end"
    path.write_text(text)
    save_preset(path, "strict", {"seed": 2})
    assert path.read_text() == "# mine\nstrict:\n  seed: 2\n\n# loose ends\n'loose': {k: 3}\n# the end"
    save_preset(path, "loose", {"system": "two\nlines: ${HOME} 'é'"})
    save_preset(path, "new", {"stop_sequences": ("\n\n", " ")})
    found = read_own_presets({"XDG_CONFIG_HOME": str(home.parent)})
    assert found.problems == ()
    assert found.presets == {
        "strict": {"seed": 2},
        "loose": {"system": "two\nlines: ${HOME} 'é'"},
        "new": {"stop_sequences": ("\n\n", " ")},
    }
    assert "# mine" in path.read_text() and "# the end\n" in path.read_text()


def test_a_file_that_cannot_be_changed_safely_is_left_and_what_to_paste_is_said(home: Path) -> None:
    path = home / FILE
    path.write_text("{strict: {seed: 1}}\n")
    with pytest.raises(ConfigurationError, match="paste this into it: strict:\n  seed: 2"):
        save_preset(path, "strict", {"seed": 2})
    assert path.read_text() == "{strict: {seed: 1}}\n"
    path.write_text("strict: {sed: 1}\n")
    with pytest.raises(ConfigurationError, match="unknown key `sed`"):
        save_preset(path, "other", {"seed": 2})
    assert path.read_text() == "strict: {sed: 1}\n"


def test_a_file_that_others_may_write_is_not_believed(home: Path) -> None:
    """It could name any file as a JSON Schema, which is sent."""
    path = home / FILE
    path.write_text("strict: {seed: 1}\n")
    path.chmod(0o666)
    with pytest.raises(ConfigurationError, match=r"presets\.yaml: the presets cannot be read: others may write it"):
        read_plan(parse(["--preset", "strict"]), {"XDG_CONFIG_HOME": str(home.parent)})
    with pytest.raises(ConfigurationError, match="others may write it"):
        save_preset(path, "other", {"seed": 2})
    path.unlink()
    path.mkdir()
    with pytest.raises(ConfigurationError, match="the presets cannot be read"):
        read_plan(parse(["--preset", "strict"]), {"XDG_CONFIG_HOME": str(home.parent)})


def test_a_key_is_not_saved(home: Path) -> None:
    settings = SettingsAtHand(
        Settings(),
        lambda text: text.replace("sk-secret", "•••"),
        Start(environ={"XDG_CONFIG_HOME": str(home.parent)}),
    )
    settings.put("system", "my key is sk-secret")
    settings.put("stop_sequences", ("sk-secret",))
    settings.save("mine")
    assert "sk-secret" not in (home / FILE).read_text()


def test_a_preset_of_nothing_and_without_a_place_is_refused(home: Path) -> None:
    with pytest.raises(ConfigurationError, match="every setting is its default"):
        at_hand(home).save("mine")
    with pytest.raises(ConfigurationError, match="no folder to save presets in"):
        SettingsAtHand(Settings(seed=1)).save("mine")
    with pytest.raises(ConfigurationError, match="is no name for a preset"):
        at_hand(home, seed=1).save("two words")
    assert not (home / FILE).exists()


def test_lines_of_a_preset_are_found_by_its_own_name() -> None:
    assert with_preset("ab:\n  k: 1\na:\n  k: 2\n", "a", {"k": 3}) == "ab:\n  k: 1\na:\n  k: 3\n"
    assert with_preset("a: {}", "b", {"k": 3}) == "a: {}\nb:\n  k: 3\n"
