"""The panel of settings: every row of the table by keys, what is refused, and what arrives in the request."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from textual.drivers.headless_driver import HeadlessDriver

from tests.ui.harness import AppPilot, ask, in_focus, said, screen_text, settled, until, until_shown, workbench_app
from workbench.config.at_hand import AT_HAND, SettingsAtHand, Start
from workbench.config.own_presets import FILE
from workbench.config.setting import Setting
from workbench.config.setting_types import Choice, Switch
from workbench.config.settings_model import OF_NAME, SETTINGS, Settings
from workbench.ui.app import WorkbenchApp
from workbench.ui.forms.presets_form import SAVE
from workbench.ui.screens.form import FormScreen

QUESTION = "When does the library open?"
both_sizes = pytest.mark.parametrize("size", [(80, 24), (120, 40)])


def form(app: WorkbenchApp) -> FormScreen:
    assert isinstance(app.screen, FormScreen)
    return app.screen


def body(app: WorkbenchApp) -> dict[str, Any]:
    found = app.conversation.turns[-1].steps[0].request
    assert isinstance(found, dict)
    return found


def at(found: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        found = found[int(step) if isinstance(found, list) else step]
    return found


async def opened(pilot: AppPilot, key: str = "f9") -> FormScreen:
    app = pilot.app
    assert isinstance(app, WorkbenchApp)
    await pilot.press(key)
    await until(pilot, lambda: isinstance(app.screen, FormScreen) and app.screen.rows.cursor >= 0)
    return form(app)


async def go_to(pilot: AppPilot, screen: FormScreen, name: str) -> None:
    """Walk to a field, row by row."""
    await pilot.press("home")
    for _ in range(len(screen.rows.keys)):
        if screen.rows.cursor_key == name:
            return
        await pilot.press("down")
    raise AssertionError(f"no row {name}")


@asynccontextmanager
async def panel(
    size: tuple[int, int] = (80, 24), settings: Settings | None = None, home: Path | None = None
) -> AsyncIterator[tuple[WorkbenchApp, AppPilot, FormScreen]]:
    app = workbench_app()
    if settings is not None or home is not None:
        began = settings or Settings(model="command-test")
        environ = {} if home is None else {"XDG_CONFIG_HOME": str(home)}
        app.commands._settings = SettingsAtHand(began, start=Start({"seed": "--set"}, environ))
        app.conversation.options = app.commands._settings.options()
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: not app.loading)
        yield app, pilot, await opened(pilot)


# -- by keys ---------------------------------------------------------------------------------------


@both_sizes
async def test_a_setting_is_changed_and_arrives_and_is_given_back(size: tuple[int, int]) -> None:
    async with panel(size) as (app, pilot, screen):
        await until_shown(pilot, "Settings · 1 of ", "Parameters of the API", "● model")
        await pilot.press("slash", *"temp", "enter", "enter")
        await until_shown(pilot, "temperature =", "How random the answer is. A number from 0 to 2")
        await pilot.press(*"0.3", "enter")
        await until_shown(pilot, "● temperature", "this panel", "default unset · now from this panel")
        assert said(app) == "temperature: 0.3, from the next turn on"
        await pilot.press("escape", "escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        await ask(pilot, QUESTION)
        assert body(app)["temperature"] == 0.3
        await until_shown(pilot, "temperature 0.3")
        screen = await opened(pilot)
        assert screen.rows.cursor_key == "temperature"  # what was changed is what one comes back for
        await pilot.press("u", "f9")
        await ask(pilot, QUESTION)
        assert "temperature" not in body(app)


def has(app: WorkbenchApp, name: str, value: Any) -> bool:
    """Whether a setting has a value now."""
    settings = app.commands._settings
    return settings is not None and bool(settings.value(OF_NAME[name]) == value)


def typed_for(row: Setting) -> str:
    return row.example or str(row.default - 1 if row.default > 1 else row.default / 2)


async def test_every_setting_of_the_table_is_set_by_keys_and_arrives() -> None:
    """Each on its own row, one after another, and all of them in one request."""
    expected = SettingsAtHand(Settings(model="command-test"))
    async with panel((120, 40)) as (app, pilot, screen):
        for row in AT_HAND:
            expected.assign(f"{row.name}={typed_for(row)}")
            await go_to(pilot, screen, row.name)
            await pilot.press("enter")
            if isinstance(row.type, Switch):  # from unset to true; then to false where that is the example
                await pilot.press(*(["enter"] if row.example == "false" else []))
            else:
                await until(pilot, lambda: app.focused is screen.editor)
                await pilot.press("ctrl+e", "ctrl+u")
                screen.editor.insert(typed_for(row))
                await pilot.pause()
                await pilot.press("enter")
            await until(pilot, partial(has, app, row.name, getattr(expected.now, row.name)))
            assert app.focused is screen.rows
        await pilot.press("escape")
        assert app.conversation.options == expected.options()
        await ask(pilot, QUESTION)
        found = body(app)
        for row in (row for row in AT_HAND if row.parameter):
            assert at(found, row.path) == row.type.wire(getattr(expected.now, row.name)), row.name
        assert found["guided_decoding"] == {"backend": "xgrammar"}


@pytest.mark.parametrize("row", [row for row in AT_HAND if isinstance(row.type, Choice)], ids=lambda row: row.name)
async def test_a_choice_is_made_from_its_list(row: Setting) -> None:
    assert isinstance(row.type, Choice)
    async with panel() as (app, pilot, screen):
        settings = app.commands._settings
        assert settings is not None
        await go_to(pilot, screen, row.name)
        await pilot.press("enter")
        await until_shown(pilot, *row.type.choices, "the server's own default")
        await pilot.press("enter")  # nothing was chosen
        assert settings.value(row) is None
        await pilot.press("enter", "down", "down", "up", "enter")
        await until(pilot, lambda: settings.value(row) == row.type.choices[1])  # type: ignore[attr-defined]
        await pilot.press("enter", *row.type.choices[0], "enter")
        await until(pilot, lambda: settings.value(row) == row.type.choices[0])  # type: ignore[attr-defined]
        await pilot.press("enter", *"unset", "enter")
        await until(pilot, lambda: settings.value(row) is None)


async def test_a_switch_goes_through_its_values_and_where_there_is_a_default_through_two() -> None:
    async with panel() as (app, pilot, screen):
        settings = app.commands._settings
        assert settings is not None
        await go_to(pilot, screen, "logprobs")
        values = []
        for _ in range(3):
            await pilot.press("enter")
            values.append(settings.value(OF_NAME["logprobs"]))
        assert values == [True, False, None]


async def test_what_is_wrong_is_said_while_one_types_and_nothing_changes() -> None:
    async with panel() as (app, pilot, screen):
        before = app.conversation.options
        await go_to(pilot, screen, "temperature")
        await pilot.press("enter", *"9")
        await until_shown(pilot, "temperature: 9 is out of range: expected from 0 to 2")
        await pilot.press("enter")
        assert in_focus(app) is screen.editor
        await pilot.press("backspace", *"1")
        await until(pilot, lambda: "out of range" not in screen_text(app))
        await pilot.press("escape")
        assert in_focus(app) is screen.rows
        assert app.conversation.options == before


async def test_what_may_be_refused_is_warned_of_and_sent_all_the_same() -> None:
    async with panel(settings=Settings(model="command-a-03-2025")) as (app, pilot, screen):
        await go_to(pilot, screen, "max_tokens")
        await pilot.press("enter", *"9000")
        await until_shown(pilot, "! command-a-03-2025 writes 8,000 tokens at most")
        await pilot.press("enter")
        await until_shown(pilot, "9000  ! may be refused")
        await pilot.press("escape")
        await ask(pilot, QUESTION)
        assert body(app)["max_tokens"] == 9000


async def test_what_is_read_at_the_start_is_shown_and_says_so() -> None:
    async with panel(settings=Settings(seed=7)) as (app, pilot, screen):
        assert {key for key in screen.rows.keys if not key.startswith("group ")} == {row.name for row in SETTINGS}
        await go_to(pilot, screen, "theme")
        await until_shown(pilot, "Cannot change now: start with --theme or --set theme=…")
        await pilot.press("enter", "u")
        assert app.focused is screen.rows
        await go_to(pilot, screen, "seed")
        await until_shown(pilot, "default unset · now from --set")


async def test_only_what_differs_is_shown_when_that_is_asked_for() -> None:
    async with panel(settings=Settings(seed=7, k=3)) as (_, pilot, screen):
        await pilot.press("f")
        await until(pilot, lambda: screen.rows.keys == ("group Parameters of the API", "k", "seed"))
        await until_shown(pilot, "only what differs")
        await pilot.press("u")
        assert "k" in screen.rows.keys  # of the start
        await pilot.press("f", "slash", *"penalty", "f")
        assert len(screen.rows.keys) > 3


async def test_a_long_text_is_seen_in_its_place_and_written_in_an_editor(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("suspend_application_mode", "resume_application_mode"):
        monkeypatch.setattr(HeadlessDriver, name, lambda _: None)
    monkeypatch.setattr(HeadlessDriver, "can_suspend", property(lambda _: True))
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf "Be brief: always.\\nAnd kind.\\n" > "$1"\n')
    editor.chmod(0o700)
    monkeypatch.setenv("VISUAL", "")
    monkeypatch.setenv("EDITOR", str(editor))
    async with panel() as (app, pilot, screen):
        await go_to(pilot, screen, "system")
        await pilot.press("ctrl+g")
        await until(pilot, lambda: app.conversation.options.system == "Be brief: always.\nAnd kind.")
        await until_shown(pilot, "● system", "Be brief: always. And kind.")
        await pilot.press("space")
        await until_shown(pilot, "▌  And kind.")
        await pilot.press("enter", "ctrl+j", *"Now.", "enter")
        await until(pilot, lambda: app.conversation.options.system.endswith("kind.\nNow."))
        monkeypatch.setenv("EDITOR", "")
        await pilot.press("ctrl+g")
        await until(pilot, lambda: said(app) == "no editor: set $EDITOR")
        await pilot.press("escape")
        await ask(pilot, QUESTION)
        assert body(app)["messages"][0] == {"role": "system", "content": "Be brief: always.\nAnd kind.\nNow."}


async def test_the_panel_is_opened_by_its_commands_and_nothing_beneath_it_is_reached() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        app.prompt.insert("/settings")
        screen = await opened(pilot, "enter")
        await pilot.press("tab", "f5", "ctrl+n", "f1")
        await until(pilot, lambda: app.screen is not screen)
        await pilot.press("escape")
        await until(pilot, lambda: app.screen is screen)
        await pilot.press("q")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        app.prompt.insert("/settings seed=7")
        await pilot.press("enter")
        await until(pilot, lambda: said(app) == "seed: 7, from the next turn on")


async def test_keys_that_come_at_once_are_done_in_their_order() -> None:
    async with panel() as (app, pilot, screen):
        await go_to(pilot, screen, "temperature")
        await pilot.press("enter", *"0.5", "enter", "down", "enter", *"0.25", "enter", "escape")
        await until(pilot, lambda: app.conversation.options.parameters == {"temperature": 0.5, "p": 0.25})


# -- presets ---------------------------------------------------------------------------------------

STRICT: dict[str, dict[str, Any]] = {
    "strict": {"temperature": 0.0, "seed": 7},
    "loose": {"temperature": 1.5, "seed": None},
}


@both_sizes
async def test_a_preset_is_changed_to_in_the_panel_and_by_its_command(size: tuple[int, int], tmp_path: Path) -> None:
    async with panel(size, Settings(presets=STRICT), tmp_path) as (app, pilot, first):
        await pilot.press("p")
        await until(pilot, lambda: app.screen is not first)
        await until_shown(pilot, "strict", "temperature: 0 seed: 7", "from the settings file")
        await pilot.press("enter")
        await until(pilot, lambda: app.screen is first)
        await until_shown(pilot, "● temperature", "● seed", "preset strict")
        await pilot.press("escape")
        await ask(pilot, QUESTION)
        assert (body(app)["temperature"], body(app)["seed"]) == (0.0, 7)
        await pilot.press("slash", *"preset", "space", "l")
        await until_shown(pilot, "▸ loose", "temperature 1.5")
        await pilot.press("tab", "enter")
        await until(pilot, lambda: said(app) == "temperature: 1.5, seed: unset, from the next turn on")
        app.prompt.insert("/preset losse")
        await pilot.press("enter")
        await until(pilot, lambda: said(app) == "there is no preset `losse` (did you mean `loose`?)")
        app.prompt.clear()
        await ask(pilot, QUESTION)
        assert body(app)["temperature"] == 1.5 and "seed" not in body(app)


async def test_what_differs_is_saved_as_a_preset(tmp_path: Path) -> None:
    async with panel(settings=Settings(seed=7), home=tmp_path) as (app, pilot, first):
        await pilot.press("s")
        await until(pilot, lambda: app.screen is not first and form(app).rows.cursor_key == SAVE)
        await until_shown(pilot, "Saves seed 7", "none yet")
        await pilot.press("enter", *"two", "space", *"words", "enter")
        await until_shown(pilot, "is no name for a preset")
        await pilot.press("ctrl+u", *"mine", "enter")
        await until_shown(pilot, "mine", "seed: 7", "as it is now")
        assert said(app).startswith(f"preset mine is in {tmp_path}")
        assert "mine:\n  seed: 7\n" in (tmp_path / "workbench" / FILE).read_text()


async def test_a_file_of_presets_that_is_wrong_is_said_where_it_is_needed(tmp_path: Path) -> None:
    (tmp_path / "workbench").mkdir()
    (tmp_path / "workbench" / FILE).write_text("strict: {sed: 7}\n")
    async with panel(home=tmp_path) as (app, pilot, _):
        await pilot.press("p")
        await until_shown(pilot, "unknown key `sed`")
        await pilot.press("escape", "escape")
        app.prompt.insert("/preset strict")
        await pilot.press("enter")
        await until(pilot, lambda: "unknown key `sed`" in said(app))


async def test_keys_of_the_environment_are_nowhere_in_the_panel(tmp_path: Path) -> None:
    """A key that somebody put into a setting is hidden there, and is not what is edited."""
    from workbench.secrets.redactor import Redactor

    secret = "sk-0123456789abcdef"
    app = workbench_app()
    app.commands._settings = SettingsAtHand(Settings(system=f"the key is {secret}"), start=Start({}, os.environ))
    redactor = Redactor.of({"CO_API_KEY": secret}, None)
    app.conversation.client = Client(redactor)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: not app.loading)
        screen = await opened(pilot)
        await go_to(pilot, screen, "system")
        await pilot.press("enter")
        await settled(pilot)
        assert secret not in screen_text(app) and secret not in screen.editor.text


class Client:
    """A client that knows a key, and sends nothing."""

    def __init__(self, redactor: Any) -> None:
        self.redactor = redactor

    stream: Callable[..., Any]
