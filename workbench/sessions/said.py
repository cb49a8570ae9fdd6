"""What was said in the turns of a session, a text for each kind, in pieces that the index takes.

Owns reading it: all of a file, or what is new in one that has grown. Refuses to fail: what cannot be read was not said.
"""

from __future__ import annotations

import contextlib
import itertools
import json
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workbench.conversation.turn import Turn
from workbench.errors import RecordingError
from workbench.events import ToolResult
from workbench.recordings.recording import Reading
from workbench.recordings.regular_files import regular_file
from workbench.sessions.index_text import KINDS, searchable
from workbench.sessions.restore import restored
from workbench.sessions.turns import TurnLines, turns_of

PIECE: Final = 20_000  # characters of one kind in a row


@dataclass(frozen=True, slots=True)
class Said:
    """All `turns` of a file are counted; `rows` have place and number of those that were read, and a text a kind.

    Places count the turns from 0. A turn in which much was said has several rows.
    """

    turns: int
    rows: tuple[tuple[int, int, Sequence[str]], ...]


def read_said(path: Path, first: int, masked: Callable[[str], str]) -> Said:
    """What was said in the session in `path` from its turn at place `first` on."""
    place, rows = 0, list[tuple[int, int, Sequence[str]]]()
    with contextlib.suppress(RecordingError):  # what stands before the damage can be found
        for each in turns_of(path, Reading(path)):
            if isinstance(each, TurnLines):
                if place >= first:
                    rows += [(place, each.number, piece) for piece in _pieces(path, each, masked)]
                place += 1
    return Said(place, tuple(rows))


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
