"""How a turn looks in the tools pane: times and bars, calls that are folded together, and what is never cut."""

from __future__ import annotations

import json
from collections.abc import Sequence
from itertools import count, pairwise
from types import SimpleNamespace
from typing import Any

import pytest

from tests.loopback import message, stream
from tests.ui.harness import (
    AppPilot,
    ask,
    listens,
    pane_of,
    screen_text,
    served,
    settled,
    until,
    until_shown,
    workbench_app,
)
from workbench.conversation.turn import Turn
from workbench.events import (
    ContentDelta,
    Event,
    MessageEnd,
    PersonAnswered,
    PersonAsked,
    Request,
    Retrieval,
    Retry,
    ToolCallDelta,
    ToolCallStart,
    ToolPlanDelta,
    ToolResult,
    ToolStarted,
    TurnEnd,
    TurnSummary,
)
from workbench.tools.people import NoPeople
from workbench.tools.runners.reply import CannedReply
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore
from workbench.ui.app import WorkbenchApp
from workbench.ui.messages import DocumentsSearched
from workbench.ui.panes import tools_pane, values
from workbench.ui.panes.pane import PaneTitle
from workbench.ui.panes.time_axis import bar, seconds, tails

WIDE, NARROW = (120, 40), (80, 24)


def called(number: int, name: str, arguments: Any, t: float = 1.0) -> list[Event]:
    return [
        ToolCallStart(t=t, index=number, name=name),
        ToolCallDelta(t=t, index=number, arguments=json.dumps(arguments)),
    ]


def ran(number: int, name: str, t: float, took: float, value: Any = 1, error: str = "", kind: str = "") -> list[Event]:
    outcome: dict[str, Any] = {"error": error, "error_kind": kind} if error else {"result": value}
    return [ToolResult(t=t, id=f"c{number}", name=name, call=number, seconds=took, **outcome)]


def turn_of(*happened: Event | list[Event], total: float | None = 10.0) -> Turn:
    turn = Turn(1, "?")
    flat: list[Event] = [Request(t=0.0, body={})]
    for each in happened:
        flat += each if isinstance(each, list) else [each]
    if total is not None:
        flat.append(TurnEnd(t=total, status="complete", summary=TurnSummary(status="complete")))
    for event in flat:
        turn.apply(event)
        turn.keep(event)
    return turn


def started(*names: str, t: float = 1.0) -> list[Event]:
    return [ToolStarted(t=t, id=f"c{n}", name=name, call=n) for n, name in enumerate(names)]


async def shown(pilot: AppPilot, app: WorkbenchApp, turn: Turn) -> str:
    """What the tools pane shows of a turn."""
    app.navigation.show("tools")
    pane_of(app, "tools").show(turn)
    await settled(pilot)
    region = app.tools.region
    lines = screen_text(app).split("\n")[region.y : region.bottom]
    return "\n".join(line[region.x : region.right].rstrip() for line in lines)


# -- time ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("spans", "expected"),
    [
        ([(0.0, 10.0)], "━━━━━━━━━━"),
        ([(5.0, 10.0)], "     ━━━━━"),
        ([(0.0, 0.5)], "╸         "),
        ([(0.5, 1.0)], "╺         "),
        ([(3.0, 3.0)], "   ╸      "),
        ([(10.0, 10.0)], "         ╺"),
        ([(0.0, 1.0), (9.0, 10.0)], "━        ━"),
        ([(2.0, 99.0)], "  ━━━━━━━━"),
    ],
)
def test_a_bar_spans_its_own_beginning_and_end(spans: list[tuple[float, float]], expected: str) -> None:
    assert bar([(span, "tool") for span in spans], 10.0, 10).plain == expected


def test_a_bar_has_the_colours_of_what_it_was() -> None:
    content = bar([((0.0, 5.0), "waiting"), ((5.0, 10.0), "tool")], 10.0, 4)
    assert [str(span.style) for span in content.spans] == ["waiting", "waiting", "tool", "tool"]


@pytest.mark.parametrize(("value", "expected"), [(0.0, "0.00"), (9.994, "9.99"), (12.34, "12.3"), (1234.5, "1,234")])
def test_seconds_have_the_digits_that_tell_something(value: float, expected: str) -> None:
    assert seconds(value) == expected


