"""HTTP tools against a server that misbehaves on purpose: what is sent, what comes of it, and where nothing goes."""

from __future__ import annotations

import asyncio
import base64
import gzip
import json
import logging
import ssl
import zlib
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any
from urllib.parse import quote

import pytest

from tests.loopback import (
    Action,
    Chunk,
    Close,
    Hang,
    Head,
    LoopbackServer,
    Raw,
    Received,
    Reply,
    Reset,
    Wait,
    error,
)
from tests.serving import serving
from workbench.cli import run
from workbench.config.reader import read_tree
from workbench.config.tools_file import tools_of
from workbench.events import ToolResult
from workbench.tools.decisions import Decision
from workbench.tools.people import AnswerRequest, ApprovalRequest
from workbench.tools.runner import ApprovedCall, Progress, Surroundings
from workbench.tools.runners.http import Http
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore

SECRET = "sk/üb+er=7731 geheim"
CERTIFICATE = Path(__file__).parents[1] / "certificates" / "api.example.pem"


class Yes:
    async def approve(self, request: ApprovalRequest) -> Decision:
        return Decision("once")

    async def answer(self, request: AnswerRequest) -> str:
        raise AssertionError("no tool here is typed")


Names = Callable[[str], Sequence[str]]


class Bench:
    """A tool in a file of its own, whose URL begins with `{server}`, and a server that it may reach."""

    def __init__(self, folder: Path, server: str, **http: Any) -> None:
        self.file = folder / "tools.yaml"
        self.told: list[Progress] = []
        place = server.partition("://")[2]
        self.http = {"url": f"{server}/", "allow_private": [place], **http}
        self.timeout = 60.0
        self.names: Names | None = None
        self.environ: dict[str, str] = {}
        self._box: Toolbox | None = None

    def spec(self) -> ToolSpec:
        parameters = {"type": "object", "properties": {"x": {}}}
        tool = {"name": "t", "parameters": parameters, "run": {"http": self.http}, "timeout": self.timeout}
        self.file.write_text(json.dumps([tool]), encoding="utf-8")
        (read,), problems = tools_of(read_tree(self.file), {})
        assert problems == ()
        assert isinstance(read.spec.run, Http)
        names = self.names
        if names is None:
            return read.spec

        async def resolver(name: str, port: int) -> Sequence[str]:
            await asyncio.sleep(0)
            return names(name)

        return replace(read.spec, run=replace(read.spec.run, resolver=resolver))

    @property
    def box(self) -> Toolbox:
        if self._box is None:
            self._box = Toolbox([self.spec()], people=Yes(), trust=TrustStore(), environ=self.environ)
        return self._box

    async def call(self, **arguments: Any) -> ToolResult:
        return await self.box.run(call_id="c", name="t", arguments=json.dumps(arguments), report=self.told.append)


async def called(
    folder: Path, reply: Reply | Callable[[Received], Reply], **http: Any
) -> tuple[ToolResult, list[Received]]:
    """What comes of one call when the server answers so, and what the server was asked."""
    async with LoopbackServer(reply if callable(reply) else [reply]) as server:
        bench = Bench(folder, server.url, **http)
        result = await bench.call()
        await bench.box.aclose()
        return result, server.received


def plain(data: bytes, kind: str = "text/plain", **headers: str) -> Reply:
    return [Head(200, {"content-type": kind, **headers, "content-length": str(len(data))}), Chunk(data)]


def to(location: str, status: int = 302) -> Reply:
    return [Head(status, {"location": location, "content-length": "0"})]


