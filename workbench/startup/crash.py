"""The end of the program by a fault of its own: one line for the person, and a report in a file.

Owns what a report holds: versions and the traceback, without the values of variables and without keys. Refuses to
raise, whatever the error and the disk are like.
"""

from __future__ import annotations

import contextlib
import os
import platform
import sys
import time
import traceback
from collections.abc import Mapping
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Final

from workbench import __version__
from workbench.paths import reason_of
from workbench.safe_text import safe_line, safe_text
from workbench.secrets.redactor import Redactor
from workbench.sessions.folder import sessions_folder

KEPT: Final = 5  # reports
LONGEST_MESSAGE: Final = 500  # characters of the error's text in the line
LONGEST_REPORT: Final = 200_000  # characters
_PACKAGES: Final = ("textual", "cohere", "httpx")


def crashed(error: BaseException, redactor: Redactor, environ: Mapping[str, str]) -> str:
    """Write a report of `error`; return the line that says what failed, where the report is, and what to do."""
    what = _short(redactor.text(_described(error)))
    try:
        path = _write(redactor.text(_report(error)), environ)
    except Exception as failed:  # noqa: BLE001 - there is nobody left to whom another fault could be reported
        reason = reason_of(failed) if isinstance(failed, OSError | ValueError) else _described(failed)
        where = f"; no report could be written ({reason}); {_place(error)}. Please report this line"
    else:
        where = f"; the report is in {path}. Please report it with that file, which holds no API key"
    return safe_line(redactor.text(f"workbench: a fault of this program: {what}{where}"))


def _described(error: BaseException) -> str:
    return "".join(traceback.TracebackException.from_exception(error, limit=0).format_exception_only()).strip()


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= LONGEST_MESSAGE else f"{line[: LONGEST_MESSAGE - 1]}…"


def _place(error: BaseException) -> str:
    """Where the error was raised, for a person without a report."""
    frames = traceback.extract_tb(error.__traceback__)
    return f"at {frames[-1].filename}:{frames[-1].lineno} in {frames[-1].name}" if frames else "its place is not known"


def _report(error: BaseException) -> str:
    """Versions, and the traceback with its causes; never the value of a variable."""
    head = [
        f"workbench {__version__}",
        f"Python {platform.python_version()} ({platform.python_implementation()})",
        platform.platform(),
        *(f"{name} {_version(name)}" for name in _PACKAGES),
        f"terminal {os.environ.get('TERM', '?')}, command {_command()}",
        time.strftime("%Y-%m-%d %H:%M:%S UTC", time.gmtime()),
    ]
    frames = "".join(traceback.TracebackException.from_exception(error, capture_locals=False).format())
    if len(frames) > LONGEST_REPORT:
        half = LONGEST_REPORT // 2
        frames = f"{frames[:half]}\n… {len(frames) - 2 * half:,} characters …\n{frames[-half:]}"
    return "\n".join([*head, "", safe_text(frames)])


def _command() -> str:
    """Which of the commands was run; what it was asked is the person's own."""
    return next((word for word in sys.argv[1:] if word in ("ask", "check", "replay", "sessions")), "app")


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:
        return "is not installed"


def _write(report: str, environ: Mapping[str, str]) -> Path:
    """A new file with `report`; the oldest reports go. Raises OSError."""
    sessions = sessions_folder(environ)
    if sessions is None:
        raise OSError("no home folder is known")
    folder = sessions.parent / "crashes"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    seconds, rest = divmod(time.time_ns(), 10**9)
    path = folder / f"{time.strftime('%Y%m%d-%H%M%S', time.gmtime(seconds))}-{rest:09}.txt"
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as file:
            file.write(report)
    except OSError:  # a full disk: half a report is in the way of whole ones
        with contextlib.suppress(OSError):
            path.unlink()
        raise
    with contextlib.suppress(OSError):  # the report is written, be there too many of them
        for old in sorted(folder.glob("*.txt"))[:-KEPT]:
            with contextlib.suppress(OSError):
                old.unlink()
    return path
