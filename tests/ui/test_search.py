"""Searching the panes: a word behind a slash, its hits and their count, and the way from one to the next and back."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from functools import partial

import pytest
from rich.style import Style
from textual import events
from textual.command import CommandPalette
from textual.content import Content

from tests.loopback import Chunk, Head, Wait, message, sse, stream
from tests.ui.harness import (
    AppPilot,
    ask,
    chat_text,
    in_focus,
    rows_of,
    screen_text,
    served,
    settled,
    until,
    until_shown,
    workbench_app,
)
from workbench.ui.actions import ACTIONS
from workbench.ui.app import WorkbenchApp
from workbench.ui.lines.passage import Form
from workbench.ui.panes.source_row import SourceRow
from workbench.ui.screens.help import HelpScreen
from workbench.ui.screens.raw import RawScreen
from workbench.ui.terminal.keyboard import Keyboard
from workbench.ui.themes.contrast import rgb
from workbench.ui.widgets.row import Row
from workbench.ui.widgets.rows import RowList
from workbench.ui.widgets.searching import FROM_END, FROM_TOP, SearchingView, SearchState
from workbench.ui.widgets.status_line import StatusLine

WIDE, NARROW = (120, 40), (80, 24)
LONG = "\n\n".join(f"Paragraph {number} tells of the harbour." for number in range(60))
WRAPPED = f"{'word ' * 13}the ebb **tide turns** at `noon` here."


def last_row(app: WorkbenchApp) -> str:
    return screen_text(app).split("\n")[-1].strip()


def chat_lines(app: WorkbenchApp) -> list[str]:
    region = app.chat.region
    return [line[region.x : region.right].strip() for line in screen_text(app).split("\n")[region.y : region.bottom]]


def count(app: WorkbenchApp) -> str:
    """What the last row says of the hits in the pane that has the focus."""
    focused = app.focused
    assert isinstance(focused, SearchingView)
    return "" if focused.search is None else focused.search.count


async def press(pilot: AppPilot, *keys: str) -> None:
    """Press keys, and let what they do be done."""
    await pilot.press(*keys)
    app = pilot.app
    await until(
        pilot,
        lambda: not isinstance(app.focused, SearchingView) or not (app.focused.search and app.focused.search.so_far),
    )


def marked(app: WorkbenchApp) -> list[tuple[str, bool]]:
    """The words on the screen that are marked, each with whether it is the one that one stands on."""
    assert isinstance(app, WorkbenchApp)
    hit = rgb(app.palette.shades["hit"].true)
    found = []
    for strip in app.screen._compositor.render_strips():
        for segment in strip:
            style = segment.style or Style.null()
            here = bool(style.reverse and style.bold)
            if here or (style.bgcolor is not None and style.bgcolor.get_truecolor() == hit):
                found.append((segment.text, here))
    return found


# -- in the chat ---------------------------------------------------------------------------------------


async def test_a_word_is_found_as_it_is_typed_kept_with_enter_and_walked_around_the_ends() -> None:
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot:
        await ask(pilot, "When does the harbour tide turn?")
        await pilot.press("f2")
        await press(pilot, "slash", "t")
        assert last_row(app).startswith("/t▏")
        await press(pilot, "i", "d", "e")
        assert marked(app) == [("tide", True), ("Tide", False), ("tide", False)]
        assert "1 of 3" in last_row(app)
        assert "Enter keeps it" in last_row(app)
        await press(pilot, "enter")
        assert last_row(app).startswith("/tide  1 of 3")
        await press(pilot, "n", "n")
        assert [here for _, here in marked(app)] == [False, False, True]
        await press(pilot, "n")
        assert count(app) == f"1 of 3 · {FROM_TOP}"
        await press(pilot, "N")
        assert count(app) == f"3 of 3 · {FROM_END}"
        await press(pilot, "N")
        assert count(app) == "2 of 3"
        await press(pilot, "escape")
        assert marked(app) == []
        assert in_focus(app) is app.chat.view
        await press(pilot, "escape")
        assert in_focus(app) is app.prompt


async def test_a_selection_ends_where_a_search_begins_and_each_has_the_keys_alone() -> None:
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot:
        await ask(pilot, "When does the harbour tide turn?")
        view = app.chat.view
        await press(pilot, "f2", "v", "slash", "n")
        assert view.selects
        assert view.search is None
        view.action_search()
        assert not view.selects
        await press(pilot, *"tidev", "backspace")
        assert last_row(app).startswith("/tide▏")
        assert app.prompt.text == ""
        await press(pilot, "enter", "v", "n", "v", "l")
        assert view.selects
        assert count(app) == "1 of 3"
        assert [text for text, _ in marked(app)][-1] == "tide"
        await press(pilot, "escape", "n")
        assert not view.selects
        assert count(app) == "2 of 3"


@pytest.mark.parametrize("size", [(120, 16), (70, 24), (60, 20)])
async def test_a_hit_in_the_chat_stays_in_view_at_another_size_until_one_scrolls(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot, served(app, [stream(message(LONG))]):
        await ask(pilot, "One?")
        await press(pilot, "f2", "G", "slash", *"paragraph 59", "enter")
        assert marked(app) == [("Paragraph 59", True)]
        await pilot.resize_terminal(*size)
        await settled(pilot)
        assert marked(app) == [("Paragraph 59", True)]
        await pilot.resize_terminal(*WIDE)
        await press(pilot, "g")
        await pilot.resize_terminal(*size)
        await settled(pilot)
        assert marked(app) == []
        assert "One?" in chat_text(app)


@pytest.mark.parametrize("width", [80, 60, 40, 20, 10, 4])
@pytest.mark.parametrize("found", [0, 12_345])
def test_the_line_that_is_typed_fits_every_width_with_its_end_in_view(width: int, found: int) -> None:
    state = SearchState("words too long for any place 漢字", typing=True, here=found, total=found)
    line = StatusLine._searching(state, width)
    assert line.cell_length <= width
    assert "▏" in line.plain
    assert width < 40 or "字▏" in line.plain
    assert width < 40 or state.count in line.plain


async def test_escape_while_one_types_goes_back_to_where_one_was() -> None:
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot, served(app, [stream(message(LONG)), stream(message(LONG))]):
        await ask(pilot, "One?")
        view = app.chat.view
        await press(pilot, "f2", "g", "ctrl+d", "ctrl+d")
        before = screen_text(app)
        await press(pilot, "slash", *"paragraph 50")
        await until_shown(pilot, "Paragraph 50")
        await press(pilot, "escape")
        assert screen_text(app) == before
        await press(pilot, "G")
        assert view._is_following
        await press(pilot, "slash", *"paragraph 5 ")
        assert "Paragraph 5 tells" in screen_text(app)
        assert not view._is_following
        await press(pilot, *["backspace"] * 12)
        assert count(app) == ""
        assert view._is_following
        await press(pilot, "backspace")
        assert view.search is None


@pytest.mark.parametrize(("word", "hits"), [("tide", "1 of 3"), ("Tide", "1 of 1"), ("TIDE", "not found")])
async def test_a_capital_makes_it_exact(word: str, hits: str) -> None:
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot:
        await ask(pilot, "When does the harbour tide turn?")
        await press(pilot, "f2", "slash", *word)
        assert count(app) == hits


async def test_a_phrase_is_found_across_the_ends_of_lines_and_changes_of_style() -> None:
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot, served(app, [stream(message(WRAPPED))]):
        await ask(pilot, "When?")
        await press(pilot, "f2", "slash", *"ebb tide turns at noon here", "enter")
        assert count(app) == "1 of 1"
        words = [text.strip() for text, here in marked(app) if here]
        assert " ".join(filter(None, words)) == "ebb tide turns at noon here"
        lines = chat_lines(app)
        assert not any("ebb tide turns at noon here" in line for line in lines)
        assert any(line.endswith(words[-1] + ".") for line in lines)


async def test_what_was_thought_is_unfolded_for_a_hit_in_it() -> None:
    app = workbench_app()
    async with (
        app.run_test(size=NARROW) as pilot,
        served(app, [stream(message("At nine.", thinking="The mole opens."))]),
    ):
        await ask(pilot, "When?")
        assert "mole" not in chat_text(app)
        await press(pilot, "f2", "slash", *"mole")
        await until_shown(pilot, "The mole opens.")
        assert marked(app) == [("mole", True)]


async def test_the_count_follows_an_answer_that_streams() -> None:
    goes_on = asyncio.Event()
    first = message("The tide turns. ", done=False).split(b"event: content-end")[0]
    more = sse(
        {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": "A tide and a tide."}}}},
        done=False,
    )
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot, served(app, [[Head(), Chunk(first), Wait(goes_on), Chunk(more)]]):
        app.asking.put("When?")
        await until_shown(pilot, "The tide turns.")
        await press(pilot, "f2", "slash", *"tide", "enter")
        assert count(app) == "1 of 1"
        goes_on.set()
        await until(pilot, lambda: count(app) == "1 of 3")
        await press(pilot, "n", "n")
        assert count(app) == "3 of 3"
        await press(pilot, "escape")


async def test_escape_cancels_a_turn_before_it_takes_a_search_away() -> None:
    app = workbench_app()
    first = message("The tide turns. ", done=False).split(b"event: content-end")[0]
    async with app.run_test(size=NARROW) as pilot, served(app, [[Head(), Chunk(first), Wait(asyncio.Event())]]):
        app.asking.put("When?")
        await until_shown(pilot, "The tide turns.")
        await press(pilot, "f2", "slash", *"tide", "enter", "escape")
        await until(pilot, lambda: not app.busy)
        assert app.chat.view.search is not None
        await press(pilot, "escape")
        assert app.chat.view.search is None


async def test_cited_words_stay_underlined_where_they_are_marked() -> None:
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot:
        await ask(pilot, "When does the harbour tide turn?")
        await press(pilot, "f2", "right_square_bracket", "slash", *"harbour", "enter")
        hit = rgb(app.palette.shades["hit"].true)
        grounds = {
            (segment.text, bool(segment.style.underline), segment.style.bgcolor.get_truecolor() == hit)
            for strip in app.screen._compositor.render_strips()
            for segment in strip
            if segment.style and segment.style.bgcolor and "harbour" in segment.text
        }
        assert ("harbour", True, True) in grounds


async def test_where_the_focus_goes_the_word_is_kept_and_the_last_row_tells_of_that_pane() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When does the harbour tide turn?")
        await press(pilot, "f2", "slash", *"tide")
        await press(pilot, "f4")
        assert "/tide" not in last_row(app)
        assert app.chat.view.search is not None
        await press(pilot, "f2")
        assert last_row(app).startswith("/tide")
        await press(pilot, "ctrl+n")
        await until(pilot, lambda: app.chat.is_empty)
        assert app.chat.view.search is None


async def test_a_slash_in_the_prompt_is_the_first_letter_of_a_command() -> None:
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot:
        await ask(pilot, "When does the harbour tide turn?")
        await press(pilot, "slash", "d", "question_mark", "n")
        assert app.prompt.text == "/d?n"


# -- in rows ---------------------------------------------------------------------------------------------


def some_rows(number: int) -> dict[str, Row]:
    body = Content("first line\n" + "x " * 60 + "a needle\nand a nee dle")
    return {str(n): Row(Content(f"row {n}"), body=body if n % 3 == 2 else None) for n in range(number)}


async def test_in_rows_a_hit_that_is_folded_away_is_opened_and_folded_again() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: not app.loading)
        rows = app.tools.rows
        rows.put_all(some_rows(20))
        await press(pilot, "f3", "home")
        top = screen_text(app)
        await press(pilot, "slash", *"needle")
        assert count(app) == "1 of 6"
        assert rows.cursor_key == "2"
        assert marked(app) == [("needle", True)]
        await press(pilot, "enter", "n")
        assert rows.cursor_key == "5"
        assert rows._open == {"5"}
        await press(pilot, "escape", "space", "home")
        assert screen_text(app) == top
        await press(pilot, "slash", *"needle")
        assert "needle" in screen_text(app).rpartition("needle")[0]
        await press(pilot, "escape")
        assert screen_text(app) == top


@pytest.mark.parametrize("key", ["f2", "f3", "f4", "f5", "f6"])
async def test_a_blank_can_be_looked_for_and_what_is_odd_too(key: str) -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=NARROW) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        for word in (("space",), ("space", "space"), ("backslash",), ("left_square_bracket", "(", "*")):
            await press(pilot, key, "slash", *word, "enter", *["n"] * 8, *["N"] * 3)
            assert count(app)
            await press(pilot, "escape")


async def test_a_hit_far_down_in_an_open_row_is_brought_into_view() -> None:
    app = workbench_app()
    body = Content("\n".join(f"line {number}" for number in range(200)))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: not app.loading)
        app.tools.rows.put_all({"a": Row(Content("a row"), body=body), "b": Row(Content("another"))})
        await press(pilot, "f3", "slash", *"line 15", "enter")
        for number in ("15", "150", "151", "152"):
            assert f"line {number}" in screen_text(app)
            assert [text for text, here in marked(app) if here] == ["line 15"]
            await press(pilot, "n")
        assert "line 153" in screen_text(app)


async def test_rows_are_looked_through_without_being_made_for_good_or_rendered() -> None:
    made: list[int] = []

    def maker(number: int) -> Row:
        made.append(number)
        return Row(Content(f"row {number} {'needle' if number == 4_000 else ''}"))

    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: not app.loading)
        rows = app.tools.rows
        with rows.at_once():
            for number in range(5_000):
                rows.put(str(number), partial(maker, number))
        await press(pilot, "f3", "home", "slash", *"needle", "enter")
        assert rows.cursor_key == "4000"
        assert sum(isinstance(row, Row) for row in rows._rows) < 200
        assert sum(strips is not None for strips in rows._rendered) < 200


async def test_of_rows_without_the_beginning_of_a_word_none_is_looked_through_for_the_rest() -> None:
    looked: list[int] = []

    def maker(number: int) -> Row:
        looked.append(number)
        return Row(Content(f"row {number} {'needle' if number in (7, 3_000) else 'nothing'}"))

    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: not app.loading)
        rows = app.tools.rows
        with rows.at_once():
            for number in range(4_000):
                rows.put(str(number), partial(maker, number))
        await press(pilot, "f3", "home", "slash", *"need")
        looked.clear()
        await press(pilot, "l")
        assert count(app) == "1 of 2"
        assert len(looked) < 100
        rows.put("9", Row(Content("another needle")))
        await until(pilot, lambda: count(app) == "1 of 3")
        await press(pilot, *["backspace"] * 4, "o")
        assert count(app) == "1 of 3,998"


async def test_a_hit_stays_the_one_that_one_stands_on_when_rows_move_and_change() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: not app.loading)
        rows = app.tools.rows
        rows.put_all({key: Row(Content(f"needle {key}")) for key in "abc"})
        await press(pilot, "f3", "home", "slash", *"needle", "enter", "n")
        assert (count(app), rows.cursor_key) == ("2 of 3", "b")
        rows.put_all({key: Row(Content(f"needle {key}")) for key in "xyabc"})
        await until(pilot, lambda: count(app) == "4 of 5")
        assert [here for _, here in marked(app)] == [False, False, False, True, False]
        rows.put("y", Row(Content("nothing")))
        await until(pilot, lambda: count(app) == "3 of 4")


async def test_an_item_of_a_request_is_opened_for_what_is_in_it() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When does the harbour tide turn?")
        await press(pilot, "f6", "home", "slash", *"fish", "enter")
        await until_shown(pilot, "The market sells fish")
        await until(pilot, lambda: any(here for _, here in marked(app)))
        assert count(app).startswith("1 of 1")
        await until(pilot, lambda: "A day ticket" not in screen_text(app))
        await press(pilot, "slash", *"fish", "escape")
        await until(pilot, lambda: "The market sells fish" in screen_text(app))


async def test_an_item_that_was_opened_for_a_hit_may_be_gone_or_folded_by_then() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When does the harbour tide turn?")
        rows = rows_of(app, "request")
        await press(pilot, "f6", "home", "slash", *"fish")
        await until_shown(pilot, "The market sells fish")
        rows.action_edge(0)
        holder = rows._let_out[0]
        rows.show(holder)
        rows.action_fold()
        await until(pilot, lambda: "The market sells fish" not in screen_text(app))
        await press(pilot, "escape")
        assert "The market sells fish" not in screen_text(app)
        await press(pilot, "slash", *"fish")
        await until_shown(pilot, "The market sells fish")
        await ask(pilot, "And what does a ticket cost?")
        await press(pilot, "f6", "slash", *"euros", "escape")
        await settled(pilot)
        assert app.is_running


async def test_each_pane_has_its_own_search_and_the_same_keys() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=NARROW) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        for key in ("f2", "f3", "f4", "f5", "f6"):
            await press(pilot, key, "slash", *"open")
            assert last_row(app).startswith("/open▏"), key
            assert " of " in count(app), (key, count(app))
            await press(pilot, "enter", "n", "N")
            assert any(here for _, here in marked(app)), key
        await press(pilot, "f2", "f7")
        await until(pilot, lambda: isinstance(app.screen, RawScreen))
        await press(pilot, "slash", *"open")
        await until_shown(pilot, "/open▏")
        assert any(here for _, here in marked(app))
        await press(pilot, "enter", "n")
        await until_shown(pilot, "/open  ")
        await press(pilot, "slash", "x", "escape")
        assert isinstance(app.screen, RawScreen)
        await press(pilot, "question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


@pytest.mark.parametrize("size", [(120, 16), (70, 24), (60, 20)])
async def test_a_hit_far_down_stays_in_view_at_another_size(size: tuple[int, int]) -> None:
    app = workbench_app()
    body = Content("\n".join(f"line {number} of a long row" for number in range(200)))
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: not app.loading)
        app.tools.rows.put_all({"a": Row(Content("a row"), body=body), "b": Row(Content("another"))})
        await press(pilot, "f3", "slash", *"line 150", "enter")
        await settled(pilot)
        assert [text for text, here in marked(app) if here] == ["line 150"]
        await pilot.resize_terminal(*size)
        await settled(pilot)
        assert [text for text, here in marked(app) if here] == ["line 150"]
        app.tools.rows.show("a")
        await press(pilot, "g")
        await settled(pilot)
        assert "a row" in screen_text(app)


@pytest.mark.parametrize("form", ["plain", "markdown"])
async def test_of_a_long_passage_the_part_with_the_hit_is_shown(form: Form) -> None:
    app = workbench_app()
    filler = "Nothing is said here of anything at all. " * 8 + "\n\n"
    words = "the **needle** is" if form == "markdown" else "the needle is"
    passage = filler * 50 + f"In the middle {words} here.\n\n" + filler * 50 + f"At the end {words} there."
    async with app.run_test(size=WIDE) as pilot:
        await until(pilot, lambda: not app.loading)
        row = SourceRow(
            head=Content("A book"), body=Content(passage), title="A book", place="", passage=passage, form=form
        )
        app.sources.rows.put_all({"a": row, "b": Row(Content("the needle alone"))})
        await press(pilot, "f4", "home", "slash", *"needle", "enter")
        for shown, hits in (("In the middle", "1 of 3"), ("At the end", "2 of 3"), ("In the middle", "1 of 3")):
            assert shown in screen_text(app)
            assert [text for text, here in marked(app) if here] == ["needle"]
            assert count(app) == hits
            await press(pilot, "n" if hits == "1 of 3" else "N")
        rows = app.sources.rows
        taken = "\n".join(line.text for line in rows._drawn(0)[0].taken_lines(rows.line_width, is_open=True))
        assert "At the end" in taken
        await press(pilot, "n")
        assert rows.cursor_key == "b"
        assert [text for text, here in marked(app) if here] == ["needle"]
        await press(pilot, "N", "escape")
        assert rows.line_count == sum(len(rows._strips(number)) for number in range(2))


# -- the raw text ------------------------------------------------------------------------------------------


async def test_the_raw_text_is_searched_across_its_rows_and_as_it_grows() -> None:
    text = ("x" * 70 + " ebb\ntide " + "y " * 4_000) * 5
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot, served(app, [stream(message(text))]):
        await ask(pilot, "When?")
        await press(pilot, "f7")
        await until(pilot, lambda: isinstance(app.screen, RawScreen))
        await press(pilot, "slash", *"ebb tide")
        assert count(app) == "1 of 5"
        await press(pilot, "enter", "n", "n", "n", "n")
        assert count(app) == "5 of 5"
        assert [text for text, here in marked(app) if here] == ["ebb", "tide"]
        await press(pilot, "right")
        assert count(app) == "not found"
        await press(pilot, "left", "n")
        assert count(app) == "1 of 5"


# -- keys that come at once --------------------------------------------------------------------------------------


def write(app: WorkbenchApp, data: bytes) -> None:
    """As the driver hands on what was read at once."""
    for event in Keyboard().feed(data):
        app.post_message(event)


def of_harbour(app: WorkbenchApp) -> str:
    search = app.chat.view.search
    return "" if search is None or search.typing or search.so_far else f"{search.word} {search.count}"


BURSTS = (b"/harbour\rnn", b"/harbx\x7four\rnnnN", b"/har\x15harbour\rnn", b"/harbou\x1b[200~r\x1b[201~\rnn")


@pytest.mark.parametrize("text", ["The harbour. " * 9, LONG * 20], ids=["short", "long"])
async def test_a_burst_does_what_the_same_keys_do_one_by_one(text: str) -> None:
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot, served(app, [stream(message(text))]):
        await ask(pilot, "Where is it?")
        for data in BURSTS:
            await press(pilot, "f2", "g")
            write(app, data)
            await until(pilot, lambda: of_harbour(app).startswith("harbour 3 of "))
            assert in_focus(app) is app.chat.view
            assert app.prompt.text == ""
            await press(pilot, "escape")


async def test_what_is_typed_at_once_behind_the_key_of_the_palette_runs_what_it_finds() -> None:
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot:
        await ask(pilot, "When does the harbour tide turn?")
        write(app, b"\x10search this\r")
        await until(pilot, lambda: app.chat.view.is_typed_into)
        assert not isinstance(app.screen, CommandPalette)
        await press(pilot, *"tide", "enter")
        assert count(app) == "1 of 3"


# -- motions ---------------------------------------------------------------------------------------------------


async def test_half_pages_lines_and_ends_in_chat_raw_text_and_rows() -> None:
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot, served(app, [stream(message(LONG))]):
        await ask(pilot, "One?")
        view = app.chat.view
        await press(pilot, "f2", "g")
        page = view._page
        for key, y in (("ctrl+d", page // 2), ("j", page // 2 + 1), ("k", page // 2), ("ctrl+u", 0)):
            await press(pilot, key)
            assert view.scroll_offset.y == y, key
        await press(pilot, "G")
        assert view._is_following
        await press(pilot, "f5", "g")
        rows = rows_of(app, "events")
        await press(pilot, "ctrl+d")
        assert rows.cursor == rows.size.height // 2
        await press(pilot, "ctrl+u")
        assert rows.cursor == 0
        await press(pilot, "f2", "f7", "ctrl+d", "j")
        await until(pilot, lambda: isinstance(app.screen, RawScreen))
        raw = app.focused
        assert isinstance(raw, SearchingView)
        await until(pilot, lambda: raw.scroll_offset.y == raw._page // 2 + 1)


@pytest.mark.parametrize("key", ["f2", "f3", "f4", "f5", "f6"])
async def test_a_question_mark_in_a_pane_is_help(key: str) -> None:
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot:
        await press(pilot, key, "question_mark")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))


async def test_the_keys_of_search_are_rebound_like_all_others() -> None:
    app = workbench_app(keys={"search": ["ctrl+f"], "next-hit": ["x"], "search-list": ["s"], "help-here": []})
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When does the harbour tide turn?")
        for key in ("slash", "n", "question_mark"):
            await press(pilot, "f2", key)
        assert app.chat.view.search is None
        assert app.prompt.text == "/n?"
        app.prompt.clear()
        await press(pilot, "f2", "ctrl+f", *"tide", "enter", "x")
        assert count(app) == "2 of 3"
        assert "N/x hits" in last_row(app)
        await press(pilot, "f1")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await pilot.press("s", *"hit")
        await until_shown(pilot, "/hit▏", "the next hit")


def test_every_key_of_a_search_is_in_the_table() -> None:
    ids = {action.id for action in ACTIONS}
    assert {"search", "next-hit", "previous-hit", "half-page-up", "half-page-down", "filter", "help-here"} <= ids


# -- filters --------------------------------------------------------------------------------------------------


def titles(app: WorkbenchApp) -> str:
    return " ".join(line for line in screen_text(app).split("\n") if "Events" in line or "Sources" in line)


def kinds(rows: RowList) -> Iterator[str]:
    for key in rows.keys:
        yield rows._row(rows._index[key]).head.plain


async def test_events_are_shown_by_their_kind_and_the_title_counts_what_is_hidden() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        rows = rows_of(app, "events")
        await press(pilot, "f5", "g", "j")
        await settled(pilot)
        total = len(app.conversation.turns[-1].events)
        assert f"{total} events" in titles(app)
        await press(pilot, "f")
        await until_shown(pilot, f"{len(rows.keys)} of {total} · no *-delta")
        assert 0 < len(rows.keys) < total
        assert not any("-delta" in text for text in kinds(rows))
        await press(pilot, "f")
        await until_shown(pilot, f"{len(rows.keys)} of {total} · tool-*")
        assert all("tool-" in text for text in kinds(rows))
        await press(pilot, "F", "F")
        await until_shown(pilot, f"{total} events")
        assert len(rows.keys) == total
        await press(pilot, "f")
        await ask(pilot, "When does the harbour tide turn?")
        await press(pilot, "f5")
        await until_shown(pilot, "· no *-delta")
        assert not any("-delta" in text for text in kinds(rows))


async def test_where_nothing_is_shown_the_pane_says_why() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When does the harbour tide turn?")
        await press(pilot, "f5", "F")
        await until_shown(pilot, "0 of", "No event is unknown or malformed: f shows")


async def test_a_filter_keeps_the_event_that_one_stands_on_or_the_next_one() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When does the harbour tide turn?")
        rows = rows_of(app, "events")
        await press(pilot, "f5", "g")
        await settled(pilot)
        await until(pilot, lambda: "content-start" in " ".join(kinds(rows)))
        at = next(number for number, text in enumerate(kinds(rows)) if "content-delta" in text)
        rows.cursor = at
        following = next(
            int(key) for key, text in zip(rows.keys[at:], list(kinds(rows))[at:], strict=True) if "-delta" not in text
        )
        await press(pilot, "f")
        await until(pilot, lambda: rows.cursor_key == str(following))


async def test_sources_are_shown_when_they_are_cited_or_have_the_word_that_is_looked_for() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When does the harbour tide turn?")
        await press(pilot, "f4", "f")
        await until_shown(pilot, "1 of 4 · cited")
        assert "tickets" not in screen_text(app)
        await press(pilot, "f")
        await until_shown(pilot, "1 of 4 · not cited")
        await press(pilot, "f")
        await until_shown(pilot, "2 of 4 · unused", "tickets")
        await press(pilot, "f")
        await until_shown(pilot, "1 cited of 4", "tickets")
        await press(pilot, "slash", *"euros", "enter", "F")
        await until_shown(pilot, "1 of 4 · /euros")
        assert len(app.sources.rows.keys) == 1
        await press(pilot, "f2", "right_square_bracket", "enter")
        await until_shown(pilot, "1 cited of 4")
        assert app.sources.rows.cursor_key is not None
        assert "harbour" in app.sources.rows.text(app.sources.rows.cursor_key)


async def test_a_new_conversation_while_a_hit_is_folded_again_ends_nothing() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        await press(pilot, "f6", "slash", *"fish")
        await until(pilot, lambda: " of " in count(app))
        rows = rows_of(app, "request")
        rows.forget_search(back=True)
        app.commands.perform("new")
        await settled(pilot)
        assert app.is_running


async def test_rows_that_are_others_have_no_hit_that_one_stands_on() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When does the library open?")
        await press(pilot, "f5", "slash", *"start", "enter", "n", "n")
        await until(pilot, lambda: count(app) == "3 of 7")
        await press(pilot, "f")
        await until(pilot, lambda: count(app) == "7")
        await press(pilot, "n")
        await until(pilot, lambda: count(app).endswith(" of 7"))


async def test_typing_goes_on_when_the_terminal_has_the_focus_again() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When does the library open?")
        await press(pilot, "f2", "slash", "l", "i")
        app.post_message(events.AppBlur())
        await settled(pilot)
        app.post_message(events.AppFocus())
        await settled(pilot)
        await press(pilot, *"brary")
        await until(pilot, lambda: last_row(app).startswith("/library"))
        assert app.prompt.text == ""