# -- what the model gets -----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "value"),
    [
        (plain(b'{"a": [1, null, "\xc3\xbc"]}', "application/json"), {"a": [1, None, "ü"]}),
        (plain(b"[1]", "application/problem+json; charset=utf-8"), [1]),
        (plain(b'\xef\xbb\xbf"x"', "text/json"), "x"),
        (plain(b"<p>\xfc</p>", "text/html; charset=ISO-8859-1"), "<p>ü</p>"),
        (plain(b'<meta charset="windows-1251">\xe4', "text/html"), '<meta charset="windows-1251">д'),
        (plain("ü".encode("utf-16"), "text/plain"), "ü"),
        (plain(b'<meta charset="utf-16">\xc3\xbc', "text/html"), '<meta charset="utf-16">ü'),
        (plain(b"a\xff", "text/plain; charset=utf-8"), "a\ufffd"),
        (plain(b"a", "text/plain; charset=idna"), "a"),
        (plain(b"a", "text/plain; charset=zlib"), "a"),
        (plain(b"a: 1", "application/yaml"), "a: 1"),
        (plain(b'{"a": NaN}', "application/json"), '{"a": NaN}'),
        (plain(b"[" * 500, "application/json"), "[" * 500),
        (plain(b'{"a": 1}', ""), {"a": 1}),
        (plain(b"hello", ""), "hello"),
        (plain(b"a\0b", ""), "no content type, 3 bytes, not text"),
        (plain(bytes(12_345), "image/png"), "image/png, 12,345 bytes, not text"),
        ([Head(200, {"content-type": "a/b"}), Chunk(bytes(1_000)), Chunk(bytes(7))], "a/b, 1,007 bytes, not text"),
        ([Head(204, {"content-length": "0"})], "HTTP 204 Scripted, without a body"),
        (plain(gzip.compress(b'{"z": 1}'), "application/json", **{"content-encoding": "gzip"}), {"z": 1}),
        (plain(gzip.compress(b"a") + gzip.compress(b"b"), **{"content-encoding": "x-gzip"}), "ab"),
        (plain(zlib.compress(b"zz"), **{"content-encoding": "deflate"}), "zz"),
        (plain(zlib.compress(b"zz", wbits=-15), **{"content-encoding": "deflate"}), "zz"),
        ([Head(200, {"content-type": "text/plain"}), Chunk(b"a"), Chunk(b"b")], "ab"),
        ([Raw(b"HTTP/1.0 200 OK\r\nContent-Type: text/plain\r\n\r\nto the end"), Close()], "to the end"),
    ],
)  # fmt: skip
async def test_a_body_is_json_or_text_or_a_note(tmp_path: Path, reply: Reply, value: Any) -> None:
    result, _ = await called(tmp_path, reply)
    assert (result.error, result.result) == (None, value)


async def test_a_call_tells_what_it_did(tmp_path: Path) -> None:
    reply = plain(b'{"a": 1}', "application/json", **{"x-request-id": "r1", "set-cookie": "c", "retry-after": "3"})
    async with LoopbackServer([reply]) as server:
        bench = Bench(tmp_path, server.url, url=f"{server.url}/a/{{x}}", query={"q": "{x}"})
        result = await bench.call(x="b c")
        await bench.box.aclose()
    assert result.output.splitlines() == [
        f"GET {server.url}/a/b%20c?q=b%20c", "HTTP/1.1 200 Scripted", "content-type: application/json",
        "x-request-id: r1", "retry-after: 3", "content-length: 8",
    ]  # fmt: skip
    assert bench.told[0].text == f"waiting for {server.url[7:]}"
    assert (bench.told[-1].done, bench.told[-1].total) == (8, 8)


async def test_json_and_headers_arrive_as_written(tmp_path: Path) -> None:
    _, (received,) = await called(
        tmp_path, plain(b"{}", "application/json"), json={"n": [1, "{x}"]}, headers={"X-A": "b"}, method="PUT"
    )
    assert (received.method, received.body, received.headers["x-a"]) == ("PUT", {"n": [1]}, "b")
    assert received.headers["content-length"] == str(len(received.raw))


async def test_a_head_gives_its_headers(tmp_path: Path) -> None:
    result, _ = await called(tmp_path, [Head(200, {"x-a": "b", "content-length": "0"})], method="HEAD")
    assert result.result == {"status": 200, "headers": {"x-a": "b", "content-length": "0"}}


