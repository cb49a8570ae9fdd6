"""The longest time that each of many hard answers keeps the event loop from anything else, large and at full speed."""

from __future__ import annotations

import json
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path

from tests.benchmarks.figures import number
from tests.benchmarks.programs import environ
from tests.pathological import ANSWERS, Pathological

LIMIT = 300.0  # seconds for one answer
QUICK = 0.05  # of their sizes
WORST = "the worst of all"


def measure(answer: Pathological, share: float) -> Mapping[str, float] | str:
    """Seconds by what was done; of an answer that cannot be measured, why."""
    command = [sys.executable, "-m", "tests.benchmarks.hard_answer", answer.name, str(share)]
    with tempfile.TemporaryDirectory(prefix="benchmark-") as home:
        try:
            done = subprocess.run(command, env=environ(Path(home)), capture_output=True, text=True, timeout=LIMIT)
        except subprocess.TimeoutExpired:
            return f"not done in {LIMIT:.0f} s"
    if done.returncode:
        return done.stderr.strip().rpartition("\n")[2] or f"exit code {done.returncode}"
    figures: Mapping[str, float] = json.loads(done.stdout)
    return figures


def table(*, quick: bool) -> str:
    rows: list[tuple[str, Mapping[str, float] | str]] = []
    for answer in ANSWERS:
        rows.append((answer.name, measure(answer, QUICK if quick else 1.0)))
        print(f"{answer.name}: {rows[-1][1]}", file=sys.stderr, flush=True)
    measured = [figures for _, figures in rows if not isinstance(figures, str)]
    names = list(measured[0]) if measured else []
    worst = {name: max(figures[name] for figures in measured) for name in names}
    return "\n".join(
        [
            f"| the event loop blocked, ms at most | {' | '.join(names)} |",
            f"| --- |{' ---: |' * len(names)}",
            *(_row(name, figures) for name, figures in [*rows, (WORST, worst)]),
        ]
    )


def _row(name: str, figures: Mapping[str, float] | str) -> str:
    if isinstance(figures, str):
        return f"| {_cell(name)} | {_cell(figures)} |"
    return f"| {_cell(name)} | " + " | ".join(_figure(*each) for each in figures.items()) + " |"


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _figure(name: str, seconds: float) -> str:
    return number(seconds if name.startswith("s ") else seconds * 1000)
