"""Asking a turn again, changed: from an old turn, by keys, to the request that comes of it; and without the panel."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.ui.harness import (
    AppPilot,
    ask,
    chat_text,
    in_focus,
    said,
    screen_text,
    settled,
    until,
    until_shown,
    workbench_app,
)
from tests.ui.harness import library as town
from workbench.config.at_hand import SettingsAtHand
from workbench.config.settings_model import Settings
from workbench.conversation.turn import Turn
from workbench.documents.passages import DocumentSet, Passage, RetrievalSpec
from workbench.documents.retrieval import Library
from workbench.ui import slash
from workbench.ui.app import WorkbenchApp
from workbench.ui.forms.again_form import ASK, PROMPT, AgainForm, Sent
from workbench.ui.screens.form import FormScreen

FIRST, SECOND, THIRD = "When does the library open?", "What does a day ticket cost?", "And the tide?"
both_sizes = pytest.mark.parametrize("size", [(80, 24), (120, 40)])


def two_sets() -> Library:
    """The town's passages, and one of another set."""
    passage = Passage("more#1", "more", "More", "A day ticket is sold at the desk.", {"text": "A day ticket is sold."})
    shelves = town()
    more = DocumentSet("more", (passage,), RetrievalSpec(mode="all"))
    both = Library([more])
    both._shelves = [*shelves._shelves, *both._shelves]
    return both


def bodies(turn: Turn) -> dict[str, Any]:
    found = turn.steps[0].request
    assert isinstance(found, dict)
    return found


def settings_of(app: WorkbenchApp) -> SettingsAtHand:
    settings = app.commands._settings
    assert settings is not None
    return settings


@asynccontextmanager
async def three_turns(size: tuple[int, int] = (80, 24)) -> AsyncIterator[tuple[WorkbenchApp, AppPilot]]:
    """The second of them was asked with another temperature than those around it."""
    app = workbench_app(tools=True)
    app.conversation.options = settings_of(app).options()
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: not app.loading)
        app.conversation.library = two_sets()
        await ask(pilot, FIRST)
        settings_of(app).assign("temperature=0.9")
        app.conversation.options = settings_of(app).options()
        await ask(pilot, SECOND)
        settings_of(app).reset()
        app.conversation.options = settings_of(app).options()
        await ask(pilot, THIRD)
        yield app, pilot


async def asked(pilot: AppPilot, app: WorkbenchApp, count: int) -> Turn:
    await until(pilot, lambda: len(app.conversation.tree) == count and not app.busy)
    return app.conversation.turns[-1]


async def dialog(pilot: AppPilot, app: WorkbenchApp, *keys: str) -> FormScreen:
    await pilot.press(*keys)
    await until(pilot, lambda: isinstance(app.screen, FormScreen) and app.screen.rows.cursor >= 0)
    assert isinstance(app.screen, FormScreen)
    return app.screen


async def find(pilot: AppPilot, screen: FormScreen, name: str) -> None:
    """Walk to a field."""
    await pilot.press("home")
    for _ in range(len(screen.rows.keys)):
        if screen.rows.cursor_key is not None and screen.rows.cursor_key.rpartition(" ")[2] == name:
            return
        await pilot.press("down")
    raise AssertionError(f"no row {name}")


@both_sizes
async def test_an_old_turn_is_asked_again_changed_and_nothing_else_is(size: tuple[int, int]) -> None:
    async with three_turns(size) as (app, pilot):
        before, options = list(app.conversation.turns), app.conversation.options
        await pilot.press("f3", "ctrl+up")
        screen = await dialog(pilot, app, "r")
        await until_shown(pilot, "Turn 2 again", "temperature         0.9", SECOND)
        assert screen.rows.cursor_key == PROMPT
        await pilot.press("enter", "ctrl+e", "backspace", *" now?", "enter")
        await find(pilot, screen, "seed")
        await pilot.press("enter", *"7", "enter")
        await find(pilot, screen, "system")
        await pilot.press("enter", *"Be", "space", *"brief", "enter")
        await find(pilot, screen, "model")
        await pilot.press("enter", "ctrl+u", *"command-other", "enter")
        await find(pilot, screen, "more")
        await pilot.press("enter")
        await find(pilot, screen, "train_status")
        await pilot.press("enter", "f")
        await until_shown(pilot, "only what differs", "was command-test", "● more", "off")
        await pilot.press("f", "home")
        assert screen.rows.cursor_key == ASK
        await until_shown(pilot, "Asks the question of turn 2", "nothing is overwritten")
        await pilot.press("enter")
        turn = await asked(pilot, app, 4)
        body = bodies(turn)
        assert body["messages"] == [
            {"role": "system", "content": "Be brief"},
            *before[0].messages(thinking=False),
            {"role": "user", "content": "What does a day ticket cost now?"},
        ]
        assert (body["model"], body["temperature"], body["seed"]) == ("command-other", 0.9, 7)
        assert {tool["function"]["name"] for tool in body["tools"]} == {"opening_hours", "ask_a_person"}
        assert not any(document["id"].startswith("more") for document in body["documents"])
        assert app.conversation.turns == [before[0], turn]
        assert turn.parent == before[0].number and before[1].number in app.conversation.tree
        assert app.conversation.options == options
        await settled(pilot)
        assert THIRD not in chat_text(app)
        assert "system Be brief · temperature 0.9 · seed 7" in chat_text(app)
        await ask(pilot, THIRD)
        assert "seed" not in bodies(app.conversation.turns[-1])
        assert len(app.conversation.turns) == 3


