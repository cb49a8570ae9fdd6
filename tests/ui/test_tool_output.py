"""What a tool printed is shown with its call, and like all text from outside."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import pytest

from tests.ui.harness import ask, screen_text, until_shown, workbench_app
from workbench.errors import ToolError
from workbench.tools.people import NoPeople
from workbench.tools.runner import ApprovedCall, CallOutcome, Runner, Surroundings, ToolKind, WrittenValue
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

PLACE = {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}


@dataclass(frozen=True, slots=True)
class Talks(ToolKind):
    """A kind that prints `said`, and fails when it is to."""

    said: str
    fails: bool

    written: ClassVar[str] = "text"
    runs_code: ClassVar[bool] = False

    @classmethod
    def read(cls, value: WrittenValue, folder: Path) -> Self | None:
        raise AssertionError("no file has this kind")

    def what(self) -> str:
        return "talks"

    @asynccontextmanager
    async def open(self, surroundings: Surroundings) -> AsyncIterator[Runner]:
        async def run(call: ApprovedCall) -> CallOutcome:
            error = ToolError("failed", "it broke") if self.fails else None
            return CallOutcome({"opens": "09:00"}, error, self.said)

        yield run


@pytest.mark.parametrize("fails", [False, True])
async def test_what_a_tool_printed_stands_below_its_result(fails: bool) -> None:
    app = workbench_app()
    spec = ToolSpec("opening_hours", "Opening hours of a place", Talks("looking it up\n[red]\x1b[31m7\n", fails), PLACE)
    app.conversation.toolbox = Toolbox([spec], people=NoPeople(), trust=TrustStore(), environ={})
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, 'What are the opening hours of the place "library"?')
        await pilot.press("f3", "home", *["down"] * 4)
        assert "looking it up" not in screen_text(app)
        await pilot.press("space")
        await until_shown(pilot, "printed", "looking it up", "[red]␛[31m7")
        shown = screen_text(app)
    assert shown.index("it broke" if fails else 'opens: "09:00"') < shown.index("printed")


async def test_what_printed_nothing_says_nothing_of_it() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, 'What are the opening hours of the place "library"?')
        await pilot.press("f3", "home", *["down"] * 4, "space")
        await until_shown(pilot, 'closes: "18:00"')
        assert "printed" not in screen_text(app)
