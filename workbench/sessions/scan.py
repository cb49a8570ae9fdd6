"""What a list says of a session beyond its two ends: how many turns, the last model, the tokens of all answers.

Owns finding these in one pass over the bytes, of which few are parsed, and telling which line is damaged.
"""

from __future__ import annotations

import json
import re
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.conversation.spending import tokens_of
from workbench.events import MessageEnd
from workbench.recordings.exchanges import frames_bytes
from workbench.recordings.recording import RecordedLine, damaged_line, is_intact, shortened
from workbench.recordings.regular_files import regular_file
from workbench.sessions.bodies import Body, body_of
from workbench.sessions.turns import question_of
from workbench.wire.decoder import decode
from workbench.wire.frames import Frame

_KIND: Final = re.compile(rb'\{"seq":\d+,"t":[\d.e+-]+,"kind":"([a-z-]+)"(?:,"request":(\d{1,18}),)?')
_SUM: Final = len(b',"sum":"00000000"}\n')
_WHOLE_FRAMES: Final = (rb'\n\n"]', rb'\r\n\r\n"]', rb'\r\r"]')
"""How a line of frames ends when the last of them is whole, as JSON writes it."""
_END: Final = MessageEnd.kind.encode()


@dataclass(frozen=True, slots=True)
class SessionFigures:
    """`turns` are all that were ever asked; `model` is the last request's, or ""; `tokens` is None where none is told.

    Tokens are those of the prompt and of the answer, of all requests together. `problem` names the first line that is
    damaged, or is "": a last line without its end was torn by a crash, and is none.
    """

    turns: int
    model: str
    tokens: int | None
    problem: str = ""


def session_figures(path: Path) -> SessionFigures:
    """The figures of the session in `path`. Raises RecordingError for what cannot be read."""
    scan = _Scan()
    with regular_file(path) as file:
        for number, raw in enumerate(file.lines(), start=1):
            if not raw.endswith(b"\n"):
                continue
            if not scan.problem and not is_intact(raw):
                scan.problem = damaged_line(number)
            found = _KIND.match(raw)
            if found is None:
                continue
            try:
                scan.take(found[1], found[2], raw)
            except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, zlib.error):
                continue  # no line that anything can be told from
    return scan.figures()


class _Scan:
    def __init__(self) -> None:
        self.problem = ""
        self._marks = 0
        self._questions = 0  # of a recording without marks
        self._tokens: int | None = None
        self._request: bytes | bytearray = b""
        self._bodies: dict[int, _Ends] = {}

    def take(self, kind: bytes, number: bytes | None, raw: bytes | bytearray) -> None:
        match kind:
            case b"turn-start":
                self._marks += 1
            case b"request":
                self._request = raw
                if not self._marks:
                    self._questions += question_of(json.loads(raw)["body"]) is not None or not self._questions
            case b"response":
                fields = json.loads(raw)
                body = body_of(fields["status"], fields["headers"])
                if body is not None:
                    self._bodies[int(fields["request"])] = _Ends(body)
            case b"frames" if number is not None and (ends := self._bodies.get(int(number))) is not None:
                self._add(ends.take(raw))
            case b"end" if number is not None and (ends := self._bodies.pop(int(number), None)) is not None:
                self._add(ends.close())

    def figures(self) -> SessionFigures:
        for ends in self._bodies.values():
            self._add(ends.close())
        return SessionFigures(self._marks or self._questions, self._model(), self._tokens, self.problem)

    def _model(self) -> str:
        try:
            return shortened(str(json.loads(self._request)["body"]["model"]))
        except (LookupError, TypeError, ValueError, RecursionError):
            return ""

    def _add(self, frames: Iterable[Frame]) -> None:
        for frame in frames:
            if MessageEnd.kind in frame.data or MessageEnd.kind in frame.event:
                event = decode(frame)
                if isinstance(event, MessageEnd) and (tokens := tokens_of(event.usage)) is not None:
                    self._tokens = (self._tokens or 0) + tokens


class _Ends:
    """The frames of one response that may end a message. The others are not looked into where they stand whole."""

    def __init__(self, body: Body) -> None:
        self._body = body
        self._is_within = False  # a frame, or an unknown distance from one

    def take(self, raw: bytes | bytearray) -> list[Frame]:
        is_whole = self._body.is_plain_stream and raw[:-_SUM].endswith(_WHOLE_FRAMES)
        if is_whole and not self._is_within and _END not in raw:
            return []
        self._is_within = not is_whole
        return self._body.feed(frames_bytes(RecordedLine(0, 0.0, "frames", json.loads(raw))))

    def close(self) -> list[Frame]:
        return self._body.close()
