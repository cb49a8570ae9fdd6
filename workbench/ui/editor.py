"""A text, edited in the person's own editor. Owns the file that it is in meanwhile, and the signals."""

from __future__ import annotations

import contextlib
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Final

from workbench.paths import reason_of

VARIABLES: Final = ("VISUAL", "EDITOR")
LONGEST_COMMAND: Final = 10_000  # characters; taking a command apart takes a time that grows with its square
LONGEST_SHOWN: Final = 60  # characters of a command in an error
TOLD_TO_END = (signal.SIGTERM, signal.SIGHUP)


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
    shown = editor if len(editor) <= LONGEST_SHOWN else f"{editor[:LONGEST_SHOWN]}…"
    if len(editor) > LONGEST_COMMAND:
        raise EditorFailed(f"{shown} is too long: {len(editor):,} characters, of {LONGEST_COMMAND:,} at most")
    try:
        command = shlex.split(editor)
    except ValueError as error:
        raise EditorFailed(f"{shown} is no command: {str(error).lower()}") from error
    try:
        return _run(command, text)
    except (OSError, ValueError) as error:
        raise EditorFailed(f"{shown} failed: {reason_of(error)}") from error
    except subprocess.CalledProcessError as error:
        how = f"signal {-error.returncode}" if error.returncode < 0 else f"exit code {error.returncode}"
        raise EditorFailed(f"{shown} failed: it ended with {how}") from error


def _run(command: Sequence[str], text: str) -> str:
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder, _deaf_to_interrupts():
        path = Path(folder) / "question.md"
        path.write_text(text, "utf-8", errors="replace")
        with subprocess.Popen([*command, str(path)], preexec_fn=_hear_interrupts) as process, _passing_on(process):
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
