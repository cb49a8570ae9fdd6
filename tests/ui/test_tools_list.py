"""The list of tools, by keys alone: what is off is not sent, and whether the model must call one."""

from __future__ import annotations

import pytest

from tests.loopback import Received, Reply, message, stream
from tests.ui.harness import AppPilot, ask, said, served, until, until_shown, workbench_app
from workbench.ui.app import WorkbenchApp
from workbench.ui.screens.bench import BenchScreen
from workbench.ui.screens.form import FormScreen
from workbench.ui.screens.tools import ToolsScreen

SIZES = [(120, 40), (80, 24)]


def answer(received: Received) -> Reply:
    return stream(message("It opens at nine."))


def names(received: Received) -> list[str]:
    return [tool["function"]["name"] for tool in received.body.get("tools", [])]


async def listed(pilot: AppPilot, app: WorkbenchApp) -> None:
    await pilot.press("f3", "T")
    await until(pilot, lambda: isinstance(app.screen, ToolsScreen))


@pytest.mark.parametrize("size", SIZES)
async def test_what_is_switched_off_is_not_sent_from_the_next_turn_on(size: tuple[int, int]) -> None:
    app = workbench_app(tools=True, documents=False)
    async with app.run_test(size=size) as pilot, served(app, answer) as server:
        await until_shown(pilot, "3 tools")
        await listed(pilot, app)
        await until_shown(pilot, "3 of 3 go along", "on · reply · needs no approval", "Opening hours of a place")
        await pilot.press("space")
        await until_shown(pilot, "2 of 3 go along", "not sent")
        await pilot.press("home", "enter", "down", "space")  # tool_choice, and strict_tools
        await until_shown(pilot, "force: the model must call a tool", "on: arguments satisfy the schema")
        await pilot.press("escape")
        await until_shown(pilot, "2 of 3 tools")
        await ask(pilot, "When?")
        assert names(server.received[-1]) == ["train_status", "ask_a_person"]
        assert (server.received[-1].body["tool_choice"], server.received[-1].body["strict_tools"]) == ("REQUIRED", True)
        await listed(pilot, app)
        await pilot.press("down", "o")
        await until_shown(pilot, "1 of 3 go along")
        await pilot.press("home", "enter", "escape")
        await ask(pilot, "When?")
        assert names(server.received[-1]) == ["train_status"]
        assert server.received[-1].body["tool_choice"] == "NONE"
        await listed(pilot, app)
        await pilot.press("a", "escape")
        await until_shown(pilot, " 3 tools")


async def test_enter_opens_a_tool_to_be_run_and_switches_nothing() -> None:
    app = workbench_app(tools=True, documents=False)
    async with app.run_test(size=(80, 24)) as pilot:
        await listed(pilot, app)
        await pilot.press("down", "enter")
        await until(pilot, lambda: isinstance(app.screen, BenchScreen))
        await pilot.press("r")
        await until_shown(pilot, "the 9:12 is on time")
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, ToolsScreen))
        assert app.conversation.tools_off == frozenset()
        assert app.conversation.turns == []


async def test_a_turn_that_is_asked_again_has_the_tools_that_it_had() -> None:
    app = workbench_app(tools=True, documents=False)
    async with app.run_test(size=(80, 24)) as pilot, served(app, answer) as server:
        app.commands.run("/tools off opening_hours, ask_a_person")
        assert said(app) == "1 of 3 tools from the next turn on: without opening_hours, ask_a_person"
        await ask(pilot, "When?")
        await until_shown(pilot, "without ask_a_person, opening_hours")
        app.commands.run("/tools on opening_hours")
        app.commands.run("/again")
        await until(pilot, lambda: isinstance(app.screen, FormScreen))
        await pilot.press("end", "up")
        await until_shown(pilot, "train_status        on", "ask_a_person        off", "opening_hours       off")
        await pilot.press("r")
        await until(pilot, lambda: len(server.received) == 2 and not app.busy)
        assert names(server.received[-1]) == ["train_status"]
        await ask(pilot, "And now?")
        assert names(server.received[-1]) == ["opening_hours", "train_status"]


async def test_what_the_command_cannot_do_is_said() -> None:
    app = workbench_app(tools=True, documents=False)
    async with app.run_test(size=(80, 24)):
        app.commands.run("/tools off opening_hour")
        assert said(app) == "there is no tool `opening_hour`; did you mean `opening_hours`?"
        app.commands.run("/tools force")
        assert app.conversation.options.parameters["tool_choice"] == "REQUIRED"
        app.commands.run("/tools free")
        assert "tool_choice" not in app.conversation.options.parameters
        app.commands.run("/tools are useful.")
        assert said(app).startswith("/tools takes on, off or only")
        assert app.conversation.tools_off == frozenset()
        app.conversation.toolbox = None
        app.commands.run("/tools")
        assert said(app) == "no tools: start with --tools FILE"
