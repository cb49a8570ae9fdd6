"""Requests that are sent again: when, after how long, and never once anything of an answer has come."""

from __future__ import annotations

import asyncio
import io
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import aclosing, asynccontextmanager
from datetime import UTC, datetime, timedelta
from email.utils import format_datetime
from typing import Any

import pytest

from tests.core.noted import Noted
from tests.core.streams import frame
from tests.loopback import Chunk, Close, Head, LoopbackServer, Raw, Received, Reply, Reset, Wait, error, message, stream
from workbench.cohere_client import ChatClient, ClientOptions, connect
from workbench.conversation import Conversation, Options
from workbench.conversation.retrying import Backoff
from workbench.conversation.turn import Turn
from workbench.errors import ChatError, ConnectionFailed, HttpError, StreamTimeout
from workbench.events import Event, Request, Retry, TurnEnd
from workbench.printing.answer import Printer
from workbench.printing.json_lines import JsonLines

START = frame("message-start", id="half")
PARTIAL = message("The tide turns", done=False).split(b"event: content-end")[0]
GOOD = stream(message("Calm."))


Script = list[Reply] | Callable[[Received], Reply]


@asynccontextmanager
async def asking(
    script: Script, options: Options | None = None, backoff: Backoff | None = None
) -> AsyncIterator[tuple[Conversation, LoopbackServer]]:
    async with LoopbackServer(script) as server:
        client = connect(ClientOptions(base_url=server.url), {})
        try:
            yield Conversation(client, options or Options(), backoff=backoff or Noted()), server
        finally:
            await client.aclose()


async def outcome(script: Script, options: Options | None = None) -> tuple[Turn, list[float], int]:
    """The turn, its waits, and how many requests the server got."""
    backoff = Noted()
    async with asking(script, options, backoff) as (conversation, server):
        turn = await conversation.run("?")
    return turn, backoff.waits, len(server.received)


# -- which, and how often -------------------------------------------------------------------------------


@pytest.mark.parametrize("status", [408, 429, 500, 502, 503, 504, 520, 529])
async def test_a_status_that_passes_is_tried_three_times_more(status: int) -> None:
    turn, waits, requests = await outcome(lambda _: error(status, {"message": "busy"}))
    assert (turn.status, requests) == ("failed", 4)
    assert waits == [1.0, 2.0, 4.0]
    assert isinstance(turn.error, HttpError)
    assert turn.error.status == status


@pytest.mark.parametrize("status", [301, 400, 401, 402, 403, 404, 405, 409, 410, 413, 418, 422, 498, 499, 501, 505])
async def test_a_status_that_lasts_is_not_tried_again(status: int) -> None:
    turn, waits, requests = await outcome(lambda _: error(status, {"message": "no"}))
    assert (turn.status, waits, requests) == ("failed", [], 1)


@pytest.mark.parametrize(
    "broken",
    [
        [Reset()],
        [Close()],
        [Raw(b"HTTP/1.1 200"), Close()],
        [Head(), Reset()],
        [Head(), Chunk(START), Raw(b"zzz\r\n")],
        [Head(), Chunk(b": hold on\n\n"), Raw(b"zzz\r\n")],
    ],
    ids=["reset", "closed", "half a head", "reset behind the head", "cut behind message-start", "behind a comment"],
)
async def test_a_connection_that_breaks_before_any_content_is_tried_again(broken: Reply) -> None:
    turn, waits, requests = await outcome([broken, GOOD])
    assert (turn.status, turn.text, waits, requests) == ("complete", "Calm.", [1.0], 2)


@pytest.mark.parametrize(
    "shown",
    [
        PARTIAL,
        START + frame("tool-plan-delta", delta={"message": {"tool_plan": "I will"}}),
        START + frame("content-start", index=0, delta={"message": {"content": {"type": "text", "text": ""}}}),
        START + frame("tool-call-start", index=0, delta={"message": {"tool_calls": {"id": "c"}}}),
        START + frame("citation-start", index=0, delta={"message": {"citations": {"text": "x"}}}),
    ],
    ids=["text", "plan", "block", "call", "citation"],
)
async def test_an_answer_that_has_begun_is_never_asked_for_again(shown: bytes) -> None:
    turn, waits, requests = await outcome([[Head(), Chunk(shown), Raw(b"zzz\r\n")], GOOD])
    assert (turn.status, waits, requests) == ("failed", [], 1)


