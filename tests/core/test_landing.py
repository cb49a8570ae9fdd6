"""What an event became: the block, the call or the citation that it is a part of, and for how long nothing came."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.core.keeping import came_back, kept, session
from tests.core.streams import events_of
from tests.loopback import message, stream
from workbench.conversation.event_log import EventLog
from workbench.conversation.landing import Landing, Landings, brings
from workbench.conversation.turn import Turn
from workbench.events import (
    CitationStart,
    Cited,
    ContentDelta,
    ContentStart,
    Event,
    MessageStart,
    Request,
    Retry,
    ToolCallDelta,
    ToolCallStart,
    ToolResult,
)

CASSETTES = sorted((Path(__file__).parents[1] / "cassettes").glob("*.sse"))
REQUEST = Request(body={"model": "m", "messages": []})
FAILED = Retry(attempt=1, most=3, wait=0.0, error={})


def landings(*events: Event) -> list[Landing]:
    walk = Landings()
    return [walk.take(event) for event in events]


def text(index: int | None, words: str, *, thinking: bool = False) -> ContentDelta:
    return ContentDelta(index=index, thinking=words if thinking else "", text="" if thinking else words)


def test_a_piece_is_where_it_was_added() -> None:
    found = landings(REQUEST, ContentStart(index=0), text(0, "ab"), text(0, "cde"))
    assert found[2:] == [Landing("text", 1, 0, 0, 2), Landing("text", 1, 0, 2, 5)]


def test_an_index_that_comes_twice_is_that_of_the_block_that_was_opened_last() -> None:
    opened = (ContentStart(index=0, type="thinking"), text(0, "hm", thinking=True), ContentStart(index=0))
    found = landings(REQUEST, *opened, text(0, "ab"), text(None, "c"))
    assert [(each.ordinal, each.start, each.end) for each in found[1:]] == [
        (0, 0, 0), (0, 0, 2), (1, 0, 0), (1, 0, 2), (1, 2, 3),
    ]  # fmt: skip


def test_what_a_failed_attempt_left_is_no_part_of_the_next() -> None:
    found = landings(REQUEST, ContentStart(index=0), text(0, "abc"), FAILED, MessageStart(), text(0, "de"))
    assert found[-1] == Landing("text", 1, 0, 0, 2)
    assert found[3] == Landing("retry", 1, 1)


def test_calls_are_told_apart_though_ids_and_indexes_are_not() -> None:
    call = [ToolCallStart(index=0, id="c"), ToolCallDelta(index=0), ToolCallStart(index=0, id="c")]
    found = landings(REQUEST, *call, ToolCallDelta(index=0), ToolResult(id="c", name="f", call=1))
    assert [each.ordinal for each in found[1:]] == [0, 0, 1, 1, 1]
    second = brings(Landing("call", 1, 1))
    assert [second(event) for event in (REQUEST, *call)] == [False, False, False, True]


@pytest.mark.parametrize("path", CASSETTES, ids=lambda path: path.stem)
def test_the_pieces_of_any_stream_are_the_answer(path: Path) -> None:
    """Each at the very place at which the turn has it."""
    turn = Turn(1, "q")
    events: list[Event] = [REQUEST, *events_of(path.read_bytes())]
    cited = [each for event in events for each in turn.apply(event)]
    walk = Landings()
    for event in events:
        landing = walk.take(event)
        if isinstance(event, ContentDelta) and (event.text or event.thinking):
            place = turn.place_of_text(landing.step, landing.ordinal, landing.start)
            assert place is not None
            whole = turn.text if place[0] == "answer" else turn.thinking
            said = event.thinking or event.text
            assert whole[place[1] : place[1] + landing.end - landing.start] == said
        if isinstance(event, CitationStart):
            ordinal = turn.citation_of(landing.step, landing.ordinal)
            assert ordinal is not None
            assert turn.citations[ordinal].text == event.text
    first = next((each for each in cited), None)
    if first is not None:
        assert landings(REQUEST, first)[1] == Landing("citation", 1, first.ordinal, of_turn=True)
        assert brings(Landing("citation", 1, first.ordinal, of_turn=True))(first)


def log_of(times: Sequence[float]) -> EventLog:
    log = EventLog()
    for t in times:
        log.append(Cited(t=t, ordinal=0))
    return log


def test_a_gap_is_more_than_a_second_in_which_nothing_came() -> None:
    assert log_of([0.0, 1.0, 2.5, 2.5, 9.0]).gaps == {2: 1.5, 4: 6.5}
    assert log_of([]).gaps == {} and log_of([5.0]).gaps == {}


async def test_a_session_that_comes_back_has_the_gaps_that_there_were() -> None:
    ticks = iter(range(0, 100_000, 2))
    async with kept([stream(message("One two three.", thinking="Hm."))], clock=lambda: float(next(ticks))) as (
        asked,
        _,
    ):
        await asked.run("Which?")
    [turn] = asked.turns
    [back] = came_back(session())
    assert turn.events.gaps
    for log in (turn.events, back.turn.events):
        assert log.gaps == {
            place: pytest.approx(log[place].t - log[place - 1].t)
            for place in range(1, len(log))
            if log[place].t - log[place - 1].t > 1.0
        }
        assert list(log.requests) == [place for place, event in enumerate(log) if isinstance(event, Request)]
