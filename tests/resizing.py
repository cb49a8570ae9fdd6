"""Random sequences of terminal sizes, and what the screen shows after them: by a pilot, and in a real terminal.

Each begins and ends at one size. The screen has to be then as it was before, or as that of an app that was of this
size throughout, where an answer has gone on meanwhile.
"""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from contextlib import asynccontextmanager
from itertools import chain
from pathlib import Path
from typing import TypeAlias

from rich.segment import Segment
from textual._compositor import LayoutUpdate
from textual.events import Resize
from textual.geometry import Size
from textual.widgets import Input

from tests.e2e.scripted_app import ANSWER, APPROVAL, STEP, Server
from tests.e2e.test_display import emulated
from tests.loopback import LoopbackServer
from tests.ui.harness import LONGEST_WAIT, AppPilot, until, workbench_app
from workbench.cohere_client import ClientOptions, connect
from workbench.ui.app import WorkbenchApp
from workbench.ui.screen_person import ScreenPerson
from workbench.ui.screens.compare import CompareScreen
from workbench.ui.terminal.sizes import laid_out

Sizes: TypeAlias = Sequence[tuple[int, int]]
Shown: TypeAlias = list[list[Segment]]

STATES = ("idle", "streaming", "palette", "help", "raw", "question", "settings", "changing", "tree")
READING = ("reading", "sources", "trace", "frame", "raw-text", "compared")
"""States in which one has moved about: where one is has to be the same afterwards."""

USUAL = ((100, 30), (80, 24), (120, 40), (60, 15))
WIDEST, HIGHEST = 300, 100
LAST_STEP = 38  # of the answer, before its end
SHORT = STEP.format(1)


def sequence(chance: random.Random) -> Sizes:
    """From 1x1 to 300x100; the small ones are half of them."""
    return [
        (chance.randint(1, chance.choice((24, WIDEST))), chance.randint(1, chance.choice((12, HIGHEST))))
        for _ in range(chance.randint(1, 8))
    ]


class Resized:
    """An app in a state, by a pilot. `go` takes it through sizes and back, and says what is not as it should be."""

    def __init__(self, pilot: AppPilot, server: Server, state: str, chance: random.Random) -> None:
        app = pilot.app
        assert isinstance(app, WorkbenchApp)
        self.app = app
        self._pilot = pilot
        self._server = server
        self._state = state
        self._chance = chance

    async def enter(self) -> None:
        """Have an answer, at its first step when it is to stream, and open what the state is named after."""
        await self._pilot.press("w", "h", "y", "enter")
        await until(self._pilot, lambda: SHORT in self._answer())
        if self._state != "streaming":
            self._server.go_to_the_end()
            await until(self._pilot, lambda: not self.app.busy)
        await getattr(self, f"_open_{self._state.replace('-', '_')}", self._open_nothing)()
        for line in self.app.screen.query(Input):
            line.cursor_blink = False
        await self.settle()

    async def settle(self) -> None:
        """Until two looks at the screen are the same, and nothing waits to be laid out."""
        last: Shown = []
        for _ in range(LONGEST_WAIT):
            now = self.shown()
            if now == last and not self.app.screen._layout_required:
                return
            changed, last = first_difference(now, last), now
            await self._pilot.pause(0.06)
            await self._pilot.pause()
        raise AssertionError(f"never at rest: {changed or 'there is always something to lay out'}")

    async def _open_nothing(self) -> None:
        """The main screen is the state."""

    async def _open_palette(self) -> None:
        await self._pilot.press("ctrl+p", *"the")
        await self._pilot.pause(0.3)

    async def _open_help(self) -> None:
        await self._pilot.press("f1")

    async def _open_raw(self) -> None:
        await self._pilot.press("f7")

    async def _open_settings(self) -> None:
        await self._pilot.press("f9", "down", "down")

    async def _open_changing(self) -> None:
        """The line, the list over it, and what is wrong with what stands there."""
        await self._pilot.press("f9", "enter", "ctrl+u", *"command-r", "down")

    async def _open_reading(self) -> None:
        await self._pilot.press("f2", "pageup", "pageup", "up", "up", "up")

    async def _open_sources(self) -> None:
        await self._pilot.press("f4", "end", "up", "space", "down")

    async def _open_trace(self) -> None:
        await self._pilot.press("f3", "home", "down", "down", "space")

    async def _open_frame(self) -> None:
        await self._pilot.press("f5", "home", *("down",) * 9, "space", "down", "space")

    async def _open_raw_text(self) -> None:
        await self._pilot.press("f7", *("pagedown",) * 2, "up", "up")

    async def _open_compared(self) -> None:
        await self._pilot.press("h", "o", "w", "enter")
        await until(self._pilot, lambda: len(self.app.conversation.turns) == 2 and not self._goes_on())
        await self._pilot.press("f2", "end", "c")
        await until(self._pilot, lambda: isinstance(self.app.screen, CompareScreen) and bool(self.app.screen.begins))
        await self._pilot.press("o", "right_square_bracket")

    def _goes_on(self) -> bool:
        self._server.go_to_the_end()
        return self.app.busy

    async def _open_tree(self) -> None:
        await self._pilot.press("f2", "t")

    async def _open_question(self) -> None:
        self._asking = asyncio.create_task(ScreenPerson(self.app.stage, lambda *_: None).approve(APPROVAL))
        await until(self._pilot, lambda: (question := self.app.stage.question) is not None and question.listens)

    async def step(self) -> None:
        """The answer goes on, if it streams."""
        if self._state == "streaming" and self._server.passed < LAST_STEP:
            self._server.go()
            word = STEP.format(self._server.passed + 1)
            await until(self._pilot, lambda: word in self._answer())

    def _answer(self) -> str:
        turns = self.app.conversation.turns
        return turns[-1].text if turns else ""

    async def go(self, sizes: Sizes) -> None:
        """Each size for no time at all, for some turns of the loop, or until all is drawn."""
        await self.go_through((*sizes, self.app.size))

    async def go_through(self, sizes: Sizes) -> None:
        """As `go`, and stay at the last one."""
        for size in sizes:
            self.resize(Size(*size))
            for _ in range(self._chance.choice((0, 0, 3, 30))):
                await asyncio.sleep(0)
            await asyncio.sleep(self._chance.choice((0, 0, 0.01, 0.03)))
            self.shown()
        await until(self._pilot, lambda: self.app.size == laid_out(Size(*sizes[-1])))
        await self.step()
        await self.settle()

    def resize(self, size: Size) -> None:
        self.app.post_message(Resize(size, size))

    def shown(self) -> Shown:
        """Every cell of the screen, with its style: that is, without what the mouse would find there."""
        compositor = self.app.screen._compositor
        update = compositor.render_update(full=True, screen_stack=self.app._background_screens)
        assert isinstance(update, LayoutUpdate)
        return [list(Segment.simplify(map(_seen, chain(*strips)))) for strips in update.strips]


