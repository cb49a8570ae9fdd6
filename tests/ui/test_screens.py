"""More of the screen as it looks: what opens over it, at four sizes, and every theme. One app takes many pictures."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any, Protocol

import pytest
from pytest_textual_snapshot import SVGImageExtension  # type: ignore[import-untyped]  # as it is
from textual.events import Paste
from textual.widgets import Input

from tests.loopback import Received, Reply, message, stream
from tests.ui.harness import AppPilot, ask, listens, served, settled, until, until_shown, workbench_app
from tests.ui.test_snapshots import ANSWER, CITATIONS, cited, every_size
from tests.ui.test_themes import PALETTES
from workbench.tools.people import AnswerRequest, ApprovalRequest
from workbench.ui.app import WorkbenchApp
from workbench.ui.widgets import question_dock

APPROVAL = ApprovalRequest(
    "c1",
    "word_count",
    "runs the Python function example_tools:word_count",
    "call",
    Path("tools.yaml"),
    {"text": "How much wood would a woodchuck chuck if a woodchuck could chuck wood?", "unit": "words"},
)
MISSING = AnswerRequest("c2", "train_status", "Whether a train is on time.", {"train": "9:12 to Berlin"})


class SnapshotAssertion(Protocol):
    """What the fixture of this name gives: it equals a picture that is as it is kept."""

    def use_extension(self, extension: Any) -> SnapshotAssertion:
        """The same, for files of another kind."""

    def __call__(self, *, name: str) -> object:
        """That of a picture of its own."""


class Album:
    """The pictures of one app. Those that are not as they were are told together, at the end."""

    def __init__(self, app: WorkbenchApp, pilot: AppPilot, snapshot: SnapshotAssertion) -> None:
        self.app = app
        self.pilot = pilot
        self._snapshot = snapshot.use_extension(SVGImageExtension)
        self._changed: list[str] = []

    async def take(self, name: str) -> None:
        """Compare the screen with the picture of this name, as soon as nothing moves on it."""
        for each in self.app.screen.query(Input):
            each.cursor_blink = False
        await settled(self.pilot)
        if self._snapshot(name=name) != self.app.export_screenshot():
            self._changed.append(name)

    async def press(self, *keys: str, shows: str = "") -> None:
        """Press keys, until that is shown which they are for."""
        await self.pilot.press(*keys)
        await until_shown(self.pilot, shows)

    def close(self) -> None:
        """Fail when a picture was not as it is kept."""
        assert not self._changed, "these look different"


@asynccontextmanager
async def album(size: tuple[int, int], snapshot: SnapshotAssertion) -> AsyncIterator[Album]:
    """An app with an answer and its citations, and what takes its pictures."""
    app = workbench_app(tools=True)
    text = "The library opens at 09:00, and the train is on time."
    call = ("c1", "opening_hours", '{"place": "library"}')
    source = {"type": "tool", "id": "c1:0", "tool_output": {"opens": "09:00"}}
    script = [
        stream(message(plan="I will look up the opening hours.", tool_calls=[call])),
        stream(message(text, citations=[{**cited("09:00", at=text), "sources": [source]}])),
        stream(message(ANSWER, thinking="They ask about hours.", citations=CITATIONS)),
    ]
    async with app.run_test(size=size) as pilot, served(app, script):
        await ask(pilot, "When does the library open, and is the train on time?")
        await ask(pilot, "When does it open?")
        pictures = Album(app, pilot, snapshot)
        yield pictures
        pictures.close()


@every_size
async def test_panes_and_what_is_opened_over_them(size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    async with album(size, snapshot) as pictures:
        await pictures.press("right_square_bracket", "enter", shows="z zoom")
        await pictures.take("source")
        await pictures.press("slash", *"opens", shows="/opens▏")
        await pictures.take("searched sources")
        await pictures.press("escape", "f2", "slash", *"the", "enter", "n", shows="/the  ")
        await pictures.take("searched chat")
        await pictures.press("escape", "f2", "v", "v", "j", "w", shows="v mark")
        await pictures.take("selecting")
        await pictures.press("escape", "f5", "f", shows="25 of 64")
        await pictures.take("filtered events")
        await pictures.press("F", "f6", shows="POST")
        await pictures.take("request")
        await pictures.press("f4", *["less_than_sign"] * 4, shows="Sources")
        await pictures.take("larger side panes")
        await pictures.press("f8", shows="F8 brings them back")
        await pictures.take("hidden side panes")
        pictures.app.status.forget()
        await pictures.press("f8", "equals_sign", "f6", shows="POST")
        await pictures.press("f7", shows="Raw text")
        await pictures.take("raw")
        await pictures.press("slash", *"at", shows="/at▏")
        await pictures.take("searched raw")
        await pictures.press("escape", "escape", shows="POST")
        await pictures.press("ctrl+up", shows="turn 1 of 2")
        await pictures.press("f3", shows="step 1")
        await pictures.take("earlier turn")
        await pictures.press("f1", shows="Where you type")
        await pictures.take("help")
        await pictures.press("slash", *"citation", shows="/citation")
        await pictures.take("help searched")
        await pictures.press("escape", "escape", shows="turn 1 of 2")
        await pictures.press("ctrl+p", shows="Search for commands")
        await pictures.take("palette")
        await pictures.press(*"pane")
        await pictures.take("palette searched")
        await pictures.press("escape", shows="turn 1 of 2")
        pictures.app.search_themes()
        await until_shown(pictures.pilot, "Search for themes")
        await pictures.take("themes")


@every_size
async def test_questions_of_tools(
    size: tuple[int, int], snapshot: SnapshotAssertion, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("PAUSE_SECONDS", "SETTLED_SECONDS", "DEAF_SECONDS", "NO_SECONDS"):
        monkeypatch.setattr(question_dock, name, 0.01)
    async with album(size, snapshot) as pictures:
        app, pilot = pictures.app, pictures.pilot
        person = app.stage.person()

        async def asked(name: str, question: Awaitable[object]) -> None:
            answer = asyncio.ensure_future(question)
            await until(pilot, lambda: listens(app))
            await pictures.take(name)
            await pilot.press("escape")
            await asyncio.wait([answer])
            if not answer.cancelled():
                answer.exception()

        await asked("approval", person.approve(APPROVAL))
        await asked("answer", person.answer(MISSING))


@every_size
async def test_lists_over_the_prompt(
    size: tuple[int, int], snapshot: SnapshotAssertion, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Reached and left with keys alone."""
    (tmp_path / "notes").mkdir()
    for name in ("guide.md", "guide to the harbour.md", "gulls.txt"):
        (tmp_path / name).write_text("The tide turns.\n")
    monkeypatch.chdir(tmp_path)
    async with album(size, snapshot) as pictures:
        app, pilot = pictures.app, pictures.pilot
        app._startup.attaches = True
        await pictures.press("slash", shows="▸ /retry")
        await pictures.press("down", "down", shows="▸ /model")
        await pictures.take("commands")
        await pictures.press("tab", shows="▸ command-test")
        await pictures.take("models")
        await pictures.press("escape", "ctrl+u", "ctrl+r", *"open", shows="▸ When does it open?")
        await pictures.take("search")
        await pictures.press(*"zz", shows="nothing of that was asked before")
        await pictures.take("nothing found")
        await pictures.press("escape", *"see", "space", "at", "g", "u", shows="▸ guide")
        await pictures.take("files")
        await pictures.press("down", "enter", shows="attached: guide.md")
        await pilot.press("space")
        app.post_message(Paste("a line that was pasted\n" * 212))
        await until_shown(pilot, "[pasted 212 lines]")
        await pictures.take("attached and pasted")