def test_a_turn_calls_it_and_its_answer_is_cited(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    reply = plain(b'{"opens": "09:00", "closes": "18:00"}', "application/json")
    with serving(lambda received: reply) as server:
        tool = {
            "name": "opening_hours", "description": "Opening hours of a place in town, such as the library.",
            "parameters": {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]},
            "run": {"http": {"url": f"{server.url}/hours/{{place}}", "allow_private": [server.url[7:]]}},
        }  # fmt: skip
        (tmp_path / "tools.yaml").write_text(json.dumps([tool]))
        asked = ["ask", "--offline", "--json", "--tools", str(tmp_path / "tools.yaml"), "When does the library open?"]
        assert run([*asked, "--yes"]) == 0
        end = json.loads(capsys.readouterr().out.splitlines()[-1])
        run(asked)  # nobody is there to allow it
    assert [each.path for each in server.received] == ["/hours/library"]
    assert (end["status"], end["tool_calls"][0]["result"]) == ("complete", {"opens": "09:00", "closes": "18:00"})
    (citation,) = end["citations"]
    assert "09:00" in citation["text"]
    assert citation["sources"][0]["tool_output"] == {"opens": "09:00", "closes": "18:00"}


# -- bodies without end ------------------------------------------------------------------------------


@pytest.mark.parametrize("packed", [False, True])
async def test_a_body_without_end_is_cut_and_the_connection_closed(tmp_path: Path, packed: bool) -> None:
    head = {"content-type": "text/plain", **({"content-encoding": "gzip"} if packed else {})}
    data = gzip.compress(b"a" * 50_000_000) if packed else b"a" * 20_000
    async with LoopbackServer([[Head(200, head), Hang(data, 0.0)]]) as server:
        bench = Bench(tmp_path, server.url)
        result = await bench.call()
        await asyncio.wait_for(server.received[0].gone.wait(), 60)
        await bench.box.aclose()
    assert result.error is None
    assert len(result.result) < 1_000_200
    assert result.result.endswith("a\n… cut: the body is longer than the 1,000,000 bytes that are kept")


WHOLE = "no whole HTTP answer"


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        ([Raw(b"HTTP/1.1 200 OK\r\ncontent-type: text/plain\r\ncontent-length: 9\r\n\r\nabc"), Close()], WHOLE),
        ([Head(200, {"content-type": "text/plain"}), Chunk(b"abc"), Raw(b"zz\r\n"), Close()], WHOLE),
        ([Head(200, {"content-type": "text/plain"}), Chunk(b"abc"), Reset()], "broke"),
        ([Raw(b"\x16\x03\x01 no HTTP\r\n\r\n"), Close()], WHOLE),
        ([Raw(b"HTTP/1.1 200 OK\r\nx: " + b"a" * 300_000)], WHOLE),
        ([Close()], WHOLE),
        (plain(b"no gzip", **{"content-encoding": "gzip"}), "is not what its content-encoding says (gzip)"),
        (plain(gzip.compress(b"a" * 99)[:-9], **{"content-encoding": "gzip"}), "ends within what its content-encoding"),
        (plain(b"x", **{"content-encoding": "br"}), "content-encoding br, which was not asked for"),
        ([Head(302, {"content-length": "0"})], "HTTP 302"),
        ([Raw(b"HTTP/1.1 302 F\r\nlocation: /a\r\nlocation: /b\r\ncontent-length: 0\r\n\r\n")], "several places"),
    ],
)  # fmt: skip
async def test_a_broken_answer_is_a_failure_with_words(tmp_path: Path, reply: Reply, words: str) -> None:
    result, _ = await called(tmp_path, reply)
    assert result.error_kind == "http"
    assert words in (result.error or "")


async def test_a_server_that_is_not_there_refuses(tmp_path: Path) -> None:
    async with LoopbackServer([]) as server:
        pass
    result = await Bench(tmp_path, server.url).call()
    assert (result.error_kind, result.error) == ("http", f"{server.url[7:]} refused the connection")


