"""The file format of recordings: append-only JSON lines, each with a sequence number and a checksum.

Owns the lines: how they are written, verified and read. Refuses to know what a line means beyond its envelope
(`recordings.exchanges` knows requests and responses), and refuses a file with anything wrong before its end.

    {"seq":0,"t":0.0,"kind":"header","format":1,...,"sum":"1c291ca3"}

`seq` counts lines from 0, `t` is in seconds since the recording began, `sum` is the CRC-32 of the line as
it would be without it. A line counts once its line feed is written: what follows the last one was torn by a
crash and is cut. Lines are ASCII; text is escaped, so no byte of a stream reaches a terminal that shows the
file.
"""

from __future__ import annotations

import errno
import fcntl
import json
import math
import os
import time
import zlib
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, TypeVar

from workbench import __version__, json_depth
from workbench.errors import RecordingError, RecordingInUse
from workbench.paths import reason_of
from workbench.recordings.regular_files import MAX_LINE, RegularFile, open_regular, regular_file, whole_size
from workbench.secrets.redactor import Redactor

T = TypeVar("T")
Clock = Callable[[], float]

FORMAT: Final = 1
IN_USE: Final = "with --no-session it can be read, and nothing is added"
_LONGEST_QUOTE: Final = 200  # characters of a file in a message
_ENVELOPE: Final = frozenset({"seq", "t", "kind", "sum"})
_NO_LOCKS: Final = frozenset({errno.ENOLCK, errno.ENOTSUP, errno.EOPNOTSUPP, errno.ENOSYS})
_SUM_LENGTH: Final = len(',"sum":"00000000"}')


@dataclass(frozen=True, slots=True)
class RecordedLine:
    """One verified line; `fields` is what it holds beside the envelope."""

    seq: int
    t: float
    kind: str
    fields: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Recording:
    """A recording as read: its whole lines, the header first. `size` is their length in the file, in bytes.

    `torn` says that something was cut off behind them.
    """

    path: Path
    lines: tuple[RecordedLine, ...]
    size: int
    torn: bool

    @classmethod
    def read(cls, path: Path) -> Recording:
        """The recording in `path`. Raises RecordingError, naming file and line, for anything unreadable."""
        reading = Reading(path)
        return cls(path, tuple(reading), reading.size, reading.torn)


class Reading:
    """The lines of a recording, one at a time: it may be larger than what is made of it.

    Iterating raises RecordingError, naming file and line, for anything unreadable. `last`, `size` and `torn` are of
    what was read so far, as in `Recording`. The fields of lines are without the keys of `redactor`. `at` is the byte at
    which a line begins whose number is `seq`: from there on is read then.
    """

    def __init__(
        self,
        path: Path,
        redactor: Redactor = Redactor(),  # noqa: B008 - never changes
        *,
        at: int = 0,
        seq: int = 0,
    ) -> None:
        self.last: RecordedLine | None = None
        self.size = at
        self.torn = False
        self._path = path
        self._redactor = redactor
        self._seq = seq

    def __iter__(self) -> Iterator[RecordedLine]:
        with regular_file(self._path) as file:
            whole_size(file)
            yield from self._lines(file)

    def _lines(self, file: RegularFile) -> Iterator[RecordedLine]:
        for number, raw in enumerate(file.lines(self.size), start=self._seq + 1):
            if not raw.endswith(b"\n"):
                self.torn = True
                break
            length = len(raw)
            line = parsed(raw, number - 1, f"{self._path}:{number}", self._redactor)
            if number == 1:
                check_header(line, self._path)
            self.last = line
            self.size += length
            yield line
        if self.last is None:
            raise RecordingError(f"{self._path}: is no recording: it has no whole line")


@dataclass(frozen=True, slots=True)
class NewLine:
    """A line to be: `at` is a time of the writer's clock."""

    at: float
    kind: str
    fields: Mapping[str, Any]


