"""A grid of answers, by keys alone: from an old turn to the requests that are sent, and to the turns that are kept."""

from __future__ import annotations

import argparse
import asyncio
import os
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from tests.core.keeping import session
from tests.loopback import Chunk, Head, LoopbackServer, Received, Reply, Wait, error, message, stream
from tests.ui.harness import (
    AppPilot,
    ask,
    listens,
    said,
    screen_text,
    served,
    settled,
    until,
    until_shown,
    workbench_app,
)
from workbench import cli
from workbench.commands.app import screen
from workbench.secrets.redactor import Redactor
from workbench.sessions.restore import every_turn
from workbench.startup.setup import read_plan
from workbench.ui.app import WorkbenchApp
from workbench.ui.screens.compare import CompareScreen
from workbench.ui.screens.grid import GridScreen
from workbench.ui.screens.raw import RawScreen
from workbench.ui.widgets.cell_view import CellView

NARROW, WIDE = (80, 24), (120, 40)
QUESTION = "When does the library open?"
SIX = "model=command-a,command-b temperature=0,0.5,1"


class Answers:
    """Each request is answered by its model and temperature; those at 1 stop in the middle until `gate` is set."""

    def __init__(self) -> None:
        self.gate = asyncio.Event()
        self.others = asyncio.Event()
        self.others.set()

    def __call__(self, received: Received) -> Reply:
        temperature = received.body.get("temperature")
        name = f"{received.body['model']} at {temperature}"
        if temperature != 1:
            return [Head(), Wait(self.others), Chunk(message(f"{name} says it opens at nine."))]
        data = message(f"{name} has begun to answer and goes on to the end.")
        at = data.rindex(b"\n\n", 0, data.index(b" answer")) + 2
        return [Head(), Chunk(data[:at]), Wait(self.gate), Chunk(data[at:])]


@asynccontextmanager
async def asked_once(
    size: tuple[int, int] = NARROW, answers: Answers | Callable[[Received], Reply] | None = None, *, tools: bool = False
) -> AsyncIterator[tuple[WorkbenchApp, AppPilot, LoopbackServer]]:
    """An app in which one question was asked, and another one behind it."""
    app = workbench_app(documents=False, tools=tools)
    async with app.run_test(size=size) as pilot, served(app, answers or Answers()) as server:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, QUESTION)
        await ask(pilot, "And when does it close?")
        yield app, pilot, server


async def planned(app: WorkbenchApp, pilot: AppPilot, line: str = f"/grid 1 {SIX}") -> GridScreen:
    app.prompt.put(line)
    app.prompt.focus()
    await pilot.press("enter")
    await until(pilot, lambda: isinstance(app.screen, GridScreen))
    await settled(pilot)
    assert isinstance(app.screen, GridScreen)
    return app.screen


def states(grid: GridScreen) -> list[str]:
    return [cell.state for cell in grid._grid.cells]


# -- from an old turn to what is kept ------------------------------------------------------------------


