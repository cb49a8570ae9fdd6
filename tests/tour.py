"""README's tour, taken key by key in a real terminal: its table says what is pressed, and what is then seen."""

from __future__ import annotations

import os
import re
import shlex
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from tests.e2e.terminal import COMMAND, Terminal

ROOT: Final = Path(__file__).resolve().parents[1]
OVER_SSH: Final[Mapping[str, str]] = {"TERM": "screen-256color"}
"""What tmux over SSH says of itself: 256 colours, and nothing of COLORTERM."""

KEYS: Final[Mapping[str, str]] = {
    "Enter": "\r",
    "Esc": "\x1b",
    "Space": " ",
    "Home": "\x1b[H",
    "Down": "\x1b[B",
    "Ctrl+Up": "\x1b[1;5A",
    **{f"F{number}": f"\x1bO{letter}" for number, letter in enumerate("PQRS", 1)},
    **{f"F{number}": f"\x1b[{code}~" for number, code in ((5, 15), (6, 17), (7, 18), (9, 20), (10, 21))},
}
"""What a terminal sends for keys that write nothing; Ctrl and Alt with a character follow from it."""


@dataclass(frozen=True, slots=True)
class Stop:
    """A row of the table: `keys` as it names them, or what is typed; `seen` are the words that come, in this order."""

    keys: tuple[str, ...]
    seen: tuple[str, ...]

    @property
    def shuts(self) -> bool:
        """Whether the last key takes away again what came."""
        return len(self.keys) > 1 and self.keys[-1] == "Esc"


def stops(readme: str) -> tuple[Stop, ...]:
    """The rows of the table of keys, which is the first one of README."""
    table = readme.partition("| Press |")[2].partition("\n\n")[0].splitlines()[2:]
    rows = [row.strip("| ").split(" | ", 1) for row in table]
    return tuple(Stop(_marked("`", keys), _marked("**", seen)) for keys, seen in rows)


def _marked(mark: str, cell: str) -> tuple[str, ...]:
    """What stands between two of these marks, each time."""
    return tuple(re.findall(rf"{re.escape(mark)}(.+?){re.escape(mark)}", cell))


def sent(key: str) -> str:
    """What a terminal sends for a key of the table, or for a text that is typed."""
    if key in KEYS:
        return KEYS[key]
    if found := re.fullmatch(r"(Ctrl|Alt)\+(.)", key):
        modifier, character = found.groups()
        return chr(ord(character.upper()) & 0x1F) if modifier == "Ctrl" else f"\x1b{character}"
    return key


def opened(
    stop: Stop,
    size: tuple[int, int],
    *,
    folder: Path = ROOT,
    environ: Mapping[str, str] = os.environ,
    kind: Mapping[str, str] = OVER_SSH,
    hears: Callable[[bytes], object] = bool,
) -> Terminal:
    """A terminal with the program that the first row starts; nothing is waited for."""
    (command,) = stop.keys
    name, *arguments = shlex.split(command)
    assert name == "workbench"
    columns, rows = size
    known = {name: value for name, value in environ.items() if name not in ("COLORFGBG", "NO_COLOR", "TMUX")}
    argv = [COMMAND, *arguments]
    return Terminal(argv, columns=columns, rows=rows, environ=known, folder=folder, kind=kind, hears=hears)


def take(terminal: Terminal, stop: Stop, *, typed_apart: float = 0.0) -> Iterator[str]:
    """Press the keys of a row, and wait for all that is seen; yield before the key that takes it away again.

    The letters of a text are `typed_apart`, in seconds.
    """
    for key in stop.keys[:-1] if stop.shuts else stop.keys:
        press(terminal, key, typed_apart)
    see(terminal, stop.seen)
    if stop.shuts:
        yield stop.keys[-1]
        press(terminal, stop.keys[-1])
        terminal.wait_until(
            lambda: not any(words in terminal.text() for words in stop.seen), f"{stop.seen} did not go away"
        )


def press(terminal: Terminal, key: str, typed_apart: float = 0.0) -> None:
    """Press a key, or type a text."""
    keys = sent(key)
    for each in keys if keys == key and typed_apart else (keys,):
        terminal.press(each)
        terminal.watch(typed_apart)


def see(terminal: Terminal, seen: Sequence[str]) -> None:
    """Wait for each of these words to be on the screen, one after the other."""
    for words in seen:
        terminal.wait_for(words)
