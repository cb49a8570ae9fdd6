"""A text, edited in the person's own editor. Owns the command, and the signals meanwhile."""

from __future__ import annotations

import contextlib
import os
import shlex
import signal
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import IO, Final

from workbench.paths import reason_of
from workbench.ui.editing_folder import editing_folder
from workbench.ui.terminal.ending import END_SECONDS

VARIABLES: Final = ("VISUAL", "EDITOR")
LONGEST_COMMAND: Final = 10_000  # characters; taking a command apart takes a time that grows with its square
LONGEST_SHOWN: Final = 60  # characters of a command in an error
_WITH_COLON: Final = frozenset(("hx", "helix", "zed", "subl"))  # are told a line as FILE:LINE,
_WITH_GOTO: Final = frozenset(("code", "codium", "cursor"))  # as --goto FILE:LINE; vi, nano and emacs as +LINE FILE
HEARD_SECONDS: Final = 0.5  # until a signal is heard at the latest
TOLD_TO_END = (signal.SIGTERM, signal.SIGHUP)
OF_KEYS = (signal.SIGINT, signal.SIGQUIT)


class EditorFailed(Exception):
    """The editor cannot be run, or has not left a text; the text says why, and what was run."""


def editor_of(environ: Mapping[str, str]) -> tuple[str, str]:
    """The variable that names an editor, `VISUAL` before `EDITOR`, and its command; "" for none."""
    for name in VARIABLES:
        if editor := environ.get(name, "").strip():
            return name, editor
    return VARIABLES[-1], ""


def edited(editor: str, text: str) -> str:
    """`text` as the editor left it, without the newline at its end. `editor` is a command as in `$EDITOR`.

    The terminal must be free for it. Raises EditorFailed.
    """
    command, shown = _command_of(editor)
    try:
        return _run(command, text)
    except (OSError, ValueError) as error:
        raise EditorFailed(f"{shown} failed: {reason_of(error)}") from error
    except subprocess.CalledProcessError as error:
        raise EditorFailed(f"{shown} failed: it ended with {_ended(error)}") from error


def _command_of(editor: str) -> tuple[list[str], str]:
    """The words of a command, and how it is shown. Raises EditorFailed."""
    shown = editor if len(editor) <= LONGEST_SHOWN else f"{editor[:LONGEST_SHOWN]}…"
    if len(editor) > LONGEST_COMMAND:
        raise EditorFailed(f"{shown} is too long: {len(editor):,} characters, of {LONGEST_COMMAND:,} at most")
    try:
        return shlex.split(editor), shown
    except ValueError as error:
        raise EditorFailed(f"{shown} is no command: {str(error).lower()}") from error


def _ended(error: subprocess.CalledProcessError) -> str:
    return f"signal {-error.returncode}" if error.returncode < 0 else f"exit code {error.returncode}"


def opened_at(editor: str, path: Path, line: int) -> None:
    """Have the editor open a file at a line, from 1. `editor` is a command as in `$EDITOR`, which is told the line as
    those of its kind are, or as most are.

    The terminal must be free for it. Raises EditorFailed.
    """
    command, shown = _command_of(editor)
    program = Path(command[0]).name if command else ""
    if program in _WITH_COLON:
        where = [f"{path}:{line}"]
    elif program in _WITH_GOTO:
        where = ["--goto", f"{path}:{line}"]
    else:
        where = [f"+{line}", str(path)]
    try:
        if status := run_lent([*command, *where]):
            raise subprocess.CalledProcessError(status, command)
    except (OSError, ValueError) as error:
        raise EditorFailed(f"{shown} failed: {reason_of(error)}") from error
    except subprocess.CalledProcessError as error:
        raise EditorFailed(f"{shown} failed: it ended with {_ended(error)}") from error


def _run(command: Sequence[str], text: str) -> str:
    with editing_folder(text, os.environ) as own:
        if status := run_lent([*command, str(own.file)], pass_fds=(own.lock,)):
            raise subprocess.CalledProcessError(status, command)
        return own.file.read_text("utf-8", errors="replace").removesuffix("\n")


def run_lent(
    command: Sequence[str],
    *,
    pass_fds: Sequence[int] = (),
    stdin: IO[bytes] | None = None,
    environ: Mapping[str, str] | None = None,
) -> int:
    """Run a program that has the terminal, and the signals meanwhile; return its status. Raises OSError, ValueError."""
    ending = _Ending()
    with (
        _deaf_to_keys(),
        _hearing(ending),
        subprocess.Popen(command, pass_fds=pass_fds, stdin=stdin, env=environ, preexec_fn=_hear_keys) as process,
    ):
        ending.of(process)
        status = _status_of(process)
        ending.is_over()
    return status


def _status_of(process: subprocess.Popen[bytes]) -> int:
    """How the editor ended, once it has. A signal just before a wait that has no end would not be heard in it."""
    while True:
        with contextlib.suppress(subprocess.TimeoutExpired):
            return process.wait(HEARD_SECONDS)


class _Ending:
    """Being told to end ends the editor, and the app behind it, rather than leave two programs at one terminal.

    An editor that does not end is ended by force, as the app would be: its text would stay behind.
    """

    def __init__(self) -> None:
        self._process: subprocess.Popen[bytes] | None = None
        self._told: int | None = None
        self._force: threading.Timer | None = None

    def begin(self, number: int, _: object) -> None:
        """A signal handler: pass the signal on."""
        self._told = number
        if self._process is not None:
            self._process.send_signal(number)
            self._end_by_force_later(self._process)

    def of(self, process: subprocess.Popen[bytes]) -> None:
        """The editor is this one; it may have been told to end before it was there."""
        self._process = process
        if self._told is not None:
            self.begin(self._told, None)

    def is_over(self) -> None:
        """The editor has ended."""
        if self._force is not None:
            self._force.cancel()

    def _end_by_force_later(self, process: subprocess.Popen[bytes]) -> None:
        if self._force is None:
            self._force = threading.Timer(END_SECONDS, process.kill)
            self._force.daemon = True
            self._force.start()


@contextlib.contextmanager
def _deaf_to_keys() -> Iterator[None]:
    """Ctrl+C and Ctrl+\\ in an editor are for the editor, though the terminal sends them to the app as well."""
    before = {
        number: signal.signal(number, signal.SIG_IGN) for number in OF_KEYS if signal.getsignal(number) is not None
    }
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


@contextlib.contextmanager
def _hearing(ending: _Ending) -> Iterator[None]:
    before = {number: signal.signal(number, ending.begin) for number in TOLD_TO_END if not _is_ignored(number)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_ignored(number: signal.Signals) -> bool:
    return signal.getsignal(number) is signal.SIG_IGN


def _hear_keys() -> None:
    for number in OF_KEYS:
        signal.signal(number, signal.SIG_DFL)
