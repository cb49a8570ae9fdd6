"""A long conversation on the screen: in slices, at a new width, and page by page through what was dropped."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.ui.test_transcript import answer, running, until
from workbench.ui.markdown import document
from workbench.ui.markdown.blocks import AnswerUnit
from workbench.ui.markdown.layout import unit_lines
from workbench.ui.markdown.line import RenderedLine
from workbench.ui.widgets.chat_view import Mark
from workbench.ui.widgets.pace import LONGEST_JOIN, LONGEST_WAIT, SLICE_SECONDS, Pace
from workbench.ui.widgets.transcript import Transcript


def long_answer(blocks: int) -> str:
    return "\n\n".join(
        f"## Part {n}\n\nThe **{n}th** paragraph is long enough to be wrapped at every width that is tried here.\n\n"
        f"- an item of part {n}\n- another\n\n| a | b |\n|---|---|\n| {n} | a cell that is wrapped too |"
        for n in range(blocks)
    )


def whole(view: Transcript) -> list[str]:
    """All lines, each laid out."""
    lines: list[str] = []
    while len(lines) < view.line_count:
        lines.append(view.line_at(len(lines)).text)
    return lines


class Clock:
    """Each look at it takes a part of a slice."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        self.now += SLICE_SECONDS / 20
        return self.now


async def test_a_long_text_is_shown_in_slices_and_its_end_first() -> None:
    async with running(height=12) as (app, view, pilot):
        view._pace = Pace(Clock())
        view.begin_turn(1, "Question?")
        view.append_text(1, long_answer(100) + "\n\nthe end")
        view.finish(1)
        assert view._turns.pending
        await until(pilot, lambda: not view._turns.pending)
        await pilot.pause()
        assert app.rows[-2] == "the end"
        assert whole(view)[2:-1] == [line.text for line in document.render(view.answer_text(1), view._turns.width)]


async def test_a_new_width_lays_out_only_what_is_in_view(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running(width=60, height=12) as (app, view, pilot):
        answer(view, 1, long_answer(200))
        await until(pilot, lambda: not view._turns.pending)
        view.scroll_to(y=view._turns.height // 2)
        await pilot.pause()
        laid_out: list[int] = []
        lay_out = unit_lines

        def counted(unit: AnswerUnit, width: int, *, first: bool) -> list[RenderedLine]:
            laid_out.append(unit.start)
            return lay_out(unit, width, first=first)

        monkeypatch.setattr(document, "unit_lines", counted)
        monkeypatch.setattr(view, "_schedule", lambda **_: None)
        await pilot.resize_terminal(40, 12)
        await pilot.pause()
        assert 0 < len(laid_out) < 40
        assert "".join(app.rows)


@pytest.mark.parametrize("width", [30, 45, 80])
async def test_the_line_at_the_top_stays_there_while_the_rest_is_laid_out(width: int) -> None:
    async with running(width=60, height=12) as (app, view, pilot):
        answer(view, 1, long_answer(60))
        answer(view, 2, long_answer(60))
        await until(pilot, lambda: not view._turns.pending)
        view.scroll_to(y=view._turns.height * 2 // 3)
        await pilot.pause()
        while not app.rows[0].startswith("The"):
            await pilot.press("up")
        first = app.rows[0][:6]
        await pilot.resize_terminal(width, 12)
        await pilot.pause()
        rows = app.rows
        assert rows[0][:6] == first
        await until(pilot, lambda: not view._turns.pending)
        await pilot.pause()
        assert app.rows == rows


async def test_pages_up_through_what_is_only_estimated_miss_nothing() -> None:
    async with running(width=60, height=12) as (_, view, pilot):
        for turn in range(1, 5):
            answer(view, turn, long_answer(30))
        await until(pilot, lambda: not view._turns.pending)
        await pilot.resize_terminal(33, 12)
        await pilot.press("end")
        pages = [[view.render_line(y).text.rstrip() for y in range(view.size.height)]]
        while view.scroll_offset.y > 0:
            await pilot.press("pageup")
            pages.append([view.render_line(y).text.rstrip() for y in range(view.size.height)])
        lines = [line.rstrip() for line in whole(view)]
        assert len(pages) > 40
        end = len(lines)
        for page in pages[:-1]:
            start = end - len(page)
            assert page == lines[start:end]
            end = start
        assert pages[-1] == lines[: len(pages[-1])]


def walk(view: Transcript, steps: int) -> Iterator[tuple[int, int] | None]:
    for _ in range(steps):
        view.next_citation()
        yield view.selected_citation


async def test_walking_citations_of_what_is_not_laid_out() -> None:
    async with running(width=60, height=12) as (app, view, pilot):
        text = long_answer(80)
        starts = [text.index(f"**{n}th**") for n in range(0, 80, 20)]
        answer(view, 1, text, *(Mark(n, at, at + 8, (n + 1,)) for n, at in enumerate(starts)))
        await until(pilot, lambda: not view._turns.pending)
        await pilot.resize_terminal(35, 12)
        await pilot.press("home")
        for number, selected in enumerate(walk(view, 4)):
            assert selected == (1, number)
            assert any(f"{number * 20}th[{number + 1}]" in row for row in app.rows)
            assert app.chosen() == [f"{number * 20}th[{number + 1}]"]


async def test_long_thinking_unfolds_and_goes_on() -> None:
    async with running(width=40, height=10) as (app, view, pilot):
        view.begin_turn(1, "Why?")
        for number in range(3_000):
            view.append_thinking(1, f"thought {number}\n")
        view.toggle_thinking()
        view.append_thinking(1, "the last one")
        await until(pilot, lambda: not view._turns.pending)
        await pilot.press("end")
        assert app.rows[-1] == "  the last one"
        lines = [line.strip() for line in whole(view)]
        assert lines[2:] == ["▾ thinking …", *(f"thought {n}" for n in range(3_000)), "the last one", ""]


def test_what_comes_after_a_pause_waits_for_nothing_and_what_follows_for_its_turn() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0], lambda: now[0])
    assert pace.wait(joining=True) == pace.wait(joining=False) == 0
    for took, gap in ((0.0001, pace.flush_seconds), (0.0015, 0.045), (0.004, LONGEST_JOIN)):
        pace.begin()
        now[0] += took
        pace.end()
        assert pace.wait(joining=True) == pytest.approx(gap - took)
        assert pace.wait(joining=False) == pytest.approx(3 * took)
        now[0] += gap
        assert pace.wait(joining=True) == 0
    pace = Pace(lambda: now[0], lambda: 0.0)
    pace.begin()
    now[0] += 0.001
    pace.end()
    assert pace.wait(joining=True) == pytest.approx(pace.flush_seconds - 0.001)


def test_no_more_than_a_quarter_of_the_time_is_spent() -> None:
    now = [0.0]
    pace = Pace(lambda: now[0])
    for took, wait in ((0.1, 0.3), (0.2, 0.6), (9.0, LONGEST_WAIT)):
        pace.begin()
        now[0] += took
        assert pace.is_over() == (took >= SLICE_SECONDS)
        pace.end()
        assert pace.wait(joining=True) == pytest.approx(wait)
    now[0] += 60
    pace.flush_seconds = 0.2
    pace.begin()
    pace.end()
    assert pace.wait(joining=True) == pytest.approx(0.2)
    assert pace.wait(joining=False) == 0
