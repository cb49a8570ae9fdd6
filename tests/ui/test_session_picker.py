"""The list of sessions: what it shows, and what its keys do to files and to the conversation on the screen."""

from __future__ import annotations

import asyncio
import os
import random
import re
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from textual.events import Paste

from tests.core.keeping import came_back
from tests.loopback import Chunk, Head, LoopbackServer, Received, Reply, Wait, message, stream
from tests.ui.harness import (
    AppPilot,
    ask,
    chat_text,
    said,
    screen_text,
    settled,
    until,
    until_shown,
    workbench_app,
)
from tests.ui.test_screens import Album, SnapshotAssertion
from tests.ui.test_sessions import docs, opened
from tests.ui.test_snapshots import every_size
from workbench import cli
from workbench.commands.app import screen
from workbench.recordings.recording import RecordingWriter
from workbench.secrets.redactor import Redactor
from workbench.sessions.folder import session_paths, sessions_folder
from workbench.sessions.names import names_in, rename
from workbench.sessions.removal import REMOVED
from workbench.sessions.restore import every_turn
from workbench.startup.setup import read_plan
from workbench.ui.app import WorkbenchApp
from workbench.ui.screens.sessions import SessionsScreen
from workbench.ui.widgets.session_list import SessionList
from workbench.ui.widgets.status_line import StatusLine

SIZES = [(80, 24), (120, 40)]
DAY = 86_400.0


def folder() -> Path:
    found = sessions_folder(os.environ)
    assert found is not None
    found.mkdir(parents=True, exist_ok=True)
    return found


def made(name: str, *prompts: str, days: float) -> Path:
    """A session with these questions, which was written to so many days ago."""
    path = folder() / f"{name}.jsonl"
    writer = RecordingWriter.create(path, {"began": time.time() - days * DAY})
    for number, prompt in enumerate(prompts, 1):
        writer.append("turn-start", {"turn": number, "prompt": prompt})
        writer.append("turn-end", {"turn": number, "status": "complete", "error": None, "seconds": 1})
    writer.close()
    os.utime(path, (time.time() - days * DAY,) * 2)
    return path


def picker(app: WorkbenchApp) -> SessionsScreen:
    assert isinstance(app.screen, SessionsScreen)
    return app.screen


def listed(app: WorkbenchApp) -> tuple[str, ...]:
    return picker(app).query_one(SessionList).keys


def told(app: WorkbenchApp) -> str:
    """What the last row of the list says."""
    notice = picker(app).query_one("#hint", StatusLine).notice
    return "" if notice is None else notice.text


async def opens(pilot: AppPilot, *texts: str) -> None:
    await until(pilot, lambda: not app_of(pilot).loading)
    await pilot.press("f10")
    await until_shown(pilot, "Sessions", *texts)


def app_of(pilot: AppPilot) -> WorkbenchApp:
    app = pilot.app
    assert isinstance(app, WorkbenchApp)
    return app


def is_there(app: WorkbenchApp, *prompts: str) -> Callable[[], bool]:
    """Whether the list is gone, and the conversation has these questions."""
    return lambda: len(app.screen_stack) == 1 and [turn.prompt for turn in app.conversation.turns] == list(prompts)


@pytest.mark.parametrize("size", SIZES)
async def test_from_an_old_session_to_the_request_that_results(project: Path, size: tuple[int, int]) -> None:
    app = opened(*docs(project))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "When does the library open?")
        await ask(pilot, "How do I renew a book?")
        answers, before = [turn.text for turn in app.conversation.turns], app.conversation.history()
        [old] = session_paths(sessions_folder(os.environ))
    app = opened(*docs(project))
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "What does a ticket cost?")
        [here] = set(session_paths(sessions_folder(os.environ))) - {old}
        await opens(pilot, "● What does a ticket cost?", "you are here", "When does the library open?", "2 turns")
        await pilot.press(*"renew")
        await until(pilot, lambda: listed(app) == (old.stem,))
        await until_shown(pilot, "turn 2 question", "1 of 2")
        await pilot.press("enter")
        await until(pilot, is_there(app, "When does the library open?", "How do I renew a book?"))
        await settled(pilot)
        assert [turn.text for turn in app.conversation.turns] == answers
        await ask(pilot, "And what else?")
        messages = app.conversation.turns[-1].steps[0].request["messages"]
        assert messages[: len(before)] == before
        assert messages[-1]["content"] == "And what else?"
        assert "And what else?" in chat_text(app)
        await opens(pilot, "● When does the library open?", "3 turns")
        await pilot.press("enter")  # back, where the cursor is
        await until(pilot, is_there(app, "What does a ticket cost?"))
    assert [each.turn.number for each in came_back(old)] == [1, 2, 3]
    assert [each.turn.prompt for each in came_back(here)] == ["What does a ticket cost?"]


