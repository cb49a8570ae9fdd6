"""Turns one below the other, whatever happens to them in whatever order."""

from __future__ import annotations

import random
from collections.abc import Callable

import pytest

from tests.ui.test_markdown_growth import LONG, time_for
from tests.ui.test_markdown_stream import FRAGMENTS
from workbench.ui.markdown.column import LinesChange
from workbench.ui.markdown.line import Mark, RenderedLine
from workbench.ui.markdown.turn_list import TurnList
from workbench.ui.markdown.turn_view import TurnView


def change(view: TurnView, chosen: random.Random) -> None:
    """Something happens to a turn."""
    start = chosen.randint(0, 200)
    match chosen.randrange(8):
        case 0 | 1 | 2:
            view.append_text("".join(chosen.choices(FRAGMENTS, k=chosen.randint(1, 20))))
        case 3:
            view.append_text(LONG[chosen.choice(list(LONG))][: chosen.randint(1, 4_000)])
        case 4:
            view.mark(Mark(chosen.randint(0, 5), start, start + chosen.randint(0, 60), (1,)))
        case 5:
            view.append_thinking("think " * chosen.randint(1, 30) + "\n" * chosen.randint(0, 2))
        case 6:
            view.thinking.toggle()
        case _:
            view.notice("info", "note " * chosen.randint(1, 30))
            view.finish(None)


def all_lines(turns: TurnList) -> list[RenderedLine]:
    while turns.pending:
        turns.work(lambda: False)
    return [turns.at(number)[1] for number in range(turns.height)]


@pytest.mark.parametrize("seed", range(12))
def test_changes_add_up_and_the_lines_are_those_of_a_fresh_layout(seed: int) -> None:
    chosen = random.Random(seed)
    turns = TurnList(60)
    for step in range(50):
        if step % 12 == 0:
            turns.begin(step // 12, "question " * chosen.randint(1, 20))
        before = turns.height
        changes: list[LinesChange] = []
        match chosen.randrange(6):
            case 0:
                changes = turns.work(time_for(chosen.randint(0, 30)))
            case 1:
                changes = turns.reach(top := chosen.randint(0, before), top + 20)
            case _:
                turn = chosen.randint(0, step // 12)
                view = turns.view(turn)
                assert view is not None
                change(view, chosen)
                changes = turns.refresh(turn, time_for(chosen.randint(0, 40)))
        assert turns.height == before + sum(found.growth for found in changes)
        if chosen.random() < 0.1:
            turns.resize(chosen.choice([2, 10, 33, 60, 80]))
    lines = all_lines(turns)
    turns.resize(turns.width + 1)
    turns.resize(turns.width - 1)
    assert all_lines(turns) == lines


@pytest.mark.parametrize("at", range(3))
def test_a_notice_that_comes_before_the_answer_stands_as_apart_as_one_behind_it(at: int) -> None:
    turns = TurnList(60)
    turns.begin(0, "question")
    view = turns.view(0)
    assert view is not None
    steps: list[Callable[[], object]] = [lambda: view.append_text("It opens "), lambda: view.append_text("at nine.")]
    steps.insert(at, lambda: view.notice("warning", "! unknown event"))
    steps += [lambda: view.notice("warning", "! another"), lambda: view.finish(None, 0.0)]
    for step in steps:
        before = turns.height
        step()
        changes = turns.refresh(0, lambda: False)
        assert turns.height == before + sum(change.growth for change in changes)
    shown = [line.text.rstrip() for line in all_lines(turns)]
    assert shown[:-1] == ["▌ question", "", "It opens at nine.", "", "! unknown event", "! another"]
