"""What a list says of a session, read from the two ends of its file: however large it is, that takes no time.

Owns finding the header, the first question and the number of turns there. Refuses to verify lines: damage is for
whoever opens the session.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workbench.errors import RecordingError
from workbench.recordings.recording import finite
from workbench.recordings.regular_files import RegularFile, regular_file

WHOLE: Final = 1024 * 1024  # bytes of a session whose turns are counted,
HEAD: Final = 64 * 1024  # of the beginning that is read of a larger one,
TAIL: Final = 16 * 1024 * 1024  # and of its end, where the last turn is looked for
_ENVELOPE: Final = 120  # bytes before the fields of a line
_TURN_START: Final = b',"kind":"turn-start",'
_TURN: Final = re.compile(rb'\{"seq":\d+,"t":[\d.e+-]+' + _TURN_START)
_NUMBER: Final = b',"turn":'
_MARK: Final = re.compile(
    rb'\{"seq":\d+,"t":[\d.e+-]+,"kind":"(?:turn|step|tool)[a-z-]*"' + _NUMBER + rb"(\d{1,9})[,}]"
)
_PROMPT: Final = re.compile(rb'"prompt":"([^"\\]*(?:\\.[^"\\]*)*)("?)')


@dataclass(frozen=True, slots=True)
class SessionSummary:
    """A session in a list. `began` is in seconds since 1970, `first` the first question, or its beginning.

    `turns` is None when they could not be told without reading much. `problem` says why the file is no session that
    can be read, or is "".
    """

    id: str
    path: Path
    began: float
    turns: int | None
    first: str
    problem: str = ""


def summary(path: Path, written: float) -> SessionSummary:
    """What a list says of the session in `path`, last written to at `written`, in seconds since 1970."""
    try:
        with regular_file(path) as file:
            return _summary(file, written)
    except RecordingError as error:
        return SessionSummary(path.stem, path, written, None, "", str(error).removeprefix(f"{path}: "))


def _summary(file: RegularFile, written: float) -> SessionSummary:
    path, small = file.path, file.size <= WHOLE
    head = file.read(0, WHOLE if small else HEAD)
    header = _header(head)
    if header is None:
        return SessionSummary(path.stem, path, written, None, "", "is no recording" if head else "is empty")
    began = finite(header.get("began"))
    starts = list(_turn_starts(head, whole=small))
    turns = len(starts) if small else _last_turn(file)
    first = _prompt(head[starts[0] :]) if starts else ""
    return SessionSummary(path.stem, path, written if began is None else began, turns, first)


def _header(head: bytes) -> dict[str, Any] | None:
    try:
        header = json.loads(head[: head.index(b"\n")])
    except (ValueError, RecursionError):
        return None
    return header if isinstance(header, dict) and header.get("kind") == "header" else None


def _turn_starts(data: bytes, *, whole: bool) -> Iterator[int]:
    """Where the lines with which turns begin do so. Of a `whole` file, the last line may be torn, and is no line."""
    at = data.find(_TURN_START)
    while at >= 0:
        begin = data.rfind(b"\n", max(0, at - _ENVELOPE), at) + 1
        if _TURN.match(data, begin) and not (whole and data.find(b"\n", at) < 0):
            yield begin
        at = data.find(_TURN_START, at + 1)


def _last_turn(file: RegularFile) -> int | None:
    """The number of the last turn, with which its marks are: 0 for a file without one, None when it is too far away."""
    end, least = file.size, max(0, file.size - TAIL)
    while end > least:
        begin = max(least, end - WHOLE)
        data = file.read(begin, end - begin)
        if found := [int(mark[1]) for mark in _marks(data)]:
            return max(found)  # turns that ran side by side do not end in their order
        if begin == least:
            break
        end = begin + _ENVELOPE  # a mark may stand across the two
    return 0 if least == 0 else None


def _marks(data: bytes) -> Iterator[re.Match[bytes]]:
    """The lines of turns in `data`, the last first."""
    at = data.rfind(_NUMBER)
    while at >= 0:
        mark = _MARK.match(data, data.rfind(b"\n", max(0, at - _ENVELOPE), at) + 1)
        if mark and mark.start(1) == at + len(_NUMBER):
            yield mark
        at = data.rfind(_NUMBER, 0, at)


def _prompt(line: bytes) -> str:
    """The question that begins a turn; of a long one, the beginning."""
    found = _PROMPT.search(line[:HEAD])
    if found is None:
        return ""
    text = found[1]
    for _ in range(3):  # a character may be cut in its middle, and be the second half of a pair
        try:
            return str(json.loads(b'"' + text + b'"'))
        except ValueError:
            text = text[: text.rfind(b"\\")] if not found[2] and b"\\" in text else b""
    return ""
