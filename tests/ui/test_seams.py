"""What runs beside the conversation while it becomes another one: a grid, a branch that is drawn, files being read."""

from __future__ import annotations

import asyncio
import itertools
import threading
from functools import partial
from pathlib import Path

import pytest
from textual.app import App, ComposeResult

from tests.core.keeping import kept, session
from tests.loopback import Received, Reply, message, stream
from tests.ui.harness import ask, chat_text, said, screen_text, served, settled, until, until_shown, workbench_app
from tests.ui.test_grid import NARROW, Answers, asked_once, kept_app, planned, states
from tests.ui.test_replay import at_rest
from tests.ui.test_replay import opened as recording
from tests.ui.test_rows import rows
from tests.ui.test_session_picker import folder, is_there, listed, made, opens
from tests.ui.test_sessions import opened
from workbench.conversation.turn import Turn
from workbench.documents.attached import Attached
from workbench.secrets.redactor import Redactor
from workbench.sessions.folder import session_paths
from workbench.sessions.restore import every_turn
from workbench.ui import slash
from workbench.ui.panes.events_pane import GAP, EventsPane
from workbench.ui.widgets.rows import RowList


def echo(received: Received) -> Reply:
    return stream(message(f"Answer to {received.body['messages'][-1]['content']}."))


async def test_a_grid_that_runs_is_stopped_when_one_goes_to_another_session(
    project: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    other = made("other", "What does a ticket cost?", days=1)
    async with kept_app(Answers(), NARROW, monkeypatch) as (app, pilot, _):
        [here] = [path for path in session_paths(folder()) if path != other]
        grid = await planned(app, pilot)
        await pilot.press("enter")
        await until(pilot, lambda: sorted(states(grid)) == ["over"] * 4 + ["running"] * 2)
        await pilot.press("q")
        await opens(pilot, "What does a ticket cost?")
        assert listed(app)[-1] == other.stem
        await pilot.press("end", "enter")
        await until_shown(pilot, "a grid is running, and is stopped: what came of it is kept")
        await pilot.press("enter")
        await until(pilot, is_there(app, "What does a ticket cost?"))
        assert states(grid) == ["over"] * 6
        assert len(app.conversation.tree) == 1
        app.commands.run("/grid 1 temperature=0,1")
        await until_shown(pilot, "Grid over turn 1")
        assert app.screen is not grid
    kept = [turn.status for _, turn in every_turn(here, Redactor())]
    assert sorted(kept) == ["cancelled"] * 2 + ["complete"] * 6
    assert [turn.prompt for _, turn in every_turn(other, Redactor())] == ["What does a ticket cost?"]


async def test_a_new_conversation_stays_empty_when_a_branch_was_being_drawn(monkeypatch: pytest.MonkeyPatch) -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=NARROW) as pilot, served(app, echo):
        for number in range(1, 4):
            await ask(pilot, f"q{number}")
        monkeypatch.setattr("workbench.ui.restoring.SLICE_SECONDS", -1.0)
        app.commands._of_branches.go_to(2)
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        app.commands.run("/new")
        await settled(pilot)
        assert app.chat.view.line_count == 0
        assert app.chat.is_empty


async def test_a_question_is_taken_back_while_the_files_that_it_names_are_read() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=NARROW) as pilot, served(app, echo) as server:
        await ask(pilot, "q1")
        begun, held = threading.Event(), threading.Event()

        def attach(_: str) -> list[Attached]:
            begun.set()
            held.wait(20)
            return []

        app.asking.attach = attach
        app.asking.put("what is in @notes.txt?")
        await until(pilot, begun.is_set)
        await pilot.press("escape")
        await app.asking.finished()
        await until(pilot, lambda: not app.busy)
        held.set()
        assert app.prompt.text == "what is in @notes.txt?"
        await settled(pilot)
        assert "Answer to q1." in chat_text(app)
        assert len(server.received) == 1
        app.prompt.put("")
        await ask(pilot, "q2")
        assert "Answer to q2." in chat_text(app)


async def test_a_question_that_is_edited_is_not_that_of_the_conversation_that_came_meanwhile() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=NARROW) as pilot, served(app, echo):
        await ask(pilot, "q1")
        app.commands.run("/edit 1")
        other = Turn(1, "another", 1)
        other.status = "complete"
        app.conversation.restore([other], last=1)
        app.commands.run("q1, other")
        await until(pilot, lambda: not app.busy and len(app.conversation.turns) == 2)
        assert [turn.parent for turn in app.conversation.turns] == [None, 1]


