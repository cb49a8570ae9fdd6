"""What folders hold, for the completion of a path: read in a thread, and known from then on for a while."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workbench.ui.background import in_background

KNOWN_SECONDS: Final = 3.0
MOST: Final = 5_000  # entries of one folder that are looked at


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """What is in a folder: its name, and whether that is a folder too."""

    name: str
    is_folder: bool


class Folders:
    """`run` has something done beside everything else; `changed` is called when more is known."""

    def __init__(self, run: Callable[[Coroutine[Any, Any, None]], object], changed: Callable[[], object]) -> None:
        self._run = run
        self._changed = changed
        self._known: dict[Path, tuple[float, Sequence[Entry]]] = {}
        self._asked: set[Path] = set()

    def listed(self, folder: Path) -> Sequence[Entry] | None:
        """The entries of `folder` in their order, none where it cannot be read; None while nobody knows."""
        at, entries = self._known.get(folder, (float("-inf"), None))
        if time.monotonic() - at > KNOWN_SECONDS and folder not in self._asked:
            self._asked.add(folder)
            self._run(self._read(folder))
        return entries

    async def _read(self, folder: Path) -> None:
        entries = await in_background(lambda: _entries(folder))
        self._asked.discard(folder)
        before = self._known.get(folder)
        self._known[folder] = time.monotonic(), entries
        if before is None or before[1] != entries:
            self._changed()


def _entries(folder: Path) -> Sequence[Entry]:
    found = []
    try:
        with os.scandir(folder) as each:
            for entry in each:
                found.append(Entry(entry.name, entry.is_dir()))
                if len(found) == MOST:
                    break
    except (OSError, ValueError):
        return ()
    return sorted(found, key=lambda entry: (entry.name.casefold(), entry.name))