class RecordingWriter:
    """The one writer of a recording, which it locks. Every line is handed to the system before `append` returns.

    After a failure the file is cut back to its last whole line and the writer takes nothing more.
    """

    def __init__(self, path: Path, descriptor: int, *, seq: int, size: int, began: float, clock: Clock) -> None:
        """Takes over an open descriptor; use `create` or `resume`. `began` is the clock's time at `t` 0."""
        self.path = path
        self._descriptor: int | None = descriptor
        self._seq = seq
        self._size = size
        self._began = began
        self._clock = clock

    @classmethod
    def create(
        cls,
        path: Path,
        header: Mapping[str, Any] | None = None,
        *,
        began: float | None = None,
        clock: Clock = time.monotonic,
    ) -> RecordingWriter:
        """A new file, readable by its owner only. `header` is added to the first line.

        It began at `began` of the clock, or now. Raises RecordingError when there is such a file already, or when
        it cannot be written.
        """
        descriptor = _open(path, os.O_CREAT | os.O_EXCL)
        began = clock() if began is None else began
        writer = cls(path, descriptor, seq=0, size=0, began=began, clock=clock)
        fields = {"format": FORMAT, "workbench": __version__, **(header or {})}
        try:
            _lock(path, descriptor, new=True)
            writer.append_all([NewLine(began, "header", fields)])
            _sync_folder(path)
        except RecordingError:
            writer._release()
            path.unlink(missing_ok=True)  # a file without a header would be in the way of the next try
            raise
        return writer

    @classmethod
    def resume(
        cls,
        path: Path,
        use: Callable[[Iterator[RecordedLine]], T],
        *,
        redactor: Redactor = Redactor(),  # noqa: B008 - never changes
        clock: Clock = time.monotonic,
    ) -> tuple[T, RecordingWriter]:
        """What `use` makes of the lines in `path`, and a writer that goes on behind the last whole one, from its time.

        The lines that it gets are without the keys of `redactor`.

        Raises RecordingError, also when another writer has the file.
        """
        descriptor = _open(path, 0)
        reading = Reading(path, redactor)
        try:
            _lock(path, descriptor, new=False)
            lines = iter(reading)
            made = use(lines)
            for _ in lines:  # what `use` left is to be whole, too
                pass
        except BaseException:
            os.close(descriptor)
            raise
        assert reading.last is not None
        began = clock() - reading.last.t
        writer = cls(path, descriptor, seq=reading.last.seq + 1, size=reading.size, began=began, clock=clock)
        try:
            os.ftruncate(descriptor, reading.size)
        except OSError as error:
            raise writer._failed(error) from error
        return made, writer

    def append(self, kind: str, fields: Mapping[str, Any]) -> None:
        """Writes one line. `fields` is JSON that uses none of the envelope's names.

        Raises RecordingError when it cannot be written, or when the writer was closed.
        """
        self.append_all([NewLine(self._clock(), kind, fields)])

    def append_all(self, entries: Sequence[NewLine]) -> None:
        """As `append`, several lines in one write."""
        for entry in entries:
            if not _ENVELOPE.isdisjoint(entry.fields):
                raise ValueError(f"fields of a line must not be named {sorted(_ENVELOPE & entry.fields.keys())}")
        if self._descriptor is None:
            raise RecordingError(f"{self.path}: the recording is closed")
        lines = [self._encoded(number, entry) for number, entry in enumerate(entries, self._seq)]
        if (longest := max(map(len, lines), default=0)) > MAX_LINE:
            raise self._failed(OSError(f"a line of {longest >> 20} MiB is more than a recording may have"))
        data = b"".join(lines)
        try:
            _write_all(self._descriptor, data)
        except OSError as error:
            raise self._failed(error) from error
        self._seq += len(entries)
        self._size += len(data)

    def _encoded(self, seq: int, entry: NewLine) -> bytes:
        t = max(0.0, round(entry.at - self._began, 6))
        return _encoded({"seq": seq, "t": t, "kind": entry.kind, **entry.fields})

    def sync(self) -> None:
        """Has the system put everything on the disk. Raises RecordingError, also when the file has been deleted."""
        if self._descriptor is not None:
            try:
                os.fsync(self._descriptor)
                if not os.fstat(self._descriptor).st_nlink:
                    raise OSError(errno.ENOENT, "it was deleted")
            except OSError as error:
                raise self._failed(error) from error

    def close(self) -> None:
        """Syncs and closes; a second call does nothing. Raises RecordingError."""
        try:
            self.sync()
        finally:
            self._release()

    def _failed(self, error: OSError) -> RecordingError:
        if self._descriptor is not None:
            try:
                os.ftruncate(self._descriptor, self._size)
            except OSError as second:
                # Nothing is lost: the reader cuts the half line too.
                error.add_note(f"the half line was left in place: {second}")
        self._release()
        reason = error.strerror or str(error)
        return RecordingError(f"{self.path}: cannot be written, the recording ends here: {reason}")

    def _release(self) -> None:
        descriptor, self._descriptor = self._descriptor, None
        if descriptor is not None:
            os.close(descriptor)


