"""Recorder and cassette: what goes through is unchanged, and plays back as it was."""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from types import MappingProxyType
from typing import Any

import httpx
import pytest

from tests.loopback import (
    EVENT_STREAM,
    Action,
    Chunk,
    Head,
    LoopbackServer,
    Reply,
    Reset,
    Wait,
    error,
    message,
    stream,
)  # fmt: skip
from workbench.cohere_client import ChatClient, ClientOptions, connect
from workbench.cohere_client.transports import body
from workbench.cohere_client.transports.cassette import CassetteTransport
from workbench.cohere_client.transports.recorder import RecorderTransport
from workbench.errors import ChatError, ConnectionFailed, HttpError, RecordingError, StreamTimeout
from workbench.events import Messages
from workbench.recordings.exchanges import Chunk as Recorded
from workbench.recordings.exchanges import Exchange, Requests, read_exchanges
from workbench.recordings.journal import Journal
from workbench.recordings.recording import Recording, RecordingWriter
from workbench.secrets.keys import ApiKey
from workbench.secrets.redactor import Redactor

BODY: dict[str, Any] = {"model": "command-test", "messages": [{"role": "user", "content": "Hello?"}]}
KEY = "key-of-these-tests"
SHARED = Path(__file__).parents[2] / ".." / "shared" / "recordings"


@asynccontextmanager
async def recorded_from(server: LoopbackServer, path: Path, **options: Any) -> AsyncIterator[ChatClient]:
    client = connect(ClientOptions(base_url=server.url, **options), {"CO_API_KEY": KEY})
    header = {"source": client.description.label}
    journal = Journal(lambda began: RecordingWriter.create(path, header, began=began), on_problem=pytest.fail)
    client.record(journal)
    try:
        yield client
    finally:
        await client.aclose()
        await journal.aclose()


@asynccontextmanager
async def replayed_from(path: Path, speed: float = 0.0) -> AsyncIterator[ChatClient]:
    client = connect(ClientOptions(replay=path, speed=speed), {})
    try:
        yield client
    finally:
        await client.aclose()


async def read(client: ChatClient, body: Mapping[str, Any] = BODY) -> list[bytes]:
    async with client.stream(body) as chunks:
        return [chunk async for chunk in chunks]


@pytest.fixture
def path(tmp_path: Path) -> Path:
    return tmp_path / "turn.recording.jsonl"


# -- there and back -------------------------------------------------------------------------------


async def test_a_recording_plays_the_same_bytes_in_the_same_chunks(path: Path) -> None:
    first = [b"data: caf\xc3", b"\xa9\n\n", b"\xff\xfe\x00", message("Good morning.")]
    second = [message("Again.")]
    sent: list[Reply] = []
    for chunks in (first, second):
        actions: list[Action] = [Head()]
        for chunk in chunks:
            actions += [Chunk(chunk), Wait(asyncio.Event())]
        sent.append(actions)

    async def through(client: ChatClient, reply: Reply) -> list[bytes]:
        """Lets the server go on only when a chunk has arrived, so that chunks are not joined on the way."""
        gates = iter([action.event for action in reply if isinstance(action, Wait)])
        arrived = []
        async with client.stream(BODY) as chunks:
            async for chunk in chunks:
                arrived.append(chunk)
                next(gates).set()
        return arrived

    async with LoopbackServer(sent) as server, recorded_from(server, path) as client:
        live = [await through(client, reply) for reply in sent]
    assert live == [first, second]
    async with replayed_from(path) as client:
        assert [await read(client), await read(client)] == live


async def test_a_recording_holds_the_request_and_no_key(path: Path) -> None:
    headers = {**EVENT_STREAM, "Set-Cookie": "session=abc", "X-Trace": f"for {KEY}", "X-Plain": "kept"}
    body = {**BODY, "messages": [{"role": "user", "content": f"my key is {KEY}"}]}
    async with LoopbackServer([[Head(200, headers), Chunk(f"data: {KEY}\n\n".encode())]]) as server:
        async with recorded_from(server, path) as client:
            assert await read(client, body) == [f"data: {KEY}\n\n".encode()]
        assert server.received[0].body["messages"] == body["messages"]
    written = "".join(str(line) for line in Recording.read(path).lines)
    assert KEY not in written
    assert "authorization" not in written.lower()
    assert "abc" not in written
    [exchange] = read_exchanges(path)
    assert exchange.body == {**BODY, "messages": [{"role": "user", "content": "my key is ***"}], "stream": True}
    kept = dict(exchange.headers)
    assert (kept["x-plain"], kept["set-cookie"], kept["x-trace"]) == ("kept", "***", "for ***")
    assert Recording.read(path).lines[0].fields["source"] == server.url.removeprefix("http://")


