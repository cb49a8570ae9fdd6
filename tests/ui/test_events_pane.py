"""The events pane: the text of a piece first, when it came, and what is rare in sight."""

from __future__ import annotations

import json

import pytest

from tests.ui.harness import ask, rows_of, settled, until_shown, workbench_app
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
from workbench.ui.panes.events_pane import event_row


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
