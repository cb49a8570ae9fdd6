"""A recording in the app, step by step: going back to an event shows what going on to it showed."""

from __future__ import annotations

import asyncio
import os
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.segment import Segment

from tests.core.keeping import kept, session, toolbox
from tests.core.streams import CASSETTES, RECORDINGS
from tests.core.test_sessions_resume import ANSWER, CALL
from tests.loopback import message, stream
from tests.recordings import damaged_recording
from tests.ui.harness import (
    LONGEST_WAIT,
    AppPilot,
    chat_text,
    pane_of,
    rows_of,
    said,
    screen_text,
    until,
    until_shown,
    workbench_app,
)
from workbench.commands import replay
from workbench.config.settings_model import Settings
from workbench.conversation.turn_again import NOTED_EVERY, TurnAgain
from workbench.errors import RecordingError
from workbench.events import Event
from workbench.secrets.redactor import Redactor
from workbench.sessions.reel import Place
from workbench.ui.app import WorkbenchApp
from workbench.ui.markdown.block_parser import BlockParser
from workbench.ui.markdown.feed import SourceLine
from workbench.ui.panes.pane import Pane
from workbench.ui.replaying import Replaying
from workbench.ui.screens.breaks import BreaksScreen

STREAMS = sorted([*RECORDINGS.glob("*.sse"), *CASSETTES.glob("*.sse")])
SIZES = [(120, 40), (80, 24)]


def opened(path: Path, *, paused: bool = True, breaks: Sequence[str] = (), speed: float = 0.0) -> WorkbenchApp:
    """The app that plays a recording."""
    played = replay.Played(path, "a test")
    manner = replay.Manner(speed=speed, paused=paused, breaks=frozenset(breaks))
    return replay.screen(played, replay.read(played, Redactor()), Settings(), os.environ, manner)


def replaying(app: WorkbenchApp) -> Replaying:
    assert isinstance(app.replaying, Replaying)
    return app.replaying


def looks(app: WorkbenchApp) -> list[list[tuple[str, str]]]:
    """The screen as text with its styles."""
    lines = []
    for strip in app.screen._compositor.render_strips():
        pieces = Segment.simplify(strip)
        lines.append([(text, str(style)) for text, style, _ in pieces])
    return lines


async def at_rest(app: WorkbenchApp, pilot: AppPilot) -> list[list[tuple[str, str]]]:
    """The screen once it changes no more."""
    before = None
    for _ in range(LONGEST_WAIT):
        await pilot.pause(0.03)
        now = None if is_changing(app) else looks(app)
        if now is not None and now == before:
            return now
        before = now
    waits = dict(zip(("replay", "chat", "bar", "tools", "sources", "hand"), changing(app), strict=True))
    raise AssertionError(f"never at rest: {waits}, {app.fault!r}\n{screen_text(app)}")


def is_changing(app: WorkbenchApp) -> bool:
    """Whether something that came is not shown yet."""
    return any(changing(app))


def changing(app: WorkbenchApp) -> tuple[bool, ...]:
    """Of the replay, the chat, its scroll bar, the panes of tools and sources, and what is handed on to all."""
    view, hand = app.chat.view, app.asking._hand_on_due is not None
    busy = replaying(app).busy, view.is_working, view._bar_goes is not None
    return (*busy, app.tools._is_due, app.sources._waiting, hand)


def at_once(app: WorkbenchApp) -> None:
    """Let the panes gather nothing: what is shown is all that there is."""
    for pane in app.panes.values():
        if isinstance(pane, Pane):
            pane.patience = 0.01


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
async def test_going_back_shows_what_going_on_showed(path: Path, size: tuple[int, int]) -> None:
    async with kept([stream(path.read_bytes())]) as (conversation, _):
        await conversation.run("q")
    app = opened(session())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: not app.loading)
        at_once(app)
        kinds = replaying(app)._reel.turns[0].kinds
        count, luck = len(kinds), random.Random(path.stem)
        numbers = range(1, count + 1)
        some = (
            {kinds.index(kind) + 1 for kind in set(kinds)} if size == SIZES[0] else luck.sample(numbers, min(count, 4))
        )
        wanted = sorted(numbers if count <= 8 else {2, count, *some})
        shown = {}
        for number in wanted:
            while (at := replaying(app).at) is not None and at.events < number:
                replaying(app).perform("event-on")
            shown[number] = await at_rest(app, pilot)
        for number in [*reversed(wanted), *luck.sample(wanted, 2)]:
            replaying(app).perform("goto", str(number))
            now = await at_rest(app, pilot)
            assert replaying(app).at == Place(0, number)
            assert now == shown[number], f"{number}: {screen_text(app)}"


