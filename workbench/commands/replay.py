"""`workbench replay`: a recording seen again, in the app, as lines, or as JSON lines: its events as they came.

Owns the pace of lines, and what the app is told. Nothing is sent and no tool is run.
"""

from __future__ import annotations

import argparse
import asyncio
import importlib
import os
import shlex
import sys
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

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
from workbench.conversation.turn import Turn
from workbench.conversation.turn_again import TurnAgain
from workbench.errors import ConfigurationError, Problem
from workbench.events import Event, TurnEnd
from workbench.paths import look_at
from workbench.plain.lines import Lines
from workbench.plain.turn_lines import TurnLines, sources_of
from workbench.printing.exit_codes import FAILED, exit_code_of
from workbench.printing.json_lines import JsonLines
from workbench.printing.standard_output import make_lossless, refuse_closed, writing
from workbench.secrets.redactor import Redactor
from workbench.sessions.folder import SUFFIX, find_session, sessions_folder
from workbench.sessions.names import names_in
from workbench.sessions.played import PlayedTurn, only_turn, played_turns
from workbench.sessions.played_conversation import PlayedConversation
from workbench.sessions.reel import Reel
from workbench.startup.known_keys import redactor_of
from workbench.startup.logs import logging_to
from workbench.startup.setup import read_settings
from workbench.ui import collector
from workbench.ui.about import About
from workbench.ui.startup import Startup
from workbench.ui.wrong_keys import refuse_wrong_keys

if TYPE_CHECKING:
    from workbench.ui.app import WorkbenchApp
    from workbench.ui.asking import Asking
    from workbench.ui.navigation import Navigation
    from workbench.ui.replaying import Replaying
    from workbench.ui.stage import Stage

COMMAND = "replay"
SLICE_EVENTS = 200  # that are handed on before a signal gets its turn
DIGITS = 9  # of the number of a turn


@dataclass(frozen=True, slots=True)
class Played:
    """What is played: `name` is what a person calls it, and `resumed_as` what goes on with it, or is "".

    `turn` is the number of the turn that is played alone, None for all of them.
    """

    path: Path
    name: str
    resumed_as: str = ""
    turn: int | None = None

    @property
    def called(self) -> str:
        """What texts call the replay."""
        return f"replay of {self.name}"


@dataclass(frozen=True, slots=True)
class Manner:
    """How it is played: `speed` times as fast, at 0 as fast as the screen can. It begins `paused`, or stops behind each
    event of a kind of `breaks`."""

    speed: float = 1.0
    paused: bool = False
    breaks: frozenset[str] = frozenset()


def find_played(wanted: Path, environ: Mapping[str, str]) -> Played:
    """The file of this name, else the session of this id or name, or of the only id that begins so; of that the turn
    whose number stands behind a colon.

    Raises ConfigurationError when there is neither.
    """
    whole = str(wanted)
    name, colon, number = whole.rpartition(":")
    is_turn = bool(colon) and number.isascii() and number.isdigit() and look_at(wanted).kind != "file"
    if not is_turn:
        return _found(whole, environ, None)
    if len(number) > DIGITS:
        raise _no_turn(whole, f"{number[:DIGITS]}…")
    return _found(name, environ, int(number))


def _found(name: str, environ: Mapping[str, str], turn: int | None) -> Played:
    folder, path = sessions_folder(environ), Path(name)
    if look_at(path).kind == "absent" and "/" not in name and not path.suffix:
        path = find_session(folder, _id_of(folder, name), COMMAND)
    if path.suffix != SUFFIX:
        return Played(path, path.name, turn=turn)
    if path.parent == folder:
        return Played(path, path.stem, path.stem, turn)
    return Played(path, path.name, shlex.quote(str(path)), turn)


def _id_of(folder: Path | None, name: str) -> str:
    """The id of the only session that is called so, else what was given."""
    ids = [id for id, each in names_in(folder).items() if each == name] if folder is not None else []
    return ids[0] if len(ids) == 1 else name


def _no_turn(given: str, number: object, hint: str = "") -> ConfigurationError:
    return ConfigurationError([Problem(f"{COMMAND}: {given}", 0, 0, f"there is no turn {number}", hint)])


