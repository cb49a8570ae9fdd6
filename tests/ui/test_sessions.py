"""Sessions on the screen: a conversation that goes on, one that cannot be kept, and a recording that plays."""

from __future__ import annotations

import argparse
import asyncio
import errno
import json
import os
import re
import zlib
from pathlib import Path
from typing import NoReturn

import pytest
from textual.worker import WorkerFailed

from tests.core.keeping import came_back, session
from tests.loopback import Chunk, Head, LoopbackServer, Reply, Wait, message, stream
from tests.ui.harness import ABOUT, Starts, ask, chat_text, said, screen_text, settled, until, until_shown
from workbench import cli
from workbench.cohere_client import ClientOptions, connect
from workbench.commands import replay
from workbench.commands.app import screen
from workbench.config.settings_model import Settings
from workbench.conversation import Conversation
from workbench.secrets.redactor import Redactor
from workbench.sessions.folder import session_paths, sessions_folder
from workbench.startup.setup import read_plan
from workbench.ui.app import WorkbenchApp
from workbench.ui.restoring import Restoring

SECONDS = re.compile(r"─+ \d+ · \d+\.\d s ─+")
SIZE = (120, 40)


def opened(*argv: str) -> WorkbenchApp:
    arguments: argparse.Namespace = cli.parse(["--offline", "--model", "command-test", *argv])
    return screen(read_plan(arguments, os.environ), os.environ)


def docs(project: Path) -> tuple[str, ...]:
    return ("--docs", str(project / "config" / "library.yaml"), "--tools", str(project / "config" / "tools.yaml"))


async def test_a_conversation_comes_back_and_goes_on(project: Path) -> None:
    app = opened(*docs(project))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "When does the library open?")
        await ask(pilot, "How do I renew a book?")
        shown, history = chat_text(app), app.conversation.history()
        answers = [turn.text for turn in app.conversation.turns]
    app = opened(*docs(project), "--resume")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await settled(pilot)
        assert chat_text(app) == shown
        assert app.conversation.history() == history
        assert [turn.text for turn in app.conversation.turns] == answers
        await pilot.press("f4")
        await until_shown(pilot, "cited")
        await ask(pilot, "When does the library open?")
        assert app.conversation.turns[-1].number == 3
        assert app.conversation.turns[-1].steps[0].request["messages"][: len(history)] == history
    assert [each.turn.number for each in came_back(session())] == [1, 2, 3]


async def test_what_is_different_is_said(project: Path) -> None:
    app = opened()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "Hello?")
    app = opened("--resume", "--model", "command-other")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(said(app)))
        assert said(app) == "the session was with command-test; it goes on with command-other"


async def test_a_session_that_another_workbench_has_is_refused(project: Path) -> None:
    first = opened()
    async with first.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not first.loading)
        await ask(pilot, "Hello?")
        second = opened("--resume")
        async with second.run_test(size=SIZE) as other:
            await until(other, lambda: second.return_code is not None)
        assert second.return_code == 2
        assert "is in use: another workbench writes it" in str(second.return_value)


async def test_a_damaged_session_is_said_to_be_and_where(project: Path) -> None:
    app = opened()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "Hello?")
    path = session()
    path.write_bytes(path.read_bytes().replace(b"Hello?", b"Hullo?", 1))
    app = opened("--resume")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.return_code is not None)
    assert app.return_code == 2
    assert f"{path}:2: the checksum is missing or wrong" in str(app.return_value)


@pytest.mark.parametrize("argv", [(), ("--no-session",)])
async def test_no_file_without_a_question_or_when_none_is_wanted(argv: tuple[str, ...]) -> None:
    app = opened(*argv)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        if argv:
            await ask(pilot, "Hello?")
    assert session_paths(sessions_folder(os.environ)) == []


async def test_a_conversation_that_cannot_be_kept_goes_on(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    app = opened()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "Hello?")
        await until_shown(pilot, "· not kept")
        told = [note.text for note in app.stage.said]  # with that what is asked is not remembered, in either order
        assert any("no longer kept, and goes on in memory" in text for text in told)
        await ask(pilot, "And now?")
        assert [turn.status for turn in app.conversation.turns] == ["complete", "complete"]
        assert len([note for note in app.stage.said if "kept" in note.text]) == 1


async def test_a_disk_that_fills_up_in_an_answer_costs_a_banner(monkeypatch: pytest.MonkeyPatch) -> None:
    answer, go_on = message("The first half and the second half of it."), asyncio.Event()
    half = answer.index(b"second")
    script: list[Reply] = [
        stream(message("Hello.")),
        [Head(), Chunk(answer[:half]), Wait(go_on), Chunk(answer[half:])],
        stream(message("And this.")),
    ]

    def no_space(descriptor: int, data: bytes) -> int:
        raise OSError(errno.ENOSPC, "No space left on device")

    async with LoopbackServer(script) as server:
        app = screen(read_plan(cli.parse(["--base-url", server.url]), os.environ), os.environ)
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: not app.loading)
            await ask(pilot, "Hello?")
            app.prompt.insert("What is it?")
            await pilot.press("enter")
            await until_shown(pilot, "The first half")
            await until(pilot, lambda: b"half" in session().read_bytes())  # a thread writes it
            with monkeypatch.context() as patched:
                patched.setattr("workbench.recordings.recording.os.write", no_space)
                go_on.set()
                await until_shown(pilot, "The first half and the second half of it.", "· not kept")
                await ask(pilot, "And now?")
            await until_shown(pilot, "And this.")
            told = [note.text for note in app.stage.said if "kept" in note.text]
            assert len(told) == 1
            assert told[0].endswith("No space left on device")
    assert [turn.status for turn in app.conversation.turns] == ["complete"] * 3
    assert [each.turn.prompt for each in came_back(session())] == ["Hello?", "What is it?"]
    app = opened("--resume")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await until_shown(pilot, "The first half", "incomplete")


