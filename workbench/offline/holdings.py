"""What the program has loaded, for the engine to say when nobody asked about it: no request tells."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Holdings:
    """`documents` describes all sets, such as "handbook (137 passages)", and `question` is one that they answer."""

    documents: str = ""
    question: str = ""


Held = Callable[[], Holdings]
"""Says what there is by now; called when that is to be said."""
