"""A turn that is left early, cancelled, or cleared away: what of it goes on to the next question."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager, suppress
from typing import Any

from workbench.conversation import Conversation, Options


class Slow:
    """A client whose answers have a first word, and an end that waits for `whole`."""

    def __init__(self) -> None:
        self.bodies: list[Mapping[str, Any]] = []
        self.begun = asyncio.Event()
        self.whole = asyncio.Event()

    @asynccontextmanager
    async def stream(self, body: Mapping[str, Any]) -> AsyncIterator[AsyncIterator[bytes]]:
        self.bodies.append(body)
        yield self._answer(f"answer {len(self.bodies)}")

    async def _answer(self, text: str) -> AsyncIterator[bytes]:
        delta = {"type": "content-delta", "index": 0, "delta": {"message": {"content": {"text": text}}}}
        yield f"data: {json.dumps(delta)}\n\n".encode()
        self.begun.set()
        await self.whole.wait()
        yield b'data: {"type":"message-end","delta":{"finish_reason":"COMPLETE"}}\n\n'

    def prompts(self) -> list[str]:
        """What was asked and answered before, and now, as the last request says it."""
        return [message["content"] for message in self.bodies[-1]["messages"]]


async def begun() -> tuple[Slow, Conversation, asyncio.Task[None]]:
    client = Slow()
    conversation = Conversation(client, Options(model="m"))

    async def read() -> None:
        async for _ in conversation.ask("first"):
            pass

    task = asyncio.create_task(read())
    await client.begun.wait()
    return client, conversation, task


async def test_what_had_come_of_a_cancelled_turn_goes_on() -> None:
    client, conversation, task = await begun()
    conversation.cancel()
    client.whole.set()
    await conversation.run("second")
    await task
    assert client.prompts() == ["first", "answer 1", "second"]


async def test_so_it_does_when_the_reader_is_cancelled_twice() -> None:
    client, conversation, task = await begun()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with suppress(asyncio.CancelledError):
        await task
    client.whole.set()
    await conversation.run("second")
    assert client.prompts() == ["first", "answer 1", "second"]


async def test_so_it_does_when_the_loop_is_left() -> None:
    client = Slow()
    conversation = Conversation(client, Options(model="m"))
    async for event in conversation.ask("first"):
        if event.kind == "content-delta":
            conversation.cancel()
            break
    client.whole.set()
    await conversation.run("second")
    assert client.prompts() == ["first", "answer 1", "second"]


async def test_a_turn_that_was_cleared_away_does_not() -> None:
    client, conversation, task = await begun()
    conversation.clear()
    client.whole.set()
    await task
    assert conversation.history() == []
    await conversation.run("second")
    assert client.prompts() == ["second"]
