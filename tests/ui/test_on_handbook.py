"""The app on its own handbook: it says so, and answers from it."""

from __future__ import annotations

import os
from collections.abc import Sequence

import pytest

from tests.ui.harness import settled, until, until_shown
from workbench.cli import parse
from workbench.commands.app import screen
from workbench.startup.setup import read_plan
from workbench.ui.app import WorkbenchApp


def opened(*argv: str) -> WorkbenchApp:
    return screen(read_plan(parse(argv), dict(os.environ), docs_later=True, or_handbook=True), dict(os.environ))


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=["120x40", "80x24"])
async def test_it_says_whose_documents_one_asks_and_answers_from_them(size: tuple[int, int]) -> None:
    app = opened("--no-session")
    async with app.run_test(size=size) as pilot:
        await until_shown(pilot, "You are asking Workbench's own handbook: --docs FILE asks yours.", "Alt+1")
        await until_shown(pilot, "· handbook ")
        await pilot.press(*"How do I define a tool?", "enter")
        await until(pilot, lambda: bool(app.conversation.turns) and not app.busy)
        assert "Define a tool with a name" in app.conversation.turns[0].text
        await pilot.press("ctrl+n")
        await settled(pilot)
        await until_shown(pilot, "You are asking Workbench's own handbook")


@pytest.mark.parametrize("argv", [["--set", "docs=[]"], ["--docs", "config/docs.yaml"]])
async def test_it_says_nothing_of_it_where_documents_are_named(argv: Sequence[str]) -> None:
    app = opened("--no-session", *argv)
    async with app.run_test(size=(80, 24)) as pilot:
        await until_shown(pilot, "It is not a", "Enter ask")
        assert not any("own handbook" in note for note in app.chat.start.words.notes)
