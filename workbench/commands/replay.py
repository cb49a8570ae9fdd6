"""`workbench replay`: a recording asked again, in the app or as lines, through the same client and conversation.

Owns what stands in for server, documents and tools of each turn. Nothing is sent and no tool is run.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import shlex
import sys
from collections.abc import AsyncGenerator, Callable, Mapping, Sequence
from contextlib import aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.cohere_client import play
from workbench.cohere_client.client_options import OFFLINE_ENGINE
from workbench.commands import draws_screen
from workbench.commands.app import (
    OF_A_TURN,
    outside_of,
    refuse_without_terminal,
    report_of,
    run_screen,
)
from workbench.commands.ask import interruptible
from workbench.config.settings_model import Settings
from workbench.conversation import Changes, Conversation, Options
from workbench.conversation.turn import Turn
from workbench.events import Event, TurnEnd
from workbench.paths import look_at
from workbench.plain.lines import Lines
from workbench.plain.turn_lines import TurnLines, sources_of
from workbench.printing.exit_codes import EXIT_CODES
from workbench.printing.json_lines import JsonLines
from workbench.printing.standard_output import make_lossless, refuse_closed, writing
from workbench.secrets.redactor import Redactor
from workbench.sessions.folder import SUFFIX, find_session, sessions_folder
from workbench.sessions.playback import RecordedBackoff, RecordedDocuments, RecordedTools, RecordedTurn, recorded_turns
from workbench.sessions.turn_ending import EndingClient, RecordedEnd
from workbench.startup.known_keys import redactor_of
from workbench.startup.logs import logging_to
from workbench.startup.setup import read_settings
from workbench.ui import collector
from workbench.ui.about import About
from workbench.ui.startup import Startup
from workbench.ui.wrong_keys import refuse_wrong_keys

if TYPE_CHECKING:
    from workbench.documents.passages import Passage
    from workbench.ui.app import WorkbenchApp
    from workbench.ui.asking import Asking
    from workbench.ui.stage import Stage

CODES = {**EXIT_CODES, "cancelled": 1}  # that it was cancelled when it was recorded interrupts no replay


class Replay(Conversation):
    """A conversation whose turns are answered as `recorded`, one after another, whatever is asked.

    `speed` is how many times as fast; 0 and infinity do not wait at all.
    """

    def __init__(
        self, recorded: list[RecordedTurn], *, name: str, speed: float, redactor: Redactor | None = None
    ) -> None:
        self._played = play((), name=name, redactor=redactor)
        super().__init__(self._played, recorded[0].options() if recorded else Options())
        self.name = name
        self.begins: Callable[[RecordedTurn], object] = _nobody
        """Told each turn that is about to be asked, when all stands in for it."""
        self.recorded = tuple(recorded)
        self.prompts = [turn.prompt for turn in recorded]
        self.interrupted = False
        self._left = list(recorded)
        self._numbers: dict[int, int] = {}  # what the turns have here, by their numbers in the recording
        self._speed = speed

    async def ask(self, prompt: str, attached: Sequence[Passage] = ()) -> AsyncGenerator[Event, None]:
        """Run one turn, answered by the next recorded one, and end it as that ended; yield every event, `TurnEnd` last.

        A question beyond the last recorded turn fails: nothing answers it.
        """
        recorded = self._left.pop(0) if self._left else RecordedTurn(prompt, ())
        end = await self._begin(recorded)
        async with aclosing(self._asked(recorded, prompt, attached)) as events:
            async for event in events:
                yield end.ended(event, self.turns[-1], self.redactor) if isinstance(event, TurnEnd) else event

    def cancel(self) -> bool:
        """Stop the running turn, and ask no more questions; return whether one was running."""
        self.interrupted = True
        return super().cancel()

    async def aclose(self) -> None:
        """Closes what stands in for the server."""
        await self._played.aclose()

    @property
    def redactor(self) -> Redactor:
        """What keeps API keys out of all that is played."""
        return self._played.redactor

    def _asked(self, recorded: RecordedTurn, prompt: str, attached: Sequence[Passage]) -> AsyncGenerator[Event, None]:
        """The turn behind the one that it went on from; with steps of another one where it had taken some over."""
        made, parent = recorded.made_from, recorded.parent
        here = {number: mine for number, mine in self._numbers.items() if mine in self.tree}
        if recorded.number:
            self._numbers[recorded.number] = self.next_number
        if made is not None and made.step and made.turn in here:
            edits = Changes(arguments=made.arguments, results=made.results, step=made.step)
            return super().again(here[made.turn], edits, attached)
        if recorded.number and (parent is None or parent in here):
            self.go_to(None if parent is None else here[parent])
        return super().ask(prompt, attached)

    async def _begin(self, turn: RecordedTurn) -> RecordedEnd:
        for change in turn.before:
            self.clear() if change.turn is None else self.forget_last()
        await self.aclose()
        end = RecordedEnd(turn.extent, cancel=super().cancel)
        self._played = play(turn.exchanges, name=self.name, speed=self._speed, redactor=self.redactor)
        self.client = EndingClient(self._played, turn.exchanges, end)
        self.keeper = end
        self.options = turn.options()
        self.backoff = RecordedBackoff(turn.retries, speed=self._speed)
        self.library = RecordedDocuments(turn.sent) if turn.sent else None
        self.toolbox = RecordedTools(turn, speed=self._speed, end=end, on_question=self.person_asked)
        self.begins(turn)
        return end


def _nobody(turn: RecordedTurn) -> None:
    """Nobody is told."""


@dataclass(frozen=True, slots=True)
class Played:
    """What is played: `name` is what a person calls it, and `resumed_as` what goes on with it, or is ""."""

    path: Path
    name: str
    resumed_as: str = ""


def find_played(wanted: Path, environ: Mapping[str, str]) -> Played:
    """The file of this name, else the session of this id, or of the only one that begins so.

    Raises ConfigurationError when there is neither.
    """
    folder = sessions_folder(environ)
    path, name = wanted, str(wanted)
    if look_at(wanted).kind == "absent" and "/" not in name and not wanted.suffix:
        path = find_session(folder, name, "replay")
    if path.suffix != SUFFIX:
        return Played(path, path.name)
    if path.parent == folder:
        return Played(path, path.stem, path.stem)
    return Played(path, path.name, shlex.quote(str(path)))


def replay(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Play `arguments.file`; return the exit code.

    Raises RecordingError for what cannot be played, ConfigurationError for what is not there.
    """
    played = find_played(arguments.file, environ)
    redactor = redactor_of(vars(arguments), environ)
    settings = read_settings(vars(arguments), environ).settings
    with logging_to(settings.log, redactor):
        if arguments.json:
            make_lossless(sys.stdout, encoding="utf-8")
            return asyncio.run(_as_json(_opened(played, arguments.speed, redactor)))
        if settings.plain or not draws_screen(os.environ.get("TERM", "")):
            refuse_closed(sys.stdout)
            return asyncio.run(_in_lines(_opened(played, arguments.speed, redactor), Lines(sys.stdout, redactor)))
        refuse_without_terminal()
        refuse_wrong_keys(settings.keys)
        with collector.paused():
            opened = _opened(played, arguments.speed, redactor)
            made = screen(opened, settings, environ, resumed_as=played.resumed_as)
            return run_screen(made, mouse=settings.mouse)