async def test_it_goes_on_as_it_was_but_for_flags(project: Path) -> None:
    app = opened(*docs(project))
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: not app.loading)
        for line in ("/set temperature=0.2", "/set system=Be brief", "/set citations=accurate", "/model command-x"):
            app.commands.run(line)
        await ask(pilot, "When does the library open?")
        asked = dict(app.conversation.turns[-1].steps[0].request)
        tools = app.conversation.toolbox
        assert tools is not None
        names = [each["function"]["name"] for each in tools.definitions()]
    app = screen(read_plan(cli.parse(["--offline", "--set", "seed=7"]), os.environ), os.environ)
    async with app.run_test(size=(120, 40)) as pilot:
        await opens(pilot, "When does the library open?")
        assert app.conversation.toolbox is None
        await pilot.press("enter")
        await until(pilot, is_there(app, "When does the library open?"))
        await until(pilot, lambda: any("not as in the session: seed 7" in each.text for each in app.stage.said))
        words = "\n".join(each.text for each in app.stage.said)
        for setting in ("model command-x", "system Be brief", "temperature 0.2"):
            assert setting in words.partition("as in the session: ")[2]
        await ask(pilot, "And now?")
        request = app.conversation.turns[-1].steps[0].request
        same = ("model", "temperature", "citation_options", "tools")
        assert {name: request[name] for name in same} == {name: asked[name] for name in same}
        assert request["messages"][0] == {"role": "system", "content": "Be brief"}
        assert request["seed"] == 7
        assert [each["function"]["name"] for each in request["tools"]] == names
        assert request["documents"]
        app.commands.run("/set temperature")
        await until(pilot, lambda: "temperature" in said(app) and "0.2" in said(app))


async def test_a_turn_that_runs_is_asked_about_first_and_what_came_of_it_is_kept() -> None:
    go_on = asyncio.Event()
    answer = message("The first half and the second half.")
    half = answer.index(b"second")
    made("20260101-101010-aaaaaa", "Old?", days=3)
    async with LoopbackServer([[Head(), Chunk(answer[:half]), Wait(go_on)], stream(message("Yes."))]) as server:
        app = screen(read_plan(cli.parse(["--base-url", server.url]), os.environ), os.environ)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: not app.loading)
            app.prompt.insert("What is it?")
            await pilot.press("enter")
            await until_shown(pilot, "The first half")
            app.prompt.insert("And then?")
            await pilot.press("enter")
            await until_shown(pilot, "next: And then?")
            await opens(pilot, "Old?")
            await pilot.press("enter")
            await until_shown(pilot, "a turn is running")
            await pilot.press("x")
            assert app.busy
            assert "a turn is running" not in screen_text(app)
            await pilot.press("enter", "enter")
            await until(pilot, is_there(app, "Old?"))
            assert app.prompt.text == "And then?"
            go_on.set()
    [_, kept] = session_paths(sessions_folder(os.environ))
    [turn] = came_back(kept)
    assert (turn.turn.status, turn.turn.text) == ("cancelled", "The first half and the")