# -- by keys -----------------------------------------------------------------------------------------


async def two_turns() -> Path:
    """A session with tool calls, an answer with citations, and a second question."""
    tools = toolbox(hours={"opens": "09:00"}, train="late")
    async with kept([stream(CALL), stream(ANSWER), stream(message("Yes."))], tools=tools) as (conversation, _):
        await conversation.run("When?")
        await conversation.run("Sure?")
    return session()


def here(app: WorkbenchApp) -> tuple[int, int, str]:
    """The turn and the event where one is, which count from 0 and from 1, and its kind."""
    at = replaying(app).at
    assert at is not None
    return at.turn, at.events, replaying(app)._reel.kind(at)


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_keys_step_from_wherever_one_is(size: tuple[int, int]) -> None:
    app = opened(await two_turns())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: not app.loading)
        assert here(app) == (0, 1, "turn-start")
        await pilot.press("full_stop", "right")
        await until_shown(pilot, "event 3 of", "message-start · step 1")
        await pilot.press("comma", "left")
        assert here(app) == (0, 1, "turn-start")
        await pilot.press("left")
        assert said(app) == "no event comes before this in the recording"
        for focus in ("f2", "f3", "f5", "f6"):
            await pilot.press(focus, "w")
            assert here(app)[2] == "message-start"
            await pilot.press("s")
            assert here(app)[2] == "tool-call-start"
            first = here(app)
            await pilot.press("s", "S")
            assert here(app) == first
            await pilot.press("W", "comma", "left", "left", "left", "left")
            while here(app)[1] > 1:
                await pilot.press("comma")
        await pilot.press("escape")
        await type_line(pilot, "/goto end")
        await until(pilot, lambda: not app.busy)
        assert here(app)[::2] == (1, "turn-end")
        await until_shown(pilot, "Yes.", "turn 2 of 2")
        await type_line(pilot, "/goto 1")
        await pilot.press("left")
        await until(pilot, lambda: not app.busy)
        assert here(app)[::2] == (0, "turn-end")
        await until(pilot, lambda: "Sure?" not in screen_text(app))
        assert [turn.prompt for turn in app.conversation.turns] == ["When?"]


async def type_line(pilot: AppPilot, text: str) -> None:
    app = pilot.app
    assert isinstance(app, WorkbenchApp)
    app.prompt.focus()
    app.prompt.insert(text)
    await pilot.press("enter")


async def test_what_is_typed_behind_something_is_typed() -> None:
    """And the commands of a conversation change nothing of the recording."""
    app = opened(await two_turns())
    async with app.run_test(size=SIZES[1]) as pilot:
        await until(pilot, lambda: not app.loading)
        await pilot.press("slash", "s", "p", "e", "e", "d", "space", "4", "left", "full_stop", "w")
        assert app.prompt.text.startswith("/speed ") and here(app)[1] == 1
        app.prompt.put("")
        await type_line(pilot, "/clear")
        assert "there is nobody to ask" in said(app)
        assert [turn.prompt for turn in app.conversation.turns] == ["When?"]


