"""Questions of tools, over the prompt: nothing covered, nobody interrupted, nothing allowed by chance."""

from __future__ import annotations

import asyncio
import itertools
from pathlib import Path

import pytest
from textual.events import Paste

from tests.loopback import message, stream
from tests.ui.harness import (
    AppPilot,
    ask,
    in_focus,
    listens,
    rows_of,
    screen_text,
    served,
    until,
    until_shown,
    workbench_app,
)
from workbench.errors import ToolError
from workbench.tools.decisions import Decision
from workbench.tools.people import AnswerRequest, ApprovalRequest
from workbench.ui.app import WorkbenchApp
from workbench.ui.screen_person import ScreenPerson, ask_trust
from workbench.ui.widgets import question_dock

SIZES = [(120, 40), (80, 24), (60, 15), (30, 8)]
NEVER = 1000.0  # seconds


def request(text: str = "short") -> ApprovalRequest:
    what = "runs the Python function count"
    return ApprovalRequest("c1", "word_count", what, "file", Path("/t.yaml"), {"text": text})


async def allowed(app: WorkbenchApp, text: str) -> bool:
    """Whether the person at the screen allows anything."""
    return (await ScreenPerson(app.stage, lambda *_: None).approve(request(text))).scope is not None


async def asked(pilot: AppPilot, app: WorkbenchApp, text: str) -> asyncio.Task[bool]:
    """A question whether a tool may run, which has the keys unless somebody types."""
    await until(pilot, lambda: in_focus(app) is not None)
    task = asyncio.create_task(allowed(app, text))
    await until(pilot, lambda: listens(app) or question_dock.PAUSE_SECONDS == NEVER)
    await until_shown(pilot, "word_count")
    return task


@pytest.fixture(autouse=True)
def at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody types, and what is pressed is meant."""
    for name in ("PAUSE_SECONDS", "SETTLED_SECONDS", "DEAF_SECONDS", "NO_SECONDS"):
        monkeypatch.setattr(question_dock, name, 0.01)
    monkeypatch.setattr(question_dock, "HINT_SECONDS", 0.0)


@pytest.fixture
def somebody_types(monkeypatch: pytest.MonkeyPatch) -> None:
    """There is no pause in which a question could take the keys."""
    monkeypatch.setattr(question_dock, "PAUSE_SECONDS", NEVER)


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
        await until_shown(pilot, "yes: every tool of this file, until it changes")
        await pilot.press("escape")
        assert not await task


@pytest.mark.parametrize("keys", [["enter"], ["y", "enter"], ["y", "e", "enter"], ["backspace"], ["space", "enter"]])
async def test_what_is_neither_yes_nor_no_leaves_the_question_open(keys: list[str]) -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, "x")
        await pilot.press(*keys)
        await pilot.pause()
        assert not task.done()
        await until(pilot, lambda: listens(app) or app.prompt.text != "")
        task.cancel()


@pytest.mark.parametrize("keys", [["escape"], ["n"], ["N"], ["n", "enter"], ["n", "o", "enter"], ["y", "escape"]])
async def test_it_is_refused_by_escape_or_an_n_alone(keys: list[str]) -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, "x")
        await pilot.press(*keys)
        assert not await asyncio.wait_for(task, 10)
        assert app.prompt.text == ""


@pytest.mark.parametrize("keys", [["y", "e", "s"], ["Y", "E", "S"], ["y", "x", "backspace"]])
async def test_it_is_allowed_by_yes_alone(keys: list[str]) -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, "x")
        await pilot.press(*keys)
        if keys[-1] == "s" or keys[-1] == "S":
            await pilot.press("enter")
            assert await task
        else:
            assert app.prompt.text == "y"
            task.cancel()


@pytest.mark.parametrize(
    ("typed", "decision"),
    [
        ("once", Decision("once")),
        ("tool", Decision("tool")),
        ("Session", Decision("session")),
        ("no, ask for Bergen", Decision(None, "ask for Bergen")),
    ],
)
async def test_how_far_it_is_allowed_or_why_not_is_typed_out(
    typed: str, decision: Decision, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(question_dock, "NO_SECONDS", NEVER)
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        task = asyncio.create_task(ScreenPerson(app.stage, lambda *_: None).approve(request()))
        await until(pilot, lambda: listens(app))
        await until_shown(pilot, "once: this call only", "tool: this tool", "session: this file's tools", "no REASON")
        await pilot.press(*typed, "enter")
        assert await task == decision
        assert app.prompt.text == ""


async def test_nothing_answers_in_the_first_moment_even_if_it_was_asked_to_listen(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(question_dock, "PAUSE_SECONDS", NEVER)
    monkeypatch.setattr(question_dock, "DEAF_SECONDS", NEVER)
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, "x")
        await pilot.press("tab", *"yes", "enter")
        assert listens(app)
        assert not task.done()
        task.cancel()


@pytest.mark.parametrize("typed", ["yesterday", "now", "never mind", "which", "y o", "the train?", "on it"])
async def test_a_question_that_is_begun_meanwhile_goes_on_in_the_prompt(
    typed: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its first letters may look like an answer."""
    monkeypatch.setattr(question_dock, "NO_SECONDS", NEVER)
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, "x")
        monkeypatch.setattr(question_dock, "PAUSE_SECONDS", NEVER)
        await pilot.press(*["space" if character == " " else character for character in typed])
        await until(pilot, lambda: app.prompt.text == typed)
        assert in_focus(app) is app.prompt
        assert not task.done()
        task.cancel()