def seen_again(played: replay.Played) -> WorkbenchApp:
    """The app that plays a recording, as fast as it goes."""
    return replay.screen(played, replay.read(played, Redactor()), Settings(), os.environ, replay.Manner(speed=0))


async def test_a_recording_plays_in_the_app(project: Path) -> None:
    app = opened(*docs(project))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "When does the library open?")
        await ask(pilot, "How do I renew a book?")
        shown = chat_text(app)
    made = seen_again(replay.Played(session(), "a test"))
    async with made.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: len(made.conversation.turns) == 2 and not made.busy)
        await settled(pilot)
        assert SECONDS.sub("", chat_text(made)).rstrip() == SECONDS.sub("", shown).rstrip()
        assert "replay of a test" in screen_text(made)


def odd_line(path: Path, kind: str, **changed: object) -> int:
    """The first line of `kind` with other fields and a right checksum; return its number."""
    lines = path.read_bytes().splitlines(keepends=True)
    at, line = next((at, line) for at, line in enumerate(map(json.loads, lines)) if line["kind"] == kind)
    del line["sum"]
    text = json.dumps({**line, **changed}, separators=(",", ":"))
    lines[at] = f'{text[:-1]},"sum":"{zlib.crc32(text.encode()):08x}"}}\n'.encode()
    path.write_bytes(b"".join(lines))
    return at + 1


@pytest.mark.parametrize(
    ("kind", "changed"),
    [
        ("turn-end", {"status": "unheard-of"}),
        ("turn-end", {"seconds": float("inf")}),
        ("frames", {"frames": [5]}),
        ("response", {"status": "200"}),
        ("turn-start", {"turn": None}),
        ("step", {"step": None}),
    ],
)
async def test_an_odd_session_is_said_to_be_and_where(kind: str, changed: dict[str, object]) -> None:
    app = opened()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "Hello?")
    number = odd_line(session(), kind, **changed)
    app = opened("--resume")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: app.return_code is not None)
    assert app.return_code == 2
    [problem] = app.return_value or ()
    assert str(problem).startswith(f"--resume: {session()}:{number}: is no usable '{kind}' line: ")


class Unforeseen(Exception):
    """What nobody thought of."""


@pytest.mark.parametrize("when", ["prepare", "load", "restore"])
async def test_what_nobody_thought_of_is_a_fault_and_not_of_the_documents(when: str) -> None:
    class Failing(Starts):
        resumes = when == "restore"

        async def restore(self) -> Restoring:
            raise Unforeseen

    def fail() -> NoReturn:
        raise Unforeseen

    client = connect(ClientOptions(offline=True), {})
    prepare, load = (fail if when == each else None for each in ("prepare", "load"))
    app = WorkbenchApp(Conversation(client), ABOUT, Failing(client, prepare=prepare, load=load))
    with pytest.raises(WorkerFailed):
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: app.fault is not None)
    assert isinstance(app.fault, Unforeseen)
    assert app.return_code == 1


async def test_an_odd_recording_plays_as_far_as_it_can_be_read() -> None:
    """What is no list of messages, as a body that is no object, keeps nobody from seeing the answer."""
    app = opened()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "Hello?")
        answer = app.conversation.turns[0].text
    for body in (
        "text",
        None,
        {"messages": "x"},
        {"messages": [5, None]},
        {"messages": [{"role": "user"}], "tools": 7},
    ):
        odd_line(session(), "request", body=body)
        made = seen_again(replay.Played(session(), "a test"))
        async with made.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: len(made.conversation.turns) == 1 and not made.busy)  # noqa: B023 - awaited here
        assert [(turn.status, turn.text) for turn in made.conversation.turns] == [("complete", answer)]


def title(app: WorkbenchApp) -> str:
    """The first line of the screen, as it is asked for."""
    return f"{' · '.join(words for words, _ in app.stage.title.about)} | {app.stage.title.where}"


async def test_a_session_goes_on_with_its_files_and_says_so(project: Path) -> None:
    app = opened(*docs(project))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "When does the library open?")
        library = app.conversation.library
        assert library is not None
        known = library.describe()
        assert title(app) == f"offline engine · {library.in_short()} · 4 tools | turn 1 of 1"
    app = opened("--resume")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(said(app)))
        assert said(app) == "with library.yaml and tools.yaml, as the session was"
        assert app.conversation.library is not None
        assert app.conversation.library.describe() == known
        assert app.conversation.toolbox is not None
        await ask(pilot, "How do I renew a book?")
        assert app.conversation.turns[-1].steps[0].request["documents"]


