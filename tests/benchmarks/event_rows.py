"""What the events pane costs with 50,000 events beside what it costs with 500: opened, scrolled, filtered, searched.

The app runs without a terminal, so that all but writing to one is in it. Beside how long something takes until it is
done stands how much time of the processor the event loop took at once meanwhile, at most: keys wait for no more than
that, on a machine that has nothing else to do.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager

from tests.benchmarks.figures import number, percentile
from tests.benchmarks.loop_gaps import TICK
from tests.benchmarks.session import WIDE
from tests.ui.harness import AppPilot, Starts
from workbench.cohere_client import ClientOptions, connect
from workbench.conversation import Conversation, Options
from workbench.conversation.turn import Turn
from workbench.events import (
    ContentDelta,
    ContentEnd,
    ContentStart,
    Event,
    MessageEnd,
    MessageStart,
    Request,
    TurnEnd,
    TurnStart,
    Unknown,
)
from workbench.ui.about import About
from workbench.ui.app import WorkbenchApp
from workbench.ui.panes.events_pane import EventsPane
from workbench.ui.restoring import Restoring

FEW, MANY, QUICK = 500, 50_000, 5_000
PAGES = 20
RARE = "zanzibar"  # a word of one event
LOOK_SECONDS = 0.002
LIMIT = 60.0  # seconds that anything may take

Done = Callable[[], bool]


def turn_of(count: int) -> Turn:
    """A turn of so many events, most of them pieces of its answer."""
    turn = Turn(1, "benchmark")
    pieces = count - 8
    events: list[Event] = [TurnStart(turn=1, prompt="benchmark"), Request(t=0.0, body={"model": "m", "messages": []})]
    events += [MessageStart(t=0.1), ContentStart(t=0.1, index=0)]
    for place in range(pieces):
        text = f"{RARE} " if place == pieces // 2 else f"word{place % 97} " + "\n\n" * (place % 60 == 59)
        raw = f'{{"type":"content-delta","index":0,"delta":{{"message":{{"content":{{"text":"{text!r}"}}}}}}}}'
        events.append(ContentDelta(t=0.1 + place * 0.02, index=0, text=text, raw=raw.replace("'", "")))
    end = 2.5 + pieces * 0.02  # behind a gap
    events += [Unknown(t=end, type="sparkle", raw='{"type":"sparkle"}'), ContentEnd(t=end, index=0)]
    for event in (*events, MessageEnd(t=end, finish_reason="COMPLETE")):
        for each in (event, *turn.apply(event)):
            turn.keep(each)
    turn.status = "complete"
    turn.keep(TurnEnd(t=end, status="complete", summary=turn.summary()))
    return turn


class _Ticker:
    """A task that sleeps; how much of the processor all else took between two of its turns, at most, is `longest`."""

    def __init__(self) -> None:
        self.longest = 0.0

    async def run(self) -> None:
        while True:
            before = time.thread_time()
            await asyncio.sleep(TICK)
            self.longest = max(self.longest, time.thread_time() - before)


class _Measured:
    """The events pane of an app with one turn; `figures` are (seconds, most at once), by what was done."""

    def __init__(self, app: WorkbenchApp, pilot: AppPilot) -> None:
        self.app, self.pilot = app, pilot
        pane = app.panes["events"]
        assert isinstance(pane, EventsPane)
        self.pane, self.rows = pane, pane.rows
        self.figures: dict[str, tuple[float, float]] = {}

    async def note(self, name: str, do: Callable[[], Awaitable[object] | object], done: Done, first: Done) -> None:
        """Do something until it is done; when `first` holds, something of it is seen."""
        ticker = _Ticker()
        ticking = asyncio.create_task(ticker.run())
        await asyncio.sleep(0.05)
        ticker.longest, began, seen = 0.0, time.perf_counter(), None
        made = do()
        if isinstance(made, Awaitable):
            await made
        while not done():
            if seen is None and first():
                seen = time.perf_counter() - began
            if time.perf_counter() - began > LIMIT:
                raise TimeoutError(name)
            await asyncio.sleep(LOOK_SECONDS)
        whole = time.perf_counter() - began
        await asyncio.sleep(0.05)
        ticking.cancel()
        self.figures[f"{name}: ms until something is seen"] = (whole if seen is None else seen, ticker.longest)
        self.figures[f"{name}: ms until all of it is there"] = (whole, ticker.longest)

    async def repeat(self, name: str, do: Callable[[], object], times: int) -> None:
        """The median of something that is done at once, with all lines in view painted."""
        took = []
        for _ in range(times):
            await self.pilot.pause()
            began = time.thread_time()
            do()
            for y in range(self.rows.size.height):
                self.rows.render_line(y)
            took.append(time.thread_time() - began)
        self.figures[f"{name}: ms"] = (percentile(took, 50), max(took))


@asynccontextmanager
async def _opened(turn: Turn) -> AsyncIterator[_Measured]:
    client = connect(ClientOptions(offline=True), {})
    conversation = Conversation(client, Options(model="m"))
    app = WorkbenchApp(conversation, About("benchmark"), Starts(client))
    async with app.run_test(size=WIDE) as pilot:
        conversation.restore([turn], last=1)
        await Restoring([turn], "").show(app.stage)
        await pilot.pause(0.3)
        yield _Measured(app, pilot)


async def measure(count: int) -> dict[str, tuple[float, float]]:
    """The figures of a turn of so many events."""
    async with _opened(turn_of(count)) as it:
        app, rows, pane = it.app, it.rows, it.pane
        total = count + 1  # and the gap

        def has_rows() -> bool:
            return rows.line_count > 0 and rows.size.height > 0

        await it.note("open", lambda: app.navigation.show("events"), lambda: len(rows.keys) == total, has_rows)
        await it.pilot.pause()
        rows.cursor = 0
        await it.repeat("a page down", lambda: rows.action_page(1), PAGES)
        await it.repeat("from one end to the other", lambda: rows.action_edge(0 if rows.cursor else -1), PAGES)
        await it.note(
            "filter",
            lambda: rows.action_filter(1),
            lambda: pane._filter.name != "" and pane._rows_made == count,
            lambda: bool(rows.keys),
        )
        await it.note("all again", lambda: rows.action_filter(-1), lambda: len(rows.keys) == total, has_rows)

        def search() -> None:
            rows.action_search()
            rows._type(RARE)

        await it.note(
            "search",
            search,
            lambda: rows._whole and rows._word == RARE and rows._hit_count > 0,
            lambda: rows._hit_count > 0,
        )
        await it.pilot.press("escape")
        await it.pilot.pause()
        place = count // 2
        pane.show_event(place)
        await it.pilot.pause()
        await it.note("at depth", pane.toggle_detail, lambda: len(rows.keys) == total, has_rows)
        pane.show_event(place)
        await it.pilot.pause()
        view = app.chat.view
        seen = lambda: view.span_in_view is not None  # noqa: E731
        await it.note("to the words in the chat", lambda: app.commands.perform("follow-event"), seen, seen)
        await it.pilot.pause(0.1)
        back = lambda: app.navigation.focused_panel == "events" and pane.event_here == place  # noqa: E731
        await it.note("back to the event", lambda: app.commands.perform("to-event"), back, back)
        return it.figures


def table(*, quick: bool) -> str:
    """Milliseconds by what was done, with few events and with many."""
    many = QUICK if quick else MANY
    figures = [asyncio.run(measure(count)) for count in (FEW, many)]
    lines = [
        f"| events pane at 120x40 | {FEW:,} events | at once | {many:,} events | at once |",
        "| --- | ---: | ---: | ---: | ---: |",
    ]
    for name in figures[0]:
        cells = [number(1000 * value) for each in figures for value in each[name]]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    return "\n".join(lines)
