"""What folders hold, for the completion of a path: read in a thread, and known from then on for a while."""

from __future__ import annotations

import heapq
import os
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from workbench.ui.background import in_background

KNOWN_SECONDS: Final = 3.0
MOST: Final = 5_000  # entries of one folder
MOST_KNOWN: Final = 20  # folders, and beginnings of names in those that hold more

_Wanted = tuple[Path, str]


@dataclass(frozen=True, slots=True, order=True)
class Entry:
    """What is in a folder: its name, and whether that is a folder too."""

    name: str
    is_folder: bool


@dataclass(frozen=True, slots=True)
class Listing:
    """Entries of a folder in their order, and whether there are more, behind them."""

    entries: tuple[Entry, ...] = ()
    has_more: bool = False


class Folders:
    """`run` has something done beside everything else; `changed` is called when more is known."""

    def __init__(self, run: Callable[[Coroutine[Any, Any, None]], object], changed: Callable[[], object]) -> None:
        self._run = run
        self._changed = changed
        self._known: dict[_Wanted, tuple[float, Listing]] = {}
        self._asked: set[_Wanted] = set()

    def listed(self, folder: Path, begun: str) -> Listing | None:
        """What `folder` holds, nothing where it cannot be read; None while nobody knows.

        Of a folder that holds very much, the entries that begin with `begun`, as soon as these are known.
        """
        whole = self._listed((folder, ""))
        if not begun or whole is None or not whole.has_more:
            return whole
        return self._listed((folder, begun.lower())) or whole

    def _listed(self, wanted: _Wanted) -> Listing | None:
        at, listing = self._known.get(wanted, (float("-inf"), None))
        if time.monotonic() - at > KNOWN_SECONDS and wanted not in self._asked:
            self._asked.add(wanted)
            self._run(self._read(wanted))
        return listing

    async def _read(self, wanted: _Wanted) -> None:
        listing = await in_background(lambda: _listing(*wanted))
        self._asked.discard(wanted)
        before = self._known.pop(wanted, None)
        self._known[wanted] = time.monotonic(), listing
        while len(self._known) > MOST_KNOWN:
            del self._known[next(iter(self._known))]
        if before is None or before[1] != listing:
            self._changed()


def _listing(folder: Path, begun: str) -> Listing:
    """The first entries, by their names, that begin with `begun`, in small letters."""
    try:
        with os.scandir(folder) as each:
            entries = (entry for entry in each if entry.name.lower().startswith(begun))
            found = heapq.nsmallest(MOST + 1, entries, key=lambda entry: (entry.name.casefold(), entry.name))
            return Listing(tuple(Entry(entry.name, _is_folder(entry)) for entry in found[:MOST]), len(found) > MOST)
    except (OSError, ValueError):
        return Listing()


def _is_folder(entry: os.DirEntry[str]) -> bool:
    try:
        return entry.is_dir()
    except OSError:  # a link that leads round
        return False
