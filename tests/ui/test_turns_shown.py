"""Any turn can be shown: its trace, its events, its requests and its sources, after others ran."""

from __future__ import annotations

import pytest

from tests.ui.harness import AppPilot, ask, pane_of, screen_text, settled, until, until_shown, workbench_app
from workbench.cli import parse
from workbench.commands.app import screen
from workbench.startup.setup import read_plan
from workbench.ui.app import WorkbenchApp
from workbench.ui.arrangement import Panel

WIDE, SMALL = (120, 40), (80, 24)
SIDE: dict[Panel, str] = {"tools": "f3", "sources": "f4", "events": "f5", "request": "f6"}
QUESTIONS = (
    'What are the opening hours of the place "library"?',
    "When do the doors open on Saturdays?",
    "What does a day ticket cost?",
)


async def three_turns(pilot: AppPilot) -> None:
    for question in QUESTIONS:
        await ask(pilot, question)


async def shown_by(app: WorkbenchApp, pilot: AppPilot) -> dict[Panel, str]:
    """The screen with each of the panes beside the chat on it."""
    shown: dict[Panel, str] = {}
    for name, key in SIDE.items():
        await pilot.press(key)
        await settled(pilot)
        shown[name] = screen_text(app)
    return shown


def numbers_shown(app: WorkbenchApp) -> set[int | None]:
    """The turns that the panes beside the chat show, by number; None stands for no turn."""
    turns = [pane_of(app, name).shown for name in SIDE]
    return {turn.number if turn is not None else None for turn in turns}


@pytest.mark.parametrize("size", [WIDE, SMALL])
async def test_the_first_turn_is_shown_after_the_third_ran(size: tuple[int, int]) -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=size) as pilot:
        await three_turns(pilot)
        last = await shown_by(app, pilot)
        assert all("turn 3 of 3" in text and "turn 1" not in text for text in last.values())
        assert "✓ opening_hours" not in last["tools"]
        await pilot.press("escape", "ctrl+up", "ctrl+up")
        first = await shown_by(app, pilot)
    assert all("turn 1 of 3" in text for text in first.values())
    assert "✓ opening_hours" in first["tools"]
    assert "[1] opening_hours" in first["sources"]
    assert "turn-end" in first["events"] and "TurnSummary" not in first["events"]
    assert "step 2" in first["request"]
    assert "opening hours of the place" in first["request"] + first["events"]


async def test_walking_stops_at_the_first_and_the_last_turn() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("ctrl+up", "ctrl+down")
        assert app.tools.shown is None
        await three_turns(pilot)
        numbers: list[int] = []
        for key in ("ctrl+up", "ctrl+up", "ctrl+up", "ctrl+down", "alt+down", "ctrl+down", "alt+up"):
            await pilot.press(key)
            assert app.tools.shown is not None
            numbers.append(app.tools.shown.number)
    assert numbers == [2, 1, 1, 2, 3, 3, 2]


async def test_the_chat_goes_to_the_turn_and_back_to_its_end() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=SMALL) as pilot:
        await three_turns(pilot)
        await pilot.press("f2", "ctrl+up", "ctrl+up")
        await settled(pilot)
        assert app.chat.view.turn_in_view == 1
        assert "opening hours of the place" in screen_text(app)
        await pilot.press("ctrl+down", "ctrl+down")
        await settled(pilot)
        assert app.chat.view.turn_in_view == 3


async def test_a_citation_of_an_earlier_turn_brings_all_of_that_turn() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=WIDE) as pilot:
        await three_turns(pilot)
        await pilot.press("f2", "home", "right_square_bracket")
        await until_shown(pilot, "turn 1 of 3")
        assert numbers_shown(app) == {1}


async def test_walking_goes_on_from_a_turn_that_was_asked_again() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, QUESTIONS[1])
        await ask(pilot, QUESTIONS[1])
        app.commands.run("/retry")
        await until(pilot, lambda: len(app.conversation.turns) == 2 and app.conversation.turns[-1].number == 3)
        await until(pilot, lambda: not app.busy)
        replaced = app.navigation.turn_of(2)
        assert replaced is not None
        for by, number in ((-1, 1), (1, 3)):
            app.tools.show(replaced)
            app.navigation.walk(by)
            assert app.tools.shown is not None and app.tools.shown.number == number


async def test_a_new_question_shows_its_own_turn() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=WIDE) as pilot:
        await three_turns(pilot)
        await pilot.press("ctrl+up")
        await ask(pilot, QUESTIONS[0])
        assert numbers_shown(app) == {4}
        app.commands.run("/clear")
        await settled(pilot)
        assert numbers_shown(app) == {None}
        assert "opening_hours" not in screen_text(app)


async def test_what_comes_goes_to_its_own_turn_while_another_is_read() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, QUESTIONS[2])
        app.asking.put(QUESTIONS[0])
        await until(pilot, lambda: app.tools.shown is not None and app.tools.shown.number == 2)
        app.navigation.walk(-1)
        await until(pilot, lambda: not app.busy)
        await settled(pilot)
        assert "✓ opening_hours" not in screen_text(app)
        assert "turn 1 of 2" in screen_text(app)
        app.navigation.walk(1)
        await until_shown(pilot, "✓ opening_hours")
        assert "opens" in app.conversation.turns[-1].text


async def test_the_keys_of_the_settings_walk_the_turns() -> None:
    app = screen(read_plan(parse(["--offline", "--set", "keys={earlier-turn: f8, later-turn: f9}"]), {}), {})
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: not app.loading)
        for question in QUESTIONS:
            await ask(pilot, question)
        await pilot.press("f8", "f8")
        assert app.tools.shown is app.conversation.turns[0]
        await pilot.press("f9", "ctrl+up")
        assert app.tools.shown is app.conversation.turns[1]


async def test_what_panes_say_names_the_keys_of_the_settings() -> None:
    rebound = "keys={next-citation: n, show-events: f12, cancel: [], help: f8, palette: f9}"
    app = screen(read_plan(parse(["--offline", "--set", rebound]), {}), {})
    async with app.run_test(size=WIDE) as pilot:
        await until_shown(pilot, "F8 help", "F9 palette", "n citations")
        assert app.stage.chat.keymap.hint("show-events", "shows the frame") == " · F12 shows the frame"
        assert app.stage.status.keymap.hint("cancel", "stops") == ""