def _seen(segment: Segment) -> Segment:
    return Segment(segment.text, segment.style and segment.style.clear_meta_and_links())


@asynccontextmanager
async def resized(state: str, size: tuple[int, int], chance: random.Random) -> AsyncIterator[Resized]:
    """An app in a state, at a size."""
    app, server = workbench_app(tools=True), Server(ANSWER)
    async with LoopbackServer(server.reply) as loopback, app.run_test(size=size) as pilot:
        app.conversation.client = client = connect(ClientOptions(base_url=loopback.url), {})
        try:
            led = Resized(pilot, server, state, chance)
            await led.enter()
            yield led
        finally:
            server.go_to_the_end()
            await client.aclose()


async def wrong_after(
    state: str, size: tuple[int, int], sequences: Sequence[Sizes], chance: random.Random
) -> AsyncIterator[str | None]:
    """For each sequence, the first row that is not as it should be, or None."""
    async with resized(state, size, chance) as led, resized(state, size, chance) as other:
        for sizes in sequences:
            await led.go(sizes)
            await other.step()
            await other.settle()
            yield first_difference(led.shown(), other.shown())


def first_difference(shown: Shown, wanted: Shown) -> str | None:
    if len(shown) != len(wanted):
        return f"{len(shown)} rows, not {len(wanted)}"
    for y, (one, other) in enumerate(zip(shown, wanted, strict=True)):
        if one != other:
            return f"row {y}: {[part for part in one if part not in other]}, not {[p for p in other if p not in one]}"
    return None


KEYS: Mapping[str, tuple[str, ...]] = {"palette": ("ctrl+p", *"the"), "help": ("f1",), "raw": ("f7",)}


def in_a_terminal(
    state: str, folder: Path, environ: Mapping[str, str], sequences: Sequence[Sizes], pause: Callable[[], float]
) -> Iterator[None]:
    """The same in a real terminal, where each sequence is a burst; fails when a cell is not as it should be."""
    with emulated(folder, environ) as (session, terminal):
        session.do("ask")
        session.do("step", times=3)
        if state == "question":
            session.do("question")
        if state in KEYS:
            session.keys(*KEYS[state])
            session.do("steady")
        for sizes in sequences:
            before = terminal.text()
            for columns, rows in sizes:
                terminal.resize(columns, rows)
                terminal.watch(pause())
            session.resize(120, 40)
            assert terminal.text() == before, f"{sizes}\n{terminal.text()}\n{before}"
            if state == "streaming":
                session.do("step")
            yield
