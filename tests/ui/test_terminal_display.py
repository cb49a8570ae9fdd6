"""The hook into Textual: what it leans on is there, what fails is drawn the stock way, what is slow is waited for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import pytest
from rich.console import COLOR_SYSTEMS, Console
from textual._compositor import Compositor, LayoutUpdate
from textual.app import App, ComposeResult
from textual.driver import Driver
from textual.drivers.linux_driver import LinuxDriver
from textual.events import Resize
from textual.geometry import Size
from textual.pilot import Pilot
from textual.screen import ModalScreen
from textual.widgets import Static

from tests.benchmarks.text import Order
from tests.emulator import Screen as Emulator
from tests.emulator import screen_without_wrap
from workbench.ui.terminal.driver import WorkbenchDriver
from workbench.ui.terminal.inks import Inks
from workbench.ui.terminal.picture import Picture
from workbench.ui.themes.themed_app import ThemedApp
from workbench.ui.widgets.chat_view import Mark
from workbench.ui.widgets.pace import Pace
from workbench.ui.widgets.transcript import Transcript

WIDTH, HEIGHT = 40, 12


class Kept(WorkbenchDriver):
    """Keeps what is written, and is as slow as a test wants."""

    def __init__(self, app: App[Any]) -> None:
        Driver.__init__(self, app)
        self.when_drained = self.when_started = lambda: None
        self.slow = False
        self.texts: list[str] = []

    @property
    def pending(self) -> bool:
        return self.slow

    def write(self, data: str) -> None:
        self.texts.append(data)

    def drain(self) -> None:
        self.slow = False
        self.when_drained()


PATIENCE = 200  # looks at the screen


class Host(ThemedApp[None]):
    """A transcript over a line, and a column beside it; says in `failures` what failed."""

    CSS = "Transcript { height: 1fr; } #line { height: 1; } #side { dock: right; width: 11; height: 100%; }"

    def __init__(self) -> None:
        super().__init__()
        self.view = Transcript()
        self.line = Static("a line", id="line")
        self.failures: list[Exception] = []
        self.kept = Kept(self)

    def compose(self) -> ComposeResult:
        yield self.view
        yield self.line
        yield Static("side 側\n" * 9, id="side")

    def inks(self) -> Inks:
        """Colours as Textual writes them."""
        return Inks(colours=COLOR_SYSTEMS[self.console.color_system or "truecolor"])

    def display_failed(self, error: Exception) -> None:
        self.failures.append(error)

    def add(self, words: str) -> None:
        """More of an answer, shown at once."""
        self.view.append_text(1, words)
        self.view._flush()


def as_textual_writes(update: LayoutUpdate, console: Console) -> str:
    """What Textual would write. A style keeps the codes of the first console that wrote it, which had other colours."""
    for segment in (each for strips in update.strips for strip in strips for each in strip):
        if segment.style is not None:
            segment.style._ansi = None
    return update.render_segments(console)


class Terminal:
    """What a terminal shows that has taken everything so far."""

    def __init__(self, host: Host, width: int = WIDTH, height: int = HEIGHT) -> None:
        self._host = host
        self._screen, self._stream = screen_without_wrap(width, height)
        self._taken = 0

    def look(self) -> Emulator:
        texts = self._host.kept.texts[self._taken :]
        self._taken += len(texts)
        self._stream.feed("".join(texts))
        return self._screen

    def is_whole(self) -> bool:
        """Whether every cell is what Textual would have drawn."""
        shown, wanted = self._compared()
        return shown.display == wanted.display and shown.rows() == wanted.rows()

    async def settles(self, pilot: Pilot[None]) -> None:
        """Every cell is what Textual would have drawn, as soon as the frame is there that is due."""
        for _ in range(PATIENCE):
            if self.is_whole():
                break
            await pilot.pause(0.02)
        self.assert_whole()

    def assert_whole(self) -> None:
        """Every cell is what Textual would have drawn."""
        shown, wanted = self._compared()
        assert shown.display == wanted.display
        wrong = [
            (x, y, one, other)
            for y, (left, right) in enumerate(zip(shown.rows(), wanted.rows(), strict=True))
            for x, (one, other) in enumerate(zip(left, right, strict=True))
            if one != other
        ]
        assert not wrong, f"{len(wrong)} cells, such as {wrong[:2]}"

    def _compared(self) -> tuple[Emulator, Emulator]:
        app = self._host
        update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
        assert isinstance(update, LayoutUpdate)
        shown = self.look()
        wanted, stream = screen_without_wrap(shown.columns, shown.lines)
        stream.feed(as_textual_writes(update, app.console))
        return shown, wanted


@asynccontextmanager
async def running() -> AsyncIterator[tuple[Host, Terminal, Pilot[None]]]:
    host = Host()
    async with host.run_test(size=(WIDTH, HEIGHT)) as pilot:
        headless, host._driver = host._driver, host.kept
        host.forget_terminal()  # frames may have gone to the other one
        host.screen.refresh()
        host.view.begin_turn(1, "Why 何?")
        await pilot.pause()
        terminal = Terminal(host)
        try:
            await terminal.settles(pilot)
            yield host, terminal, pilot
        finally:
            host._driver = headless


async def laid_out(host: Host, pilot: Pilot[None]) -> None:
    """When a layout is due, until it is done and all that it moved is drawn."""
    screen, was_due = host.screen, False
    while screen._layout_required or host.view._layout_required or (was_due and screen._dirty_widgets):
        was_due = True
        await pilot.pause(0.05)
    if was_due:
        await pilot.pause(0.05)


# -- what is shown --------------------------------------------------------------------------------------


async def test_text_that_grows_is_shown_without_composing_the_screen(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as (host, terminal, _):
        composed: list[object] = []
        monkeypatch.setattr(Compositor, "_render_chops", lambda *_: composed.append(_))
        host.add("words 漢字")
        host.add(" and more")
        assert not composed
        monkeypatch.undo()
        terminal.assert_whole()


def pieces() -> list[str]:
    """Words, markup and blocks, cut as a model cuts them, long enough for the view to move several times."""
    blocks = [Order("prose", 60, 0, seed=3), Order("list", 2, 0), Order("fence", 3, 0), Order("table", 2, 0)]
    return [token for order in blocks for token in (*order.answer().tokens, "\n\n")]


@pytest.mark.parametrize(
    ("rule", "value"),
    [
        ("padding", (0, 0, 0, 1)),
        ("padding", (1, 2)),
        ("border", ("round", "red")),
        ("text_opacity", "50%"),
        ("opacity", "50%"),
        ("tint", "red 20%"),
        ("outline", ("round", "red")),
    ],
)
async def test_after_every_piece_the_screen_is_what_textual_would_draw(rule: str, value: object) -> None:
    async with running() as (host, terminal, pilot):
        setattr(host.view.styles, rule, value)
        await laid_out(host, pilot)
        for number, piece in enumerate(pieces()):
            if number % 9 == 0:
                host.view.mark_citation(1, Mark(number, number * 2, number * 3, (1,)))
            host.add(piece)
            await laid_out(host, pilot)  # the scroll bar comes: a frame is due
            terminal.assert_whole()
        assert not host.failures


async def test_what_else_of_the_view_is_due_is_shown_with_the_words_that_came() -> None:
    async with running() as (host, terminal, pilot):
        host.add("one two three")
        host.view.select_citation(1, 0)
        await terminal.settles(pilot)
        host.view.styles.background = "darkblue"
        host.add(" four")
        host.view.refresh()
        host.add(" five")
        terminal.assert_whole()


async def test_words_after_a_pause_are_on_the_screen_at_once_and_those_right_behind_with_the_next() -> None:
    async with running() as (host, terminal, _):
        now = [100.0]
        host.view._pace = Pace(lambda: now[0], lambda: now[0])
        for words, shown in (("first", "first"), (" second", "first"), (" third", "first")):
            host.view.append_text(1, words)
            assert terminal.look().display[2].split("side")[0].strip() == shown
        now[0] += host.view.flush_seconds
        host.view.append_text(1, " fourth")
        assert terminal.look().display[2].split("side")[0].strip() == "first second third fourth"
        host.view._flush()


@pytest.mark.parametrize(("offset", "width"), [((0, 2), 3), ((3, 2), 12), ((30, 2), 10), ((0, 0), 40), ((5, 3), 1)])
async def test_what_stands_before_the_text_stays_whole(offset: tuple[int, int], width: int) -> None:
    async with running() as (host, terminal, pilot):
        cover = Static("cover\n覆う")
        cover.styles.layer = "front"
        host.screen.styles.layers = "default front"
        cover.styles.width, cover.styles.height, cover.styles.offset = width, 3, offset
        host.add("界" * 60)
        await host.mount(cover)
        await laid_out(host, pilot)
        await terminal.settles(pilot)
        host.add("文" * 30)
        terminal.assert_whole()
        await cover.remove()
        await laid_out(host, pilot)
        await terminal.settles(pilot)


class Dialog(ModalScreen[None]):
    CSS = "Dialog { align: center middle; background: $background 50%; } Dialog > Static { width: 13; height: 3; }"

    def compose(self) -> ComposeResult:
        yield Static("dialog 対話")


async def test_text_behind_a_dialog_is_shown_through_it() -> None:
    async with running() as (host, terminal, pilot):
        await host.push_screen(Dialog())
        await pilot.pause()
        await terminal.settles(pilot)
        host.add("behind 裏 " * 20)
        await pilot.pause()
        await pilot.pause(0.1)
        await terminal.settles(pilot)
        host.forget_terminal()
        host.screen.query_one(Static).update("another")
        await pilot.pause(0.1)
        await terminal.settles(pilot)
        host.pop_screen()
        await pilot.pause(0.1)
        await terminal.settles(pilot)


@pytest.mark.parametrize("size", [(20, 6), (31, 12), (40, 5), (60, 20)])
async def test_a_frame_made_for_the_size_before_does_no_harm(size: tuple[int, int]) -> None:
    async with running() as (host, _, pilot):
        host.add("界" * 80)
        host._size = Size(*size)  # the app knows the new size some time before the screen is laid out for it
        terminal = Terminal(host, *size)
        host.line.update("another line")
        await pilot.pause(0.05)
        host.add("more")
        assert not host.failures
        wide, stream = screen_without_wrap(WIDTH, HEIGHT)
        stream.feed(as_textual_writes(host.screen._compositor.render_full_update(), host.console))
        shown = terminal.look()
        for y in range(min(HEIGHT, size[1])):
            row = wide.cells(y)[: size[0]]
            if size[0] < WIDTH and not wide.cells(y)[size[0]].data:  # a wide character is cut
                row[-1] = row[-1]._replace(data=" ")
            assert shown.cells(y)[: len(row)] == row
        host.post_message(Resize(Size(*size), Size(*size)))
        host._size = None
        await pilot.pause(0.1)
        host.forget_terminal()
        host.screen.refresh()
        await pilot.pause(0.1)
        await terminal.settles(pilot)


# -- a terminal that is slow ------------------------------------------------------------------------------


async def test_while_the_terminal_is_behind_nothing_is_written_and_then_the_newest_is() -> None:
    async with running() as (host, terminal, pilot):
        host.kept.slow = True
        before = len(host.kept.texts)
        for number in range(300):
            host.add(f"word{number} ")
            host.line.update(f"line {number}")
            if number % 100 == 0:
                await pilot.pause(0.05)
        await pilot.pause(0.05)
        assert len(host.kept.texts) == before
        host.kept.drain()
        assert len(host.kept.texts) == before + 1
        terminal.assert_whole()


# -- what fails ---------------------------------------------------------------------------------------------


def broken(*_: object) -> str:
    raise ZeroDivisionError("the picture is broken")


async def by_a_frame(host: Host, pilot: Pilot[None]) -> None:
    host.line.update("another")
    await pilot.pause(0.05)


async def by_lines(host: Host, pilot: Pilot[None]) -> None:
    host.add("words")
    await pilot.pause(0.05)


async def by_catching_up(host: Host, pilot: Pilot[None]) -> None:
    host.kept.slow = True
    host.add("words")
    host.kept.drain()
    await pilot.pause(0.05)


@pytest.mark.parametrize("draw", [by_a_frame, by_lines, by_catching_up])
async def test_what_fails_is_drawn_the_stock_way_and_said_once(
    draw: Callable[[Host, Pilot[None]], Awaitable[None]], monkeypatch: pytest.MonkeyPatch
) -> None:
    async with running() as (host, terminal, pilot):
        host.kept.write("\x1b[1;41m")  # colours may be set when it fails
        monkeypatch.setattr(Picture, "change", broken)
        for _ in range(3):
            await draw(host, pilot)
        host.add("more words 語")
        await pilot.pause(0.05)
        await terminal.settles(pilot)
        assert [type(error) for error in host.failures] == [ZeroDivisionError]
        assert not host.draws_changed_cells


async def test_after_a_failure_a_slow_terminal_gets_no_queue_of_frames(monkeypatch: pytest.MonkeyPatch) -> None:
    async with running() as (host, terminal, pilot):
        monkeypatch.setattr(Picture, "change", broken)
        await by_a_frame(host, pilot)
        host.kept.slow = True
        before = len(host.kept.texts)
        for number in range(5):
            host.line.update(f"line {number}")
            await pilot.pause(0.05)
        assert len(host.kept.texts) - before <= 2 * 5  # the marks around a frame, never a frame
        assert not any("line" in text for text in host.kept.texts[before:])
        host.kept.drain()
        await pilot.pause(0.1)
        await terminal.settles(pilot)


async def test_after_the_terminal_was_lent_the_first_frame_is_whole() -> None:
    async with running() as (host, terminal, pilot):
        terminal.look().erase_in_display(2)
        host.kept.when_started()
        host.line.update("another")
        await pilot.pause(0.05)
        await terminal.settles(pilot)


async def test_the_stock_display_can_be_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    assert Host().driver_class is WorkbenchDriver
    monkeypatch.setenv("WORKBENCH_STOCK_DISPLAY", "1")
    host = Host()
    assert host.driver_class is LinuxDriver
    assert not host.draws_changed_cells
