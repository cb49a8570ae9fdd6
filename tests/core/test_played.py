"""What is played of a recording: the events of the turn as it was, with their times, in lines and on the screen."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.core.keeping import came_back, kept, session, toolbox
from tests.core.streams import CASSETTES, RECORDINGS
from tests.core.test_sessions_resume import ANSWER, CALL, library
from tests.loopback import Reply, error, message, stream
from tests.serving import serving
from workbench.cli import run
from workbench.commands.replay import Pace, find_played
from workbench.errors import ConfigurationError
from workbench.events import Event, TurnEnd
from workbench.recordings.recording import Recording, RecordingWriter
from workbench.secrets.redactor import Redactor
from workbench.sessions.names import rename
from workbench.sessions.played import PlayedTurn, played_turns
from workbench.sessions.reel import Place, Reel, Unit

STREAMS = sorted([*RECORDINGS.glob("*.sse"), *CASSETTES.glob("*.sse")])
Capture = pytest.CaptureFixture[str]


def lines_of(text: str, *, times: bool = True) -> list[dict[str, Any]]:
    """JSON lines; without `times`, but for those that the frames themselves have."""
    lines = [json.loads(line) for line in text.splitlines()]
    for line in lines if not times else ():
        line.pop("t")
        if line["event"] == "turn-end":
            for name in ("seconds", "first_token", "first_token_seconds", "tool_seconds"):
                line.pop(name, None)
    return lines


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
def test_a_replay_prints_what_the_question_printed(path: Path, tmp_path: Path, capsys: Capture) -> None:
    record = tmp_path / "a.recording.jsonl"

    with serving(lambda _: stream(path.read_bytes())) as server:
        run(["ask", "q", "--json", "--record", str(record), "--base-url", server.url, "--model", "m"], {**os.environ})
    asked = capsys.readouterr().out
    run(["replay", str(record), "--json", "--speed", "max"])
    played = capsys.readouterr().out
    assert lines_of(played, times=False) == lines_of(asked, times=False) != []
    again = (run(["replay", str(record), "--json", "--speed", "1000"]), capsys.readouterr().out)[1]
    assert again == played  # whatever the pace, the times are those of the recording
    for one, other in zip(lines_of(played), lines_of(asked), strict=True):
        assert one["t"] == pytest.approx(other["t"], abs=0.25)


SCRIPTS: dict[str, list[Reply]] = {
    "tools": [stream(CALL), stream(ANSWER)],
    "a request sent again": [error(503, {}, {"retry-after": "7"}), stream(message("Yes."))],
    "a refusal": [error(401, {"message": "no"})],
    "no end": [stream(ANSWER.partition(b"event: citation-start")[0])],
}


@pytest.mark.parametrize("name", SCRIPTS)
async def test_a_turn_comes_back_event_by_event(name: str) -> None:
    """With tools and documents, whatever becomes of it; the times are those of the recording."""
    live: list[Event] = []
    tools = toolbox(hours={"opens": "09:00"}, train="late")
    async with kept(SCRIPTS[name], tools=tools, library=library()) as (conversation, _):
        turn = await conversation.run("When?", on_event=live.append)
    [played] = played_turns(session(), Redactor())
    assert played.kinds == tuple(event.kind for event in live)
    assert played.times == pytest.approx([event.t for event in live], abs=0.25)
    assert {**played.turn.summary().as_json(), "seconds": 0} == {**turn.summary().as_json(), "seconds": 0}


async def _two_turns() -> None:
    async with kept([stream(CALL), stream(ANSWER), stream(message("Yes."))], tools=toolbox(hours=1, train=2)) as (
        conversation,
        _,
    ):
        await conversation.run("When?")
        await conversation.run("Sure?")


def test_one_turn_is_played_alone_by_its_number(capsys: Capture) -> None:
    asyncio.run(_two_turns())
    name = session().stem
    assert run(["replay", f"{name}:2", "--json", "--speed", "max"]) == 0
    lines = lines_of(capsys.readouterr().out)
    assert [line["text"] for line in lines if line["event"] == "turn-end"] == ["Yes."]
    assert run(["replay", f"{session()}:1", "--json", "--speed", "max"]) == 0
    assert sum(line["event"] == "tool-result" for line in lines_of(capsys.readouterr().out)) == 2
    assert run(["replay", "last:7", "--json"]) == 2
    assert capsys.readouterr().err == f"replay: {name}: there is no turn 7 (it has turns 1 to 2)\n"


def test_a_session_is_played_by_what_it_is_called(capsys: Capture) -> None:
    asyncio.run(_two_turns())
    rename(session(), "the trains")
    assert find_played(Path("the trains"), os.environ).path == session()
    assert find_played(Path("the trains:2"), os.environ).turn == 2
    with pytest.raises(ConfigurationError):
        find_played(Path("the planes"), os.environ)


def test_without_marks_it_is_asked_again_at_its_times(tmp_path: Path) -> None:
    """As a client alone writes it: nobody waits, and the events come when they came."""
    asyncio.run(_two_turns())
    bare = RecordingWriter.create(tmp_path / "bare.jsonl")
    for line in Recording.read(session()).lines:
        if line.kind in ("request", "response", "frames", "end"):
            at = {"at": line.fields["at"] + 5.0} if line.kind == "frames" else {}
            bare.append(line.kind, {**line.fields, **at})
    bare.close()
    played = played_turns(tmp_path / "bare.jsonl", Redactor())
    marked = played_turns(session(), Redactor())
    assert [each.turn.text for each in played] == [each.turn.text for each in marked]
    assert [each.turn.number for each in played] == [1, 2]
    assert all(5.0 <= each.times[-1] < 20.0 for each in played)


@pytest.mark.parametrize("bare", [False, True], ids=["marked", "without marks"])
def test_no_tool_is_run_and_nothing_is_sent(bare: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    asyncio.run(_two_turns())
    path = session()
    monkeypatch.setattr("socket.socket.connect", lambda *_: pytest.fail("something is sent"))
    monkeypatch.setattr("workbench.tools.toolbox.Toolbox.run", lambda *_, **__: pytest.fail("a tool is run"))
    if bare:
        writer = RecordingWriter.create(tmp_path / "bare.jsonl")
        for line in Recording.read(path).lines:
            if line.kind in ("request", "response", "frames", "end"):
                writer.append(line.kind, line.fields)
        writer.close()
        path = tmp_path / "bare.jsonl"
    assert len(played_turns(path, Redactor())) == 2


# -- the places ------------------------------------------------------------------------------------


def reel() -> Reel:
    asyncio.run(_two_turns())
    return Reel(played_turns(session(), Redactor()))


def test_steps_go_on_and_back_over_all_turns() -> None:
    """By events one comes by every place, and back by the same; by frames and calls, by those that end with one."""
    played = reel()
    places = [Place()]
    while (after := played.moved(places[-1], "event", 1)) is not None:
        places.append(after)
    assert places[-1] == played.end
    assert len(places) == sum(len(turn.kinds) for turn in played.turns)
    back = [places[-1]]
    while (before := played.moved(back[-1], "event", -1)) is not None:
        back.append(before)
    assert back == places[::-1]
    wanted_of: dict[Unit, set[str]] = {"call": {"tool-call-start"}, "frame": set(played.counts) - OURS}
    for unit, wanted in wanted_of.items():
        at, found = Place(), []
        while (next_one := played.moved(at, unit, 1)) is not None:
            at = next_one
            found.append(at)
        assert found == [place for place in places[1:] if played.kind(place) in wanted] != []
        while (before := played.moved(at, unit, -1)) is not None:
            assert before == found[found.index(at) - 1]
            at = before
        assert at == found[0]


OURS = {"turn-start", "request", "cited", "tool-start", "tool-result", "turn-end"}


def test_numbers_and_times_lead_to_events_of_the_turn() -> None:
    played = reel()
    count = len(played.turns[0].kinds)
    assert played.numbered(Place(), 5) == Place(0, 5)
    assert played.numbered(Place(), 0) == Place(0, 1)
    assert played.numbered(Place(), 10**8) == Place(0, count)
    assert played.timed(Place(), 10**6) == Place(0, count)
    assert played.timed(Place(), -1.0) == Place(0, 1)
    for events in range(1, count + 1):
        seconds = played.seconds(Place(0, events))
        found = played.timed(Place(), seconds)
        assert found.events >= events and played.seconds(found) == seconds


# -- the pace --------------------------------------------------------------------------------------


class Still:
    """A clock that stands still."""

    def __call__(self) -> float:
        return 0.0


async def _all(pace: Pace, played: PlayedTurn, then: Callable[[int], object] = lambda _: None) -> list[Event]:
    events = []
    async for event in pace.events(played):
        events.append(event)
        then(len(events))
    return events


async def test_what_is_stopped_ends_as_cancelled_with_what_came() -> None:
    async with kept([stream(ANSWER)]) as (conversation, _):
        await conversation.run("q")
    [played] = played_turns(session(), Redactor())
    pace = Pace(1000.0, Still())
    events = await _all(pace, played, lambda count: count == 8 and pace.cancel())
    assert len(events) == 9
    end = events[-1]
    assert isinstance(end, TurnEnd)
    assert end.status == "cancelled"
    assert came_back(session())[0].turn.text.startswith(end.summary.text)
    assert [event.kind for event in await _all(Pace(0), played)] == list(played.kinds)
