"""Failures as a user meets them: each one clear text of the right class, and the key in none of them."""

from __future__ import annotations

import asyncio
import socket
import ssl
import traceback
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest

from tests.loopback import Chunk, Close, Head, LoopbackServer, Raw, Reply, Reset, Wait, error, message, stream
from workbench.cohere_client import ChatClient, ClientOptions, connect
from workbench.cohere_client.server_errors import said_in, shortened
from workbench.errors import ChatError, ConfigurationError, ConnectionFailed, HttpError, StreamTimeout

BODY: dict[str, Any] = {"model": "command-test", "messages": [{"role": "user", "content": "Hello?"}]}
KEY = "key-of-these-tests"


@asynccontextmanager
async def client_of(url: str, **options: Any) -> AsyncIterator[ChatClient]:
    environ = options.pop("environ", {"CO_API_KEY": KEY})
    client = connect(ClientOptions(base_url=url, **options), environ)
    try:
        yield client
    finally:
        await client.aclose()


async def failure_of(client: ChatClient) -> ChatError:
    with pytest.raises(ChatError) as raised:
        async with client.stream(BODY) as chunks:
            async for _ in chunks:
                continue
    assert KEY not in f"{raised.value} {raised.value!r} {raised.value.message} {raised.value.body}"
    return raised.value


async def failure(*replies: Reply, **options: Any) -> ChatError:
    async with LoopbackServer(replies) as server, client_of(server.url, **options) as client:
        return await failure_of(client)


# -- error responses --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (400, "mistake"),
        (401, "read from CO_API_KEY"),
        (402, "billing"),
        (403, "rights"),
        (404, "'command-test'"),
        (405, "base URL"),
        (408, "try again"),
        (409, "try again"),
        (413, "shorter"),
        (418, "did not take"),
        (422, "change the request"),
        (429, "limit"),
        (498, "does not allow"),
        (499, "cancelled"),
        (500, "server's side"),
        (501, "does not offer"),
        (502, "server's side"),
        (503, "server's side"),
        (504, "too long"),
        (529, "overloaded"),
    ],
)
async def test_each_status_has_its_text(status: int, says: str) -> None:
    body = {"message": "the server's own words", "id": "request-7"}
    raised = await failure(error(status, body))
    assert isinstance(raised, HttpError)
    assert (raised.status, raised.body) == (status, body)
    assert f"HTTP {status}: the server's own words" in raised.message
    assert says in raised.message


async def test_404_explains_the_base_url() -> None:
    async with LoopbackServer([error(404, "404 page not found")]) as server, client_of(server.url) as client:
        raised = await failure_of(client)
        assert f"{server.url}/v2/chat" in raised.message
        assert raised.body == "404 page not found"


async def test_401_without_a_key_says_which_variable_to_set() -> None:
    raised = await failure(error(401, {"message": "no api key supplied"}), environ={})
    assert "set CO_API_KEY" in raised.message


@pytest.mark.parametrize(("header", "seconds"), [("7", 7.0), ("0.5", 0.5), ("soon", None)])
async def test_429_gives_the_seconds_to_wait(header: str, seconds: float | None) -> None:
    raised = await failure(error(429, {"message": "too many"}, {"Retry-After": header}))
    assert isinstance(raised, HttpError)
    assert raised.retry_after == seconds
    assert ("asks to wait 7 s" in raised.message) == (seconds == 7.0)


@pytest.mark.parametrize(
    ("body", "said"),
    [
        ({"message": "plain"}, "plain"),
        ({"error": {"message": "nested", "code": 1}}, "nested"),
        ({"error": "text"}, "text"),
        ({"detail": [{"msg": "field required", "loc": ["body"]}, {"msg": "too long"}]}, "field required; too long"),
        ({"odd": 1}, '{"odd": 1}'),
        ("<html><head><title>502 Bad Gateway</title></head><body>nginx</body></html>", "502 Bad Gateway"),
        ("plain text", "plain text"),
        ([1, 2], "[1, 2]"),
        ("", ""),
        (None, ""),
    ],
)
def test_the_servers_own_words(body: Any, said: str) -> None:
    assert said_in(body) == said


def test_long_texts_of_a_server_are_cut_to_one_line() -> None:
    assert shortened("a\n b\t c") == "a b c"
    assert len(shortened("word " * 1000)) == 500


@pytest.mark.parametrize(
    ("data", "says"),
    [
        (b"<html><head><title>Bad Gateway</title></head></html>", "Bad Gateway"),
        (b"\xff\xfe not text", "not text"),
        (b"", "HTTP 502."),
        (b"[" * 100_000, "HTTP 502"),
        (b'{"message": "half', "half"),
        (b"null", "HTTP 502."),
        (b'{"message":' * 900 + b'"deep"' + b"}" * 900, "HTTP 502"),
        (b"<title>" * 100_000, "HTTP 502"),
    ],
)
async def test_error_bodies_of_any_kind(data: bytes, says: str) -> None:
    headers = {"content-type": "application/json", "content-length": str(len(data))}
    raised = await failure([Head(502, headers), Chunk(data)])
    assert isinstance(raised, HttpError)
    assert raised.status == 502
    assert says in raised.message
    assert len(raised.message) < 1000


async def test_an_endless_error_body_is_not_read_on() -> None:
    reply: Reply = [Head(500, {"content-type": "text/plain"}), Chunk(b"x" * 2_000_000), Wait(asyncio.Event())]
    raised = await failure(reply)
    assert raised.status == 500
    assert len(raised.body) == 1024 * 1024


