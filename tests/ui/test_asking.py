"""Questions that wait, and stopping at every moment: while loading, in a burst, with a queue, after a fault."""

from __future__ import annotations

import asyncio
import threading
import time
from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest

from tests.loopback import Chunk, Head, Reply, Wait, message, stream
from tests.ui.harness import ABOUT, Starts, ask, library, said, screen_text, served, until, until_shown, workbench_app
from workbench.cohere_client import ClientOptions, connect
from workbench.conversation import Conversation
from workbench.conversation.turn import Turn
from workbench.documents.retrieval import Found, Library
from workbench.errors import ConfigurationError, Problem
from workbench.events import ContentDelta, ContentEnd
from workbench.ui.app import WorkbenchApp
from workbench.ui.asking import Asking
from workbench.ui.messages import EventMessage

WIDE = (120, 40)
PARTIAL = message("The tide turns", done=False).split(b"event: content-end")[0]


class SlowLibrary:
    """Documents that are read when the test says so."""

    def __init__(self) -> None:
        self.go = threading.Event()

    def load(self) -> Library:
        self.go.wait(20)
        return library()


def loading_app(slow: SlowLibrary) -> WorkbenchApp:
    client = connect(ClientOptions(offline=True), {})
    return WorkbenchApp(Conversation(client, clock=lambda: 0.0), ABOUT, Starts(client, load=slow.load))


async def test_a_question_asked_while_documents_load_is_seen_waiting_and_asked_with_them() -> None:
    slow = SlowLibrary()
    app = loading_app(slow)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"tide?", "enter")
        await until_shown(pilot, "next: tide?", "loading documents")
        slow.go.set()
        await until(pilot, lambda: bool(app.conversation.turns) and not app.busy)
        assert "next:" not in screen_text(app)
        assert "documents" in app.conversation.turns[0].steps[0].request


async def test_a_question_waits_for_what_a_turn_needs_and_no_documents_are_spoken_of_when_there_are_none() -> None:
    go = threading.Event()

    def prepare() -> None:
        go.wait(20)

    client = connect(ClientOptions(offline=True), {})
    conversation = Conversation(client, clock=lambda: 0.0)
    app = WorkbenchApp(conversation, ABOUT, Starts(client, prepare=prepare))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"tide?", "enter")
        await until_shown(pilot, "next: tide?")
        assert "loading" not in screen_text(app)
        go.set()
        await until(pilot, lambda: bool(conversation.turns) and not app.busy)
        assert conversation.turns[0].prompt == "tide?"


async def test_stopping_while_documents_load_gives_the_question_back() -> None:
    slow = SlowLibrary()
    app = loading_app(slow)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"tide?", "enter")
        await until_shown(pilot, "next: tide?")
        await pilot.press("escape")
        await until(pilot, lambda: not app.busy)
        assert app.prompt.text == "tide?"
        slow.go.set()
        await until(pilot, lambda: not app.loading)
        assert app.conversation.turns == []


async def test_leaving_does_not_wait_for_documents_that_load() -> None:
    slow = SlowLibrary()
    app = loading_app(slow)
    async with app.run_test(size=WIDE) as pilot:
        await until_shown(pilot, "loading documents")
        await pilot.press("ctrl+q")
    began = time.monotonic()
    await asyncio.get_running_loop().shutdown_default_executor()
    slow.go.set()
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("error", [MemoryError("no room"), ConfigurationError([Problem("a.md", 0, 0, "gone")])])
async def test_documents_that_cannot_be_read_end_the_app_and_nothing_is_asked_without_them(error: Exception) -> None:
    go = threading.Event()

    def load() -> Library:
        go.wait(20)
        raise error

    client = connect(ClientOptions(offline=True), {})
    app = WorkbenchApp(Conversation(client), ABOUT, Starts(client, load=load))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*"tide?", "enter")
        await until_shown(pilot, "next: tide?")
        go.set()
        await until(pilot, lambda: app.return_code is not None)
    assert app.return_code == 2
    assert app.return_value is not None
    assert str(error).split(": ")[-1] in str(app.return_value[0])
    assert app.conversation.turns == []


async def test_stopping_keeps_what_was_queued_and_what_is_being_typed() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot, served(app, [[Head(), Chunk(PARTIAL), Wait(asyncio.Event())]]):
        app.prompt.insert("one")
        await pilot.press("enter")
        await until_shown(pilot, "The tide turns")
        await pilot.press(*"two", "enter", *"thr", "escape")
        await until_shown(pilot, "■ cancelled")
        assert app.prompt.text == "two\nthr"


async def test_many_waiting_questions_are_counted() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot, served(app, [[Head(), Chunk(PARTIAL), Wait(asyncio.Event())]]):
        app.prompt.insert("one")
        await pilot.press("enter")
        await until_shown(pilot, "The tide turns")
        for number in range(5):
            app.prompt.insert(f"q{number}")
            await pilot.press("enter")
        await until_shown(pilot, "next: q0", "next: q1", "… and 3 more")


