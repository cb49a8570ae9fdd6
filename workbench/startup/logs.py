"""Log records: into a file when one is named, one line each and without keys; else nowhere, and never onto the screen.

Owns all by which Python and libraries write to standard error unasked: loggers, warnings, exceptions that nobody
awaited or that end a thread. Refuses to make anybody wait for the disk, and to fail with it.
"""

from __future__ import annotations

import contextlib
import logging
import os
import queue
import stat
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from workbench import __version__
from workbench.errors import ConfigurationError, Problem
from workbench.paths import reason_of
from workbench.safe_text import safe_line
from workbench.secrets.redactor import Redactor

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

LEVELS: Final = {
    "": logging.INFO,
    **dict.fromkeys(("workbench", "cohere", "fern", "httpx", "httpcore", "asyncio"), logging.DEBUG),
}
"""The least level that is written, by logger; "fern" is the SDK's, too."""

MOST_WAITING: Final = 10_000  # records that a slow disk has not taken yet
PATIENCE_AT_END: Final = 2.0  # seconds that it may take for them when the program ends
_LOGGER: Final = logging.getLogger("workbench")


@contextlib.contextmanager
def logging_to(path: Path | None, redactor: Redactor) -> Iterator[None]:
    """Log records go to `path`, through `redactor`; with None nowhere. Raises ConfigurationError."""
    handler: logging.Handler = logging.NullHandler() if path is None else LogFile(path, redactor)
    with contextlib.ExitStack() as stack:
        stack.callback(handler.close)
        # The SDK gives its own logger a handler for standard error, unless it has one.
        for logger in (logging.getLogger(), logging.getLogger("fern")):
            logger.addHandler(each := handler if logger.name == "root" else logging.NullHandler())
            stack.callback(logger.removeHandler, each)
        if path is not None:
            for name, level in LEVELS.items():
                logger = logging.getLogger(name)
                stack.callback(logger.setLevel, logger.level)
                logger.setLevel(level)
        stack.enter_context(_hooks())
        _LOGGER.info("workbench %s, Python %s", __version__, sys.version.partition(" ")[0])
        yield


@contextlib.contextmanager
def _hooks() -> Iterator[None]:
    """What Python would print of itself is logged."""
    unraisable, of_threads = sys.unraisablehook, threading.excepthook
    sys.unraisablehook, threading.excepthook = _log_unraisable, _log_of_thread
    logging.captureWarnings(True)
    try:
        yield
    finally:
        logging.captureWarnings(False)
        sys.unraisablehook, threading.excepthook = unraisable, of_threads


def _log_unraisable(raised: UnraisableHookArgs) -> None:
    _LOGGER.error("%s", raised.err_msg or "an exception that could not be raised", exc_info=raised.exc_value)


def _log_of_thread(raised: threading.ExceptHookArgs) -> None:
    name = raised.thread.name if raised.thread is not None else "?"
    _LOGGER.error("the thread %s ended with an exception", name, exc_info=raised.exc_value)


class LogFile(logging.Handler):
    """Appends to a file, by a thread; the file is for its owner only. Raises ConfigurationError when it cannot.

    Records that the disk does not take are lost, and how many is said as soon as it takes more.
    """

    def __init__(self, path: Path, redactor: Redactor) -> None:
        super().__init__()
        self._descriptor = _open(path)
        self._redactor = redactor
        self._queue: queue.Queue[str | None] = queue.Queue(MOST_WAITING)
        self._lost = 0
        self._torn = False
        # A thread that the program does not wait for: a disk that hangs must not keep it from ending.
        self._thread = threading.Thread(target=self._run, name="log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Hand the record's line to the thread that writes; never waits. A line that finds too many waiting is lost."""
        try:
            self._queue.put_nowait(self.format(record))
        except queue.Full:
            self._lost += 1
        except Exception:  # noqa: BLE001 - a record whose arguments do not fit its text
            self.handleError(record)

    def format(self, record: logging.LogRecord) -> str:
        """The record's line, but for the keys in it."""
        moment = time.strftime("%Y-%m-%dT%H:%M:%S", time.gmtime(record.created))
        text = record.getMessage()
        if record.exc_info:
            text = f"{text}\n{self._traceback(record.exc_info)}"
        return f"{moment}.{int(record.msecs):03}Z {record.levelname} {record.name}: {text}"

    def handleError(self, record: logging.LogRecord) -> None:
        """Python's own would print to standard error."""
        self._lost += 1

    def close(self) -> None:
        """Write what is waiting, unless the disk takes too long; a second call does nothing."""
        if self._thread.is_alive():
            with contextlib.suppress(queue.Full):
                self._queue.put(None, timeout=PATIENCE_AT_END)
                self._thread.join(PATIENCE_AT_END)
        super().close()

    @staticmethod
    def _traceback(raised: Any) -> str:
        return logging.Formatter().formatException(raised)

    # -- in the thread -----------------------------------------------------------------------------

    def _run(self) -> None:
        while (line := self._queue.get()) is not None:
            lost, self._lost = self._lost, 0
            if lost and not self._write(f"{lost} records before this line were lost"):
                self._lost += lost
            if not self._write(line):
                self._lost += 1
        os.close(self._descriptor)

    def _write(self, line: str) -> bool:
        data = safe_line(self._redactor.text(line)).encode("utf-8", "replace") + b"\n"
        begin = b"\n" if self._torn else b""
        try:
            written = os.write(self._descriptor, begin + data)
        except OSError:
            return False
        self._torn = written < len(begin + data)
        return not self._torn


def _open(path: Path) -> int:
    try:
        # Without O_NONBLOCK, a FIFO of that name would block here for ever.
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND | os.O_CLOEXEC | os.O_NONBLOCK
        descriptor = os.open(path, flags, 0o600)
    except (OSError, ValueError) as error:
        raise _refusal(f"{path} cannot be written: {reason_of(error)}") from error
    if not stat.S_ISREG(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise _refusal(f"{path} is no regular file")
    with contextlib.suppress(OSError):  # of another user, who lets us write into it
        os.fchmod(descriptor, 0o600)
    return descriptor


def _refusal(message: str) -> ConfigurationError:
    return ConfigurationError([Problem("--log", 0, 0, message, "name a file in a folder that you can write to")])
