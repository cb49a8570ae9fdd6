"""Events and requests at depth as they look, at four sizes, all by keys; and a list of forms to copy in."""

from __future__ import annotations

import itertools

from tests.loopback import message, stream
from tests.ui.harness import ask, served, until_shown, workbench_app
from tests.ui.test_screens import Album, SnapshotAssertion
from tests.ui.test_snapshots import cited, every_size
from workbench.conversation import Options

ODD = b'event: sparkle\ndata: {"type":"sparkle","n":1}\n\ndata: {"type":"content-del\n\n'
TEXT = "The library opens at 09:00, and the train is on time."
CALL = ("c1", "opening_hours", '{"place": "library"}')
SOURCE = {"type": "tool", "id": "c1:0", "tool_output": {"opens": "09:00"}}


@every_size
async def test_events_and_requests_at_depth(size: tuple[int, int], snapshot: SnapshotAssertion) -> None:
    app = workbench_app(tools=True)
    times = itertools.count(0, 0.75)
    app.conversation._clock = lambda: next(times)
    script = [
        stream(message(plan="I will look up the opening hours.", tool_calls=[CALL])),
        stream(ODD + message(TEXT, citations=[{**cited("09:00", at=TEXT), "sources": [SOURCE]}])),
        stream(message("Yes.")),
    ]
    async with app.run_test(size=size) as pilot, served(app, script):
        pictures = Album(app, pilot, snapshot)
        await ask(pilot, "When does the library open?")
        await pictures.press("f5", "d", "home", *["down"] * 8, shows="tool-plan-delta")
        await pictures.take("event beside the chat")
        await pictures.press("z", shows="decoded")
        await pictures.take("event zoomed")
        await pictures.press("F", "F", "home", shows="! the SDK drops it")
        await pictures.take("lost by the SDK")
        await pictures.press("f", "f", "end", *["up"] * 8, "enter", shows="E leads back to the event")
        await pictures.take("from an event to its words")
        await pictures.press("E", shows="content-delta")
        app.status.forget()
        await pictures.take("back to the event")
        app.conversation.options = Options(model="command-other", parameters={"temperature": 0.5, "zeal": 1})
        await ask(pilot, "And on Sundays?")
        await pictures.press("f6", "d", "home", shows="POST")
        await pictures.take("what differs")
        await pictures.press("z", "down", "down", "down", "space", shows="role")
        await pictures.take("what differs, opened")
        await pictures.press("C", shows="Copy turn 2, step 1 as")
        await until_shown(pilot, "curl")
        await pictures.take("copied as")
        await pictures.press("escape", shows="POST")
        pictures.close()
