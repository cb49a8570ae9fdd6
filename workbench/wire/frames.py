"""Server-sent frames: bytes in any chunking -> frames, whole, in order, and bounded.

Owns the framing, as of the WHATWG's server-sent events and of servers that are not strict about it. Knows no JSON.
"""

from __future__ import annotations

import re
from typing import NamedTuple

BOM = b"\xef\xbb\xbf"
LONGEST = 16 * 1024 * 1024  # bytes of a line, or of a frame's lines together, where no other bound is given
LINE = 64  # and bytes that each line counts as more, for it takes them in memory
KEPT = 64 * 1024  # bytes of what is too long that are shown
NO_LINE = "not a line of an event stream"
QUOTED = 200  # characters of a line that are repeated in the reason why it is none
_COMMON = re.compile(rb"(?:event: ?([^\r\n]*)\n)?data: ?([^\r\n]*)\n\n")
IGNORED_FIELDS = frozenset({b"id", b"retry"})


class Frame(NamedTuple):
    """One server-sent event. `fault` says why `data` cannot be one: it is no field of the protocol, or too long."""

    data: str
    event: str = ""
    fault: str = ""


class FrameReader:
    """Splits a body into frames, whatever the chunks. Linear in the bytes; lines end with LF, CRLF or CR.

    Differs from a browser's EventSource on purpose: a last frame without its blank line is given by `close()`, a byte
    order mark is skipped, an event without data and a line that is no field are kept. Of a frame over `longest` bytes
    only the beginning is, so that a line without end does not fill the memory; `gave_up` tells that there was one.
    """

    def __init__(self, longest: int | None = None) -> None:
        self.gave_up = False
        self._longest = LONGEST if longest is None else longest
        self._pending = bytearray()
        self._skipping = False
        self._event = ""
        self._data: list[str] = []
        self._size = 0  # bytes of `_data`
        self._at_start = True
        self._after_cr = False

    def feed(self, chunk: bytes) -> list[Frame]:
        """Take the next bytes of the body; return the frames that they complete."""
        if self._after_cr and chunk[:1] == b"\n":
            chunk = chunk[1:]
            self._after_cr = False
        if not chunk:
            return []
        frames: list[Frame] = []
        if self._is_between_frames and (end := self._common(chunk, frames)):
            self._at_start = False
            if end == len(chunk):
                return frames
            chunk = chunk[end:]
        self._after_cr = chunk[-1:] == b"\r"
        if b"\r" in chunk:
            chunk = chunk.replace(b"\r\n", b"\n").replace(b"\r", b"\n")
        if b"\n" not in chunk:
            self._hold(chunk, frames)
            return frames
        if self._pending:
            chunk = bytes(self._pending) + chunk
        lines = chunk.split(b"\n")
        rest = lines.pop()
        if self._skipping:
            del lines[0]
        self._pending, self._skipping = bytearray(), False
        for line in lines:
            self._line(line, frames)
        if rest:
            self._hold(rest, frames)
        return frames

    def close(self) -> list[Frame]:
        """The body has ended: return what was left without its blank line."""
        frames: list[Frame] = []
        if self._pending:
            self._line(bytes(self._pending), frames)
            self._pending = bytearray()
        self._line(b"", frames)
        return frames

    def lets_by(self) -> bool:
        """Whether no frame is begun: the next ones may then be read by somebody else, if they are whole."""
        if not self._is_between_frames:
            return False
        self._at_start = self._after_cr = False
        return True

    @property
    def _is_between_frames(self) -> bool:
        return not (self._pending or self._skipping or self._data or self._event or self._size)

    def _common(self, chunk: bytes, frames: list[Frame]) -> int:
        """Take the whole frames of the common form that the chunk begins with; returns where they end."""
        end = 0
        while (found := _COMMON.match(chunk, end)) is not None and found.end() - end + LINE <= self._longest:
            end = found.end()
            event, data = found.groups(b"")
            frames.append(Frame(data.decode("utf-8", "replace"), event.decode("utf-8", "replace")))
        return end

    def _hold(self, part: bytes, frames: list[Frame]) -> None:
        """Keep the beginning of a line until its end comes, unless it is too long for that."""
        if self._skipping:
            return
        self._pending += part
        if len(self._pending) > self._longest + len(BOM):
            self._line(bytes(self._pending), frames)
            self._pending, self._skipping = bytearray(), True

    def _line(self, line: bytes, frames: list[Frame]) -> None:
        if self._at_start:
            self._at_start = False
            line = line.removeprefix(BOM)
        if self._size + len(line) > self._longest:
            self._give_up(line, frames)
        elif line.startswith(b"data:"):
            self._size += len(line) + LINE
            self._data.append(line[6 if line[5:6] == b" " else 5 :].decode("utf-8", "replace"))
        elif not line:
            self._dispatch(frames)
        else:
            self._other_line(line, frames)

    def _other_line(self, line: bytes, frames: list[Frame]) -> None:
        name, colon, value = line.partition(b":")
        if colon and not name:
            return
        if name == b"event":
            self._size += len(line)
            self._event = value.removeprefix(b" ").decode("utf-8", "replace")
        elif name == b"data":
            self._size += len(line) + LINE
            self._data.append("")
        elif name not in IGNORED_FIELDS:
            text = line.decode("utf-8", "replace")
            frames.append(Frame(text, fault=f"{NO_LINE}: {text[:QUOTED]}"))

    def _dispatch(self, frames: list[Frame]) -> None:
        if self._data or self._event:
            frames.append(Frame("\n".join(self._data), self._event))
            self._event, self._data = "", []
        self._size = 0

    def _give_up(self, line: bytes, frames: list[Frame]) -> None:
        """Drop a frame that is too long, and show how it begins."""
        beginning = "\n".join([*self._data, line[:KEPT].decode("utf-8", "replace")])[:KEPT]
        fault = f"longer than {self._longest / 2**20:.4g} MB, so only its beginning is kept"
        self.gave_up = True
        frames.append(Frame(beginning, self._event, fault))
        self._event, self._data, self._size = "", [], 0
