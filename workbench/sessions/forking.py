"""A session that begins with a copy of another one, up to a turn, and goes on by itself.

Owns where the copy ends, and that a half one never has the name of a session. Reads what another program writes, too:
of that it takes the lines that are whole.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import re
import secrets
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.errors import RecordingError
from workbench.paths import reason_of
from workbench.recordings.recording import RecordedLine, check_header, damaged_line, encoded_line, is_intact, parsed
from workbench.recordings.regular_files import RegularFile, regular_file, whole_size
from workbench.sessions.folder import SUFFIX, new_id

_PART: Final = ".part"
"""Ends the name of a copy that is not whole yet."""

_MARK: Final = re.compile(rb'\{"seq":\d+,"t":[\d.e+-]+,"kind":"(turn-start|turn-end|clear|forget)"')
_PIECE: Final = 1024 * 1024  # bytes that are copied at once


@dataclass(frozen=True, slots=True)
class _Extent:
    """The header of a session, where the lines behind it begin, and where those end that are copied."""

    header: RecordedLine
    begin: int
    end: int


def fork(session: Path, folder: Path, turn: int | None = None) -> Path:
    """A new session in `folder`: what `session` holds up to the end of the turn of this number, or all of it.

    Returns its file, which is whole and on the disk then. Raises RecordingError for a session that cannot be read or
    has no such turn, and when the copy cannot be written.
    """
    with regular_file(session) as file:
        whole_size(file)
        extent = _extent(file, turn)
        now = time.time()
        origin = {"session": session.stem} if turn is None else {"session": session.stem, "turn": turn}
        fields = {**extent.header.fields, "began": round(now, 3), "forked": origin}
        first = encoded_line(RecordedLine(0, 0.0, "header", fields)).encode("ascii")
        try:
            return _written(folder, new_id(now), first, file, extent)
        except OSError as error:
            raise RecordingError(f"{folder}: no copy can be written: {reason_of(error)}") from error


def _extent(file: RegularFile, turn: int | None) -> _Extent:
    header: RecordedLine | None = None
    at, begin, end = 0, 0, None
    is_within = False  # the turn up to which is copied
    for number, raw in enumerate(file.lines(), start=1):
        if not raw.endswith(b"\n"):
            break
        if not is_intact(raw):
            raise RecordingError(f"{file.path}: {damaged_line(number)}")
        length = len(raw)
        if header is None:
            header = parsed(bytes(raw), 0, f"{file.path}:1")
            check_header(header, file.path)
            begin = length
        elif turn is not None and (found := _MARK.match(raw)):
            is_of_turn = json.loads(raw).get("turn") == turn
            if is_of_turn and found[1] == b"turn-end":
                end = at + length
                break
            if is_within and found[1] != b"turn-end" and end is None:
                end = at  # of one that never ended
            is_within = is_within or (is_of_turn and found[1] == b"turn-start")
        at += length
    if header is None:
        raise RecordingError(f"{file.path}: is no recording: it has no whole line")
    if turn is not None and not is_within:
        raise RecordingError(f"{file.path}: has no turn {turn}")
    return _Extent(header, begin, at if end is None else end)


def _written(folder: Path, id: str, first: bytes, file: RegularFile, extent: _Extent) -> Path:
    """Write the copy aside, and give it its name once it is on the disk. Raises OSError and RecordingError."""
    _clear_away(folder)
    made, part = folder / f"{id}{SUFFIX}", folder / f".{id}-{secrets.token_hex(3)}{_PART}"
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as copy:
            with contextlib.suppress(OSError):  # where the disk has no locks, nobody clears away what is new
                fcntl.flock(copy, fcntl.LOCK_EX | fcntl.LOCK_NB)
            copy.write(first)
            for piece in _pieces(file, extent):
                copy.write(piece)
            copy.flush()
            os.fsync(copy.fileno())
            part.rename(made)
    finally:
        part.unlink(missing_ok=True)
    _sync(folder)
    return made


def _pieces(file: RegularFile, extent: _Extent) -> Iterator[bytes]:
    at = extent.begin
    while at < extent.end:
        piece = file.read(at, min(_PIECE, extent.end - at))
        if not piece:
            raise RecordingError(f"{file.path}: has become shorter while it was copied")
        at += len(piece)
        yield piece


def _clear_away(folder: Path) -> None:
    """Take away the half copies of programs that were killed: nobody holds their locks."""
    for part in folder.glob(f".*{_PART}"):
        with contextlib.suppress(OSError), part.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            part.unlink()


def _sync(folder: Path) -> None:
    """Have the system put the new name on the disk, where it can."""
    with contextlib.suppress(OSError):
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
