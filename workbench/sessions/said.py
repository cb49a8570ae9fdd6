"""What was said in the turns of a session, a text for each kind, in pieces that the index takes.

Owns reading it: all of a file, or what is new in one that has grown. Refuses to fail: what cannot be read was not said.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final

from workbench.conversation.turn import Turn
from workbench.errors import RecordingError
from workbench.events import ToolResult
from workbench.recordings.recording import Reading, RecordedLine
from workbench.recordings.regular_files import regular_file
from workbench.sessions.index_text import KINDS, searchable
from workbench.sessions.restore import restored
from workbench.sessions.turns import TurnLines, turns_of

PIECE: Final = 20_000  # characters of one kind in a row


@dataclass(frozen=True, slots=True)
class LastTurns:
    """Where the last turn of a file begins, or the first of several whose lines alternate.

    It is the turn's place among the turns, from 0, the byte, and the number of the line. No line behind it is of a turn
    that begins before it.
    """

    place: int
    at: int
    seq: int


@dataclass(frozen=True, slots=True)
class SaidRow:
    """A text of each kind, of the turn that has this place among those of its file, from 0, and this number.

    A turn in which much was said has several rows; the first of them has the question as it was `asked`.
    """

    place: int
    number: int
    texts: Sequence[str]
    asked: str | None = None


@dataclass(frozen=True, slots=True)
class Said:
    """All `turns` of a file are counted; `rows` are of those that were read. `last` is None where no mark says
    where the last turn begins. What `is_missing` is said in lines before those that were read.
    """

    turns: int
    rows: tuple[SaidRow, ...]
    last: LastTurns | None = None
    is_missing: bool = False

    @property
    def first(self) -> int:
        """The place of the first turn that was read."""
        return self.rows[0].place if self.rows else self.turns


def read_said(path: Path, begin: LastTurns | None, masked: Callable[[str], str]) -> Said:
    """What was said in the session in `path`: in all turns, or in those from `begin` on, if one begins there."""
    if begin is not None:
        said = _read(path, begin, masked)
        if said.turns > begin.place and not said.is_missing:
            return said
    return _read(path, None, masked)


def _read(path: Path, begin: LastTurns | None, masked: Callable[[str], str]) -> Said:
    reading = _Marked(path, begin)
    place, rows, is_missing = begin.place if begin else 0, list[SaidRow](), False
    with contextlib.suppress(RecordingError):  # what stands before the damage can be found
        for each in turns_of(path, reading.lines()):
            if isinstance(each, TurnLines):
                is_missing |= each.base is None and each.made_from is not None and each.made_from.step > 0
                for number, piece in enumerate(_pieces(path, each, masked)):
                    asked = masked(each.prompt) if not number and len(each.prompt) <= PIECE else None
                    rows.append(SaidRow(place, each.number, piece, asked))
                place += 1
    last = reading.last_mark
    where = None if last is None else LastTurns(place - reading.begun, *last)
    return Said(place, tuple(rows), where, is_missing)


class _Marked:
    """The lines of a session from a turn on. `last_mark` is where the last turn of those read so far begins, or the
    first of several that ran side by side; so many were `begun` since."""

    def __init__(self, path: Path, begin: LastTurns | None) -> None:
        self.last_mark: tuple[int, int] | None = None
        self.begun = 0
        self._open = set[Any]()  # the numbers of turns without an end
        self._is_tail = begin is not None
        self._reading = Reading(path, at=begin.at, seq=begin.seq) if begin else Reading(path)

    def lines(self) -> Iterator[RecordedLine]:
        """Raises RecordingError for one that cannot be read."""
        before = self._reading.size
        for line in self._reading:
            if line.kind == "turn-start":
                self._begins(line, before)
            elif line.kind == "turn-end":
                self._open.discard(line.fields.get("turn"))
            elif line.kind == "resume":  # the program that ran them is gone
                self._open.clear()
            elif self._is_tail and line.kind == "request" and "after" in line.fields:
                # What earlier requests had is not there. It was said in their turns.
                line = replace(line, fields={name: line.fields[name] for name in line.fields if name != "after"})
            yield line
            before = self._reading.size

    def _begins(self, line: RecordedLine, at: int) -> None:
        number = line.fields.get("turn")
        if not self._open or "parent" not in line.fields or number in self._open:
            self.last_mark, self.begun = (at, line.seq), 0
            self._open.clear()
        self.begun += 1
        self._open.add(number)


def first_line_sum(path: Path) -> int:
    """Tells one session from another whose file has its name."""
    try:
        with regular_file(path) as file:
            return zlib.crc32(file.read(0, 4096).partition(b"\n")[0])
    except RecordingError:
        return 0


def _pieces(path: Path, lines: TurnLines, masked: Callable[[str], str]) -> Iterator[Sequence[str]]:
    """A text of each kind, one after another until all that was said in a turn is there."""
    try:
        said = said_in(restored(lines, path, events=False).turn)
    except RecordingError:
        said = {"question": lines.prompt}
    texts = [_in_pieces(searchable(masked(said.get(kind, "")))) for kind in KINDS]
    yield from itertools.zip_longest(*texts, fillvalue="")


def said_in(turn: Turn) -> Mapping[str, str]:
    """What was said in a turn, a text for each of `KINDS`."""
    messages = [step.message() for step in turn.steps]
    calls = [
        part for each in messages for part in (each.tool_plan, *(f"{c.name} {c.arguments}" for c in each.tool_calls))
    ]
    results = [_result(step.results[call]) for step in turn.steps for call in sorted(step.results)]
    texts = (turn.prompt, turn.text, turn.thinking, "\n".join(filter(None, calls)), "\n".join(results))
    return dict(zip(KINDS, texts, strict=True))


def _result(result: ToolResult) -> str:
    value: Any = result.error if result.error is not None else result.result
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _in_pieces(text: str) -> Iterator[str]:
    begin = 0
    while len(text) - begin > PIECE:
        end = text.rfind(" ", begin + PIECE // 2, begin + PIECE) + 1 or begin + PIECE
        yield text[begin:end]
        begin = end
    yield text[begin:]
