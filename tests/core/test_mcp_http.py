"""Servers of tools that are reached over HTTP: both generations of the protocol, redirects, limits, and their end."""

from __future__ import annotations

import json
import logging
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest

from tests.core.test_mcp_servers import Box, Person
from tests.loopback import LoopbackServer, Received, Reply, error
from workbench.tools.mcp.servers import Endpoint, ServerSpec
from workbench.tools.people import FormAnswer, FormRequest

TOOLS = {"tools": [{"name": "say", "inputSchema": {"type": "object"}}]}
ASKS = {"message": "Who?", "mode": "form", "requestedSchema": {"type": "object", "properties": {}}}


def answer(received: Received, result: Mapping[str, Any], headers: Mapping[str, str] | None = None) -> Reply:
    return error(200, {"jsonrpc": "2.0", "id": received.body["id"], "result": result}, headers)


def refusal(received: Received) -> Reply:
    said = {"code": -32601, "message": "Method not found"}
    return error(200, {"jsonrpc": "2.0", "id": received.body["id"], "error": said})


def handshake(received: Received) -> Reply:
    """A server of 2025, without a stream of its own."""
    if received.method != "POST":
        return error(405)
    match received.body["method"]:
        case "initialize":
            abilities = {"capabilities": {"tools": {}}, "serverInfo": {"name": "old", "version": "1"}}
            return answer(received, {"protocolVersion": "2025-06-18", **abilities}, {"mcp-session-id": "s1"})
        case "tools/list":
            return answer(received, TOOLS)
        case "tools/call":
            return answer(received, {"content": [{"type": "text", "text": "said"}]})
        case "server/discover":
            return refusal(received)
    return error(202)


def later(received: Received) -> Reply:
    """A server of 2026, which wants to know something before it has a result."""
    whole = {"resultType": "complete", "ttlMs": 0, "cacheScope": "public"}
    match received.body["method"]:
        case "server/discover":
            return answer(received, {"supportedVersions": ["2026-07-28"], "capabilities": {"tools": {}}, **whole})
        case "tools/list":
            return answer(received, {**TOOLS, **whole})
    params = received.body["params"]
    if "inputResponses" not in params:
        asked = {"who": {"method": "elicitation/create", "params": ASKS}}
        return answer(received, {"resultType": "input_required", "inputRequests": asked, "requestState": "kept"})
    said = json.dumps([params["inputResponses"], params["requestState"]])
    return answer(received, {"content": [{"type": "text", "text": said}], "resultType": "complete"})


@asynccontextmanager
async def reached(
    tmp_path: Path,
    reply: Callable[[Received], Reply],
    person: Person | None = None,
    at: str = "/mcp",
    **headers: str,
) -> AsyncIterator[tuple[Box, LoopbackServer]]:
    async with LoopbackServer(reply) as server:
        spec = ServerSpec("web", Endpoint(f"{server.url}{at}", headers), file=tmp_path / "tools.yaml", digest="1")
        box = Box(person or Person(), [spec], {"SOME_TOKEN": "tok-123456789"})
        try:
            await box.tools.prepare()
            yield box, server
        finally:
            await box.tools.aclose()


async def test_a_server_of_the_handshake_is_called_with_its_headers(tmp_path: Path) -> None:
    async with reached(tmp_path, handshake, Authorization="Bearer ${SOME_TOKEN}") as (box, server):
        assert (box.told, box.names()) == ([], ["say"])
        assert (await box.run("say")).result == "said"
        assert {each.headers["authorization"] for each in server.received} == {"Bearer tok-123456789"}
        asked = box.person.asked[0]
        assert "with the headers Authorization made of SOME_TOKEN" in getattr(asked, "what", "")
        assert "tok-123456789" not in str(asked)
        await server.aclose()
        lost = await box.run("say")
        assert lost.error_kind == "server"
        await box.tools.prepare()
        assert box.names() == []
        assert any("cannot be reached" in line for line in box.told)


async def test_a_secret_in_the_url_reaches_no_log(tmp_path: Path, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    at = "/mcp?key=${SOME_TOKEN}"
    async with reached(tmp_path, handshake, at=at, Authorization="Bearer ${SOME_TOKEN}") as (box, server):
        await box.run("say")
        assert all("tok-123456789" in each.path for each in server.received)
    assert "/mcp?key=***" in caplog.text
    assert "tok-123456789" not in caplog.text


async def test_what_a_later_server_wants_to_know_is_asked_and_sent(tmp_path: Path) -> None:
    person = Person(FormAnswer("accept", {"name": "Ada"}))
    async with reached(tmp_path, later, person) as (box, _):
        result = await box.run("say")
        assert result.result == [{"who": {"action": "accept", "content": {"name": "Ada"}}}, "kept"]
        assert [each.message for each in person.asked if isinstance(each, FormRequest)] == ["Who?"]


@pytest.mark.parametrize(
    ("reply", "words"),
    [
        (lambda received: error(401, "no"), "HTTP 401 Unauthorized"),
        (lambda received: error(302, "", {"location": "http://localhost:9/other"}), "Redirect to http://localhost:9"),
        (lambda received: error(200, "{}", {"content-encoding": "gzip"}), "compressed body"),
        (
            lambda received: error(200, b" " * 16_000_001, {"content-type": "application/json"}),
            "larger than 16,000,000",
        ),
        (lambda received: error(200, "<html>"), "Unexpected content type"),
    ],
)
async def test_a_server_that_is_none_is_a_line(reply: Callable[[Received], Reply], words: str, tmp_path: Path) -> None:
    async with reached(tmp_path, reply) as (box, _):
        assert box.names() == []
        assert len(box.told) == 1
        assert words in box.told[0]
