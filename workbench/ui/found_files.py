"""Files anywhere below the folder one works in, found by some letters of their paths, as a person abbreviates them.

Owns the walk, which is bounded, and which path is meant rather than another. Both are for a thread: the walk of a large
folder takes a second, and comparing its paths longer than a key may wait.
"""

from __future__ import annotations

import contextlib
import heapq
import os
import re
import time
from collections import deque
from collections.abc import Callable, Coroutine, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

from workbench.ui.background import in_background

MOST: Final = 50  # paths for some letters
MOST_ENTRIES: Final = 100_000  # of all folders together, the near ones first
KNOWN_SECONDS: Final = 10.0
TIMES_AS_LONG: Final = 10  # as its walk took, a tree is known at least
MOST_KNOWN: Final = 20  # letters whose paths are kept
LONGEST: Final = 100  # characters that are looked for

ELSEWHERE: Final = ("/", "~", "..")  # a path that begins so leads out of the folder

Hits = tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class FoundPath:
    """A path below the folder, and which of its characters were typed."""

    path: str
    hits: Hits


class FoundFiles:
    """`run` has something done beside everything else; `changed` is called when more is known.

    What was typed last is looked for, one after the other: letters that are gone meanwhile are not.
    """

    def __init__(
        self,
        run: Callable[[Coroutine[Any, Any, None]], object],
        changed: Callable[[], object],
        root: Path | None = None,
    ) -> None:
        self._run = run
        self._changed = changed
        self._root = root or Path()
        self._paths: tuple[str, ...] = ()
        self._walked_at, self._known_for = float("-inf"), KNOWN_SECONDS
        self._known: dict[str, tuple[FoundPath, ...]] = {}
        self._wanted = ""
        self._is_looking = False

    def matching(self, typed: str) -> Sequence[FoundPath]:
        """The paths that `typed` may mean, the likeliest first; while these are looked for, those known already."""
        typed = typed.lower()
        if not 0 < len(typed) <= LONGEST or typed.startswith(ELSEWHERE):
            return ()
        if time.monotonic() - self._walked_at > self._known_for or typed not in self._known:
            self._wanted = typed
            if not self._is_looking:
                self._is_looking = True
                self._run(self._look())
        if typed in self._known:
            return self._known[typed]
        shorter = next((typed[:end] for end in range(len(typed), 0, -1) if typed[:end] in self._known), "")
        return best(typed, (found.path for found in self._known.get(shorter, ())))

    async def _look(self) -> None:
        """Look for what is wanted, until nothing else is."""
        try:
            done = ""
            while done != self._wanted:
                done = self._wanted
                before = self._known.get(done)
                if time.monotonic() - self._walked_at > self._known_for:
                    began = time.monotonic()
                    self._paths = await in_background(lambda: tuple(paths_below(self._root)))
                    self._walked_at = time.monotonic()
                    self._known_for = max(KNOWN_SECONDS, TIMES_AS_LONG * (self._walked_at - began))
                    self._known.clear()
                found = await in_background(lambda typed=done: tuple(best(typed, self._paths)))  # type: ignore[misc]
                self._known[done] = found
                while len(self._known) > MOST_KNOWN:
                    del self._known[next(iter(self._known))]
                if found != before:
                    self._changed()
        finally:
            self._is_looking = False


def paths_below(root: Path, most: int = MOST_ENTRIES) -> Iterator[str]:
    """The files below a folder, those of a folder before those of the folders in it; of no more than `most` entries.

    Without what is hidden, and without caches; links to folders are not followed, so it ends.
    """
    from workbench.documents.left_out import CACHE_SIGNS, CACHES

    folders, left = deque([""]), most
    while folders and left > 0:
        folder = folders.popleft()
        entries = _entries(root / folder, left)
        left -= len(entries)
        if folder and any(name in CACHE_SIGNS for name, _ in entries):
            continue
        for name, is_folder in entries:
            if name.startswith(".") or name in CACHES:
                continue
            if is_folder:
                folders.append(f"{folder}{name}/")
            else:
                yield f"{folder}{name}"


def _entries(folder: Path, most: int) -> list[tuple[str, bool]]:
    """What is in a folder by its names, and whether that is a folder too; nothing where it cannot be read.

    A link to a folder is neither that nor a file.
    """
    found: list[tuple[str, bool]] = []
    with contextlib.suppress(OSError, ValueError), os.scandir(folder) as entries:
        for entry in islice(entries, most):
            with contextlib.suppress(OSError):  # a link that leads round
                if entry.is_dir(follow_symlinks=False) or not entry.is_dir():
                    found.append((entry.name, entry.is_dir(follow_symlinks=False)))
    return sorted(found)


def best(typed: str, paths: Iterable[str], most: int = MOST) -> list[FoundPath]:
    """The paths that have the letters of `typed` in their order, the likeliest first: the file's name tells most."""
    letters = _in_order(typed)
    ranked = ((_rank(typed, letters, path), path) for path in paths if letters.match(path.lower()))
    return [FoundPath(path, _hits(typed, path)) for _, path in heapq.nsmallest(most, ranked)]


def _in_order(typed: str) -> re.Pattern[str]:
    """Finds the letters one after the other, each where it comes first: in linear time, whatever is looked through."""
    return re.compile("".join(f"[^{re.escape(letter)}]*+({re.escape(letter)})" for letter in typed), re.DOTALL)


def _rank(typed: str, letters: re.Pattern[str], path: str) -> tuple[int, int, int, str]:
    """Less for what is meant rather: how the letters stand there, how far from each other, and how short it is."""
    whole = path.lower()
    name = whole.rpartition("/")[2]
    apart = 0
    if name.startswith(typed):
        kind = 0
    elif (at := name.find(typed)) >= 0:
        kind = 2 if name[at - 1].isalnum() else 1
    elif typed in whole:
        kind = 3
    elif found := letters.match(name):
        kind, apart = 4, found.end() - found.start(1)
    else:
        found = letters.match(whole)
        kind, apart = 5, found.end() - found.start(1) if found else 0
    return kind, apart, len(path), path


def _hits(typed: str, path: str) -> Hits:
    """Where the letters stand in a path: together where they do, else in the file's name, else anywhere."""
    whole = path.lower()
    if len(whole) != len(path):  # small letters of some are several
        return ()
    begins = whole.rfind("/") + 1
    together = whole.find(typed, begins)
    together = together if together >= 0 else whole.find(typed)
    if together >= 0:
        return ((together, together + len(typed)),)
    letters = _in_order(typed)
    found = letters.match(whole, begins) or letters.match(whole)
    return tuple(found.span(group) for group in range(1, len(typed) + 1)) if found else ()
