"""The side panes made larger, smaller, hidden and brought back by keys, and what is remembered of it."""

from __future__ import annotations

import stat
from pathlib import Path

import pytest

from tests.loopback import message, stream
from tests.ui.harness import (
    AppPilot,
    ask,
    chat_text,
    in_focus,
    rows_of,
    said,
    screen_text,
    served,
    settled,
    until,
    until_shown,
    workbench_app,
)
from workbench.cli import parse
from workbench.commands.app import screen
from workbench.startup.setup import read_plan
from workbench.ui import arrangement
from workbench.ui.app import WorkbenchApp
from workbench.ui.arrangement import (
    WHOLE,
    Chosen,
    Panel,
    cells_of,
    columns_beside,
    lay_out,
    rows_below,
    share_of,
    size_class,
)
from workbench.ui.arrangement_memory import ArrangementMemory

WIDE, BELOW, LOW, SMALL = (120, 40), (80, 24), (60, 20), (80, 16)
LONG = "\n\n".join(
    f"Paragraph {number} of a long answer, which wraps on a narrow chat and says little." for number in range(60)
)
LONG += "\n\nBoats leave with the ebb."


@pytest.fixture(name="memory")
def kept(tmp_path: Path) -> ArrangementMemory:
    return ArrangementMemory.of_user({"XDG_STATE_HOME": str(tmp_path / "state")})


def side(app: WorkbenchApp) -> int:
    """The columns of the side panes where they are beside the chat, their rows where they are below it; 0 for none."""
    column = app.stage.side
    if not column.display:
        return 0
    return column.outer_size.width if app.navigation.where == "wide" else column.outer_size.height


def chat(app: WorkbenchApp) -> int:
    size = app.chat.outer_size
    return size.width if app.navigation.where == "wide" else size.height


async def pressed(pilot: AppPilot, *keys: str) -> None:
    await pilot.press(*keys)
    await settled(pilot)


# -- the sizes ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("share", [None, 0, 1, 200, 500, 999, WHOLE])
def test_whatever_was_chosen_both_have_room_at_every_size(share: int | None) -> None:
    for columns in range(arrangement.WIDE_COLUMNS, 301):
        beside = columns_beside(columns, share)
        assert beside >= arrangement.LEAST_BESIDE
        assert columns - beside >= arrangement.LEAST_CHAT[0]
    for rows in range(101):
        for needed in (0, 5, 200):
            below = rows_below(rows, needed, share)
            assert min(rows, arrangement.LEAST_BELOW) <= below <= rows
            if rows >= arrangement.LEAST_BELOW + arrangement.LEAST_CHAT[1]:
                assert rows - below >= arrangement.LEAST_CHAT[1]


def test_a_share_gives_back_the_cells_of_which_it_was_made() -> None:
    for cells in (7, 19, 100, 120, 300, WHOLE):
        for part in range(cells + 1):
            assert cells_of(share_of(part, cells), cells) == part


@pytest.mark.parametrize(("size", "where"), [(WIDE, "wide"), (BELOW, "below"), (LOW, "below"), (SMALL, "small")])
def test_hidden_side_panes_are_on_no_screen(size: tuple[int, int], where: str) -> None:
    assert size_class(*size) == where
    assert lay_out(*size, "tools", None, hidden=True).shown == {"chat"}
    assert lay_out(*size, "tools", "sources", hidden=True).shown == {"sources"}


# -- by keys --------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("size", [WIDE, BELOW, LOW])
async def test_side_panes_get_larger_and_smaller_up_to_a_bound_and_are_as_usual_again(
    size: tuple[int, int], memory: ArrangementMemory
) -> None:
    app = workbench_app(arranged=memory)
    async with app.run_test(size=size) as pilot:
        await ask(pilot, "When does the library open on Saturdays?")
        await pressed(pilot, "f4")
        usual, whole = side(app), side(app) + chat(app)
        by = arrangement.step(whole)
        await pressed(pilot, "less_than_sign", "less_than_sign")
        assert side(app) == usual + 2 * by
        assert side(app) + chat(app) == whole
        await pressed(pilot, "greater_than_sign")
        assert side(app) == usual + by
        for key, words in (("less_than_sign", "as large as they get"), ("greater_than_sign", "as small as they get")):
            await pressed(pilot, *[key] * 24)
            assert words in said(app)
            assert min(side(app), chat(app)) >= arrangement.LEAST_BELOW
        await pressed(pilot, "equals_sign")
        assert side(app) == usual
        assert in_focus(app) is rows_of(app, "sources")


async def test_where_one_types_they_are_the_same_keys_with_alt_and_without_it_characters(
    memory: ArrangementMemory,
) -> None:
    app = workbench_app(arranged=memory)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        usual = side(app)
        await pressed(pilot, "alt+less_than_sign")
        assert side(app) > usual
        await pressed(pilot, "alt+equals_sign")
        assert side(app) == usual
        await pressed(pilot, "alt+greater_than_sign", "less_than_sign", "greater_than_sign", "equals_sign")
        assert side(app) < usual
        assert app.prompt.text == "<>="


