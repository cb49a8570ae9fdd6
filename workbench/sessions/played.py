"""The turns of a recording as they are played: each whole, with every event as it came and when.

Owns where their events are from: the marks of the recording, or, of one without marks, from asking it again on a clock
that nobody waits for. Nothing is sent, and no tool is run.
"""

from __future__ import annotations

import asyncio
from collections.abc import Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from itertools import accumulate
from pathlib import Path
from typing import Any

from workbench.conversation.tree import TreeMark
from workbench.conversation.turn import Turn
from workbench.errors import RecordingError
from workbench.recordings.exchanges import exchanges
from workbench.recordings.recording import Reading, RecordedLine
from workbench.secrets.redactor import Redactor
from workbench.sessions.asking_again import Replay
from workbench.sessions.playback import RecordedTurn, recorded_turns
from workbench.sessions.restore import restored
from workbench.sessions.turns import Dropped, turns_of

RAW: str = ".sse"


@dataclass(frozen=True, slots=True)
class PlayedTurn:
    """A turn that is over, with its events. `before` is what changed in the conversation ahead of it.

    `source` is what was asked then, as the recording calls it, or "". Of each event, `kinds` has the kind, and `times`
    the seconds since the turn began, which never go back.
    """

    turn: Turn
    before: tuple[Dropped, ...]
    source: str
    kinds: tuple[str, ...]
    times: tuple[float, ...]

    @property
    def body(self) -> Mapping[str, Any]:
        """The body of its first request; empty where it has none."""
        return self.turn.steps[0].request if self.turn.steps else {}


def played_turns(path: Path, redactor: Redactor, *, name: str = "a recording") -> list[PlayedTurn]:
    """The turns of a recording, a session or a raw `.sse` file, in the order of asking, without the keys of `redactor`.

    `name` is what texts call it. Raises RecordingError for a file that cannot be read or holds no turn.
    """
    if path.suffix == RAW:
        return _asked_again(path, redactor, name)
    turns: list[PlayedTurn] = []
    before: list[Dropped] = []
    place = 0
    for each in turns_of(path, _lines(path, redactor)):
        if isinstance(each, Dropped):
            before.append(each)
            place = 0 if each.turn is None else place
        elif isinstance(each, TreeMark):
            continue  # where each turn goes on from, it says itself
        elif each.lines[0].kind != "turn-start":
            return _asked_again(path, redactor, name)
        else:
            exchanges(path, each.lines)  # what cannot be told of the wire is no recording, whatever its marks say
            turn = restored(each, path, redactor=redactor or None).turn
            turn.number = max(turn.number, turns[-1].turn.number + 1 if turns else 1)  # no two are one on a screen
            turn.place = place = place + 1
            turns.append(_played(turn, tuple(before), each.source))
            before.clear()
    if not turns:
        raise RecordingError(f"{path}: holds no question, there is nothing to replay")
    return turns


def only_turn(turns: list[PlayedTurn], number: int) -> list[PlayedTurn]:
    """The turn of this number alone, the last one where several have it; none where there is none."""
    found = [replace(each, before=()) for each in turns if each.turn.number == number]
    return found[-1:]


def _lines(path: Path, redactor: Redactor) -> Iterator[RecordedLine]:
    lines = iter(Reading(path))
    return (replace(line, fields=redactor.value(line.fields)) for line in lines) if redactor else lines


def _played(turn: Turn, before: tuple[Dropped, ...], source: str) -> PlayedTurn:
    kinds, times = [], []
    for event in turn.events:
        kinds.append(event.kind)
        times.append(event.t)
    return PlayedTurn(turn, before, source, tuple(kinds), tuple(accumulate(times, max)))


# -- without marks -----------------------------------------------------------------------------------


class _Clock:
    """Seconds that pass when somebody waits for them, at once."""

    def __init__(self) -> None:
        self._now = 0.0

    def __call__(self) -> float:
        return self._now

    async def sleep(self, seconds: float) -> None:
        self._now += max(0.0, seconds)
        await asyncio.sleep(0)


def _asked_again(path: Path, redactor: Redactor, name: str) -> list[PlayedTurn]:
    """The turns of a recording that does not say what became of them; whoever calls may have an event loop."""
    recorded = recorded_turns(path)
    with ThreadPoolExecutor(1) as thread:
        return thread.submit(lambda: asyncio.run(_run(recorded, redactor, name))).result()


async def _run(recorded: list[RecordedTurn], redactor: Redactor, name: str) -> list[PlayedTurn]:
    clock = _Clock()
    replay = Replay(recorded, name=name, speed=1.0, redactor=redactor, sleep=clock.sleep, clock=clock)
    try:
        return [_played(await replay.run(each.prompt), each.before, each.source) for each in recorded]
    finally:
        await replay.aclose()