async def test_a_question_that_is_edited_is_not_asked_in_another_session() -> None:
    made("20260101-101010-aaaaaa", "Old?", "Older?", days=3)
    async with LoopbackServer(lambda _: stream(message("Yes."))) as server:
        app = screen(read_plan(cli.parse(["--base-url", server.url]), os.environ), os.environ)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: not app.loading)
            await ask(pilot, "What is it?")
            app.prompt.insert("a draft")
            app.commands.run("/edit 1")
            await until_shown(pilot, "turn 1 is edited")
            await opens(pilot, "Old?")
            await pilot.press("down", "enter")
            await until(pilot, is_there(app, "Old?", "Older?"))
            await settled(pilot)
            assert "is edited" not in screen_text(app)
            assert app.prompt.text == "a draft"
            await pilot.press("enter")
            await until(pilot, is_there(app, "Old?", "Older?", "a draft"))


async def test_a_grid_that_runs_is_asked_about_first_and_stays_in_its_session() -> None:
    go_on = asyncio.Event()
    answer = message("The first half and the second half.")
    half = answer.index(b"second")
    made("20260101-101010-aaaaaa", "Old?", days=3)

    def replies(received: Received) -> Reply:
        if received.body.get("temperature") is None:
            return stream(message("Yes."))
        return [Head(), Chunk(answer[:half]), Wait(go_on)]

    async with LoopbackServer(replies) as server:
        app = screen(read_plan(cli.parse(["--base-url", server.url]), os.environ), os.environ)
        async with app.run_test(size=(80, 24)) as pilot:
            await until(pilot, lambda: not app.loading)
            await ask(pilot, "What is it?")
            app.commands.run("/grid temperature=0,0.2,0.4,0.6,0.8,1")
            await until_shown(pilot, "Grid over turn 1")
            await pilot.press("enter")
            await until(pilot, lambda: screen_text(app).count("The first half") == 4)
            await pilot.press("q")
            await until(pilot, lambda: len(app.screen_stack) == 1)
            await opens(pilot, "Old?")
            await pilot.press("down", "enter")
            await until_shown(pilot, "a grid is running")
            await pilot.press("enter")
            await until(pilot, is_there(app, "Old?"))
            await settled(pilot)
            assert len(app.conversation.tree) == 1
            go_on.set()
            await ask(pilot, "And here?")
            assert [turn.number for turn in app.conversation.turns] == [1, 2]
            await pilot.press("f2", "m")
            await until(pilot, lambda: app.prompt.text.startswith("/grid 2 "))
    [old, kept] = session_paths(sessions_folder(os.environ))
    assert {turn.number: (turn.status, turn.text) for _, turn in every_turn(kept, Redactor())} == {
        1: ("complete", "Yes."),
        **dict.fromkeys(range(2, 6), ("cancelled", "The first half and the")),
    }
    assert [each.turn.prompt for each in came_back(old)] == ["Old?", "And here?"]


async def test_a_conversation_that_is_not_kept_is_asked_about_first() -> None:
    made("20260101-101010-aaaaaa", "Old?", days=3)
    app = opened("--no-session")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "Hello?")
        await opens(pilot, "Old?")
        await pilot.press("enter")
        await until_shown(pilot, "not kept, and cannot be gone back to")
        await pilot.press("escape")
        assert [turn.prompt for turn in app.conversation.turns] == ["Hello?"]
        await pilot.press("enter", "enter")
        await until(pilot, is_there(app, "Old?"))


async def test_what_another_program_writes_is_refused_and_can_be_forked() -> None:
    path = made("20260101-101010-aaaaaa", "Old?", "Older?", days=3)
    _, writer = RecordingWriter.resume(path, list)
    os.utime(path, (time.time() - DAY,) * 2)
    app = opened()
    async with app.run_test(size=(120, 40)) as pilot:
        await opens(pilot, "Old?")
        await pilot.press("enter")
        await until(pilot, lambda: "is in use, by another workbench that writes it: Ctrl+F forks it" in told(app))
        assert app.conversation.turns == []
        await pilot.press("delete", "enter")
        await until(pilot, lambda: "another workbench writes it" in told(app) and path.exists())
        await pilot.press("ctrl+f")
        await until(pilot, is_there(app, "Old?", "Older?"))
        await ask(pilot, "New?")
    writer.close()
    [copy] = set(session_paths(sessions_folder(os.environ))) - {path}
    assert [each.turn.prompt for each in came_back(copy)] == ["Old?", "Older?", "New?"]
    assert [each.turn.prompt for each in came_back(path)] == ["Old?", "Older?"]


