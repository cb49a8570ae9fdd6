"""A session as a recording to be given away: what replays it, without keys and without the places of its files.

A turn alone becomes a recording of its own, whose requests are whole. Before one that took over steps of another turn
stands that one.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import replace
from itertools import chain
from pathlib import Path
from typing import Final

from workbench.recordings.recording import RecordedLine, encoded_line
from workbench.secrets.redactor import Redactor
from workbench.sessions.export.exported import masked_lines, refuse_unknown
from workbench.sessions.export.spelled_keys import without_spelled_keys
from workbench.sessions.session_files import SessionFiles
from workbench.sessions.turns import TurnLines, turns_of

_OF_STARTS: Final = ("header", "resume")  # the lines that say what a session was with
_PLACES: Final = tuple(SessionFiles((Path(),), (Path(),), Path(), handbook=True).as_fields())


def recording_file(path: Path, redactor: Redactor, number: int | None) -> Iterator[str]:
    """The lines of the recording, each with its line feed.

    Raises RecordingError for what cannot be read, ConfigurationError for a turn that is not there.
    """
    lines = without_spelled_keys(path, masked_lines(path, redactor), redactor)
    if number is None:
        return map(_encoded, lines)
    return _numbered(_of_turn(path, lines, number))


def _of_turn(path: Path, lines: Iterator[RecordedLine], number: int) -> list[RecordedLine]:
    starts: list[RecordedLine] = []
    found: list[tuple[RecordedLine, TurnLines]] = []  # each with the last start before it
    numbers: list[int] = []

    def seen() -> Iterator[RecordedLine]:
        for line in lines:
            if line.kind in _OF_STARTS:
                starts.append(line)
            yield line

    for each in turns_of(path, seen()):
        if isinstance(each, TurnLines):
            numbers.append(each.number)
            if each.number == number:
                source = {"source": each.source, "base_url": each.base_url}
                fields = {**starts[0].fields, **{name: said for name, said in source.items() if said}}
                found.append((replace(starts[0], fields=fields), each))
    refuse_unknown(path, number, numbers)
    header, turn = found[-1]
    needed = [turn]
    while (base := needed[0].base) is not None:
        needed.insert(0, base)
    began = needed[0].began
    begun = (replace(line, t=max(0.0, round(line.t - began, 6))) for each in needed for line in each.lines)
    return [replace(header, t=0.0), *(line for line in begun if line.kind not in _OF_STARTS)]


def _numbered(lines: Iterable[RecordedLine]) -> Iterator[str]:
    for number, line in enumerate(chain(lines)):
        yield _encoded(replace(line, seq=number))


def _encoded(line: RecordedLine) -> str:
    if line.kind in _OF_STARTS:
        line = replace(line, fields={name: said for name, said in line.fields.items() if name not in _PLACES})
    return encoded_line(line)
