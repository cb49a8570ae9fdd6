"""Other screens over the main one, and what is taken along: nothing hidden, nothing left standing, nothing lost."""

from __future__ import annotations

import threading
from pathlib import Path

import pytest
from textual.command import CommandList
from textual.drivers.headless_driver import HeadlessDriver

from tests.ui.harness import Starts, ask, said, screen_text, settled, until, until_shown, workbench_app
from tests.ui.test_key_order import write

SIZES = [(120, 40), (80, 24), (60, 15), (30, 8)]


@pytest.mark.parametrize("size", SIZES)
async def test_help_wraps_each_column_in_its_own(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        await pilot.press("f1")
        await until_shown(pilot, "Where you type")
        lines = screen_text(app).split("\n")
        enter = next(n for n, line in enumerate(lines) if line.strip().startswith("Enter"))
        first = enter if "send" in lines[enter] else enter + 1
        column = lines[first].index("send")
        assert column > lines[enter].index("Enter")
        below = lines[first + 1]
        assert "Ctrl+J" in below or below.index(below.strip()) == column


@pytest.mark.parametrize("size", SIZES)
async def test_the_tools_are_listed_on_a_screen_of_their_own(size: tuple[int, int]) -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=size) as pilot:
        app.commands.run("/tools")
        await until_shown(pilot, "Tools", "opening_hours")
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


@pytest.mark.parametrize("size", SIZES)
async def test_the_documents_are_listed_on_a_screen_of_their_own(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: not app.loading)
        app.commands.run("/docs")
        await until_shown(pilot, "Documents", "guide/hours.md")
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


async def test_the_active_tab_is_named_however_narrow_the_screen() -> None:
    app = workbench_app()
    async with app.run_test(size=(30, 8)) as pilot:
        for key, name in (("f3", "Tools"), ("f4", "Sources"), ("f5", "Events"), ("f6", "Request")):
            await pilot.press(key)
            await until_shown(pilot, f"{name}]")


async def test_a_long_question_leaves_room_to_read_on_a_small_screen() -> None:
    app = workbench_app()
    async with app.run_test(size=(30, 8)) as pilot:
        app.prompt.insert("many words " * 30)
        await pilot.pause(0.1)
        assert app.prompt.region.height == 2
        assert app.chat.region.height >= 3


async def test_a_selection_is_what_is_copied() -> None:
    app = workbench_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        lines = screen_text(app).split("\n")
        y = next(number for number, line in enumerate(lines) if "the doors" in line[:70])
        x = lines[y].index("doors")
        await pilot.mouse_down(offset=(x, y))
        await pilot.hover(offset=(x + 5, y))
        await pilot.mouse_up(offset=(x + 5, y))
        await pilot.pause()
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "OSC 52" in said(app))
        assert app.clipboard.startswith("doors")
        assert len(app.clipboard) < 10
        await pilot.press("ctrl+c")
        await until(pilot, lambda: "Ctrl+C again quits" in said(app))


@pytest.fixture
def editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """One that adds words to what it is given, and a driver without a terminal that can be lent to it."""
    for name in ("suspend_application_mode", "resume_application_mode"):
        monkeypatch.setattr(HeadlessDriver, name, lambda _: None)
    monkeypatch.setattr(HeadlessDriver, "can_suspend", property(lambda _: True))
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf " and \\"more\\"\\n" >> "$1"\n')
    editor.chmod(0o700)
    monkeypatch.setenv("VISUAL", "")
    monkeypatch.setenv("EDITOR", str(editor))
    return editor


async def test_the_question_is_written_in_an_editor(monkeypatch: pytest.MonkeyPatch, editor: Path) -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        app.prompt.insert("words")
        monkeypatch.setenv("EDITOR", "")
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "set $EDITOR" in said(app))
        monkeypatch.setenv("EDITOR", str(editor))
        await pilot.press("ctrl+g")
        await until(pilot, lambda: app.prompt.text == 'words and "more"')
        monkeypatch.setenv("EDITOR", "/nowhere/editor --wait")
        await pilot.press("ctrl+g")
        await until(pilot, lambda: "failed" in said(app))
        assert app.prompt.text == 'words and "more"'
        await pilot.press("ctrl+underscore")
        assert app.prompt.text == "words"


@pytest.mark.usefixtures("editor")
async def test_what_is_typed_before_the_key_of_the_editor_is_in_it_and_what_comes_behind_is_behind() -> None:
    """Also while the documents are still being read."""
    app, is_typed = workbench_app(), threading.Event()
    assert isinstance(app._startup, Starts)
    app._startup._prepare = lambda: None if is_typed.wait(60) else pytest.fail("the keys never came")
    async with app.run_test(size=(80, 24)) as pilot:
        assert app.loading
        write(app, b"words\x07, and so on\x1b[D\x07!")
        await until(pilot, lambda: app.prompt.text.endswith("!"))
        assert app.prompt.text == 'words and "more", and so on and "more"!'
        write(app, b"\x15draft\x12looked for\x07")  # the editor gets the draft, and not what is looked for
        await until(pilot, lambda: app.prompt.text == 'draft and "more"')
        is_typed.set()


@pytest.mark.parametrize("size", [(60, 20), (80, 24)])
async def test_a_row_of_the_palette_is_one_line(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        await ask(pilot, "When does the library open?")
        await pilot.press("ctrl+p", *"line")
        await until_shown(pilot, "New line in the question")
        await settled(pilot)
        [row] = [line for line in screen_text(app).split("\n") if "New line" in line]
        keys = ["Ctrl+J", "Shift+Enter", "Alt+Enter"]
        assert [key for key in keys if key in screen_text(app)] == [key for key in keys if key in row]
        assert "Ctrl+J" in row


async def test_what_is_searched_in_stays_where_it_is() -> None:
    app = workbench_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f1")
        await until_shown(pilot, "/ searches")
        where = app.screen.query_one("#search").region.y
        await pilot.press("slash", *"citation")
        await until_shown(pilot, "/citation")
        await settled(pilot)
        assert app.screen.query_one("#search").region.y == where


@pytest.mark.parametrize(("size", "most"), [((80, 24), 14), ((120, 40), 21)])
async def test_the_palette_leaves_what_one_is_in_on_the_screen(size: tuple[int, int], most: int) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        await pilot.press("ctrl+p")
        await until_shown(pilot, "Search for commands", "Back to the shell")
        palette = app.screen
        held = palette.query_one(CommandList).region.union(palette.query_one("#--input").region)
        assert held.height <= most
        last = screen_text(app).split("\n")[-1]
        assert "F1 help" in last
        assert sum(not held.contains(0, row) and not held.contains(size[0] // 2, row) for row in range(size[1])) >= 3