async def test_a_redirect_is_not_followed_but_explained() -> None:
    raised = await failure(error(307, "", {"location": "https://elsewhere.example/v2/chat"}))
    assert raised.status == 307
    assert "https://elsewhere.example/v2/chat" in raised.message


async def test_a_server_that_repeats_the_key_does_not_make_it_shown() -> None:
    body = {"message": f"invalid api token {KEY}", "header": [f"Bearer {KEY}"]}
    raised = await failure(error(401, body))
    assert "invalid api token ***" in raised.message
    assert raised.body == {"message": "invalid api token ***", "header": ["Bearer ***"]}


async def test_the_connection_is_kept_after_an_error() -> None:
    replies = [error(500, {"message": "once"}), stream(message("Yes."))]
    async with LoopbackServer(replies) as server, client_of(server.url) as client:
        await failure_of(client)
        async with client.stream(BODY) as chunks:
            assert b"".join([chunk async for chunk in chunks]) == message("Yes.")
        assert server.connections == 1


# -- connections --------------------------------------------------------------------------------------


async def test_refused() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        async with client_of(url) as client:
            raised = await failure_of(client)
    assert isinstance(raised, ConnectionFailed)
    assert "refused the connection" in raised.message


async def test_a_name_that_does_not_resolve(monkeypatch: pytest.MonkeyPatch) -> None:
    async def no_such_name(*_: object, **__: object) -> None:
        raise socket.gaierror(socket.EAI_NONAME, "Name or service not known")

    monkeypatch.setattr(asyncio.get_running_loop(), "getaddrinfo", no_such_name)
    async with client_of("https://harbour.invalid") as client:
        raised = await failure_of(client)
    assert isinstance(raised, ConnectionFailed)
    assert "harbour.invalid cannot be resolved" in raised.message


async def test_tls_to_a_server_without_it() -> None:
    def plain(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"HTTP/1.1 400 Plain\r\n\r\n")
        writer.close()

    async with await asyncio.start_server(plain, "127.0.0.1", 0) as server:
        port = server.sockets[0].getsockname()[1]
        async with client_of(f"https://127.0.0.1:{port}") as client:
            raised = await failure_of(client)
    assert isinstance(raised, ConnectionFailed)
    assert "No secure connection" in raised.message


async def test_a_certificate_that_cannot_be_verified(monkeypatch: pytest.MonkeyPatch) -> None:
    async def unverified(*_: object, **__: object) -> None:
        raise ssl.SSLCertVerificationError(1, "self-signed certificate")

    async with LoopbackServer([]) as server, client_of(server.url.replace("http:", "https:")) as client:
        await client.prepare()
        monkeypatch.setattr(asyncio.get_running_loop(), "create_connection", unverified)
        raised = await failure_of(client)
    assert isinstance(raised, ConnectionFailed)
    assert "SSL_CERT_FILE" in raised.message


async def test_a_reset_before_the_answer() -> None:
    raised = await failure([Reset()])
    assert isinstance(raised, ConnectionFailed)
    assert "before it answered" in raised.message


@pytest.mark.parametrize("end", [Reset(), Close(), Raw(b"zzz\r\n")])
async def test_a_break_in_the_middle_keeps_what_came(end: Reset | Close | Raw) -> None:
    here = asyncio.Event()
    reply: Reply = [Head(), Chunk(b"data: 1\n\n"), Wait(here), end]
    async with LoopbackServer([reply]) as server, client_of(server.url) as client:
        with pytest.raises(ConnectionFailed, match="in the middle of the answer"):
            async with client.stream(BODY) as chunks:
                assert await anext(chunks) == b"data: 1\n\n"
                here.set()
                async for _ in chunks:
                    continue


async def test_a_body_that_is_not_in_its_encoding() -> None:
    headers = {"content-type": "text/event-stream", "content-encoding": "gzip"}
    raised = await failure([Head(200, headers), Chunk(b"plain")])
    assert isinstance(raised, ConnectionFailed)
    assert "content-encoding" in raised.message


async def test_silence_before_and_in_the_stream_is_a_timeout() -> None:
    never = asyncio.Event()
    replies: list[Reply] = [[Wait(never)], [Head(), Chunk(b"data: 1\n\n"), Wait(never)]]
    async with LoopbackServer(replies) as server, client_of(server.url, idle_timeout=0.05) as client:
        for _ in replies:
            raised = await failure_of(client)
            assert isinstance(raised, StreamTimeout)
            assert "sent nothing for 0.05 s" in raised.message


async def test_a_proxy_is_used_and_named_without_its_password() -> None:
    async with LoopbackServer([error(407, "who are you?")]) as proxy:
        through = proxy.url.replace("http://", "http://me:pass-word@")
        environ = {"CO_API_KEY": KEY, "HTTPS_PROXY": through}
        async with client_of("https://harbour.invalid", environ=environ) as client:
            raised = await failure_of(client)
        assert proxy.received[0].method == "CONNECT"
    assert isinstance(raised, ConnectionFailed)
    assert proxy.url in raised.message
    assert "pass-word" not in raised.message


def test_a_proxy_of_an_unknown_kind() -> None:
    environ = {"CO_API_KEY": KEY, "ALL_PROXY": "gopher://me:pass-word@proxy"}
    with pytest.raises(ConfigurationError, match="ALL_PROXY") as raised:
        connect(ClientOptions(base_url="https://harbour.invalid"), environ)
    assert "pass-word" not in str(raised.value)


async def test_a_printed_traceback_does_not_show_the_key() -> None:
    raised = await failure(error(401, {"message": f"invalid api token {KEY}"}, {"x-echo": KEY}))
    assert KEY not in "".join(traceback.format_exception(raised))
