"""The app: puts the panes on the screen, reads the documents, and says what keys mean.

`Asking` runs the turns, `Navigation` moves between panes, citations and sources, `Commands` carries out what is
typed with a slash. Refuses to know the wire, and to hold state that a pane or the conversation has.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import Binding, BindingType
from textual.containers import Horizontal, Vertical
from textual.events import Resize
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from workbench.errors import ConfigurationError, Problem
from workbench.safe_text import safe_text
from workbench.ui import collector, slash
from workbench.ui.arrangement import PANELS, SIDE_PANELS, Panel, PaneName
from workbench.ui.asking import Asking
from workbench.ui.background import in_background
from workbench.ui.backstop import SafeLines
from workbench.ui.commands import Commands
from workbench.ui.failing import FailingApp
from workbench.ui.navigation import Navigation
from workbench.ui.panes.chat_pane import ChatPane
from workbench.ui.panes.events_pane import EventsPane
from workbench.ui.panes.pane import Pane
from workbench.ui.panes.request_pane import RequestPane
from workbench.ui.panes.sources_pane import SourcesPane
from workbench.ui.panes.status import Status
from workbench.ui.panes.tools_pane import ToolsPane
from workbench.ui.screens.everywhere import EVERYWHERE
from workbench.ui.screens.help import HelpScreen
from workbench.ui.screens.main import MainScreen
from workbench.ui.themes import DEFAULT_THEME, THEMES
from workbench.ui.widgets.pane_tabs import PaneTabs
from workbench.ui.widgets.prompt import Prompt
from workbench.ui.widgets.rows import RowList
from workbench.ui.widgets.title_bar import TitleBar
from workbench.ui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from workbench.conversation import Conversation
    from workbench.documents.retrieval import Library
    from workbench.ui.restoring import Restoring

SETTLED_SECONDS = 0.1  # after a resize without another
PAINTED_SECONDS = 0.1  # before importing in a thread, which would share the processor with what is being painted
LOW_BANDWIDTH_PATIENCE = 5.0  # times as long as usual, changes are gathered
ERROR_SECONDS = 15.0
TWICE_SECONDS = 2.0  # within which a second Ctrl+C quits

TABS = (
    ("tools", "Tools", "F3"),
    ("sources", "Sources", "F4"),
    ("events", "Events", "F5"),
    ("request", "Request", "F6"),
)


@dataclass(frozen=True, slots=True)
class About:
    """What the screen says of what it talks to: `source` in the title, `notes` in the empty chat.

    `answerer` is what answers, when it is no model.
    """

    source: str
    answerer: str | None = None
    notes: tuple[str, ...] = ()


class WorkbenchApp(FailingApp[tuple[Problem, ...]]):
    """Chat at the left, tools over sources at the right, the prompt and a status line below.

    Its result is the problems of documents that could not be used, when that is why it ended.
    """

    TITLE = "Workbench"
    CSS_PATH = "workbench.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [
        *EVERYWHERE,
        Binding("escape", "escape", "Cancel"),
        Binding("f1", "help", "Help", priority=True),
        Binding("tab,ctrl+o", "next_pane(1)", "Next pane", priority=True),
        Binding("shift+tab", "next_pane(-1)", "Previous pane", priority=True),
        *(Binding(f"f{n}", f"show_pane('{name}')", name.title(), priority=True) for n, name in enumerate(PANELS, 2)),
        Binding("ctrl+up,alt+up", "turn(-1)", "Earlier turn", priority=True),
        Binding("ctrl+down,alt+down", "turn(1)", "Later turn", priority=True),
        Binding("z", "grow", "Grow or restore the pane"),
        Binding("y", "copy", "Copy"),
        Binding("ctrl+l", "redraw", "Draw the screen again", priority=True),
        Binding("ctrl+n", "new", "New conversation", priority=True),
        Binding("ctrl+g", "edit", "Write in $EDITOR", priority=True),
    ]

    def __init__(
        self,
        conversation: Conversation,
        about: About,
        *,
        prepare: Callable[[], None] | None = None,
        load: Callable[[], Library | None] | None = None,
        restore: Callable[[], Coroutine[None, None, Restoring]] | None = None,
        warm: Callable[[], Coroutine[None, None, None]] | None = None,
        begin: Callable[[WorkbenchApp], Coroutine[None, None, None]] | None = None,
        close: Callable[[], Coroutine[Any, Any, None]] | None = None,
        theme: str | None = None,
        low_bandwidth: bool = False,
    ) -> None:
        """`prepare` imports what a turn needs, then `load` reads the documents, each in a thread, after the first
        paint, and `restore` gives what was asked earlier. `warm` is run once, when a person begins to type: it may
        start what the first question will need. `begin` is run when all is ready, `close` when the app ends."""
        super().__init__()
        self.conversation = conversation
        self.chat = ChatPane(id="chat")
        self.tools = ToolsPane(id="tools")
        self.sources = SourcesPane(id="sources")
        self.status = Status(answerer=about.answerer, id="status")
        self.panes: Mapping[PaneName, Widget] = {
            "chat": self.chat,
            "tools": self.tools,
            "sources": self.sources,
            "events": EventsPane(id="events"),
            "request": RequestPane(id="request"),
            "status": self.status,
        }
        self.prompt = Prompt(id="prompt")
        self.navigation = Navigation(self)
        self.commands = Commands(self)
        self.asking = Asking(self)
        self._about = about
        self._prepare = prepare
        self._load = load
        self._restore = restore
        self._warm = warm
        self._begin = begin
        self._close = close
        self._safe_lines = SafeLines(conversation.redactor)
        self._sized = False
        self._repaint: Timer | None = None
        self._interrupted = 0.0
        self._unkept = False
        for each in THEMES:
            self.register_theme(each)
        self._writes_little = False
        if low_bandwidth:
            self.write_little()
        self._unknown_theme = theme if theme is not None and theme not in self.available_themes else None
        self.theme = theme if theme in self.available_themes else DEFAULT_THEME

    def get_default_screen(self) -> Screen[Any]:
        return MainScreen(id="_default")

    def compose(self) -> ComposeResult:
        yield TitleBar()
        with Horizontal(id="body"):
            yield self.chat
            with Vertical(id="side"):
                yield PaneTabs(TABS, id="tabs")
                for name in SIDE_PANELS:
                    yield self.panes[name]
        yield Static(id="queued", markup=False)
        with Horizontal(id="prompt-row"):
            yield Static(">", id="prompt-mark", markup=False)
            yield self.prompt
            yield Static("^J newline", id="prompt-hint", markup=False)
        yield self.status

    def on_mount(self) -> None:
        self.navigation.lay_out()
        self.chat.introduce(self._about.notes)
        self._say_about()
        if self._unknown_theme is not None:
            self.say(f"there is no theme {self._unknown_theme!r}; ^P, then Theme, lists them", severity="warning")
        self.set_timer(PAINTED_SECONDS, self._load_documents)

    def on_resize(self, event: Resize) -> None:
        self.navigation.lay_out(event.size)
        if not self._sized:  # the size of the start, with which everything is painted anyhow
            self._sized = True
            return
        # Textual skips a resize that ends at the size it began with, but the terminal has lost what was cut off
        # meanwhile: everything is painted again, once the sizes have settled.
        if self._repaint is not None:
            self._repaint.stop()
        self._repaint = self.set_timer(SETTLED_SECONDS, self.action_redraw)

    def action_redraw(self) -> None:
        """Write the whole screen again: something else may have written to the terminal."""
        self.forget_terminal()
        for screen in self.screen_stack[-1:]:
            screen.refresh()

    def write_little(self) -> None:
        """From now on fewer and larger changes of the screen: for a slow line."""
        self._writes_little = True
        for pane in self.panes.values():
            if isinstance(pane, Pane):
                pane.patience = LOW_BANDWIDTH_PATIENCE
        self.chat.view.write_little()

    def terminal_is_slow(self) -> None:
        if not self._writes_little:
            self.write_little()
            self.say("this terminal is slow: the screen changes more rarely from now on (--low-bandwidth)")

    def display_failed(self, error: Exception) -> None:
        self.say(f"drawing goes on with more bytes: {type(error).__name__}: {error}", severity="warning")

    async def on_unmount(self) -> None:
        collector.release()
        if self._close is not None:
            await self._close()

    # -- documents -----------------------------------------------------------------------------------

    @work(group="load")
    async def _load_documents(self) -> None:
        """Read documents and session off the event loop. When one cannot be used, the app ends and says which."""
        what = "documents"
        try:
            if self._prepare is not None:
                await in_background(self._prepare)
            collector.keep()
            if self._load is not None:
                self.status.left = "⧗ loading documents …"
                self.conversation.library = await in_background(self._load)
                collector.keep()
                self.status.left = ""
            if self._restore is not None:
                self.status.left, what = "⧗ reading the session …", "--resume"
                await (await self._restore()).show(self)
        except (ConfigurationError, MemoryError) as error:  # all else is a fault of this program, and ends it
            too_large = (Problem(what, 0, 0, f"too large for the memory of this machine: {error}"),)
            self.exit(error.problems if isinstance(error, ConfigurationError) else too_large, return_code=2)
            return
        self.asking.ready.set()
        self._say_about()
        if self._begin is not None:
            await self._begin(self)

    def _say_about(self) -> None:
        library, toolbox = self.conversation.library, self.conversation.toolbox
        words = [self._about.source]
        if library is not None:
            words.append(library.describe())
        if toolbox is not None:
            count = len(toolbox.definitions())
            words.append(f"{count} tool{'s' if count != 1 else ''}")
        if self._unkept:
            words.append("not kept")
        self.query_one(TitleBar).about = " · ".join(words)

    # -- turns -----------------------------------------------------------------------------------------

    @on(Prompt.Sent)
    def _sent(self, message: Prompt.Sent) -> None:
        text = message.text
        if text.startswith("/") and not text.startswith("//"):
            self.commands.run(text)
        else:
            self.asking.put(text)

    @on(Prompt.Changed)
    def _typed(self) -> None:
        if self._warm is not None:
            warm, self._warm = self._warm, None
            self.set_timer(PAINTED_SECONDS, partial(self._warm_up, warm))

    @work(group="warm", exit_on_error=False)
    async def _warm_up(self, warm: Callable[[], Coroutine[None, None, None]]) -> None:
        await warm()
        collector.keep()

    @on(Prompt.Paged)
    def _paged(self, message: Prompt.Paged) -> None:
        view = self.chat.view
        view.scroll_to(y=view.scroll_offset.y + message.by * max(1, view.size.height - 1))

    @property
    def busy(self) -> bool:
        """Whether a turn is running or about to."""
        return self.asking.busy

    @property
    def loading(self) -> bool:
        """Whether the documents are still being read."""
        return not self.asking.ready.is_set()

    def clear_panes(self) -> None:
        """A new conversation begins on an empty screen."""
        for pane in self.panes.values():
            if isinstance(pane, Pane):
                pane.reset()
        self.status.left = ""
        self.prompt.focus()

    # -- keys ---------------------------------------------------------------------------------------------

    def action_escape(self) -> None:
        if not self.asking.cancel() and not self.navigation.restore():
            self.prompt.focus()

    def action_interrupt(self) -> None:
        """Ctrl+C: copy a selection, else cancel, else clear the prompt, else quit when pressed twice."""
        if selected := self._selected_text():
            self.commands.copy(selected)
            self.screen.clear_selection()
        elif self.asking.cancel():
            return
        elif self.prompt.text:
            self.prompt.clear()
        elif time.monotonic() - self._interrupted < TWICE_SECONDS:
            self.exit()
        else:
            self._interrupted = time.monotonic()
            self.say("Ctrl+C again quits")

    def _selected_text(self) -> str:
        """What is selected where one types, or with the mouse in the text of a pane."""
        focused = self.focused
        if isinstance(focused, Input | TextArea) and focused.selected_text:
            return focused.selected_text
        return self.screen.get_selected_text() or ""

    def action_help(self) -> None:
        if not isinstance(self.screen, HelpScreen):
            self.push_screen(HelpScreen(tuple((c.usage, c.meaning) for c in slash.COMMANDS)))

    def action_next_pane(self, by: int) -> None:
        self.navigation.next_pane(by)

    def action_show_pane(self, name: Panel) -> None:
        self.navigation.show(name)

    def action_turn(self, by: int) -> None:
        self.navigation.walk(by)

    def action_grow(self) -> None:
        self.navigation.grow()

    def action_copy(self) -> None:
        self.commands.copy(self._selected_text() or self.navigation.text_in_focus())

    def action_edit(self) -> None:
        self.commands.edit()

    def action_new(self) -> None:
        self.commands.run("/clear")

    def get_line_filters(self) -> Sequence[LineFilter]:
        return [*super().get_line_filters(), self._safe_lines]

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The palette: Textual's own entries, then every slash command that needs nothing typed after it."""
        yield from super().get_system_commands(screen)
        for command in slash.COMMANDS:
            yield SystemCommand(f"/{command.name}", command.meaning, partial(self.commands.run, f"/{command.name}"))

    def say(self, text: str, *, severity: SeverityLevel = "information") -> None:
        """A short word at the edge of the screen; one that names a file to report stays until it can be read."""
        timeout = ERROR_SECONDS if severity == "error" else None
        self.notify(safe_text(self.conversation.redactor.text(text)), severity=severity, timeout=timeout, markup=False)

    def not_kept(self, problem: str) -> None:
        """From now on something is not kept in its file: `problem` says what and why."""
        self._unkept = True
        self._say_about()
        self.say(problem, severity="warning")

    # -- what panes say --------------------------------------------------------------------------------------

    @on(Transcript.CitationSelected)
    def _citation_selected(self, message: Transcript.CitationSelected) -> None:
        self.navigation.show_source(message.turn, message.index)

    @on(Transcript.CitationOpened)
    def _citation_opened(self, message: Transcript.CitationOpened) -> None:
        if self.navigation.show_source(message.turn, message.index):
            self.navigation.show("sources")

    @on(RowList.Opened, "#sources-rows")
    def _source_opened(self) -> None:
        self.navigation.show("chat")

    @on(PaneTabs.Chosen)
    def _tab_chosen(self, message: PaneTabs.Chosen) -> None:
        if message.name in self.panes:
            self.action_show_pane(cast(Panel, message.name))
