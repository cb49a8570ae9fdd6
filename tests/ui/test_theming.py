"""The theme of a running app: everything on the screen follows it, and it alone says what colours there are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from rich.segment import Segment
from rich.style import Style
from textual.selection import SELECT_ALL
from textual.widget import Widget

from tests.ui.harness import AppPilot, ask, settled, until, workbench_app
from tests.ui.test_key_order import write
from tests.ui.test_themes import PALETTES
from workbench.ui.app import WorkbenchApp
from workbench.ui.screens.raw import RawScreen
from workbench.ui.themes.contrast import RGB, hexadecimal, rgb
from workbench.ui.widgets.raw_view import RawView

WIDE = (120, 40)


def segments(app: WorkbenchApp) -> Iterator[Segment]:
    """All that is on the screen."""
    for strip in app.screen._compositor.render_strips():
        yield from strip


def colours_of(segment: Segment) -> tuple[RGB | None, RGB | None]:
    """The true value of letters and of ground; None where nothing is said of it."""
    style = segment.style or Style.null()
    return (
        style.color.get_truecolor() if style.color is not None else None,
        style.bgcolor.get_truecolor() if style.bgcolor is not None else None,
    )


def strangers(app: WorkbenchApp) -> set[tuple[str, str]]:
    """The colours on the screen that the theme does not have, with a text that has each."""
    known = {rgb(shade.true) for shade in app.palette.shades.values()}
    return {
        (hexadecimal(colour), segment.text.strip())
        for segment in segments(app)
        for colour in colours_of(segment)
        if colour is not None and colour not in known
    }


async def see_everything(app: WorkbenchApp, pilot: AppPilot) -> None:
    """Look at what there is to see, each time for colours that are nobody's."""
    app.say("all is well")
    app.say("look out", severity="warning")
    app.say("it failed", severity="error")
    await settled(pilot)
    assert not strangers(app)
    await pilot.press("f2", "right_square_bracket")
    await settled(pilot)
    assert not strangers(app)
    for key in ("f3", "down", "f4", "down", "f5", "down", "f6", "down", "space"):
        await pilot.press(key)
        await settled(pilot)
        assert not strangers(app), key
    for key in ("f2", "f3", "f4", "f5", "f6"):
        await pilot.press(key, "slash", *"open")
        await settled(pilot)
        assert not strangers(app), key
        await pilot.press("enter")
    for key in ("f5", "f4"):
        await pilot.press(key, "f")
        await settled(pilot)
        assert not strangers(app), key
    for key in ("f1", "ctrl+p", "r"):
        await pilot.press("f2", key)
        await settled(pilot)
        assert not strangers(app), key
        await pilot.press("escape")
        await until(pilot, lambda: len(app.screen_stack) == 1)


@pytest.mark.parametrize("theme", ["workbench", "workbench-light", "solarized-light", "nord"])
async def test_nothing_on_the_screen_has_a_colour_that_the_theme_has_not(theme: str) -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=WIDE, notifications=True) as pilot:
        app.theme = theme
        await ask(pilot, "When do the doors open on Saturdays?")
        await see_everything(app, pilot)


async def test_a_new_theme_is_everywhere_at_once() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        for key in ("f5", "f6", "f4"):
            await pilot.press(key, "down", "space")
            await settled(pilot)
            for theme in ("solarized-light", "workbench-dark", "textual-light", "workbench"):
                app.theme = theme
                await pilot.pause()
                await pilot.pause()
                assert not strangers(app), (key, theme)


async def test_the_list_over_the_prompt_has_the_colours_of_every_theme() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        app.prompt.asked.precede(["When does the tide turn?", "What does a permit cost?"])
        for keys in (b"/c", b"\x15\x12tide"):
            write(app, keys)
            await until(pilot, lambda: app.prompt.choices.display)
            for theme in PALETTES:
                app.theme = theme
                await pilot.pause()
                await pilot.pause()
                assert not strangers(app), (keys, theme)


@pytest.mark.parametrize("theme", ["workbench", "workbench-light", "dracula"])
async def test_text_selected_with_the_mouse_is_seen(theme: str) -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        app.theme = theme
        await ask(pilot, "When do the doors open on Saturdays?")
        await select(app, app.chat.view, pilot)
        await pilot.press("f7")
        await until(pilot, lambda: isinstance(app.screen, RawScreen))
        await select(app, app.screen.query_one(RawView), pilot)


async def select(app: WorkbenchApp, widget: Widget, pilot: AppPilot) -> None:
    """Select all of a widget's text, and look at it."""
    app.screen.selections = {widget: SELECT_ALL}
    await settled(pilot)
    letters, ground = (rgb(app.palette.shades[role].true) for role in ("text", "selection"))
    chosen = [segment for segment in segments(app) if "doors" in segment.text and widget.region.width]
    assert any(colours_of(segment) == (letters, ground) for segment in chosen)
    assert not strangers(app)
