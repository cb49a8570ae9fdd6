"""A program killed in mid-stream: its session opens and goes on, and nothing that was acknowledged is lost."""

from __future__ import annotations

import asyncio
import json
import signal
import sys
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from tests.core.keeping import came_back, kept, session, state
from tests.loopback import Action, Chunk, Head, LoopbackServer, Received, Reply, Wait, message, stream
from workbench.events import WireEvent
from workbench.recordings.recording import Recording
from workbench.sessions.restore import Restored

CALL = message(plan="I look.", tool_calls=[("c1", "hours", "{}"), ("c2", "train", "{}")])
ANSWER = message("word " * 60).split(b"\n\n")
TOOLS = """
tools:
  - {name: hours, description: Opening hours., run: {reply: {opens: "09:00"}}}
  - {name: train, description: A train., run: {reply: late}}
"""


@dataclass(frozen=True, slots=True)
class Killed:
    """What the server of a killed program received and sent, and the program's session as it comes back."""

    received: list[Received]
    sent: list[str]
    kinds: list[str]
    back: Restored


async def killed(folder: Path, stop: Callable[[dict[str, Any]], bool]) -> Killed:
    """Ask, and kill as soon as `stop` says so of a printed line."""
    (folder / "tools.yaml").write_text(TOOLS)
    sent: list[str] = []
    end: list[Action] = [Wait(asyncio.Event())]

    def script(received: Received) -> Reply:
        if len(received.body["messages"]) == 1:
            return stream(CALL)
        frames = [frame + b"\n\n" for frame in ANSWER if frame]
        sent.extend(frame.decode().partition("data: ")[2].strip() for frame in frames[:-2])
        return [Head(), *(Chunk(frame) for frame in frames[:-2]), *end]

    async with LoopbackServer(script) as server:
        argv = ["ask", "--json", "--session", "--tools", str(folder / "tools.yaml"), "--base-url", server.url, "When?"]
        process = await asyncio.create_subprocess_exec(
            sys.executable, "-m", "workbench", *argv, stdout=asyncio.subprocess.PIPE
        )
        assert process.stdout is not None
        printed: list[dict[str, Any]] = []
        while not printed or not stop(printed[-1]):
            printed.append(json.loads(await process.stdout.readline()))
        process.send_signal(signal.SIGKILL)
        assert await process.wait() == -signal.SIGKILL
    [turn] = came_back(session())
    return Killed(server.received, sent, [line.kind for line in Recording.read(session()).lines], turn)


def seen(kind: str, times: int) -> Callable[[dict[str, Any]], bool]:
    """Whether so many lines of this kind were printed."""
    left = times

    def stop(line: dict[str, Any]) -> bool:
        nonlocal left
        if line["event"] == kind:
            left -= 1
        return left == 0

    return stop


@pytest.mark.parametrize(
    ("kind", "times"), [("request", 1), ("tool-call-start", 1), ("tool-result", 2), ("content-delta", 3)]
)
async def test_a_killed_program_loses_nothing_acknowledged(kind: str, times: int, tmp_path: Path) -> None:
    found = await killed(tmp_path, seen(kind, times))
    turn = found.back.turn
    assert (turn.prompt, turn.status) == ("When?", "incomplete")
    if len(found.received) == 2:  # the results were sent on
        assert (found.kinds.count("tool-start"), found.kinds.count("tool-result")) == (2, 2)
        assert [step.results[0].result for step in turn.steps[:1]] == [{"opens": "09:00"}]
    answered = [event.raw for event in found.back.events if isinstance(event, WireEvent) and event.step == 2]
    assert answered == found.sent[: len(answered)]
    path = session()
    async with kept([stream(message("On."))], resume=path) as (conversation, _):
        assert state(conversation.turns[0]) == state(turn)
        assert (await conversation.run("And?")).text == "On."
    assert not Recording.read(path).torn
