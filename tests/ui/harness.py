"""The app in a test: on the offline engine or a loopback server, with a clock that stands still."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import TypeAlias

from textual.pilot import Pilot
from textual.widget import Widget

from tests.loopback import LoopbackServer, Reply
from workbench.cohere_client import ChatClient, ClientOptions, connect
from workbench.config.at_hand import SettingsAtHand
from workbench.config.settings_model import Settings
from workbench.conversation import Conversation, Options
from workbench.documents.passages import DocumentSet, Passage, RetrievalSpec
from workbench.documents.retrieval import Library
from workbench.errors import Problem
from workbench.tools.runners.person import Ask
from workbench.tools.runners.reply import CannedReply as Canned
from workbench.tools.specs import ToolSpec
from workbench.tools.toolbox import Toolbox
from workbench.tools.trust import TrustStore
from workbench.ui.about import About
from workbench.ui.app import WorkbenchApp
from workbench.ui.arrangement import Panel
from workbench.ui.arrangement_memory import ArrangementMemory
from workbench.ui.panes.events_pane import EventsPane
from workbench.ui.panes.pane import Pane
from workbench.ui.panes.request_pane import RequestPane
from workbench.ui.panes.sources_pane import SourcesPane
from workbench.ui.panes.tools_pane import ToolsPane
from workbench.ui.startup import Startup
from workbench.ui.themes.memory import ThemeMemory
from workbench.ui.widgets.rows import RowList

AppPilot: TypeAlias = Pilot[tuple[Problem, ...]]  # of a WorkbenchApp

LONGEST_WAIT = 400  # looks at the screen, 25 ms apart
ABOUT = About("offline engine", "offline engine", ("The offline engine answers: it is not a language model.",))


def library() -> Library:
    """Four passages about a town."""
    texts = {
        "guide/hours.md": (
            "Visitor guide › Hours",
            "The library opens at 09:00.\nOn Saturdays the doors open at 10:00.",
        ),
        "guide/tickets.md": ("Visitor guide › Tickets", "A day ticket costs 4 euros. Children enter free of charge."),
        "guide/harbour.md": ("Harbour › Tides", "The harbour tide turns twice a day. Boats leave with the ebb tide."),
        "guide/market.md": ("Market", "The market sells fish from the harbour on Fridays."),
    }
    passages = [
        Passage(
            id=f"{path}#1",
            set="town",
            title=title,
            text=text,
            data={"text": text, "title": title},
            path=path,
            lines=(1, 9),
        )
        for path, (title, text) in texts.items()
    ]
    return Library([DocumentSet("town", tuple(passages), RetrievalSpec(mode="all"))])


def tool_specs() -> list[ToolSpec]:
    place = {"type": "object", "properties": {"place": {"type": "string"}}, "required": ["place"]}
    return [
        ToolSpec("opening_hours", "Opening hours of a place", Canned({"opens": "09:00", "closes": "18:00"}), place),
        ToolSpec("train_status", "Whether a train is on time", Canned("the 9:12 is on time")),
        ToolSpec("ask_a_person", "Something only a person knows", Ask()),
    ]


class Starts(Startup):
    """An app with what a test wants to `prepare` and `load`; `client` is closed at its end."""

    def __init__(
        self,
        client: ChatClient,
        *,
        prepare: Callable[[], None] | None = None,
        load: Callable[[], Library] | None = None,
    ) -> None:
        self.reads_documents = load is not None
        self._client = client
        self._prepare = prepare
        self._load = load

    def prepare(self) -> None:
        if self._prepare is not None:
            self._prepare()

    def load(self) -> Library | None:
        return self._load() if self._load is not None else None

    async def close(self) -> None:
        await self._client.aclose()


def workbench_app(
    *,
    tools: bool = False,
    documents: bool = True,
    options: Options | None = None,
    low_bandwidth: bool = False,
    about: About = ABOUT,
    keys: Mapping[str, Sequence[str]] | None = None,
    theme: str | None = None,
    remembered: ThemeMemory | None = None,
    arranged: ArrangementMemory | None = None,
) -> WorkbenchApp:
    """The app on the offline engine, unpaced; every time it shows is 0."""
    client = connect(ClientOptions(offline=True), {})
    conversation = Conversation(client, options or Options(model="command-test"), clock=lambda: 0.0)
    starts = Starts(client, load=library if documents else None)
    if options is None:
        starts.settings = SettingsAtHand(Settings(model="command-test"))
    app = WorkbenchApp(
        conversation,
        about,
        starts,
        keys=keys or {},
        theme=theme,
        remembered=remembered,
        arranged=arranged,
        low_bandwidth=low_bandwidth,
    )
    if tools:
        conversation.toolbox = Toolbox(
            tool_specs(),
            people=app.stage.person(),
            trust=TrustStore(),
            environ={},
            clock=lambda: 0.0,
        )
    return app


@asynccontextmanager
async def served(app: WorkbenchApp, script: Sequence[Reply] | Callable[..., Reply]) -> AsyncIterator[LoopbackServer]:
    """The app's requests go to a server that follows the script."""
    async with LoopbackServer(script) as server:
        client = connect(ClientOptions(base_url=server.url), {})
        app.conversation.client = client
        try:
            yield server
        finally:
            await client.aclose()


