"""A recording in the app, step by step: going back to an event shows what going on to it showed."""

from __future__ import annotations

import os
import random
from collections.abc import Sequence
from pathlib import Path

import pytest
from rich.segment import Segment

from tests.core.keeping import kept, session
from tests.core.streams import CASSETTES, RECORDINGS
from tests.loopback import stream
from tests.ui.harness import AppPilot, screen_text, until
from workbench.commands import replay
from workbench.config.settings_model import Settings
from workbench.secrets.redactor import Redactor
from workbench.sessions.reel import Place
from workbench.ui.app import WorkbenchApp
from workbench.ui.panes.pane import Pane
from workbench.ui.replaying import Replaying

STREAMS = sorted([*RECORDINGS.glob("*.sse"), *CASSETTES.glob("*.sse")])
SIZES = [(120, 40), (80, 24)]


def opened(path: Path, *, paused: bool = True, breaks: Sequence[str] = (), speed: float = 0.0) -> WorkbenchApp:
    """The app that plays a recording."""
    played = replay.Played(path, "a test")
    manner = replay.Manner(speed=speed, paused=paused, breaks=frozenset(breaks))
    return replay.screen(played, replay.read(played, Redactor()), Settings(), os.environ, manner)


def replaying(app: WorkbenchApp) -> Replaying:
    assert isinstance(app.replaying, Replaying)
    return app.replaying


def looks(app: WorkbenchApp) -> list[list[tuple[str, str]]]:
    """The screen as text with its styles."""
    lines = []
    for strip in app.screen._compositor.render_strips():
        pieces = Segment.simplify(strip)
        lines.append([(text, str(style)) for text, style, _ in pieces])
    return lines


async def at_rest(app: WorkbenchApp, pilot: AppPilot) -> list[list[tuple[str, str]]]:
    """The screen once it changes no more."""
    before = None
    while replaying(app).busy or (now := looks(app)) != before or app.chat.view.is_working:
        before = now if not replaying(app).busy else None
        await pilot.pause(0.03)
    return now


def at_once(app: WorkbenchApp) -> None:
    """Let the panes gather nothing: what is shown is all that there is."""
    for pane in app.panes.values():
        if isinstance(pane, Pane):
            pane.patience = 0.01


@pytest.mark.parametrize("size", SIZES, ids=str)
@pytest.mark.parametrize("path", STREAMS, ids=lambda path: path.stem)
async def test_going_back_shows_what_going_on_showed(path: Path, size: tuple[int, int]) -> None:
    async with kept([stream(path.read_bytes())]) as (conversation, _):
        await conversation.run("q")
    app = opened(session())
    async with app.run_test(size=size) as pilot:
        await until(pilot, lambda: not app.loading)
        at_once(app)
        count = len(replaying(app)._reel.turns[0].kinds)
        luck = random.Random(path.stem)
        numbers = range(1, count + 1)
        wanted = sorted(numbers if count <= 8 else {2, count, *luck.sample(numbers, 4)})
        shown = {}
        for number in wanted:
            while (at := replaying(app).at) is not None and at.events < number:
                replaying(app).perform("event-on")
            shown[number] = await at_rest(app, pilot)
        for number in [*reversed(wanted), *luck.sample(wanted, 2)]:
            replaying(app).perform("goto", str(number))
            now = await at_rest(app, pilot)
            assert replaying(app).at == Place(0, number)
            assert now == shown[number], f"{number}: {screen_text(app)}"
