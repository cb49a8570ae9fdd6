"""The programs that are measured: Workbench, and what it is compared with."""

from __future__ import annotations

import os
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]


@dataclass(frozen=True, slots=True)
class Program:
    """A module to run with the server's URL as the last of its arguments.

    `ready` is on its screen when it can be typed into. The keys `to_transcript` are pressed before pages are turned,
    and `to_prompt` after it.
    """

    name: str
    module: str
    arguments: tuple[str, ...]
    ready: str
    to_transcript: bytes = b""
    to_prompt: bytes = b""

    def argv(self, url: str) -> list[str]:
        return [sys.executable, "-m", self.module, *self.arguments, url]


F2, ESCAPE = b"\x1bOQ", b"\x1b"
WORKBENCH = Program("Workbench", "workbench", ("--base-url",), "ask about your documents", F2, ESCAPE)
STOCK = Program("Textual's Markdown stream", "tests.benchmarks.stock_app", (), "ask something")
BARE = Program("a bare Textual app", "tests.benchmarks.bare_app", (), "ask something")


def environ(home: Path) -> Mapping[str, str]:
    """A terminal's environment with nothing of the user's in it."""
    folders = {f"XDG_{kind}_HOME": str(home / kind.lower()) for kind in ("CONFIG", "STATE", "CACHE", "DATA")}
    return {
        **folders,
        "HOME": str(home),
        "PATH": os.environ["PATH"],
        "PYTHONPATH": str(ROOT),
        "LANG": "C.UTF-8",
        "TERM": "xterm-256color",
        "COLORTERM": "truecolor",
        "CO_API_KEY": "benchmark",
    }