def _opened(played: Played, speed: float, redactor: Redactor) -> Replay:
    return Replay(recorded_turns(played.path), name=f"replay of {played.name}", speed=speed, redactor=redactor)


async def _as_json(replay: Replay) -> int:
    """Every turn as `ask --json` prints it; the exit code is the highest that one of them has."""
    printer = JsonLines(sys.stdout)

    def printed(event: Event) -> None:
        with writing():
            printer.event(event)

    return await _played(replay, lambda _: printed, lambda _: None)


async def _in_lines(replay: Replay, lines: Lines) -> int:
    """Every turn in plain lines; the exit code is as that of JSON lines."""
    lines.line(f"Workbench: {replay.name}; nothing is sent, and no tool is run")
    written: list[TurnLines] = []

    def begun(turn: RecordedTurn) -> Callable[[Event], object]:
        written.append(TurnLines(lines, _answerer(turn)))
        lines.line(f"> {turn.prompt}")
        return written[-1].event

    return await _played(replay, begun, lambda turn: written[-1].finish(turn, sources_of(turn)))


async def _played(
    replay: Replay, begin: Callable[[RecordedTurn], Callable[[Event], object]], finish: Callable[[Turn], object]
) -> int:
    """Play every turn. `begin` gives what takes the events of one, `finish` gets it at its end."""
    interruptible(replay)
    code = 0
    try:
        for recorded in replay.recorded:
            take = begin(recorded)
            async with aclosing(replay.ask(recorded.prompt)) as events:
                async for event in events:
                    take(event)
            finish(replay.turns[-1])
            if replay.interrupted:
                return 130
            code = max(code, CODES.get(replay.turns[-1].status, 1))
    finally:
        await replay.aclose()
    return code


