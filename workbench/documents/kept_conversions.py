"""What was converted once, kept in the cache folder: a file of pages or sheets is slow to read, and seldom changes.

Owns when what is kept is still of the file: by its size, time and inode, and by its bytes where these differ. What
cannot be kept, or is damaged, is converted anew.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
from dataclasses import astuple
from pathlib import Path
from typing import Any, Final

from workbench.documents.file_text import digest_of
from workbench.documents.formats import readers
from workbench.documents.index.place import VERSION
from workbench.documents.source_lines import Convert, FileToConvert, Flaw, Parsed, SourceBlock, SourceDocument
from workbench.state_files import read_own_file, replace_own_file

TICK: Final = 2_000_000_000
"""Nanoseconds in which a file may change without another time."""

_MOST: Final = 200_000_000  # bytes of what is kept of one file


class KeptConversions:
    """Converts files by `convert`, and keeps what comes of them in `folder`."""

    def __init__(self, folder: Path, convert: Convert) -> None:
        self._folder = folder
        self._convert = convert

    def __call__(self, wanted: FileToConvert) -> Parsed:
        """What comes of a file. Raises MissingExtra."""
        place = self._place(wanted)
        stamp = _stamp(wanted.real)
        if stamp is None:
            return self._convert(wanted)
        kept = _kept(place)
        if kept is not None and kept[0][:3] == stamp and kept[0][3] - stamp[1] >= TICK:
            _used(place)
            return kept[1]
        before = _hash_of(wanted.real)
        if kept is not None and before and kept[0][4] == before:
            _keep(place, (*stamp, time.time_ns(), before), kept[1])
            return kept[1]
        parsed = self._convert(wanted)
        if before and _hash_of(wanted.real) == before:  # else it was written meanwhile
            _keep(place, (*stamp, time.time_ns(), before), parsed)
        return parsed

    def _place(self, wanted: FileToConvert) -> Path:
        """Where it is kept what came of a file that is called so, by the packages that are there."""
        said = [VERSION, readers(), str(wanted.real), wanted.suffix, wanted.file, wanted.stem]
        digest = hashlib.blake2b(json.dumps(said).encode(), digest_size=16).hexdigest()
        return self._folder / f"{digest}.json"


Stamp = tuple[int, int, int, int, str]
"""Size, time, and inode of a file, when these were looked at, and the hash of its bytes."""


def _stamp(real: Path) -> tuple[int, int, int] | None:
    try:
        status = real.stat()
    except OSError:
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


def _hash_of(real: Path) -> str:
    try:
        return digest_of(real).hex()
    except OSError:
        return ""


def _kept(place: Path) -> tuple[Stamp, Parsed] | None:
    """What is kept at `place`; None where there is nothing of use."""
    try:
        said = json.loads(read_own_file(place, _MOST))
        size, mtime, inode, seen, digest = said["stamp"]
        return (size, mtime, inode, seen, str(digest)), _parsed(said)
    except (OSError, ValueError, TypeError, KeyError, RecursionError):
        return None


def _keep(place: Path, stamp: Stamp, parsed: Parsed) -> None:
    said = {
        "stamp": stamp,
        "documents": [(each.title, each.id, each.data, each.fields, list(each.blocks)) for each in parsed.documents],
        "problems": [astuple(each) for each in parsed.problems],
    }
    try:
        replace_own_file(place, json.dumps(said))
    except (OSError, TypeError, ValueError):  # no place for it, or data that JSON has not: it is converted again
        return


def _parsed(said: dict[str, Any]) -> Parsed:
    documents = (
        SourceDocument(title, tuple(map(_block, blocks)), id, data, fields)
        for title, id, data, fields, blocks in said["documents"]
    )
    return Parsed(tuple(documents), tuple(Flaw(*each) for each in said["problems"]))


def _block(said: list[Any]) -> SourceBlock:
    text, lines, *rest = said
    return SourceBlock(text, None if lines is None else (lines[0], lines[1]), *rest)


def _used(place: Path) -> None:
    """Note that what is kept was of use today, by its time."""
    try:
        os.utime(place)
    except OSError:
        return