def replay(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Play `arguments.file`; return the exit code.

    Raises RecordingError for what cannot be played, ConfigurationError for what is not there.
    """
    played = find_played(arguments.file, environ)
    redactor = redactor_of(vars(arguments), environ)
    settings = read_settings(vars(arguments), environ).settings
    manner = Manner(arguments.speed, arguments.step, frozenset(arguments.stops or ()))
    with logging_to(settings.log, redactor):
        if arguments.json:
            make_lossless(sys.stdout, encoding="utf-8")
            return asyncio.run(as_json(read(played, redactor), manner.speed))
        if settings.plain or not draws_screen(os.environ.get("TERM", "")):
            refuse_closed(sys.stdout)
            lines = Lines(sys.stdout, redactor)
            return asyncio.run(_in_lines(read(played, redactor), lines, manner.speed, played.called))
        refuse_without_terminal()
        refuse_wrong_keys(settings.keys)
        with collector.paused():
            return run_screen(
                screen(played, read(played, redactor), settings, environ, manner, redactor), mouse=settings.mouse
            )


def read(played: Played, redactor: Redactor) -> list[PlayedTurn]:
    """The turns that are played. Raises RecordingError, and ConfigurationError for a turn that is not there."""
    turns = played_turns(played.path, redactor, name=played.called)
    if played.turn is None:
        return turns
    if found := only_turn(turns, played.turn):
        return found
    numbers = [each.turn.number for each in turns]
    more = f"s {numbers[0]} to {numbers[-1]}" if len(numbers) > 1 else f" {numbers[0]}"
    raise _no_turn(played.name, played.turn, f"it has turn{more}")


# -- without a screen --------------------------------------------------------------------------------


class Pace:
    """When the events of a turn are due, `speed` times as fast as they came; at 0 all at once.

    `clock` gives seconds. `cancel` ends every wait, and all that would follow.
    """

    def __init__(self, speed: float, clock: Callable[[], float] = time.monotonic) -> None:
        self._speed = speed
        self._clock = clock
        self._stopped = asyncio.Event()
        self.turn: Turn | None = None
        """The turn that is played, or was last, as far as it was."""

    @property
    def is_over(self) -> bool:
        """Whether it was cancelled."""
        return self._stopped.is_set()

    def cancel(self) -> bool:
        """Nothing is played any more; return whether something still was."""
        was_playing = not self.is_over
        self._stopped.set()
        return was_playing

    async def events(self, played: PlayedTurn) -> AsyncIterator[Event]:
        """The events of a turn, each when it is due; when it is cancelled, the end of what came until then."""
        began, self.turn = self._clock(), played.turn
        for number, event in enumerate(played.turn.events):
            if self._speed:
                await self._wait(began + played.times[number] / self._speed - self._clock())
            elif number % SLICE_EVENTS == 0:
                await asyncio.sleep(0)
            if self.is_over:
                self.turn = _cancelled(played.turn, number)
                step = max(1, len(self.turn.steps))
                yield TurnEnd(t=self.turn.seconds, step=step, status=self.turn.status, summary=self.turn.summary())
                return
            yield event

    async def _wait(self, seconds: float) -> None:
        if seconds > 0:
            stop: Awaitable[object] = self._stopped.wait()
            try:
                await asyncio.wait_for(stop, seconds)
            except TimeoutError:
                return


def _cancelled(whole: Turn, count: int) -> Turn:
    """A turn of which only the first `count` events were played."""
    going = TurnAgain(whole)
    while going.at < count:
        going.on()
    going.turn.status = "cancelled"
    return going.turn


async def as_json(turns: Sequence[PlayedTurn], speed: float) -> int:
    """Every turn as `ask --json` printed it; the exit code is the highest that one of them has."""

    def begun(played: PlayedTurn) -> Callable[[Event], object]:
        printer = JsonLines(sys.stdout, whole=lambda: played.turn)

        def printed(event: Event) -> None:
            with writing():
                printer.event(event)

        return printed

    return await _play(turns, speed, begun, lambda _: None)


async def _in_lines(turns: Sequence[PlayedTurn], lines: Lines, speed: float, called: str) -> int:
    """Every turn in plain lines; the exit code is as that of JSON lines."""
    lines.line(f"Workbench: {called}; nothing is sent, and no tool is run")
    written: list[TurnLines] = []

    def begun(turn: PlayedTurn) -> Callable[[Event], object]:
        written.append(TurnLines(lines, answerer(turn)))
        lines.line(f"> {turn.turn.prompt}")
        return written[-1].event

    return await _play(turns, speed, begun, lambda turn: written[-1].finish(turn, sources_of(turn)))


def _code_of(turn: Turn) -> int:
    """The exit code of a turn that was played; that it was cancelled when it was recorded interrupts no replay."""
    return FAILED if turn.status == "cancelled" else exit_code_of(turn)


async def _play(
    turns: Sequence[PlayedTurn],
    speed: float,
    begin: Callable[[PlayedTurn], Callable[[Event], object]],
    finish: Callable[[Turn], object],
) -> int:
    """Play every turn. `begin` gives what takes the events of one, `finish` gets it at its end."""
    pace = Pace(speed)
    interruptible(pace)
    code = 0
    for played in turns:
        take = begin(played)
        async for event in pace.events(played):
            take(event)
        finish(pace.turn or played.turn)
        if pace.is_over:
            return 130
        code = max(code, _code_of(played.turn))
    return code


def answerer(turn: PlayedTurn) -> str | None:
    """What answered the turn when no model did."""
    return OFFLINE_ENGINE if turn.source == OFFLINE_ENGINE else None


# -- in the app --------------------------------------------------------------------------------------


class Playing(Startup):
    """Plays the recording once all is there."""

    def __init__(
        self, conversation: PlayedConversation, environ: Mapping[str, str], manner: Manner, resumed_as: str = ""
    ) -> None:
        """`resumed_as` is what `--resume` goes on with, or "" when nothing does."""
        goes_on = f"; workbench --resume {resumed_as} goes on with it" if resumed_as else ""
        self.refusal = f"this is a {conversation.name}: there is nobody to ask{goes_on}"
        self._conversation = conversation
        self._environ = environ
        self._manner = manner
        self._replaying: Replaying | None = None

    def replaying(self, stage: Stage, asking: Asking, navigation: Navigation) -> Replaying:
        """What steps through the recording on this stage."""
        from workbench.ui.replaying import Replaying

        stage.answered_by(answerer(self._conversation.reel.turns[0]))
        self._replaying = Replaying(
            stage,
            asking,
            navigation,
            self._conversation,
            speed=self._manner.speed,
            breaks=self._manner.breaks,
            answerer=answerer,
        )
        return self._replaying

    def prepare(self) -> None:
        """Import what a turn needs; in a thread, behind the first paint."""
        for name in OF_A_TURN:
            importlib.import_module(name)

    async def begin(self, asking: Asking) -> None:
        """Show the first question, and play on from there unless it begins paused."""
        if self._replaying is not None:
            self._replaying.begin(paused=self._manner.paused)

    def report(self, error: BaseException) -> str:
        """Write a report of a fault that the app survives; return the line that says so."""
        return report_of(self._conversation.redactor, self._environ, error)

    async def close(self) -> None:
        """Close what stands in for the server."""
        await self._conversation.aclose()


def screen(
    played: Played,
    turns: Sequence[PlayedTurn],
    settings: Settings,
    environ: Mapping[str, str],
    manner: Manner | None = None,
    redactor: Redactor | None = None,
) -> WorkbenchApp:
    """The app that plays `turns`, which were `read`, not yet on the screen."""
    from workbench.ui.app import WorkbenchApp
    from workbench.ui.arrangement_memory import ArrangementMemory
    from workbench.ui.themes.memory import ThemeMemory

    conversation = PlayedConversation(Reel(turns), name=played.called, redactor=redactor or Redactor())
    return WorkbenchApp(
        conversation,
        About(played.called, None, (f"This is a {played.called}: nothing is sent, and no tool is run.",)),
        Playing(conversation, environ, manner or Manner(), played.resumed_as),
        keys=settings.keys,
        theme=settings.theme,
        remembered=ThemeMemory.of_user(environ),
        arranged=ArrangementMemory.of_user(environ),
        low_bandwidth=settings.low_bandwidth,
        outside=outside_of(settings),
    )
