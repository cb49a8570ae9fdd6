"""Finding the processes of a test, whoever their parent is now."""

from __future__ import annotations

import time
from pathlib import Path

MARK = "TEST_MARK"
PATIENCE = 20.0


def marked(mark: str) -> list[str]:
    """What runs and has the mark in its environment or among its arguments."""
    found = []
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            seen = [(entry / name).read_bytes() for name in ("environ", "cmdline")]
        except OSError:
            continue  # it has ended, or is another user's
        if any(mark.encode() in text for text in seen):
            found.append(f"{entry.name} {seen[1].decode(errors='replace')[-200:]}")
    return found


def wait_until_none(mark: str) -> None:
    limit = time.monotonic() + PATIENCE
    while found := marked(mark):
        assert time.monotonic() < limit, found
        time.sleep(0.01)