async def test_fork_goes_on_in_a_copy_up_to_the_turn_that_is_read() -> None:
    app = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        app.commands.run("/fork")
        assert "nothing to fork" in said(app)
        await ask(pilot, "Before it began anew?")
        app.commands.run("/clear")
        await settled(pilot)
        for prompt in ("One?", "Two?", "Three?"):
            await ask(pilot, prompt)
        [path] = session_paths(sessions_folder(os.environ))
        await pilot.press("ctrl+up")
        await settled(pilot)
        app.navigation.show_turn(3)
        await settled(pilot)
        turn = app.navigation.turn_in_view()
        assert turn is not None
        app.commands.run("/set temperature=0.9")
        app.commands.run("/fork")
        await until(pilot, lambda: "is forked at turn" in said(app))
        upto = turn.place
        assert f"is forked at turn {upto}:" in said(app)
        assert [each.prompt for each in app.conversation.turns] == ["One?", "Two?", "Three?"][:upto]
        await ask(pilot, "Other?")
        assert app.conversation.turns[-1].steps[0].request["temperature"] == 0.9
    [copy] = set(session_paths(sessions_folder(os.environ))) - {path}
    assert [each.turn.prompt for each in came_back(path)] == ["One?", "Two?", "Three?"]
    assert [each.turn.prompt for each in came_back(copy)] == [*["One?", "Two?", "Three?"][:upto], "Other?"]


async def test_deleting_is_confirmed_and_can_be_undone() -> None:
    first = made("20260101-101010-aaaaaa", "Tea?", days=3)
    second = made("20260102-101010-aaaaaa", "Coffee?", days=2)
    app = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await opens(pilot, "Tea?", "Coffee?")
        await pilot.press("delete")
        await until_shown(pilot, "delete 20260102-101010-aaaaaa (Coffee?)?")
        await pilot.press("d")
        await settled(pilot)
        assert second.exists()
        assert "delete 2026" not in screen_text(app)
        await pilot.press("delete", "enter")
        await until(pilot, lambda: listed(app) == (first.stem,))
        assert not second.exists()
        assert len(list((folder() / REMOVED).glob("*/*.jsonl"))) == 1
        assert "Ctrl+_, Alt+U brings it back" in told(app)
        await pilot.press("alt+u")
        await until(pilot, lambda: listed(app) == (second.stem, first.stem))
        await until(pilot, lambda: told(app) == f"{second.stem} is back")
        await pilot.press("alt+u")
        await until(pilot, lambda: told(app) == "no session was removed")
        await pilot.press(*"coffee")
        await until_shown(pilot, "turn 1 question  Coffee?")


async def test_a_name_is_typed_kept_and_found() -> None:
    path = made("20260101-101010-aaaaaa", "Tea?", days=3)
    app = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await opens(pilot, "Tea?")
        await pilot.press("f2", *"all of [b]it", "escape")
        assert names_in(folder()) == {}
        await pilot.press("f2", *"the [b]best", "up", "delete", "enter")
        await until_shown(pilot, "the [b]best · Tea?")
        assert names_in(folder()) == {path.stem: "the [b]best"}
        await pilot.press(*"best")
        await until_shown(pilot, "1 of 1")
        assert listed(app) == (path.stem,)
        await pilot.press("escape", "f2", "ctrl+u", "enter")
        await until(pilot, lambda: names_in(folder()) == {})


