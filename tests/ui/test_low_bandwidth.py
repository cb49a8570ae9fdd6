"""Over a slow line: nothing that only moves, and no more frames than are needed."""

from __future__ import annotations

import asyncio

import pytest

from tests.core.streams import frame
from tests.core.streams import message as wire_message
from tests.loopback import Chunk, Head, Reply, Wait
from tests.ui.harness import said, screen_text, served, until, until_shown, workbench_app

SIZE = (120, 40)
THOUGHT = "They want to know the hours."


def thinking() -> Reply:
    """A stream that stays in the midst of what the model thinks."""
    start = frame("content-start", index=0, delta=wire_message(content={"type": "thinking", "thinking": ""}))
    delta = frame("content-delta", index=0, delta=wire_message(content={"thinking": THOUGHT}))
    return [Head(), Chunk(start + delta), Wait(asyncio.Event())]


@pytest.mark.parametrize("low", [False, True])
async def test_what_is_thought_moves_by_only_where_the_line_is_not_slow(low: bool) -> None:
    app = workbench_app(low_bandwidth=low)
    async with app.run_test(size=SIZE) as pilot, served(app, [thinking()]):
        app.prompt.insert("?")
        await pilot.press("enter")
        await until_shown(pilot, "thinking …")
        assert (THOUGHT in screen_text(app)) is not low
        app.action_perform("cancel")


async def test_a_terminal_that_falls_behind_again_and_again_is_written_less_and_the_person_is_told() -> None:
    app = workbench_app()
    async with app.run_test(size=SIZE) as pilot:
        before = app.chat.view.flush_seconds
        app.terminal_is_slow()
        app.terminal_is_slow()
        await until(pilot, lambda: "slow" in said(app))
        assert app.chat.view.flush_seconds > before
        assert len(app.stage.said) == 1
