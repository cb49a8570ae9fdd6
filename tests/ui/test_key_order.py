"""Keys that come at once: each acts where the one before it has led, be it a dialog, another pane or the end."""

from __future__ import annotations

import asyncio
from typing import Any, ClassVar

import pytest
from textual import constants, events
from textual.app import App, ComposeResult
from textual.binding import Binding, BindingType
from textual.command import CommandPalette
from textual.widgets import Input

from tests.loopback import Chunk, Head, Wait, message
from tests.ui.harness import LONGEST_WAIT, AppPilot, ask, in_focus, served, settled, until, workbench_app
from workbench.ui.app import WorkbenchApp
from workbench.ui.screens.help import HelpScreen
from workbench.ui.screens.main import MainScreen
from workbench.ui.terminal import key_order
from workbench.ui.terminal.keyboard import Keyboard

PARTIAL = message("The tide turns", done=False).split(b"event: content-end")[0]
ESC = b"\x1b[27u"

BURSTS = [
    (b"abcd\x7f\x7fXY\r", ["abXY"]),
    (b"one two three\x17four\r", ["one two four"]),
    (b"delete prod\x17test\r", ["delete test"]),
    (b"bc\x1b[Ha\x1b[Fd\r", ["abcd"]),
    (b"bc\x01a\x05d\r", ["abcd"]),
    (b"ac\x1b[Db\r", ["abc"]),
    (b"wrong\x15right\r", ["right"]),
    (b"keep this\x1b[1;5D\x0bthat\r", ["keep that"]),
    (b"one two\x01\x1bdthree\r", ["three two"]),
    (b"one two\x01\x1bd\x1bdthree\r", ["three"]),
    (b"wrong\x1fright\r", ["right"]),
    (b"wrong\x1f\x1b/!\r", ["wrong!"]),
    (b"one two.three\x17four\r", ["one four"]),
    (b"one two.three\x1b\x7ffour\r", ["one two.four"]),
    (b"one two three\x17\x17\x01\x19\x05!\r", ["two threeone !"]),
    (b"one two\x15\x19\x19\r", ["one twoone two"]),
    (b"one two\x01\x0b\x05x \x19\x1fy\r", ["x y"]),
    (b"one two\x1bb\x0b\x15\x19\r", ["one two"]),
    (b"one two\x17 \x15\x19\r", ["one  "]),
    (b"ab\x02\x14\x05!\r", ["ba!"]),
    (b"abc\x14\r", ["acb"]),
    (b"a\x14\x01\x14\x04\x04b\r", ["b"]),
    (b"one two\x1b[1;3D\x1b[1;3D\x1b[1;3C!\r", ["one! two"]),
    (b"one two\x1bb\x06\x04\r", ["one to"]),
    (b"one\ntwo\x1bb\x1bb\x1bf\x0b\x0b!\r", ["one!"]),
    (b"one\ntwo\x15\x15!\r", ["one!"]),
    (b"cat one\rdog\rdraft\x12cAT\r!\r", ["cat one", "dog", "cat one!"]),
    (b"cat one\rdog\rdraft\x12cat\x1b[27u!\r", ["cat one", "dog", "draft!"]),
    (b"cat one\rcat two\r\x12cat\x12\t!\r", ["cat one", "cat two", "cat one!"]),
    (b"one\rtwo\r\x1b[A!\x1b[A?\x1b[B\r", ["one", "two", "two!"]),
    (b"one\rtwo\r\x1b[A!\x1b[A?\x1b[B\x1b[A\r", ["one", "two", "one?"]),
    (b"wrong\x03right\r", ["right"]),
    (b"wrong\x03\x1b[A!\r", ["wrong!"]),
    (b"one\rtwo\r\x1b[A\x1b[A, again\r", ["one", "two", "one, again"]),
    (b"one\ntwo\x1b[A\x1b[H> \r", ["> one\ntwo"]),
    (b"a\x1b[200~b\x7fc\x1b[201~\x7fd\r", ["ab␡d"]),
    (b"ab\x1b[200~cd ef\x1b[201~\x17gh\r", ["abcd gh"]),
]


def write(app: WorkbenchApp, data: bytes, keyboard: Keyboard | None = None) -> None:
    """As the driver hands on what was read at once."""
    for event in (keyboard or Keyboard()).feed(data):
        app.post_message(event)


async def until_ended(app: App[Any]) -> None:
    for _ in range(LONGEST_WAIT):
        if not app.is_running:
            return
        await asyncio.sleep(0.025)
    raise AssertionError("the app goes on")


async def typed(app: WorkbenchApp, pilot: AppPilot, data: bytes, size: int, count: int) -> list[str]:
    """What is sent, being `count` texts, when so many bytes are read at once."""
    sent: list[str] = []
    app.asking.put = sent.append  # type: ignore[method-assign, assignment]
    keyboard = Keyboard()
    app.prompt.put("")
    for at in range(0, len(data), size):
        write(app, data[at : at + size], keyboard)
        await asyncio.sleep(0)
    await until(pilot, lambda: len(sent) >= count)
    return sent


