"""The panels of settings, of presets and of a turn as they look, at four sizes, and in every theme."""

from __future__ import annotations

from pathlib import Path

from tests.ui.harness import AppPilot, settled, until, until_shown, workbench_app
from tests.ui.test_again import three_turns
from tests.ui.test_screens import Album, SnapshotAssertion
from tests.ui.test_settings_panel import panel
from tests.ui.test_snapshots import every_size
from tests.ui.test_themes import PALETTES
from tests.ui.test_theming import strangers
from workbench.config.settings_model import Settings
from workbench.ui.app import WorkbenchApp
from workbench.ui.screens.form import FormScreen

BEGAN = Settings(
    model="command-a-03-2025",
    system="Answer in one sentence, and cite what it rests on.\nSay so when nothing does.",
    temperature=0.3,
    seed=7,
    safety_mode="strict",
    presets={"strict": {"temperature": 0.0, "seed": 7}, "loose": {"temperature": 1.5, "seed": None}},
)


@every_size
async def test_settings_and_presets(size: tuple[int, int], snapshot: SnapshotAssertion, tmp_path: Path) -> None:
    async with panel(size, BEGAN, tmp_path) as (app, pilot, screen):
        pictures = Album(app, pilot, snapshot)
        await pictures.take("settings")
        await pictures.press("down", "space", shows="Say so when nothing does.")
        await pictures.take("long value")
        await pictures.press("space", "f", shows="only what differs")
        await pictures.take("what differs")
        await pictures.press("F", "home", "enter", "ctrl+u", *"command-r", shows="as typed")
        await pictures.take("model")
        await pictures.press("escape", "slash", *"safety", "enter", "enter", shows="contextual")
        await pictures.take("choice")
        await pictures.press("escape", "escape", "end")
        await pictures.take("read at the start")
        await pictures.press("home", "slash", *"seed", "enter", "enter", *"x")
        await pictures.take("wrong")
        await pilot.press("escape", "escape", "p")
        await until(pilot, lambda: app.screen is not screen)
        await pictures.take("presets")
        pictures.close()


@every_size
async def test_a_turn_again(size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    async with three_turns(size) as (app, pilot):
        pictures = Album(app, pilot, snapshot)
        await pilot.press("f6", "ctrl+up", "r")
        await until(pilot, lambda: isinstance(app.screen, FormScreen))
        await pictures.press("enter", "ctrl+e", "backspace", *" now?", "enter", "end", "enter", shows="off")
        await pictures.take("tools")
        await pictures.press("home")
        await pictures.take("changed")
        await pilot.press("enter")
        await until(pilot, lambda: len(app.conversation.tree) == 4 and not app.busy)
        await pictures.take("asked")
        pictures.close()


async def of_every_colour(app: WorkbenchApp, pilot: AppPilot, *keys: str) -> None:
    await pilot.press(*keys)
    await settled(pilot)
    assert not strangers(app)


async def test_every_theme_has_its_own_colours_there() -> None:
    app = workbench_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: not app.loading)
        for name in PALETTES:
            app.theme = name
            await of_every_colour(app, pilot, "f9")
            await of_every_colour(app, pilot, "enter", "ctrl+u", *"command-r", "down")
            await of_every_colour(app, pilot, "escape", "down", "down", "enter", "9")
            await of_every_colour(app, pilot, "escape", "p")
            await of_every_colour(app, pilot, "escape", "escape")


async def test_on_a_small_screen_what_is_changed_is_seen() -> None:
    app = workbench_app()
    async with app.run_test(size=(40, 10)) as pilot:
        await until(pilot, lambda: not app.loading)
        await pilot.press("f9", "down", "down", "enter", *"0.3")
        await until_shown(pilot, "temperature = 0.3")
        await pilot.press("enter", "up", "enter")
        await until_shown(pilot, "system =")
