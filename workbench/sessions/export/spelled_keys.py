"""The lines of a recording without keys that a model spelled over several events, or that came in pieces.

Owns rewriting frames: those whose text holds a part of a key say it without, all others stay byte for byte. Lines
belong together from a request to its end; what a key is, and when pieces make one, is for `conversation.masking`.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from workbench.conversation.masking import EventMask
from workbench.events import (
    ContentDelta,
    ContentStart,
    Event,
    ToolCallDelta,
    ToolCallStart,
    ToolPlanDelta,
    WireEvent,
)
from workbench.recordings.exchanges import frames_bytes, split_frames, usable
from workbench.recordings.recording import RecordedLine, bytes_to_text
from workbench.secrets.redactor import Redactor
from workbench.sessions.bodies import body_of
from workbench.wire.decoder import decode
from workbench.wire.frames import FrameReader

_OF_BODIES: Final = frozenset({"response", "frames", "end"})


def without_spelled_keys(path: Path, lines: Iterable[RecordedLine], redactor: Redactor) -> Iterator[RecordedLine]:
    """The lines in their order, each in turn, those of a request held until it has ended.

    Raises RecordingError for a line that is not as its kind should be.
    """
    if not redactor:
        yield from lines
        return
    held: list[RecordedLine] = []
    open_: set[Any] = set()
    for line in lines:
        held.append(line)
        if line.kind == "request":
            open_.add(line.fields.get("request"))
        elif line.kind == "end":
            open_.discard(line.fields.get("request"))
        if not open_:
            yield from _rewritten(path, held, redactor)
            held = []
    yield from _rewritten(path, held, redactor)


def _rewritten(path: Path, lines: list[RecordedLine], redactor: Redactor) -> list[RecordedLine]:
    """These lines, which hold the bodies of some responses whole."""
    of_bodies: dict[Any, list[int]] = {}
    for place, line in enumerate(lines):
        if line.kind in _OF_BODIES:
            of_bodies.setdefault(line.fields.get("request"), []).append(place)
    for places in of_bodies.values():
        is_stream, frames = False, []
        for place in places:
            line = lines[place]
            with usable(path, line):
                if line.kind == "response":
                    body = body_of(line.fields["status"], line.fields["headers"])
                    is_stream = body is not None and body.is_plain_stream
                elif line.kind == "frames":
                    frames.append((place, frames_bytes(line)))
        pieces = [data for _, data in frames]
        masked = _stream(pieces, redactor) if is_stream else _text(pieces, redactor)
        for (place, _), texts in zip(frames, masked or (), strict=False):
            lines[place] = replace(lines[place], fields={**lines[place].fields, "frames": texts})
    return lines


def _text(pieces: list[bytes], redactor: Redactor) -> list[list[str]] | None:
    """What each line has of a body that is no stream, without the keys that stand across lines; None for as it is."""
    masker = redactor.data_in_pieces()
    masked = [masker.feed(piece) for piece in pieces]
    if masked:
        masked[-1] += masker.close()
    if b"".join(masked) == b"".join(pieces):
        return None
    return [[bytes_to_text(piece)] if piece else [] for piece in masked]


def _stream(pieces: list[bytes], redactor: Redactor) -> list[list[str]] | None:
    """What each line has of a stream, in frames; None for as it is. A frame stands on the line on which it ends."""
    data = b"".join(pieces)
    frames, is_changed = _masked_frames(data, redactor)
    if not is_changed:
        return None
    lines: list[list[str]] = [[] for _ in pieces]
    line, line_end, at = 0, len(pieces[0]), 0
    for original, masked in frames:
        at += len(original)
        while at > line_end and line + 1 < len(pieces):
            line += 1
            line_end += len(pieces[line])
        lines[line] += map(bytes_to_text, masked)
    return lines


def _masked_frames(data: bytes, redactor: Redactor) -> tuple[list[tuple[bytes, list[bytes]]], bool]:
    """Each frame of a stream with what stands in its place, and whether a key is in what they say together."""
    reader, mask = FrameReader(), EventMask(redactor)
    pairs: list[tuple[bytes, list[bytes]]] = []
    before, after = _Said(), _Said()
    originals = split_frames(data)
    for number, original in enumerate(originals, 1):
        frames = reader.feed(original) + (reader.close() if number == len(originals) else [])
        masked: list[bytes] = []
        is_same = True
        for frame in frames:
            event = decode(frame)
            before.take(event)
            for each in mask.events(event):
                after.take(each)
                is_same = is_same and each is event
                masked.append(_written(frame.event, frame.data if each is event else _data(each, redactor)))
        pairs.append((original, [original] if is_same else masked))
    for each in mask.rest():
        after.take(each)
        pairs.append((b"", [_written(each.kind, _data(each, redactor))]))
    return pairs, before != after


class _Said:
    """What events say, each text joined: where a piece of one ends makes no difference."""

    def __init__(self) -> None:
        self._texts: dict[Any, str] = {}
        self._others: list[Event] = []

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Said) and (self._texts, self._others) == (other._texts, other._others)

    __hash__ = None  # type: ignore[assignment]

    def take(self, event: Event) -> None:
        match event:
            case ContentDelta():
                self._add("text", event.text)
                self._add("thinking", event.thinking)
            case ContentStart():
                self._add("thinking" if event.type == "thinking" else "text", event.text)
            case ToolPlanDelta():
                self._add("plan", event.text)
            case ToolCallDelta():
                self._add(event.index, event.arguments)
            case ToolCallStart():
                self._add(event.index, event.arguments)
                self._others.append(replace(event, arguments="", raw=""))
            case _:
                self._others.append(event)

    def _add(self, where: Any, text: str) -> None:
        self._texts[where] = self._texts.get(where, "") + text


def _written(name: str, data: str) -> bytes:
    """A frame of these."""
    lines = [f"event: {name}"] if name else []
    return "\n".join([*lines, *(f"data: {line}" for line in data.split("\n")), "", ""]).encode("utf-8", "surrogatepass")


def _data(event: Event, redactor: Redactor) -> str:
    """The JSON of an event without keys; of one that carries a piece of a text, that piece and nothing else."""
    match event:
        case ContentDelta():
            said = {name: text for name in ("text", "thinking") if (text := getattr(event, name))}
            message: dict[str, Any] = {"content": said or {"text": ""}}
        case ContentStart():
            name = "thinking" if event.type == "thinking" else "text"
            message = {"content": {"type": event.type, name: event.text}}
        case ToolPlanDelta():
            message = {"tool_plan": event.text}
        case ToolCallDelta():
            message = {"tool_calls": {"function": {"arguments": event.arguments}}}
        case ToolCallStart():
            function = {"name": event.name, "arguments": event.arguments}
            message = {"tool_calls": {"id": event.id, "type": "function", "function": function}}
        case _:
            return _other(event, redactor)
    index = {"index": event.index} if not isinstance(event, ToolPlanDelta) and event.index is not None else {}
    return json.dumps({"type": event.kind, **index, "delta": {"message": message}}, separators=(",", ":"))


def _other(event: Event, redactor: Redactor) -> str:
    raw = event.raw if isinstance(event, WireEvent) else ""
    try:
        return json.dumps(redactor.value(json.loads(raw)), ensure_ascii=False, separators=(",", ":"))
    except (ValueError, RecursionError):
        return redactor.text(raw)