async def test_a_session_whose_documents_are_gone_goes_on_without(project: Path, tmp_path: Path) -> None:
    own = tmp_path / "own.md"
    own.write_text("The harbour opens at nine.")
    app = opened("--docs", str(own))
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "When does the harbour open?")
    own.unlink()
    app = opened("--resume")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: bool(said(app)))
        assert said(app) == (f"the session was with {own}, which is gone: go on without its documents, or give --docs")
        assert app.stage.said[-1].severity == "warning"


async def test_numbers_on_the_screen_count_from_one_after_ctrl_n_and_when_it_goes_on() -> None:
    app = opened()
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        for question in ("Hello?", "Hello again?"):
            await ask(pilot, question)
        assert title(app).endswith("turn 2 of 2")
        await pilot.press("ctrl+n")
        assert title(app).endswith("| ")
        for question in ("And now?", "And then?"):
            await ask(pilot, question)
        shown = chat_text(app)
        assert re.findall(r"─ (\d+) · \d", shown) == ["1", "2"]
        await pilot.press("ctrl+up")
        await until_shown(pilot, "turn 1 of 2")
        assert [turn.number for turn in app.conversation.turns] == [3, 4]
    app = opened("--resume")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await settled(pilot)
        assert chat_text(app) == shown
        assert title(app).endswith("turn 2 of 2")
        await ask(pilot, "And at last?")
        assert re.findall(r"─ (\d+) · \d", chat_text(app)) == ["1", "2", "3"]
        assert title(app).endswith("turn 3 of 3")
        assert app.conversation.turns[-1].number == 5


async def test_what_is_left_in_the_terminal_goes_on_with_the_session(project: Path) -> None:
    app = opened("--model", "command-test")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        assert app.parting() == ""
        await ask(pilot, "Hello?")
    left = app.parting()
    assert left == f"workbench --resume {session().stem} --model command-test"
    app = opened(*left.split()[1:])
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        assert app.parting() == left
        await pilot.press("ctrl+n")
        assert app.parting() == ""
        app.prompt.insert("/model command-other")
        await pilot.press("enter")
        await ask(pilot, "Hello?")
    assert app.parting() == f"workbench --resume {session().stem} --model command-other"


@pytest.mark.parametrize("argv", [("--no-session",), ("--resume", "--no-session")])
async def test_nothing_is_left_in_the_terminal_when_nothing_is_kept(argv: tuple[str, ...]) -> None:
    if "--resume" in argv:
        app = opened()
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: not app.loading)
            await ask(pilot, "Hello?")
    app = opened(*argv)
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "Hello?")
    assert app.parting() == ""


async def test_the_title_names_the_model_and_a_changed_one_at_once() -> None:
    async with LoopbackServer(lambda _: stream(message("Yes."))) as server:
        app = screen(read_plan(cli.parse(["--base-url", server.url, "--model", "command-a"]), os.environ), os.environ)
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: not app.loading)
            assert title(app).startswith("command-a · 127.0.0.1")
            app.prompt.insert("/model command-b")
            await pilot.press("enter")
            await until_shown(pilot, "Workbench  command-b · 127.0.0.1")
            await ask(pilot, "Hello?")
            assert app.conversation.turns[-1].steps[0].request["model"] == "command-b"


async def test_a_replay_says_what_answered_and_asks_nobody() -> None:
    async with LoopbackServer(lambda _: stream(message("Yes."))) as server:
        plan = read_plan(cli.parse(["--base-url", server.url, "--model", "command-a"]), os.environ)
        app = screen(plan, os.environ)
        async with app.run_test(size=SIZE) as pilot:
            await until(pilot, lambda: not app.loading)
            await ask(pilot, "Hello?")
    app = opened("--resume")
    async with app.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: not app.loading)
        await ask(pilot, "And now?")
    name = session().stem
    played = replay.find_played(Path(name[:-2]), os.environ)
    assert (played.path, played.name, played.resumed_as) == (session(), name, name)
    made = seen_again(played)
    assert title(made) == f"command-a · replay of {name} | "
    async with made.run_test(size=SIZE) as pilot:
        await until(pilot, lambda: len(made.conversation.turns) == 2 and not made.busy)
        await settled(pilot)
        assert title(made) == f"offline engine · replay of {name} | turn 2 of 2"
        assert made.status.left.endswith("offline engine")
        refusal = f"this is a replay of {name}: there is nobody to ask; workbench --resume {name} goes on with it"
        for typed in ("What else?", "/etc/hosts what is this?"):
            made.prompt.put(typed)
            await pilot.press("enter")
            await until(pilot, lambda: said(made) == refusal)
            assert made.prompt.text == typed
            made.stage.say("read")
            made.prompt.put("")
        made.prompt.insert("/retry")
        await pilot.press("enter")
        await until(pilot, lambda: said(made) == refusal)
        assert len(made.conversation.turns) == 2
        assert "HTTP 410" not in screen_text(made)
        assert made.parting() == ""
