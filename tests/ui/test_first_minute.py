"""The first sixty seconds: an empty chat that says what to do, a last row that names the keys, brackets that walk."""

from __future__ import annotations

import pytest
from textual import events

from tests.ui.harness import ask, in_focus, rows_of, screen_text, settled, until, until_shown, workbench_app
from workbench.ui.screens.help import HelpScreen
from workbench.ui.widgets import status_line
from workbench.ui.widgets.bracket_walk import AT_ONCE_SECONDS, BracketWalk
from workbench.ui.widgets.status_line import Notice

SIZES = [pytest.param((120, 40), id="120x40"), pytest.param((80, 24), id="80x24")]
both_sizes = pytest.mark.parametrize("size", SIZES)
QUESTION = "When does the library open?"


def last_row(text: str) -> str:
    return text.rstrip("\n").split("\n")[-1]


# -- an empty chat ---------------------------------------------------------------------------------------------------


@both_sizes
async def test_an_empty_chat_suggests_questions_and_asks_one_at_a_key(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        await until_shown(pilot, "Alt+1  What are the hours?", "Alt+3", "F1 help")
        await pilot.press("alt+2")
        await until(pilot, lambda: bool(app.conversation.turns) and not app.busy)
        assert app.conversation.turns[0].prompt == app.stage.suggestions[1]
        assert "Alt+1" not in screen_text(app)
        await pilot.press("alt+1")
        await settled(pilot)
        assert len(app.conversation.turns) == 1


async def test_without_documents_nothing_is_suggested() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(pilot, "it is not a language model", "Enter ask")
        assert "Alt+1" not in screen_text(app)


# -- the last row ----------------------------------------------------------------------------------------------------


@both_sizes
async def test_the_last_row_names_the_keys_that_work_here(size: tuple[int, int]) -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=size) as pilot:
        await until_shown(pilot, "F1 help")
        assert "citations" not in last_row(screen_text(app))
        await ask(pilot, QUESTION)
        await until_shown(pilot, "] citations")
        await pilot.press("x")
        await until(pilot, lambda: "citations" not in last_row(screen_text(app)))
        await pilot.press("backspace", "f2")
        await until_shown(pilot, "z zoom", "] citations")
        await pilot.press("f4")
        await until_shown(pilot, "Space open")
        assert "citations" not in last_row(screen_text(app))


async def test_what_is_said_stands_in_the_last_row_until_it_was_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(status_line, "READ_SECONDS", 0.001)
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(pilot, "F1 help")
        await pilot.press("ctrl+c")
        await until_shown(pilot, "Ctrl+C again quits")
        assert last_row(screen_text(app)).strip() == "Ctrl+C again quits"
        await pilot.press("x")
        await until(pilot, lambda: "again quits" not in screen_text(app))
        assert app.prompt.text == "x"


async def test_an_error_and_a_word_behind_it_are_both_seen() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        app.say("first " + "word " * 20, severity="error")
        app.say("second")
        await until_shown(pilot, "✗ first")
        assert app.status.size.height == 2 and "second" not in screen_text(app)
        app.status.forget()
        await settled(pilot)
        assert app.status.size.height == 1


async def test_one_notice_follows_the_other() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        for text in ("first", "second", "second"):
            app.status.tell(Notice(text))
        seen: list[str] = []
        while app.status.notice is not None:
            if not seen or seen[-1] != app.status.notice.text:
                seen.append(app.status.notice.text)
            app.status._is_up()
            await pilot.pause()
    assert seen == ["first", "second"]


# -- brackets in an empty prompt -------------------------------------------------------------------------------------


