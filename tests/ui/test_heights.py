"""How high the panes are: as their content needs, whichever way it came, and without a layout for each change."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from textual.layout import DockArrangeResult

from tests.ui.harness import ask, pane_of, rows_of, screen_text, settled, until, workbench_app
from tests.ui.test_trace import called, ran, started, turn_of
from workbench.conversation.turn import Turn
from workbench.events import (
    ContentDelta,
    Event,
    MessageEnd,
    Request,
    ToolCallDelta,
    ToolCallStart,
    ToolPlanDelta,
    TurnEnd,
    TurnSummary,
)
from workbench.ui.app import WorkbenchApp
from workbench.ui.arrangement import Panel, rows_below, rows_of_upper
from workbench.ui.messages import TurnEnded
from workbench.ui.panes.column import Column
from workbench.ui.routes import route


@pytest.mark.parametrize(
    ("rows", "upper", "lower", "got"),
    [
        (36, 4, 10, 4),  # both have room, and the lower one has what is left over
        (36, 1, 10, 3),
        (36, 30, 6, 30),
        (36, 30, 7, 29),  # less than its half, which it gets
        (36, 30, 30, 18),
        (36, 10, 30, 10),
        (36, 30, 1, 33 - 3),
        (36, 90, 1, 33),
        (7, 90, 90, 3),
        (5, 9, 9, 2),
        (1, 9, 9, 0),
        (0, 9, 9, 0),
    ],
)
def test_two_panes_share_their_rows(rows: int, upper: int, lower: int, got: int) -> None:
    assert rows_of_upper(rows, upper, lower) == got


@pytest.mark.parametrize(
    ("rows", "needed", "got"), [(20, 2, 4), (20, 6, 6), (20, 60, 8), (16, 60, 6), (6, 1, 4), (3, 9, 3), (0, 9, 0)]
)
def test_what_stands_below_the_chat_leaves_it_the_rest(rows: int, needed: int, got: int) -> None:
    assert rows_below(rows, needed) == got


def height(app: WorkbenchApp, pane: str) -> int:
    return app.query_one(f"#{pane}").outer_size.height


async def test_what_tools_do_not_need_is_for_sources() -> None:
    app = workbench_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await settled(pilot)
        assert height(app, "tools") == 3
        await ask(pilot, "When does the library open on Saturdays?")
        assert height(app, "tools") == 3, screen_text(app)  # the title, the step, and a row that every pane has
        assert height(app, "sources") == app.stage.body.size.height - 3
        turn = turn_of(
            called(0, "one", {"a": 1}), called(1, "two", {}), started("one", "two"), ran(0, "one", 2.0, 0.5),
            ran(1, "two", 2.0, 0.5, value="x" * 200),
        )  # fmt: skip
        pane_of(app, "tools").show(turn)
        await settled(pilot)
        assert height(app, "tools") == 1 + rows_of(app, "tools").line_count == 7
        await pilot.press("f3", "end", "space")
        await settled(pilot)
        assert height(app, "tools") == 1 + rows_of(app, "tools").line_count > 7


@pytest.mark.parametrize("size", [(80, 24), (60, 20)])
async def test_below_the_chat_a_pane_takes_what_it_needs(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        assert height(app, "side") == 4
        await ask(pilot, "When does the library open on Saturdays?")
        rows = app.stage.body.size.height
        app.navigation.show("sources")
        await settled(pilot)
        needed = 2 + rows_of(app, "sources").line_count
        assert height(app, "side") == min(needed, rows * 2 // 5)
        app.navigation.show("request")
        await settled(pilot)
        assert height(app, "side") == rows * 2 // 5
        app.navigation.show("tools")
        await settled(pilot)
        assert height(app, "side") == 4
        assert height(app, "chat") == rows - 4


def running_turn(calls: int = 3) -> Iterator[Event]:
    """Calls of one tool that become one row, what comes of them, and an answer."""
    yield Request(t=0.0, body={})
    yield ToolPlanDelta(t=0.5, text="I look at some places.")
    for number in range(calls):
        yield ToolCallStart(t=1.0, index=number, name="opening_hours")
        for piece in ('{"place": ', f'"place {number}"}}'):
            yield ToolCallDelta(t=1.0, index=number, arguments=piece)
    yield MessageEnd(t=1.5, finish_reason="TOOL_CALL")
    yield from started(*["opening_hours"] * calls)
    for number in range(calls):
        yield from ran(number, "opening_hours", 2.0 + number, 0.5, {"opens": f"{number}:00"})
    yield Request(t=5.0, step=2, body={})
    yield ContentDelta(t=6.0, index=0, text="They open early.")


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_while_a_turn_runs_what_it_needs_only_grows(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        await settled(pilot)
        turn, pane, before = Turn(1, "?"), "side" if size[0] < 100 else "tools", 0
        for number, event in enumerate(running_turn()):
            turn.apply(event)
            turn.keep(event)
            for name in ("tools", "sources"):
                pane_of(app, "tools" if name == "tools" else "sources").show(turn)
            app.navigation.show("tools" if number % 2 else "sources")  # as a turn leads from one to the other
            await pilot.pause()
            await until(pilot, lambda: not app.screen._layout_required)
            assert height(app, pane) >= before, event
            before = height(app, pane)
        turn.status = "complete"
        end = TurnEnd(t=9.0, status="complete", summary=TurnSummary(status="complete"))
        turn.apply(end)
        turn.keep(end)
        pane_of(app, "tools").show(turn)
        app.navigation.show("tools")
        await settled(pilot)
        assert height(app, pane) == max(3 + (pane == "side"), rows_of(app, "tools").line_count + 1 + (pane == "side"))


async def test_a_change_costs_a_layout_only_where_another_height_comes_of_it(monkeypatch: pytest.MonkeyPatch) -> None:
    arranged: list[int] = []
    arrange = Column.arrange

    def counted(column: Column, *args: object) -> DockArrangeResult:
        arranged.append(1)
        return arrange(column, *args)  # type: ignore[arg-type]

    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        app.navigation.show("events")
        await settled(pilot)
        monkeypatch.setattr(Column, "arrange", counted)
        turn = Turn(1, "?")
        pane_of(app, "events").show(turn)
        for number in range(60):
            event = ContentDelta(t=float(number), index=0, text="word ")
            turn.apply(event)
            turn.keep(event)
            pane_of(app, "events").on_show()  # type: ignore[attr-defined]
            await pilot.pause()
        assert rows_of(app, "events").line_count == 60
        assert height(app, "side") == app.stage.body.size.height * 2 // 5
        assert len(arranged) < 20


@pytest.mark.parametrize("size", [(80, 24), (120, 40)])
async def test_a_turn_like_the_one_before_it_moves_nothing(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        panes = [pane_of(app, "tools"), pane_of(app, "sources")]
        await settled(pilot)
        laid_out: list[object] = []
        heights = []
        for number in (1, 2):
            turn = Turn(number, "?")
            for pane in panes:
                pane.begin(turn)
            await settled(pilot)
            for event in running_turn(calls=1):
                turn.apply(event)
                turn.keep(event)
                for pane in panes:
                    pane.show(turn)
                await settled(pilot)
            end = TurnEnd(t=9.0, status="complete", summary=TurnSummary(status="complete"))
            turn.apply(end)
            turn.keep(end)
            turn.status = "complete"
            for pane in panes:
                pane.post_message(TurnEnded(turn, end))
            await settled(pilot)
            heights.append(height(app, "tools"))
            app.screen.screen_layout_refresh_signal.subscribe(app, laid_out.append)
        assert heights[0] == heights[1] >= 4
        assert laid_out == []
        turn = Turn(3, "?")
        for pane in panes:
            pane.begin(turn)
        await settled(pilot)
        assert height(app, "tools") == heights[0]  # for what may come,
        end = TurnEnd(t=9.0, status="complete", summary=TurnSummary(status="complete"))
        turn.apply(end)
        turn.status = "complete"
        for pane in panes:
            pane.post_message(TurnEnded(turn, end))
        await settled(pilot)
        assert height(app, "tools") < heights[0]  # and until it is over


@pytest.mark.parametrize("name", ["tools", "sources", "events", "request"])
async def test_once_a_turn_is_over_a_pane_has_no_more_rows_than_it_needs(name: Panel) -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 100)) as pilot:
        app.navigation.show(name)
        await settled(pilot)
        documents = {f"x{number}": number for number in range(15)}
        heights = []
        for number, given in (
            (1, [Request(t=0.0, body=documents), *[*running_turn()][1:]]),
            (2, [Request(t=0.0, body={})]),
        ):
            turn = Turn(number, "?")
            pane_of(app, name).begin(turn)
            end = TurnEnd(t=9.0, status="complete", summary=TurnSummary(status="complete"))
            for event in (*given, end):
                turn.status = "complete" if event is end else "running"
                turn.apply(event)
                turn.keep(event)
                for pane, message in route(turn, event):
                    if pane == name:
                        pane_of(app, name).post_message(message)
                await settled(pilot)
            heights.append(height(app, "side"))
        assert heights[1] == max(4, 2 + rows_of(app, name).line_count) < heights[0]
