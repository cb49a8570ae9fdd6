"""The app in a terminal, led step by step: `python -m tests.e2e.scripted_app SOCKET [LEFT_OUT]`.

It asks a server of its own, whose answer goes on when it is told to. It takes orders over the socket, one JSON
object a line, and answers when the screen has settled: nothing waits to be drawn, no timer is about to change
anything, and the terminal has taken every byte. The reply is what Textual itself would write for the whole screen
at that moment; behind the last byte before it, the terminal is given the order's number as its title. LEFT_OUT is
what the answer is without: the stock display shifts a row in which a terminal disagrees with Rich about a width.
"""

from __future__ import annotations

import asyncio
import json
import re
import sys
import traceback
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from rich.console import COLOR_SYSTEMS
from textual import events
from textual._compositor import LayoutUpdate
from textual.keys import _character_to_key
from textual.widgets import Input

from tests.loopback import Action, Chunk, Head, LoopbackServer, Received, Reply, Wait, message, stream
from tests.ui.harness import ABOUT, Starts, library, tool_specs
from workbench.cohere_client import ClientOptions, connect
from workbench.conversation import Conversation, Options
from workbench.recordings.exchanges import split_frames
from workbench.tools.people import ApprovalRequest
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore
from workbench.ui.app import WorkbenchApp
from workbench.ui.screen_person import ScreenPerson
from workbench.ui.screens.raw import RawScreen
from workbench.ui.terminal.driver import WorkbenchDriver
from workbench.ui.terminal.inks import Inks
from workbench.ui.widgets.status_line import StatusLine
from workbench.ui.widgets.transcript import Transcript

WHEEL = (1, 1, 0, 0, 0, False, False, False)
"""Where the mouse is, that it is not moved, and that nothing else is held down."""

STEP = "⟦{}⟧"
"""A word of the answer at which the server waits."""

THINKING = "The person asks about widths 幅. " * 12
ANSWER = """# Widths ⟦1⟧ of *characters*

Some text with **bold**, `code`, cafe\u0301, na\u0308ive and 漢字かな交じり文 in one line that is long, so it wraps. ⟦2⟧
Emoji 👍 and 👩\u200d💻, ❤\ufe0f, 1\ufe0f\u20e3, 🇩🇪 too; हिन्दी, ไทย. ⟦3⟧

| name | 値 | note |
| --- | ---: | --- |
| tide | 12 | twice ⟦4⟧ a day |
| 港 | 3 | e\u0301tale 全角 |

```python
def tide(harbour: str) -> int:  # 潮 ⟦5⟧
    return len("満潮") + 1  # done
```

> quoted 引用 text ⟦6⟧ that goes on
> for two lines
"""
ANSWER += "".join(
    f"\n- item {number} 項目{number} with *emphasis* and a tail of words {'word ' * (number % 7 * 5)}⟦{number}⟧\n"
    for number in range(7, 40)
)
ANSWER += "\nThe library opens at 09:00. The end. ⟦40⟧"

APPROVAL = ApprovalRequest("c1", "count", "runs a function", "file", Path("/t.yaml"), {"text": "lorem " * 200})


class Server:
    """A tool call, then the answer; each `go` lets it go on to the next step."""

    def __init__(self, answer: str) -> None:
        self._text = answer
        self._gates: list[asyncio.Event] = []
        self.passed = 0

    def reply(self, received: Received) -> Reply:
        if received.body["messages"][-1]["role"] == "user":
            self.passed = 0
            call = ("call-1", "opening_hours", '{"place": "library"}')
            return stream(message(plan="I will look up the hours 時間.", tool_calls=[call]))
        self._gates = []
        return list(self._answer())

    def _answer(self) -> Iterator[Action]:
        start = self._text.index("The library opens")
        source = {"type": "document", "id": "guide/hours.md#1", "document": {"id": "guide/hours.md#1", "text": "hours"}}
        cited = [
            {"start": at, "end": at + len(text), "text": text, "sources": [source]}
            for at, text in ((self._text.index("漢字"), "漢字かな"), (start, "The library opens at 09:00."))
        ]
        yield Head()
        for frame in split_frames(message(self._text, thinking=THINKING, citations=cited)):
            yield Chunk(frame)
            if "⟦".encode() in frame or b"\\u27e6" in frame:
                self._gates.append(asyncio.Event())
                yield Wait(self._gates[-1])

    def go(self) -> None:
        self._gates[self.passed].set()
        self.passed += 1

    def go_to_the_end(self) -> None:
        for gate in self._gates:
            gate.set()


