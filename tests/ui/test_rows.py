"""The list of rows: what it costs, what a click means, what stays where it is."""

from __future__ import annotations

import json
import re
from functools import partial
from typing import Any

import pytest
from rich.color import Color as RichColor
from rich.segment import Segment
from textual.color import Color
from textual.content import Content

from tests.loopback import message, sse, stream
from tests.ui.harness import AppPilot, ask, screen_text, served, settled, until, until_shown, workbench_app
from workbench.ui.panes.call_rows import call_row
from workbench.ui.panes.pane import PaneTitle
from workbench.ui.widgets.row import Row, cut
from workbench.ui.widgets.rows import BAR, STYLES, RowList

WIDE = (120, 40)
NARROW = (80, 24)


def rows(count: int) -> dict[str, Row]:
    return {str(n): Row(Content(f"row {n}"), body=Content("line one\nline two")) for n in range(count)}


def calls_in_pieces(arguments: str, pieces: int) -> bytes:
    """A tool call whose arguments come in so many deltas."""
    size = len(arguments) // pieces + 1

    def event(kind: str, **function: str) -> dict[str, object]:
        call = {"function": function} if kind.endswith("delta") else {"id": "c", "function": function}
        return {"type": kind, "index": 0, "delta": {"message": {"tool_calls": call}}}

    return sse(
        event("tool-call-start", name="opening_hours", arguments=""),
        *(event("tool-call-delta", arguments=arguments[at : at + size]) for at in range(0, len(arguments), size)),
        {"type": "tool-call-end", "index": 0},
        {"type": "message-end", "delta": {"finish_reason": "TOOL_CALL"}},
    )


async def shown(pilot: AppPilot, list_of_rows: RowList) -> None:
    await pilot.app.mount(list_of_rows)
    list_of_rows.styles.height = 20
    await pilot.pause(0.1)


def test_what_was_left_out_of_a_line_is_counted_too() -> None:
    assert cut(Content("abcdef"), 6).plain == "abcdef"
    assert cut(Content("abcdefghij" * 1000), 10).plain == "abc… +9997"
    assert cut(Content("abcdef"), 6, rest=5000).plain == cut(Content("abcdef" + "x" * 5000), 6).plain


async def test_a_row_is_made_when_it_is_seen_and_not_before() -> None:
    made: list[int] = []

    def make(number: int) -> Row:
        made.append(number)
        return Row(Content(f"r{number}"))

    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        listed = RowList()
        await shown(pilot, listed)
        with listed.at_once():
            for number in range(5000):
                listed.put(str(number), partial(make, number))
        await pilot.pause(0.1)
        assert 0 < len(made) < 100


async def test_new_rows_leave_what_is_open_open_and_the_cursor_where_it_was() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        listed = RowList()
        await shown(pilot, listed)
        listed.put_all(rows(40))
        listed.show("30", unfold=True)
        await pilot.pause(0.1)
        before = listed.scroll_offset.y
        listed.put_all({"new": Row(Content("a new first row")), **rows(40)})
        await pilot.pause(0.1)
        assert listed.cursor_key == "30"
        assert listed.scroll_offset.y == before + 1
        assert "line two" in screen_text(app)


async def test_a_click_stands_on_a_row_and_the_next_one_opens_it() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=WIDE) as pilot:
        app.tools.rows.put_all(rows(10))
        await pilot.pause(0.1)
        await pilot.click(app.tools.rows, offset=(3, 4))
        await pilot.pause()
        assert app.focused is app.tools.rows
        assert app.tools.rows.cursor_key == "4"
        await pilot.click(app.tools.rows, offset=(3, 4))
        await until_shown(pilot, "line two")


async def test_paging_moves_the_cursor() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=WIDE) as pilot:
        app.tools.rows.put_all(rows(100))
        await pilot.press("f3", "home", "pagedown")
        await pilot.pause()
        assert app.tools.rows.cursor == app.tools.rows.size.height - 1
        await pilot.press("pageup")
        await pilot.pause()
        assert app.tools.rows.cursor == 0