@both_sizes
async def test_brackets_in_an_empty_prompt_walk_the_citations_and_enter_opens_the_source(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        await ask(pilot, QUESTION)
        await pilot.press("right_square_bracket")
        await until(pilot, lambda: app.chat.view.selected_citation == (1, 0))
        assert (app.prompt.text, in_focus(app)) == ("", app.prompt)
        await pilot.press("enter")
        await until(pilot, lambda: in_focus(app) is rows_of(app, "sources"))
        assert len(app.conversation.turns) == 1


@both_sizes
async def test_a_bracket_behind_an_answer_is_for_that_answer_and_not_for_those_above_it(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        for question in (QUESTION, "What does a day ticket cost?"):
            await ask(pilot, question)
            await pilot.press("right_square_bracket")
            await until(pilot, lambda: app.chat.view.selected_citation == (len(app.conversation.turns), 0))
        await ask(pilot, "When does the tide turn?")
        assert "Enter source" not in last_row(screen_text(app))
        await pilot.press("enter")  # of the answer that was left there is nothing to open
        await settled(pilot)
        assert in_focus(app) is app.prompt
        await pilot.press("left_square_bracket")
        await until(pilot, lambda: app.chat.view.selected_citation == (3, len(app.conversation.turns[2].citations) - 1))


async def test_the_raw_text_is_that_of_the_citation_one_has_walked_to() -> None:
    app = workbench_app()
    async with app.run_test(size=(120, 40)) as pilot:
        for question in (QUESTION, "What does a day ticket cost?"):
            await ask(pilot, question)
        for keys, turn in ((("right_square_bracket",), 2), (("left_square_bracket",) * 2, 1)):
            await pilot.press(*keys, "f7")
            await until_shown(pilot, f"Raw text of turn {turn}")
            await pilot.press("escape")
            await until(pilot, lambda: "Raw text" not in screen_text(app))


@both_sizes
async def test_enter_opens_the_source_of_a_citation_above_the_last_answer(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        await ask(pilot, QUESTION)
        await ask(pilot, "What does a day ticket cost?")
        await pilot.press("right_square_bracket", "left_square_bracket")
        await until(pilot, lambda: (app.chat.view.selected_citation or (0, 0))[0] == 1)
        await until_shown(pilot, "Enter source")
        await pilot.press("enter")
        await until(pilot, lambda: in_focus(app) is rows_of(app, "sources"))


async def test_brackets_are_typed_where_there_is_nothing_to_walk() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await pilot.press("right_square_bracket", "left_square_bracket", "a")
        await until(pilot, lambda: app.prompt.text == "][a")


async def test_a_character_at_once_behind_brackets_puts_them_back() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, QUESTION)
        await pilot.press("left_square_bracket", "left_square_bracket", "1", "right_square_bracket")
        await until(pilot, lambda: app.prompt.text == "[[1]")


async def test_a_paste_at_once_behind_a_bracket_puts_it_back() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, QUESTION)
        await pilot.press("left_square_bracket")
        app.post_message(events.Paste("1, 2]"))
        await until(pilot, lambda: app.prompt.text == "[1, 2]")


def test_a_character_long_after_a_bracket_is_alone() -> None:
    walk = BracketWalk()
    walk.step("]", 1.0)
    walk.step("]", 1.5)
    assert walk.end(1.5 + AT_ONCE_SECONDS + 0.1) == ""
    walk.step("]", 5.0)
    assert walk.end() == ""
    walk.step("[", 6.0)
    walk.step("]", 6.2)
    assert walk.end(6.3) == "[]"
    assert walk.end(6.4) == ""


# -- the help --------------------------------------------------------------------------------------------------------


async def test_the_help_is_searched() -> None:
    app = workbench_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await pilot.press("f1")
        await until_shown(pilot, "Where you type", "/ searches")
        await pilot.press("slash", *"next cit")
        await until_shown(pilot, "/next cit")
        await settled(pilot)
        assert "the next citation" in screen_text(app) and "the next pane" not in screen_text(app)
        await pilot.press("escape")
        await until_shown(pilot, "Where you type")
        assert isinstance(app.screen, HelpScreen)
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, HelpScreen))
