"""The client against a real server: what is sent, what is read, and what happens to the connection."""

from __future__ import annotations

import asyncio
import gzip
import subprocess
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from types import MappingProxyType
from typing import Any

import pytest

from tests.loopback import (
    EVENT_STREAM,
    Chunk,
    Head,
    LoopbackServer,
    Raw,
    Received,
    Reply,
    Wait,
    error,
    message,
    sse,
    stream,
)  # fmt: skip
from workbench.cohere_client import ChatClient, ClientOptions, connect
from workbench.errors import ChatError, ConfigurationError, ConnectionFailed, NotAStream

BODY: dict[str, Any] = {"model": "command-test", "messages": [{"role": "user", "content": "Hello?"}]}
KEY = "key-of-these-tests"


@asynccontextmanager
async def connected(server: LoopbackServer, **options: Any) -> AsyncIterator[ChatClient]:
    client = connect(ClientOptions(base_url=server.url, **options), {"CO_API_KEY": KEY})
    try:
        yield client
    finally:
        await client.aclose()


async def read(client: ChatClient, body: Mapping[str, Any] = BODY) -> bytes:
    async with client.stream(body) as chunks:
        return b"".join([chunk async for chunk in chunks])


# -- what is sent -------------------------------------------------------------------------------


async def test_gives_the_bytes_as_they_were_sent() -> None:
    sent = message("Café at 09:00 ⛴.", thinking="Hm.") + b": odd bytes \xff\xfe\r\n\r\n"
    reply = stream(sent[:100], sent[100:101], sent[101:])
    async with LoopbackServer([reply]) as server, connected(server) as client:
        assert await read(client) == sent


async def test_the_request_is_that_of_the_sdk() -> None:
    async with LoopbackServer([stream(message("Yes."))]) as server:
        async with connected(server, client_name="workbench-test") as client:
            await read(client)
        [received] = server.received
    assert (received.method, received.path) == ("POST", "/v2/chat")
    assert received.headers["authorization"] == f"Bearer {KEY}"
    assert received.headers["user-agent"].startswith("cohere/")
    assert received.headers["x-client-name"] == "workbench-test"
    assert received.body == {**BODY, "stream": True}


async def test_nothing_of_the_body_is_lost_renamed_or_nulled() -> None:
    schema = {
        "type": "object",
        "properties": {"schema": {"type": ["string", "null"], "default": None}, "§": {"enum": [None, 1, 1.5]}},
        "required": [],
        "additionalProperties": False,
        "$defs": {"json_schema": {"anyOf": [{}, {"const": "\u0000"}]}},
    }
    body: dict[str, Any] = {
        "model": "command-test",
        "messages": [
            {"role": "system", "content": ""},
            {"role": "user", "content": [{"type": "text", "text": "⛴ 👍🏽 \x1b[0m"}, {"type": "image_url"}]},
            {
                "role": "assistant",
                "tool_plan": "I ask.",
                "content": [{"type": "thinking", "thinking": "hm"}],
                "tool_calls": [{"id": "a_1", "type": "function", "function": {"name": "tide", "arguments": "{}"}}],
                "citations": [{"start": 0, "end": 1, "text": "I", "sources": [], "odd": None}],
            },
            {
                "role": "tool",
                "tool_call_id": "a_1",
                "content": [{"type": "document", "document": {"id": "d", "data": {"deep": [[{"x": None}]]}}}],
            },
            {"role": "visitor", "unheard": {"of": True}},
        ],
        "tools": [{"type": "function", "function": {"name": "tide", "parameters": schema}, "extra": None}],
        "documents": ["plain", {"id": "1", "data": {"text": "t", "n": 1.0, "big": 2**60, "none": None}}, {}],
        "citation_options": {"mode": "fast", "later": 1},
        "response_format": {"type": "json_object", "json_schema": schema, "schema": schema},
        "thinking": {"type": "enabled", "token_budget": 10},
        "temperature": None,
        "seed": 0,
        "stop_sequences": [],
        "logprobs": False,
        "raw_prompting": {"new": ["parameter"]},
        "self": "odd",
        "request_options": {"timeout": 1},
        "headers": {},
    }
    async with LoopbackServer([stream(message("Yes."))]) as server:
        async with connected(server) as client:
            await read(client, body)
        assert server.received[0].body == {**body, "stream": True}
        assert '"⛴ 👍🏽'.encode() in server.received[0].raw


async def test_a_body_may_hold_read_only_mappings_and_its_own_stream() -> None:
    body = {**BODY, "stream": False, "tools": (MappingProxyType({"type": "function"}),)}
    async with LoopbackServer([stream(message("Yes."))]) as server:
        async with connected(server) as client:
            await read(client, MappingProxyType(body))
        assert server.received[0].body == {**BODY, "stream": True, "tools": [{"type": "function"}]}


