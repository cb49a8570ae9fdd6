"""Requests and their responses, as lines of a recording.

Owns the fields of the kinds `request`, `response`, `frames` and `end`, in both directions. Refuses to
interpret bodies.

    request   {"request": n, "turn": n, "body": any JSON, "after": [n, count], "aside": text}
    response  {"request": n, "at": seconds, "status": 200, "headers": [[name, value], ...]}
    frames    {"request": n, "at": seconds, "frames": [text, ...]}      one line for each chunk of the network
    end       {"request": n, "at": seconds, "outcome": "complete"|"closed"|"failed", "error": [type, text]}

`request` counts from 1, `turn` is the number of the turn that sends it, where it is one of a conversation. `at` is in
seconds since that request was sent. With `after`, the body's messages follow the first `count` ones of request n: a
conversation would else be written again with each of its turns. With `aside`, which says what for, the request is none
of the turn's steps. The frames of all lines, joined, are the body exactly
(`recording.bytes_to_text`). `closed` is a body that was not read to its end.
"""

from __future__ import annotations

import itertools
import re
import zlib
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Final, Literal, cast

from workbench.errors import RecordingError
from workbench.recordings.recording import RecordedLine, Recording, bytes_to_text, finite, shortened, text_to_bytes
from workbench.recordings.regular_files import MAX_LINE, RegularFile, regular_file, too_long, whole_size

Outcome = Literal["complete", "closed", "failed"]
KINDS: Final = frozenset({"request", "response", "frames", "end"})
OUTCOMES: Final = ("complete", "closed", "failed")
OF_TURN: Final[ContextVar[int | None]] = ContextVar("workbench_of_turn", default=None)
"""The number of the turn that the task of this context runs: turns that run side by side send at the same time."""
ASIDE: Final[ContextVar[str]] = ContextVar("workbench_aside", default="")
"""What a request of this context is for that is none of its turn's steps, such as "rewrite"."""
_EVENT_STREAM: Final = "text/event-stream"
_SSE_HEADERS: Final = (("content-type", _EVENT_STREAM),)
_RAW_PIECE: Final = 64 * 1024
_FRAME_ENDS: Final = (b"\r\n\r\n", b"\n\n", b"\r\r")
_FRAME: Final = re.compile(rb".*?(?:\r\n\r\n|\n\n|\r\r)|.+", re.DOTALL)


@dataclass(frozen=True, slots=True)
class Chunk:
    """Bytes that arrived together, `at` seconds after the request was sent."""

    at: float
    data: bytes


@dataclass(frozen=True, slots=True)
class Exchange:
    """A request and all that came back. `status` is None when no response came.

    `outcome` "failed" has `error` as (type, text); a recording that ends too early reads as "closed". With `by_frame`,
    the chunks are of a file, of many frames each, that are to be played one by one.
    """

    body: Any
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    chunks: tuple[Chunk, ...] = ()
    outcome: Outcome = "closed"
    error: tuple[str, str] = ("", "")
    by_frame: bool = False


class Requests:
    """Numbers the requests of a recording, and leaves out of each the messages that the one before it began with."""

    def __init__(self, first: int = 1) -> None:
        self._next = first
        self._before: list[Any] = []
        self._last = 0  # whose messages these are

    def fields(self, body: Any) -> dict[str, Any]:
        """The fields of the next `request` line."""
        number, self._next = self._next, self._next + 1
        turn = OF_TURN.get()
        whose: dict[str, Any] = {"request": number} if turn is None else {"request": number, "turn": turn}
        if aside := ASIDE.get():
            return {**whose, "body": body, "aside": aside}
        messages = body.get("messages") if isinstance(body, dict) else None
        before, self._before = self._before, messages if isinstance(messages, list) else []
        last, self._last = self._last, number
        same = _same_at_first(before, self._before)
        if not same:
            return {**whose, "body": body}
        return {**whose, "body": {**body, "messages": self._before[same:]}, "after": [last, same]}