class Led:
    """Carries out orders."""

    def __init__(self, app: WorkbenchApp, server: Server) -> None:
        self._app = app
        self._server = server

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        while line := await reader.readline():
            try:
                told = await self._carried_out(json.loads(line))
            except Exception:  # noqa: BLE001 - whoever gave the order tells it
                told = {"fault": traceback.format_exc()}
            writer.write(json.dumps(told).encode() + b"\n")
            await writer.drain()

    async def _carried_out(self, order: dict[str, Any]) -> dict[str, Any]:
        await getattr(self, f"_{order['do']}")(**order.get("with", {}))
        if order["settle"]:
            await self._settle()
        driver = self._app._driver
        assert driver is not None
        driver.write(f"\x1b]2;{order['number']}\x1b\\")
        return self._stock()

    # -- orders ------------------------------------------------------------------------------------

    async def _nothing(self) -> None:
        return

    async def _keys(self, keys: list[str]) -> None:
        await self._app._press_keys(keys)

    async def _type(self, text: str) -> None:
        """As a person who is quicker than the screen."""
        driver = self._app._driver
        assert driver is not None
        for character in text:
            driver.process_message(events.Key(_character_to_key(character), character))

    async def _ask(self) -> None:
        """Until the answer has come to its first step."""
        await self._app._press_keys(["w", "h", "y", "enter"])
        await self._until(lambda: STEP.format(1) in self._answer())

    async def _step(self, times: int = 1) -> None:
        for _ in range(times):
            self._server.go()
            await self._until(lambda: STEP.format(self._server.passed + 1) in self._answer())

    async def _end(self) -> None:
        self._server.go_to_the_end()
        await self._until(lambda: not self._app.busy)

    async def _stopped(self) -> None:
        await self._until(lambda: not self._app.busy)

    async def _say(self, text: str) -> None:
        self._app.say(text, severity="error")

    async def _question(self) -> None:
        self._app.call_later(self._app.run_worker, ScreenPerson(self._app.stage, lambda *_: None).approve(APPROVAL))
        await self._until(lambda: self._app.stage.question is not None and self._app.stage.question.listens)

    async def _steady(self) -> None:
        """No cursor blinks on the screen that is on top."""
        for line in self._app.screen.query(Input):
            line.cursor_blink = False

    async def _unsay(self) -> None:
        self._app.status.forget()

    async def _theme(self, name: str) -> None:
        self._app.theme = name

    async def _resized(self, width: int, height: int) -> None:
        await self._until(lambda: tuple(self._app.size) == (width, height))

    async def _wheel(self, up: bool, times: int) -> None:
        view = self._app.query_one(Transcript)
        for _ in range(times):
            if up:
                view._on_mouse_scroll_up(events.MouseScrollUp(view, *WHEEL))
            else:
                view._on_mouse_scroll_down(events.MouseScrollDown(view, *WHEEL))
            await asyncio.sleep(0)

    async def _quit(self) -> None:
        self._app.call_later(self._app.exit)

    # -- what holds ----------------------------------------------------------------------------------

    def _answer(self) -> str:
        turns = self._app.conversation.turns
        return self._app.query_one(Transcript).answer_text(turns[-1].number) if turns else ""

    async def _until(self, holds: Callable[[], bool]) -> None:
        while not holds():  # noqa: ASYNC110 - the test's own patience ends it
            await asyncio.sleep(0.005)

    async def _settle(self) -> None:
        quiet = 0
        while quiet < 3:
            await asyncio.sleep(0.01)
            quiet = quiet + 1 if self._quiet() else 0

    def _quiet(self) -> bool:
        app = self._app
        driver = app._driver
        assert isinstance(driver, WorkbenchDriver)
        nodes = [app, *app.screen_stack, *(node for screen in app.screen_stack for node in screen.walk_children())]
        timers = [timer for node in nodes if not isinstance(node, StatusLine) for timer in node._timers]
        screen = app.screen
        return not (
            driver.pending
            or (isinstance(screen, RawScreen) and screen._view.text != screen._part.read(screen._turn))
            or app._resize_timer is not None
            or app.query_one(Transcript)._flush_due is not None
            or app.asking._hand_on_due is not None
            or app.animator._animations
            or any(not node._message_queue.empty() or node._next_callbacks for node in nodes)
            or any(timer._repeat == 0 and timer._task is not None and not timer._task.done() for timer in timers)
            or screen._dirty_widgets
            or screen._layout_required
            or screen._repaint_required
            or screen._scroll_required
            or screen._callbacks
            or screen._compositor._dirty_regions
        )

    def _waiting(self) -> int:
        """Bytes that the terminal has not taken yet."""
        driver = self._app._driver
        assert isinstance(driver, WorkbenchDriver)
        assert driver._output is not None, "what is written goes the way of Textual"
        return sum(map(len, driver._output._waiting))

    def _stock(self) -> dict[str, Any]:
        """What the stock display writes for the whole screen, and where it leaves the cursor."""
        app = self._app
        with app._context():
            update = app.screen._compositor.render_update(full=True, screen_stack=app._background_screens)
        assert isinstance(update, LayoutUpdate)
        cursor = app.screen.outer_size.clamp_offset(app.cursor_position)
        return {
            "written": update.render_segments(app.console),
            "cursor": [cursor.x, cursor.y],
            "size": [app.size.width, app.size.height],
            "changed_cells": app.draws_changed_cells,
            "waiting": self._waiting(),
        }


async def main(path: str, left_out: str = "") -> None:
    server = Server(ANSWER.replace(left_out, "") if left_out else ANSWER)
    assert re.findall("⟦\\d+⟧", ANSWER) == [STEP.format(number) for number in range(1, 41)]
    async with LoopbackServer(server.reply) as loopback:
        client = connect(ClientOptions(base_url=loopback.url), {})
        conversation = Conversation(client, Options(model="command-test"), clock=lambda: 0.0)
        app = WorkbenchApp(conversation, ABOUT, Starts(client, load=library))
        # Colours as Textual writes them: what it would draw is what the screen is compared with.
        stock = Inks(colours=COLOR_SYSTEMS[app.console.color_system or "truecolor"])
        app.inks = lambda: stock  # type: ignore[method-assign]
        conversation.toolbox = Toolbox(
            tool_specs(),
            people=ScreenPerson(app.stage, app.conversation.person_asked),
            trust=TrustStore(),
            environ={},
            clock=lambda: 0.0,
        )
        listening = await asyncio.start_unix_server(Led(app, server).serve, path, limit=2**24)
        await app.run_async()
        listening.close()


if __name__ == "__main__":
    asyncio.run(main(*sys.argv[1:]))