@pytest.mark.parametrize("slice_seconds", [0.01, -1.0], ids=["at once", "by and by"])
async def test_space_plays_and_pauses_and_one_who_is_done_begins_again(
    slice_seconds: float, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("workbench.ui.replaying.SLICE_SECONDS", slice_seconds)
    app = opened(await two_turns())
    async with app.run_test(size=SIZES[1]) as pilot:
        await until(pilot, lambda: not app.loading)
        await pilot.press("space")
        await until(pilot, lambda: not app.busy)
        assert here(app)[::2] == (1, "turn-end")
        await until_shown(pilot, "⏸ event")
        shown = chat_text(app)
        await pilot.press("p")
        await until(pilot, lambda: not app.busy and chat_text(app) == shown and here(app)[2] == "turn-end")
        await pilot.press("f2", "comma", "space")
        await until(pilot, lambda: not app.busy and here(app)[2] == "turn-end")
        await pilot.press("f5")
        await pilot.press("space")
        rows = rows_of(app, "events")
        assert rows._open == {rows.cursor_key} != {None}  # which is what Space does there


async def test_it_plays_at_its_pace_and_escape_pauses() -> None:
    waits: list[float] = []
    go_on = asyncio.Event()

    async def sleep(seconds: float) -> None:
        waits.append(seconds)
        await go_on.wait()

    app = opened(await two_turns(), speed=4.0)
    replaying(app)._sleep, replaying(app)._clock = sleep, lambda: 0.0
    async with app.run_test(size=SIZES[1]) as pilot:
        await until(pilot, lambda: not app.loading)
        times = replaying(app)._reel.turns[0].times
        await pilot.press("space")
        await until(pilot, lambda: bool(waits))
        event = here(app)[1]
        assert waits[0] == pytest.approx(times[event] / 4)
        await until_shown(pilot, "▶ event", "4×")
        await pilot.press("plus")
        await until(pilot, lambda: len(waits) == 2)
        assert waits[1] == pytest.approx((times[event] - times[event - 1]) / 8)
        await pilot.press("escape")
        await until_shown(pilot, "⏸ event", "8×")
        await type_line(pilot, "/speed max")
        await until_shown(pilot, "max speed")
        go_on.set()
        await pilot.press("space")
        await until(pilot, lambda: here(app)[::2] == (1, "turn-end"))


async def test_it_pauses_behind_the_kinds_that_are_chosen() -> None:
    app = opened(await two_turns(), breaks=["tool-result"])
    async with app.run_test(size=SIZES[1]) as pilot:
        await until(pilot, lambda: not app.loading)
        await pilot.press("space")
        await until(pilot, lambda: here(app)[2] == "tool-result")
        assert said(app) == "paused behind tool-result"
        await pilot.press("b")
        await until_shown(pilot, "Pause behind events of these kinds", "○ turn-start", "● tool-result")
        await pilot.press("enter", "escape")
        await until_shown(pilot, "2 stops")
        await type_line(pilot, "/break tool-result")
        assert said(app) == "the replay no longer pauses behind tool-result"
        await pilot.press("space")
        await until(pilot, lambda: not app.busy)
        assert here(app) == (1, 1, "turn-start")
        await type_line(pilot, "/break cite")
        assert said(app) == "the recording has no event 'cite'; did you mean `cited`?"


async def test_enter_on_an_event_goes_there() -> None:
    app = opened(await two_turns())
    async with app.run_test(size=SIZES[0]) as pilot:
        await until(pilot, lambda: not app.loading)
        await type_line(pilot, "/goto 20")
        await pilot.press("f5")
        rows = rows_of(app, "events")
        await pilot.press("end")
        assert rows.cursor_key == "19"
        await pilot.press("up", "up", "up", "enter")
        await until(pilot, lambda: here(app)[1] == 17)
        await until(pilot, lambda: rows.keys == tuple(map(str, range(17))) and rows.cursor_key == "16")
        await pilot.press("full_stop")
        await until(pilot, lambda: rows.cursor_key == "17")  # one stands where one is
        await type_line(pilot, "/goto 0.0s")
        assert here(app)[1] == replaying(app)._reel.timed(Place(), 0.0).events


async def test_an_earlier_turn_that_one_looked_at_gives_way_to_a_step() -> None:
    app = opened(await two_turns())
    async with app.run_test(size=SIZES[0]) as pilot:
        await until(pilot, lambda: not app.loading)
        await type_line(pilot, "/goto end")
        await until(pilot, lambda: not app.busy)
        await type_line(pilot, "/goto 3")
        await pilot.press("ctrl+up")
        await until_shown(pilot, "turn 1 of 2")
        await pilot.press("full_stop")
        await until_shown(pilot, "turn 2 of 2")
        assert pane_of(app, "tools").shown is app.conversation.turns[-1]


async def test_without_a_replay_its_keys_are_typed_and_its_commands_say_so() -> None:
    app = workbench_app()
    async with app.run_test(size=SIZES[1]) as pilot:
        await until(pilot, lambda: not app.loading)
        await pilot.press("f2", "p", "full_stop", "w")
        assert app.prompt.text == "p.w"
        app.prompt.put("")
        await type_line(pilot, "/goto 3")
        assert said(app) == "this works in a replay: workbench replay FILE, or the id of a session"


# -- what is hostile, torn or long -------------------------------------------------------------------


@pytest.mark.parametrize("seed", range(6))
async def test_a_damaged_recording_is_stepped_through_as_far_as_it_can_be_read(seed: int, tmp_path: Path) -> None:
    path = tmp_path / "a.jsonl"
    path.write_bytes(damaged_recording(random.Random(seed + 40)))
    try:
        app = opened(path)
    except RecordingError as error:
        assert str(error).startswith(f"{path}:")
        return
    async with app.run_test(size=SIZES[1]) as pilot:
        await until(pilot, lambda: not app.loading)
        for key in ("f5", *("full_stop",) * 30, *("comma",) * 20, "s", "S", "w", "W", "f3", "f4", "f6", "f2"):
            await pilot.press(key)
        await type_line(pilot, "/goto end")
        await until(pilot, lambda: not app.busy)
        await pilot.press("left", "left", "right")
    assert app.return_code in (None, 0)
    assert app.fault is None


@pytest.mark.parametrize("cut", [0.2, 0.5, 0.8, 0.97])
async def test_a_torn_recording_is_stepped_through_to_where_it_ends(cut: float, tmp_path: Path) -> None:
    whole = (await two_turns()).read_bytes()
    path = tmp_path / "torn.jsonl"
    path.write_bytes(whole[: int(len(whole) * cut)])
    app = opened(path)
    async with app.run_test(size=SIZES[1]) as pilot:
        await until(pilot, lambda: not app.loading)
        await type_line(pilot, "/goto end")
        await until(pilot, lambda: not app.busy)
        await until_shown(pilot, "the program ended before the answer did")
        await pilot.press("left")
        await until(pilot, lambda: "the program ended" not in screen_text(app))


async def test_going_back_in_a_long_turn_folds_and_parses_little(monkeypatch: pytest.MonkeyPatch) -> None:
    text = "".join(f"## Part {part}\n\nThe tide turns at {part}, and the boats leave.\n\n" for part in range(1500))
    async with kept([stream(message(text))]) as (conversation, _):
        await conversation.run("q")
    app = opened(session())
    async with app.run_test(size=SIZES[1]) as pilot:
        await until(pilot, lambda: not app.loading)
        await type_line(pilot, "/goto end")
        await until(pilot, lambda: not app.busy and not app.chat.view.is_working)
        folded: list[Event] = []
        parsed: list[int] = []
        fold, feed = TurnAgain.on, BlockParser.feed

        def on(going: TurnAgain) -> Event:
            folded.append(fold(going))
            return folded[-1]

        def count_and_feed(parser: BlockParser, line: SourceLine) -> None:
            parsed.append(1)
            feed(parser, line)

        monkeypatch.setattr(TurnAgain, "on", on)
        monkeypatch.setattr(BlockParser, "feed", count_and_feed)
        for _ in range(5):
            await pilot.press("left")
        await until(pilot, lambda: not app.busy and not app.chat.view.is_working)
        count = replaying(app)._reel.length(Place())[0]
        assert count > 10_000 and here(app)[1] == count - 5
        assert len(folded) <= 5 * NOTED_EVERY
        assert len(parsed) < 300


@pytest.mark.parametrize("size", [(30, 10), (60, 20), (80, 24), (200, 60)], ids=str)
async def test_the_line_and_the_list_fit_every_size(size: tuple[int, int]) -> None:
    app = opened(await two_turns(), breaks=["cited"])
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: not app.loading)
        await pilot.press("right", "right")
        line = app.query_one("#replay-line")
        assert line.region.height == 1
        assert app.size.region.contains_region(line.region)
        await until_shown(pilot, "event 3 of")
        await pilot.press("b")
        await until(pilot, lambda: isinstance(app.screen, BreaksScreen) and app.focused is not None)
        await pilot.press("end", "enter")
        await until_shown(pilot, "● turn-end")
        assert replaying(app).breaks == {"cited", "turn-end"}
        await pilot.press("home")
        await until_shown(pilot, "○ turn-start")
        await pilot.press("escape")
        await until(pilot, lambda: not isinstance(app.screen, BreaksScreen))
