"""The list of documents as it looks, at four sizes, and in every theme."""

from __future__ import annotations

from tests.ui.harness import settled, until, workbench_app
from tests.ui.test_documents_list import listed, town
from tests.ui.test_screens import Album, SnapshotAssertion
from tests.ui.test_snapshots import every_size
from tests.ui.test_themes import PALETTES
from tests.ui.test_theming import strangers


@every_size
async def test_the_list_of_documents(size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: not app.loading)
        app.conversation.library = town()
        app.prompt.insert("When do boats leave?")
        pictures = Album(app, pilot, snapshot)
        await listed(pilot, app)
        await pictures.press("enter", "end", "enter", shows="news.md")
        await pictures.press("end", "enter", shows="Part 1")
        await pictures.press("down", "p", "down", "space", "down", "enter", shows="◆")
        await pictures.take("documents")
        pictures.close()


async def test_every_theme_has_its_own_colours_there() -> None:
    app = workbench_app(documents=False)
    async with app.run_test(size=(120, 40)) as pilot:
        await until(pilot, lambda: not app.loading)
        app.conversation.library = town()
        await listed(pilot, app)
        await pilot.press("enter", "down", "enter", "down", "p", "down", "space", "enter", "+", "x")
        for name in PALETTES:
            app.theme = name
            await settled(pilot)
            assert not strangers(app)
