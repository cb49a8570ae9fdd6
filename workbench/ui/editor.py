"""A text, edited in the person's own editor. Owns the file that it is in meanwhile, and the signals."""

from __future__ import annotations

import contextlib
import shlex
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from pathlib import Path


def edited(editor: str, text: str) -> str:
    """`text` as the editor left it, without the newline at its end. `editor` is a command as in `$EDITOR`.

    The terminal must be free for it. Raises OSError, ValueError or CalledProcessError when it cannot be run, or fails.
    """
    with tempfile.TemporaryDirectory(prefix="workbench-") as folder, _deaf_to_interrupts():
        path = Path(folder) / "question.md"
        path.write_text(text, "utf-8", errors="replace")
        subprocess.run([*shlex.split(editor), str(path)], check=True, preexec_fn=_hear_interrupts)
        return path.read_text("utf-8", errors="replace").removesuffix("\n")


@contextlib.contextmanager
def _deaf_to_interrupts() -> Iterator[None]:
    """Ctrl+C in an editor is for the editor, though the terminal sends it to the app as well."""
    before = signal.signal(signal.SIGINT, signal.SIG_IGN)
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)


def _hear_interrupts() -> None:
    signal.signal(signal.SIGINT, signal.SIG_DFL)
