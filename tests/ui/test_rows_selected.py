"""What the mouse selects in the panes beside the chat is the text of the rows, not the lines that it is wrapped to."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from textual.content import Content
from textual.geometry import Offset
from textual.selection import SELECT_ALL, Selection

from tests.ui.harness import AppPilot, ask, rows_of, screen_text, settled, workbench_app
from workbench.ui.markdown.line import RenderedLine, taken_along
from workbench.ui.widgets.row import Row, joints

TEXT = (
    "The tide 潮 turns twice a day, and boats leave with it.\n\n  indented words\n潮は一日に二回満ち引きします。"
    "supercalifragilistic"
)


def whole(lines: list[RenderedLine]) -> str:
    return taken_along((line, (0, -1)) for line in lines)


@pytest.mark.parametrize("width", [14, 20, 40, 200])
def test_an_open_row_is_its_head_and_its_body(width: int) -> None:
    row = Row(Content(" head"), body=Content(TEXT), indent=3)
    assert whole(row.taken_lines(width, is_open=True)) == f"head\n{TEXT}"
    assert whole(row.taken_lines(width, is_open=False)) == "head"


@given(st.text(st.sampled_from("ab 潮é\n"), max_size=50), st.integers(2, 30))
def test_nothing_is_lost_where_a_body_is_wrapped(text: str, width: int) -> None:
    lines = [line.plain for line in Content(text).wrap(width)]
    glues = list(joints(lines, text))
    joined = "".join(("" if at == 0 else "\n" if glue is None else glue) + line.rstrip()
                     for at, (line, glue) in enumerate(zip(lines, glues, strict=True)))  # fmt: skip
    assert "".join(joined.split()) == "".join(text.split())
    assert [line.split() for line in joined.split("\n")] == [line.split() for line in text.split("\n")]


async def selected(pilot: AppPilot, first: tuple[int, int], last: tuple[int, int]) -> str:
    """What is selected by the mouse between two cells of the pane that has the focus."""
    app = pilot.app
    assert app.focused is not None
    region = app.focused.region
    ends = [(region.x + x, region.y + y) for x, y in (first, last)]
    await pilot.mouse_down(offset=ends[0])
    await pilot.hover(offset=ends[1])
    await pilot.mouse_up(offset=ends[1])
    await pilot.pause()
    return app.screen.get_selected_text() or ""


async def test_the_mouse_selects_words_of_rows_and_moves_no_cursor() -> None:
    app = workbench_app()
    async with app.run_test(size=(100, 40)) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        await pilot.press("f4", "home", "space")
        await settled(pilot)
        rows = rows_of(app, "sources")
        region = rows.region
        lines = [line[region.x :] for line in screen_text(app).split("\n")[region.y : region.bottom]]
        y = next(y for y, line in enumerate(lines) if "Saturdays the" in line)
        opened = rows.get_selection(Selection(Offset(0, 1), Offset(60, y + 1)))
        assert opened is not None
        assert opened[0].endswith("\nThe library opens at 09:00. On Saturdays the doors open at 10:00.")
        before = rows.cursor
        x = lines[y].index("Saturdays")
        assert await selected(pilot, (x, y), (x + 8, y)) == "Saturdays"
        assert rows.cursor == before
        await pilot.press("ctrl+c")
        assert app.clipboard == "Saturdays"


async def test_the_lines_of_a_request_keep_their_indents() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "why?")
        await pilot.press("f6")
        await settled(pilot)
        taken = rows_of(app, "request").get_selection(SELECT_ALL)
        assert taken is not None
        head, *body = taken[0].split("\n")
        assert head.startswith("step 1  POST /v2/chat")
        assert body[:2] == ["{", '  "model": "command-test",']
        assert body[-1] == "}"


async def test_a_note_of_the_start_page_is_one_line() -> None:
    app = workbench_app()
    async with app.run_test(size=(60, 40)) as pilot:
        await settled(pilot)
        taken = app.chat.start.get_selection(SELECT_ALL)
        assert taken is not None
        first, blank, title, question, *_ = taken[0].split("\n")
        assert first == "The offline engine answers: it is not a language model."
        assert (blank, title) == ("", "Ask")
        assert question.startswith("Alt+1")
    app = workbench_app()
    async with app.run_test(size=(40, 40)) as pilot:
        await settled(pilot)
        taken = app.chat.start.get_selection(Selection(Offset(4, 0), Offset(9, 1)))
        assert taken is not None
        assert "\n" not in taken[0]
        assert taken[0].startswith("offline engine answers: it is not")