async def test_an_error_response_plays_as_an_error(path: Path) -> None:
    reply = error(429, {"message": "slow down"}, {"retry-after": "9"})
    async with LoopbackServer([reply]) as server, recorded_from(server, path) as client:
        with pytest.raises(HttpError):
            await read(client)
    async with replayed_from(path) as client:
        with pytest.raises(HttpError, match="slow down") as raised:
            await read(client)
    assert (raised.value.status, raised.value.retry_after) == (429, 9.0)


async def test_a_broken_stream_plays_as_broken(path: Path) -> None:
    arrived = asyncio.Event()
    reply: Reply = [Head(), Chunk(b"data: 1\n\n"), Wait(arrived), Reset()]
    async with LoopbackServer([reply]) as server, recorded_from(server, path) as client:
        with pytest.raises(ConnectionFailed):
            async with client.stream(BODY) as chunks:
                assert await anext(chunks) == b"data: 1\n\n"
                arrived.set()
                await anext(chunks)
    assert read_exchanges(path)[0].outcome == "failed"
    async with replayed_from(path) as client, client.stream(BODY) as chunks:
        assert await anext(chunks) == b"data: 1\n\n"
        with pytest.raises(ConnectionFailed, match="in the middle of the answer"):
            await anext(chunks)


async def test_silence_plays_as_a_timeout_and_at_once(path: Path) -> None:
    silence: Reply = [Wait(asyncio.Event())]
    async with LoopbackServer([silence]) as server, recorded_from(server, path, idle_timeout=0.05) as client:
        with pytest.raises(StreamTimeout):
            await read(client)
    async with replayed_from(path) as client:
        with pytest.raises(StreamTimeout):
            await read(client)


async def test_leaving_early_is_recorded_as_closed(path: Path) -> None:
    reply: Reply = [Head(), Chunk(b"data: 1\n\n"), Wait(asyncio.Event())]
    async with LoopbackServer([reply]) as server, recorded_from(server, path) as client:
        async with client.stream(BODY) as chunks:
            await anext(chunks)
        await server.received[0].gone.wait()
    [exchange] = read_exchanges(path)
    assert (exchange.outcome, [chunk.data for chunk in exchange.chunks]) == ("closed", [b"data: 1\n\n"])
    assert [line.kind for line in Recording.read(path).lines].count("end") == 1


async def test_cancelling_before_the_answer_is_recorded_as_closed(path: Path) -> None:
    async with LoopbackServer([[Wait(asyncio.Event())]]) as server, recorded_from(server, path) as client:
        task = asyncio.create_task(read(client))
        await server.arrived.wait()
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
    [exchange] = read_exchanges(path)
    assert (exchange.status, exchange.outcome) == (None, "closed")


async def test_the_connection_is_reused_under_a_recorder(path: Path) -> None:
    async with LoopbackServer(lambda _: stream(message("Yes."))) as server, recorded_from(server, path) as client:
        await read(client)
        await read(client)
        assert server.connections == 1
    assert [exchange.outcome for exchange in read_exchanges(path)] == ["complete", "complete"]


async def test_a_request_beyond_the_last_is_said_to_be_one(path: Path) -> None:
    async with LoopbackServer([stream(message("Yes."))]) as server, recorded_from(server, path) as client:
        await read(client)
    async with replayed_from(path) as client:
        await read(client)
        with pytest.raises(
            HttpError, match=r"turn\.recording\.jsonl holds one request, and this is request 2"
        ) as raised:
            await read(client)
        assert raised.value.status == 410


async def test_a_recording_that_ends_before_the_response(path: Path) -> None:
    transport = CassetteTransport((Exchange({}),), name="a test")
    with pytest.raises(httpx.ConnectError, match="no response"):
        await transport.handle_async_request(httpx.Request("POST", "http://x"))