async def test_it_comes_back_once_what_it_passed_on_is_sent_or_taken_away() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, "x")
        await pilot.press(*"yesterday")
        await until(pilot, lambda: app.prompt.text == "yesterday" and not listens(app))
        await pilot.press("ctrl+u")
        await until(pilot, lambda: listens(app))
        await pilot.press("n")
        assert not await asyncio.wait_for(task, 10)


async def test_it_takes_the_keys_in_a_pause_once_the_prompt_has_the_focus_without_a_key() -> None:
    """As from the question before it, which is still closing when this one comes, or by the mouse."""
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until(pilot, lambda: in_focus(app) is app.prompt)
        await pilot.press("f4")
        await until(pilot, lambda: in_focus(app) is rows_of(app, "sources"))
        task = asyncio.create_task(allowed(app, "x"))
        await until_shown(pilot, "word_count")
        await pilot.pause(1)
        assert not listens(app)
        app.prompt.focus()
        await until(pilot, lambda: listens(app))
        task.cancel()


async def test_a_paste_never_answers_and_is_not_lost() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, "x")
        app.post_message(Paste("yes\r\nand more"))
        await until(pilot, lambda: app.prompt.text == "yes\nand more")
        assert not task.done()
        task.cancel()


async def test_a_result_is_pasted_whole() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        asks = AnswerRequest("c1", "train_status", "Whether a train is on time.", {})
        task = asyncio.create_task(ScreenPerson(app.stage, lambda *_: None).answer(asks))
        await until(pilot, lambda: listens(app))
        await pilot.press(*"It says ")
        app.post_message(Paste('{\r\n  "late": 7\n}\n'))
        await pilot.press("enter")
        assert await task == 'It says {   "late": 7 }'


@pytest.mark.usefixtures("somebody_types")
async def test_keys_that_are_under_way_are_the_prompts() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, "x")
        await until_shown(pilot, "Tab to answer")
        await pilot.press(*"yes n")
        assert app.prompt.text == "yes n"
        app.post_message(Paste("yes"))
        await until(pilot, lambda: app.prompt.text == "yes nyes")
        assert not listens(app)
        await pilot.press("tab", *"yes", "enter")
        assert await task
        assert app.prompt.text == "yes nyes"
        assert in_focus(app) is app.prompt


async def test_a_draft_keeps_the_keys_until_it_is_sent(monkeypatch: pytest.MonkeyPatch) -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        app.prompt.insert("a draft")
        monkeypatch.setattr(question_dock, "PAUSE_SECONDS", 0.01)
        task = asyncio.create_task(allowed(app, "x"))
        await until_shown(pilot, "May word_count run?")
        await pilot.pause(0.1)
        assert not listens(app)
        await pilot.press("ctrl+u")
        await until(pilot, lambda: listens(app))
        task.cancel()


async def test_nobody_who_walks_in_a_pane_is_interrupted() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        await pilot.press("f4")
        here = in_focus(app)
        task = asyncio.create_task(allowed(app, "x"))
        await until_shown(pilot, "Tab to answer")
        await pilot.press("j", "k")
        await pilot.pause(0.1)
        assert in_focus(app) is here
        await pilot.press("tab")
        assert listens(app)
        await pilot.press("escape")
        assert not await task
        assert in_focus(app) is here