class Playing(Startup):
    """Asks every question of the recording, one after another."""

    def __init__(self, replay: Replay, environ: Mapping[str, str], resumed_as: str = "") -> None:
        """`resumed_as` is what `--resume` goes on with, or "" when nothing does."""
        goes_on = f"; workbench --resume {resumed_as} goes on with it" if resumed_as else ""
        self.refusal = f"this is a {replay.name}: there is nobody to ask{goes_on}"
        self._replay = replay
        self._environ = environ

    def set_up(self, stage: Stage) -> None:
        """Let the screen name what answered each turn, as it is played."""
        self._replay.begins = lambda turn: stage.answered_by(_answerer(turn))
        for turn in self._replay.recorded[:1]:
            stage.answered_by(_answerer(turn))

    def prepare(self) -> None:
        """Import what a turn needs; in a thread, behind the first paint."""
        for name in OF_A_TURN:
            importlib.import_module(name)

    async def begin(self, asking: Asking) -> None:
        """Put each prompt once the turn before it has ended; none any more after one was cancelled."""
        for prompt in self._replay.prompts:
            asking.put(prompt)
            await asking.finished()
            if self._replay.interrupted:
                return

    def report(self, error: BaseException) -> str:
        """Write a report of a fault that the app survives; return the line that says so."""
        return report_of(self._replay.redactor, self._environ, error)

    async def close(self) -> None:
        """Close what stands in for the server."""
        await self._replay.aclose()


def _answerer(turn: RecordedTurn) -> str | None:
    """What answered the turn when no model did."""
    return OFFLINE_ENGINE if turn.source == OFFLINE_ENGINE else None


def screen(replay: Replay, settings: Settings, environ: Mapping[str, str], *, resumed_as: str = "") -> WorkbenchApp:
    """The app that plays the recording, not yet on the screen; `--resume` goes on with `resumed_as`, if with any."""
    from workbench.ui.app import WorkbenchApp
    from workbench.ui.arrangement_memory import ArrangementMemory
    from workbench.ui.themes.memory import ThemeMemory

    return WorkbenchApp(
        replay,
        About(replay.name, None, (f"This is a {replay.name}: nothing is sent, and no tool is run.",)),
        Playing(replay, environ, resumed_as),
        keys=settings.keys,
        theme=settings.theme,
        remembered=ThemeMemory.of_user(environ),
        arranged=ArrangementMemory.of_user(environ),
        low_bandwidth=settings.low_bandwidth,
        outside=outside_of(settings),
    )
