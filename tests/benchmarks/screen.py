"""What stood on the screen when: a recording's reads fed to a terminal afterwards, with their times."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyte

from tests.benchmarks.recorder import Read


@dataclass(frozen=True, slots=True)
class Painted:
    """The rows that a read has written to, as text, by their number from the top; `at` is the time of the read."""

    at: float
    rows: Mapping[int, str]


class Screen:
    """A terminal screen of (columns, rows)."""

    def __init__(self, size: tuple[int, int]) -> None:
        self._screen = pyte.Screen(*size)
        self._stream = pyte.ByteStream(self._screen)

    def feed(self, reads: Iterable[Read]) -> list[Painted]:
        """Feed what follows what was fed before."""
        return [Painted(read.at, self._feed(read.data)) for read in reads]

    def rows(self) -> list[str]:
        return [self._row(number) for number in range(self._screen.lines)]

    def text(self) -> str:
        return "\n".join(row.rstrip() for row in self.rows())

    def _feed(self, data: bytes) -> dict[int, str]:
        self._screen.dirty.clear()
        self._stream.feed(data)
        return {number: self._row(number) for number in sorted(self._screen.dirty) if number < self._screen.lines}

    def _row(self, number: int) -> str:
        cells = self._screen.buffer[number]
        return "".join(cells[column].data for column in range(self._screen.columns))


def first_text(painted: Iterable[Painted]) -> float | None:
    """When the first visible character came."""
    return next((each.at for each in painted if any(row.strip() for row in each.rows.values())), None)


def first_seen(painted: Iterable[Painted], words: Iterable[str]) -> dict[str, float]:
    """When each word was first in a row; one that never was is left out."""
    seen: dict[str, float] = {}
    missing = set(words)
    for each in painted:
        found = {word for word in missing if any(word in row for row in each.rows.values())}
        seen |= dict.fromkeys(found, each.at)
        missing -= found
    return seen


def echo_seconds(painted: Sequence[Painted], typed: str, pressed: Sequence[float], shortest: int = 3) -> list[float]:
    """From each press of a key to the first row that has all that was typed up to it.

    `typed` is the text, one key a character, and `pressed` the times. It stands in one row and its first `shortest`
    characters nowhere else; the keys before that are not looked at. A key whose echo never came is left out.
    """
    echoes: list[float] = []
    awaited = iter(range(shortest - 1, len(pressed)))
    key = next(awaited, None)
    for each in painted:
        while key is not None and each.at >= pressed[key] and _has(each, typed[: key + 1]):
            echoes.append(each.at - pressed[key])
            key = next(awaited, None)
    return echoes


def _has(painted: Painted, text: str) -> bool:
    return any(text in row for row in painted.rows.values())


def change_seconds(before: Sequence[str], painted: Iterable[Painted], pressed: float, least: int = 4) -> float | None:
    """From a press to when `least` rows differ from what stood there before it: more than a cursor or a clock."""
    for at, differing in _differing(before, painted):
        if differing >= least:
            return at - pressed
    return None


def _differing(before: Sequence[str], painted: Iterable[Painted]) -> Iterator[tuple[float, int]]:
    changed: set[int] = set()
    for each in painted:
        for number, row in each.rows.items():
            if row == before[number]:
                changed.discard(number)
            else:
                changed.add(number)
        yield each.at, len(changed)