async def test_whoever_scrolls_back_is_not_thrown_to_the_end() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=WIDE) as pilot:
        listed = app.tools.rows
        listed.put_all(rows(100))
        listed.put("100", Row(Content("row 100")))
        await pilot.pause(0.1)
        assert listed.scroll_offset.y == listed.max_scroll_y
        listed.scroll_to(y=10, animate=False, immediate=True)
        listed.put("101", Row(Content("row 101")))
        await pilot.pause(0.1)
        assert listed.scroll_offset.y == 10


async def test_rows_that_come_while_their_pane_is_hidden_are_there_when_it_is_shown() -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=NARROW) as pilot:
        await pilot.press("f4")
        await settled(pilot)
        for number in range(3):
            app.tools.rows.put(str(number), Row(Content(f"row {number}")))
        await settled(pilot)
        await pilot.press("f3")
        await until_shown(pilot, "row 0", "row 2")


async def test_long_arguments_that_stream_are_shown_now_and_then_not_for_each_delta(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    made = 0

    def counting(*given: Any, **named: Any) -> Row:
        nonlocal made
        made += 1
        return call_row(*given, **named)

    monkeypatch.setattr("workbench.ui.panes.call_rows.call_row", counting)
    app = workbench_app(tools=True)
    script = [stream(calls_in_pieces(json.dumps({"place": "x" * 100_000}), 2000)), stream(message("Ok."))]
    async with app.run_test(size=WIDE) as pilot, served(app, script):
        await ask(pilot, "?")
        await until(pilot, lambda: re.search(r"xxx… \+999\d\d", screen_text(app)) is not None)
        assert "✓ opening_hours" in screen_text(app)
    assert made < 200


async def test_an_open_passage_stays_open_when_another_source_is_cited() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        await pilot.press("f4", "down", "space")
        await until_shown(pilot, "enter free of charge.")
        app.conversation.turns[-1].ledger.cite([{"type": "document", "id": "guide/market.md#1"}])
        app.sources._show()
        await settled(pilot)
        assert "enter free of charge." in screen_text(app)
        assert app.sources.rows.cursor_key == "document:guide/tickets.md#1"


async def test_the_sources_of_an_earlier_turn_say_so() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        await ask(pilot, "What does a day ticket cost?")
        assert "turn 2 · 1 cited" not in screen_text(app)
        await pilot.press("f2", "left_square_bracket", "left_square_bracket")
        await until_shown(pilot, "turn 1 of 2 · 1 cited")


async def test_a_click_on_cited_words_shows_their_source() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        lines = screen_text(app).split("\n")
        y = next(number for number, line in enumerate(lines) if "[1]" in line[:70])
        await pilot.click(offset=(lines[y].index("[1]") + 1, y))
        await until(pilot, lambda: app.sources.rows.cursor_key == "document:guide/hours.md#1")


@pytest.mark.parametrize("theme", ["workbench-dark", "workbench-light"])
async def test_every_word_of_a_row_stands_out_from_the_background(theme: str) -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=WIDE) as pilot:
        app.theme = theme
        app.tools.rows.put("a", Row(Content.assemble(*((style, style) for style in STYLES)), brief=Content("b")))
        await settled(pilot)
        for segment in (segment for y in (0, 1) for segment in app.tools.rows.render_line(y)):
            if segment.text.strip():
                assert segment.style is not None
                colour, behind = segment.style.color, segment.style.bgcolor
                assert readable(Color.from_rich_color(colour), Color.from_rich_color(behind)), segment


def background(segment: Segment) -> RichColor | None:
    assert segment.style is not None
    return segment.style.bgcolor