def test_without_an_end_there_is_a_duration_and_no_bar() -> None:
    assert [tail.plain for tail in tails(0.6, [((0.0, 0.6), "model")], None)] == ["  0.60"]


async def test_forty_calls_that_took_no_time_have_no_long_bars() -> None:
    """Their results came one after the other, over most of the turn."""
    names = ["price"] * 2 + ["stock"] * 2
    turn = turn_of(
        *(called(n, name, {"n": n}) for n, name in enumerate(names)),
        MessageEnd(t=1.0, finish_reason="TOOL_CALL"),
        started(*names),
        *(ran(n, name, 1.0 + 2 * n, 0.0) for n, name in enumerate(names)),
    )
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        text = await shown(pilot, app, turn)
        rows = [line for line in text.split("\n") if "✓" in line]
        assert len(rows) == 4
        assert all(line.count("━") + line.count("╸") + line.count("╺") == 1 for line in rows)


async def test_the_times_of_a_turn_stand_in_the_title_and_at_the_right() -> None:
    turn = turn_of(
        called(0, "hours", {"place": "library"}),
        MessageEnd(t=1.5, finish_reason="TOOL_CALL"),
        started("hours", t=1.5),
        PersonAsked(t=1.6, id="c0", name="hours"),
        PersonAnswered(t=9.8, id="c0", name="hours", seconds=8.2),
        ran(0, "hours", 10.7, 0.9, {"opens": "09:00", "closes": "18:00"}),
        total=10.7,
    )
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot:
        await shown(pilot, app, turn)
        assert app.stage.tabs.summary == "10.7 s  model 1.5 tools 0.9 you 8.2"
        await pilot.press("z")
        await until_shown(pilot, "turn  1 call", "step 1")
        text = screen_text(app)
        assert "asked you 8.2 s" in text
        assert "place: library  → opens 09:00, closes 18:00" in text
        step = next(line for line in text.split("\n") if line[1:].startswith("step 1")).replace("▌", " ")
        call = next(line for line in text.split("\n") if "✓ hours" in line).replace("▌", " ")
        assert step.split() == ["step", "1", "1.50", "━━"]
        assert call.split() == ["✓", "hours", "0.90", "━━━━━━━━━━━━━━"]
        whole = next(line for line in text.split("\n") if "turn  1 call" in line).replace("▌", " ")
        assert whole.split() == ["turn", "1", "call", "·", "1", "step", "10.7", "━" * 16]
        assert step.index("1.50") == call.index("0.90")
        assert step.rindex("━") + 1 == call.index("━")


async def test_a_narrow_title_says_the_same_in_fewer_words() -> None:
    turn = turn_of(
        called(0, "hours", {}),
        MessageEnd(t=1.5, finish_reason="TOOL_CALL"),
        started("hours"),
        PersonAsked(t=1.6, id="c0", name="hours"),
        PersonAnswered(t=9.8, id="c0", name="hours", seconds=8.2),
        ran(0, "hours", 10.7, 0.9),
        total=10.7,
    )
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await shown(pilot, app, turn)
        assert app.tools.query_one(PaneTitle).summary == "10.7 s  model 1.5 tools 0.9 you 8.2"
        await pilot.resize_terminal(160, 40)
        await until(pilot, lambda: "asked you 8.2" in app.tools.query_one(PaneTitle).summary)


# -- words -----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ({"limit": 10, "verbose": True, "place": "library"}, "place: library, limit: 10, verbose: true"),
        ({"a": {"b": 1}, "text": "x" * 100, "n": 1}, f'n: 1, text: {"x" * 100}, a: {{"b": 1}}'),
        ({}, ""),
        ([1, 2, "x"], "1, 2, x"),
        ([{"id": 1, "name": "Ann"}, {"id": 2}], "2 items: name: Ann, id: 1"),
        ("two\n  lines", "two lines"),
        (None, "null"),
    ],
)
def test_a_value_says_what_tells_most_first(value: Any, expected: str) -> None:
    assert values.in_a_line(value, ": ") == expected