def _same_at_first(before: list[Any], now: list[Any]) -> int:
    """How many items two lists begin with alike; a conversation's requests have all of the one before."""
    if now[: len(before)] == before:
        return len(before)
    return sum(1 for _ in itertools.takewhile(lambda pair: pair[0] == pair[1], zip(before, now, strict=False)))


def whole_requests(path: Path, lines: Iterable[RecordedLine]) -> Iterator[RecordedLine]:
    """`lines` of a recording, with nothing left out of its requests. Raises RecordingError, which names the place."""
    messages: dict[int, list[Any]] = {}
    for line in lines:
        if line.kind == "request":
            with usable(path, line):
                line = _whole_request(line, messages)
        yield line


def without_asides(path: Path, lines: Iterable[RecordedLine]) -> Iterator[RecordedLine]:
    """`lines` of a recording, but for those of requests that are none of a turn's steps, and of what came of them.

    Raises RecordingError, which names the place.
    """
    asides: set[Any] = set()
    for line in lines:
        if line.kind in KINDS:
            with usable(path, line):
                if line.kind == "request" and line.fields.get("aside"):
                    asides.add(_integer(line.fields, "request"))
                if _integer(line.fields, "request") in asides:
                    continue
        yield line


def _whole_request(line: RecordedLine, messages: dict[int, list[Any]]) -> RecordedLine:
    body = line.fields["body"]
    if (after := line.fields.get("after")) is not None:
        number, count = after
        before, own = messages[number], body["messages"]
        if not 0 <= count <= len(before):
            raise ValueError(f"request {number} has no {count} messages")
        if not isinstance(own, list):
            raise TypeError("'messages' must be a list")
        body = {**body, "messages": [*before[:count], *own]}
        others = {name: value for name, value in line.fields.items() if name != "after"}
        line = replace(line, fields={**others, "body": body})
    if isinstance(body, dict) and isinstance(body.get("messages"), list):
        messages[_integer(line.fields, "request")] = body["messages"]
    return line


def split_frames(data: bytes) -> list[bytes]:
    """`data` cut behind every blank line; joined, it is `data`. The last piece may be part of a frame."""
    return _FRAME.findall(data)


def frames_of(data: bytes) -> list[str]:
    """The `frames` of a line for one chunk."""
    return [bytes_to_text(frame) for frame in split_frames(data)]


def exchanges(path: Path, lines: Iterable[RecordedLine]) -> tuple[Exchange, ...]:
    """The exchanges in `lines` of a recording whose requests are whole, in the order of their requests.

    Raises RecordingError, which names file and line, for a line whose fields are not as described above.
    """
    open_: dict[int, _Draft] = {}
    for line in lines:
        if line.kind in KINDS:
            with usable(path, line):
                _take(line, open_)
    return tuple(open_[number].exchange() for number in sorted(open_))


@contextmanager
def usable(path: Path, line: RecordedLine) -> Iterator[None]:
    """Within, fields of `line` are read: one that is missing or is wrong is a RecordingError that names the place."""
    try:
        yield
    except (LookupError, TypeError, ValueError, AttributeError, ArithmeticError, RecursionError, zlib.error) as error:
        place, kind = f"{path}:{line.seq + 1}", shortened(repr(line.kind))
        raise RecordingError(f"{place}: is no usable {kind} line: {_in_words(error)}") from error


def _in_words(error: Exception) -> str:
    match error:
        case KeyError():
            return f"{shortened(str(error))} is missing, or is of no line before it"
        case IndexError():
            return "what it belongs to is missing"
        case RecursionError():
            return "it is nested too deeply"
        case AttributeError():
            return f"a value has the wrong type ({shortened(str(error))})"
    return shortened(str(error))


def read_exchanges(path: Path) -> tuple[Exchange, ...]:
    """The exchanges of a recording, or the one response of a raw `.sse` file.

    Raises RecordingError for a file that cannot be read or holds no request.
    """
    if path.suffix == ".sse":
        return (_raw_exchange(path),)
    found = exchanges(path, whole_requests(path, Recording.read(path).lines))
    if not found:
        raise RecordingError(f"{path}: holds no request, there is nothing to replay")
    return found


