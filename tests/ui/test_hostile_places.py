"""One text in every place that shows what others said: it stands there as text, whatever it looks like."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable, Coroutine
from functools import partial
from pathlib import Path
from typing import Any

import pytest

from tests.hostile import MARKUP, PAYLOADS
from tests.hostile_server import answer, calls
from tests.loopback import Received, Reply
from tests.ui.harness import (
    AppPilot,
    ask,
    listens,
    rows_of,
    screen_text,
    served,
    settled,
    until,
    until_shown,
    workbench_app,
)
from workbench.errors import ToolError
from workbench.safe_text import safe_line
from workbench.tools.people import AnswerRequest, ApprovalRequest, NoPeople
from workbench.tools.runners.reply import CannedReply as Canned
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore
from workbench.ui.about import About
from workbench.ui.app import WorkbenchApp
from workbench.ui.arrangement import Panel
from workbench.ui.screen_person import ScreenPerson
from workbench.ui.widgets import question_dock
from workbench.ui.widgets.rows import RowList

SAID = [*MARKUP, *PAYLOADS.values()]
TALL = (140, 64)
# How often the text stands in a pane, at the least: in the question, the answer's prose, code and table, the
# arguments, the results, names, ids and titles.
LEAST: dict[Panel, int] = {"chat": 8, "tools": 5, "sources": 2, "events": 20, "request": 10}


def reply(received: Received) -> Reply:
    said = received.body["messages"][0]["content"]
    return answer(0, said) if received.body["messages"][-1]["role"] == "tool" else calls(said)


def toolbox(said: str) -> Toolbox:
    tools = [ToolSpec("echo", said, Canned({said: said})), ToolSpec("fail", said, Canned(said))]
    return Toolbox(tools, people=NoPeople(), trust=TrustStore(), environ={}, clock=lambda: 0.0)


@pytest.mark.parametrize("part", range(4))
async def test_what_looks_like_markup_is_shown_as_it_is_in_every_pane(part: int) -> None:
    missing = []
    app = workbench_app(documents=False)
    async with app.run_test(size=TALL) as pilot, served(app, reply):
        for said in MARKUP[part::4]:
            app.commands.run("/clear")  # one app for all: what is left of one text would not be counted as another
            assert app.conversation.turns == []
            app.navigation.show("chat")
            app.conversation.toolbox = toolbox(said)
            await ask(pilot, said)
            for name, least in LEAST.items():
                text = await text_of(pilot, app, name)
                times = text.count(said) + text.count(json.dumps(said)[1:-1]) * ("\\" in said)
                if times < least:
                    missing.append((said, name, times))
    assert missing == []


async def text_of(pilot: AppPilot, app: WorkbenchApp, name: Panel) -> str:
    """All that a pane shows, its rows unfolded."""
    app.navigation.show(name)
    await settled(pilot)
    if name == "chat":
        return screen_text(app)
    rows = rows_of(app, name)
    for key in rows.keys:
        if key.startswith(("item ", "group ")):
            rows.show(key)
            rows.action_fold()
            await pilot.pause()
    return "\n".join(opened(rows, index) for index in range(len(rows.keys)))


def opened(rows: RowList, index: int) -> str:
    """The lines of a row as they are shown when it is open."""
    lines = rows._row(index).lines(rows.line_width, is_open=True)
    return "\n".join(rows._strip(line).text for line in lines)


@pytest.mark.parametrize("part", range(2))
async def test_questions_of_tools_are_shown_as_they_are(part: int, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("PAUSE_SECONDS", "SETTLED_SECONDS", "DEAF_SECONDS"):
        monkeypatch.setattr(question_dock, name, 0.01)
    """What looks like markup in both kinds of question, what a terminal would obey in one or the other."""
    app, missing = workbench_app(documents=False), []
    async with app.run_test(size=(120, 24)) as pilot:
        person = ScreenPerson(app.stage, lambda *_: None)
        for number, said in enumerate(SAID[part::2]):
            kinds: list[Callable[[], Coroutine[Any, Any, object]]] = [
                partial(person.approve, ApprovalRequest(said, said, said, "file", Path(said), {said: said})),
                partial(person.answer, AnswerRequest(said, said, said, {said: said})),
            ]
            for ask_person in kinds if said in MARKUP else kinds[number % 2 :][:1]:
                question = ask_person()
                asked = asyncio.ensure_future(question)
                await until(pilot, lambda: listens(app))
                await settled(pilot)
                if screen_text(app).count(safe_line(said).strip()) < 2:
                    missing.append((said, screen_text(app)))
                await pilot.press("escape")
                await asyncio.wait([asked])
                assert asked.exception() is None or isinstance(asked.exception(), ToolError)
    assert missing == []


@pytest.mark.parametrize("part", range(2))
async def test_what_the_app_says_of_others_is_shown_as_it_is(part: int) -> None:
    """Three texts beside each other in the title and as notes, and one by one in the status and in its place."""
    missing = []
    for group in [SAID[start : start + 3] for start in range(0, len(SAID), 3)][part::2]:
        about = About(" · ".join(group), notes=tuple(f"note {said}" for said in group))
        app = workbench_app(documents=False, about=about)
        async with app.run_test(size=(200, 50)) as pilot:
            for number, said in enumerate(group):
                app.status.left = f"status {number} {said}"
                await until_shown(pilot, f"status {number}")
                screen = screen_text(app)
                app.say(f"{number} notice {said}", severity="error")
                await until_shown(pilot, f"{number} notice")
                screen += screen_text(app)
                app.status.forget()
                shown = safe_line(said).strip()
                places = (f"note {shown}", f"{number} notice {shown}", f"status {number} {shown}")
                missing += [(place, screen) for place in places if place not in screen]
                title = screen.partition("\n")[0]
                missing += [(shown, title)] * (shown not in title)
    assert missing == []