def test_a_long_text_is_shown_as_far_as_it_is_looked_at() -> None:
    text = "\n".join(f"line {n}" for n in range(30_000))
    part, left = values.beginning_of(text)
    assert part == "\n".join(f"line {n}" for n in range(200))
    assert left == "29,800 more lines"
    assert values.whole(text) == text
    assert values.beginning_of("x" * 50_000) == ("x" * 20_000, "30,000 more characters")


def test_long_json_is_counted_and_not_made() -> None:
    part, left = values.beginning_of([{"n": n} for n in range(5_000)])
    assert part.count("\n") == 199
    assert left == "14,802 more lines"
    assert values.beginning_of([{"n": n} for n in range(50_000)])[1].startswith("more than ")


def test_what_is_nested_too_deeply_is_shown_as_far_as_it_can_be() -> None:
    deep: list[Any] = []
    for _ in range(100_000):
        deep = [deep]
    part, _ = values.beginning_of(deep)
    assert part.startswith("[\n  [")
    assert values.in_a_line({"a": deep}, ": ").startswith("a: [[[")


async def test_the_reason_of_an_error_wraps_and_is_whole() -> None:
    reason = "no answer from http://trains.example/v1/status within a second; " * 3 + "THEEND"
    turn = turn_of(
        called(0, "trains", {"train": "9:12"}),
        started("trains"),
        ran(0, "trains", 3.0, 2.0, error=reason, kind="timeout"),
    )
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        text = await shown(pilot, app, turn)
        assert "✗ trains  timed out" in text
        joined = " ".join(line.strip() for line in text.split("\n"))
        assert "THEEND" in joined


async def test_a_plan_a_thought_and_a_retry_are_shown() -> None:
    turn = turn_of(
        Retry(t=0.1, step=1, attempt=1, most=3, wait=0.5, error={"kind": "http", "status": 503, "message": "busy"}),
        ContentDelta(t=1.0, index=0, thinking="Hm, "),
        ContentDelta(t=1.8, index=0, thinking="so."),
        ToolPlanDelta(t=2.0, text="I will look it up."),
        MessageEnd(t=2.5, finish_reason="COMPLETE"),
    )
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        text = await shown(pilot, app, turn)
        assert "↻ retry 1 of 3  after 0.5 s" in text
        assert "busy" in text
        assert "thought for 0.80 s" in text
        assert "plan  I will look it up." in text


async def test_the_call_that_a_person_is_asked_about_is_in_view() -> None:
    app = workbench_app(tools=True)
    calls = [("c0", "ask_a_person", '{"what": "colour"}'), ("c1", "opening_hours", '{"place": "hall"}')]
    more = [
        ("c2", "opening_hours", '{"place": "library"}'),
        ("d1", "train_status", "{}"),
        ("d2", "train_status", '{"n": 2}'),
    ]
    script = [stream(message(plan="I ask.", tool_calls=[*calls, *more])), stream(message("Blue."))]
    async with app.run_test(size=NARROW) as pilot, served(app, script):
        app.prompt.insert("?")
        await pilot.press("enter")
        await until(pilot, lambda: listens(app))
        await until_shown(pilot, "⏸ ask_a_person  asks you")
        await pilot.press(*"blue")
        await pilot.pause(0.3)
        await pilot.press("enter")
        await until(pilot, lambda: not app.busy)
        await until_shown(pilot, "step 2")


async def test_the_call_that_a_person_is_asked_about_stays_in_view_at_another_size() -> None:
    app = workbench_app(tools=True)
    calls = [("c0", "ask_a_person", '{"what": "colour"}')]
    calls += [(f"d{number}", "train_status", f'{{"n": {number}}}') for number in range(2)]
    script = [stream(message(plan="I ask.", tool_calls=calls)), stream(message("Blue."))]
    async with app.run_test(size=(80, 50)) as pilot, served(app, script):
        app.prompt.insert("?")
        await pilot.press("enter")
        await until(pilot, lambda: listens(app))
        await until_shown(pilot, "⏸ ask_a_person  asks you", "n: 1")
        for size in (NARROW, (80, 30), (60, 20), NARROW):
            await pilot.resize_terminal(*size)
            await until_shown(pilot, "⏸ ask_a_person  asks you")


# -- calls that are folded together --------------------------------------------------------------------------


