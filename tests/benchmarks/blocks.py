"""The longest time that one long block, as it streams, keeps the event loop from anything else."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from functools import partial
from pathlib import Path

from tests.benchmarks.figures import Figures, compare, number
from tests.benchmarks.programs import STOCK, Program, environ
from tests.benchmarks.server import Server
from tests.benchmarks.session import Failed
from tests.benchmarks.text import Order

LIMIT, QUICK_LIMIT = 40.0, 10.0  # seconds for one block
STOPPING = 20.0  # seconds more until a program that is blocked is ended
RATE = 2000  # tokens a second: ten times a fast model
BLOCKS = (("list", 1000, "items"), ("fence", 2000, "lines"), ("table", 1000, "rows"))


def longest_gap(program: Program, order: Order, limit: float) -> float | str:
    """Milliseconds; of an answer that takes longer than `limit` seconds, a text that says so."""
    with tempfile.TemporaryDirectory(prefix="benchmark-") as home, Server() as server:
        arguments = [program.module, server.url, str(order), str(limit)]
        command = [sys.executable, "-m", "tests.benchmarks.loop_gaps", *arguments]
        try:
            done = subprocess.run(
                command, env=environ(Path(home)), capture_output=True, text=True, timeout=limit + STOPPING
            )
        except subprocess.TimeoutExpired:
            return f"not done in {limit + STOPPING:.0f} s"
    if done.returncode:
        raise Failed(f"{program.name} did not answer {str(order)!r}:\n{done.stderr}")
    seconds, is_whole = json.loads(done.stdout)
    return seconds * 1000 if is_whole else f"{number(seconds * 1000)} so far, not done in {limit:.0f} s"


def measure(program: Program, share: float, limit: float) -> Figures:
    figures: dict[str, float | str] = {}
    for kind, most, unit in BLOCKS:
        size = int(most * share)
        figures[f"a {kind} of {size:,} {unit}: ms"] = longest_gap(program, Order(kind, size, RATE), limit)
    return figures


def table(*, quick: bool) -> str:
    share, limit = (0.5, QUICK_LIMIT) if quick else (1.0, LIMIT)
    return compare("the event loop blocked, at most", 1, partial(measure, share=share, limit=limit), reference=STOCK)