@every_size
async def test_turns_side_by_side(size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    """Reached and left with keys alone."""
    async with album(size, snapshot) as pictures:
        await pictures.press("f2", "c", shows="B turn 2")
        await pictures.press("right_square_bracket", shows="difference 1 of ")
        await pictures.take("compared")
        await pictures.press("slash", *"open", "enter", shows="/open  ")
        await pictures.take("compared and searched")
        await pictures.press("B", shows="turn 1  When")
        await pictures.take("turns to choose from")
        await pictures.press("q", shows="B turn 2")
        await pictures.press("q", shows="> ")


@every_size
async def test_a_grid_of_answers(size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    async with album(size, snapshot) as pictures, served(pictures.app, grid_answer):
        await pictures.press("f2", "m", shows="/grid 2 model=command-test")
        await pictures.press("ctrl+u", *typed("/grid 1 model=command-a,command-b temperature=0,0.5,1"))
        await pictures.press("enter", shows="Grid over turn 1")
        await pictures.take("planned grid")
        await pictures.press("enter", shows="all over: 6 com")
        await pictures.take("grid")
        await pictures.press("c", "j", "l", "c", shows="B turn ")
        await pictures.press("q", "q", shows="> ")


def typed(line: str) -> list[str]:
    """The keys that write a line."""
    return [{" ": "space", "/": "slash"}.get(character, character) for character in line]


def grid_answer(received: Received) -> Reply:
    """One model answers at length, with citations; the other one briefly."""
    if received.body["model"] == "command-b":
        return stream(message("At nine, but for 漢字.", finish_reason="MAX_TOKENS"))
    return stream(message(ANSWER, citations=CITATIONS))


async def test_compared_in_few_colours_on_light_ground_and_with_more_contrast(snapshot: SnapshotAssertion) -> None:
    async with album((80, 24), snapshot) as pictures:
        await pictures.press("f2", "c", shows="B turn 2")
        await pictures.press("right_square_bracket", "right_square_bracket", shows="difference 2 of ")
        for name in ("ansi-dark", "workbench-light", "workbench-high-contrast"):
            pictures.app.theme = name
            await pictures.take(name)


async def test_every_theme(snapshot: SnapshotAssertion) -> None:
    async with album((80, 24), snapshot) as pictures:
        await pictures.press("right_square_bracket", "right_square_bracket", shows="Enter source")
        await pictures.press("f2", "slash", *"the", "enter", shows="/the  ")
        for name in PALETTES:
            pictures.app.theme = name
            await pictures.take(name)