@pytest.mark.parametrize("size", [WIDE, BELOW, LOW])
async def test_hidden_side_panes_come_back_as_they_were(size: tuple[int, int], memory: ArrangementMemory) -> None:
    app = workbench_app(arranged=memory)
    async with app.run_test(size=size) as pilot:
        await ask(pilot, "When does the library open on Saturdays?")
        await pressed(pilot, "f4", "less_than_sign")
        before = side(app)
        await pressed(pilot, "f8")
        assert side(app) == 0
        assert in_focus(app) is app.chat.view
        assert "F8 brings them back" in said(app)
        await pressed(pilot, "f8")
        assert side(app) == before
        await pressed(pilot, "f8", "less_than_sign")
        assert side(app) == before
        app.prompt.focus()
        await pressed(pilot, *"/panes", "enter")
        assert side(app) == 0
        assert in_focus(app) is app.prompt


@pytest.mark.parametrize("pane", ["tools", "sources", "events", "request"])
async def test_a_hidden_pane_is_looked_at_on_the_whole_screen(pane: Panel, memory: ArrangementMemory) -> None:
    app = workbench_app(arranged=memory)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When does the library open on Saturdays?")
        await pressed(pilot, "f8", arrangement.KEYS[pane])
        assert in_focus(app) is rows_of(app, pane)
        assert not app.chat.display
        await pressed(pilot, "escape")
        assert app.chat.display
        assert side(app) == 0
        assert in_focus(app) is app.prompt
        await pressed(pilot, arrangement.KEYS[pane], "f8")
        assert in_focus(app) is rows_of(app, pane)
        assert side(app) > 0
        assert app.chat.display


async def test_a_walk_along_citations_leaves_hidden_panes_hidden(memory: ArrangementMemory) -> None:
    app = workbench_app(arranged=memory)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When does the library open on Saturdays?")
        await pressed(pilot, "f2", "f8", "right_square_bracket")
        assert app.chat.view.selected_citation is not None
        assert side(app) == 0
        await pressed(pilot, "enter")
        assert in_focus(app) is rows_of(app, "sources")


async def test_a_pane_that_is_zoomed_is_resized_in_its_place(memory: ArrangementMemory) -> None:
    app = workbench_app(arranged=memory)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        usual = side(app)
        await pressed(pilot, "f3", "z", "less_than_sign")
        assert app.chat.display
        assert side(app) == usual + arrangement.step(120)
        assert in_focus(app) is rows_of(app, "tools")


async def test_a_screen_without_side_panes_says_so(memory: ArrangementMemory) -> None:
    app = workbench_app(arranged=memory)
    async with app.run_test(size=SMALL) as pilot:
        for key in ("alt+less_than_sign", "alt+greater_than_sign", "alt+equals_sign", "f8"):
            app.stage.said.clear()
            await pressed(pilot, key)
            assert "F3 shows one" in said(app)
        assert not app.navigation.chosen


@pytest.mark.parametrize("size", [WIDE, BELOW, LOW])
async def test_what_is_read_stays_in_view(size: tuple[int, int], memory: ArrangementMemory) -> None:
    app = workbench_app(arranged=memory)
    start = LONG.index("Boats")
    source = {"type": "document", "id": "guide/harbour.md#1", "document": {"id": "harbour"}}
    cited = {"start": start, "end": len(LONG), "text": LONG[start:], "sources": [source], "type": "TEXT_CONTENT"}
    async with app.run_test(size=size) as pilot, served(app, [stream(message(LONG, citations=[cited]))]):
        await ask(pilot, "When do boats leave?")
        await pressed(pilot, "f2", "g", "right_square_bracket")
        assert "Boats leave" in chat_text(app)
        for key in ("<", "<", "<", ">", ">", ">", ">", ">", "=", "f8", "f8"):
            await pressed(pilot, key)
            assert "Boats leave" in chat_text(app), key
        await pressed(pilot, "g", *["pagedown"] * 2, "up")
        view = app.chat.view
        before, text = view.scroll_offset.y, chat_text(app)
        for key in ("<", "<", "<", ">", ">", "f8", "f8", "="):
            await pressed(pilot, key)
        assert (view.scroll_offset.y, chat_text(app)) == (before, text)


async def test_a_citation_that_is_opened_stays_in_view_in_the_sources(memory: ArrangementMemory) -> None:
    app = workbench_app(arranged=memory)
    async with app.run_test(size=BELOW) as pilot:
        await ask(pilot, "When does the library open on Saturdays?")
        await pressed(pilot, "f2", "right_square_bracket", "enter")
        rows = rows_of(app, "sources")
        at = rows.cursor
        for key in ("<", "<", ">", ">", ">", "=", "f8", "f4", "f8"):
            await pressed(pilot, key)
            assert rows.cursor == at


