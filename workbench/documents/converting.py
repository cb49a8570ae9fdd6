"""Files that are no text, converted in a process beside this one: what a file does to its converter ends there.

Owns how long a conversion may take. The process is started for the first such file, takes one after another, and ends
with whoever started it.
"""

from __future__ import annotations

import contextlib
import pickle
import signal
import sys
import threading
from types import TracebackType
from typing import TYPE_CHECKING, Final, Self

from workbench.documents.file_text import read_bytes
from workbench.documents.formats import CONVERTERS
from workbench.documents.source_lines import BinaryFile, FileToConvert, MissingExtra, Parsed

if TYPE_CHECKING:
    import subprocess

LONGEST: Final = 60.0
"""Seconds of a processor that one file may take."""

_PATIENCE: Final = 5
"""How many times as long a file may take by the clock, on a machine that has other things to do."""

_ARGV: Final = (sys.executable, "-P", "-m", "workbench.documents.converter")


def converted_here(wanted: FileToConvert) -> Parsed:
    """What the converter of a file makes of it, in this process. Raises MissingExtra."""
    data, flaws = read_bytes(wanted.real, wanted.file)
    if data is None:
        return Parsed(problems=tuple(flaws))
    return CONVERTERS[wanted.suffix](BinaryFile(data, wanted.file, wanted.stem))


class Converting:
    """Converts files in a process of its own, which has `longest` seconds of a processor for each.

    It is for one thread at a time.
    """

    def __init__(self, longest: float | None = None) -> None:
        self._longest = LONGEST if longest is None else longest
        self._process: subprocess.Popen[bytes] | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def __call__(self, wanted: FileToConvert) -> Parsed:
        """What comes of a file, or that it takes too long or ends its converter. Raises MissingExtra."""
        try:
            found = self._asked(wanted)
        except TimeoutError:
            self.close()
            message = f"takes more than {self._longest:.0f} seconds to be read"
            return wanted.left_out(message, "split the file, or save it as text")
        except (OSError, EOFError, ValueError, pickle.UnpicklingError):
            self.close()
            return wanted.left_out("ends the program that reads it", "open it in its program and save it anew")
        if isinstance(found, Parsed):
            return found
        raise MissingExtra(*found)

    def close(self) -> None:
        """End the process, whatever it is doing."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        process.wait()

    def _asked(self, wanted: FileToConvert) -> Parsed | tuple[str, str]:
        """What the process answers, in time. Raises TimeoutError, and what a pipe or its contents raise."""
        if self._process is None:
            self._process = _started(self._longest)
        asked, told = self._process.stdin, self._process.stdout
        assert asked is not None
        assert told is not None
        pickle.dump(wanted, asked, protocol=5)
        asked.flush()
        late = threading.Event()
        timer = threading.Timer(self._longest * _PATIENCE, _end, (self._process, late))
        timer.start()
        try:
            found: Parsed | tuple[str, str] = pickle.load(told)
        except EOFError:
            if late.is_set() or _ran_out(self._process):
                raise TimeoutError from None
            raise
        finally:
            timer.cancel()
        return found


def _started(longest: float) -> subprocess.Popen[bytes]:
    import subprocess  # not on the way to the first paint

    argv = (*_ARGV, str(longest))
    return subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def _ran_out(process: subprocess.Popen[bytes]) -> bool:
    """Whether a process that has closed its output has ended because its time was up."""
    import subprocess

    try:
        return process.wait(_PATIENCE) == -signal.SIGPROF
    except subprocess.TimeoutExpired:
        return False


def _end(process: subprocess.Popen[bytes], late: threading.Event) -> None:
    late.set()
    process.kill()
