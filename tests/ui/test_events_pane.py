"""The events pane: the text of a piece first, when it came, and what is rare in sight."""

from __future__ import annotations

import itertools
import json

import pytest

from tests.loopback import message, stream
from tests.ui.harness import (
    AppPilot,
    ask,
    pane_of,
    rows_of,
    screen_text,
    served,
    settled,
    until,
    until_shown,
    workbench_app,
)
from workbench.events import (
    CitationStart,
    ContentDelta,
    ContentEnd,
    Event,
    Malformed,
    MessageStart,
    Request,
    ToolCallDelta,
    ToolPlanDelta,
    Unknown,
)
from workbench.ui.app import WorkbenchApp
from workbench.ui.panes.event_detail import detail_lines
from workbench.ui.panes.events_pane import EventsPane, event_row


@pytest.mark.parametrize(
    ("event", "line"),
    [
        (ContentDelta(t=1.25, index=0, text="The "), '   1.250  +0.250  "The "  content-delta'),
        (ContentDelta(t=1.25, index=2, thinking="Hm"), '   1.250  +0.250  "Hm"  content-delta thinking  index=2'),
        (ToolPlanDelta(t=1.25, text="I will"), '   1.250  +0.250  "I will"  tool-plan-delta'),
        (ToolCallDelta(t=1.25, arguments="{"), '   1.250  +0.250  "{"  tool-call-delta arguments'),
        (ContentDelta(t=1.25, index=0), "   1.250  +0.250  content-delta  index=0"),
        (CitationStart(t=1.25, text="ten"), '   1.250  +0.250  citation-start  text="ten"'),
    ],
)
def test_an_event_says_what_it_brought(event: Event, line: str) -> None:
    assert event_row(event, 1.0).head.plain.rstrip() == line


def test_the_first_event_has_nothing_before_it() -> None:
    assert event_row(MessageStart(t=0.5)).head.plain.startswith("   0.500          message-start")


@pytest.mark.parametrize(
    ("event", "style"),
    [
        (MessageStart(), "bold"),
        (CitationStart(), "bold"),
        (ContentEnd(), "muted"),
        (Unknown(type="sparkle"), "bold warning"),
        (Malformed(reason="not JSON"), "bold error"),
    ],
)
def test_what_is_rare_stands_out(event: Event, style: str) -> None:
    head = event_row(event, 0.0).head
    start = head.plain.index(event.kind)
    [of_kind] = [span for span in head.spans if span.start == start]
    assert str(of_kind.style) == style


def test_a_large_frame_is_shown_in_part_and_copied_whole() -> None:
    row = event_row(Request(body={"stop_sequences": [f"stop {n}" for n in range(30_000)]}))
    body = row.whole_body()
    assert body is not None
    assert body.plain.count("\n") == 200
    assert "29,8" in body.plain.rpartition("\n")[2]
    assert len(json.loads(row.text())["body"]["stop_sequences"]) == 30_000


async def test_the_frame_of_an_event_opens_below_it() -> None:
    app = workbench_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        await pilot.press("f5", "home")
        rows = rows_of(app, "events")
        key = next(key for key in rows.keys if "content-delta" in rows._row(int(key)).head.plain)
        rows.show(key)
        await pilot.press("space")
        await until_shown(pilot, '"type":"content-delta"')


async def test_space_opens_the_last_event_when_the_pane_was_just_shown() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await ask(pilot, "When does the library open?")
        await pilot.press("f5")
        await settled(pilot)
        await pilot.press("space")
        rows = rows_of(app, "events")
        assert rows.cursor_key == rows.keys[-1]
        assert rows.line_count > len(rows.keys)


# -- at depth --------------------------------------------------------------------------------------------------------

PIECE = ContentDelta(
    t=1.25, step=2, index=0, text="The ",
    raw='{"type":"content-delta","index":0,"delta":{"message":{"content":{"text":"The "}}},"new":1}',
)  # fmt: skip
ODD = b'event: sparkle\ndata: {"type":"sparkle","n":1}\n\ndata: {"type":"content-del\n\n'


def plain(event: Event, width: int, height: int) -> list[str]:
    lines = detail_lines(event, width, height)
    assert len(lines) <= height and all(line.cell_length <= width for line in lines)
    return [line.plain for line in lines]


def test_raw_and_decoded_stand_side_by_side_where_there_is_room() -> None:
    lines = plain(PIECE, 100, 12)
    left, right = zip(*(line.split(" │ ") for line in lines), strict=True)
    assert left[0].strip() == "raw" and right[0].strip() == "decoded"
    assert "".join(map(str.strip, left[1:])) == PIECE.raw
    assert right[1].strip() == "not in the SDK's models: new"
    assert json.loads("".join(right[2:])) == {
        "event": "content-delta", "t": 1.25, "step": 2, "index": 0, "text": "The ", "thinking": "", "logprobs": None,
    }  # fmt: skip


