"""Turns compared in the app, by keys alone: from the turn that is read to what differs, and to the file of it."""

from __future__ import annotations

import asyncio
import re
import threading
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.core.test_sessions_search import made
from tests.loopback import message, stream
from tests.ui.harness import AppPilot, ask, said, screen_text, served, settled, until, until_shown, workbench_app
from workbench.sessions import side_by_side as sides
from workbench.sessions.side_by_side import side_by_side
from workbench.ui.app import WorkbenchApp
from workbench.ui.lines.beside import Beside
from workbench.ui.screens.choose_turn import ChooseTurn
from workbench.ui.screens.compare import CompareScreen
from workbench.ui.themes.own import OWN

NARROW, WIDE = (80, 24), (120, 40)
EQUAL = "".join(f"The same line {number}.\n" for number in range(8))
ONE, TWO = f"It opens at nine.\n{EQUAL}It closes late.", f"It opens at ten.\n{EQUAL}It closes early."


@asynccontextmanager
async def two_turns(
    size: tuple[int, int], one: str = ONE, two: str = TWO
) -> AsyncIterator[tuple[WorkbenchApp, AppPilot]]:
    app = workbench_app(documents=False)
    async with app.run_test(size=size) as pilot, served(app, [stream(message(one)), stream(message(two))]):
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "first question")
        await ask(pilot, "second question")
        yield app, pilot


async def compared(app: WorkbenchApp, pilot: AppPilot) -> CompareScreen:
    """The screen, once it shows what differs."""
    await until(pilot, lambda: isinstance(app.screen, CompareScreen) and bool(app.screen._rows.keys))
    await settled(pilot)
    assert isinstance(app.screen, CompareScreen)
    return app.screen


async def test_a_key_in_a_pane_compares_the_turn_that_is_read_with_the_one_before() -> None:
    async with two_turns(NARROW) as (app, pilot):
        await pilot.press("f2", "c")
        screen = await compared(app, pilot)
        assert [each.name for each in screen.turns] == ["turn 1", "turn 2"]
        lines = screen_text(app).split("\n")
        assert " - It opens at nine." in lines
        assert " + It opens at ten." in lines
        assert lines.index(" + It opens at ten.") == lines.index(" - It opens at nine.") + 1
        assert " ▸ 6 the same" in lines


async def test_on_a_wide_screen_the_two_stand_side_by_side() -> None:
    async with two_turns(WIDE) as (app, pilot):
        await pilot.press("f2", "c")
        await compared(app, pilot)
        assert re.search(r"- It opens at nine\. +│ \+ It opens at ten\.", screen_text(app))
        await pilot.resize_terminal(*NARROW)
        await until(pilot, lambda: "│" not in screen_text(app) and " + It opens at ten." in screen_text(app))


async def test_the_words_that_differ_are_underlined_whatever_the_colours() -> None:
    async with two_turns(NARROW) as (app, pilot):
        await pilot.press("f2", "c")
        screen = await compared(app, pilot)
        underlined = [
            segment.text
            for strip in screen._rows.app.screen._compositor.render_strips()
            for segment in strip
            if segment.style is not None and segment.style.underline
        ]
        assert {"nine", "ten"} <= {text.strip() for text in underlined}
        assert not any("It opens" in text for text in underlined)


async def test_differences_are_walked_and_what_is_the_same_unfolds() -> None:
    async with two_turns(NARROW) as (app, pilot):
        await pilot.press("f2", "c")
        screen = await compared(app, pilot)
        await pilot.press("right_square_bracket", "right_square_bracket")
        await until_shown(pilot, "difference 2 of ")
        assert screen._rows.text(str(screen._rows.cursor_key)).strip() == "- It opens at nine."
        await pilot.press("right_square_bracket")
        assert "It closes late" in screen._rows.text(str(screen._rows.cursor_key))
        await pilot.press("left_square_bracket", "down", "down", "down", "space")
        await until_shown(pilot, "The same line 4.", "▾ 6 the same")
        await pilot.press("o")
        await until_shown(pilot, "▾ 6 the same")
        await pilot.press("o")
        await until(pilot, lambda: "The same line 4." not in screen_text(app))


