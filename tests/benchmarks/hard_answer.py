"""How long one hard answer blocks the event loop of the app: `python -m tests.benchmarks.hard_answer NAME SHARE`.

In a process of its own, without a terminal, at full speed: the answer is played through the real client. Prints the
longest times, in seconds, as JSON: while it streams, and while it is then read; and how long it took to be shown.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import os
import sys
import threading
import time
from collections.abc import AsyncIterator

from tests.benchmarks.loop_gaps import Ticker
from tests.pathological import ANSWERS, Pathological
from tests.ui.harness import AppPilot, Starts
from workbench.cohere_client.client import play
from workbench.conversation import Conversation, Options
from workbench.recordings.exchanges import Chunk, Exchange
from workbench.ui.about import About
from workbench.ui.app import WorkbenchApp
from workbench.ui.markdown.highlighting import load_lexers

WIDE, NARROW = (120, 40), (80, 24)
LIMIT = 240.0  # seconds for one answer to be shown
ENOUGH = 2.0  # seconds of what follows
BREATH = 0.2  # seconds between two things that a person does
STREAM = "stream"
LOOK = 0.02  # seconds between two looks at whether it is
WARM = Pathological("warm", lambda n: "Some *words*.\n" * n, 20, 20)


async def measure(answer: Pathological, count: int) -> dict[str, float]:
    text = answer.text(count)
    client = play((_exchange(WARM, 20), _exchange(answer, count)), name="benchmark", speed=0)
    app = WorkbenchApp(Conversation(client, Options(model="m")), About("benchmark"), Starts(client))
    gaps: dict[str, float] = {}
    async with app.run_test(size=WIDE) as pilot:
        load_lexers()  # as behind a first question
        app.asking.put("warm")
        await _shown(app, 1)

        @contextlib.asynccontextmanager
        async def noting(name: str) -> AsyncIterator[None]:
            ticker = Ticker()
            ticking = asyncio.create_task(ticker.run())
            await asyncio.sleep(0.01)
            yield
            with contextlib.suppress(TimeoutError):  # of what is laid out again, the beginning is typical
                async with asyncio.timeout(None if name == STREAM else ENOUGH):
                    await _shown(app, 2)
            await asyncio.sleep(0.1)
            ticking.cancel()
            gaps[name] = ticker.longest

        began = time.perf_counter()
        async with noting(STREAM):
            app.asking.put("hard")
        gaps["s until shown"] = time.perf_counter() - began
        if app.conversation.turns[-1].text != text or app.chat.view.answer_text(2) != text:
            raise AssertionError("the answer was not kept as it was sent")
        async with noting("pages"):
            app.chat.view.focus()
            await _press(pilot, *["pageup"] * 5, "home", "end")
        async with noting("resizing"):
            for size in (NARROW, WIDE):
                await pilot.resize_terminal(*size)
                await asyncio.sleep(BREATH)
        async with noting("raw view, copy"):
            await _press(pilot, "f7", "pagedown", "end", "pageup", "y")
            await asyncio.sleep(BREATH)
            if app.clipboard != text.encode("utf-8", "replace").decode():
                raise AssertionError("the copy is not what was sent")
            await _press(pilot, "escape")
    return gaps


async def _press(pilot: AppPilot, *keys: str) -> None:
    for key in keys:
        await pilot.press(key)


async def _shown(app: WorkbenchApp, turn: int) -> None:
    """Until the turn is over and all of its answer is laid out."""
    turns = app.conversation.turns
    while len(turns) < turn or app.busy or app.chat.view.is_working:  # noqa: ASYNC110 - nothing tells
        await asyncio.sleep(LOOK)


def _exchange(answer: Pathological, count: int) -> Exchange:
    chunks = tuple(Chunk(0.0, data) for data in answer.chunks(count))
    return Exchange({}, 200, (("content-type", "text/event-stream"),), chunks, "complete")


def main() -> None:
    name, share = sys.argv[1], float(sys.argv[2])
    answer = next(each for each in ANSWERS if each.name == name)
    watchdog = threading.Timer(LIMIT, lambda: os._exit(3))  # a loop that is blocked cannot be told to end
    watchdog.daemon = True
    watchdog.start()
    print(json.dumps(asyncio.run(measure(answer, max(answer.small, int(answer.large * share))))))


if __name__ == "__main__":
    main()
