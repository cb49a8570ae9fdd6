"""The offline engine as an httpx transport: paths, methods, chunks, pace and cancelling."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator

import httpx
import pytest

from tests.core.test_offline_grammar import body
from workbench.offline.engine import answer
from workbench.offline.transport import OfflineTransport

URL = "http://offline.invalid/v2/chat"
ASKED = body("When does the library open?", documents=["The library opens at 9:00."])


@pytest.fixture
async def client() -> AsyncIterator[httpx.AsyncClient]:
    async with httpx.AsyncClient(transport=OfflineTransport()) as client:
        yield client


async def test_one_chunk_is_one_frame_and_the_bytes_are_the_engines(client: httpx.AsyncClient) -> None:
    async with client.stream("POST", URL, content=ASKED) as response:
        assert response.status_code == 200
        assert response.headers["content-type"] == "text/event-stream"
        chunks = [chunk async for chunk in response.aiter_raw()]
    assert tuple(chunks) == answer(ASKED).frames


async def test_a_prefix_before_the_path_is_fine_and_other_paths_are_not(client: httpx.AsyncClient) -> None:
    assert (await client.post("http://host/cohere/v2/chat", content=ASKED)).status_code == 200
    missing = await client.post("http://host/v1/chat", content=ASKED)
    assert missing.status_code == 404
    assert sorted(missing.json()) == ["id", "message"]
    assert "/v1/chat" in missing.json()["message"]


async def test_another_method_is_not_allowed(client: httpx.AsyncClient) -> None:
    response = await client.get(URL)
    assert response.status_code == 405
    assert response.headers["allow"] == "POST"
    assert "GET" in response.json()["message"]


async def test_a_bad_request_comes_back_as_its_error(client: httpx.AsyncClient) -> None:
    response = await client.post(URL, content=b"{")
    assert response.status_code == 400
    assert response.headers["content-type"] == "application/json"
    assert "JSON" in response.json()["message"]


async def test_a_reply_that_does_not_stream_is_one_json_body(client: httpx.AsyncClient) -> None:
    request = json.loads(ASKED)
    response = await client.post(URL, json={**request, "stream": False})
    assert response.json()["finish_reason"] == "COMPLETE"


async def test_the_pace_is_per_piece_with_a_longer_wait_for_the_first(monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    turn = asyncio.sleep

    async def note(delay: float) -> None:
        waits.append(delay)
        await turn(0)

    monkeypatch.setattr(asyncio, "sleep", note)
    async with httpx.AsyncClient(transport=OfflineTransport(pace=0.5)) as client:
        await client.post(URL, content=ASKED)
    paced = [wait for wait in waits if wait]
    deltas = sum(frame.startswith(b"event: content-delta") for frame in answer(ASKED).frames)
    assert len(paced) == deltas
    assert paced[0] > 2 * 0.5
    assert set(paced[1:]) == {0.5}


async def test_a_slow_stream_can_be_cancelled_at_once() -> None:
    started = asyncio.Event()

    async def read() -> None:
        async with (
            httpx.AsyncClient(transport=OfflineTransport(pace=3600.0)) as client,
            client.stream("POST", URL, content=ASKED) as response,
        ):
            async for _ in response.aiter_raw():
                started.set()

    task = asyncio.create_task(read())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_the_loop_has_its_turn_between_frames(client: httpx.AsyncClient) -> None:
    turns = 0

    async def count() -> None:
        nonlocal turns
        while True:
            turns += 1
            await asyncio.sleep(0)

    counter = asyncio.create_task(count())
    frames = 0
    async with client.stream("POST", URL, content=ASKED) as response:
        before = turns
        async for _ in response.aiter_raw():
            frames += 1
    counter.cancel()
    assert turns - before >= frames > 10
