"""A tmux of default options, as a person has one who never wrote a configuration: keys in, a screen and buffers out."""

from __future__ import annotations

import shutil
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

import pytest

PATIENCE = 90.0  # seconds until something that should come counts as never coming
LOOK_SECONDS = 0.05


class Tmux:
    """A server of its own, in `folder`, with one window of `argv`, which nobody looks at. Skips where there is none."""

    def __init__(
        self, argv: Sequence[str], *, environ: Mapping[str, str], folder: Path, columns: int = 120, rows: int = 40
    ) -> None:
        if shutil.which("tmux") is None:
            pytest.skip("there is no tmux")
        self._environ = {**environ, "LC_ALL": "C.UTF-8"}
        self._command = ("tmux", "-S", str(folder / "tmux.socket"), "-f", "/dev/null")
        size = ("-x", str(columns), "-y", str(rows))
        self._ask("new-session", "-d", *size, "-c", str(folder), *argv)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        subprocess.run((*self._command, "kill-server"), env=self._environ, capture_output=True, check=False)

    def press(self, *keys: str) -> None:
        """Keys as tmux names them, all at once."""
        self._ask("send-keys", *keys)

    def type(self, text: str) -> None:
        self._ask("send-keys", "-l", text)

    def text(self) -> str:
        """The screen, line by line."""
        return self._ask("capture-pane", "-p").decode()

    def buffer(self) -> bytes:
        """The buffer that a person would paste; b"" without one."""
        return self._ask("save-buffer", "-") if self._ask("list-buffers") else b""

    def wait_for(self, *texts: str) -> str:
        """Until all the texts are on the screen."""
        return self.wait_until(lambda: all(text in self.text() for text in texts), f"{texts} never came")

    def wait_until(self, holds: Callable[[], bool], otherwise: str) -> str:
        limit = time.monotonic() + PATIENCE
        while not holds():
            if time.monotonic() > limit:
                raise AssertionError(f"{otherwise}; the screen:\n{self.text()}")
            time.sleep(LOOK_SECONDS)
        return self.text()

    def _ask(self, *command: str) -> bytes:
        return subprocess.run((*self._command, *command), env=self._environ, capture_output=True, check=True).stdout