async def test_what_a_failed_try_left_is_no_part_of_the_answer() -> None:
    odd = b'data: {"message":"overloaded"}\n\n'
    turn, _, _ = await outcome(
        [[Head(), Chunk(START + odd), Raw(b"zzz\r\n")], [Head(), Chunk(frame("message-start", id="whole"))]]
    )
    assert (turn.status, turn.steps[-1].fold.id, len(turn.steps)) == ("incomplete", "whole", 1)
    assert "overloaded" not in str(turn.error)


@pytest.mark.parametrize("retries", [0, 1, 2])
async def test_the_number_of_retries_is_an_option(retries: int) -> None:
    _, waits, requests = await outcome(lambda _: error(503), Options(retries=retries))
    assert (len(waits), requests) == (retries, 1 + retries)


async def test_each_step_of_a_turn_has_its_retries() -> None:
    from tests.core.test_conversation import CALLS, toolbox

    script = [error(503), stream(message(tool_calls=CALLS)), error(500), error(502), GOOD]
    backoff = Noted()
    async with asking(script, backoff=backoff) as (conversation, _):
        conversation.toolbox = toolbox()
        turn = await conversation.run("?")
    assert (turn.status, len(turn.steps), backoff.waits) == ("complete", 2, [1.0, 1.0, 2.0])


# -- how long --------------------------------------------------------------------------------------------


def http(status: int = 429, retry_after: float | None = None) -> HttpError:
    return HttpError("busy", status=status, retry_after=retry_after)


def test_waits_are_drawn_from_a_range_that_doubles_up_to_a_limit() -> None:
    assert [Noted().wait(http(), attempt) for attempt in range(1, 7)] == [1.0, 2.0, 4.0, 8.0, 8.0, 8.0]
    assert Noted(chances=[0.25]).wait(http(), 3) == 1.0
    assert Noted(chances=[0.0]).wait(http(), 1) == 0.0
    assert all(0 <= (Backoff().wait(http(), 2) or 0.0) <= 2 for _ in range(50))


def test_what_the_server_asks_for_is_waited_up_to_a_minute() -> None:
    assert Noted(chances=[0.5]).wait(http(retry_after=7.0), 1) == 7.0
    assert Noted(chances=[0.5]).wait(http(retry_after=0.0), 1) == 0.5
    assert Noted().wait(http(retry_after=60.0), 1) == 60.0
    assert Noted().wait(http(retry_after=60.1), 1) is None
    assert Noted().wait(http(503, retry_after=5.0), 1) == 5.0


def test_what_is_not_transient_is_not_waited_for() -> None:
    for error_ in (ChatError("x"), ConnectionFailed("x"), http(400), http(501), http(505), StreamTimeout("x")):
        assert Noted().wait(error_, 1) is None
    assert Noted().wait(ConnectionFailed("x", transient=True), 1) == 1.0


async def test_retry_after_in_seconds_and_as_a_date() -> None:
    date = format_datetime(datetime.now(UTC) + timedelta(seconds=30), usegmt=True)
    script = [error(429, "", {"Retry-After": "7"}), error(503, "", {"Retry-After": date}), GOOD]
    turn, waits, _ = await outcome(script)
    assert turn.status == "complete"
    assert waits[0] == 7.0
    assert 20 < waits[1] <= 30


async def test_a_long_retry_after_is_left_to_the_person_and_the_message_says_when() -> None:
    turn, waits, requests = await outcome([error(429, {"message": "quota"}, {"Retry-After": "3600"})])
    assert (turn.status, waits, requests) == ("failed", [], 1)
    assert "asks to wait 1 h; ask again then" in str(turn.error)


# -- what is said -----------------------------------------------------------------------------------------


async def events_of(script: Script, options: Options | None = None) -> list[Event]:
    async with asking(script, options) as (conversation, _), aclosing(conversation.ask("?")) as events:
        return [event async for event in events]


async def test_a_retry_is_an_event_and_no_second_request() -> None:
    events = await events_of([error(503, {"message": "busy"}), GOOD], Options(retries=2))
    (retry,) = [event for event in events if isinstance(event, Retry)]
    assert (retry.step, retry.attempt, retry.most, retry.wait) == (1, 1, 2, 1.0)
    assert (retry.error["kind"], retry.error["status"]) == ("http", 503)
    assert "HTTP 503: busy" in retry.error["message"]
    assert len([event for event in events if isinstance(event, Request)]) == 1