@pytest.mark.parametrize("wants", ["yes", "text"])
async def test_the_key_of_the_hint_answers_although_the_question_took_the_keys_meanwhile(
    monkeypatch: pytest.MonkeyPatch, wants: str
) -> None:
    """Who read "Tab to answer" and presses it a moment later is not led away; who presses it again walks on."""
    monkeypatch.setattr(question_dock, "HINT_SECONDS", NEVER)
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        person = ScreenPerson(app.stage, lambda *_: None)
        asks = allowed(app, "short") if wants == "yes" else person.answer(AnswerRequest("c1", "ask_me", ""))
        task: asyncio.Task[bool | str] = asyncio.create_task(asks)
        await until(pilot, lambda: listens(app))
        await pilot.press("tab")
        assert listens(app)
        await pilot.press("tab")
        assert not listens(app)
        await until_shown(pilot, "Tab to answer")
        await pilot.press("tab")
        assert listens(app)
        await pilot.press("tab")
        assert not listens(app)  # it was asked to: the key leads on at once
        await pilot.press("tab", *"yes", "enter")
        assert await task
        assert in_focus(app) is app.chat.view


async def test_the_panes_can_be_read_while_a_question_waits() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, "x")
        await pilot.press("f3")
        assert in_focus(app) is app.tools.rows
        await pilot.press("tab")
        assert listens(app)
        await pilot.press("shift+tab")
        assert in_focus(app) is app.prompt
        await pilot.pause(0.1)
        assert not listens(app)
        await pilot.press("tab", "tab")
        assert in_focus(app) is app.chat.view
        task.cancel()


async def test_what_answers_in_the_moment_in_which_it_appears_does_not_count(monkeypatch: pytest.MonkeyPatch) -> None:
    app = workbench_app()
    monkeypatch.setattr(question_dock, "SETTLED_SECONDS", NEVER)
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, "x")
        await pilot.press(*"yes", "enter", "escape")
        assert not task.done()
        monkeypatch.setattr(question_dock, "SETTLED_SECONDS", 0.0)
        await pilot.press("enter")
        assert await task


@pytest.mark.parametrize("size", SIZES)
async def test_a_question_covers_neither_the_prompt_nor_the_panes(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        task = await asked(pilot, app, "x " * 2000)
        question = app.stage.question
        assert question is not None
        # What a question takes is laid out anew when it has been drawn once: its last layout is what counts.
        await until(pilot, lambda: app.stage.prompt_row.region.bottom <= size[1])
        regions = [app.chat.region, question.region, app.stage.prompt_row.region]
        assert all(above.bottom <= below.y for above, below in itertools.pairwise(regions))
        if size[1] >= 24:
            assert app.chat.region.height >= 4
        task.cancel()


async def test_an_empty_line_is_no_result() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        answer = asyncio.create_task(app.stage.person().answer(AnswerRequest("c2", "colour", "Which?", {})))
        await until(pilot, lambda: listens(app))
        await pilot.press("enter", "n")
        await pilot.pause()
        assert not answer.done()
        await pilot.press("escape")
        with pytest.raises(ToolError):
            await answer


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
        await until_shown(pilot, "more lines below: F9", "type yes to allow, then ^K · n or ^R denies")
        await pilot.press("ctrl+r")
        assert not await approval
        answer = asyncio.create_task(app.stage.person().answer(AnswerRequest("c2", "colour", "Which?", {})))
        await until_shown(pilot, "What does colour return?", "type the result, then ^K · ^R refuses")
        await pilot.press(*"blue", "ctrl+k")
        assert await answer == "blue"
        trusts = asyncio.create_task(ask_trust(app.stage, Path("/t.yaml"), ["a wish"]))
        await until_shown(pilot, "Do you trust t.yaml?", "type yes to trust it, then ^K · n or ^R ends the program")
        await pilot.press("ctrl+r")
        assert not await trusts


async def test_keys_that_a_question_does_not_have_are_not_named() -> None:
    app = workbench_app(keys={"refuse": [], "question-down": [], "question-page-down": []})
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, "lorem ipsum " * 400)
        await until_shown(pilot, "more lines below", "type yes to allow, then Enter · n denies")
        assert "lines below:" not in screen_text(app)
        await pilot.press("n")
        assert not await task


async def test_a_question_that_was_given_up_goes_from_under_whatever_stands_over_it() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        task = await asked(pilot, app, "x")
        await pilot.press("ctrl+p")
        await until(pilot, lambda: len(app.screen_stack) == 2)
        task.cancel()
        await until(pilot, lambda: app.stage.question is None)
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1 and in_focus(app) is app.prompt)
        await ask(pilot, "When do the doors open on Saturdays?")


async def test_ctrl_c_in_a_question_stops_the_turn() -> None:
    app = workbench_app(tools=True)
    script = [stream(message(tool_calls=[("c1", "ask_a_person", "{}")]))]
    async with app.run_test(size=(80, 24)) as pilot, served(app, script):
        app.prompt.insert("?")
        await pilot.press("enter")
        await until(pilot, lambda: listens(app))
        await pilot.press("ctrl+c")
        await until_shown(pilot, "■ cancelled")
        assert app.stage.question is None
