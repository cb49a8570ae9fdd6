"""The list of documents, by keys alone: the next request has exactly what was switched, pinned and left out."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from textual.drivers.headless_driver import HeadlessDriver
from textual.events import Key

from tests.loopback import Received, Reply, message, stream
from tests.ui.harness import AppPilot, ask, said, screen_text, served, settled, until, until_shown, workbench_app
from workbench.cli import parse
from workbench.commands.app import screen
from workbench.documents.choices import NOTHING_CHOSEN
from workbench.documents.ledger import LedgerEntry
from workbench.documents.outline import Outlined, outline
from workbench.documents.passages import DocumentSet, Passage, RetrievalSpec
from workbench.documents.queries import Query
from workbench.documents.retrieval import InMemory, Library, Shelf
from workbench.errors import DocumentsAway
from workbench.startup.setup import read_plan
from workbench.ui.app import WorkbenchApp
from workbench.ui.panes.source_rows import AskedSource
from workbench.ui.screens import documents
from workbench.ui.screens.documents import DocumentsScreen

SIZES = [(120, 40), (80, 24)]


def answer(received: Received) -> Reply:
    return stream(message("It opens at nine."))


def ids(received: Received) -> list[str]:
    return [document["id"] for document in received.body.get("documents", [])]


def passages(set: str, path: str, texts: list[str]) -> list[Passage]:
    return [
        Passage(f"{path}#{at}", set, f"{path} › Part {at}", text, {"text": text, "title": path}, path, (at, at))
        for at, text in enumerate(texts, 1)
    ]


def town() -> Library:
    """Two documents that are sent whole, and one of which the best two passages are."""
    guide = [
        *passages("guide", "hours.md", ["Doors open at nine.", "Doors close."]),
        *passages("guide", "b.md", ["B."]),
    ]
    news = passages("news", "news.md", [f"{'boats ' * (9 - at)}leave." for at in range(6)])
    best = RetrievalSpec("keyword", top_k=2)
    return Library([DocumentSet("guide", tuple(guide), RetrievalSpec("all")), DocumentSet("news", tuple(news), best)])


async def listed(pilot: AppPilot, app: WorkbenchApp) -> DocumentsScreen:
    await pilot.press("f4", "D")
    await until(pilot, lambda: isinstance(app.screen, DocumentsScreen))
    found = app.screen
    assert isinstance(found, DocumentsScreen)
    return found


@pytest.mark.parametrize("size", SIZES)
async def test_the_next_request_has_what_is_chosen(size: tuple[int, int]) -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=size) as pilot, served(app, answer) as server:
        await until(pilot, lambda: not app.loading)
        app.conversation.library = town()
        app.prompt.insert("boats?")
        await listed(pilot, app)
        await until_shown(pilot, "2 of 2 sets go along", "“boats?”: 5 passages", "keyword: the best 2 of 6")
        await pilot.press("enter", "down", "enter")
        await until_shown(pilot, "Part 2", "2 words")
        await pilot.press("down", "down", "space")  # the second passage of hours.md,
        await pilot.press("down", "space")  # b.md,
        await pilot.press("end", "enter")
        await until_shown(pilot, "news.md")
        await pilot.press("end", "enter")
        await until_shown(pilot, "rank 2")
        await pilot.press("end", "p", "home", "down", "down", "enter", "end")
        await pilot.press("up", "up", "up", "up", "up", "space")  # the best of the news
        await until_shown(pilot, "4 passages", "pinned to the next turn: news.md › Part 6")
        await pilot.press("f")
        await until_shown(pilot, "only what would be sent", "news.md:6")
        await pilot.press("f")
        await until_shown(pilot, "only what is off or pinned", "b.md")
        await pilot.press("escape")
        await until_shown(pilot, "pinned: news.md › Part 6")
        await pilot.press("f2", "escape", "ctrl+c")
        await ask(pilot, "boats?")
        assert ids(server.received[-1]) == ["news.md#6", "hours.md#1", "news.md#2", "news.md#3"]
        assert "pinned: " not in screen_text(app)
        await ask(pilot, "boats?")
        assert ids(server.received[-1]) == ["hours.md#1", "news.md#2", "news.md#3"]
        await listed(pilot, app)
        await until_shown(pilot, "with every question: 1 passage")
        await pilot.press("space")
        await until_shown(pilot, "1 of 2 sets go along")
        await pilot.press("c", "c", "escape")
        await until_shown(pilot, "guide off")
        await ask(pilot, "boats?")
        assert ids(server.received[-1]) == ["news.md#2", "news.md#3"]
        assert server.received[-1].body["citation_options"] == {"mode": "ACCURATE"}
        await listed(pilot, app)
        await pilot.press("a", "escape")
        await ask(pilot, "boats?")
        assert ids(server.received[-1]) == ["hours.md#1", "hours.md#2", "b.md#1", "news.md#1", "news.md#2"]


async def test_the_commands_do_what_the_keys_do() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        app.commands.run("/docs off guide")
        assert said(app) == "no documents: start with --docs FILE"
        app.conversation.library = town()
        for words, answered in (
            ("/docs off guide", "without set guide from the next turn on"),
            ("/docs off news.md", "without news.md from the next turn on"),
            ("/docs only news", "only with set news from the next turn on"),
            ("/docs only b.md", "there is no set `b.md`; the sets are guide, news"),
            ("/docs off hour.md", "there is no set or document `hour.md`; did you mean `hours.md`?"),
            ("/docs reload", "the documents of a recording are as they were: nothing is read again"),
            ("/docs all", "all documents go along from the next turn on, and none is pinned"),
            ("/citations accurate", "citations accurate from the next turn on"),
        ):
            app.commands.run(words)
            await until(pilot, lambda answered=answered: said(app) == answered)  # type: ignore[misc]
        assert not app.conversation.choices
        app.commands.run("/docs are useful.")
        assert "takes on, off or only" in said(app)
        assert app.conversation.options.parameters["citation_options"] == {"mode": "ACCURATE"}


@asynccontextmanager
async def on_files(folder: Path, size: tuple[int, int], *docs: str) -> AsyncIterator[tuple[WorkbenchApp, AppPilot]]:
    environ = {"HOME": str(folder)}
    named = [word for each in docs for word in ("--docs", str(folder / each))]
    plan = read_plan(parse(["--offline", *named], environ), environ, docs_later=True)
    app = screen(plan, environ)
    async with app.run_test(size=size) as pilot:
        await app.asking.ready.wait()
        yield app, pilot


async def test_files_are_read_again_added_and_opened_at_their_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("suspend_application_mode", "resume_application_mode"):
        monkeypatch.setattr(HeadlessDriver, name, lambda _: None)
    monkeypatch.setattr(HeadlessDriver, "can_suspend", property(lambda _: True))
    editor = tmp_path / "editor"
    editor.write_text(f'#!/bin/sh\necho "$@" > {tmp_path}/told\nprintf "\\n# Three\\n\\nHam.\\n" >> "$2"\n')
    editor.chmod(0o700)
    monkeypatch.setenv("VISUAL", str(editor))
    notes = tmp_path / "notes"
    notes.mkdir()
    (notes / "a.md").write_text("# One\n\nTea.\n\n# Two\n\nMilk.\n")
    (notes / "b.bin").write_bytes(b"\xff\x00")
    (tmp_path / "more").mkdir()
    (tmp_path / "more" / "c.md").write_text("Cheese.\n")
    monkeypatch.chdir(tmp_path)
    async with on_files(tmp_path, (120, 40), "notes") as (app, pilot):
        await listed(pilot, app)
        await until_shown(pilot, "a.md", "1 left out", "with every question: 2 passages")
        await pilot.press("end", "enter", "down")
        await until_shown(pilot, "b.bin · ")
        await pilot.press("home", "down", "enter")
        await until_shown(pilot, "line 5-7")
        await pilot.press("down", "down", "ctrl+g")
        await until(pilot, lambda: said(app) == "documents read again: notes: 1 changed")
        assert (tmp_path / "told").read_text() == f"+5 {notes}/a.md\n"
        await until_shown(pilot, "Three", "with every question: 3 passages")
        await pilot.press("r")
        await until(pilot, lambda: said(app) == "nothing has changed in the documents")
        await pilot.press("+", *"mo")
        await until_shown(pilot, "more/")
        await pilot.press("tab", "enter")
        await until(pilot, lambda: said(app) == "documents read again: more is new, with 1 document")
        await until_shown(pilot, "2 of 2 sets go along", "more")
        await pilot.press("+", *"nowhere", "enter")
        await until(pilot, lambda: "nowhere" in said(app))
        assert app.conversation.library is not None and app.conversation.library.in_short() == "notes 3, more 1"
        await pilot.press("escape")
        await ask(pilot, "What is there?")
    from workbench.sessions.folder import session_paths, sessions_folder
    from workbench.sessions.session_files import noted_files

    [path] = session_paths(sessions_folder({"HOME": str(tmp_path)}))
    assert [each.name for each in noted_files(path).docs] == ["notes", "more"]


async def test_what_is_watched_is_read_again_by_itself(tmp_path: Path) -> None:
    (tmp_path / "a.md").write_text("Tea.\n")
    (tmp_path / "docs.yaml").write_text("files: '*.md'\nwatch: true\n")
    async with on_files(tmp_path, (80, 24), "docs.yaml") as (app, _):
        changed = 0
        while not said(app).startswith("documents read again: docs: 1 changed"):  # the watcher begins when it does
            changed += 1
            (tmp_path / "a.md").write_text(f"Tea {changed}.\n")
            await asyncio.sleep(0.2)  # of the time in which files are watched
            assert changed < 100
        assert app.conversation.library is not None
        retrieved = app.conversation.library.retrieve("?")
        assert retrieved[0].passage.text != "Tea."


async def test_a_large_set_holds_up_no_key(monkeypatch: pytest.MonkeyPatch) -> None:
    texts = [f"word {number}" for number in range(40)]
    many = [each for file in range(2000) for each in passages("large", f"page{file}.md", texts[: 1 + file % 40])]
    many += passages("large", "one.md", [f"row {number}" for number in range(20_000)])
    app = workbench_app(documents=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: not app.loading)
        app.conversation.library = Library([DocumentSet("large", tuple(many), RetrievalSpec("keyword", 8))])
        late = held_up(monkeypatch)
        await listed(pilot, app)
        await until_shown(pilot, "2,001 documents", "page3.md")
        await pilot.press("end")
        await until_shown(pilot, "1,501 more documents")
        await pilot.press("enter", "end", "enter", "end")
        await until_shown(pilot, "one.md")
        await pilot.press("enter", "end")
        await until_shown(pilot, "19,800 more passages")
        await pilot.press("enter", "end")
        await until_shown(pilot, "19,400 more passages")
        assert 0 < late[0] < 0.5, "a slice of it at a time"


def held_up(monkeypatch: pytest.MonkeyPatch) -> list[float]:
    """The longest that the event loop was held up by one step, in seconds of its own thread's work; it grows."""
    longest, run = [0.0], asyncio.Handle._run

    def measured(step: asyncio.Handle) -> None:
        before = time.thread_time()
        run(step)
        longest[0] = max(longest[0], time.thread_time() - before)

    monkeypatch.setattr(asyncio.Handle, "_run", measured)
    return longest


