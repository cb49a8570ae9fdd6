"""A tool that is run alone, by keys alone: its form, its runs, what is asked meanwhile, and back into the turn."""

from __future__ import annotations

import asyncio
import json
import shlex
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar, Self

import pytest

from tests.hostile import PAYLOADS
from tests.loopback import Received, Reply, message, stream
from tests.ui.harness import (
    AppPilot,
    ask,
    listens,
    said,
    screen_text,
    served,
    settled,
    until,
    until_shown,
    workbench_app,
)
from tests.ui.test_branches import with_call
from workbench import cli
from workbench.tools.runner import ApprovedCall, CallOutcome, Progress, Runner, Surroundings, ToolKind, WrittenValue
from workbench.tools.runners.reply import CannedReply
from workbench.tools.specs import Approval, ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore
from workbench.ui.app import WorkbenchApp
from workbench.ui.screens.bench import BenchScreen
from workbench.ui.screens.call_editor import CallEditor
from workbench.ui.screens.main import MainScreen

SIZES = [(120, 40), (80, 24)]
PARAMETERS: dict[str, Any] = {
    "type": "object",
    "properties": {
        "place": {"type": "string", "description": "The place, as people call it.", "examples": ["library"]},
        "days": {"type": "integer", "minimum": 1, "maximum": 7, "default": 1},
        "unit": {"enum": ["C", "F"]},
        "fine": {"type": "boolean"},
    },
    "required": ["place"],
}


@dataclass(frozen=True)
class Echo(ToolKind):
    """Returns its arguments once `gate` is open; `killed` has the ids of calls that were cancelled."""

    gate: asyncio.Event = field(default_factory=asyncio.Event)
    killed: list[str] = field(default_factory=list)

    written: ClassVar[str] = "anything"
    runs_code: ClassVar[bool] = False

    @classmethod
    def read(cls, value: WrittenValue, folder: Path) -> Self:
        """Nothing is written anywhere."""
        return cls()

    def what(self) -> str:
        """What it does."""
        return "says what it was given"

    @asynccontextmanager
    async def open(self, surroundings: Surroundings) -> AsyncIterator[Runner]:
        """Itself."""
        yield self._run

    async def _run(self, call: ApprovedCall) -> CallOutcome:
        call.report(Progress("half of it", 1, 2))
        try:
            await self.gate.wait()
        except asyncio.CancelledError:
            self.killed.append(call.id)
            raise
        return CallOutcome({"given": dict(call.arguments)}, output="printed by it")


def app_with(
    run: ToolKind, approve: Approval | None = None, parameters: Mapping[str, Any] = PARAMETERS
) -> WorkbenchApp:
    app = workbench_app(documents=False)
    spec = ToolSpec(
        "opening_hours", "Opening hours of a place", run, parameters, approve, file=Path("/x/my tools.yaml")
    )
    people = app.stage.person()
    app.conversation.toolbox = Toolbox([spec], people=people, trust=TrustStore(), environ={}, clock=lambda: 0.0)
    return app


async def opened(pilot: AppPilot, app: WorkbenchApp, keys: str = "f3 end k k x") -> BenchScreen:
    """The bench of the call of a turn."""
    await pilot.press(*keys.split())
    await until(pilot, lambda: isinstance(app.screen, BenchScreen))
    assert isinstance(app.screen, BenchScreen)
    return app.screen


def echo() -> Echo:
    made = Echo()
    made.gate.set()
    return made


@pytest.mark.parametrize("size", SIZES)
async def test_a_call_is_run_again_with_other_arguments_and_taken_into_the_turn(size: tuple[int, int]) -> None:
    app = app_with(echo())
    async with app.run_test(size=size) as pilot, served(app, with_call) as server:
        await ask(pilot, "When?")
        screen = await opened(pilot, app)
        await until_shown(pilot, "opening_hours alone · call of turn 1, step 1", "place               library")
        await until_shown(pilot, "days                not given, by default 1", "What comes of a run appears here")
        await pilot.press("r")
        await until_shown(pilot, "1 run alone", "▾ arguments", "▾ result", "▾ given", 'place: "library"')
        await pilot.press("down", "enter", "ctrl+u", *"pool", "enter", "down", "enter", *"3", "enter", "r")
        await until_shown(pilot, "2 runs alone", "✓ done  place: pool, days: 3")
        assert [dict(run.arguments) for run in screen.bench.runs] == [
            {"place": "pool", "days": 3},
            {"place": "library"},
        ]
        assert len(server.received) == 2, "no model was asked"
        assert len(app.conversation.tree) == 1
        await pilot.press("e")
        await until(pilot, lambda: isinstance(app.screen, CallEditor))
        await until_shown(pilot, "[result]", '"days": 3')
        await pilot.press("enter")
        await until(pilot, lambda: len(app.conversation.tree) == 2 and not app.busy)
        assert isinstance(app.screen, MainScreen)
        before, after = (server.received[at].body["messages"] for at in (1, 2))
        call, result = after[1]["tool_calls"][0], after[2]
        assert json.loads(call["function"]["arguments"]) == {"place": "pool", "days": 3}
        assert result["content"][0]["document"]["data"] == {"given": {"place": "pool", "days": 3}}
        call["function"]["arguments"] = before[1]["tool_calls"][0]["function"]["arguments"]
        result["content"] = before[2]["content"]
        assert after == before, "and nothing else of the history is another"