@pytest.mark.parametrize("chosen", [Chosen(0), Chosen(WHOLE), Chosen(500), Chosen(300, hidden=True)])
async def test_every_size_is_drawn_whatever_was_chosen(chosen: Chosen, memory: ArrangementMemory) -> None:
    assert memory.keep({"wide": chosen, "below": chosen, "small": chosen}) == ""
    app = workbench_app(arranged=memory)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When does the library open on Saturdays?")
        shown = screen_text(app)
        for size in ((20, 5), (300, 100), (100, 18), (99, 18), (100, 5), (300, 5), (20, 100), (80, 17), WIDE):
            await pilot.resize_terminal(*size)
            await settled(pilot)
            assert chat(app) > 0
            assert app.chat.region.right <= app.size.width
            if app.stage.side.display:
                assert not chosen.hidden
                assert app.stage.side.region.area > 0
                assert not app.stage.side.region.overlaps(app.chat.region)
        assert screen_text(app) == shown


# -- remembered -----------------------------------------------------------------------------------------------


async def test_each_class_of_sizes_remembers_its_own(memory: ArrangementMemory, tmp_path: Path) -> None:
    app = workbench_app(arranged=memory)
    async with app.run_test(size=WIDE) as pilot:
        await pressed(pilot, "f3", "less_than_sign")
        wide = side(app)
        await pilot.resize_terminal(*BELOW)
        await settled(pilot)
        below = side(app)
        await pressed(pilot, "f8")
        await pilot.resize_terminal(*WIDE)
        await settled(pilot)
        assert side(app) == wide
        await until(pilot, lambda: len(memory.recalled()) == 2)
    file = tmp_path / "state" / "workbench" / "panes.json"
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = workbench_app(arranged=memory)
    async with again.run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert side(again) == wide
        await pilot.resize_terminal(*BELOW)
        await settled(pilot)
        assert side(again) == 0
        await pressed(pilot, "f8")
        assert side(again) == below


async def test_what_was_chosen_right_before_the_end_is_kept(memory: ArrangementMemory) -> None:
    app = workbench_app(arranged=memory)
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press(*["alt+less_than_sign"] * 5)
        chosen = dict(app.navigation.chosen)
    assert memory.recalled() == chosen
    assert chosen["wide"].share == share_of(48 + 5 * 6, 120)


@pytest.mark.parametrize("flags", [(), ("--no-session",)])
async def test_it_is_kept_as_the_theme_is_with_a_session_or_without_one(tmp_path: Path, flags: tuple[str, ...]) -> None:
    environ = {"HOME": str(tmp_path)}

    def started() -> WorkbenchApp:
        return screen(read_plan(parse(["--offline", *flags], environ), environ, docs_later=True), environ)

    app = started()
    async with app.run_test(size=WIDE) as pilot:
        await pressed(pilot, "f8")
        assert side(app) == 0
    again = started()
    async with again.run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert side(again) == 0


@pytest.mark.parametrize(
    "written",
    [
        "", "{", "[]", '"panes"', '{"panes": "wide"}', '{"panes": {"wide": 3, "below": []}}', "[" * 3000, "x" * 9000,
        '{"panes": {"wide": {"share": "\\u001b[2J", "hidden": 1}}}', '{"panes": {"wide": {"share": -1}}}',
        '{"panes": {"wide": {"share": 1e9}}}', '{"panes": {"wide": {"share": true}}}', '{"panes": {"huge": {}}}',
        '{"panes": {"wide": {"share": NaN, "hidden": null}}}', '{"panes": {"wide": {"share": 1001}}}',
    ],
)  # fmt: skip
async def test_a_damaged_file_is_no_choice(memory: ArrangementMemory, tmp_path: Path, written: str) -> None:
    assert memory.keep({"wide": Chosen(hidden=True)}) == ""
    (tmp_path / "state" / "workbench" / "panes.json").write_text(written)
    app = workbench_app(arranged=memory)
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        assert side(app) == 48
        assert app.navigation.chosen == {}


async def test_what_others_may_write_was_not_chosen(memory: ArrangementMemory, tmp_path: Path) -> None:
    assert memory.keep({"wide": Chosen(hidden=True)}) == ""
    assert memory.recalled() == {"wide": Chosen(hidden=True)}
    (tmp_path / "state" / "workbench" / "panes.json").chmod(0o666)
    assert memory.recalled() == {}


async def test_a_choice_that_cannot_be_kept_is_said_once(tmp_path: Path) -> None:
    (tmp_path / "state").write_text("a file")
    app = workbench_app(arranged=ArrangementMemory.of_user({"XDG_STATE_HOME": str(tmp_path / "state")}))
    async with app.run_test(size=WIDE) as pilot:
        await pilot.press("alt+less_than_sign")
        await until_shown(pilot, "the size of the panes is not kept")
        app.stage.said.clear()
        await pressed(pilot, "alt+less_than_sign")
        assert not app.stage.said