def test_files_that_cannot_be_used_are_refused_at_once(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("notes\n")
    for name in ("missing.sse", "missing.jsonl", "notes.txt"):
        with pytest.raises(RecordingError, match=name):
            connect(ClientOptions(replay=tmp_path / name), {})


# -- the recorder -----------------------------------------------------------------------------------


class ListSink:
    """Keeps lines; its first request has the number `first`."""

    def __init__(self, first: int = 1) -> None:
        self.requests = Requests(first)
        self.lines: list[tuple[str, Mapping[str, Any]]] = []

    def append(self, kind: str, fields: Mapping[str, Any], /) -> None:
        self.lines.append((kind, fields))


async def test_every_sink_gets_every_line_with_its_own_numbers() -> None:
    first, second, late = ListSink(), ListSink(7), ListSink()
    played = CassetteTransport((Exchange({}, 200, (), (), "complete"),) * 2, name="a test", speed=0)
    sinks = [first, second]
    recorder = RecorderTransport(played, sinks, redactor=Redactor())
    async with httpx.AsyncClient(transport=recorder) as client:
        await client.post("http://x", json={})
        sinks.append(late)
        await client.post("http://x", json={})
    kinds = ["request", "response", "end"]
    assert [(kind, fields["request"]) for kind, fields in first.lines] == [(k, n) for n in (1, 2) for k in kinds]
    assert [(kind, fields["request"]) for kind, fields in second.lines] == [(k, n) for n in (7, 8) for k in kinds]
    assert [(kind, fields["request"]) for kind, fields in late.lines] == [(k, 1) for k in kinds]


def ticking(*times: float) -> Callable[[], float]:
    left = iter(times)
    return lambda: next(left)


async def test_times_are_since_the_request() -> None:
    sink = ListSink()
    played = CassetteTransport(
        (Exchange({}, 200, (), (Recorded(0, b"a"), Recorded(0, b"b")), "complete"),), name="a test", speed=0
    )
    clock = ticking(100.0, 100.25, 100.5, 101.0, 102.0)
    recorder = RecorderTransport(played, [sink], redactor=Redactor([ApiKey(KEY, "X")]), clock=clock)
    async with httpx.AsyncClient(transport=recorder) as client:
        await client.post("http://x", json={})
    lines = [(kind, fields.get("at")) for kind, fields in sink.lines]
    assert lines == [("request", None), ("response", 0.25), ("frames", 0.5), ("frames", 1.0), ("end", 2.0)]


# -- the pace of a cassette ---------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("speed", "waits"),
    [(1.0, [0.5, 1.5, 0.0]), (2.0, [0.25, 0.75, 0.0]), (0.5, [1.0, 3.0, 0.0]), (0.0, []), (float("inf"), [])],
)
async def test_a_cassette_keeps_the_recorded_times(speed: float, waits: list[float]) -> None:
    now = 50.0
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    chunks = (Recorded(0.5, b"a"), Recorded(2.0, b"b"), Recorded(2.0, b"c"))
    exchange = Exchange({}, 200, (("content-type", "text/event-stream"),), chunks, "complete")
    transport = CassetteTransport((exchange,), name="a test", speed=speed, sleep=sleep, clock=lambda: now)
    async with httpx.AsyncClient(transport=transport) as client:
        response = await client.post("http://x")
    assert response.content == b"abc"
    assert slept == waits


async def test_a_slow_reader_does_not_make_a_replay_later_and_later() -> None:
    now = 0.0
    slept: list[float] = []

    async def sleep(seconds: float) -> None:
        nonlocal now
        slept.append(seconds)
        now += seconds

    exchange = Exchange({}, 200, (), (Recorded(1.0, b"a"), Recorded(2.0, b"b"), Recorded(3.0, b"c")), "complete")
    transport = CassetteTransport((exchange,), name="a test", sleep=sleep, clock=lambda: now)
    async with httpx.AsyncClient(transport=transport) as client, client.stream("POST", "http://x") as response:
        async for _ in response.aiter_raw():
            now += 0.75
    assert slept == [1.0, 0.25, 0.25]


# -- real streams ---------------------------------------------------------------------------------------


@pytest.mark.skipif(not SHARED.is_dir(), reason="the shared recordings are not here")
async def test_streams_of_the_cloud_go_through_recorder_and_cassette(tmp_path: Path) -> None:
    for source in sorted(SHARED.glob("*.sse")):
        told = json.loads(source.with_suffix(".json").read_text())
        path = tmp_path / f"{source.stem}.jsonl"
        request = told["request"]
        async with LoopbackServer([stream(source.read_bytes())]) as server, recorded_from(server, path) as client:
            assert b"".join(await read(client, request)) == source.read_bytes()
            assert server.received[0].body == {**request, "stream": True}
        async with replayed_from(path) as client:
            assert b"".join(await read(client, request)) == source.read_bytes()