@contextmanager
def not_in_use(path: Path) -> Iterator[None]:
    """Within, nobody else writes the recording. Raises RecordingError when somebody does."""
    descriptor = _open(path, 0)
    try:
        _lock(path, descriptor, new=True, hint="end that first")
        yield
    finally:
        os.close(descriptor)


def shortened(text: str) -> str:
    """`text` as far as it fits into a message."""
    return text if len(text) <= _LONGEST_QUOTE else f"{text[:_LONGEST_QUOTE]}…"


def bytes_to_text(data: bytes) -> str:
    """UTF-8 as text; bytes that are none become lone surrogates, so that nothing is lost."""
    return data.decode("utf-8", "surrogateescape")


def text_to_bytes(text: str) -> bytes:
    """The exact inverse of `bytes_to_text`. Raises UnicodeEncodeError for text that it did not make."""
    return text.encode("utf-8", "surrogateescape")


def _open(path: Path, flags: int) -> int:
    try:
        return open_regular(path, os.O_WRONLY | os.O_APPEND | flags)
    except FileExistsError as error:
        raise RecordingError(f"{path}: exists already; give the recording another name") from error
    except (OSError, ValueError) as error:
        raise RecordingError(f"{path}: cannot be written: {reason_of(error)}") from error


def _lock(path: Path, descriptor: int, *, new: bool, hint: str = IN_USE) -> None:
    """Keeps other writers out until the descriptor is closed, by this process or by its death.

    `hint` says what to do when there is one. A new file goes without on a file system that knows no locks: nobody
    else has its name yet.
    """
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError as error:
        if error.errno in (errno.EWOULDBLOCK, errno.EACCES):
            raise RecordingInUse(f"{path}: is in use: another workbench writes it ({hint})") from error
        if not (new and error.errno in _NO_LOCKS):
            raise RecordingError(f"{path}: cannot be locked: {error.strerror or error}") from error