@pytest.mark.parametrize("theme", ["workbench-dark", "workbench-light"])
async def test_the_cursor_and_the_pane_that_has_it_are_seen(theme: str) -> None:
    app = workbench_app(tools=True)
    async with app.run_test(size=WIDE) as pilot:
        app.theme = theme
        app.tools.rows.put_all(rows(3))
        await pilot.press("f3", "home", "down")
        await settled(pilot)
        behind = [background(list(app.tools.rows.render_line(y))[-1]) for y in range(3)]
        assert behind[0] == behind[2] != behind[1]
        panes = (app.tools, app.sources)
        colours = {pane: pane.query_one(PaneTitle).visual_style.rich_style.color for pane in panes}
        assert colours[app.tools] != colours[app.sources]
        assert "▸Tools" in screen_text(app) and "▐" not in screen_text(app)
        await pilot.press("f2")
        await until_shown(pilot, "▌")
        assert "▸Tools" not in screen_text(app)


async def test_the_row_under_the_cursor_has_a_bar_and_a_tinted_head_that_stays_in_view() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        listed = RowList()
        await shown(pilot, listed)
        body = Content("\n".join(f"line {number}" for number in range(60)))
        listed.put_all({str(n): Row(Content(f" row {n}"), body=body) for n in range(3)})
        listed.focus()
        listed.show("1", unfold=True)
        await settled(pilot)
        lines = [listed.render_line(y) for y in range(4)]
        seen = [f"{BAR}row 1", f"{BAR}  line 0", f"{BAR}  line 1", f"{BAR}  line 2"]
        assert [line.text.rstrip() for line in lines] == seen
        grounds = [background(list(line)[-1]) for line in lines]
        assert grounds[0] != grounds[1] == grounds[2] == listed.rich_style.bgcolor
        listed.scroll_to(y=30)
        await settled(pilot)
        assert [listed.render_line(y).text.rstrip() for y in (0, 1)] == [f"{BAR}row 1", f"{BAR}  line 29"]
        listed.scroll_to(y=100)
        await settled(pilot)
        assert " row 2" in [listed.render_line(y).text.rstrip() for y in range(listed.size.height)]


async def test_what_is_shown_in_an_open_row_stays_in_view_with_its_head_when_the_list_becomes_small() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        listed = RowList()
        await shown(pilot, listed)
        body = Content("\n".join(f"line {number}" for number in range(60)))
        at = body.plain.index("line 40")
        listed.put_all({str(n): Row(Content(f" row {n}"), body=body, look_at=at) for n in range(3)})
        listed.show("1", unfold=True)
        for height in (20, 6, 3, 12):
            listed.styles.height = height
            await settled(pilot)
            lines = [listed.render_line(y).text.rstrip() for y in range(listed.size.height)]
            assert lines[0] == f"{BAR}row 1" and f"{BAR}  line 40" in lines


def readable(colour: Color, behind: Color) -> bool:
    """The contrast that WCAG asks of large text."""

    def luminance(of: Color) -> float:
        linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in of.normalized]
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]

    darker, brighter = sorted((luminance(colour), luminance(behind)))
    return (brighter + 0.05) / (darker + 0.05) >= 3


async def test_the_trace_shows_a_turn_that_calls_no_tool() -> None:
    app = workbench_app()
    async with app.run_test(size=WIDE) as pilot:
        await ask(pilot, "When do the doors open on Saturdays?")
        assert re.search(r"step 1 +0\.00", screen_text(app))


@pytest.mark.parametrize("size", [WIDE, NARROW])
async def test_a_scroll_bar_that_comes_with_an_open_row_covers_nothing(size: tuple[int, int]) -> None:
    app = workbench_app()
    async with app.run_test(size=size) as pilot:
        await pilot.press("f4")
        listed = app.sources.rows
        listed.put_all({"a": Row(Content("a"), body=Content("x" * 3000), indent=2)})
        listed.show("a", unfold=True)
        await until(pilot, lambda: listed.show_vertical_scrollbar)
        await settled(pilot)
        line = screen_text(app).split("\n")[listed.region.y + 2]
        shown = line[listed.region.x : listed.vertical_scrollbar.region.x]
        assert shown == "▌ " + "x" * (listed.size.width - 3)
