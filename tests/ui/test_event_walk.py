"""From an event to what it became on the screen, and back to it."""

from __future__ import annotations

import pytest

from tests.loopback import message, stream
from tests.ui.harness import (
    AppPilot,
    ask,
    in_focus,
    pane_of,
    rows_of,
    said,
    screen_text,
    served,
    settled,
    until,
    workbench_app,
)
from workbench.events import (
    CitationStart,
    Cited,
    ContentDelta,
    ContentEnd,
    ContentStart,
    Event,
    MessageEnd,
    Request,
    ToolCallDelta,
    ToolCallEnd,
    ToolCallStart,
    ToolPlanDelta,
    ToolResult,
    ToolStarted,
    TurnStart,
)
from workbench.ui.app import WorkbenchApp
from workbench.ui.arrangement import Panel
from workbench.ui.panes.events_pane import EventsPane

SIZES = [(120, 40), (80, 24), (60, 20)]
CALL = message(
    plan="I will look at both.",
    tool_calls=[("c1", "opening_hours", '{"place": "library"}'), ("c2", "train_status", "{}")],
    finish_reason="TOOL_CALL",
)
TEXT = "\n\n".join(["It **opens** at nine."] + [f"Paragraph {number} has some words." for number in range(40)])
SOURCE = {"type": "tool", "id": "c1:0", "tool_output": {"opens": "09:00"}}
CITED = {"start": 18, "end": 22, "text": "nine", "sources": [SOURCE]}
ANSWER = message(TEXT, thinking="First I think.\n\nThen I know.", citations=[CITED])


async def asked(pilot: AppPilot, app: WorkbenchApp) -> None:
    await ask(pilot, "When does it open?")
    await pilot.press("f5")
    await settled(pilot)


def event_here(app: WorkbenchApp) -> Event | None:
    pane = pane_of(app, "events")
    assert isinstance(pane, EventsPane) and pane.shown is not None
    return None if pane.event_here is None else pane.shown.events[pane.event_here]


async def stand_on(pilot: AppPilot, app: WorkbenchApp, is_it: type[Event], number: int = 0) -> Event:
    """Stand on the event of this type, one of this number among them, in the events pane."""
    pane = pane_of(app, "events")
    assert isinstance(pane, EventsPane) and pane.shown is not None
    places = [place for place, event in enumerate(pane.shown.events) if isinstance(event, is_it)]
    app.navigation.show("events")
    pane.show_event(places[number])
    await until(pilot, lambda: event_here(app) is not None)
    event = pane.shown.events[places[number]]
    assert event_here(app) == event
    return event


def focused(app: WorkbenchApp) -> Panel | None:
    return app.navigation.focused_panel


async def follow(pilot: AppPilot, app: WorkbenchApp) -> None:
    before = len(app.stage.said)
    await pilot.press("enter")
    await until(pilot, lambda: len(app.stage.said) > before)
    assert said(app) == "E leads back to the event"


@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_each_event_leads_to_what_it_became_and_a_key_leads_back(size: tuple[int, int]) -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=size) as pilot, served(app, [stream(CALL), stream(ANSWER)]):
        await asked(pilot, app)
        for kind, number, panel, key in (
            (Request, 0, "request", "head 1"),
            (Request, 1, "request", "head 2"),
            (ToolPlanDelta, 2, "tools", "plan 1"),
            (ToolCallStart, 0, "tools", "call 1.0"),
            (ToolCallDelta, 1, "tools", "call 1.0"),
            (ToolCallStart, 1, "tools", "call 1.1"),
            (ToolCallEnd, 1, "tools", "call 1.1"),
            (ToolStarted, 1, "tools", "call 1.1"),
            (ToolResult, 0, "tools", "call 1.0"),
        ):
            event = await stand_on(pilot, app, kind, number)
            await follow(pilot, app)
            await until(pilot, lambda panel=panel: focused(app) == panel)  # type: ignore[misc]
            await until(pilot, lambda panel=panel, key=key: rows_of(app, panel).cursor_key == key)  # type: ignore[misc]
            await pilot.press("E")
            await until(pilot, lambda event=event: focused(app) == "events" and event_here(app) == event)  # type: ignore[misc]


async def lit(app: WorkbenchApp) -> str:
    """The characters of the chat that stand out because one was led to them."""
    view = app.chat.view
    lines = view.span_in_view
    if lines is None:
        return ""
    runs = [run for line in range(lines[0], lines[1] + 1) for run in view.line_at(line).runs if -1 in run.marks]
    return "".join(run.text for run in runs)


