"""No terminal size, and no sequence of sizes, ends the app or leaves anything but the whole screen."""

from __future__ import annotations

import random
from functools import partial

import pytest
from textual.command import CommandList
from textual.geometry import Size

from tests.resizing import READING, STATES, first_difference, resized, sequence, wrong_after
from tests.ui.harness import settled, until, workbench_app
from workbench.ui.app import WorkbenchApp
from workbench.ui.arrangement import Panel
from workbench.ui.terminal import sizes


def is_wide(app: WorkbenchApp, columns: int) -> bool:
    return app.size.width >= columns


def is_laid_out(app: WorkbenchApp, size: tuple[int, int]) -> bool:
    return app.size == sizes.laid_out(Size(*size))


@pytest.mark.parametrize("state", STATES)
async def test_after_any_sequence_of_sizes_the_screen_is_as_it_was(state: str) -> None:
    chance = random.Random(state)
    async for wrong in wrong_after(state, (100, 30), [sequence(chance) for _ in range(2)], chance):
        assert wrong is None


@pytest.mark.parametrize("state", ["streaming", *READING])
async def test_a_size_shows_the_same_whichever_way_one_came(state: str) -> None:
    """From one usual size to the next, by others or directly: heights of panes and what is scrolled are the same."""
    chance = random.Random(state)
    async with resized(state, (100, 30), chance) as led, resized(state, (100, 30), chance) as other:
        for size in ((80, 24), (120, 40), (60, 20)):
            await led.go_through([*sequence(chance)[:3], size])
            await other.go_through([size])
            assert first_difference(led.shown(), other.shown()) is None, size


@pytest.mark.parametrize("state", STATES)
async def test_every_small_size_is_drawn(state: str) -> None:
    """Coming from a usual size and going back to it, which has other things on the screen."""
    async with resized(state, (100, 30), random.Random(1)) as led:
        for size in ((0, 0), (1, 1), (2, 1), (1, 100), (300, 1), (13, 30), (8, 24), (3, 40), (14, 3), (20, 2)):
            await led.go([size])


async def test_no_placeholder_needs_a_column_that_is_not_there() -> None:
    """The hint beside the prompt comes back before the prompt has the room for it."""
    app = workbench_app()
    async with app.run_test(size=(13, 30)) as pilot:
        for size in ((100, 30), (13, 30), (100, 30)):
            await pilot.resize_terminal(*size)
            await until(pilot, partial(is_wide, app, min(size[0], sizes.SMALLEST.width)))
        assert app.prompt.content_size.width > 0


@pytest.mark.parametrize("pane", ["events", "request", "tools", "sources", "chat"])
async def test_whoever_is_in_a_pane_is_there_after_any_size(pane: Panel) -> None:
    app = workbench_app()
    async with app.run_test(size=(100, 30)) as pilot:
        app.navigation.show(pane)
        await pilot.pause()
        before = app.focused
        assert before is not None
        for each in ((1, 1), (100, 30), (80, 10), (100, 30), (300, 1), (100, 30), (90, 24), (100, 30)):
            await pilot.resize_terminal(*each)
            await until(pilot, partial(is_laid_out, app, each))
            await pilot.pause()
            assert app.focused is before
        assert app.chat.display
        await pilot.resize_terminal(80, 10)
        await until(pilot, lambda: app.size.height == 10)
        await pilot.press("escape")
        assert app.focused is app.prompt
        assert app.chat.display


SMALL = [(20, 5), (33, 9), (300, 5), (60, 13), (60, 14), (60, 20), (80, 26)]


def chosen(app: WorkbenchApp) -> tuple[str, bool]:
    """What is chosen in the palette, without its keys, and whether that is on the screen, marked as chosen."""
    found = app.screen.query_one(CommandList)
    if found.highlighted is None or not found.display:
        return "", False
    option = found.get_option_at_index(found.highlighted)
    name = str(option.prompt).split("  ")[0].strip()
    ground = found.get_component_rich_style("option-list--option-highlighted").bgcolor
    marked = "".join(
        segment.text
        for line in app.screen._compositor.render_strips()
        for segment in line
        if segment.style and segment.style.bgcolor == ground
    )
    return name, " ".join(name.split()) in " ".join(marked.split())


@pytest.mark.parametrize("size", SMALL)
@pytest.mark.parametrize("keys", [("down",) * 4, ("pagedown", "pagedown"), ("d", "o", "c", "u")])
async def test_what_is_chosen_in_the_palette_is_seen_at_any_size(size: tuple[int, int], keys: tuple[str, ...]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: not app.loading)
        await pilot.press("ctrl+p")
        await until(pilot, lambda: chosen(app)[1])
        await pilot.press(*keys)
        await settled(pilot)
        await until(pilot, lambda: chosen(app)[1])
        for each in ((100, 30), size):
            await pilot.resize_terminal(*each)
            await until(pilot, partial(is_laid_out, app, each))
            await until(pilot, lambda: chosen(app)[1])


async def test_a_huge_terminal_is_drawn_at_its_upper_left() -> None:
    async with resized("idle", (100, 30), random.Random(1)) as led:
        await led.go([(1000, 500), (65_535, 65_535)])
        led.resize(Size(65_535, 65_535))
        await led.settle()
        assert led.app.size == sizes.LARGEST


@pytest.mark.parametrize(
    ("terminal", "laid_out", "shown"),
    [
        ((80, 24), (80, 24), (80, 24)),
        ((1, 1), (20, 3), (1, 1)),
        ((0, 0), (20, 3), (1, 1)),
        ((300, 1), (300, 3), (300, 1)),
        ((5, 50), (20, 50), (5, 50)),
        ((2000, 30), (1000, 30), (1000, 30)),
        ((65_535, 65_535), (1000, 500), (1000, 500)),
    ],
)
def test_the_screen_is_laid_out_within_bounds(
    terminal: tuple[int, int], laid_out: tuple[int, int], shown: tuple[int, int]
) -> None:
    assert sizes.laid_out(Size(*terminal)) == laid_out
    assert sizes.shown(Size(*laid_out), Size(*terminal)) == shown
