"""What a list over the prompt offers, as values: whoever makes one knows no widget."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Choice:
    """What is taken, how it is shown where that is another text, a word on it, and which characters are marked."""

    text: str
    label: str = ""
    note: str = ""
    hits: tuple[tuple[int, int], ...] = ()

    @property
    def shown(self) -> str:
        """Its characters, as they came."""
        return self.label or self.text


@dataclass(frozen=True, slots=True)
class Offer:
    """What may stand in place of a line from `start` up to the cursor, and what that is.

    With `is_free` what was typed may be meant as it is: it is replaced only by what somebody chose among these.
    """

    start: int
    choices: Sequence[Choice]
    title: str
    is_free: bool = False