async def test_the_line_of_a_retry() -> None:
    out = io.StringIO()
    async with asking([[Reset()], GOOD]) as (conversation, _):
        await conversation.run("?", on_event=JsonLines(out).event)
    lines = [json.loads(line) for line in out.getvalue().splitlines()]
    (retry,) = [line for line in lines if line["event"] == "retry"]
    assert isinstance(retry.pop("t"), float)
    assert "before it answered" in retry["error"].pop("message")
    assert retry == {
        "event": "retry", "step": 1, "attempt": 1, "most": 3, "wait": 1.0,
        "error": {"kind": "connection", "status": None},
    }  # fmt: skip
    assert lines[-1]["status"] == "complete"


async def test_a_person_reads_of_a_retry_on_standard_error() -> None:
    out, notes = io.StringIO(), io.StringIO()
    async with asking([error(503, {"message": "busy"}), GOOD]) as (conversation, _):
        printer = Printer(out, notes)
        printer.finish(await conversation.run("?", on_event=printer.event))
    assert out.getvalue() == "Calm.\n"
    assert "HTTP 503: busy" in notes.getvalue()
    assert "retry 1 of 3 in 1.0 s" in notes.getvalue()


# -- stopping and limits -----------------------------------------------------------------------------------


class Endless(Backoff):
    """A wait that only cancelling ends."""

    async def sleep(self, seconds: float) -> None:
        await asyncio.Event().wait()


async def test_a_wait_is_cancelled_at_once() -> None:
    async with asking([error(503)], backoff=Endless()) as (conversation, server):
        async with aclosing(conversation.ask("?")) as events:
            async for event in events:
                if isinstance(event, Retry):
                    assert conversation.cancel()
        assert isinstance(event, TurnEnd)
        assert (event.status, len(server.received)) == ("cancelled", 1)


async def test_the_limit_of_the_turn_holds_in_a_wait() -> None:
    async with asking([error(503)], Options(max_time=0.3), Endless()) as (conversation, _):
        assert isinstance(conversation.client, ChatClient)
        await conversation.client.prepare()
        turn = await conversation.run("?")
    assert turn.status == "timeout"
    assert "--max-time" in str(turn.error)


async def test_a_first_byte_that_does_not_come_has_a_limit_and_is_not_tried_again() -> None:
    never = asyncio.Event()
    replies: list[Reply] = [[Wait(never)], [Head(), Wait(never)]]
    for reply in replies:
        turn, waits, _ = await outcome([reply], Options(first_byte_timeout=0.2))
        assert (turn.status, waits) == ("timeout", [])
        assert "--first-byte-timeout" in str(turn.error)


class Chatty:
    """A server that sends `first`, and then `again` for ever, each time that the loop comes round."""

    def __init__(self, first: bytes, again: bytes) -> None:
        self.first = first
        self.again = again

    @asynccontextmanager
    async def stream(self, body: Mapping[str, Any]) -> AsyncIterator[AsyncIterator[bytes]]:
        async def chunks() -> AsyncIterator[bytes]:
            yield self.first
            while True:
                await asyncio.sleep(0.005)
                yield self.again

        yield chunks()


@pytest.mark.parametrize(
    "again",
    [b": still here\n\n", b"event: ping\ndata: {}\n\n", b"data: ["],
    ids=["comments", "pings", "a line without end"],
)
@pytest.mark.parametrize("first", [b"", PARTIAL], ids=["at once", "in an answer"])
async def test_signs_of_life_without_an_event_have_a_limit(first: bytes, again: bytes) -> None:
    async with asyncio.timeout(20):
        turn = await Conversation(Chatty(first, again), Options(first_byte_timeout=0.2, timeout=10)).run("?")
    assert (turn.status, turn.text) == ("timeout", "The tide turns" if first else "")
    assert "without an event" in str(turn.error)


async def test_comments_keep_a_slow_answer_alive() -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(20):
            await asyncio.sleep(0.02)
            yield b": thinking\n\n"
        yield message("Calm.")

    class Slow:
        @asynccontextmanager
        async def stream(self, body: Mapping[str, Any]) -> AsyncIterator[AsyncIterator[bytes]]:
            yield chunks()

    turn = await Conversation(Slow(), Options(timeout=0.2, first_byte_timeout=20)).run("?")
    assert (turn.status, turn.text) == ("complete", "Calm.")
