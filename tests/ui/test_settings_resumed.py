"""The settings of the start on the screen: those of a session that goes on, of a preset and of flags; what is said."""

from __future__ import annotations

import argparse
import os
from pathlib import Path
from typing import Any

import pytest

from tests.ui.harness import ask, until, until_shown
from workbench import cli
from workbench.commands.app import screen
from workbench.config.settings_model import OF_NAME
from workbench.startup.setup import read_plan
from workbench.ui.app import WorkbenchApp

SIZE = (120, 40)
STRICT = "temperature: 0.9\npresets: {strict: {temperature: 0, seed: 7}}\n"


def opened(*argv: str) -> WorkbenchApp:
    arguments: argparse.Namespace = cli.parse(["--offline", *argv])
    return screen(read_plan(arguments, os.environ), os.environ)


def last_body(app: WorkbenchApp) -> dict[str, Any]:
    found = app.conversation.turns[-1].steps[0].request
    assert isinstance(found, dict)
    return found


def origin(app: WorkbenchApp, name: str) -> str:
    settings = app.commands._settings
    assert settings is not None
    return settings.origin(OF_NAME[name])


def notices(app: WorkbenchApp) -> list[str]:
    return [notice.text for notice in app.stage.said]


async def test_a_session_goes_on_with_what_it_was_asked_with_and_flags_win() -> None:
    app = opened()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        for line in ("/model command-other", "/set temperature=0.3", "/set seed=7", "/set system=Be brief"):
            app.prompt.insert(line)
            await pilot.press("enter")
        await ask(pilot, "When does the library open?")
        await until_shown(pilot, "model command-other · system Be brief · temperature 0.3 · seed 7")
    app = opened("--resume", "--set", "seed=8")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await until_shown(pilot, "command-other", "temperature 0.3 · seed 7")
        await until(pilot, lambda: "not as in the session: seed 8 (was 7)" in notices(app))
        assert "as in the session: model command-other, system Be brief, temperature 0.3" in notices(app)
        assert (origin(app, "temperature"), origin(app, "seed")) == ("the session", "--set")
        await ask(pilot, "And on Sundays?")
        body = last_body(app)
        assert (body["model"], body["temperature"], body["seed"]) == ("command-other", 0.3, 8)
        assert body["messages"][0] == {"role": "system", "content": "Be brief"}
        app.prompt.insert("/set temperature=1")
        await pilot.press("enter")
        app.prompt.insert("/reset")
        await pilot.press("enter")
        await until(pilot, lambda: notices(app)[-1] == "temperature: 0.3, from the next turn on")


async def test_what_a_person_changes_before_the_session_is_read_stays() -> None:
    app = opened("--set", "temperature=0.3")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "Hello?")
    app = opened("--resume")
    settings = app.commands._settings
    assert settings is not None
    settings.assign("temperature=1")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "And now?")
        assert last_body(app)["temperature"] == 1.0


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_preset_of_a_flag_is_in_the_request_and_in_the_panel(size: tuple[int, int], tmp_path: Path) -> None:
    file = tmp_path / "s.yaml"
    file.write_text(STRICT)
    app = opened("--config", str(file), "--preset", "strict", "--set", "k=3")
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "When does the library open?")
        body = last_body(app)
        assert (body["temperature"], body["seed"], body["k"]) == (0.0, 7, 3)
        await pilot.press("f9", "f")
        await until_shown(pilot, "● temperature", "● seed", "preset strict", "● k", "--set", "● offline", "--offline")


async def test_a_preset_that_is_saved_is_there_at_the_next_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(tmp_path))
    app = opened("--set", "seed=7")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await pilot.press("f9", "s", "enter", *"mine", "enter")
        await until_shown(pilot, "seed: 7", "as it is now")
    app = opened("--preset", "mine")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "Hello?")
        assert last_body(app)["seed"] == 7
