"""A recording played again: the same bytes, the same turns, and no tool that runs."""

from __future__ import annotations

import asyncio
import json
import os
from collections.abc import Callable, Sequence
from contextlib import aclosing
from pathlib import Path
from typing import Any

import pytest

from tests.core.keeping import came_back, kept, session, state, toolbox
from tests.core.streams import CASSETTES, RECORDINGS
from tests.core.test_sessions_resume import ANSWER, CALL, library
from tests.loopback import Chunk, Head, Reply, Reset, Wait, error, message, stream
from workbench.cli import run
from workbench.conversation import Conversation, Options
from workbench.conversation.turn import Turn
from workbench.errors import HttpError
from workbench.events import ContentDelta, Event, Request, Retry, ToolResult, ToolStarted, TurnStart, WireEvent
from workbench.sessions.asking_again import Replay
from workbench.sessions.folder import sessions_folder
from workbench.sessions.playback import recorded_turns
from workbench.tools.runner import Report

STREAMS = sorted([*RECORDINGS.glob("*.sse"), *CASSETTES.glob("*.sse")])


async def played(path: Path, speed: float = 0.0) -> tuple[list[Turn], list[Event]]:
    replay = Replay(recorded_turns(path), name="a test", speed=speed)
    turns: list[Turn] = []
    events: list[Event] = []
    for prompt in replay.prompts:
        turns.append(await replay.run(prompt, on_event=events.append))
    await replay.aclose()
    return turns, events


def frames(events: Sequence[Event]) -> list[tuple[str, str]]:
    return [(event.kind, event.raw) for event in events if isinstance(event, WireEvent)]


def retries(events: Sequence[Event]) -> list[tuple[int, int, int, float, object, object]]:
    """Without the words, which name the server."""
    sent_again = [event for event in events if isinstance(event, Retry)]
    return [(e.step, e.attempt, e.most, e.wait, e.error["kind"], e.error["status"]) for e in sent_again]


def without_number(turn: Turn) -> dict[str, Any]:
    return {**state(turn), "number": 0}


@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
async def test_every_stream_replays_frame_by_frame(path: Path, tmp_path: Path) -> None:
    """As it was sent, from the session, from a recording that ran beside it, and from the raw stream."""
    live: list[Event] = []
    record = tmp_path / "a.jsonl"
    async with kept([stream(path.read_bytes())], record=record) as (conversation, _):
        turn = await conversation.run("q", on_event=live.append)
    for file in (session(), record):
        [again], events = await played(file)
        assert frames(events) == frames(live)
        assert without_number(again) == without_number(turn)
    [raw], events = await played(path)
    assert frames(events) == frames(live)
    assert (raw.status, raw.text, len(raw.citations)) == (turn.status, turn.text, len(turn.citations))


async def test_tools_are_not_run_and_documents_not_read_again() -> None:
    async with kept(
        [stream(CALL), stream(ANSWER), stream(message("Yes."))],
        tools=toolbox(hours={"opens": "09:00"}, train="late"),
        library=library(),
        options=Options(model="m", system="Be brief.", parameters={"temperature": 0.5}),
    ) as (conversation, _):
        turns = [await conversation.run("When?"), await conversation.run("Sure?")]
    again, _ = await played(session())
    assert [state(turn) for turn in again] == [state(turn) for turn in turns]


async def test_a_recording_without_marks_finds_its_turns_and_results(tmp_path: Path) -> None:
    """As a client alone writes it."""
    async with kept(
        [stream(CALL), stream(ANSWER), stream(message("Yes."))], tools=toolbox(hours={"opens": "09:00"}, train="late")
    ) as (conversation, _):
        turns = [await conversation.run("When?"), await conversation.run("Sure?")]
    from workbench.recordings.recording import Recording, RecordingWriter

    bare = RecordingWriter.create(tmp_path / "bare.jsonl")
    for line in Recording.read(session()).lines:
        if line.kind in ("request", "response", "frames", "end"):
            bare.append(line.kind, line.fields)
    bare.close()
    again, _ = await played(tmp_path / "bare.jsonl")
    assert [turn.prompt for turn in again] == ["When?", "Sure?"]
    assert [turn.messages(thinking=True) for turn in again] == [turn.messages(thinking=True) for turn in turns]