async def test_stopping_in_a_burst_still_brings_the_end_to_the_screen() -> None:
    """The stream is over, and its events are still being handed to the panes: the key must not cut them off."""
    app = workbench_app()
    text = " ".join(f"word{number}" for number in range(3000))
    async with app.run_test(size=WIDE) as pilot, served(app, [stream(message(text))]):
        app.prompt.insert("?")
        app.prompt.send()
        while not (app.conversation.turns and app.conversation.turns[-1].status == "complete"):  # noqa: ASYNC110 - the very next turn of the loop is wanted
            await asyncio.sleep(0)
        assert app.busy
        app.action_perform("cancel")
        await until(pilot, lambda: not app.busy)
        await until_shown(pilot, "word2999", "✓ complete")


async def test_a_fault_of_ours_is_said_and_the_next_question_is_asked(monkeypatch: pytest.MonkeyPatch) -> None:
    app = workbench_app()
    found, calls = Library.found, 0

    def failing(documents: Library, *asked: Any) -> Found:
        nonlocal calls
        calls += 1
        if calls == 1:
            raise ValueError("no such shelf")
        return found(documents, *asked)

    monkeypatch.setattr(Library, "found", failing)
    async with app.run_test(size=WIDE) as pilot, served(app, [stream(message("Second."))]):
        await until(pilot, lambda: not app.loading)
        app.prompt.insert("one")
        app.prompt.send()
        app.prompt.insert("two")
        app.prompt.send()
        await until_shown(pilot, "Second.", "no such shelf")
        assert "no such shelf" in said(app)
        assert "next:" not in screen_text(app)


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("nosuch[/]", ""),
        ("light", "did you mean `workbench-light`? "),
        ("draculla", "did you mean `dracula`? "),
    ],
)
async def test_an_unknown_theme_is_said(name: str, meant: str) -> None:
    client = connect(ClientOptions(offline=True), {})
    app = WorkbenchApp(Conversation(client), ABOUT, Starts(client), theme=name)
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: said(app) == f"there is no theme {name!r}; {meant}^P, then Theme, lists them")


@pytest.mark.parametrize("name", ["~nobody-here/answer.md", "answer\x00.md", ""])
async def test_a_copy_to_a_place_that_cannot_be_is_refused_in_words(name: str) -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        app.commands.run(f"/copy {name}")
        await until(pilot, lambda: bool(said(app)))
        assert ("not written" in said(app)) == bool(name)


async def test_an_existing_file_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "answer.md").write_text("mine")
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        app.commands.run(f"/copy {tmp_path / 'answer.md'}")
        await until(pilot, lambda: "nothing is overwritten" in said(app))
    assert (tmp_path / "answer.md").read_text() == "mine"


async def test_a_word_that_is_no_command_is_not_lost() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        app.prompt.insert("/hots")
        await pilot.press("enter")
        await until(pilot, lambda: "there is no command" in said(app))
        assert app.prompt.text == "/hots"


async def test_the_status_says_what_is_being_written() -> None:
    app = workbench_app(tools=True)
    plan = message(plan="I will look it up.", done=False).split(b"event: message-end")[0]
    call = message(tool_calls=[("c1", "opening_hours", '{"place": "x"}')], done=False).split(b"event: tool-call-end")[0]
    go = asyncio.Event()
    script: list[Reply] = [[Head(), Chunk(plan), Wait(go), Chunk(call.split(b"\n\n", 1)[1]), Wait(asyncio.Event())]]
    async with app.run_test(size=WIDE) as pilot, served(app, script):
        app.prompt.insert("?")
        await pilot.press("enter")
        await until_shown(pilot, "⧗ planning · Esc stops · first token")
        go.set()
        await until_shown(pilot, "⧗ writing a tool call · Esc stops · first token")


class Told:
    """A stage that remembers what its panes are told."""

    def __init__(self) -> None:
        self.messages: list[tuple[str, EventMessage[Any]]] = []

    def deliver(self, pane: str, message: EventMessage[Any]) -> None:
        self.messages.append((pane, message))

    def take(self) -> list[tuple[str, str]]:
        """(pane, text of the piece) of those since the last time."""
        taken = [(pane, message.event.text) for pane, message in self.messages]
        self.messages.clear()
        return taken


async def test_the_chat_hears_of_each_piece_at_once_and_the_others_of_those_that_came_meanwhile() -> None:
    stage, turn = Told(), Turn(1, "?")
    navigation = SimpleNamespace(suggest=lambda _: None)
    asking = Asking(cast(Any, stage), cast(Any, None), cast(Any, navigation), str)
    asking._take(turn, ContentDelta(text="a"))
    assert stage.take() == [("chat", "a"), ("status", "a"), ("events", "a")]
    for text in "bcd":
        asking._take(turn, ContentDelta(text=text))
        assert stage.take() == [("chat", text)]
    asking._take(turn, ContentEnd())
    assert [(pane, message.event) for pane, message in stage.messages] == [
        ("status", ContentDelta(text="d")),
        ("events", ContentDelta(text="d")),
        ("events", ContentEnd()),
    ]
