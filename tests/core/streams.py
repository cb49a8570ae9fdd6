"""Streams to fold: frames written by hand, the project's cassettes, and recordings where there are any."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any

from workbench.events import WireEvent
from workbench.wire.decoder import decode
from workbench.wire.frames import FrameReader

ROOT = Path(__file__).resolve().parents[2]
CASSETTES = ROOT / "tests" / "cassettes"
RECORDINGS = ROOT.parent / "shared" / "recordings"


def frame(kind: str, **fields: Any) -> bytes:
    """One frame as the API writes it."""
    return f"event: {kind}\ndata: {json.dumps({'type': kind, **fields})}\n\n".encode()


def message(**fields: Any) -> dict[str, Any]:
    return {"message": fields}


def events_of(body: bytes, *, chunk: int | None = None) -> list[WireEvent]:
    """The events of a whole body, fed in chunks of `chunk` bytes, or all at once."""
    reader = FrameReader()
    pieces: Iterable[bytes] = [body] if chunk is None else (body[i : i + chunk] for i in range(0, len(body), chunk))
    frames = [each for piece in pieces for each in reader.feed(piece)]
    return [decode(each) for each in (*frames, *reader.close())]


def payloads(body: bytes) -> Iterator[dict[str, Any]]:
    """Every JSON object of a well-formed body, read the plain way: what the fold is checked against."""
    for line in body.decode().splitlines():
        if line.startswith("data: {"):
            yield json.loads(line[6:])
