"""How far the index of a large set is built, in words, for whoever waits for it: now and then, not for each file."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from workbench.documents.index.building import Building

EVERY: Final = 1.0  # seconds between two words about it
SOON: Final = 1.0  # seconds of building after which one hears of it


class IndexProgress:
    """Tells how building goes on, once it takes a while."""

    def __init__(self, tell: Callable[[str], object], clock: Callable[[], float] = time.monotonic) -> None:
        self._tell = tell
        self._clock = clock
        self._next = clock() + SOON

    def note(self, name: str, building: Building) -> None:
        """The index of the set `name` is so far."""
        now = self._clock()
        if building.waiting or now >= self._next:
            self._next = now + EVERY
            self._tell(words_of(name, building))


def words_of(name: str, building: Building) -> str:
    """How far it is: "indexing notes: 120 of 2,000 documents, 6,000 passages"."""
    if building.waiting:
        return f"waiting: another program builds the index of {name}"
    documents = f"{building.read:,} of {building.to_read:,} documents"
    return f"indexing {name}: {documents}, {building.passages:,} passages"