def _raw_exchange(path: Path) -> Exchange:
    with regular_file(path) as file:
        whole_size(file)
        chunks = tuple(Chunk(0.0, piece) for piece in _raw_pieces(file))
    return Exchange(None, 200, _SSE_HEADERS, chunks, "complete", by_frame=True)


def _raw_pieces(file: RegularFile) -> Iterator[bytes]:
    """A stream in pieces of whole frames. Raises RecordingError for a line without end."""
    number, length, held = 1, 0, bytearray()
    for piece in file.pieces(_RAW_PIECE):
        breaks = piece.count(b"\n")
        length += piece.find(b"\n") if breaks else len(piece)
        if length > MAX_LINE:
            raise too_long(file.path, number)
        if breaks:
            number, length = number + breaks, len(piece) - piece.rfind(b"\n") - 1
        held += piece
        # From a little before the new piece: what ends a frame may stand across the two.
        begin = max(0, len(held) - len(piece) - 3)
        ends = [at + len(end) for end in _FRAME_ENDS if (at := held.rfind(end, begin)) >= 0]
        if ends:
            yield bytes(held[: max(ends)])
            del held[: max(ends)]
    if held:
        yield bytes(held)


def is_stream(status: int, headers: Iterable[tuple[str, str]]) -> bool:
    """Whether a response with these is the stream of a message."""
    kinds = [value for name, value in headers if name.lower() == "content-type"]
    return 200 <= status < 300 and any(kind.partition(";")[0].strip().lower() == _EVENT_STREAM for kind in kinds)


def frames_bytes(line: RecordedLine) -> bytes:
    """The bytes of a `frames` line."""
    return text_to_bytes("".join(map(_text, line.fields["frames"])))


@dataclass(slots=True)
class _Draft:
    body: Any
    status: int | None = None
    headers: tuple[tuple[str, str], ...] = ()
    chunks: list[Chunk] = field(default_factory=list)
    outcome: Outcome = "closed"
    error: tuple[str, str] = ("", "")

    def exchange(self) -> Exchange:
        return Exchange(self.body, self.status, self.headers, tuple(self.chunks), self.outcome, self.error)


def _take(line: RecordedLine, drafts: dict[int, _Draft]) -> None:
    number = _integer(line.fields, "request")
    if line.kind == "request":
        if number in drafts:
            raise ValueError(f"request {number} is there twice")
        drafts[number] = _Draft(line.fields["body"])
        return
    draft = drafts[number]
    if line.kind == "response":
        draft.status = _integer(line.fields, "status")
        draft.headers = tuple(_pairs(line.fields["headers"]))
    elif line.kind == "frames":
        draft.chunks.append(Chunk(_seconds(line.fields), frames_bytes(line)))
    else:
        _end(line.fields, draft)


def _end(fields: Mapping[str, Any], draft: _Draft) -> None:
    outcome = fields["outcome"]
    if outcome not in OUTCOMES:
        raise ValueError(f"outcome {outcome!r} is none of {', '.join(OUTCOMES)}")
    draft.outcome = cast(Outcome, outcome)
    kind, text = fields.get("error", ("", ""))
    draft.error = (_text(kind), _text(text))


def _pairs(value: Any) -> Iterator[tuple[str, str]]:
    for name, text in value:
        yield _text(name), _text(text)


def _integer(fields: Mapping[str, Any], name: str) -> int:
    value = fields[name]
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError(f"{name!r} must be a whole number")
    return value


def _seconds(fields: Mapping[str, Any]) -> float:
    seconds = finite(fields["at"])
    if seconds is None or seconds < 0:
        raise ValueError("'at' must be a number of seconds")
    return seconds


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text was expected, not {type(value).__name__}")
    return value
