"""Make the pictures of the README from the running app: `python -m tests.screenshots`."""

from __future__ import annotations

import asyncio
from pathlib import Path

from tests.ui.harness import AppPilot, Starts, ask, settled, until_shown
from workbench.cohere_client import ClientOptions, connect
from workbench.commands.app import OFFLINE_NOTES, PACE
from workbench.config.load import load_configuration
from workbench.conversation import Conversation
from workbench.documents.load import load_sets
from workbench.documents.retrieval import Library
from workbench.tools.people import NoPeople
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore
from workbench.ui.about import About
from workbench.ui.app import WorkbenchApp

ROOT = Path(__file__).resolve().parents[1]
FOLDER = ROOT / "screenshots"
WIDE, NARROW = (120, 36), (80, 24)


def shipped_app(docs: str, *, tools: bool = False, pace: float = 0.0) -> WorkbenchApp:
    """The app as the README's command starts it."""
    config = ROOT / "config"
    loaded = load_configuration([config / docs], [config / "tools.yaml"] if tools else [], {})
    client = connect(ClientOptions(offline=True, pace=pace), {})
    toolbox = Toolbox(loaded.tools, people=NoPeople(), trust=TrustStore(), environ={}) if tools else None
    return WorkbenchApp(
        Conversation(client, toolbox=toolbox),
        About("offline engine", "offline engine", OFFLINE_NOTES),
        Starts(client, load=lambda: Library(load_sets(loaded.sets).sets)),
    )


def save(app: WorkbenchApp, name: str) -> None:
    path = FOLDER / f"{name}.svg"
    path.write_text(app.export_screenshot(title="workbench"), "utf-8")
    print(path.relative_to(ROOT))


async def start(size: tuple[int, int], name: str) -> None:
    app = shipped_app("docs.yaml")
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        save(app, name)


async def streaming() -> None:
    app = shipped_app("docs.yaml", pace=PACE)
    async with app.run_test(size=WIDE) as pilot:
        app.prompt.insert("How do I define a tool?")
        await pilot.press("enter")
        await until_shown(pilot, "parameters as a JSON")
        save(app, "streaming")


async def cited(size: tuple[int, int], name: str) -> None:
    app = shipped_app("docs.yaml")
    async with app.run_test(size=size) as pilot:
        await ask(pilot, "How do I define a tool?")
        await pilot.press("f2", "right_square_bracket")
        await settled(pilot)
        save(app, name)


async def tools() -> None:
    app = shipped_app("library.yaml", tools=True, pace=PACE)
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "What does a library card cost, and can I borrow games?")
        await ask(pilot, "What are the opening hours of the library?")
        await pilot.press("f2", *["right_square_bracket"] * 4)
        await settled(pilot)
        save(app, "tools")


async def events(pilot_size: tuple[int, int]) -> None:
    app = shipped_app("docs.yaml")
    async with app.run_test(size=pilot_size) as pilot:
        await ask(pilot, "Which key cancels a turn?")
        await _show_events(pilot)
        save(app, "events")


async def _show_events(pilot: AppPilot) -> None:
    await pilot.press("f5", "home", "down", "down", "down", "space")
    await settled(pilot)


async def main() -> None:
    FOLDER.mkdir(exist_ok=True)
    await start(WIDE, "start")
    await start(NARROW, "start-80x24")
    await streaming()
    await cited(WIDE, "cited")
    await cited(NARROW, "cited-80x24")
    await tools()
    await events(WIDE)


if __name__ == "__main__":
    asyncio.run(main())
