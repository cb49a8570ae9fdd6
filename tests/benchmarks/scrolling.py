"""How soon a page further is on the screen, and how much is written for it."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager

from tests.benchmarks.figures import Figures, compare
from tests.benchmarks.programs import STOCK, Program
from tests.benchmarks.screen import change_seconds
from tests.benchmarks.session import Session, size_of, warm_session
from tests.benchmarks.text import Order

PAGE_UP, PAGE_DOWN = b"\x1b[5~", b"\x1b[6~"
PAUSE = 0.8  # seconds between two pages, an animation's length and more
ANSWERS, TOKENS = 2, 1000


def pages(running: Session, key: bytes, times: int) -> tuple[float, float]:
    """Press a key so often; returns the medians of seconds until the screen changed, and of bytes written."""
    seconds: list[float] = []
    written: list[float] = []
    for _ in range(times):
        before, first = running.rows(), len(running.recorder.reads)
        pressed = running.recorder.send(key)
        running.recorder.read_for(PAUSE)
        changed = change_seconds(before, running.painted(), pressed)
        if changed is None:
            raise running.failed("did not scroll")
        seconds.append(changed)
        written.append(size_of(running.recorder.reads[first:]))
    return statistics.median(seconds), statistics.median(written)


@contextmanager
def transcript(running: Session) -> Iterator[None]:
    """Within the block, keys go to the transcript."""
    running.recorder.send(running.program.to_transcript)
    running.settle()
    yield
    running.recorder.send(running.program.to_prompt)
    running.settle()


def measure(program: Program, times: int) -> Figures:
    figures: dict[str, float | str] = {}
    with warm_session(program) as running:
        for seed in range(ANSWERS):
            running.answer(Order("prose", TOKENS, 0, seed))
        with transcript(running):
            for name, key in (("PageUp", PAGE_UP), ("PageDown", PAGE_DOWN)):
                seconds, written = pages(running, key, times)
                figures[f"{name}: ms until the screen changed"] = seconds * 1000
                figures[f"{name}: bytes a page"] = written
    return figures


def table(*, quick: bool) -> str:
    runs, times = (1, 5) if quick else (2, 8)
    title = f"scrolling {ANSWERS * TOKENS:,} tokens at 120x40"
    return compare(title, runs, lambda program: measure(program, times), reference=STOCK)