@pytest.mark.parametrize("status", [400, 404, 429, 500, 503])
async def test_a_status_of_failure_is_told_with_how_its_body_begins(tmp_path: Path, status: int) -> None:
    result, _ = await called(tmp_path, error(status, {"message": "no\n such  thing" + "." * 9_000}))
    assert (result.error_kind, result.result) == ("http", None)
    assert (result.error or "").startswith(f"HTTP {status} Scripted from GET http://127.0.0.1:")
    assert "no\\n such thing..." in (result.error or "")
    assert len(result.error or "") < 700
    assert f"HTTP/1.1 {status} Scripted" in result.output


# -- time --------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("reply", "doing"),
    [
        ([Hang()], "waiting for"),
        ([Head(200, {"content-type": "text/plain"}), Chunk(b"abc"), Hang()], "receiving the body, 3 bytes so far"),
        ([Head(200, {"content-type": "text/plain"}), Hang(b"a")], "receiving the body"),
        ([Raw(b"HTTP/1.1 200 OK\r\n"), Hang(b"x: y\r\n", 0.05, raw=True)], "waiting for"),
    ],
)
async def test_the_time_limit_is_for_the_whole_call(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, reply: list[Action], doing: str
) -> None:
    limits: list[asyncio.Timeout] = []
    timeout = asyncio.timeout

    def limit(seconds: float) -> asyncio.Timeout:
        assert seconds == 7.5
        limits.append(timeout(None))
        return limits[0]

    begun = asyncio.Event()

    def told(progress: Progress) -> None:
        if progress.text == "receiving" or doing == "waiting for":
            begun.set()

    async with LoopbackServer([reply]) as server:
        run = Bench(tmp_path, server.url).spec().run
        monkeypatch.setattr(asyncio, "timeout", limit)
        async with run.open(Surroundings(Yes(), {})) as runner:
            call = asyncio.ensure_future(runner(ApprovedCall("c", "t", "", {}, 7.5, report=told)))
            await asyncio.wait_for(begun.wait(), 60)
            await asyncio.wait_for(server.arrived.wait(), 60)
            limits[0].reschedule(0)
            outcome = await call
            assert outcome.error is not None
            assert outcome.error.kind == "timeout"
            assert f"timed out after 7.5 s, {doing}" in str(outcome.error)
            await asyncio.wait_for(server.received[0].gone.wait(), 60)


async def test_a_name_that_nobody_resolves_is_under_the_time_limit(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "http://slow.example", allow_private=False)
    bench.timeout = 0.05
    spec = bench.spec()

    async def never(name: str, port: int) -> Sequence[str]:
        await asyncio.Event().wait()
        return ()

    assert isinstance(spec.run, Http)
    spec = replace(spec, run=replace(spec.run, resolver=never))
    box = Toolbox([spec], people=Yes(), trust=TrustStore(), environ={})
    result = await box.run(call_id="c", name="t", arguments="")
    assert (result.error_kind, result.error) == ("timeout", "timed out after 0.05 s, looking up slow.example")


async def test_a_call_that_is_cancelled_closes_its_connection(tmp_path: Path) -> None:
    async with LoopbackServer([[Head(200, {"content-type": "text/plain"}), Chunk(b"a"), Hang()]]) as server:
        bench = Bench(tmp_path, server.url)
        task = asyncio.create_task(bench.call())
        await asyncio.wait_for(server.arrived.wait(), 60)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(server.received[0].gone.wait(), 60)
        await bench.box.aclose()


async def test_ten_calls_are_under_way_at_once_and_connections_are_used_again(tmp_path: Path) -> None:
    all_there = asyncio.Event()

    def reply(received: Received) -> Reply:
        if len(server.received) == 10:
            all_there.set()
        return [Wait(all_there), *plain(b"1", "application/json")]

    async with LoopbackServer(reply) as server:
        bench = Bench(tmp_path, server.url)
        results = await asyncio.gather(*(bench.call() for _ in range(10)))
        assert [each.result for each in results] == [1] * 10
        assert server.connections == 10
        assert (await bench.call()).result == 1
        assert server.connections == 10
        await bench.box.aclose()


