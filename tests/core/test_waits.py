"""What a server asks to wait, in every form of its headers; and that so long is waited, or left to a person."""

from __future__ import annotations

import math
from datetime import UTC, datetime

import pytest

from tests.core.noted import Noted
from tests.loopback import LoopbackServer, error, message, stream
from workbench.cohere_client import ClientOptions, connect
from workbench.cohere_client.waits import asked_in_words, asked_wait
from workbench.conversation import Conversation
from workbench.conversation.turn import Turn
from workbench.errors import HttpError

NOW = datetime(2026, 10, 21, 7, 28, tzinfo=UTC)


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("0", 0.0),
        ("7", 7.0),
        (" 7 ", 7.0),
        ("0.5", 0.5),
        (".5", 0.5),
        ("7.", 7.0),
        ("0007", 7.0),
        ("1e3", 1000.0),
        ("99999999999999999999", 1e20),
        ("9" * 400, math.inf),
        ("9" * 5000, math.inf),
        ("1e999", math.inf),
        ("0." + "3" * 50, 1 / 3),
        ("Wed, 21 Oct 2026 07:28:30 GMT", 30.0),
        ("Wed, 21 Oct 2026 07:28:30 -0000", 30.0),
        ("Wed, 21 Oct 2026 09:28:30 +0200", 30.0),
        ("Wednesday, 21-Oct-26 07:28:30 GMT", 30.0),
        ("Wed Oct 21 07:28:30 2026", 30.0),
        ("Wed, 21 Oct 2020 07:28:30 GMT", 0.0),
        ("Friday, 31-Dec-99 23:59:59 GMT", 0.0),
        ("Wed, 21 Oct 2027 07:28:00 GMT", 365 * 86_400.0),
        ("Fri, 31 Dec 9999 23:59:59 GMT", (datetime(9999, 12, 31, 23, 59, 59, tzinfo=UTC) - NOW).total_seconds()),
        ("Fri, 31 Dec 99999 23:59:59 GMT", math.inf),
        ("Wed, 21 Oct 99999999999999999999 07:28:30 GMT", math.inf),
        ("5, 3600", 3600.0),
        ("soon, 7", 7.0),
        ("Wed, 21 Oct 2026 07:28:30 GMT, 7", 30.0),
        ("7, Wed, 21 Oct 2026 07:28:30 GMT", 30.0),
    ],
)
def test_what_a_header_asks_for(header: str, seconds: float) -> None:
    assert asked_wait({"retry-after": header}, NOW) == pytest.approx(seconds)


@pytest.mark.parametrize(
    "header",
    [
        "", " ", ",", "-5", "-0.5", "+5", "5s", "5 seconds", "soon", "nan", "inf", "-inf", "0x10", "1_000", "1e", "٣",
        "five", "PT5S", '"5"', "5;q=1", "\x00", "T", "Wed, 32 Oct 2026 07:28:30 GMT", "Wed, 21 Okt 2026 07:28:30 GMT",
        "Wed, 21 Oct 2026", "2026-10-21T07:28:30Z", "Wed, 21 Oct 2026 99:99:99 GMT", "Wed, " * 500, "GMT " * 5000,
        "Wed, 21 Oct -2026 07:28:30 GMT", "Wed, 21 Oct 0000 07:28:30 GMT", "Fri, 31 Dec 9999 23:59:59 -9999",
    ],
)  # fmt: skip
def test_what_is_malformed_asks_for_nothing(header: str) -> None:
    wait = asked_wait({"retry-after": header}, NOW)
    assert wait is None or wait in (0.0, math.inf)
    assert asked_wait({"retry-after-ms": header}, NOW) is None


def test_milliseconds_and_seconds_together_are_the_longer_wait() -> None:
    assert asked_wait({"retry-after-ms": "1500"}, NOW) == 1.5
    assert asked_wait({"retry-after-ms": "1500", "retry-after": "1"}, NOW) == 1.5
    assert asked_wait({"retry-after-ms": "nope", "retry-after": "3"}, NOW) == 3.0
    assert asked_wait({"retry-after-ms": "9" * 40}, NOW) == pytest.approx(1e37)
    assert asked_wait({}, NOW) is None


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0.2, "1 s"),
        (60, "1 min"),
        (61, "1 min 1 s; ask again then (07:29 UTC)"),
        (3600, "1 h; ask again then (08:28 UTC)"),
        (3 * 3600 + 12 * 60, "3 h 12 min; ask again then (10:40 UTC)"),
        (3 * 3600 + 11 * 60 + 1, "3 h 12 min; ask again then (10:39 UTC)"),
        (86_400 * 2 + 3600, "2 d 1 h; ask again then (08:28 UTC on 23 October)"),
        (400 * 86_400, "1 year 35 d; ask again then (07:28 UTC on 25 November 2027)"),
        (800 * 86_400, "2 years 70 d; ask again then (07:28 UTC on 29 December 2028)"),
        (1e20, "more than 100 years; ask again then"),
        (math.inf, "more than 100 years; ask again then"),
    ],
)
def test_a_wait_in_words(seconds: float, words: str) -> None:
    assert asked_in_words(seconds, NOW) == f"the server asks to wait {words}"


@pytest.mark.parametrize("status", [408, 429, 500, 503, 529])
@pytest.mark.parametrize(
    ("headers", "said"),
    [
        ({"Retry-After": "99999999999999999999"}, "more than 100 years"),
        ({"Retry-After": "9" * 1000}, "more than 100 years"),
        ({"Retry-After": "61"}, "1 min 1 s"),
        ({"Retry-After": "11520.0"}, "3 h 12 min; ask again then"),
        ({"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"}, "more than 100 years"),
        ({"Retry-After": "1, 7200"}, "2 h"),
        ({"Retry-After-Ms": "7200000"}, "2 h"),
    ],
)
async def test_a_wait_over_a_minute_ends_the_turn_and_nothing_is_sent(
    status: int, headers: dict[str, str], said: str
) -> None:
    turn, waits, requests = await outcome(status, headers)
    assert (turn.status, waits, requests) == ("failed", [], 1)
    assert isinstance(turn.error, HttpError)
    assert (turn.error.status, f"asks to wait {said}" in str(turn.error)) == (status, True)


@pytest.mark.parametrize("value", ["-5", "soon", "nan", "5s", "", "Wed, 21 Okt 2026"])
async def test_what_is_malformed_is_waited_as_ever(value: str) -> None:
    turn, waits, requests = await outcome(503, {"Retry-After": value})
    assert (turn.status, waits, requests) == ("complete", [1.0], 2)


async def outcome(status: int, headers: dict[str, str]) -> tuple[Turn, list[float], int]:
    backoff = Noted()
    async with LoopbackServer([error(status, {"message": "busy"}, headers), stream(message("Calm."))]) as server:
        client = connect(ClientOptions(base_url=server.url), {})
        turn = await Conversation(client, backoff=backoff).run("?")
        await client.aclose()
    return turn, backoff.waits, len(server.received)