async def test_arguments_alone_are_taken_and_the_call_runs_in_the_turn() -> None:
    app = app_with(echo())
    async with app.run_test(size=(80, 24)) as pilot, served(app, with_call) as server:
        await ask(pilot, "When?")
        await opened(pilot, app)
        await pilot.press("e")
        await until_shown(pilot, "no run is over yet")
        await pilot.press("down", "enter", "ctrl+u", *"pool", "enter", "E")
        await until_shown(pilot, "[arguments]", '"place": "pool"')
        await pilot.press("enter")
        await until(pilot, lambda: len(app.conversation.tree) == 2 and not app.busy)
        given = app.conversation.turns[-1].steps[0].results[0].result
        assert given == {"given": {"place": "pool"}}
        assert len(server.received) == 3


async def test_what_does_not_fit_is_told_at_its_field_and_sent_all_the_same() -> None:
    app = app_with(echo())
    async with app.run_test(size=(80, 24)) as pilot:
        app.commands.run('/run-tool opening_hours {"place": 5, "more": [1]}')
        await until(pilot, lambda: isinstance(app.screen, BenchScreen))
        screen = app.screen
        assert isinstance(screen, BenchScreen)
        await until_shown(pilot, "✗ place               5  must be string", "Not in the schema", "1 value does not fit")
        await pilot.press("down", "down", "enter", *"9")
        await until_shown(pilot, "! must be at most 7", "integer · not required · at least 1 · at most 7 · default 1")
        await pilot.press("x")
        await until_shown(pilot, "a whole number is wanted")
        await pilot.press("enter")
        await until_shown(pilot, "days = 9x")
        await pilot.press("backspace", "enter", "r")
        await until_shown(pilot, "✗ days                9  must be at most 7", "⊘ arguments do not fit  place: 5")
        await pilot.press("down", "enter", *"F", "enter", "down", "enter")
        await until_shown(pilot, "unit                F", "fine                true")
        await pilot.press("J")
        await until_shown(pilot, '"more": [')
        await pilot.press("enter")
        screen.editor.begin('{"place": "x"', is_long=True)
        await pilot.press("enter")
        await until_shown(pilot, "an object of JSON is wanted")
        await pilot.press("}", "enter", "J", "r")
        await until_shown(pilot, "✓ done  place: x")
        await pilot.press("tab", "end", "A")
        await until_shown(pilot, "the form has the arguments of run 1", "✗ place               5")


async def test_a_run_tells_how_it_goes_on_and_escape_cancels_it_then_closes() -> None:
    tool = Echo()
    app = app_with(tool)
    async with app.run_test(size=(80, 24)) as pilot:
        app.commands.run("/run-tool opening_hours " + '{"place": "library"}')
        await until(pilot, lambda: isinstance(app.screen, BenchScreen))
        await pilot.press("r")
        await until_shown(pilot, "⧗ running", "1 of 2  half of it", "Esc cancel")
        await pilot.press("r")
        await until_shown(pilot, "a run is not over yet: Esc, q cancels it")
        await pilot.press("escape")
        await until_shown(pilot, "✗ cancelled")
        assert len(tool.killed) == 1
        tool.gate.set()
        await pilot.press("r")
        await until_shown(pilot, "✓ done")
        await pilot.press("C")
        await until(pilot, lambda: "OSC 52" in said(app))
        line = "workbench tools run opening_hours '{\"place\": \"library\"}' --tools '/x/my tools.yaml'"
        assert app.clipboard == line
        given = cli.parse(shlex.split(line)[1:])
        assert (given.name, given.arguments, given.tools) == (
            "opening_hours", '{"place": "library"}', [Path("/x/my tools.yaml")],
        )  # fmt: skip
        await pilot.press("tab", "y")
        await until(pilot, lambda: app.clipboard != line)
        assert json.loads(app.clipboard) == {"given": {"place": "library"}}
        await pilot.press("escape")
        await until(pilot, lambda: isinstance(app.screen, MainScreen))
        app.commands.run("/run-tool opening_hours")
        await until_shown(pilot, "2 runs alone", "place               library")