@pytest.mark.parametrize("follow", [False, True])
async def test_a_list_that_another_height_was_promised_and_not_given_has_its_scroll_bar_and_its_end(
    follow: bool,
) -> None:
    class Rows(App[None]):
        def compose(self) -> ComposeResult:
            yield RowList(follow=follow)

    app = Rows()
    async with app.run_test(size=NARROW) as pilot:
        listed = app.query_one(RowList)
        listed.on_lines = lambda: True  # which is so where the layout gives it to another pane
        listed.put_all(rows(5))
        await pilot.pause()
        assert not listed.show_vertical_scrollbar
        listed.put_all(rows(100))
        await pilot.pause()
        await pilot.pause()
        assert listed.show_vertical_scrollbar
        assert listed.vertical_scrollbar.window_virtual_size >= listed.line_count
        assert (listed.scroll_offset.y > 0) == follow


def shows(pane: EventsPane, rows: tuple[str, ...]) -> bool:
    return pane.rows.keys == rows


async def test_going_back_in_a_recording_takes_the_rows_of_gaps_along_and_knows_its_requests() -> None:
    ticks = itertools.count(step=2.0)
    async with kept([stream(message("Nine."))], clock=lambda: next(ticks)) as (conversation, _):
        await conversation.run("When does it open?")
        whole = conversation.turns[0].events
    app = recording(session())
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: not app.loading)
        app.commands.run("/goto end")
        await at_rest(app, pilot)
        events = app.panes["events"]
        assert isinstance(events, EventsPane)
        await pilot.press("f5")
        await at_rest(app, pilot)
        all_rows = events.rows.keys
        assert [key for key in all_rows if key.endswith(GAP)]
        for number in (4, 2, len(whole)):
            app.commands.run(f"/goto {number}")
            await at_rest(app, pilot)
            expected = all_rows[: all_rows.index(str(number - 1)) + 1]
            await until(pilot, partial(shows, events, expected))
            turn = app.conversation.turns[-1]
            assert list(turn.events.requests) == [place for place in whole.requests if place < number]
            assert f"{number:,} events" in screen_text(app)
        gap = next(key for key in all_rows if key.endswith(GAP))
        events.rows.show(gap)
        await pilot.press("enter")
        await until(pilot, lambda: events.rows.keys == all_rows[: all_rows.index(gap) + 2])


async def test_no_editor_has_the_terminal_while_a_grid_runs_of_which_nothing_would_be_read(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("EDITOR", "true")
    answers = Answers()
    async with asked_once(answers=answers) as (app, pilot, _):
        grid = await planned(app, pilot, "/grid 1 temperature=0,1")
        await pilot.press("enter")
        await until(pilot, lambda: "running" in states(grid))
        await pilot.press("q")
        for tries in (partial(app.commands.run, "/system"), partial(app.commands._of_branches._outside, "text")):
            before = len(app.stage.said)
            tries()
            assert len(app.stage.said) == before + 1
            assert said(app).startswith(("a grid is running", "a turn is running: an editor"))
        answers.gate.set()
        await until(pilot, lambda: states(grid) == ["over"] * 2)


async def test_what_work_beside_everything_fails_by_is_said_and_the_app_goes_on() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=NARROW) as pilot, served(app, echo):

        async def fails() -> None:
            raise LookupError("no such thing")

        app.stage.work(fails, "path")
        await until_shown(pilot, "a fault of this program: LookupError: no such thing")
        await ask(pilot, "q1")
        assert "Answer to q1." in chat_text(app)


async def test_a_tree_that_was_opened_while_another_session_was_read_is_not_taken_for_its_tree(project: Path) -> None:
    other = made("other", "What does a ticket cost?", days=1)
    app = opened()
    async with app.run_test(size=NARROW) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "q1")
        await ask(pilot, "q2")
        app.commands.run("/tree")
        await until_shown(pilot, "2 turns · 1 branch")
        app.commands.perform("help")
        await until(pilot, lambda: len(app.screen_stack) == 3)
        assert await app.commands._switching.go(other) == ""
        await until(pilot, is_there(app, "What does a ticket cost?"))
        await settled(pilot)
        await pilot.press("f2", "t")
        await until_shown(pilot, "1 turn · 1 branch")


def test_no_number_is_too_long_for_a_grid() -> None:
    assert isinstance(slash.read("/grid 12 temperature=0,1", "F1"), slash.Command)
    assert isinstance(slash.read(f"/grid {'9' * 5000} temperature=0,1", "F1"), slash.Refusal)