async def test_what_is_no_error_of_a_transport_is_a_chat_error_too(tmp_path: Path) -> None:
    (tmp_path / "short.sse").write_bytes(b": nothing\n\n")
    async with replayed_from(tmp_path / "short.sse") as client:
        assert await read(client) == [b": nothing\n\n"]
        with pytest.raises(ChatError):
            await read(client)


async def sent_through(value: Mapping[str, Any]) -> httpx.Request:
    """The request as it reaches the transport beneath, when the SDK's stand-in was another."""
    reached: list[httpx.Request] = []

    async def take(request: httpx.Request) -> httpx.Response:
        reached.append(request)
        return httpx.Response(200)

    transport = body.BodyTransport(httpx.MockTransport(take))
    async with httpx.AsyncClient(transport=transport) as client:
        with transport.sending(body.Body.of(value)):
            await client.post("http://host/v2/chat", json={"messages": []}, headers={"authorization": "Bearer x"})
    return reached[0]


@pytest.mark.parametrize(
    ("said", "sent"),
    [
        ("Grüße, 日本", "Grüße, 日本"),
        ("\ud83d\ude00", "😀"),
        ("alone \ud83d", "alone �"),
        ("x" * 100_000, "x" * 100_000),
    ],
)
async def test_the_body_is_what_was_given_and_the_rest_is_the_sdks(said: str, sent: str) -> None:
    messages = [{"role": "user", "content": said}]
    request = await sent_through({"model": "m", "messages": messages, "seed": 7})
    whole = {"model": "m", "messages": [{"role": "user", "content": sent}], "seed": 7, "stream": True}
    assert json.loads(request.content) == whole == request.extensions[body.BODY]
    assert request.headers["content-length"] == str(len(request.content))
    assert (request.method, str(request.url), request.headers["authorization"]) == (
        "POST",
        "http://host/v2/chat",
        "Bearer x",
    )
    assert request.headers["content-type"] == "application/json"
    assert (request.extensions[body.BODY]["messages"] is messages) == (said == sent)


@pytest.mark.parametrize(
    ("value", "said"),
    [
        ({"messages": []}, "no 'model'"),
        ({"model": "m"}, "no 'messages'"),
        ({"model": "m", "messages": [{"content": float("nan")}]}, "cannot be written as JSON"),
        ({"model": "m", "messages": [{"content": b"bytes"}]}, "cannot be written as JSON"),
    ],
)
def test_a_body_that_cannot_be_sent_is_an_error(value: dict[str, Any], said: str) -> None:
    with pytest.raises(ChatError, match=said):
        body.Body.of(value)


def test_messages_that_never_change_are_written_once() -> None:
    first = {"role": "user", "content": "why?"}
    before = body.Body.of({"model": "m", "messages": Messages([first, {"role": "assistant", "content": "so"}])})
    others = Messages([*before.value["messages"], {"role": "user", "content": "“and”?"}])
    first["content"] = "only seen by what is written anew"
    after = body.Body.of({"model": "m", "k": 3, "messages": others}, before)
    said = [message["content"] for message in json.loads(after.content)["messages"]]
    assert said == ["why?", "so", "“and”?"]
    assert json.loads(after.content)["k"] == 3
    other = body.Body.of({"model": "m", "messages": Messages(others[1:])}, after)
    assert [message["content"] for message in json.loads(other.content)["messages"]] == ["so", "“and”?"]
    plain = body.Body.of({"model": "m", "messages": [first]}, after)
    assert json.loads(plain.content)["messages"] == [first]


@pytest.mark.parametrize(
    "messages", [[], [{}], [{"content": "\ud83d\ude00"}], [{"content": "x" * 99}, {"a": [1, None]}]]
)
def test_messages_are_written_as_any_list(messages: list[dict[str, Any]]) -> None:
    value = {"model": "m", "messages": messages, "documents": [{"id": "ü"}], "k": 3}
    assert body.Body.of({**value, "messages": Messages(messages)}).content == body.Body.of(value).content


def test_mappings_of_any_kind_are_objects() -> None:
    written = body.Body.of({"model": "m", "messages": [MappingProxyType({"role": "user", "content": "why?"})]})
    assert json.loads(written.content) == written.value
    assert written.value["messages"] == [{"role": "user", "content": "why?"}]
