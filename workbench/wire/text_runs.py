"""Frames in a row that are nothing but pieces of an answer's text, read at once: a long answer is thousands of them.

Owns the spelling that nearly all of these frames have. What is written in any other way, `frames` and `decoder` read,
which would say the same of these.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from typing import Final, NamedTuple

from workbench.wire.frames import Frame, FrameReader

MOST: Final = 256  # frames of a run
_LONGEST: Final = 4096  # bytes of a text: of a longer one, `decoder` looks first at how much it is
_HEAD: Final = rb'(?:event: ?content-delta\n)?data: ?\{"type": ?"content-delta", ?"index": ?'
_INDEX: Final = rb"(?:0|[1-9][0-9]{0,8})"
_BEFORE: Final = rb', ?"delta": ?\{"message": ?\{"content": ?\{"text": ?"'
_TEXT: Final = rb'(?!")[^"\\\x00-\x1f]*+(?:\\[^\x00-\x1f][^"\\\x00-\x1f]*+)*+'
_TAIL: Final = rb'"\}\}\}\}\n\n'
_RUN: Final = re.compile(rb"(?:%b%b%b%b%b){1,%d}" % (_HEAD, _INDEX, _BEFORE, _TEXT, _TAIL, MOST))
_PIECE: Final = re.compile((rb"%b(%b)%b(%b)%b" % (_HEAD, _INDEX, _BEFORE, _TEXT, _TAIL)).decode())


class TextRun(NamedTuple):
    """The `frames` as they came, and of each the index of its block and its text, which is not empty."""

    frames: str
    pieces: list[tuple[int, str]]


def frames_and_runs(reader: FrameReader, data: bytes) -> Iterator[Frame | TextRun]:
    """What `reader` makes of the next bytes of a body, as it came, with runs of frames in the place of their frames."""
    at = 0
    for found in _RUN.finditer(data):
        yield from reader.feed(data[at : found.start()])
        at = found.end()
        run = _read(found[0]) if reader.lets_by() else None
        if run is not None:
            yield run
        else:
            yield from reader.feed(found[0])
    yield from reader.feed(data[at:])


def frames_of_run(frames: str) -> list[Frame]:
    """The frames of a run, each by itself."""
    return FrameReader().feed(frames.encode())


def _read(frames: bytes) -> TextRun | None:
    """The run that is spelled so, unless `decoder` has something else to say of one of its frames."""
    try:
        text = frames.decode()
        pieces = [(int(index), _plain(written)) for index, written in _PIECE.findall(text)]
    except ValueError:
        return None
    return TextRun(text, pieces)


def _plain(written: str) -> str:
    """The text that is so written in JSON. Raises ValueError."""
    if len(written) > _LONGEST:
        raise ValueError("too long to be read unseen")
    return str(json.loads(f'"{written}"')) if "\\" in written else written