@asynccontextmanager
async def kept_app(
    answers: Answers, size: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[tuple[WorkbenchApp, AppPilot, LoopbackServer]]:
    """The app as it is started, which keeps a session, with two questions asked."""
    monkeypatch.setenv("CO_API_KEY", "key-of-the-test")
    async with LoopbackServer(answers) as server:
        arguments: argparse.Namespace = cli.parse(["--base-url", server.url, "--model", "command-test"])
        app = screen(read_plan(arguments, os.environ), os.environ)
        async with app.run_test(size=size) as pilot:
            await until(pilot, lambda: not app.loading)
            await ask(pilot, QUESTION)
            await ask(pilot, "And when does it close?")
            yield app, pilot, server
        assert app.return_code in (None, 0)


def kept_turns() -> dict[int, tuple[str, str]]:
    """How each turn of the session ended, and what it says, by its number."""
    return {turn.number: (turn.status, turn.text) for _, turn in every_turn(session(), Redactor())}


@pytest.mark.parametrize("size", [NARROW, WIDE])
async def test_a_grid_that_is_cancelled_in_the_middle_keeps_what_came(
    size: tuple[int, int], project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with kept_app(Answers(), size, monkeypatch) as (app, pilot, server):
        sent = len(server.received)
        grid = await planned(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: sorted(states(grid)) == ["over"] * 4 + ["running"] * 2)
        await until(pilot, lambda: screen_text(app).count("⧗ running") == 2 and "4 of 6 over" in screen_text(app))
        assert screen_text(app).count("✓ complete") == 4
        await until(pilot, lambda: sum("has begun to" in cell.tail for cell in grid._grid.cells) == 2)
        await pilot.press("escape")
        await until_shown(pilot, "all over: 4 complete, 2 cancelled")
        assert screen_text(app).count("■ cancelled") == 2
        bodies = [each.body for each in server.received[sent:]]
        assert sorted((body["model"], body["temperature"]) for body in bodies) == [
            (model, temperature) for model in ("command-a", "command-b") for temperature in (0, 0.5, 1)
        ]
        assert all([each["content"] for each in body["messages"]] == [QUESTION] for body in bodies)
        tree = app.conversation.tree
        assert [turn.number for turn in app.conversation.turns] == [1, 2]
        assert [turn.number for turn in tree.siblings(1)] == [1, 3, 4, 5, 6, 7, 8]
        shown = {turn.number: (turn.status, turn.text) for turn in tree}
    kept = kept_turns()
    assert kept == shown
    assert sum(status == "cancelled" and text.endswith("has begun to") for status, text in kept.values()) == 2
    assert sum(text.endswith("says it opens at nine.") for _, text in kept.values()) == 6


async def test_an_app_that_ends_while_a_grid_runs_keeps_what_came(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with kept_app(Answers(), NARROW, monkeypatch) as (app, pilot, _):
        grid = await planned(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: sorted(states(grid)) == ["over"] * 4 + ["running"] * 2)
        await until(pilot, lambda: sum("has begun to" in cell.tail for cell in grid._grid.cells) == 2)
        await pilot.press("ctrl+q")
    kept = kept_turns()
    assert len(kept) == 8
    assert sum(status == "cancelled" and text.endswith("has begun to") for status, text in kept.values()) == 2


async def test_the_key_writes_a_grid_over_the_turn_that_is_read_into_the_prompt() -> None:
    async with asked_once() as (app, pilot, server):
        await pilot.press("ctrl+up", "f2", "home", "m")
        await until(pilot, lambda: app.prompt.text.startswith("/grid "))
        assert app.prompt.text == "/grid 1 model=command-test temperature=0,0.5,1"
        assert app.focused is app.prompt
        await pilot.press("enter")
        await until_shown(pilot, "Grid over turn 1  When does the library open?")
        await until_shown(pilot, "Enter sends, Esc does not: 3 requests, about 150 tokens to read")
        assert len(server.received) == 2


async def test_nothing_is_sent_before_a_person_says_so() -> None:
    async with asked_once() as (app, pilot, server):
        await planned(app, pilot)
        await pilot.press("l", "c", "b", "x", "y")
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        assert len(server.received) == 2
        assert len(app.conversation.tree) == 2


async def test_settings_and_their_values_are_offered_while_a_grid_is_written() -> None:
    async with asked_once() as (app, pilot, _):
        app.prompt.put("/grid 1 temp")
        app.prompt.focus()
        await pilot.press("e")
        await until_shown(pilot, "▸ temperature")
        await pilot.press("tab")
        assert app.prompt.text == "/grid 1 temperature="
        app.prompt.put("/grid 1 model=command-a,command-a-03")
        await pilot.press("minus")
        await until_shown(pilot, "▸ command-a-03-2025")
        await pilot.press("tab")
        assert app.prompt.text == "/grid 1 model=command-a,command-a-03-2025"


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("/grid 1 temperature=0,x", "no grid: temperature, value 2: expected a number"),
        ("/grid 9 temperature=0,1", "there is no turn 9: there is 1, 2"),
        ("/grid seed=1,2,3,4,5,6,7 temperature=0,1", "7 × 2 is 14 requests"),
        pytest.param(f"/grid {'9' * 5000}", "/grid takes the number of a turn", id="a number too long to be one"),
        ("/grid of the city", "/grid takes the number of a turn, and settings with their values"),
    ],
)
async def test_what_cannot_be_a_grid_is_said(line: str, words: str) -> None:
    async with asked_once() as (app, pilot, server):
        app.commands.run(line)
        await until(pilot, lambda: words in said(app))
        assert len(app.screen_stack) == 1
        assert len(server.received) == 2


# -- while it runs -------------------------------------------------------------------------------------


async def test_one_cell_is_cancelled_and_the_others_go_on() -> None:
    answers = Answers()
    async with asked_once(NARROW, answers) as (app, pilot, _):
        grid = await planned(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: sorted(states(grid)) == ["over"] * 4 + ["running"] * 2)
        await pilot.press("j", "x")  # the third, at 1
        await until(pilot, lambda: states(grid).count("running") == 1)
        answers.gate.set()
        await until_shown(pilot, "all over: 5 complete, 1 cancelled")
        statuses = [cell.turn.status for cell in grid._grid.cells if cell.turn is not None]
        assert statuses == ["complete", "complete", "cancelled", "complete", "complete", "complete"]


async def test_a_cell_that_waits_for_others_is_cancelled_before_it_is_sent() -> None:
    answers = Answers()
    answers.others.clear()
    async with asked_once(NARROW, lambda _: stream(message("first"))) as (app, pilot, _):
        async with served(app, answers) as slow:
            grid = await planned(app, pilot)
            await pilot.press("enter")
            await until(pilot, lambda: states(grid).count("waiting") == 2 and len(slow.received) == 4)
            await pilot.press("escape")
            await until(pilot, lambda: set(states(grid)) == {"over"})
            await until_shown(pilot, "all over: 6 cancelled")
            assert len(slow.received) == 4
            assert len(app.conversation.tree) == 6


async def test_one_goes_back_to_the_panes_and_the_grid_goes_on() -> None:
    answers = Answers()
    async with asked_once(NARROW, answers) as (app, pilot, _):
        grid = await planned(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: states(grid).count("over") == 4)
        await pilot.press("q")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        app.commands.run("/clear")
        assert said(app) == "a grid is running: /grid shows it"
        answers.gate.set()
        await until(pilot, lambda: states(grid).count("over") == 6)
        app.commands.run("/grid")
        await until_shown(pilot, "all over: 6 complete")


@pytest.mark.parametrize("left", [[], ["q"]])
async def test_what_interrupts_a_turn_stops_a_grid_and_does_not_quit(left: list[str]) -> None:
    async with asked_once() as (app, pilot, _):
        grid = await planned(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: states(grid).count("over") == 4)
        await pilot.press(*left)
        await settled(pilot)
        await pilot.press("ctrl+c")
        await until(pilot, lambda: states(grid).count("over") == 6)
        assert said(app) == "the grid is cancelled: what came of it is kept"
        assert [turn.status for turn in app.conversation.tree].count("cancelled") == 2
        await pilot.press("ctrl+c")
        assert said(app) == "Ctrl+C again quits"


async def test_cells_are_painted_together_and_not_for_each_piece(monkeypatch: pytest.MonkeyPatch) -> None:
    painted = 0
    refresh = CellView.refresh

    def counted(self: CellView, *args: object, **kwargs: object) -> object:
        nonlocal painted
        painted += 1
        return refresh(self, *args, **kwargs)  # type: ignore[arg-type]

    long = message(" ".join(f"word{number}" for number in range(1500)))
    async with asked_once(NARROW, lambda _: stream(long)) as (app, pilot, _):
        grid = await planned(app, pilot)
        monkeypatch.setattr(CellView, "refresh", counted)
        await pilot.press("enter")
        await until(pilot, lambda: set(states(grid)) == {"over"})
        pieces = sum(len(cell.turn.events) for cell in grid._grid.cells if cell.turn is not None)
        assert pieces > 9000
        assert painted < pieces / 10
        assert all(len(cell.tail) <= 4000 for cell in grid._grid.cells)


async def test_what_a_tool_asks_is_answered_and_the_grid_goes_on() -> None:
    def answer(received: Received) -> Reply:
        asks = received.body.get("temperature") == 0.5 and received.body["messages"][-1]["role"] == "user"
        call = ("call-1", "ask_a_person", "{}")
        return stream(message(tool_calls=[call]) if asks else message("It opens at nine."))

    async with asked_once(NARROW, answer, tools=True) as (app, pilot, _):
        grid = await planned(app, pilot, "/grid 1 temperature=0,0.5")
        await pilot.press("enter")
        await until(pilot, lambda: states(grid) == ["over", "asked"])
        await until_shown(pilot, "a tool asks you: q goes back to its question", "⏸ asks you")
        await pilot.press("q")
        await until(pilot, lambda: listens(app))
        await pilot.pause(0.3)
        await pilot.press(*"nine", "enter")
        await until(pilot, lambda: states(grid) == ["over", "over"])
        app.commands.run("/grid")
        await until_shown(pilot, "all over: 2 complete", "1 call")


async def test_a_grid_that_is_left_when_it_is_over_makes_room_for_another() -> None:
    async with all_over() as (app, pilot, _):
        await pilot.press("q")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        await pilot.press("f2", "m")
        await until(pilot, lambda: app.prompt.text.startswith("/grid "))
        assert len(app.screen_stack) == 1


# -- what is done with the cells -----------------------------------------------------------------------


@asynccontextmanager
async def all_over(size: tuple[int, int] = NARROW) -> AsyncIterator[tuple[WorkbenchApp, AppPilot, LoopbackServer]]:
    answers = Answers()
    answers.gate.set()
    async with asked_once(size, answers) as (app, pilot, server):
        await planned(app, pilot)
        await pilot.press("enter")
        await until_shown(pilot, "all over: 6 compl")
        await settled(pilot)
        yield app, pilot, server


@pytest.mark.parametrize(("size", "down"), [(NARROW, ["l", "j", "j"]), (WIDE, ["right", "right", "down"])])
async def test_two_cells_are_marked_and_compared(size: tuple[int, int], down: list[str]) -> None:
    async with all_over(size) as (app, pilot, _):
        await pilot.press("c", *down, "c")
        await until(pilot, lambda: isinstance(app.screen, CompareScreen))
        await until_shown(pilot, "command-a", "command-b", "temperature")
        compare = app.screen
        assert isinstance(compare, CompareScreen)
        assert [each.name for each in compare.turns] == ["turn 3", "turn 8"]


async def test_a_cell_is_opened_large() -> None:
    async with all_over() as (app, pilot, _):
        await pilot.press("l", "enter")
        await until(pilot, lambda: isinstance(app.screen, RawScreen))
        await until_shown(pilot, "command-a at 0.5 says it opens at nine.")
        await pilot.press("q")
        await until(pilot, lambda: isinstance(app.screen, GridScreen))


async def test_the_conversation_goes_on_from_a_cell() -> None:
    async with all_over() as (app, pilot, server):
        await pilot.press("l", "b")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        await until_shown(pilot, "command-a at 0.5 says it opens at nine.")
        assert [turn.number for turn in app.conversation.turns] == [4]
        await ask(pilot, "And on Sundays?")
        assert [each["content"] for each in server.received[-1].body["messages"]] == [
            QUESTION,
            "command-a at 0.5 says it opens at nine.",
            "And on Sundays?",
        ]


async def test_the_answer_of_a_cell_is_copied() -> None:
    async with all_over() as (app, pilot, _):
        await pilot.press("l", "y")
        await until(pilot, lambda: app.clipboard == "command-a at 0.5 says it opens at nine.")


async def test_a_cell_that_fails_says_why_and_the_others_do_not() -> None:
    def answer(received: Received) -> Reply:
        if received.body["model"] == "command-b":
            return error(404, {"message": "model 'command-b' [bold]not[/bold] found"})
        return stream(message("It opens \x1b[31mat nine."))

    async with asked_once(NARROW, answer) as (app, pilot, _):
        await planned(app, pilot, "/grid 1 model=command-a,command-b")
        await pilot.press("enter")
        await until_shown(pilot, "all over: 1 complete, 1 failed", "✗ failed", "[bold]not[/bold]", "␛[31mat nine.")


@pytest.mark.parametrize("size", [WIDE, NARROW, (60, 20), (40, 12), (30, 8), (20, 5)])
async def test_every_cell_is_reached_at_any_size(size: tuple[int, int]) -> None:
    async with all_over(size) as (app, pilot, _):
        grid = app.screen
        assert isinstance(grid, GridScreen)
        views = list(grid._views.values())
        for _ in range(6):
            await pilot.press("j")
        for _ in range(3):
            await pilot.press("l")
        await settled(pilot)
        assert app.focused is views[-1]
        assert grid.query_one("#cells").region.intersection(views[-1].region).area > 0
        await pilot.resize_terminal(100, 30)
        await settled(pilot)
        assert app.focused is views[-1]
        await until_shown(pilot, "▸ command-b  temperature=1")
