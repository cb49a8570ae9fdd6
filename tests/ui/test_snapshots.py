"""The screen as it looks, at four sizes. A changed snapshot is looked at before it is accepted."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack

import pytest

from tests.loopback import Chunk, Head, Reply, Wait, message, stream
from tests.ui.harness import AppPilot, ask, served, settled, until_shown, workbench_app
from workbench.ui.app import WorkbenchApp

SIZES = [pytest.param(size, id="{}x{}".format(*size)) for size in ((60, 20), (80, 24), (120, 40), (200, 60))]
every_size = pytest.mark.parametrize("size", SIZES)
Compare = Callable[..., bool]
Play = Callable[[AppPilot], Awaitable[None]]

ANSWER = """\
Here is what the guide says:

- The library opens at **09:00**, on Saturdays at `10:00`.
- A day ticket costs 4 euros.

| What | When |
| --- | --- |
| Boats | with the ebb |

```python
print("09:00")
```
"""


def cited(text: str, *ids: str, at: str = ANSWER) -> dict[str, object]:
    start = at.index(text)
    sources = [{"type": "document", "id": f"guide/{name}.md#1", "document": {"id": name}} for name in ids]
    return {"start": start, "end": start + len(text), "text": text, "sources": sources, "type": "TEXT_CONTENT"}


CITATIONS = [
    cited("The library opens at **09:00**", "hours"),
    cited("`10:00`", "hours"),
    cited("A day ticket costs 4 euros.", "tickets"),
    cited("with the ebb", "harbour", "market"),
    cited('"09:00"', "hours"),
]


def on_server(app: WorkbenchApp, script: list[Reply], play: Play) -> Play:
    """Play with a server behind the app, which stays until the app has ended."""
    stack = AsyncExitStack()

    async def run(pilot: AppPilot) -> None:
        await stack.enter_async_context(served(app, script))
        await play(pilot)

    return run


@every_size
def test_empty_start(snap_compare: Compare, size: tuple[int, int]) -> None:
    assert snap_compare(workbench_app(tools=True), terminal_size=size, run_before=settled)


@every_size
def test_streaming_turn(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = workbench_app()
    head, tail = message(ANSWER, thinking="They ask about hours.", done=False).split(b"09:00**", 1)

    async def play(pilot: AppPilot) -> None:
        app.prompt.insert("When does it open?")
        await pilot.press("enter")
        await until_shown(pilot, "opens at", "streaming")
        await pilot.press(*"and next?")
        await settled(pilot)

    script: list[Reply] = [[Head(), Chunk(head.rsplit(b"event:", 1)[0]), Wait(asyncio.Event()), Chunk(tail)]]
    assert snap_compare(app, terminal_size=size, run_before=on_server(app, script, play))


@every_size
def test_cited_answer(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = workbench_app()

    async def play(pilot: AppPilot) -> None:
        await ask(pilot, "When does it open?")
        await pilot.press("f2", "right_square_bracket", "right_square_bracket", "right_square_bracket")
        await settled(pilot)

    script = [stream(message(ANSWER, thinking="They ask about hours.", citations=CITATIONS))]
    assert snap_compare(app, terminal_size=size, run_before=on_server(app, script, play))


@every_size
def test_tool_calls(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = workbench_app(tools=True)
    calls = [
        ("c1", "opening_hours", '{"place": "library"}'),
        ("c2", "train_status", ""),
        ("c3", "opening_hours", '{"plaice": 1}'),
    ]
    source = {"type": "tool", "id": "c1:0", "tool_output": {"opens": "09:00"}}
    text = "The library opens at 09:00, and the train is on time."
    citation = {**cited("09:00", at=text), "sources": [source]}

    async def play(pilot: AppPilot) -> None:
        await ask(pilot, "When does the library open, and is the train on time?")
        await pilot.press("f3", "home", "down", "down", "down", "space")
        await settled(pilot)

    script = [
        stream(message(plan="I will look up the opening hours and the train.", tool_calls=calls)),
        stream(message(text, citations=[citation])),
    ]
    assert snap_compare(app, terminal_size=size, run_before=on_server(app, script, play))


@every_size
def test_error(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = workbench_app()

    async def play(pilot: AppPilot) -> None:
        await ask(pilot, "When does it open?")

    body = message("The tide turns", finish_reason="ERROR", usage={})
    script = [stream(body)]
    assert snap_compare(app, terminal_size=size, run_before=on_server(app, script, play))


@every_size
def test_cancelled_turn(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = workbench_app()
    head = message(ANSWER, done=False).split(b"event: content-end")[0]

    async def play(pilot: AppPilot) -> None:
        app.prompt.insert("When does it open?")
        await pilot.press("enter")
        await until_shown(pilot, "with the ebb" if size[1] > 30 else "print", "streaming")
        await pilot.press("escape")
        await until_shown(pilot, "■ cancelled")
        await settled(pilot)

    script: list[Reply] = [[Head(), Chunk(head), Wait(asyncio.Event())]]
    assert snap_compare(app, terminal_size=size, run_before=on_server(app, script, play))


@every_size
def test_events_pane(snap_compare: Compare, size: tuple[int, int]) -> None:
    app = workbench_app()

    async def play(pilot: AppPilot) -> None:
        await ask(pilot, "When does it open?")
        await pilot.press("f5", "home", "down", "down", "down", "down", "space")
        await settled(pilot)

    odd = b'event: sparkle\ndata: {"type":"sparkle","n":1}\n\ndata: {"type":"content-del\n\n'
    script = [stream(odd + message("It opens at nine."))]
    assert snap_compare(app, terminal_size=size, run_before=on_server(app, script, play))