def _sync_folder(path: Path) -> None:
    """Has the system put the file's name on the disk, too, where it can."""
    try:
        descriptor = os.open(path.parent, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except PermissionError:  # a folder that one may write to, and not list
        return
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno != errno.EINVAL:  # a file system that syncs no folders
            raise RecordingError(f"{path}: cannot be written: {error.strerror or error}") from error
    finally:
        os.close(descriptor)


def _write_all(descriptor: int, data: bytes) -> None:
    written = 0
    while written < len(data):
        written += os.write(descriptor, data[written:])


def _encoded(line: Mapping[str, Any]) -> bytes:
    text = json.dumps(line, ensure_ascii=True, separators=(",", ":"))
    return f'{text[:-1]},"sum":"{zlib.crc32(text.encode()):08x}"}}\n'.encode()


def is_intact(raw: bytes | bytearray) -> bool:
    """Whether a line, its line feed included, has the checksum of what it holds."""
    view = memoryview(raw)
    found = zlib.crc32(b"}", zlib.crc32(view[: -_SUM_LENGTH - 1]))
    return raw[-_SUM_LENGTH - 1 :] == b',"sum":"%08x"}\n' % found


def damaged_line(number: int) -> str:
    """The words on line `number`, counted from 1, that does not have the checksum of what it holds."""
    return f"line {number} was changed or damaged"


def verify(path: Path) -> None:
    """Read the recording in `path` to its end, of which nothing is made: all its whole lines are as they were written.

    Raises RecordingError, which names the file, for what is no recording or is damaged.
    """
    with regular_file(path) as file:
        whole_size(file)
        for number, raw in enumerate(file.lines(), start=1):
            if number == 1:
                check_header(parsed(bytes(raw), 0, f"{path}:1"), path)
            elif raw.endswith(b"\n") and not is_intact(raw):
                raise RecordingError(f"{path}: {damaged_line(number)}")


def encoded_line(line: RecordedLine) -> str:
    """A line as it stands in a file, its line feed included: with the number and the time that it has."""
    return _encoded({"seq": line.seq, "t": line.t, "kind": line.kind, **line.fields}).decode("ascii")


def parsed(
    raw: bytes | bytearray,
    seq: int,
    place: str,
    redactor: Redactor = Redactor(),  # noqa: B008 - never changes
) -> RecordedLine:
    """The line number `seq` that `raw` is, which is used up, without the keys of `redactor`.

    Raises RecordingError for any other, which begins with its `place`.
    """
    tail = raw[-_SUM_LENGTH - 1 :]
    head = _without_sum(raw)
    if tail != b',"sum":"%08x"}\n' % zlib.crc32(head):
        raise RecordingError(f"{place}: the checksum is missing or wrong: the line was changed or damaged")
    try:
        line = json.loads(head)
    except RecursionError as error:
        raise RecordingError(f"{place}: is no JSON that can be read: it is nested too deeply") from error
    except ValueError as error:
        raise RecordingError(f"{place}: is no JSON: {error}") from error
    if not isinstance(line, dict) or line.get("seq") != seq:
        raise RecordingError(f"{place}: line number {seq} was expected: lines are missing or out of order")
    kind = line.get("kind")
    if not isinstance(kind, str):
        raise RecordingError(f'{place}: "kind" must be a text')
    t = finite(line.get("t"))
    if t is None:
        raise RecordingError(f'{place}: "t" must be a number')
    fields = {name: value for name, value in line.items() if name not in _ENVELOPE}
    if head.count(b"[") + head.count(b"{") > json_depth.DEEPEST:
        json_depth.cut(fields, json_depth.DEEPEST)
    if redactor and not redactor.is_in_no_text_of(head):
        fields = redactor.value(fields)
    return RecordedLine(seq, t, kind, fields)


def _without_sum(raw: bytes | bytearray) -> bytes | bytearray:
    """A line as it was before its checksum was put in. One that is long enough to be a bytearray is not copied."""
    if isinstance(raw, bytearray):
        raw[-_SUM_LENGTH - 1 :] = b"}"
        return raw
    return raw[: -_SUM_LENGTH - 1] + b"}"


def finite(value: Any) -> float | None:
    """A number as JSON knows it; Python reads others too."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    try:
        return float(value) if math.isfinite(value) else None
    except OverflowError:  # of an integer
        return None


def check_header(line: RecordedLine, path: Path) -> None:
    """Raises RecordingError when `line` does not begin a recording of the format that is known."""
    if line.kind != "header":
        raise RecordingError(f"{path}:1: is no recording: the first line must be the header")
    version = line.fields.get("format")
    if version != FORMAT:
        hint = "a newer workbench wrote it" if isinstance(version, int) and version > FORMAT else "not known"
        raise RecordingError(f"{path}:1: format {shortened(repr(version))} cannot be read, only {FORMAT} ({hint})")
