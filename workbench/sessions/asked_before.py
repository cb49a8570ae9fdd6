"""What was asked in all conversations: one file in the user's state folder, one JSON text a line, the oldest first.

Owns its bounds, that neighbours differ, and that two programs may write at once. Refuses to fail: what cannot be read
was not asked, and of what cannot be written somebody is told once. No key is in it: `masked` takes them out.
"""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import queue
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from workbench.paths import reason_of
from workbench.state_files import read_own_lines, replace_own_file, state_folder

LARGEST: Final = 1_000_000  # bytes of the file; at this size all but its newest half is forgotten
LONGEST: Final = 20_000  # characters of an entry; a longer one is not kept
CLOSING_SECONDS: Final = 1.0


class AskedBefore:
    """`path` is the file. `on_problem` is told, from whatever thread, why something is not kept."""

    def __init__(self, path: Path, masked: Callable[[str], str], on_problem: Callable[[str], object]) -> None:
        self._path = path
        self._masked = masked
        self._on_problem = on_problem
        self._is_told = False
        self._waiting: queue.SimpleQueue[str | None] = queue.SimpleQueue()
        self._writer: threading.Thread | None = None

    @classmethod
    def of_user(
        cls, environ: Mapping[str, str], masked: Callable[[str], str], on_problem: Callable[[str], object]
    ) -> AskedBefore | None:
        """The file `asked.jsonl` of the user's state folder; None when there is no home."""
        folder = state_folder(environ)
        return None if folder is None else cls(folder / "asked.jsonl", masked, on_problem)

    def recalled(self) -> list[str]:
        """The entries, the oldest first. May wait for the disk."""
        try:
            lines = read_own_lines(self._path, 2 * LARGEST).splitlines()
        except OSError:
            return []
        return [text for text in map(_read, lines) if text]

    def keep(self, text: str) -> None:
        """Add an entry, soon and in order, unless the last one is the same. Does not wait."""
        if len(text) > LONGEST or not text.strip():
            return
        if self._writer is None:
            self._writer = threading.Thread(target=self._write, name="workbench-asked", daemon=True)
            self._writer.start()
        self._waiting.put(text)

    def close(self) -> None:
        """Wait until what was added is written, but not for a disk that does not answer."""
        if self._writer is not None:
            self._waiting.put(None)
            self._writer.join(CLOSING_SECONDS)

    def _write(self) -> None:
        while (text := self._waiting.get()) is not None:
            try:
                self._add(json.dumps(self._masked(text)).encode() + b"\n")
            except (OSError, ValueError) as error:
                if not self._is_told:
                    self._is_told = True
                    self._on_problem(f"what you ask is not remembered for the next start: {reason_of(error)}")

    def _add(self, line: bytes) -> None:
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        with _locked(self._path.with_suffix(".lock")):
            try:
                before = read_own_lines(self._path, 2 * LARGEST)
            except FileNotFoundError:
                before = b""
            if before.endswith(b"\n" + line) or before == line:
                return
            if len(before) + len(line) > LARGEST:
                replace_own_file(self._path, _newest([*before.splitlines(), line.rstrip()]))
                return
            if before and not before.endswith(b"\n"):  # what another program, or a full disk, left unfinished
                line = b"\n" + line
            descriptor = os.open(self._path, os.O_WRONLY | os.O_APPEND | os.O_CREAT | os.O_CLOEXEC, 0o600)
            try:
                os.write(descriptor, line)
            finally:
                os.close(descriptor)


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    """Within, no other program is; where the disk has no locks, each line is still whole."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT | os.O_NOFOLLOW | os.O_CLOEXEC, 0o600)
    try:
        with contextlib.suppress(OSError):
            fcntl.flock(descriptor, fcntl.LOCK_EX)
        yield
    finally:
        os.close(descriptor)


def _newest(lines: Sequence[bytes]) -> str:
    """The last of the lines that are entries, in half of what a file may have."""
    kept: list[str] = []
    room = LARGEST // 2
    for line in reversed(lines):
        if not _read(line):
            continue
        room -= len(line) + 1
        if room < 0:
            break
        kept.append(line.decode() + "\n")
    return "".join(reversed(kept))


def _read(line: bytes) -> str:
    """The text of a line; "" for what is none."""
    try:
        text = json.loads(line)
    except (ValueError, RecursionError):
        return ""
    return text if isinstance(text, str) else ""