async def test_a_turn_of_another_branch_that_is_found_is_gone_to() -> None:
    path = folder() / "20260101-101010-aaaaaa.jsonl"
    writer = RecordingWriter.create(path, {"began": time.time() - 3 * DAY})
    for number, prompt, parent in ((1, "Tea?", None), (2, "Green?", 1), (3, "Milk?", 2), (4, "Black?", 1)):
        writer.append("turn-start", {"turn": number, "prompt": prompt, "parent": parent})
        writer.append("turn-end", {"turn": number, "status": "complete", "error": None, "seconds": 1})
    writer.close()
    app = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await opens(pilot, "Tea?")
        await pilot.press(*"green")
        await until_shown(pilot, "turn 2 question  Green?")
        await pilot.press("enter")
        await until(pilot, is_there(app, "Tea?", "Green?", "Milk?"))
        await until_shown(pilot, "Green?", "turn 2 of 3")
        await opens(pilot, "you are here")
        await pilot.press(*"black")
        await until_shown(pilot, "turn 4 question  Black?")
        await pilot.press("enter")
        await until(pilot, is_there(app, "Tea?", "Black?"))
        await until_shown(pilot, "Black?")


async def test_a_turn_that_was_asked_beside_the_conversation_is_forked_with_its_branch() -> None:
    path = folder() / "20260101-101010-aaaaaa.jsonl"
    writer = RecordingWriter.create(path, {"began": time.time() - 3 * DAY})
    beside = {"from": {"turn": 2, "beside": True}}
    for number, prompt, parent, more in ((1, "Tea?", None, {}), (2, "Green?", 1, {}), (3, "Black?", 1, beside)):
        writer.append("turn-start", {"turn": number, "prompt": prompt, "parent": parent, **more})
        writer.append("turn-end", {"turn": number, "status": "complete", "error": None, "seconds": 1})
    writer.close()
    app = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await opens(pilot, "Tea?")
        await pilot.press(*"black")
        await until_shown(pilot, "turn 3 question  Black?")
        await pilot.press("enter")
        await until(pilot, is_there(app, "Tea?", "Black?"))
        await settled(pilot)
        app.commands.run("/fork")
        await until(pilot, lambda: "is forked at turn 3" in said(app))
        assert [turn.prompt for turn in app.conversation.turns] == ["Tea?", "Black?"]


async def test_a_name_is_pasted_whole_and_a_long_one_is_cut() -> None:
    path = made("20260101-101010-aaaaaa", "Tea?", days=3)
    app = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await opens(pilot, "Tea?")
        await pilot.press("f2")
        app.post_message(Paste("of two\r\nlines\n"))
        await pilot.press("enter")
        await until(pilot, lambda: names_in(folder()) == {path.stem: "of two lines"})
        await pilot.press("f2", "ctrl+u")
        app.post_message(Paste("a/b " * 600))
        await pilot.press("enter")
        await until(pilot, lambda: names_in(folder()) == {path.stem: ("a/b " * 50)})


async def test_damaged_files_are_listed_and_say_so() -> None:
    path = made("20260101-101010-aaaaaa", "Tea?", days=3)
    path.write_bytes(path.read_bytes().replace(b"Tea?", b"Ted?"))
    (folder() / "20260102-101010-aaaaaa.jsonl").write_text("nothing\n")
    app = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await opens(pilot, "cannot be read: line 2 was changed or damaged", "cannot be read: is no recording")
        await pilot.press("end" if listed(app)[-1] == path.stem else "home", "enter")
        await until(pilot, lambda: "the checksum is missing or wrong" in told(app))
        assert app.conversation.turns == []
        await pilot.press("escape")
        await ask(pilot, "Hello?")


async def test_the_conversation_itself_is_neither_deleted_nor_opened_again() -> None:
    app = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "Hello?")
        await opens(pilot, "● Hello?")
        await pilot.press("delete")
        await until(pilot, lambda: "this conversation is in it" in told(app))
        await pilot.press("enter")
        await until(pilot, lambda: len(app.screen_stack) == 1)
        await ask(pilot, "And?")
        assert len(app.conversation.turns) == 2


