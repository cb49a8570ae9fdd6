"""What all tests of the screen share."""

from __future__ import annotations

import gc
from collections.abc import Iterator
from typing import Any

import pytest
from rich.console import RenderableType
from textual._compositor import Compositor
from textual.css.stylesheet import Stylesheet
from textual.screen import Screen

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


@pytest.fixture(autouse=True)
def no_frame_that_nobody_sees(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """A test that looks at the screen has all of it painted then; the frames before, to no terminal, are left out.

    They are counted, so that nobody looks again where there was none (tests/ui/harness.py).
    """
    paints = request.path.stem.removeprefix("test_") in PAINTED
    render_update = Compositor.render_update

    def when_looked_at(
        self: Any, full: bool = False, screen_stack: list[Screen[object]] | None = None, simplify: bool = False
    ) -> RenderableType | None:
        self.frames = getattr(self, "frames", 0) + 1
        if full or paints:
            return render_update(self, full, screen_stack, simplify)
        self._dirty_regions.clear()
        return None

    monkeypatch.setattr(Compositor, "render_update", when_looked_at)
