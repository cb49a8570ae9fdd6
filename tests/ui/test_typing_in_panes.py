"""Letters in a pane: those that mean something there act, the first other one goes to the prompt with all behind it."""

from __future__ import annotations

import pytest
from textual.command import CommandPalette

from tests.ui.harness import ask, in_focus, rows_of, screen_text, settled, until, until_shown, workbench_app
from tests.ui.test_key_order import write
from workbench.ui.actions import Spot
from workbench.ui.arrangement import KEYS, PANELS, Panel
from workbench.ui.hints import hints
from workbench.ui.keymap import Keymap, label

WIDE = (120, 40)
QUESTION = "When do the doors open on Saturdays?"
SHOWS = {"f2": b"\x1bOQ", "f3": b"\x1bOR", "f4": b"\x1bOS", "f5": b"\x1b[15~", "f6": b"\x1b[17~"}


@pytest.mark.parametrize("name", PANELS)
async def test_what_is_typed_in_a_pane_goes_to_the_prompt(name: Panel) -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, QUESTION)
        app.prompt.put("draft ")
        copied = app.clipboard
        write(app, SHOWS[KEYS[name]] + b"hello typed")
        await until(pilot, lambda: app.prompt.text == "draft hello typed")
        assert in_focus(app) is app.prompt
        assert app.clipboard == copied
        assert app.chat.display


@pytest.mark.parametrize("name", PANELS)
async def test_what_is_pasted_in_a_pane_goes_to_the_prompt(name: Panel) -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        write(app, SHOWS[KEYS[name]] + b"\x1b[200~yz pasted\x1b[201~!")
        await until(pilot, lambda: app.prompt.text == "yz pasted!")
        assert in_focus(app) is app.prompt


async def test_letters_that_the_last_row_names_act_in_a_pane() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, QUESTION)
        rows = rows_of(app, "events")
        await pilot.press("f5")
        await until(pilot, lambda: rows.line_count > 0)
        write(app, b"gjjkz")
        await until(pilot, lambda: not app.chat.display)
        assert in_focus(app) is rows
        assert rows.cursor == 1
        await settled(pilot)
        last = screen_text(app).rstrip().split("\n")[-1]
        for named in ("z zoom", "y copy", "Space open", "j/k rows", "g/G ends"):
            assert named in last
        write(app, b"z!")
        await until(pilot, lambda: app.prompt.text == "!")
        assert app.chat.display


async def test_a_letter_with_nothing_to_do_is_typed() -> None:
    """The last row does not name the brackets while no answer has citations."""
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        write(app, SHOWS["f2"] + b"]z")
        await until(pilot, lambda: app.prompt.text == "]z")


async def test_a_rebound_letter_acts_and_the_one_before_is_typed() -> None:
    app = workbench_app(keys={"grow": ["x"], "row-down": ["b"]})
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, QUESTION)
        await pilot.press("f5")
        await until(pilot, lambda: rows_of(app, "events").line_count > 0)
        write(app, b"gbx")
        await until(pilot, lambda: not app.chat.display)
        assert rows_of(app, "events").cursor == 1
        write(app, b"xjz")
        await until(pilot, lambda: app.prompt.text == "jz")


async def test_after_a_click_in_the_chat_one_types_into_the_prompt() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, QUESTION)
        await pilot.click(app.chat.view, offset=(4, 2))
        assert in_focus(app) is app.prompt
        write(app, b"yz typed")
        await until(pilot, lambda: app.prompt.text == "yz typed")
        app.prompt.clear()
        await pilot.press("f5")
        await pilot.click(app.chat.view, offset=(4, 2))
        write(app, b"zy")
        await until(pilot, lambda: app.prompt.text == "zy")


async def test_on_a_screen_to_read_nothing_is_typed() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        write(app, b"\x1bOPhello\x1b[27u!")
        await until(pilot, lambda: app.prompt.text == "!")


@pytest.mark.parametrize("spot", ["chat", "rows"])
def test_no_pane_has_a_character_that_the_last_row_does_not_name(spot: Spot) -> None:
    keymap = Keymap()
    keys = [hint.split(" ")[0] for hint in hints(keymap, spot, lambda _: True)]
    named = {key for together in keys for key in (together, *together.split("/"))}
    written = {key for key in keymap.meant(spot) if len(label(key)) == 1 or key == "space"}
    of_ranges = set("123456789") if "1-9" in named else set()
    assert {label(key) for key in written} <= named | of_ranges | {"["}, "one bracket stands for both"


@pytest.mark.parametrize("page", [b"\x1b[5~", b"\x1b[6~"], ids=["up", "down"])
async def test_a_page_of_the_palette_in_one_burst_with_what_opens_it_does_no_harm(page: bytes) -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await settled(pilot)
        write(app, b"\x10" + page)
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await settled(pilot)
        assert app.is_running


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
@pytest.mark.parametrize("key", ["f2", "f4", "f5"])
async def test_the_last_row_of_a_pane_names_the_search_before_the_copying(key: str, size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        await ask(pilot, QUESTION)
        await pilot.press(key)
        await until_shown(pilot, "z zoom")
        last = screen_text(app).rstrip("\n").split("\n")[-1]
        assert "/ search" in last
        assert 0 < last.index("/ search") < last.find("y copy") % 1000
