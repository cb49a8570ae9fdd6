"""The bench of a tool and the list of tools as they look, at four sizes, and in every theme."""

from __future__ import annotations

from tests.ui.harness import ask, served, settled, workbench_app
from tests.ui.test_bench import app_with, echo, opened
from tests.ui.test_branches import with_call
from tests.ui.test_screens import Album, SnapshotAssertion
from tests.ui.test_snapshots import every_size
from tests.ui.test_themes import PALETTES
from tests.ui.test_theming import strangers


@every_size
async def test_as_it_looks(size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    app = app_with(echo())
    async with app.run_test(size=size) as pilot, served(app, with_call):
        await ask(pilot, "When?")
        pictures = Album(app, pilot, snapshot)
        await opened(pilot, app)
        await pictures.press("down", "down", "enter", *"9", "enter", "r", shows="⊘ arguments")
        await pictures.take("refused")
        await pictures.press("u", "r", shows="✓ done")
        await pictures.press("tab")
        await pictures.take("runs")
        pictures.close()


@every_size
async def test_the_list_of_tools(size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    app = workbench_app(tools=True, documents=False)
    async with app.run_test(size=size) as pilot:
        pictures = Album(app, pilot, snapshot)
        await pictures.press("f3", "T", shows="3 of 3 go along")
        await pictures.press("space", "down", shows="2 of 3 go along")
        await pictures.take("tools")
        pictures.close()


async def test_every_theme_has_its_own_colours_there() -> None:
    app = app_with(echo())
    async with app.run_test(size=(120, 40)) as pilot, served(app, with_call):
        await ask(pilot, "When?")
        await opened(pilot, app)
        await pilot.press("down", "down", "enter", *"9", "enter", "r")
        for name in PALETTES:
            app.theme = name
            await settled(pilot)
            assert not strangers(app)
