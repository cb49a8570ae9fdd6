"""What the screen says of what it talks to."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class About:
    """`source` stands in the title, `notes` in the empty chat. `answerer` is what answers, when it is no model."""

    source: str
    answerer: str | None = None
    notes: tuple[str, ...] = ()
