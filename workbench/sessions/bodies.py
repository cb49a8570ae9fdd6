"""The body of a recorded response, as frames: of a stream, or of an answer that came whole.

Owns what is done about compression, and which responses have frames at all. Knows no JSON of theirs.
"""

from __future__ import annotations

import zlib
from collections.abc import Iterable
from typing import Any, Final

from workbench.recordings.exchanges import is_stream
from workbench.recordings.regular_files import MAX_LINE
from workbench.wire.frames import Frame, FrameReader
from workbench.wire.text_runs import TextRun, frames_and_runs
from workbench.wire.whole_answer import MOST, frames_of_answer, is_json

_ANY_HEADER: Final = zlib.MAX_WBITS | 32


def body_of(status: Any, headers: Any) -> Body | None:
    """What reads the body of a response with this status and these headers; None where there are no frames in it."""
    if is_stream(status, headers):
        return Body(headers)
    if 200 <= status < 300 and any(is_json(value) for name, value in headers if name.lower() == "content-type"):
        return _WholeBody(headers)
    return None


class Body:
    """The frames of one response; other programs' recordings may hold compressed ones."""

    def __init__(self, headers: Any) -> None:
        coding = {name.lower(): value for name, value in headers}.get("content-encoding", "")
        self._inflate = zlib.decompressobj(_ANY_HEADER).decompress if coding in ("gzip", "deflate") else None
        self._reader = FrameReader()

    @property
    def is_plain_stream(self) -> bool:
        """Whether its frames are in the bytes as they are."""
        return self._inflate is None

    def feed(self, data: bytes) -> list[Frame]:
        """The frames that are whole with these bytes. Raises ValueError, or zlib.error, for what does not inflate."""
        return self._reader.feed(self._plain(data))

    def feed_in_runs(self, data: bytes) -> Iterable[Frame | TextRun]:
        """As `feed`, with runs of frames that are pieces of text in the place of their frames."""
        return frames_and_runs(self._reader, self._plain(data))

    def _plain(self, data: bytes) -> bytes:
        if self._inflate is None:
            return data
        plain = self._inflate(data, MAX_LINE + 1)
        if len(plain) > MAX_LINE:
            raise ValueError(f"it inflates to more than {MAX_LINE >> 20} MiB")
        return plain

    def close(self) -> list[Frame]:
        """The frames that are left at the end of the response."""
        return self._reader.close()


class _WholeBody(Body):
    """The frames of a response that is one answer and no stream; there are none of any other."""

    def __init__(self, headers: Any) -> None:
        super().__init__(headers)
        self._body = bytearray()

    @property
    def is_plain_stream(self) -> bool:
        """It is no stream."""
        return False

    def feed(self, data: bytes) -> list[Frame]:
        if len(self._body) <= MOST:
            self._body += self._plain(data)
        return []

    def feed_in_runs(self, data: bytes) -> Iterable[Frame | TextRun]:
        return self.feed(data)

    def close(self) -> list[Frame]:
        return self._reader.feed(frames_of_answer(bytes(self._body)) or b"")