async def test_surrogate_pairs_are_joined_and_single_ones_replaced() -> None:
    said = "\ud83d\ude00 and \ud83d alone"
    async with LoopbackServer([stream(message("Yes."))]) as server:
        async with connected(server) as client:
            await read(client, {**BODY, "messages": [{"role": "user", "content": said}]})
        assert server.received[0].body["messages"][0]["content"] == "😀 and \ufffd alone"


def nested(depth: int) -> list[Any]:
    value: list[Any] = []
    for _ in range(depth):
        value = [value]
    return value


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"messages": []}, "no 'model'"),
        ({"model": "m"}, "no 'messages'"),
        ({**BODY, "seed": float("nan")}, "JSON"),
        ({**BODY, "documents": [object()]}, "object"),
        ({**BODY, "documents": nested(100_000)}, "JSON"),
    ],
)
async def test_a_body_that_is_no_request_is_refused(body: dict[str, Any], says: str) -> None:
    async with LoopbackServer([]) as server, connected(server) as client:
        with pytest.raises(ChatError, match=says):
            await read(client, body)
        assert server.received == []


async def test_the_environment_of_the_process_does_not_interfere(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CO_API_KEY", "a-key-of-the-process")
    monkeypatch.setenv("CO_API_URL", "http://127.0.0.1:1/v2")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    async with LoopbackServer([stream(message("Yes."))]) as server:
        client = connect(ClientOptions(base_url=server.url), {})
        await read(client)
        await client.aclose()
        assert "authorization" not in server.received[0].headers


# -- connections ----------------------------------------------------------------------------------


async def test_a_body_read_to_its_end_leaves_the_connection_for_the_next() -> None:
    async with LoopbackServer(lambda _: stream(message("Yes."))) as server, connected(server) as client:
        for _ in range(3):
            await read(client)
        assert (len(server.received), server.connections) == (3, 1)


async def test_chunks_come_while_the_server_still_writes() -> None:
    first, second = sse({"type": "one"}, done=False), sse({"type": "two"})
    go_on = asyncio.Event()
    reply: Reply = [Head(), Chunk(first), Wait(go_on), Chunk(second)]
    async with LoopbackServer([reply]) as server, connected(server) as client, client.stream(BODY) as chunks:
        assert await anext(chunks) == first
        go_on.set()
        assert await anext(chunks) == second


async def test_leaving_early_closes_the_connection_and_the_next_stream_works() -> None:
    endless: Reply = [Head(), Chunk(sse({"type": "one"}, done=False)), Wait(asyncio.Event())]
    async with LoopbackServer([endless, stream(message("Yes."))]) as server, connected(server) as client:
        async with client.stream(BODY) as chunks:
            await anext(chunks)
        await server.received[0].gone.wait()
        assert await read(client) == message("Yes.")


async def test_cancelling_closes_the_connection() -> None:
    reading = asyncio.Event()

    async def consume(client: ChatClient) -> None:
        async with client.stream(BODY) as chunks:
            async for _ in chunks:
                reading.set()

    reply: Reply = [Head(), Chunk(b": here\n\n"), Wait(asyncio.Event())]
    async with LoopbackServer([reply]) as server, connected(server) as client:
        task = asyncio.create_task(consume(client))
        await reading.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await server.received[0].gone.wait()


async def test_an_error_of_the_consumer_passes_unchanged() -> None:
    async with LoopbackServer(lambda _: stream(message("Yes."))) as server, connected(server) as client:
        with pytest.raises(KeyError, match="mine"):
            async with client.stream(BODY):
                raise KeyError("mine")


async def test_streams_at_once_do_not_mix() -> None:
    """Twelve requests wait for each other, so all responses are open before any body is read."""
    count = 12
    arrived = asyncio.Barrier(count)
    all_there = asyncio.Event()

    def answer(received: Received) -> Reply:
        name = received.body["model"]
        return [Head(), Chunk(name.encode()), Wait(all_there), Chunk(name.encode())]

    async def one(client: ChatClient, name: str) -> bytes:
        async with client.stream({**BODY, "model": name}) as chunks:
            await arrived.wait()
            all_there.set()
            return b"".join([chunk async for chunk in chunks])

    async with LoopbackServer(answer) as server, connected(server) as client:
        names = [f"model-{number}" for number in range(count)]
        bodies = await asyncio.gather(*(one(client, name) for name in names))
    assert bodies == [f"{name}{name}".encode() for name in names]


async def test_one_task_may_have_two_streams_open() -> None:
    async with (
        LoopbackServer(lambda received: stream(received.body["model"].encode())) as server,
        connected(server) as client,
        client.stream({**BODY, "model": "outer"}) as outer,
        client.stream({**BODY, "model": "inner"}) as inner,
    ):
        assert [chunk async for chunk in outer] == [b"outer"]
        assert [chunk async for chunk in inner] == [b"inner"]


async def test_a_compressed_body_is_decoded() -> None:
    sent = message("Squeezed.")
    headers = {**EVENT_STREAM, "content-encoding": "gzip"}
    async with LoopbackServer([[Head(200, headers), Chunk(gzip.compress(sent))]]) as server:
        async with connected(server) as client:
            assert await read(client) == sent
        assert server.received[0].headers["accept-encoding"] == "identity"


# -- what is no stream ------------------------------------------------------------------------------


async def test_status_200_with_another_content_type_is_no_stream() -> None:
    page = "<html><body>Sign in to the hotel network</body></html>"
    async with LoopbackServer([error(200, page), stream(message("Yes."))]) as server, connected(server) as client:
        with pytest.raises(NotAStream, match="hotel network") as raised:
            await read(client)
        assert (raised.value.status, raised.value.body) == (200, page)
        assert "text/html" in raised.value.message
        assert await read(client) == message("Yes.")


async def test_status_200_without_a_content_type_is_no_stream() -> None:
    async with LoopbackServer([[Head(200, {"content-length": "0"})]]) as server, connected(server) as client:
        with pytest.raises(NotAStream, match="no content type"):
            await read(client)


async def test_a_content_type_with_parameters_is_a_stream() -> None:
    reply: Reply = [Head(200, {"content-type": "Text/Event-Stream; charset=utf-8"}), Chunk(b"data: 1\n\n")]
    async with LoopbackServer([reply]) as server, connected(server) as client:
        assert await read(client) == b"data: 1\n\n"


async def test_an_endless_body_that_is_no_stream_is_not_read_on() -> None:
    reply: Reply = [Head(200, {"content-type": "text/plain"}), Chunk(b"x" * 5000), Wait(asyncio.Event())]
    async with LoopbackServer([reply]) as server, connected(server) as client:
        with pytest.raises(NotAStream) as raised:
            await read(client)
        assert raised.value.body == "x" * 2000
        await server.received[0].gone.wait()


async def test_garbage_in_the_place_of_http() -> None:
    async with LoopbackServer([[Raw(b"\x00\x01 nonsense\r\n\r\n")]]) as server, connected(server) as client:
        with pytest.raises(ConnectionFailed):
            await read(client)


# -- life -----------------------------------------------------------------------------------------


async def test_prepare_sends_nothing_and_a_closed_client_says_so() -> None:
    async with LoopbackServer([]) as server:
        client = connect(ClientOptions(base_url=server.url), {})
        await client.prepare()
        await client.aclose()
        await client.aclose()
        with pytest.raises(ChatError, match="closed"):
            await read(client)
        assert server.connections == 0


async def test_a_stream_cancelled_while_the_sdk_loads_leaves_the_client_usable() -> None:
    async with LoopbackServer([stream(message("Yes."))]) as server, connected(server) as client:
        first = asyncio.create_task(client.prepare())
        await asyncio.sleep(0)
        first.cancel()
        assert await read(client) == message("Yes.")


LAZY = """
import sys
import workbench.cohere_client as c
client = c.connect(c.ClientOptions(), {"CO_API_KEY": "some-long-key"})
heavy = {"cohere", "httpx", "textual", "rich"} & set(sys.modules)
assert not heavy, heavy
import asyncio
async def main():
    turns = 0
    preparing = asyncio.create_task(client.prepare())
    while not preparing.done():
        turns += 1
        await asyncio.sleep(0.001)
    await client.aclose()
    assert turns > 5, f"the event loop stood still: {turns} turns"
asyncio.run(main())
assert {"cohere", "httpx"} <= set(sys.modules)
"""


def test_importing_and_connecting_loads_no_sdk() -> None:
    done = subprocess.run([sys.executable, "-c", LAZY], capture_output=True, text=True, timeout=60, check=False)
    assert (done.returncode, done.stderr) == (0, "")


def test_the_description_says_what_answers() -> None:
    keyed = connect(ClientOptions(), {"COHERE_API_KEY": KEY}).description
    assert (keyed.kind, keyed.label, keyed.base_url) == ("live", "api.cohere.com", "https://api.cohere.com")
    assert keyed.key_source == "COHERE_API_KEY"
    local = connect(ClientOptions(), {"CO_API_URL": "http://localhost:8000/cohere/"}).description
    assert (local.kind, local.label) == ("live", "localhost:8000 (no key)")
    assert (local.base_url, local.key_source) == ("http://localhost:8000/cohere", None)
    nothing = connect(ClientOptions(), {"CO_API_KEY": " "}).description
    assert (nothing.kind, nothing.label, nothing.base_url) == ("offline", "offline engine", None)
    asked = connect(ClientOptions(offline=True, base_url="http://x"), {"CO_API_KEY": "bad key"}).description
    assert asked.kind == "offline"


@pytest.mark.parametrize(
    "options", [ClientOptions(idle_timeout=0.0), ClientOptions(idle_timeout=float("nan")), ClientOptions(speed=-1.0)]
)
def test_impossible_numbers_are_refused(options: ClientOptions) -> None:
    with pytest.raises(ConfigurationError):
        connect(options, {})
