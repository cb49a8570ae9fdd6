"""Questions of tools, and other screens over the main one: nothing hidden, nothing left standing, nothing lost."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from tests.loopback import message, stream
from tests.ui.harness import AppPilot, ask, said, screen_text, served, until, until_shown, workbench_app
from workbench.tools.people import AnswerRequest, ApprovalRequest
from workbench.ui.app import WorkbenchApp
from workbench.ui.screen_person import ScreenPerson, ask_trust
from workbench.ui.screens import tool_questions
from workbench.ui.screens.tool_questions import ToolQuestion

SIZES = [(120, 40), (80, 24), (60, 15), (30, 8)]


def request(text: str = "short") -> ApprovalRequest:
    what = "runs the Python function count"
    return ApprovalRequest("c1", "word_count", what, "file", Path("/t.yaml"), {"text": text})


async def asked(pilot: AppPilot, app: WorkbenchApp, text: str) -> asyncio.Task[bool]:
    task = asyncio.create_task(ScreenPerson(app, lambda *_: None, app.stage.keymap).approve(request(text)))
    await until(pilot, lambda: isinstance(app.screen, ToolQuestion))
    return task


@pytest.fixture(autouse=True)
def hearing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tool_questions, "DEAF_SECONDS", 0.0)


@pytest.mark.parametrize("size", SIZES)
async def test_a_long_question_keeps_its_answer_in_view_and_says_how_much_is_hidden(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        task = await asked(pilot, app, "lorem ipsum " * 400 + "THEEND")
        await until_shown(pilot, "May word_count run?", "more lines below", "type yes to allow")
        for _ in range(400):
            await pilot.press("pagedown")
            if "THEEND" in screen_text(app):
                break
        assert "THEEND" in screen_text(app)
        await pilot.press(*"yes", "enter")
        assert await task


async def test_what_a_yes_allows_is_said_before_the_arguments() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, "lorem ipsum " * 400)
        await until_shown(pilot, "A yes allows every tool of this file")
        await pilot.press("enter")
        assert not await task


@pytest.mark.parametrize("keys", [["y", "enter"], ["enter"], ["escape"], ["Y", "E", "S", "!", "enter"]])
async def test_anything_but_yes_is_a_no(keys: list[str]) -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, "x")
        await pilot.press(*keys)
        assert not await task


@pytest.mark.parametrize(("key", "allows"), [("ctrl+k", True), ("enter", False)])
async def test_a_question_is_answered_and_refused_by_the_keys_that_mean_that(key: str, allows: bool) -> None:
    """Also by one that edits the answer, and Enter no longer answers."""
    app = workbench_app(keys={"answer": ["ctrl+k"], "refuse": ["enter"]})
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, "x")
        await pilot.press(*"yes", key)
        assert await task == allows


async def test_a_question_names_the_keys_that_it_has() -> None:
    keys: dict[str, list[str]] = {
        "answer": ["ctrl+k"],
        "refuse": ["ctrl+r"],
        "question-down": [],
        "question-page-down": ["f9"],
    }
    app = workbench_app(keys=keys)
    async with app.run_test(size=(80, 24)) as pilot:
        approval = await asked(pilot, app, "lorem ipsum " * 400)
        await until_shown(pilot, "more lines below: F9", "type yes to allow; ^K or ^R denies")
        await pilot.press("ctrl+r")
        assert not await approval
        answer = asyncio.create_task(app.stage.person().answer(AnswerRequest("c2", "colour", "Which?", {})))
        await until_shown(pilot, "What does colour return?", "^K sends it; ^R refuses")
        await pilot.press(*"blue", "ctrl+k")
        assert await answer == "blue"
        trusts = asyncio.create_task(ask_trust(app, app.stage.keymap, Path("/t.yaml"), ["a wish"]))
        await until_shown(pilot, "Do you trust t.yaml?", "type yes to trust it; ^K or ^R ends the program")
        await pilot.press("ctrl+r")
        assert not await trusts


async def test_keys_that_a_question_does_not_have_are_not_named() -> None:
    app = workbench_app(keys={"refuse": [], "question-down": [], "question-page-down": []})
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, "lorem ipsum " * 400)
        await until_shown(pilot, "more lines below", "type yes to allow; Enter denies")
        assert "lines below:" not in screen_text(app)
        await pilot.press("enter")
        assert not await task


async def test_a_question_that_was_given_up_goes_with_whatever_stands_over_it() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, "x")
        await pilot.press("ctrl+p")
        await until(pilot, lambda: len(app.screen_stack) == 3)
        task.cancel()
        await until(pilot, lambda: len(app.screen_stack) == 1)
        await ask(pilot, "When do the doors open on Saturdays?")


async def test_ctrl_c_in_a_question_stops_the_turn() -> None:
    app = workbench_app(tools=True)
    script = [stream(message(tool_calls=[("c1", "ask_a_person", "{}")]))]
    async with app.run_test(size=(80, 24)) as pilot, served(app, script):
        app.prompt.insert("?")
        await pilot.press("enter")
        await until(pilot, lambda: isinstance(app.screen, ToolQuestion))
        await pilot.press("ctrl+c")
        await until_shown(pilot, "■ cancelled")
        assert len(app.screen_stack) == 1


@pytest.mark.parametrize("size", SIZES)
async def test_help_wraps_each_column_in_its_own(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        await pilot.press("f1")
        await until_shown(pilot, "Questions")
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


async def test_the_active_tab_is_named_however_narrow_the_screen() -> None:
    app = workbench_app()
    async with app.run_test(size=(30, 8)) as pilot:
        for key, name in (("f3", "Tools"), ("f4", "Sources"), ("f5", "Events"), ("f6", "Request")):
            await pilot.press(key)
            await until_shown(pilot, f"[{name}]")


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


async def test_the_question_is_written_in_an_editor(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    editor = tmp_path / "editor"
    editor.write_text('#!/bin/sh\nprintf " and \\"more\\"\\n" >> "$1"\n')
    editor.chmod(0o700)
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        monkeypatch.setattr(type(app._driver), "can_suspend", property(lambda _: True))
        for name in ("suspend_application_mode", "resume_application_mode"):
            monkeypatch.setattr(type(app._driver), name, lambda _: None)
        app.prompt.insert("words")
        monkeypatch.setenv("VISUAL", "")
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
