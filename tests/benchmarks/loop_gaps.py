"""How long an app's event loop is blocked at most while it takes an answer: `python -m tests.benchmarks.loop_gaps`.

The app runs without a terminal, so that all but writing to one is in it. In a process of its own, since an app that
blocks for long cannot be stopped from within. Prints the seconds, and whether the answer was taken whole.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable
from typing import Any

from textual.app import App
from textual.widgets import Input

from tests.benchmarks.programs import STOCK, WORKBENCH
from tests.benchmarks.session import WIDE
from tests.benchmarks.stock_app import StockApp
from tests.benchmarks.text import Order
from tests.ui.harness import Starts
from workbench.cohere_client import ClientOptions, connect
from workbench.conversation import Conversation, Options
from workbench.ui.about import About
from workbench.ui.app import WorkbenchApp

TICK = 0.001  # seconds between two looks at the clock
BEGINNING = 0.3  # seconds until a question is being answered
DRAWING = 1.0  # seconds in which what is left to be drawn is drawn


class Ticker:
    """A task that sleeps; how much longer than it asked for it slept, at most, is in `longest`."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def run(self) -> None:
        while True:
            before = time.perf_counter()
            await asyncio.sleep(TICK)
            self.longest = max(self.longest, time.perf_counter() - before - TICK)


async def report(app: App[Any], ask: Callable[[str], object], order: Order, limit: float) -> None:
    """Ask, once something short was answered, and print what the ticker saw."""
    async with app.run_test(size=WIDE):
        await _answer(app, ask, Order("prose", 100, 0))
        ticker = Ticker()
        ticking = asyncio.create_task(ticker.run())
        answering = asyncio.create_task(_answer(app, ask, order))
        await asyncio.wait({answering}, timeout=limit)
        if not answering.done():
            print(json.dumps([ticker.longest, False]), file=sys.__stdout__, flush=True)  # an app takes the other one
            os._exit(0)  # an app that is so far behind does not end in order
        answering.result()
        ticking.cancel()
    print(json.dumps([ticker.longest, True]))


async def _answer(app: App[Any], ask: Callable[[str], object], order: Order) -> None:
    ask(str(order))
    await asyncio.sleep(BEGINNING)
    await app.workers.wait_for_complete()
    await asyncio.sleep(DRAWING)


async def workbench(url: str, order: Order, limit: float) -> None:
    client = connect(ClientOptions(base_url=url), {"CO_API_KEY": "benchmark"})
    app = WorkbenchApp(Conversation(client, Options(model="m")), About("benchmark"), Starts(client))
    await report(app, app.asking.put, order, limit)


async def stock(url: str, order: Order, limit: float) -> None:
    app = StockApp(url)

    def ask(prompt: str) -> None:
        field = app.query_one(Input)
        field.post_message(Input.Submitted(field, prompt))

    await report(app, ask, order, limit)


if __name__ == "__main__":
    name, url, prompt, seconds = sys.argv[1:]
    measure = {WORKBENCH.module: workbench, STOCK.module: stock}[name]
    asyncio.run(measure(url, Order.parse(prompt), float(seconds)))