@pytest.mark.parametrize("size", [1, 4096])
@pytest.mark.parametrize("streaming", [False, True], ids=["idle", "streaming"])
async def test_each_key_acts_on_what_those_before_it_left(
    streaming: bool, size: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(constants, "ESCAPE_DELAY", 60.0)
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot, served(app, [[Head(), Chunk(PARTIAL), Wait(asyncio.Event())]]):
        if streaming:
            app.asking.put("When?")
            await until(pilot, lambda: app.busy)
        for data, texts in BURSTS:
            if not (streaming and b"\x03" in data):  # which stops the answer
                assert await typed(app, pilot, data, size, len(texts)) == texts, data
        assert app.busy == streaming


async def test_what_is_typed_behind_the_key_of_the_palette_is_looked_for_there() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        write(app, b"draft\x10theme")
        await until(pilot, lambda: isinstance(app.screen, CommandPalette))
        await until(pilot, lambda: isinstance(app.focused, Input) and app.focused.value == "theme")
        assert app.prompt.text == "draft"
        write(app, ESC + b"!")
        await until(pilot, lambda: app.prompt.text == "draft!")


async def test_what_is_typed_behind_a_command_goes_where_that_led() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        write(app, b"/help\rabc\x1bOPdef")
        await until(pilot, lambda: app.prompt.text == "def")
        assert isinstance(app.screen, MainScreen)
        write(app, b"\x15/help\rabc")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        await settled(pilot)
        write(app, b"qrs")
        await until(pilot, lambda: app.prompt.text == "rs")


async def test_keys_of_the_settings_keep_their_meaning_where_one_types() -> None:
    app = workbench_app(keys={"help": ["ctrl+w"], "delete-word-right": ["ctrl+k"], "undo": ["alt+d"]})
    async with app.run_test(size=(80, 24)) as pilot:
        write(app, b"one two\x01\x0b\x05!\x1bd?")
        await until(pilot, lambda: app.prompt.text.endswith("?"))
        assert app.prompt.text == " two?"
        write(app, b"x\x17")
        await until(pilot, lambda: isinstance(app.screen, HelpScreen))
        assert app.prompt.text == " two?x"


async def test_keys_behind_one_that_moves_the_focus_go_there_and_back() -> None:
    app = workbench_app()
    async with app.run_test(size=(120, 40)) as pilot:
        await ask(pilot, "When does the library open?")
        write(app, b"draft\t\x1b[B" + ESC + b"!")
        await until(pilot, lambda: app.prompt.text == "draft!")
        assert in_focus(app) is app.prompt
        write(app, b"\tz\x1b[Z?")
        await until(pilot, lambda: app.prompt.text == "draft!?")
        write(app, b"\tz\x1b[Z?")
        await until(pilot, lambda: app.prompt.text == "draft!??")


async def test_a_click_counts_in_its_turn() -> None:
    app = workbench_app()
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        x, y = app.prompt.region.offset
        at = f"{x + 2};{y + 1}".encode()
        write(app, b"bc\x1b[<0;" + at + b"M\x1b[<0;" + at + b"ma\x05d")
        await until(pilot, lambda: len(app.prompt.text) == 4)
        assert app.prompt.text == "bacd"


async def test_what_is_typed_behind_the_key_that_quits_is_not_sent() -> None:
    app = workbench_app()
    sent: list[str] = []
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        app.asking.put = sent.append  # type: ignore[method-assign, assignment]
        write(app, b"one\r\x11two\r")
        await until_ended(app)
    assert sent == ["one"]


async def test_a_thousand_characters_at_once_hold_nothing_up() -> None:
    app = workbench_app()
    data = b"of the harbour " * 70
    async with app.run_test(size=(80, 24)) as pilot:
        await settled(pilot)
        write(app, data + b"\x17\x17")
        went_on = 0
        while app.prompt.text != data.decode()[: -len("the harbour ")] and went_on < 1_000_000:
            went_on += 1
            await asyncio.sleep(0)
        assert app.prompt.text == data.decode()[: -len("the harbour ")]
    assert went_on > len(data) // key_order.EDITS_AT_ONCE


class StuckApp(key_order.OrderedKeysApp[None]):
    """Its input gets to no message after the first key, until `go` is set."""

    def __init__(self) -> None:
        super().__init__()
        self.go = asyncio.Event()
        self.acted = 0

    def compose(self) -> ComposeResult:
        yield StuckInput(self.go)

    def action_act(self) -> None:
        self.acted += 1

    BINDINGS: ClassVar[list[BindingType]] = [Binding("f2", "act", priority=True)]


class StuckInput(Input):
    def __init__(self, go: asyncio.Event) -> None:
        super().__init__()
        self._go = go

    async def on_key(self) -> None:
        await self._go.wait()


async def test_a_widget_that_is_stuck_does_not_hold_up_every_key(monkeypatch: pytest.MonkeyPatch) -> None:
    app = StuckApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        app.post_message(events.Key("a", "a"))
        app.post_message(events.Key("f2", None))
        for _ in range(50):
            await asyncio.sleep(0)
        assert app.acted == 0, "the letter before it is not in yet"
        monkeypatch.setattr(key_order, "PATIENCE_SECONDS", -1.0)
        app.post_message(events.Key("f2", None))
        for _ in range(50):
            await asyncio.sleep(0)
        assert app.acted == 1
        app.go.set()


async def test_what_waits_behind_a_key_waits_no_longer_than_there_is_patience(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without another key."""
    monkeypatch.setattr(key_order, "PATIENCE_SECONDS", 0.05)
    app = StuckApp()
    async with app.run_test() as pilot:
        await pilot.pause()
        for event in (events.Key("a", "a"), events.Key("f2", None), events.Key("f2", None)):
            app.post_message(event)
        for _ in range(LONGEST_WAIT):
            if app.acted:
                break
            await asyncio.sleep(0.025)
        app.go.set()
        assert app.acted, "the second waits for the first, which waits for the letter"
