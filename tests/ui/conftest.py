"""What all tests of the screen share."""

from __future__ import annotations

import asyncio
import gc
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import RenderableType
from textual._compositor import Compositor
from textual._context import visible_screen_stack
from textual.css.stylesheet import Stylesheet
from textual.geometry import Size
from textual.message_pump import MessagePump
from textual.pilot import Pilot, WaitForScreenTimeout
from textual.screen import Screen
from textual.strip import Strip
from textual.widgets import OptionList

from tests.ui.passing_time import passing

# Where each frame is the matter, and not what stands there in the end.
PAINTED = {
    "low_bandwidth", "pathological", "raw", "rows", "sizes", "terminal_display", "terminal_ground",
    "terminal_lateness", "terminal_looks", "terminal_output", "terminal_picture", "textual_inside", "transcript",
    "transcript_size",
}  # fmt: skip


@pytest.fixture(autouse=True, scope="session")
def apps_that_have_ended_are_collected() -> Iterator[None]:
    """An app keeps what exists at its start, which stays as long as it does. Here some hundred follow each other:
    what they were would only be looked for at the very end, among all that was loaded."""
    with pytest.MonkeyPatch.context() as patched:
        for name in ("freeze", "unfreeze"):
            patched.setattr(gc, name, lambda: None)
        yield


@pytest.fixture(autouse=True, scope="session")
def style_sheets_are_parsed_once() -> Iterator[None]:
    """What was parsed with some colours is the same in the next app that has these: some hundred follow each other."""
    parsed: dict[frozenset[Any], dict[tuple[Any, ...], Any]] = {}
    begin, set_variables = Stylesheet.__init__, Stylesheet.set_variables

    def share(sheet: Any) -> None:
        sheet._parse_cache = parsed.setdefault(frozenset(sheet._variables.items()), {})

    def begin_shared(self: Stylesheet, *, variables: dict[str, str] | None = None) -> None:
        begin(self, variables=variables)
        share(self)

    def set_shared(self: Any, variables: dict[str, str]) -> None:
        self._parse_cache = {}  # this is emptied, and not what others share
        set_variables(self, variables)
        share(self)

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Stylesheet, "__init__", begin_shared)
        patched.setattr(Stylesheet, "set_variables", set_shared)
        yield


@pytest.fixture(autouse=True, scope="session")
def time_in_which_nothing_happens_is_skipped() -> Iterator[None]:
    """The pilot's pauses behind each key take no longer than what is done in them."""
    with passing():
        yield


@pytest.fixture(autouse=True, scope="session")
def who_has_nothing_to_do_is_not_waited_for() -> Iterator[None]:
    """Behind each key the pilot waits until all widgets have done what they had to: here, those that had anything.

    It asks each to call back as the last in its queue, which is most of what happens in an app that is at rest.
    """

    async def wait(self: Pilot[Any], timeout: float = 30.0) -> bool:
        app = self.app
        if not app.screen_stack:
            return False
        busy = [each for each in (app, *app.screen.walk_children(with_self=True)) if not _rests(each)]
        marks = [asyncio.Event() for _ in busy]
        asked = [mark for mark, each in zip(marks, busy, strict=True) if each.call_later(mark.set)]
        done: asyncio.Future[Any] = asyncio.gather(*(mark.wait() for mark in asked))
        failed: asyncio.Future[Any] = asyncio.ensure_future(app._exception_event.wait())
        try:
            ended, _ = await asyncio.wait({done, failed}, timeout=timeout, return_when=asyncio.FIRST_COMPLETED)
        finally:
            done.cancel()
            failed.cancel()
        if not ended:
            raise WaitForScreenTimeout("a widget has not done what it had to")
        return done in ended

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(Pilot, "_wait_for_screen", wait)
        yield


def _rests(pump: MessagePump) -> bool:
    """Whether it waits for a message: the next would be dealt with at once."""
    queue: Any = pump._message_queue
    return queue.empty() and bool(queue.ready_event._waiters) and not pump._next_callbacks


@pytest.fixture(autouse=True)
def no_frame_that_nobody_sees(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that looks at the screen has all of it painted then; the frames before, to no terminal, are left out.

    They are counted, so that nobody looks again where there was none (tests/ui/harness.py).
    """
    paints = request.path.stem.removeprefix("test_") in PAINTED
    render_update, render_strips = Compositor.render_update, Compositor.render_strips

    def with_what_is_beneath(self: Compositor, size: Size | None = None) -> list[Strip]:
        """A dialog is painted over the screens beneath it, which its last frame would have named."""
        if self.root is not None:  # there is nothing beneath a screen that was never laid out
            visible_screen_stack.set(self.root.app._background_screens)
        return render_strips(self, size)

    def when_looked_at(
        self: Any, full: bool = False, screen_stack: list[Screen[object]] | None = None, simplify: bool = False
    ) -> RenderableType | None:
        self.frames = getattr(self, "frames", 0) + 1
        if full or paints:
            return render_update(self, full, screen_stack, simplify)
        self._dirty_regions.clear()
        for widget in self.visible_widgets:
            if isinstance(widget, OptionList):  # knows its height only when it takes its lines: when it is painted
                widget._update_lines()
        return None

    monkeypatch.setattr(Compositor, "render_update", when_looked_at)
    monkeypatch.setattr(Compositor, "render_strips", with_what_is_beneath)