@pytest.mark.parametrize(
    "reply",
    [
        error(429, {"message": "slow down"}),
        [Head(), Chunk(ANSWER[:600]), Reset()],
        stream(ANSWER.partition(b"event: citation-start")[0]),
        stream(message("a", finish_reason="ERROR")),
        stream(CALL),
    ],
)
async def test_what_failed_fails_again(reply: Reply) -> None:
    async with kept([reply]) as (conversation, _):
        turn = await conversation.run("q")
    assert turn.status in ("failed", "incomplete")
    [again], _ = await played(session())
    assert (again.status, again.text, type(again.error)) == (turn.status, turn.text, type(turn.error))


async def test_a_request_is_sent_again_where_it_was() -> None:
    """As often as it was, with the same failures, and waits are not waited where the speed says so."""
    script = [error(503, {}, {"retry-after": "7"}), [Reset()], stream(CALL), error(429, {}), stream(ANSWER)]
    live: list[Event] = []
    async with kept(script, tools=toolbox(hours=1, train=2)) as (conversation, _):
        turn = await conversation.run("q", on_event=live.append)
    assert turn.status == "complete"
    [again], events = await played(session())
    assert without_number(again) == without_number(turn)
    assert retries(events) == retries(live) != []
    [restored] = came_back(session())
    assert state(restored.turn) == state(turn)
    assert retries(restored.events) == retries(live)


async def test_what_was_not_sent_again_is_not() -> None:
    async with kept([error(503, {}), error(502, {})], options=Options(retries=1)) as (conversation, _):
        turn = await conversation.run("q")
    [again], events = await played(session())
    assert isinstance(again.error, HttpError)
    assert (again.status, again.error.status) == (turn.status, 502)
    assert len(retries(events)) == 1


def test_a_session_is_played_by_its_id_and_a_file_goes_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async def keep() -> None:
        async with kept([stream(message("Yes."))]) as (conversation, _):
            await conversation.run("q")

    asyncio.run(keep())
    monkeypatch.chdir(tmp_path)

    def text(wanted: str) -> str:
        code = run(["replay", "--json", "--speed", "max", wanted], os.environ)
        out = capsys.readouterr().out
        return str(json.loads(out.splitlines()[-1])["text"]) if code == 0 else f"exit {code}"

    id = session().stem
    assert text(id) == text(id[:12]) == text(str(session())) == "Yes."
    (tmp_path / id).write_bytes(b"no recording\n")
    assert text(id) == text("missing.sse") == "exit 2"


def test_what_is_neither_a_file_nor_a_session_is_said_to_be(capsys: pytest.CaptureFixture[str]) -> None:
    assert run(["replay", "nowhere", "--json"], os.environ) == 2
    assert capsys.readouterr().err == "replay: there is no file and no session 'nowhere' (no session was kept yet)\n"
    folder = sessions_folder(os.environ)
    assert folder is not None
    folder.mkdir(parents=True)
    for id in ("20261130-1", "20261130-2"):
        (folder / f"{id}.jsonl").write_text("")
    for wanted, said in {
        "20261130": "2 sessions begin with '20261130' (20261130-1, 20261130-2)",
        "20261129-1": "there is no file and no session '20261129-1' (did you mean 20261130-1",
    }.items():
        assert run(["replay", wanted, "--json"], os.environ) == 2
        assert capsys.readouterr().err.startswith(f"replay: {said}")


