"""A request that is sent again, on the screen: counted down, traced, stopped at once."""

from __future__ import annotations

import asyncio

from tests.loopback import error, message, stream
from tests.ui.harness import screen_text, served, until, until_shown, workbench_app
from workbench.conversation.retrying import Backoff

WIDE = (120, 40)


class Held(Backoff):
    """Waits until the test lets it go on, however long it was to be."""

    def __init__(self, go: asyncio.Event) -> None:
        self.go = go

    def chance(self) -> float:
        return 1.0

    async def sleep(self, seconds: float) -> None:
        await self.go.wait()


async def test_a_wait_is_counted_down_and_the_answer_then_comes() -> None:
    app, go = workbench_app(documents=False), asyncio.Event()
    app.conversation.backoff = Held(go)
    script = [error(429, {"message": "too many"}, {"Retry-After": "30"}), stream(message("Now."))]
    async with app.run_test(size=WIDE) as pilot, served(app, script):
        app.prompt.insert("?")
        await pilot.press("enter")
        await until_shown(pilot, "⧗ retry 1 of 3 in 30 s · HTTP 429 · Esc stops")
        await until_shown(pilot, "↻ retry 1 of 3  after 30.0 s")
        await until_shown(pilot, "⧗ retry 1 of 3 in 29 s")
        go.set()
        await until_shown(pilot, "Now.", "✓ complete")
        await until(pilot, lambda: not app.busy)
        assert app.status._countdown is None
        assert "⧗" not in screen_text(app).splitlines()[-1]


async def test_when_the_wait_is_over_the_status_says_so() -> None:
    app, go = workbench_app(documents=False), asyncio.Event()
    app.conversation.backoff = Held(go)
    async with app.run_test(size=WIDE) as pilot, served(app, [error(503)]):
        app.prompt.insert("?")
        await pilot.press("enter")
        await until_shown(pilot, "⧗ retry 1 of 3 in 1 s · HTTP 503")
        await until_shown(pilot, "⧗ waiting for the first token · Esc stops · retry 1 of 3")


async def test_a_wait_is_stopped_at_once_and_the_next_question_is_answered() -> None:
    app = workbench_app(documents=False)
    app.conversation.backoff = Held(asyncio.Event())
    async with app.run_test(size=WIDE) as pilot, served(app, [error(503), stream(message("Second."))]) as server:
        app.prompt.insert("?")
        await pilot.press("enter")
        await until_shown(pilot, "⧗ retry 1 of 3")
        await pilot.press("escape")
        await until_shown(pilot, "■ cancelled")
        app.prompt.insert("again?")
        await pilot.press("enter")
        await until_shown(pilot, "Second.", "✓ complete")
        assert len(server.received) == 2