async def test_sources_name_their_set_and_say_what_was_pinned() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=(80, 24)) as pilot, served(app, answer):
        await until(pilot, lambda: not app.loading)
        app.conversation.library = library = town()
        app.conversation.choices = NOTHING_CHOSEN.pin_switched(library.shelves[1].passages[-1])
        await ask(pilot, "boats?")
        await pilot.press("f4", "z")
        await until_shown(pilot, "news · pinned · news.md:6", "guide · hours.md:1", "news · news.md:1")


@pytest.mark.parametrize("width", [24, 30, 36, 44, 52, 80])
@pytest.mark.parametrize("title", ["Trains › Night train", "Trains › What the night train costs on a holiday in May"])
def test_a_pinned_source_says_so_at_every_width(width: int, title: str) -> None:
    id = "notes/timetable.md#1"
    entry = LedgerEntry(id, None, "document", id, title, "22:15", "notes/timetable.md", (6, 8), sent=True, pinned=True)
    row = AskedSource(entry, (), "", names_set=False).row(None)
    shown, missing = row._head(width)
    assert "pinned" in shown.plain
    assert "timetable.md" in f"{shown.plain}{missing}"


async def at_once(app: WorkbenchApp, pilot: AppPilot, *keys: str) -> None:
    """Press keys as they come when somebody types faster than anything is shown."""
    for key in keys:
        app.post_message(Key(key, key if len(key) == 1 else None))
    await settled(pilot)


