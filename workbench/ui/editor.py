"""A text, edited in the person's own editor. Owns the file that it is in meanwhile, and the signals."""

from __future__ import annotations

import contextlib
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path

TOLD_TO_END = (signal.SIGTERM, signal.SIGHUP)


def edited(editor: str, text: str) -> str:
    """`text` as the editor left it, without the newline at its end. `editor` is a command as in `$EDITOR`.

    The terminal must be free for it. Raises OSError, ValueError or CalledProcessError when it cannot be run, or fails.
    """
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder, _deaf_to_interrupts():
        path = Path(folder) / "question.md"
        path.write_text(text, "utf-8", errors="replace")
        command = [*shlex.split(editor), str(path)]
        with subprocess.Popen(command, preexec_fn=_hear_interrupts) as process, _passing_on(process):
            status = process.wait()
        if status:
            raise subprocess.CalledProcessError(status, command)
        return path.read_text("utf-8", errors="replace").removesuffix("\n")


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Ctrl+C in an editor is for the editor, though the terminal sends it to the app as well."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


@contextlib.contextmanager
def _passing_on(process: subprocess.Popen[bytes]) -> Iterator[None]:
    """Being told to end ends the editor, and the app behind it, rather than leave two programs at one terminal."""

    def pass_on(number: int, _: object) -> None:
        process.send_signal(number)

    before = {number: signal.signal(number, pass_on) for number in TOLD_TO_END if not _is_ignored(number)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def _is_ignored(number: signal.Signals) -> bool:
    return signal.getsignal(number) is signal.SIG_IGN


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
