"""What tools hold open is let go when the app ends."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from workbench.cli import parse
from workbench.commands.app import screen
from workbench.startup.setup import read_plan
from workbench.tools.toolbox import Toolbox


async def test_the_app_closes_its_tools(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    file = tmp_path / "tools.yaml"
    file.write_text("- {name: hours, run: {reply: 9}}\n")
    closed: list[Toolbox] = []

    async def aclose(box: Toolbox) -> None:
        closed.append(box)

    monkeypatch.setattr(Toolbox, "aclose", aclose)
    app = screen(read_plan(parse(["--offline", "--tools", str(file)]), os.environ), os.environ)
    async with app.run_test():
        assert closed == []
    assert closed == [app.conversation.toolbox]
