"""How documents were searched for a turn, as a line of a recording, in both directions."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from workbench.events import Retrieval
from workbench.recordings.recording import finite


def retrieval_fields(event: Retrieval) -> dict[str, Any]:
    """The fields of a `retrieval` line, but for its turn."""
    said = {"seconds": event.seconds, "sets": list(event.sets), "query": event.query, "notes": list(event.notes)}
    return said if event.rewrite is None else {**said, "rewrite": event.rewrite}


def retrieval_of(fields: Mapping[str, Any], t: float) -> Retrieval:
    """The event of a `retrieval` line, `t` seconds into the turn."""
    sets = fields["sets"]
    if not isinstance(sets, list) or not all(isinstance(each, Mapping) for each in sets):
        raise TypeError("'sets' must be a list of objects")
    return Retrieval(
        t=t,
        seconds=seconds_in(fields["seconds"]),
        sets=tuple(_look_of(each) for each in sets),
        query=str(fields.get("query", "")),
        notes=tuple(map(str, fields.get("notes") or ())),
        rewrite=_rewrite_of(fields.get("rewrite")),
    )


def _rewrite_of(said: Any) -> dict[str, Any] | None:
    """What a model wrote to be searched for, with values of the types that they were written in."""
    if not isinstance(said, Mapping):
        return None
    usage, error = said.get("usage"), said.get("error")
    return {
        "model": str(said.get("model", "")),
        "text": str(said.get("text", "")),
        "seconds": seconds_in(said.get("seconds", 0.0)),
        "usage": dict(usage) if isinstance(usage, Mapping) else {},
        "error": None if error is None else str(error),
    }


def _look_of(said: Mapping[str, Any]) -> dict[str, Any]:
    """How a set was searched, with values of the types that they were written in."""
    candidates = said.get("candidates")
    return {
        **{name: str(said[name]) for name in ("set", "mode", "used")},
        "candidates": None if candidates is None else int(candidates),
        "found": int(said["found"]),
        "seconds": seconds_in(said["seconds"]),
        "waited": seconds_in(said.get("waited", 0.0)),
        "notice": str(said.get("notice", "")),
    }


def seconds_in(value: Any) -> float:
    """A number of seconds. Raises ValueError for anything else."""
    seconds = finite(value)
    if seconds is None:
        raise ValueError("a number of seconds was expected")
    return max(0.0, seconds)