async def test_words_behind_the_command_are_looked_for() -> None:
    made("20260101-101010-aaaaaa", "Tea?", days=3)
    kept = made("20260102-101010-aaaaaa", "Coffee and cake?", days=2)
    app = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        app.commands.run("/sessions cake")
        await until_shown(pilot, "Sessions  cake▏", "1 of 2")
        await until(pilot, lambda: listed(app) == (kept.stem,))
        await pilot.press("ctrl+u", "/", *"xyzzy")
        await until_shown(pilot, "no session has these words")
        await pilot.press("escape")
        await until(pilot, lambda: len(listed(app)) == 2)
        await pilot.press("f10")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_hostile_text_stays_text() -> None:
    made("20260101-101010-aaaaaa", "\x1b]0;title\x07[bold]x[/]\u202eevil\n\nnext", days=3)
    app = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await opens(pilot, "[bold]x[/]")
        assert not re.search("[\x1b\x07\u202e]", screen_text(app))


async def test_where_a_session_is_kept_is_copied() -> None:
    path = made("20260101-101010-aaaaaa", "Tea?", days=3)
    app = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await opens(pilot, "Tea?")
        await pilot.press("ctrl+y")
        await until(pilot, lambda: app.clipboard == str(path))


async def test_a_recording_that_is_played_has_no_sessions_to_go_to() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        app.commands.run("/sessions")
        await until(pilot, lambda: "no sessions to go to" in said(app))


NOW = 1_780_000_000.0


