"""What an answer at reading speed costs, and what doing nothing does."""

from __future__ import annotations

import statistics
from functools import partial

from tests.benchmarks.figures import Figures, compare
from tests.benchmarks.programs import STOCK, Program
from tests.benchmarks.screen import first_seen
from tests.benchmarks.session import SMALL, WIDE, warm_session
from tests.benchmarks.text import Order

RATE = 50  # tokens a second
IDLE_SECONDS = 2.0


def measure(program: Program, size: tuple[int, int], tokens: int) -> Figures:
    order = Order("prose", tokens, RATE, seed=1)
    with warm_session(program, size) as running:
        running.painted()
        idle = running.idle(IDLE_SECONDS)
        with running.cost() as costs:
            running.ask(order)
            sent = running.wait_until_sent(order)
            running.settle()
        seen = first_seen(running.painted(), sent)
        if missing := sent.keys() - seen.keys():
            raise running.failed(f"did not show {sorted(missing)} of {sorted(sent)}")
        return {
            "bytes a token": costs[0].written / tokens,
            "CPU ms a token": costs[0].cpu / tokens * 1000,
            "ms from sent to shown": statistics.median(seen[mark] - sent[mark] for mark in sent) * 1000,
            "idle: bytes a second": idle.written / idle.seconds,
            "idle: CPU ms a second": idle.cpu / idle.seconds * 1000,
        }


def table(*, quick: bool) -> str:
    runs, tokens = (1, 150) if quick else (3, 300)
    return "\n\n".join(
        compare(
            f"{RATE} tokens/s at {size[0]}x{size[1]}", runs, partial(measure, size=size, tokens=tokens), reference=STOCK
        )
        for size in (WIDE, SMALL)
    )