# -- where it goes -----------------------------------------------------------------------------------


@pytest.mark.parametrize("host", ["127.1", "0x7f000001", "localhost", "①②⑦.⓪.⓪.①", "[::ffff:127.0.0.1]", "a@127.0.0.1"])
async def test_what_must_not_be_reached_is_not_connected_to(tmp_path: Path, host: str) -> None:
    async with LoopbackServer([]) as server:
        port = server.url.rpartition(":")[2]
        result = await Bench(tmp_path, server.url, url=f"http://{host}:{port}/", allow_private=False).call()
        assert result.error_kind == "address"
        assert server.connections == 0


async def test_a_name_is_resolved_once_and_that_address_is_gone_to(tmp_path: Path) -> None:
    async with LoopbackServer([plain(b"1", "application/json")]) as server:
        place = server.url.removeprefix("http://127.0.0.1")
        bench = Bench(tmp_path, f"http://api.example{place}")
        asked: list[str] = []
        bench.names = lambda name: asked.append(name) or ["127.0.0.1"]  # type: ignore[func-returns-value]
        assert (await bench.call()).result == 1
        assert asked == ["api.example"]
        assert server.received[0].headers["host"] == f"api.example{place}"
        await bench.box.aclose()


async def test_a_name_that_changes_is_looked_at_at_each_call(tmp_path: Path) -> None:
    async with LoopbackServer([plain(b"1", "application/json")] * 2) as server:
        port = server.url.rpartition(":")[2]
        bench = Bench(tmp_path, server.url, url=f"http://turning.example:{port}/", allow_private=[f"127.0.0.1:{port}"])
        answers = iter(["127.0.0.1", "127.0.0.2", "127.0.0.1"])
        bench.names = lambda name: [next(answers)]
        kinds = [(await bench.call()).error_kind for _ in range(3)]
        assert kinds == ["", "address", ""]
        assert server.connections == 1
        await bench.box.aclose()


async def test_a_name_with_a_forbidden_address_among_others_is_refused(tmp_path: Path) -> None:
    bench = Bench(tmp_path, "http://mixed.example", allow_private=False)
    bench.names = lambda name: ["93.184.216.34", "10.0.0.8"]
    result = await bench.call()
    assert result.error_kind == "address"
    assert "mixed.example:80 leads to 10.0.0.8" in (result.error or "")


async def test_the_next_address_is_tried_when_one_refuses(tmp_path: Path) -> None:
    async with LoopbackServer([plain(b"1", "application/json")]) as server:
        place = server.url.removeprefix("http://127.0.0.1")
        bench = Bench(tmp_path, f"http://api.example{place}")
        bench.names = lambda name: ["::1", "127.0.0.1"]
        assert (await bench.call()).result == 1
        await bench.box.aclose()


