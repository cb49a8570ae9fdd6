"""The times of turns that run beside the conversation: one that waits for others begins when it runs."""

from __future__ import annotations

import asyncio
from contextlib import aclosing

from tests.core.keeping import kept
from tests.loopback import Chunk, Head, Received, Reply, Wait, message
from workbench.conversation import Changes, Options
from workbench.conversation.conversation import MOST_BESIDE
from workbench.conversation.under_way import UnderWay


async def test_the_wait_for_others_is_no_part_of_a_turns_time() -> None:
    now = 0.0
    full, go = asyncio.Event(), asyncio.Event()
    waiting = 0

    def answer(received: Received) -> Reply:
        nonlocal waiting
        if "temperature" not in received.body or go.is_set():
            return [Head(), Chunk(message("an answer"))]
        waiting += 1
        if waiting == MOST_BESIDE:
            full.set()
        return [Head(), Wait(go), Chunk(message("an answer"))]

    async def run(cell: UnderWay) -> None:
        async with aclosing(cell.events()) as events:
            async for _ in events:
                pass

    async with kept(answer, clock=lambda: now) as (asked, _):
        await asked.run("q1")
        changes = [Changes(options=Options(parameters={"temperature": each / 10})) for each in range(MOST_BESIDE + 1)]
        cells = asked.again_beside(1, changes)
        tasks = [asyncio.create_task(run(cell)) for cell in cells]
        await full.wait()
        now = 100.0
        go.set()
        await asyncio.gather(*tasks)
        assert [cell.turn.seconds for cell in cells] == [100.0] * MOST_BESIDE + [0.0]
        assert [cell.turn.first_token for cell in cells] == [100.0] * MOST_BESIDE + [0.0]
