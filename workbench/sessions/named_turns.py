"""A turn by its name: `SESSION:TURN`, where that is an id or the path of a recording; without a number the last one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.conversation.turn import Turn
from workbench.errors import ConfigurationError, Problem, RecordingError
from workbench.paths import look_at
from workbench.secrets.redactor import Redactor
from workbench.sessions.folder import find_session
from workbench.sessions.restore import recorded_turn

DIGITS: Final = 9  # of the number of a turn


@dataclass(frozen=True, slots=True)
class NamedTurn:
    """A turn that is asked for, as it was `given`: of a file, the last one where there is no number."""

    given: str
    path: Path
    turn: int | None


def named_turn(
    given: str, folder: Path | None, asker: str, on_damaged: Callable[[str], object] = lambda _: None
) -> NamedTurn:
    """The file and the turn that a word names: an id of a session in `folder`, or a path, and a number behind a colon.

    `on_damaged` is told of each damaged file that is passed over for `last`.

    Raises ConfigurationError, which names the command that asked.
    """
    name, colon, number = given.rpartition(":")
    if not colon or not (number.isascii() and number.isdigit()) or look_at(given).kind == "file":
        return NamedTurn(given, _path(given, folder, asker, on_damaged), None)
    if len(number) > DIGITS:
        raise _refusal(asker, given, f"there is no turn {number[:DIGITS]}…")
    return NamedTurn(given, _path(name, folder, asker, on_damaged), int(number))


def read_turn(named: NamedTurn, redactor: Redactor, asker: str) -> Turn:
    """The turn, read from its file, without the keys of `redactor`.

    Raises ConfigurationError when there is no such turn, RecordingError for a file that cannot be read.
    """
    turn, numbers = recorded_turn(named.path, named.turn, redactor)
    if turn is not None:
        return turn
    if not numbers:
        raise RecordingError(f"{named.path}: holds no question")
    there = f"it has turn{'s' if len(numbers) > 1 else ''} {_in_runs(numbers)}"
    raise _refusal(asker, named.given, f"there is no turn {named.turn}", there)


def _in_runs(numbers: Iterable[int]) -> str:
    """Numbers in words, those that follow one another together: turns that were never sent leave gaps."""
    runs: list[list[int]] = []
    for number in sorted(set(numbers)):
        if runs and runs[-1][-1] == number - 1:
            runs[-1][1:] = [number]
        else:
            runs.append([number])
    return ", ".join(" to ".join(map(str, run)) for run in runs)


def _path(name: str, folder: Path | None, asker: str, on_damaged: Callable[[str], object]) -> Path:
    path = Path(name)
    if path.suffix == ".sse":
        raise _refusal(asker, name, "a raw stream has no turns", "a recording has, of --record FILE")
    if look_at(path).kind == "absent" and "/" not in name and not path.suffix:
        return find_session(folder, name, asker, on_damaged=on_damaged)
    return path


def _refusal(asker: str, given: str, message: str, hint: str = "") -> ConfigurationError:
    return ConfigurationError([Problem(f"{asker}: {given}", 0, 0, message, hint)])