@pytest.fixture
def at_rest(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A clock that stands still, in one time zone, and sessions from before it."""
    monkeypatch.setenv("TZ", "UTC")
    time.tzset()
    monkeypatch.setattr("workbench.ui.screens.sessions.time.time", lambda: NOW)
    paths = [
        made("20260101-101010-aaaaaa", "When does the library open on Saturdays?", "And what does it cost?", days=0),
        made("20260102-101010-bbbbbb", "Compare the two endpoints of the harbour", days=0),
        made("20260103-101010-cccccc", "図書館はいつ開きますか", days=0),
        *(made(f"20260104-10101{each}-dddddd", f"Question {each} about the harbour", days=0) for each in range(9)),
    ]
    rename(paths[1], "endpoints")
    paths[2].write_bytes(paths[2].read_bytes().replace(b"prompt", b"prompd"))
    for days, path in enumerate(paths):
        written = NOW - days * 5 * DAY - 90
        os.utime(path, (written, written))
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("at_rest")
@every_size
async def test_it_looks_as_it_did(size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    app = opened()
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: not app.loading)
        pictures = Album(app, pilot, snapshot)
        await pictures.press("f10", shows="12")
        await until(pilot, lambda: "1 turn" in screen_text(app))
        await pictures.take("list")
        await pictures.press(*"harbour", shows="harbour▏")
        await until_shown(pilot, "turn 1 question")
        await pictures.take("found")
        await pictures.press("delete", shows="Enter deletes it")
        await pictures.take("delete")
        await pictures.press("escape", "f2", shows="a name for")
        await pictures.take("name")
        pictures.close()


@pytest.mark.usefixtures("at_rest")
async def test_any_size_leaves_it_as_it_was() -> None:
    app = opened()
    async with app.run_test(size=(100, 30)) as pilot:
        await opens(pilot, "endpoints", "2 turns")
        await pilot.press("end", "up", "up")
        await settled(pilot)
        before, at = screen_text(app), picker(app).query_one(SessionList).cursor_key
        for size in ((1, 1), (20, 3), (30, 8), (300, 5), (60, 15), (80, 24), (300, 100)):
            await pilot.resize_terminal(*size)
            await pilot.pause()
            await pilot.resize_terminal(100, 30)
            await settled(pilot)
            assert screen_text(app) == before
            assert picker(app).query_one(SessionList).cursor_key == at


SWITCHING = """
import asyncio, os, sys
from pathlib import Path
from tests.ui.harness import ask, until
from tests.ui.test_sessions import opened

async def main():
    app = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        for number in range(1000):
            await ask(pilot, f"Question {number}?")
            print(app._startup.session.stem, number, file=sys.__stdout__, flush=True)
            here = app._startup.session
            others = [path for path in sorted(here.parent.glob("*.jsonl")) if path != here]
            problem = await (app.commands._switching.fork(here) if len(others) < 3 else app.commands._switching.go(
                others[number % len(others)]))
            assert not problem, problem

asyncio.run(main())
"""


@pytest.mark.parametrize("seed", range(4))
def test_a_program_that_is_killed_while_it_switches_loses_no_turn(seed: int) -> None:
    made("20260101-101010-aaaaaa", "Old?", days=3)
    process = subprocess.Popen([sys.executable, "-c", SWITCHING], stdout=subprocess.PIPE, text=True)
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(3 + seed)]
    time.sleep(random.Random(seed).uniform(0.0, 0.15))  # which moment it is does not matter
    process.kill()
    told += process.stdout.read().splitlines()
    process.wait()
    assert all(told[:3])
    for line in told:
        id, number = line.split()
        prompts = [each.turn.prompt for each in came_back(folder() / f"{id}.jsonl")]
        assert f"Question {number}?" in prompts
    for path in session_paths(folder()):
        assert came_back(path)


async def test_what_was_asked_in_any_session_is_found_in_the_prompt_also_when_it_was_removed() -> None:
    asking = [sys.executable, "-m", "workbench", "ask", "--offline", "--session", "When does the ferry leave?"]
    process = await asyncio.create_subprocess_exec(*asking, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    assert await process.wait() == 0
    [removed] = session_paths(folder())
    made("20260101-101010-aaaaaa", "An old question of the harbour?", days=3)  # of a time without a history
    assert cli.run(["sessions", "search", "harbour"]) == 0
    assert cli.run(["sessions", "rm", "--yes", removed.stem]) == 0
    app = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        await until(pilot, lambda: len(app.prompt.asked.newest_first()) == 2)
        assert app.prompt.asked.newest_first() == ["When does the ferry leave?", "An old question of the harbour?"]
        for words, found in (("ferry", "When does the ferry leave?"), ("old harbour", "An old question")):
            await pilot.press("ctrl+r", *words)
            await until_shown(pilot, found)
            await pilot.press("enter")
            assert app.prompt.text.startswith(found)
            app.prompt.clear()


@pytest.mark.parametrize("answer", ["yes", "no"])
async def test_what_the_documents_of_a_session_ask_for_is_asked_here_too(tmp_path: Path, answer: str) -> None:
    """The list makes room for the question; a no leaves all as it was."""
    (tmp_path / "private").mkdir()
    (tmp_path / "private" / "secret.md").write_text("The harbour opens at nine.")
    (tmp_path / "work").mkdir()
    (tmp_path / "work" / "docs.yaml").write_text("files: ../private/secret.md\n")
    app = opened("--docs", str(tmp_path / "work" / "docs.yaml"), "--yes")
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "When does the harbour open?")
    app = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "Hello?")
        await opens(pilot, "When does the harbour open?")
        await pilot.press("enter")
        await until_shown(pilot, "Do you trust docs.yaml?")
        await until(pilot, lambda: app.stage.question is not None and app.stage.question.listens)
        assert "ends the program" not in screen_text(app)
        await pilot.pause(0.3)
        await pilot.press(*answer, "enter")
        if answer == "yes":
            await until(pilot, is_there(app, "When does the harbour open?"))
            assert app.conversation.library is not None
        else:
            await until(pilot, lambda: app.stage.question is None and not app.loading)
            await until(pilot, lambda: "docs.yaml" in said(app))
            await until(pilot, is_there(app, "Hello?"))
            assert app.conversation.library is None
            await ask(pilot, "And now?")


async def test_keys_that_come_twice_open_one_session() -> None:
    for number in range(3):
        made(f"2026010{number + 1}-101010-aaaaaa", f"Old {number}?", days=3 + number)
    app = opened()
    async with app.run_test(size=(80, 24)) as pilot:
        await opens(pilot, "Old 0?", "Old 2?")
        await pilot.press("down", "enter", "enter", "down", "enter")
        await until(pilot, is_there(app, "Old 1?"))
        await settled(pilot)
        await ask(pilot, "And?")
        assert [turn.prompt for turn in app.conversation.turns] == ["Old 1?", "And?"]
        for path in session_paths(folder()):
            _, writer = RecordingWriter.resume(path, list) if path.stem[7] != "2" else (None, None)
            if writer is not None:  # nobody holds the others
                writer.close()