async def test_as_it_was_is_with_what_it_was_asked_with() -> None:
    """And with the sets and tools that it was given, when it is one that was asked again itself."""
    async with three_turns() as (app, pilot):
        await pilot.press("f6", "ctrl+up")
        screen = await dialog(pilot, app, "r")
        await find(pilot, screen, "opening_hours")
        await pilot.press("enter", "r")
        turn = await asked(pilot, app, 4)
        assert bodies(turn)["temperature"] == 0.9
        settings_of(app).assign("temperature=0.1")
        app.conversation.options = settings_of(app).options()
        await pilot.press("f6")
        await dialog(pilot, app, "r")
        await until_shown(pilot, "Turn 4 again", "as it was")
        await pilot.press("r")
        again = await asked(pilot, app, 5)
        assert bodies(again) == bodies(turn)
        assert again.made_from is not None and again.made_from.turn == turn.number
        assert app.conversation.options.parameters == {"temperature": 0.1}


@both_sizes
async def test_the_command_asks_at_once_with_what_is_named(size: tuple[int, int]) -> None:
    async with three_turns(size) as (app, pilot):
        app.prompt.insert("/again 1 seed=7 system=Be brief, and kind stop_sequences=[a, b]")
        await pilot.press("enter")
        body = bodies(await asked(pilot, app, 4))
        assert body["messages"] == [
            {"role": "system", "content": "Be brief, and kind"},
            {"role": "user", "content": FIRST},
        ]
        assert (body["seed"], body["stop_sequences"]) == (7, ["a", "b"])
        app.prompt.insert("/again 2 prompt=Why? temperature=null")
        await pilot.press("enter")
        body = bodies(await asked(pilot, app, 5))
        assert body["messages"][-1]["content"] == "Why?" and "temperature" not in body
        assert len(app.conversation.turns) == 2


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("/again 9", "there is no turn 9: /again [TURN] [NAME=VALUE ...] asks one again"),
        ("/again 2 seed=x", "seed: expected a whole number"),
        ("/again sed=1", "unknown setting `sed` (did you mean `seed`?)"),
        ("/again theme=nord", "theme: this setting is read at the start"),
    ],
)
async def test_what_cannot_be_asked_is_said_and_nothing_is_asked(typed: str, says: str) -> None:
    async with three_turns() as (app, pilot):
        app.prompt.insert(typed)
        await pilot.press("enter")
        await until(pilot, lambda: says in said(app))
        assert len(app.conversation.tree) == 3
        assert settings_of(app).changed() == ()


async def test_without_a_turn_and_while_one_runs_there_is_nothing_to_ask_again() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        app.prompt.insert("/again")
        await pilot.press("enter")
        await until(pilot, lambda: said(app).startswith("no turn yet"))
        assert not app.commands.can("again")


async def test_settings_are_completed_behind_the_number_of_a_turn() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        await pilot.press("slash", *"again", "space", "2", "space", *"see")
        await until_shown(pilot, "▸ seed")
        await pilot.press("tab", "7", "space", *"safety")
        await until_shown(pilot, "▸ safety_mode")
        await pilot.press("tab", "s")
        await until_shown(pilot, "▸ strict")
        await pilot.press("tab")
        assert app.prompt.text == "/again 2 seed=7 safety_mode=strict"


async def test_a_dialog_that_is_left_changes_nothing() -> None:
    async with three_turns() as (app, pilot):
        options = app.conversation.options
        app.prompt.insert("/again 2")
        screen = await dialog(pilot, app, "enter")
        await pilot.press("enter", "ctrl+e", *"!", "enter", "u")
        assert "● prompt" not in screen_text(app)
        await pilot.press("enter", "ctrl+e", "ctrl+u", "enter")
        await until_shown(pilot, "the question is empty")
        await pilot.press("escape", "escape")
        await until(pilot, lambda: app.screen is not screen)
        assert in_focus(app) is app.prompt
        assert app.conversation.options == options and len(app.conversation.tree) == 3


async def test_an_attachment_goes_along_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fares.md").write_text("A week ticket costs 20 euros.\n")
    monkeypatch.chdir(tmp_path)
    app = workbench_app()
    app._startup.attaches = True
    app.conversation.options = settings_of(app).options()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "What does a week ticket cost? @fares.md")
        (tmp_path / "fares.md").write_text("A week ticket costs 21 euros.\n")
        app.prompt.insert("/again seed=1")
        await pilot.press("enter")
        turn = await asked(pilot, app, 2)
        assert any("21 euros" in document["data"]["text"] for document in bodies(turn)["documents"])


@pytest.mark.parametrize(
    ("rest", "expected"),
    [
        ("", (None, [])),
        ("2", (2, [])),
        ("2 a=1", (2, ["a=1"])),
        ("a=1 b = 2 c=x y", (None, ["a=1 b = 2", "c=x y"])),
        ("system=Be brief: x == y seed=7", (None, ["system=Be brief: x == y", "seed=7"])),
    ],
)
def test_words_behind_the_command_are_a_turn_and_settings(rest: str, expected: tuple[int | None, list[str]]) -> None:
    assert slash.turn_and_assignments(rest) == expected


@pytest.mark.parametrize("text", ["/again and again", "/again?", "/again 2 times", "/again x"])
def test_prose_is_no_command(text: str) -> None:
    assert not isinstance(slash.read(text, "F1"), slash.Command)


def test_no_key_is_in_the_question_that_is_shown() -> None:
    def masked(text: str) -> str:
        return text.replace("sesame-0123456789", "***")

    form = AgainForm(Turn(1, "When?", 1), SettingsAtHand(Settings()), Sent(), lambda _: True, masked)
    assert form.change(PROMPT, "with sesame-0123456789 in it") == ""
    assert form.changes().prompt == "with *** in it"
    assert "sesame" not in repr(form.fields())