async def test_a_search_finds_what_is_folded_away() -> None:
    async with two_turns(NARROW) as (app, pilot):
        await pilot.press("f2", "c")
        await compared(app, pilot)
        await pilot.press("slash", *"line", "space", "5", "enter")
        await until_shown(pilot, "The same line 5.")
        await pilot.press("q")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_sides_are_swapped_and_chosen_from_a_list() -> None:
    async with two_turns(NARROW) as (app, pilot):
        await pilot.press("f2", "c")
        screen = await compared(app, pilot)
        await pilot.press("x")
        await until_shown(pilot, " - It opens at ten.", " + It opens at nine.")
        assert [each.name for each in screen.turns] == ["turn 2", "turn 1"]
        await pilot.press("B")
        await until_shown(pilot, "Turn for B", "turn 1  first question", "turn 2  second question")
        await pilot.press("end", "enter")
        await until_shown(pilot, "nothing differs")
        assert [each.name for each in screen.turns] == ["turn 2", "turn 2"]
        await pilot.press("A", "escape")
        await until(pilot, lambda: app.screen is screen)


async def test_a_turn_of_another_session_is_named_or_chosen(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    path = made("20260101-090000-abc", "an earlier question", "another one")
    async with two_turns(NARROW) as (app, pilot):
        app.commands.run(f"/compare {path.stem}:1 2")
        screen = await compared(app, pilot)
        await until_shown(pilot, " - an earlier question", " + second question", " + It opens at ten.")
        assert screen.turns[0].name == f"{path.stem}:1"
        await pilot.press("B")
        await until(pilot, lambda: isinstance(app.screen, ChooseTurn) and "an earlier question" in screen_text(app))
        await pilot.press("end", "enter")
        await until_shown(pilot, f"{path.stem}:2")
        await pilot.press("enter")
        await until_shown(pilot, "nothing differs")


@pytest.mark.parametrize(
    ("typed", "words"),
    [
        ("/compare 7 1", "there is no turn 7: this conversation has 1, 2"),
        ("/compare nowhere:1 1", "'nowhere'"),
        ("/compare apples and oranges", "/compare takes turns, each a number or SESSION:TURN"),
    ],
)
async def test_what_cannot_be_compared_is_said(
    typed: str, words: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    async with two_turns(NARROW) as (app, pilot):
        app.commands.run(typed)
        await until(pilot, lambda: words in said(app))
        assert len(app.screen_stack) == 1


async def test_of_more_than_two_the_right_one_is_changed_by_keys() -> None:
    async with two_turns(NARROW) as (app, pilot):
        app.commands.run("/compare 1 2 1")
        screen = await compared(app, pilot)
        await until_shown(pilot, "turn 2 (1 of 2)")
        await pilot.press("right")
        await until_shown(pilot, "turn 1 (2 of 2)", "nothing differs")
        assert [each.name for each in screen.turns] == ["turn 1", "turn 1"]


async def test_an_answer_that_was_asked_for_again_is_compared_with_the_one_before() -> None:
    async with two_turns(NARROW) as (app, pilot), served(app, [stream(message("It opens at eight."))]):
        app.commands.run("/retry")
        await until(pilot, lambda: app.conversation.turns[-1].number == 3 and not app.busy)
        await settled(pilot)
        await pilot.press("f2", "end", "c")
        screen = await compared(app, pilot)
        assert [each.name for each in screen.turns] == ["turn 2", "turn 3"]


async def test_a_turn_that_was_pruned_is_not_among_those_to_choose_from() -> None:
    async with two_turns(NARROW) as (app, pilot):
        async with served(app, [stream(message("It opens at eight."))]):
            app.commands.run("/retry")
            await until(pilot, lambda: app.conversation.turns[-1].number == 3 and not app.busy)
        app.conversation.prune(2)
        assert [turn.number for turn in app.navigation.known_turns()] == [1, 3]
        await pilot.press("f2", "c")
        screen = await compared(app, pilot)
        assert [each.name for each in screen.turns] == ["turn 1", "turn 3"]
        app.conversation.unprune(2)
        app.conversation.prune(1)
        assert app.navigation.known_turns() == []


async def test_the_comparison_is_copied_and_written(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    async with two_turns(NARROW) as (app, pilot):
        await pilot.press("f2", "c")
        await compared(app, pilot)
        await pilot.press("right_square_bracket", "right_square_bracket", "y")
        await until(pilot, lambda: "[-nine-]" in app.clipboard)
        assert app.clipboard == "- It opens at [-nine-].\n+ It opens at {+ten+}."
        await pilot.press("Y")
        await until(pilot, lambda: (tmp_path / "compare-1-2.txt").exists())
        written = (tmp_path / "compare-1-2.txt").read_text()
        assert "# text: " in written
        assert "- It opens at [-nine-].\n+ It opens at {+ten+}.\n  The same line 0." in written


async def test_with_one_turn_the_key_is_typed() -> None:
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        await pilot.press("f2", "c")
        await settled(pilot)
        assert len(app.screen_stack) == 1
        assert app.prompt.text == "c"


async def test_what_differs_is_found_and_laid_out_off_the_event_loop(monkeypatch: pytest.MonkeyPatch) -> None:
    here, at_work = threading.get_ident(), []
    made_of = Beside.__init__

    def seen_compare(*turns: object) -> sides.SideBySide:
        at_work.append(threading.get_ident())
        return side_by_side(*turns)  # type: ignore[arg-type]

    def seen_layout(self: Beside, *args: object) -> None:
        at_work.append(threading.get_ident())
        made_of(self, *args)  # type: ignore[arg-type]

    monkeypatch.setattr("workbench.ui.screens.compare.side_by_side", seen_compare)
    monkeypatch.setattr(Beside, "__init__", seen_layout)
    async with two_turns(NARROW) as (app, pilot):
        await pilot.press("f2", "c")
        await compared(app, pilot)
        assert len(at_work) >= 2
        assert here not in at_work


async def test_of_a_long_answer_only_lines_that_are_seen_are_made(monkeypatch: pytest.MonkeyPatch) -> None:
    one, two = (" ".join(f"{word}{number}" for number in range(20_000)) for word in ("left", "right"))
    made_rows = 0
    row = Beside._row

    def counted(self: Beside, line: object) -> object:
        nonlocal made_rows
        made_rows += 1
        return row(self, line)  # type: ignore[arg-type]

    monkeypatch.setattr(Beside, "_row", counted)
    async with two_turns(WIDE, one, two) as (app, pilot):
        await pilot.press("f2", "c")
        screen = await compared(app, pilot)
        assert len(screen._rows.keys) > 2000
        assert made_rows < 200
        await pilot.press("end")
        await asyncio.sleep(0)
        assert made_rows < 400


@pytest.mark.parametrize("theme", [theme.name for theme in OWN])
async def test_it_is_drawn_in_every_theme(theme: str) -> None:
    async with two_turns(NARROW) as (app, pilot):
        app.theme = theme
        await pilot.press("f2", "c")
        await compared(app, pilot)
        await until_shown(pilot, " - It opens at nine.", " + It opens at ten.")


@pytest.mark.parametrize("size", [(120, 40), (60, 20), (30, 8), (20, 5)])
async def test_every_size_shows_what_differs(size: tuple[int, int]) -> None:
    async with two_turns(NARROW) as (app, pilot):
        await pilot.press("f2", "c")
        await compared(app, pilot)
        await pilot.resize_terminal(*size)
        await pilot.press("right_square_bracket", "right_square_bracket")
        await until(pilot, lambda: "- It opens at" in screen_text(app))


async def test_hostile_text_is_shown_as_text() -> None:
    async with two_turns(NARROW, "[bold]x[/bold] \x1b[31mred\x1b[0m", "[bold]y[/bold] \u202e") as (app, pilot):
        await pilot.press("f2", "c")
        await compared(app, pilot)
        await until_shown(pilot, "[bold]x[/bold] ␛[31mred␛[0m")
        assert "\x1b" not in screen_text(app)
        assert "\u202e" not in screen_text(app)
