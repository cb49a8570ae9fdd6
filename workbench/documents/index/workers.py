"""Files read by processes beside this one, where there are enough of them and a second core.

Owns the processes: they get files as they are done with others, and end with whoever started them.
"""

from __future__ import annotations

import contextlib
import fcntl
import heapq
import os
import pickle
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Iterator, Sequence
from typing import Final, TypeVar

from workbench.documents.converting import Converting
from workbench.documents.index.reading import RowReader, Rows
from workbench.documents.index.store import IndexUnusable
from workbench.documents.one_file import FileToRead
from workbench.documents.passages import SplitSpec

T = TypeVar("T")

WORTH_IT: Final = 4_000_000  # bytes to read, for which a process is started
MOST: Final = 2  # processes
_AT_ONCE: Final = 1 << 20  # bytes that go through a pipe without waiting for the other end
_AHEAD: Final = 2  # files that a process has been asked for, so that it need not wait
_EARLY: Final = 20_000_000  # bytes of files that may wait for one before them
_UNTAKEN: Final = 8_000_000  # bytes of files that are read and not yet taken, while a batch is written


def rows_of(files: Sequence[tuple[T, FileToRead, int]], spec: SplitSpec) -> Iterator[tuple[T, Rows]]:
    """The rows of each of `files`, by what stands for it. Each has its size in bytes.

    They come in the order of `files`, but that one which takes very long is not waited for. Raises IndexUnusable when a
    process that reads ends by itself.
    """
    count = min(MOST, _cores(), len(files)) if sum(size for _, _, size in files) >= WORTH_IT else 1
    if count < 2:
        with Converting() as convert:
            reader = RowReader(spec, convert)
            for name, wanted, _ in files:
                yield name, reader.file(wanted)
        return
    with contextlib.ExitStack() as stack:
        given = _Given([(place, wanted) for place, (_, wanted, _) in enumerate(files)])
        done = _Done([size for _, _, size in files])
        early: list[tuple[int, Rows]] = []
        held = 0  # bytes of them
        following = 0  # the place of the file whose turn it is
        stack.callback(done.close)
        for _ in range(count):
            process = stack.enter_context(_process())
            threading.Thread(target=_attend, args=(process, spec, given, done), daemon=True).start()
        for _ in range(len(files)):
            found = done.get()
            heapq.heappush(early, found)
            held += files[found[0]][2]
            while early and (early[0][0] <= following or held > _EARLY):
                place, rows = heapq.heappop(early)
                held -= files[place][2]
                following = max(following, place + 1)
                yield files[place][0], rows


class _Given(Iterator[tuple[T, FileToRead]]):
    """The files, each for one process."""

    def __init__(self, files: Sequence[tuple[T, FileToRead]]) -> None:
        self._files = iter(files)
        self._lock = threading.Lock()

    def __next__(self) -> tuple[T, FileToRead]:
        with self._lock:
            return next(self._files)


class _Done:
    """What was read and is not yet taken, by the place of its file; whoever has read more waits.

    `sizes` are those of the files, in bytes. One that is larger than all that may wait does so alone.
    """

    def __init__(self, sizes: Sequence[int]) -> None:
        self._sizes = sizes
        self._found: deque[tuple[int, Rows]] = deque()
        self._held = 0  # bytes
        self._failed = False
        self._closed = False
        self._changed = threading.Condition()

    def put(self, place: int, rows: Rows) -> None:
        """Hand on what was read, as soon as there is room; nothing once it is closed."""
        size = self._sizes[place]
        with self._changed:
            self._changed.wait_for(lambda: self._closed or not self._found or self._held + size <= _UNTAKEN)
            self._found.append((place, rows))
            self._held += size
            self._changed.notify_all()

    def fail(self) -> None:
        """Tell that a process has ended before it was done."""
        with self._changed:
            self._failed = True
            self._changed.notify_all()

    def get(self) -> tuple[int, Rows]:
        """What was read and is to be taken next. Raises IndexUnusable when a process has ended before it was done."""
        with self._changed:
            self._changed.wait_for(lambda: self._failed or self._found)
            if self._failed:
                raise IndexUnusable("a process that reads documents ended before it was done")
            place, rows = self._found.popleft()
            self._held -= self._sizes[place]
            self._changed.notify_all()
            return place, rows

    def close(self) -> None:
        """Nothing is taken any more: nobody is to wait for room."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()


@contextlib.contextmanager
def _process() -> Iterator[subprocess.Popen[bytes]]:
    argv = [sys.executable, "-P", "-m", "workbench.documents.index.worker"]
    process = subprocess.Popen(
        argv, bufsize=_AT_ONCE, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL
    )
    if process.stdout is not None and hasattr(fcntl, "F_SETPIPE_SZ"):
        with contextlib.suppress(OSError):  # this user has had enough of them: it goes in smaller pieces
            fcntl.fcntl(process.stdout, fcntl.F_SETPIPE_SZ, _AT_ONCE)
    try:
        yield process
    finally:
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()


def _attend(process: subprocess.Popen[bytes], spec: SplitSpec, given: _Given[int], done: _Done) -> None:
    """Keep one process busy until all files are given; hand on what it has read, or that it failed."""
    assert process.stdin is not None
    assert process.stdout is not None
    asked: list[int] = []
    try:
        pickle.dump(spec, process.stdin, protocol=5)
        while True:
            while len(asked) < _AHEAD and (following := next(given, None)) is not None:
                asked.append(following[0])
                pickle.dump(following[1], process.stdin, protocol=5)
            process.stdin.flush()
            if not asked:
                return
            rows: Rows = pickle.load(process.stdout)
            done.put(asked.pop(0), rows)
    except (OSError, EOFError, ValueError, pickle.UnpicklingError):
        done.fail()


def _cores() -> int:
    """How many cores this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
