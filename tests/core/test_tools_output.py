"""What a tool printed: with its result in the event and the session, without keys, and nowhere else."""

from __future__ import annotations

import io
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import ClassVar, Self

import pytest

from tests.core.keeping import KEY, came_back, kept, session
from tests.loopback import message, stream
from workbench.conversation.turn import Turn
from workbench.errors import ToolError
from workbench.events import Event, ToolResult
from workbench.printing.json_lines import JsonLines
from workbench.recordings.recording import Reading, RecordingWriter
from workbench.sessions.playback import recorded_turns
from workbench.tools.people import NoPeople
from workbench.tools.runner import (
    MOST_OUTPUT,
    ApprovedCall,
    CallOutcome,
    Runner,
    Surroundings,
    ToolKind,
    WrittenValue,
)
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

PRINTED = f"looking with {KEY}\n\x1b[2J\ufffd\n"
KEPT = PRINTED.replace(KEY, "***")
CALLS = message(tool_calls=[("c1", "good", "{}"), ("c2", "bad", "{}"), ("c3", "silent", "{}")])
FIELDS = {"event", "t", "step", "id", "name", "arguments", "seconds"}


@dataclass(frozen=True, slots=True)
class Printing(ToolKind):
    """A harmless kind that gives what it is made of."""

    outcome: CallOutcome

    runs_code: ClassVar[bool] = False

    @classmethod
    def read(cls, value: WrittenValue, folder: Path) -> Self | None:
        raise AssertionError("made in code")

    def what(self) -> str:
        return "prints"

    @asynccontextmanager
    async def open(self, surroundings: Surroundings) -> AsyncIterator[Runner]:
        async def run(call: ApprovedCall) -> CallOutcome:
            return self.outcome

        yield run


def toolbox() -> Toolbox:
    outcomes = {
        "good": CallOutcome("found", output=PRINTED),
        "bad": CallOutcome(error=ToolError("failed", "lost"), output=PRINTED),
        "silent": CallOutcome("shh"),
    }
    tools = [ToolSpec(name, "d", Printing(outcome)) for name, outcome in outcomes.items()]
    return Toolbox(tools, people=NoPeople(), trust=TrustStore(), environ={})


async def asked() -> tuple[Turn, list[Event]]:
    """A turn with a call of each tool, kept as a session."""
    events: list[Event] = []
    async with kept([stream(CALLS), stream(message("Done."))], tools=toolbox()) as (conversation, _):
        turn = await conversation.run("Look.", on_event=events.append)
    return turn, events


def outputs(turn: Turn) -> list[str]:
    return [turn.steps[0].results[call].output for call in range(3)]


async def test_it_is_in_the_event_without_the_key() -> None:
    turn, events = await asked()
    results = {event.name: event for event in events if isinstance(event, ToolResult)}
    assert {name: result.output for name, result in results.items()} == {"good": KEPT, "bad": KEPT, "silent": ""}
    assert (results["good"].result, results["bad"].error) == ("found", "lost")
    assert outputs(turn) == [KEPT, KEPT, ""]


async def test_it_is_neither_sent_nor_in_the_json_lines_nor_among_the_sources() -> None:
    turn, events = await asked()
    out = io.StringIO()
    lines = JsonLines(out)
    for event in events:
        lines.event(event)
    told = [json.loads(line) for line in out.getvalue().splitlines()]
    assert [line.keys() - FIELDS for line in told if line["event"] == "tool-result"] == [
        {"result"},
        {"error", "error_kind"},
        {"result"},
    ]
    sent = json.dumps([step.request for step in turn.steps])
    assert "found" in sent
    for text in (sent, out.getvalue(), str(turn.ledger.entries()), str(turn.messages(thinking=True))):
        assert "looking with" not in text


async def test_it_comes_back_with_the_session_and_in_a_replay() -> None:
    await asked()
    assert KEY not in session().read_text()
    assert [line.fields.get("output") for line in Reading(session()) if line.kind == "tool-result"] == [
        KEPT,
        KEPT,
        None,
    ]
    (restored,) = came_back(session())
    assert outputs(restored.turn) == [KEPT, KEPT, ""]
    (recorded,) = recorded_turns(session())
    assert [result.output for result in recorded.results] == [KEPT, KEPT, ""]


async def test_a_session_from_before_it_was_kept_opens(tmp_path: Path) -> None:
    await asked()
    older = tmp_path / "older.jsonl"
    _, *lines = Reading(session())
    writer = RecordingWriter.create(older)
    for line in lines:
        writer.append(line.kind, {name: value for name, value in line.fields.items() if name != "output"})
    writer.close()
    (restored,) = came_back(older)
    assert outputs(restored.turn) == ["", "", ""]
    assert restored.turn.status == "complete"


@pytest.mark.parametrize(
    ("output", "left_out", "printed"),
    [
        ("", 0, ""),
        ("x" * MOST_OUTPUT, 0, "x" * MOST_OUTPUT),
        ("x" * MOST_OUTPUT, 7, f"… 7 bytes before …\n{'x' * MOST_OUTPUT}"),
        ("y" + "x" * MOST_OUTPUT, 1_000, f"… 1,001 bytes before …\n{'x' * MOST_OUTPUT}"),
        ("half a key\nwhole\n", 5, "… 16 bytes before …\nwhole\n"),
        ("y" + "x" * 1_500 + "\nz", 5, f"… 5 bytes before …\ny{'x' * 1_500}\nz"),
        ("é" * 32_000 + "x", 0, f"… 1 bytes before …\n\ufffd{'é' * 31_999}x"),
        ("\ud800\0", 0, "\\ud800\0"),
    ],
)
def test_so_much_of_it_is_kept(output: str, left_out: int, printed: str) -> None:
    assert CallOutcome(output=output, left_out=left_out).printed() == printed


@pytest.mark.parametrize("around", [("", ""), ('{"a":"', '","b":1}'), ("é" * 9, " ")], ids=["words", "JSON", "accents"])
@pytest.mark.parametrize("cut", range(1, len(KEY)))
def test_no_part_of_a_key_stands_where_a_long_line_was_cut(cut: int, around: tuple[str, str]) -> None:
    rest = f"{around[1]} and more ".ljust(MOST_OUTPUT - cut, "x")
    printed = CallOutcome(output=f"{around[0]}{KEY}{rest}").printed()
    assert KEY[-4:] not in printed
    assert printed.endswith("xxx")