@pytest.mark.parametrize("size", SIZES)
async def test_no_key_is_lost_while_the_list_opens(size: tuple[int, int]) -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: not app.loading)
        app.conversation.library = town()
        await pilot.press("f4")
        await settled(pilot)
        await at_once(app, pilot, "D", "escape")
        await until(pilot, lambda: not isinstance(app.screen, DocumentsScreen))
        await at_once(app, pilot, "D", "space", "escape", "D", "down", "space", "up", "space", "escape")
        await until(pilot, lambda: not isinstance(app.screen, DocumentsScreen))
        assert app.conversation.choices == NOTHING_CHOSEN.set_switched("news")
        await at_once(app, pilot, "D", "a", "end", "o", "q")
        await until(pilot, lambda: not isinstance(app.screen, DocumentsScreen))
        assert app.conversation.choices == NOTHING_CHOSEN.set_switched("guide")


async def test_who_stands_where_documents_are_being_read_stands_on_the_first_of_them(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    may_go_on = threading.Event()

    def slowly(shelf: Shelf) -> tuple[Outlined, ...]:
        assert may_go_on.wait(60)
        return outline(shelf)

    monkeypatch.setattr(documents, "outline", slowly)
    app = workbench_app(documents=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        whole = town()
        app.conversation.library = whole.only({"guide"})
        await pilot.press("f4")
        await settled(pilot)
        await at_once(app, pilot, "D", "down", "space")
        assert "the documents are still being read" in said(app)
        assert not app.conversation.choices, "what is not there yet is not switched, and nothing else in its place"
        may_go_on.set()
        await until_shown(pilot, "hours.md", "b.md")
        await pilot.press("space")
        assert app.conversation.choices == NOTHING_CHOSEN.document_switched("guide", "hours.md")


class Away(InMemory):
    """A set whose passages cannot be read now, as one of a store to which no way leads any more."""

    @property
    def passages(self) -> Sequence[Passage]:
        raise DocumentsAway("the store s3://team/docs cannot be reached: nothing answers there")

    @property
    def sends_all(self) -> bool:
        return False

    def search(self, query: Query, most: int | None = None) -> list[tuple[Passage, float]]:
        return [(passage, 0.0) for passage in self.passages]


async def test_documents_that_cannot_be_read_now_are_said_to_be_away() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: not app.loading)
        app.conversation.library = Library([Away(DocumentSet("news", (), RetrievalSpec("keyword")))])
        app.prompt.insert("boats?")
        await listed(pilot, app)
        await until_shown(pilot, "cannot be reached: nothing answers there")
        await pilot.press("space")
        assert app.conversation.choices == NOTHING_CHOSEN.set_switched("news"), "the list goes on"