def many(calls: int = 40, *, failed: Sequence[int] = ()) -> Turn:
    return turn_of(
        *(called(n, "shipping_price", {"weight": 2, "country": f"C{n}"}) for n in range(calls)),
        MessageEnd(t=1.0, finish_reason="TOOL_CALL"),
        started(*["shipping_price"] * calls),
        *(
            ran(n, "shipping_price", 1.2, 0.2, error="no such country" if n in failed else "", kind="failed")
            for n in range(calls)
        ),
    )


async def test_calls_of_one_tool_are_one_row_until_it_is_opened() -> None:
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot:
        text = await shown(pilot, app, many())
        assert text.count("shipping_price") == 1
        assert "✓ shipping_price ×40" in text
        assert "0.20" in text
        assert "country: C0, C1, C2" in text
        await pilot.press("home", "down", "down", "space")
        await until(pilot, lambda: len(app.tools.rows.keys) == 43)
        assert app.tools.rows.cursor_key == "group 1 shipping_price"
        await pilot.press("down", "space")
        await until_shown(pilot, 'country: "C0"')
        await pilot.press("up", "space")
        await until(pilot, lambda: len(app.tools.rows.keys) == 3)


async def test_what_failed_among_them_says_why() -> None:
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot:
        text = await shown(pilot, app, many(failed=(3, 7)))
        assert "✗ shipping_price ×40  2 failed" in text
        assert "→ no such country" in text


async def test_two_calls_of_one_tool_stand_by_themselves() -> None:
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot:
        assert (await shown(pilot, app, many(2))).count("✓ shipping_price") == 2


async def test_calls_that_stream_are_folded_as_they_come() -> None:
    app = workbench_app()
    calls = [(f"c{n}", "price", json.dumps({"n": n})) for n in range(12)]
    tools = [ToolSpec("price", "", CannedReply(4), {"type": "object"})]
    app.conversation.toolbox = Toolbox(tools, people=NoPeople(), trust=TrustStore(), environ={}, clock=lambda: 0.0)
    script = [stream(message(tool_calls=calls)), stream(message("."))]
    async with app.run_test(size=NARROW) as pilot, served(app, script):
        await ask(pilot, "?")
        await until_shown(pilot, "✓ price ×12", "n: 0, 1, 2")
        assert list(app.tools.rows.keys) == ["turn", "step 1", "group 1 price", "step 2", "answer 2"]


async def test_a_thousand_of_them_are_made_a_few_at_a_time(monkeypatch: pytest.MonkeyPatch) -> None:
    """By a clock on which each row takes a millisecond, no slice of them takes more than its time."""
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot:
        await shown(pilot, app, many(1000))
        await pilot.press("home", "down", "down")
        clock = count(step=0.001)
        monkeypatch.setattr(tools_pane, "time", SimpleNamespace(monotonic=lambda: next(clock)))
        made: list[int] = [len(app.tools.rows.keys)]

        def on_lines() -> bool:
            made.append(len(app.tools.rows.keys))
            return False

        monkeypatch.setattr(app.tools.rows, "on_lines", on_lines)
        await pilot.press("space")
        await until(pilot, lambda: len(app.tools.rows.keys) == 1003)
        assert max(after - before for before, after in pairwise(made)) <= 1000 * tools_pane.SLICE_SECONDS + 1
        assert app.tools.rows.cursor_key == "group 1 shipping_price"
        keys = list(app.tools.rows.keys)
        assert keys == ["turn", "step 1", "group 1 shipping_price", *(f"one 1.{number}" for number in range(1000))]


# -- large results -------------------------------------------------------------------------------------------


JSON_TEXTS: tuple[Any, ...] = (
    {"a": 1, "b": [], "c": {}, "d": [1, -2.5e3, True, None, "x"], "e": {"f": {"g": ["h"]}}, "": 'é \u2028 \n \\ "'},
    [],
    [[[[]]], {}, "", 0],
    {"items": [{"id": number, "name": f"name {number}, [and] {{so}}: on"} for number in range(100)]},
)


