"""Whether a long conversation costs more: the same answer, page and memory at two lengths of the transcript.

A program that is not at the second length in time is measured where it is, and the cell says where.
"""

from __future__ import annotations

import time

from tests.benchmarks import processes
from tests.benchmarks.figures import Figures, compare, number
from tests.benchmarks.programs import STOCK, Program
from tests.benchmarks.scrolling import PAGE_UP, pages, transcript
from tests.benchmarks.session import FIRST_TOKENS, Session, warm_session
from tests.benchmarks.text import Order

SHORT, LONG, QUICK = 1_000, 50_000, 10_000  # tokens
TURN = 1_000  # tokens of one answer while the transcript is filled
FILL_LIMIT = 90.0  # seconds
MEASURED, RATE = 200, 50  # tokens, and tokens a second
PAGES = 4


def fill(running: Session, tokens: int) -> int:
    """Answers at full speed, as many as are needed or there is time for; returns their tokens."""
    end = time.monotonic() + FILL_LIMIT
    filled = 0
    while filled < tokens and time.monotonic() < end:
        turn = min(TURN, tokens - filled)
        running.answer(Order("prose", turn, 0, seed=filled // TURN))
        filled += turn
    return filled


def at_this_length(running: Session) -> dict[str, float]:
    order = Order("prose", MEASURED, RATE, seed=3)
    with running.cost() as costs:
        running.ask(order)
        running.wait_until_sent(order)
        running.settle()
    with transcript(running):
        seconds, _ = pages(running, PAGE_UP, PAGES)
    return {
        "bytes a token": costs[0].written / MEASURED,
        "CPU ms a token": costs[0].cpu / MEASURED * 1000,
        "PageUp ms": seconds * 1000,
        "RSS MiB": processes.resident_bytes(running.recorder.pid) / 2**20,
    }


def measure(program: Program, lengths: tuple[int, ...]) -> Figures:
    figures: dict[str, float | str] = {}
    with warm_session(program) as running:
        reached = FIRST_TOKENS
        for length in lengths:
            reached += fill(running, length - reached)
            for name, value in at_this_length(running).items():
                elsewhere = f"{number(value)} at {reached:,}"
                figures[f"{length:,} tokens: {name}"] = value if reached == length else elsewhere
            reached += MEASURED
    return figures


def table(*, quick: bool) -> str:
    lengths = (SHORT, QUICK if quick else LONG)
    return compare("growth at 120x40", 1, lambda program: measure(program, lengths), reference=STOCK)