def listens(app: WorkbenchApp) -> bool:
    """Whether a question stands over the prompt and has the keys."""
    return app.stage.question is not None and app.stage.question.listens


def pane_of(app: WorkbenchApp, name: Panel) -> Pane:
    """A pane by its name, with the turn that it shows."""
    pane = app.panes[name]
    assert isinstance(pane, Pane)
    return pane


def rows_of(app: WorkbenchApp, name: Panel) -> RowList:
    """The rows of a pane beside the chat."""
    pane = pane_of(app, name)
    assert isinstance(pane, ToolsPane | SourcesPane | EventsPane | RequestPane)
    return pane.rows


def in_focus(app: WorkbenchApp) -> Widget | None:
    """The widget that has the focus now, for looks before and after a key."""
    return app.focused


def screen_text(app: WorkbenchApp) -> str:
    """The screen as text, line by line."""
    return "\n".join(strip.text.rstrip() for strip in app.screen._compositor.render_strips())


async def until(pilot: AppPilot, holds: Callable[[], bool]) -> None:
    """Let the app run until something holds; fails with the screen when it never does."""
    for _ in range(LONGEST_WAIT):
        await pilot.pause()
        if holds():
            await pilot.pause()
            return
        await asyncio.sleep(0.025)  # of the machine's own time, for whatever is outside of the app
    raise AssertionError(f"never came true; the screen:\n{screen_text(_app(pilot))}")


async def until_shown(pilot: AppPilot, *texts: str) -> None:
    """Let the app run until all the texts are on the screen, which is looked at when there is another frame."""
    looked: object = None

    def shown() -> bool:
        nonlocal looked
        before, looked = looked, _frame(_app(pilot))
        if before == looked:
            return False
        screen = screen_text(_app(pilot))
        return all(text in screen for text in texts)

    await until(pilot, shown)


async def ask(pilot: AppPilot, question: str) -> None:
    """Type a question, send it, and let the turn end."""
    app = _app(pilot)
    before = _last_turn(app)
    app.prompt.focus()
    await pilot.pause()
    app.prompt.insert(question)
    await pilot.press("enter")
    await until(pilot, lambda: _last_turn(app) > before and not app.busy)
    await settled(pilot)


async def settled(pilot: AppPilot) -> None:
    """Until two looks at the screen are the same."""
    app, last = _app(pilot), ""
    for _ in range(LONGEST_WAIT):
        if (now := screen_text(app)) == last:
            return
        last, frame = now, _frame(app)
        await pilot.pause(0.12)
        if _frame(app) == frame:
            return
    raise AssertionError(f"never at rest; the screen:\n{now}")


def chat_text(app: WorkbenchApp) -> str:
    """What the chat shows, its lines joined to one."""
    region = app.chat.region
    lines = screen_text(app).split("\n")[region.y : region.bottom]
    return " ".join(line[region.x : region.right].strip() for line in lines)


def said(app: WorkbenchApp) -> str:
    """The last words of the last row."""
    return app.stage.said[-1].text if app.stage.said else ""


def _frame(app: WorkbenchApp) -> object:
    """Another value whenever the screen has changed since; tests/ui/conftest.py counts."""
    return app.screen, getattr(app.screen._compositor, "frames", 0)


def _last_turn(app: WorkbenchApp) -> int:
    return app.conversation.turns[-1].number if app.conversation.turns else 0


def _app(pilot: AppPilot) -> WorkbenchApp:
    app = pilot.app
    assert isinstance(app, WorkbenchApp)
    return app