@pytest.mark.parametrize("is_zoomed", [False, True])
@pytest.mark.parametrize("size", SIZES, ids=str)
async def test_a_piece_of_text_leads_to_its_very_words(size: tuple[int, int], is_zoomed: bool) -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=size) as pilot, served(app, [stream(CALL), stream(ANSWER)]):
        await asked(pilot, app)
        turn = app.conversation.turns[-1]
        deltas = [event for event in turn.events if isinstance(event, ContentDelta)]
        for number in (0, len(deltas) // 2, len(deltas) - 1, 3):
            event = await stand_on(pilot, app, ContentDelta, number)
            assert isinstance(event, ContentDelta)
            if is_zoomed:
                await pilot.press("z")
            await follow(pilot, app)
            await until(pilot, lambda: focused(app) == "chat")
            await settled(pilot)
            words = (event.text or event.thinking).replace("*", "").split()
            assert "".join((await lit(app)).split()) == "".join(words)
            await pilot.press("E")
            await until(pilot, lambda event=event: focused(app) == "events" and event_here(app) == event)  # type: ignore[misc]
        await pilot.press("f2")
        await pilot.press("right_square_bracket")  # who walks on to a citation is led nowhere any more
        assert await lit(app) == ""
        marks = [citation for citation in app.chat.view._turns.citations() if citation[1] < 0]
        assert marks == []


async def test_blocks_and_ends_lead_to_where_they_are() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=(120, 40)) as pilot, served(app, [stream(CALL), stream(ANSWER)]):
        await asked(pilot, app)
        for kind, number, shown in ((ContentStart, 1, "opens"), (ContentEnd, 1, "words."), (MessageEnd, 1, "words.")):
            await stand_on(pilot, app, kind, number)
            await follow(pilot, app)
            await until(pilot, lambda: focused(app) == "chat")
            await settled(pilot)
            assert shown in screen_text(app)
        await stand_on(pilot, app, TurnStart)
        await follow(pilot, app)
        assert focused(app) == "chat"


@pytest.mark.parametrize("kind", [CitationStart, Cited])
async def test_a_citation_leads_to_its_words_and_its_source(kind: type[Event]) -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=(120, 40)) as pilot, served(app, [stream(CALL), stream(ANSWER)]):
        await asked(pilot, app)
        event = await stand_on(pilot, app, kind)
        await follow(pilot, app)
        turn = app.conversation.turns[-1]
        assert focused(app) == "chat"
        assert app.chat.view.citation_in_view == (turn.number, 0)
        assert rows_of(app, "sources").cursor_key is not None
        await pilot.press("E")
        await until(pilot, lambda: focused(app) == "events" and event_here(app) == event)


async def test_what_one_stands_on_leads_to_the_event_that_brought_it() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=(120, 40)) as pilot, served(app, [stream(CALL), stream(ANSWER)]):
        await ask(pilot, "When does it open?")

        async def leads(panel: Panel, key: str, kind: type[Event], step: int = 1) -> Event:
            app.navigation.show(panel)
            await settled(pilot)
            rows_of(app, panel).show(key)
            await pilot.press("E")
            await until(pilot, lambda: focused(app) == "events" and isinstance(event_here(app), kind))
            event = event_here(app)
            assert event is not None and event.step == step
            return event

        call = await leads("tools", "call 1.1", ToolCallStart)
        assert isinstance(call, ToolCallStart) and call.name == "train_status"
        await leads("tools", "plan 1", ToolPlanDelta)
        await leads("tools", "step 2", Request, 2)
        await leads("request", "head 2", Request, 2)
        await leads("sources", rows_of(app, "sources").keys[0], Cited, 2)
        app.navigation.show("chat")
        await pilot.press("right_square_bracket", "E")
        await until(pilot, lambda: focused(app) == "events" and isinstance(event_here(app), Cited))


async def test_a_hidden_event_is_shown_when_one_is_led_to_it() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=(120, 40)) as pilot, served(app, [stream(CALL), stream(ANSWER)]):
        await asked(pilot, app)
        await pilot.press("f", "f", "f")  # citations alone
        await settled(pilot)
        app.navigation.show("tools")
        rows_of(app, "tools").show("call 1.0")
        await pilot.press("E")
        await until(pilot, lambda: isinstance(event_here(app), ToolCallStart))
        assert in_focus(app) is rows_of(app, "events")