@pytest.mark.parametrize("slice_seconds", [0.0, 60.0], ids=["between the frames of a chunk", "behind a chunk"])
async def test_a_cancelled_answer_is_cancelled_and_the_next_turn_is_its_own(
    slice_seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.conversation.loop.SLICE_SECONDS", slice_seconds)
    reply: Reply = [Head(), Chunk(ANSWER[:900]), Wait(asyncio.Event())]
    async with kept([reply, stream(message("Next."))]) as (conversation, _):
        async with aclosing(conversation.ask("q")) as events:
            async for event in events:
                if isinstance(event, ContentDelta) and event.text:
                    conversation.cancel()
        await conversation.run("and?")
        text = conversation.turns[0].text
    again, _ = await played(session())
    assert [(turn.status, turn.text) for turn in again] == [("cancelled", text), ("complete", "Next.")]


async def test_a_call_that_never_returned_ends_its_turn() -> None:
    async with kept([stream(CALL), stream(message("Next."))], tools=toolbox(hours=1, train=2)) as (conversation, _):
        async with aclosing(conversation.ask("q")) as events:
            async for event in events:
                if isinstance(event, ToolStarted):
                    conversation.cancel()
        await conversation.run("and?")
    again, _ = await played(session())
    assert [(turn.status, turn.text) for turn in again] == [("cancelled", ""), ("complete", "Next.")]


async def test_the_limit_of_steps_holds_again() -> None:
    async with kept([stream(CALL), stream(CALL)], tools=toolbox(hours=1, train=2), options=Options(max_steps=1)) as (
        conversation,
        _,
    ):
        turn = await conversation.run("q")
    assert turn.status == "max-steps"
    [again], _ = await played(session())
    assert (again.status, len(again.steps)) == ("max-steps", 1)


async def test_more_than_was_recorded_is_said_to_be() -> None:
    replay = Replay([], name="a test", speed=0)
    turn = await replay.run("q")
    await replay.aclose()
    assert (turn.status, "a test has no more requests" in str(turn.error)) == ("failed", True)


# -- turns that were ended from outside ---------------------------------------------------------------


def shape(turn: Turn, events: Sequence[Event]) -> dict[str, Any]:
    """What a turn is, and which events it had, but for their times."""
    return {
        "prompt": turn.prompt,
        "status": turn.status,
        "error": turn.error and (type(turn.error), str(turn.error)),
        "text": turn.text,
        "calls": turn.summary().tool_calls,
        "events": [(event.kind, event.step) for event in events if getattr(event, "kind", "") != "turn-start"],
    }


async def kept_and_played(
    script: Sequence[Reply],
    *,
    stop: Callable[[Conversation, Event], bool],
    options: Options | None = None,
    **tools: Any,
) -> tuple[dict[str, Any], dict[str, Any], list[Turn]]:
    """A turn that `stop` ends, between two that are whole: as it was, and as it is played; and all that were played."""
    whole = stream(message("Whole."))
    lived: list[Event] = []
    async with kept([whole, *script, whole], tools=toolbox(**tools) if tools else None) as (conversation, _):
        await conversation.run("first")
        usual, conversation.options = conversation.options, options or conversation.options
        async with aclosing(conversation.ask("q")) as events:
            async for event in events:
                lived.append(event)
                if stop(conversation, event):
                    conversation.cancel()
        conversation.options = usual
        await conversation.run("last")
        live = shape(conversation.turns[1], lived)
    replay = Replay(recorded_turns(session()), name="a test", speed=0)
    turns, played_events = [], list[list[Event]]()
    for prompt in replay.prompts:
        played_events.append([])
        turns.append(await replay.run(prompt, on_event=played_events[-1].append))
    await replay.aclose()
    return live, shape(turns[1], played_events[1]), turns


def never() -> Wait:
    return Wait(asyncio.Event())


CANCELS: dict[str, tuple[Callable[[], list[Reply]], Callable[[Event], bool]]] = {
    "before a request": (list, lambda event: isinstance(event, TurnStart)),
    "at a request": (list, lambda event: isinstance(event, Request)),
    "in a retry's wait": (lambda: [error(503, {})], lambda event: isinstance(event, Retry)),
    "in the answer": (
        lambda: [[Head(), Chunk(ANSWER[:900]), never()]],
        lambda event: event.kind == "content-delta",
    ),
    "in a tool": (lambda: [stream(CALL)], lambda event: isinstance(event, ToolStarted)),
    "behind a tool": (lambda: [stream(CALL)], lambda event: isinstance(event, ToolResult)),
    "at the second request": (
        lambda: [stream(CALL)],
        lambda event: isinstance(event, Request) and event.step == 2,
    ),
}
TIMEOUTS: dict[str, Callable[[], list[Reply]]] = {
    "in a request": lambda: [[never()]],
    "in the answer": lambda: [[Head(), Chunk(ANSWER[:900]), never()]],
    "in the second request": lambda: [stream(CALL), [never()]],
}


@pytest.mark.parametrize("where", CANCELS)
async def test_a_turn_that_was_cancelled_is_cancelled_there(where: str) -> None:
    script, at = CANCELS[where]
    live, again, turns = await kept_and_played(script(), stop=lambda _, event: at(event), hours=1, train=2)
    assert live["status"] == "cancelled"
    assert again == live
    assert [turn.status for turn in turns] == ["complete", "cancelled", "complete"]


@pytest.mark.parametrize("where", TIMEOUTS)
async def test_a_turn_that_ran_out_of_time_does_so_there(where: str) -> None:
    live, again, turns = await kept_and_played(
        TIMEOUTS[where](), stop=lambda *_: False, options=Options(max_time=1.0), hours=1, train=2
    )
    assert live["status"] == "timeout"
    assert again == live
    assert "longer than 1 s" in live["error"][1]
    assert [turn.status for turn in turns] == ["complete", "timeout", "complete"]


async def test_a_turn_that_ran_out_of_time_in_a_tool_is_no_cancelled_one() -> None:
    async with kept([stream(message("Whole.")), stream(CALL)]) as (conversation, _):
        await conversation.run("first")
        conversation.toolbox, conversation.options = Endless(), Options(max_time=0.3)
        turn = await conversation.run("q")
    [_, again], _ = await played(session())
    assert (turn.status, again.status, str(again.error)) == ("timeout", "timeout", str(turn.error))
    assert (again.text, again.summary().tool_calls) == (turn.text, turn.summary().tool_calls)


class Endless:
    """A tool that never returns."""

    def definitions(self) -> list[dict[str, Any]]:
        return [{"type": "function", "function": {"name": "hours"}}]

    async def run(self, *, call_id: str, name: str, arguments: str, report: Report) -> ToolResult:
        await asyncio.Event().wait()
        raise AssertionError


@pytest.mark.parametrize("kept_lines", range(1, 14))
async def test_a_turn_whose_program_was_killed_is_incomplete_wherever(kept_lines: int, tmp_path: Path) -> None:
    """The lines up to any one are what a kill may leave behind."""
    async with kept([stream(CALL), stream(ANSWER)], tools=toolbox(hours=1, train=2)) as (conversation, _):
        turn = await conversation.run("q")
    lines = session().read_bytes().splitlines(keepends=True)
    assert len(lines) > 14
    cut = tmp_path / "cut.jsonl"
    cut.write_bytes(b"".join(lines[: kept_lines + 1]))
    [again], _ = await played(cut)
    [restored] = came_back(cut)
    assert (again.status, str(again.error)) == (restored.turn.status, str(restored.turn.error))
    assert again.status == "incomplete"
    assert turn.text.startswith(again.text) and again.text == restored.turn.text
    assert len(again.steps) == len(restored.turn.steps)


# -- the command -----------------------------------------------------------------------------------


def test_json_lines_and_exit_codes(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    for name, code in (("plain_text", 0), ("no_message_end", 1), ("error_before_call", 1)):
        assert run(["replay", str(CASSETTES / f"{name}.sse"), "--json", "--speed", "max"]) == code
        lines = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
        assert lines[0]["event"] == "request"
        assert lines[-1]["event"] == "turn-end"
        assert (lines[-1]["status"] == "complete") == (code == 0)
    (tmp_path / "a.jsonl").write_text("{}\n")
    for wrong in ("missing.jsonl", "a.jsonl"):
        assert run(["replay", str(tmp_path / wrong), "--json"]) == 2
        assert capsys.readouterr().err.startswith(f"{tmp_path / wrong}:")
    for speed in ("-1", "fast", "nan", "inf"):
        with pytest.raises(SystemExit) as exit_:
            run(["replay", "a.jsonl", "--speed", speed])
        assert exit_.value.code == 2


@pytest.mark.parametrize("place", ["before the command", "behind it", "in the settings"])
def test_it_logs_where_it_is_told_to(place: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    log, settings = tmp_path / "log.txt", tmp_path / "settings.yaml"
    settings.write_text(f"log: {log.name}\n" if place == "in the settings" else "")
    flag = [] if place == "in the settings" else ["--log", str(log)]
    argv = ["replay", str(CASSETTES / "plain_text.sse"), "--json", "--speed", "max"]
    argv = [*argv, *flag] if place == "behind it" else [*flag, *argv]
    assert run(["--config", str(settings), *argv]) == 0
    assert "INFO workbench: workbench " in log.read_text("utf-8")
    assert capsys.readouterr().err == ""
