"""Settings changed while the app runs: what is said, what the next request has, and what may be typed next."""

from __future__ import annotations

import pytest

from tests.ui.harness import AppPilot, ask, said, screen_text, until, until_shown, workbench_app
from workbench.ui.app import WorkbenchApp
from workbench.ui.screens.reading_screen import ReadingScreen

QUESTION = "When does the library open?"


def last_body(app: WorkbenchApp) -> object:
    return app.conversation.turns[-1].steps[-1].request


async def send(pilot: AppPilot, line: str) -> None:
    """Send a line that is no question."""
    app = pilot.app
    assert isinstance(app, WorkbenchApp)
    app.prompt.insert(line)
    await pilot.press("enter")
    await until(pilot, lambda: app.prompt.text == "" or bool(said(app)))


@pytest.mark.parametrize("size", [(120, 40), (80, 24)])
async def test_a_setting_is_of_the_next_request_and_back_to_the_start_of_the_one_after(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        await ask(pilot, QUESTION)
        before = last_body(app)
        await send(pilot, "/set temperature=0.3")
        await until(pilot, lambda: said(app) == "temperature: 0.3, from the next turn on")
        await send(pilot, "/set seed = 7")
        await ask(pilot, QUESTION)
        body = last_body(app)
        assert isinstance(body, dict) and (body["temperature"], body["seed"]) == (0.3, 7)
        assert app.conversation.turns[0].steps[-1].request == before
        await send(pilot, "/set temperature")
        await until(pilot, lambda: said(app).startswith("temperature: 0.3 (default unset). How random"))
        await send(pilot, "/reset")
        await until(pilot, lambda: said(app) == "temperature: unset, seed: unset, from the next turn on")
        await ask(pilot, QUESTION)
        body = last_body(app)
        assert isinstance(body, dict) and not {"temperature", "seed"} & body.keys()


async def test_a_model_that_is_changed_is_a_setting_like_any_other() -> None:
    app = workbench_app()
    async with app.run_test(size=(100, 30)) as pilot:
        await send(pilot, "/model command-other")
        await send(pilot, "/set p=0.5")
        assert app.conversation.options.model == "command-other"
        await send(pilot, "/reset model")
        assert app.conversation.options.model == "command-test"
        assert app.conversation.options.parameters == {"p": 0.5}


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("/set temperature=9", "9 is out of range: expected from 0 to 2"),
        ("/set tempretur=1", "did you mean `temperature`?"),
        ("/set theme=nord", "this setting is read at the start"),
        ("/reset nothing", "unknown setting"),
        ("/reset seed", "seed is as it was at the start"),
        ("/set seed=", "there is no value"),
        ("/reset", "every setting is as it was at the start"),
        ("/set [bold]=1", "the name of a setting"),
    ],
)
async def test_what_cannot_be_is_said_and_nothing_changes(typed: str, told: str) -> None:
    app = workbench_app()
    async with app.run_test(size=(160, 30)) as pilot:
        before = app.conversation.options
        await send(pilot, typed)
        await until(pilot, lambda: told in said(app))
        assert app.conversation.options == before
        assert app.conversation.turns == []


async def test_the_list_shows_what_is_another_than_at_the_start() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await send(pilot, "/set seed=7")
        await send(pilot, "/set")
        await until(pilot, lambda: isinstance(app.screen, ReadingScreen))
        await pilot.press("/", *"seed")
        await until_shown(pilot, "● seed=7", "With one seed")
        assert "temperature" not in screen_text(app)


async def test_names_and_values_are_completed() -> None:
    app = workbench_app()
    async with app.run_test(size=(100, 30)) as pilot:
        app.prompt.insert("/set safe")
        await until_shown(pilot, "safety_mode", "unset")
        await pilot.press("tab")
        await until(pilot, lambda: app.prompt.text == "/set safety_mode=")
        await until_shown(pilot, "contextual", "strict", "off")
        await pilot.press("s", "down", "tab")
        await until(pilot, lambda: app.prompt.text == "/set safety_mode=strict")
        await pilot.press("enter")
        await until(pilot, lambda: said(app) == "safety_mode may be refused: not supported together with documents")
        assert [notice.text for notice in app.stage.said][-2] == "safety_mode: strict, from the next turn on"


async def test_without_an_editor_the_system_message_is_said_with_what_to_do(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("VISUAL", raising=False)
    monkeypatch.delenv("EDITOR", raising=False)
    app = workbench_app()
    async with app.run_test(size=(120, 30)) as pilot:
        await send(pilot, "/set system=Be brief")
        await send(pilot, "/system")
        await until(pilot, lambda: said(app).startswith("system: Be brief; /set system=TEXT changes it"))
        await ask(pilot, QUESTION)
        body = last_body(app)
        assert isinstance(body, dict) and body["messages"][0] == {"role": "system", "content": "Be brief"}


async def test_enter_on_a_whole_name_tells_of_it_and_takes_nothing_away() -> None:
    app = workbench_app()
    async with app.run_test(size=(120, 30)) as pilot:
        await send(pilot, "/set system=Be kind")
        await pilot.press(*"/set", "space", *"system", "enter")
        await until(pilot, lambda: said(app).startswith("system: Be kind"))
        assert app.conversation.options.system == "Be kind"