@pytest.mark.parametrize("value", JSON_TEXTS)
@pytest.mark.parametrize("ensure_ascii", [True, False])
def test_a_text_of_json_that_is_not_read_to_its_end_begins_as_one_that_is(value: Any, ensure_ascii: bool) -> None:
    for indent in (None, 3):
        text = json.dumps(value, ensure_ascii=ensure_ascii, indent=indent)
        begun, expected = values.beginning_of_json_text(text), values.beginning_of(value)
        assert begun is not None
        assert begun[0] == expected[0]
        assert bool(begun[1]) == bool(expected[1])


@pytest.mark.parametrize(
    "text", ["[log] 12:00 it began", "[1] one", '{"a": 1}\n{"a": 2}', "{name}", "[1, oops]", "[}]x"]
)
def test_what_only_begins_like_json_is_a_text(text: str) -> None:
    assert values.beginning_of_json_text(text) is None


async def test_of_megabytes_of_json_no_more_is_read_than_is_shown(monkeypatch: pytest.MonkeyPatch) -> None:
    text = json.dumps([{"n": n, "words": "word " * 20} for n in range(20_000)])
    turn = turn_of(called(0, "report", {}), started("report"), ran(0, "report", 2.0, 1.0, text))
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await shown(pilot, app, turn)
        read: list[int] = []
        loads = json.loads

        def counted(text: str) -> Any:
            read.append(len(text))
            return loads(text)

        monkeypatch.setattr(json, "loads", counted)
        app.tools.rows.show("call 1.0")
        await pilot.press("z", "space")
        await until_shown(pilot, '"n": 0,')
        assert sum(read) < 1000
        rows = app.tools.rows
        at = rows.keys.index("part 1.0 result:0")
        texts = [rows._row(rows._index[key]).head.plain.strip() for key in (*rows.keys[at : at + 3], rows.keys[-1])]
        assert texts == ["[", "{", '"n": 0,', "… more: | shows all"]


async def test_a_large_result_opens_at_once_and_is_copied_whole() -> None:
    text = "\n".join(f"line {n}" for n in range(30_000))
    turn = turn_of(called(0, "report", {}), started("report"), ran(0, "report", 2.0, 1.0, text))
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await shown(pilot, app, turn)
        rows = app.tools.rows
        rows.show("call 1.0")
        await pilot.press("space")
        await until(pilot, lambda: len(rows.keys) > 200)
        assert len(rows.keys) < 230
        assert len(rows.made) < 100  # of the others nothing is made before it is seen
        assert rows.text("call 1.0").endswith(text)
        await pilot.press("end")
        await until_shown(pilot, "line 199", "… 29,800 more lines  Space shows 800")
        await pilot.press("space")
        await until_shown(pilot, "line 200")
        assert rows.text(str(rows.cursor_key)) == "line 200"


# -- documents that were searched with models ----------------------------------------------------------------


def look(used: str, notice: str = "") -> dict[str, Any]:
    return {
        "set": "notes", "mode": "hybrid", "used": used, "candidates": 120, "found": 8, "seconds": 0.5, "waited": 0.25,
        "notice": notice,
    }  # fmt: skip


async def test_how_a_set_was_searched_is_a_row_and_why_not_as_asked_a_line_in_the_chat() -> None:
    failed = Retrieval(t=1.0, seconds=0.5, sets=(look("keyword", "searched by words: the server is away"),))
    turn = turn_of(Retrieval(t=1.0, seconds=0.5, sets=(look("hybrid"),)), MessageEnd(t=9.0, finish_reason="COMPLETE"))
    app = workbench_app()
    async with app.run_test(size=NARROW) as pilot:
        text = await shown(pilot, app, turn)
        [row] = [line for line in text.split("\n") if "search" in line]
        assert "search  hybrid 8 of 120  notes" in row and " 0.50 " in row and "╸" in row
        again = turn_of(failed, MessageEnd(t=9.0, finish_reason="COMPLETE"))
        text = await shown(pilot, app, again)
        assert "hybrid → keyword 8 of 120  notes" in text and "the server is away" in text
        await ask(pilot, "When does the library open?")
        latest = app.conversation.turns[-1]
        pane_of(app, "chat").post_message(DocumentsSearched(latest, failed))
        await until_shown(pilot, "! notes: searched by words: the server is away")