@pytest.mark.parametrize("width", [40, 60, 89])
def test_and_over_one_another_where_there_is_not(width: int) -> None:
    lines = [line.strip() for line in plain(PIECE, width, 30)]
    at = lines.index("decoded")
    assert lines[0] == "raw"
    assert "".join(lines[1:at]).replace(" ", "") == PIECE.raw.replace(" ", "")
    assert '"text": "The ",' in lines[at:]


@pytest.mark.parametrize("height", range(1, 8))
@pytest.mark.parametrize("width", [2, 20, 80, 120])
def test_any_room_is_enough_and_what_is_left_out_is_counted(width: int, height: int) -> None:
    for event in (PIECE, Unknown(raw='{"type":"x"}'), Malformed(raw="{", reason="x"), Request(body={"a": [1] * 50})):
        lines = plain(event, width, height)
        assert lines
    assert "more line" in plain(Request(body={"a": [1] * 50}), 80, height)[-1]


def test_what_the_sdk_loses_is_flagged() -> None:
    assert event_row(Unknown(type="x", raw='{"type":"x"}'), 0.0).head.plain.split("  ")[-1].startswith("type=")
    flagged = event_row(Unknown(type="x", raw='{"type":"x"}'), 0.0, flagged=True)
    assert "! the SDK drops it  unknown" in flagged.head.plain
    assert "! the SDK drops it" in [line.strip() for line in plain(Unknown(raw='{"type":"x"}'), 40, 9)]
    no_line = Malformed(raw="hello", reason="not a line of an event stream: hello")
    assert "! the SDK drops it" in event_row(no_line, 0.0, flagged=True).head.plain
    assert "SDK" not in event_row(PIECE, 0.0, flagged=True).head.plain


async def at_depth(pilot: AppPilot, app: WorkbenchApp) -> EventsPane:
    await ask(pilot, "When does it open?")
    await pilot.press("f5", "z", "d")
    await settled(pilot)
    pane = pane_of(app, "events")
    assert isinstance(pane, EventsPane)
    return pane


@pytest.mark.parametrize("size", [(120, 40), (80, 24)], ids=str)
async def test_the_event_under_the_cursor_is_shown_below_the_list(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot, served(app, [stream(ODD + message("It opens at nine."))]):
        pane = await at_depth(pilot, app)
        assert "an event of this program" in screen_text(app)  # the last one, whose end is followed
        assert pane.shown is not None
        for place in (place for place, each in enumerate(pane.shown.events) if isinstance(each, ContentDelta)):
            pane.show_event(place)
            await settled(pilot)
            text = screen_text(app)
            assert pane.shown.events[place].text.strip() in text  # type: ignore[attr-defined]
            assert "raw" in text and "decoded" in text and '"type":"content-delta"' in text
        assert "! the SDK drops it" in text or size[1] < 40
        await pilot.press("d")
        await settled(pilot)
        assert "decoded" not in screen_text(app)
        assert rows_of(app, "events").cursor_key == str(place)


async def test_a_filter_has_what_the_sdk_loses() -> None:
    app = workbench_app()
    async with app.run_test(size=(120, 40)) as pilot, served(app, [stream(ODD + message("It opens at nine."))]):
        await ask(pilot, "When does it open?")
        await pilot.press("f5", "F", "F")
        await until_shown(pilot, "lost by the SDK")
        heads = [rows_of(app, "events")._row(at).head.plain for at in range(len(rows_of(app, "events").keys))]
        assert [head.split()[2] for head in heads] == ["unknown", "malformed"]


async def test_times_in_which_nothing_came_have_rows_of_their_own() -> None:
    app = workbench_app()
    times = itertools.count(0, 1.84)
    app.conversation._clock = lambda: next(times)
    async with app.run_test(size=(120, 40)) as pilot, served(app, [stream(message("It opens at nine."))]):
        await ask(pilot, "When does it open?")
        await pilot.press("f5", "home")
        rows, events = rows_of(app, "events"), app.conversation.turns[0].events
        await until(pilot, lambda: len(rows.keys) == len(events) + len(events.gaps))
        gaps = {key: rows.text(key) for key in rows.keys if key.endswith("~")}
        assert gaps and set(gaps.values()) <= {f"{1.84 * times:.2f} s nothing" for times in range(1, 4)}
        for number, seconds in events.gaps.items():
            assert events[number].t - events[number - 1].t == pytest.approx(seconds)
            keys = rows.keys
            assert keys[keys.index(str(number)) - 1] == f"{number}~"
        place = rows.keys.index(next(iter(gaps)))
        await pilot.press(*["down"] * place)
        assert rows.cursor_key in gaps
        await pilot.press("f")  # fewer are shown, and these with them
        await settled(pilot)
        assert {key for key in rows.keys if key.endswith("~")} == set(gaps)
        await pilot.press("f")
        await settled(pilot)
        assert not any(key.endswith("~") for key in rows.keys)