async def test_a_run_that_goes_on_is_stopped_with_the_app() -> None:
    tool = Echo()
    app = app_with(tool)
    async with app.run_test(size=(80, 24)) as pilot:
        app.commands.run('/run-tool opening_hours {"place": "library"}')
        await until(pilot, lambda: isinstance(app.screen, BenchScreen))
        await pilot.press("r")
        await until_shown(pilot, "⧗ running")
    assert len(tool.killed) == 1


async def test_the_bench_makes_room_for_a_question_and_comes_back() -> None:
    app = app_with(echo(), "ask")
    async with app.run_test(size=(80, 24)) as pilot:
        app.commands.run('/run-tool opening_hours {"place": "library"}')
        await until(pilot, lambda: isinstance(app.screen, BenchScreen))
        await pilot.press("r")
        await until(pilot, lambda: listens(app))
        await until_shown(pilot, "May opening_hours run?", '{"place": "library"}')
        await pilot.pause(0.3)  # in which a question takes no answer
        await pilot.press(*"yes", "enter")
        await until_shown(pilot, "✓ done  place: library")
        assert isinstance(app.screen, BenchScreen)
        await pilot.press("r")
        await until(pilot, lambda: listens(app))
        await pilot.pause(0.3)
        await pilot.press("escape")
        await until_shown(pilot, "⊘ denied  place: library", "the user did not allow")


async def test_what_is_no_tool_and_what_is_no_call_is_said() -> None:
    app = app_with(echo())
    async with app.run_test(size=(80, 24)) as pilot, served(app, with_call):
        app.commands.run("/run-tool opening")
        assert said(app) == "there is no tool `opening`; did you mean `opening_hours`?"
        app.commands.run("/run-tool opening_hours {")
        assert said(app).startswith("the arguments are no JSON")
        app.commands.perform("run-call")
        assert said(app) == "stand on a call of a tool to run it alone; /run-tool NAME runs any"
        await ask(pilot, "When?")
        app.commands.run("/tools off opening_hours")
        screen = await opened(pilot, app)
        await pilot.press("r")  # what the model does not get can be run all the same
        await until_shown(pilot, "✓ done")
        await pilot.press("escape", "escape")
        app.commands.run("/new")
        await opened_after_new(pilot, app, screen)


async def opened_after_new(pilot: AppPilot, app: WorkbenchApp, screen: BenchScreen) -> None:
    """A call of a conversation that is over takes nothing any more."""
    run = screen.bench.runs[0]
    assert app.commands._of_tools.take(screen.bench, run, run.arguments, with_result=True) == (
        "the turn is no part of this conversation any more"
    )
    await until_shown(pilot, "1 tool")


def hostile_call(received: Received) -> Reply:
    text = "".join(PAYLOADS.values())
    if received.body["messages"][-1]["role"] == "user":
        return stream(message(tool_calls=[("c1", "opening_hours", json.dumps({"place": text, text: text}))]))
    return stream(message("done"))


async def test_what_others_said_is_shown_as_it_is() -> None:
    text = "[bold]" + "".join(PAYLOADS.values())
    schema = {"properties": {"place": {"description": text, "default": text, "enum": [text, "a"]}, text: {}}}
    app = app_with(CannedReply({text: text}), None, schema)
    async with app.run_test(size=(120, 40)) as pilot, served(app, hostile_call):
        await ask(pilot, "When?")
        await opened(pilot, app, "f3 home down down x")
        for keys in (("r",), ("down", "enter"), ("escape", "tab", "enter"), ("enter", "J")):
            await pilot.press(*keys)
            await settled(pilot)
            shown = screen_text(app)
            assert not [each for each in shown if ord(each) < 32 and each != "\n"]
            assert "[bold]" in shown


async def test_of_a_definition_with_hundreds_of_fields_only_what_is_seen_is_made() -> None:
    properties = {f"field_{number}": {"type": "string", "description": "what it is"} for number in range(500)}
    spec = ToolSpec("much", "Much", CannedReply("ok"), {"type": "object", "properties": properties})
    app = workbench_app()
    app.conversation.toolbox = Toolbox([spec], people=app.stage.person(), trust=TrustStore(), environ={})
    async with app.run_test(size=(120, 40)) as pilot:
        app.commands.run("/run-tool much")
        await until_shown(pilot, "field_12")
        await settled(pilot)
        assert isinstance(app.screen, BenchScreen)
        rows = app.screen.rows
        assert len(rows.keys) > 500
        assert len(rows.made) < 50
        await pilot.press("end", "slash", *"field_250", "enter")
        await until(pilot, lambda: (rows.cursor_key or "").endswith("field_250"))
        assert len(rows.made) < 150