async def test_the_certificate_is_that_of_the_name(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[str | None] = []
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(CERTIFICATE)
    context.sni_callback = lambda connection, name, _: asked.append(name)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 1\r\n\r\n1")
        writer.close()

    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    server = await asyncio.start_server(answer, "127.0.0.1", 0, ssl=context)
    port = server.sockets[0].getsockname()[1]
    for name, kind in (("api.example", ""), ("other.example", "http")):
        bench = Bench(tmp_path, f"https://{name}:{port}")
        bench.names = lambda name: ["127.0.0.1"]
        result = await bench.call()
        assert (result.error_kind, asked[-1]) == (kind, name)
        await bench.box.aclose()
    assert f"the certificate of other.example:{port} cannot be verified" in (result.error or "")
    result = await Bench(tmp_path, f"https://127.0.0.1:{port}").call()
    assert "cannot be verified" in (result.error or "")
    server.close()


# -- redirects ---------------------------------------------------------------------------------------


async def test_redirects_of_one_server_are_followed_with_what_the_tool_sends(tmp_path: Path) -> None:
    replies = [to("/b?x=1", 307), to("c", 308), to("/d", 301), plain(b"1", "application/json")]
    async with LoopbackServer(replies) as server:
        bench = Bench(tmp_path, server.url, json={"a": 1}, headers={"Authorization": "Basic eHg="})
        assert (await bench.call()).result == 1
        await bench.box.aclose()
    assert [(each.method, each.path, each.body) for each in server.received] == [
        ("POST", "/", {"a": 1}), ("POST", "/b?x=1", {"a": 1}), ("POST", "/c", {"a": 1}), ("GET", "/d", None),
    ]  # fmt: skip
    assert {each.headers["authorization"] for each in server.received} == {"Basic eHg="}
    assert "content-type" not in server.received[3].headers


async def test_another_server_gets_nothing_of_what_the_tool_sends(tmp_path: Path) -> None:
    async with LoopbackServer([plain(b"1", "application/json")]) as other:
        async with LoopbackServer([to(f"{other.url}/x"), to(f"{other.url}/x", 307)]) as server:
            headers = {"Authorization": "Basic eHg=", "X-Api-Key": "k", "Cookie": "c"}
            bench = Bench(tmp_path, server.url, json={"a": 1}, headers=headers, allow_private=True)
            assert (await bench.call()).result == 1
            result = await bench.call()
            await bench.box.aclose()
    (received,) = other.received
    assert (received.method, received.raw) == ("GET", b"")
    assert not {"authorization", "x-api-key", "cookie", "content-type"} & received.headers.keys()
    assert result.error_kind == "http"
    assert f"redirected the POST to another server, {other.url}/x" in (result.error or "")


@pytest.mark.parametrize(
    "location",
    ["http://127.0.0.1:9/", "//0x7f.1:9/", "http://[::ffff:127.0.0.1]:9/", "http://metadata.example:9/", "http://a@b:9/",
     "file:///etc/passwd:9/", "http:\\\\127.0.0.1:9/"],
)  # fmt: skip
async def test_a_redirect_is_looked_at_as_if_it_were_the_first(tmp_path: Path, location: str) -> None:
    async with LoopbackServer([to(location)]) as server:
        bench = Bench(tmp_path, server.url)
        bench.names = lambda name: ["169.254.169.254"]
        result = await bench.call()
        await bench.box.aclose()
    assert result.error_kind == "address"
    assert ":9" in (result.error or "")
    assert "redirected" in (result.error or "")


async def test_redirects_have_an_end(tmp_path: Path) -> None:
    result, received = await called(tmp_path, lambda received: to(f"{received.path}x"))
    assert (result.error_kind, len(received)) == ("http", 6)
    assert "redirected more than 5 times" in (result.error or "")


# -- secrets -----------------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [200, 500])
@pytest.mark.parametrize("kind", ["application/json", "text/plain"])
async def test_a_secret_comes_back_in_no_spelling(
    tmp_path: Path, status: int, kind: str, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    spellings = [
        SECRET, quote(SECRET, safe=""), quote(SECRET), base64.b64encode(f"user:{SECRET}".encode()).decode(),
        json.dumps(SECRET)[1:-1], json.dumps(SECRET), SECRET.encode().hex(), SECRET[::-1],
    ]  # fmt: skip
    body = json.dumps({"said": spellings, SECRET: 1}, ensure_ascii=False).encode()
    head = {"content-type": kind, "content-length": str(len(body)), "etag": quote(SECRET), "x-request-id": spellings[3]}
    headers = {"Authorization": "Bearer ${TOKEN}"}
    async with LoopbackServer([[Head(status, head), Chunk(body)]]) as server:
        bench = Bench(tmp_path, server.url, query={"k": "${TOKEN}"}, headers=headers, json={"k": "${TOKEN}"})
        bench.environ = {"TOKEN": SECRET}
        result = await bench.call(x="${TOKEN}")
        await bench.box.aclose()
    (received,) = server.received
    assert received.headers["authorization"].encode("latin-1").decode() == f"Bearer {SECRET}"
    assert received.body == {"k": SECRET}
    told = repr((result, bench.told, caplog.text))
    assert "***" in told
    parts = [*spellings, "7731", "7731"[::-1], quote(SECRET)[:12]]
    assert [each for each in parts if each in told or json.dumps(each)[1:-1] in told] == []


async def test_a_secret_that_a_cut_body_ends_in_is_taken_out_too(tmp_path: Path) -> None:
    body = b"a" * (1_000_000 - 12) + b"secret-0123456789 and more"
    async with LoopbackServer([plain(body)]) as server:
        bench = Bench(tmp_path, server.url, headers={"X": "${TOKEN}"})
        bench.environ = {"TOKEN": "secret-0123456789"}
        result = await bench.call()
        await bench.box.aclose()
    assert "secret-" not in result.result
    assert "a***\n… cut" in result.result


async def test_a_secret_that_comes_back_as_a_number_is_taken_out_too(tmp_path: Path) -> None:
    async with LoopbackServer([plain(b'{"pin": 1234567890, "n": 1}', "application/json")]) as server:
        bench = Bench(tmp_path, server.url, headers={"X": "${PIN}"})
        bench.environ = {"PIN": "1234567890"}
        assert (await bench.call()).result == '{"pin": ***, "n": 1}'
        await bench.box.aclose()


@pytest.mark.parametrize("before", range(905, 1_001, 12))
async def test_no_part_of_a_secret_stays_where_a_line_is_cut(tmp_path: Path, before: int) -> None:
    value = "a" * before + "secret-0123456789" * 2
    head = f"HTTP/1.1 404 {value}\r\netag: {value}\r\ncontent-type: {value}\r\ncontent-length: 0\r\n\r\n"
    async with LoopbackServer([[Raw(head.encode())]]) as server:
        bench = Bench(tmp_path, server.url, headers={"X": "${TOKEN}"})
        bench.environ = {"TOKEN": "secret-0123456789"}
        result = await bench.call()
        await bench.box.aclose()
    assert result.error_kind == "http"
    assert "secre" not in repr(result)


async def test_an_argument_names_no_variable(tmp_path: Path) -> None:
    async with LoopbackServer([plain(b"1", "application/json")]) as server:
        bench = Bench(tmp_path, server.url, url=f"{server.url}/{{x}}", json={"x": "{x}"})
        bench.environ = {"TOKEN": SECRET}
        await bench.call(x="${TOKEN}")
        await bench.box.aclose()
    assert (server.received[0].path, server.received[0].body) == ("/%24%7BTOKEN%7D", {"x": "${TOKEN}"})


async def test_a_redirect_that_says_a_secret_is_refused_without_it(tmp_path: Path) -> None:
    async with LoopbackServer([to(f"http://127.0.0.1:9/{quote(SECRET)}")]) as server:
        bench = Bench(tmp_path, server.url, headers={"X": "${TOKEN}"})
        bench.environ = {"TOKEN": SECRET}
        result = await bench.call()
        await bench.box.aclose()
    assert result.error_kind == "address"
    assert "7731" not in repr(result)


# -- proxies -----------------------------------------------------------------------------------------


async def test_a_proxy_of_the_environment_is_used_when_the_tool_says_so(tmp_path: Path) -> None:
    async with LoopbackServer([plain(b"1", "application/json"), plain(b"2", "application/json")]) as proxy:
        environ = {"HTTP_PROXY": proxy.url, "ALL_PROXY": proxy.url}
        bench = Bench(tmp_path, "http://api.example", proxy=True, allow_private=False)
        bench.environ = environ
        assert (await bench.call()).result == 1
        assert proxy.received[0].path == "http://api.example/"
        refused = Bench(tmp_path, "http://169.254.169.254", proxy=True, allow_private=False)
        refused.environ = environ
        assert (await refused.call()).error_kind == "address"
        direct = Bench(tmp_path, "http://api.example", allow_private=False)
        direct.environ, direct.names = environ, lambda name: ["10.0.0.8"]
        assert (await direct.call()).error_kind == "address"
        await bench.box.aclose()
    assert len(proxy.received) == 1
