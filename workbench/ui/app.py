"""The app: puts the panes on the screen, reads the documents, and hands on what keys and panes say.

`Stage` has the widgets, `Asking` runs the turns, `Navigation` moves between panes, citations and sources, `Commands`
performs the actions of the table. Refuses to know the wire, and to hold state that a pane or the conversation has.
"""

from __future__ import annotations

import os
from collections.abc import Iterable, Mapping, Sequence
from functools import partial
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, ClassVar, cast

from textual import on, work
from textual.app import ComposeResult, SystemCommand
from textual.binding import BindingType
from textual.events import Event, Key, Paste, Resize
from textual.filter import LineFilter
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.timer import Timer

from workbench.errors import ConfigurationError, Problem
from workbench.ui import collector
from workbench.ui.about import About
from workbench.ui.actions import BY_ID
from workbench.ui.arrangement import Panel
from workbench.ui.arrangement_memory import ArrangementMemory
from workbench.ui.arranging import Arranging
from workbench.ui.asking import Asking
from workbench.ui.background import in_background
from workbench.ui.backstop import SafeLines
from workbench.ui.bindings import of_the_app, textual_keymap
from workbench.ui.commands import Commands
from workbench.ui.failing import FailingApp
from workbench.ui.keymap import Keymap
from workbench.ui.navigation import Navigation
from workbench.ui.new_files import exact
from workbench.ui.panes.events_pane import EventsPane, number_of
from workbench.ui.screens.main import MainScreen
from workbench.ui.stage import Stage
from workbench.ui.startup import Startup
from workbench.ui.terminal.clipboard import Clipboard
from workbench.ui.terminal.outside import FocusTold, NameTold, Outside
from workbench.ui.terminal.textual_inside import driver_of, remember_copied, set_once
from workbench.ui.themes.memory import ThemeMemory
from workbench.ui.themes.themed_app import DEFAULT_THEME
from workbench.ui.widgets.pane_tabs import PaneTabs
from workbench.ui.widgets.prompt import Prompt
from workbench.ui.widgets.rows import RowList
from workbench.ui.widgets.searching import SearchingView
from workbench.ui.widgets.selecting import SelectingView
from workbench.ui.widgets.transcript import Transcript

if TYPE_CHECKING:
    from workbench.conversation import Conversation
    from workbench.documents.passages import Named

SETTLED_SECONDS = 0.1  # after a resize without another
PAINTED_SECONDS = 0.1  # before importing in a thread, which would share the processor with what is being painted


class WorkbenchApp(FailingApp[tuple[Problem, ...]]):
    """Chat at the left, tools over sources at the right, the prompt and a status line below.

    Its result is the problems of documents that could not be used, when that is why it ended.
    """

    TITLE = "Workbench"
    CSS_PATH = "workbench.tcss"
    ENABLE_COMMAND_PALETTE = True
    BINDINGS: ClassVar[list[BindingType]] = [*of_the_app()]

    def __init__(
        self,
        conversation: Conversation,
        about: About,
        startup: Startup | None = None,
        *,
        keys: Mapping[str, Sequence[str]] = MappingProxyType({}),
        theme: str | None = None,
        remembered: ThemeMemory | None = None,
        arranged: ArrangementMemory | None = None,
        low_bandwidth: bool = False,
        outside: Outside | None = None,
    ) -> None:
        """`keys` has, by id, the actions with other keys than the table's; an empty sequence is no key at all.

        They are such that `key_problems` finds nothing wrong with them. `theme` is of a flag or a settings file: else
        the one that is remembered is taken, as long as there is such a theme. `arranged` has the sizes that were
        chosen for the side panes. `outside` is what is said outside of the screen, if anything is.
        """
        self.outside = outside or Outside()
        super().__init__()
        self.conversation = conversation
        self.stage = Stage(self, conversation, about, Keymap(keys), self.outside)
        self.chat, self.tools, self.sources = self.stage.chat, self.stage.tools, self.stage.sources
        self.status, self.panes, self.prompt = self.stage.status, self.stage.panes, self.stage.prompt
        self._startup = startup or Startup()
        self.report = self._startup.report
        self.navigation = Navigation(self.stage, conversation)
        self.asking = Asking(self.stage, conversation, self.navigation, self.report, self._startup.refusal)
        self.arranging = Arranging(self.stage, self.navigation, arranged or ArrangementMemory())
        self.commands = Commands(self.stage, conversation, self.navigation, self.asking, self.arranging, self._startup)
        self.replaying = self._startup.replaying(self.stage, self.asking, self.navigation)
        self.commands.replaying = self.replaying
        self.stage.can = self.commands.can
        self.stage.chat.goes_on = self.commands.goes_on
        self.stage.status.goes_on = partial(self.commands.goes_on, named="/lift")
        self.prompt.citable = self.navigation.has_citations
        self._clipboard_outside = Clipboard(os.environ, self._write_to_terminal)
        self._keys_before = ("", "")  # the last one, and the one before it
        self._safe_lines = SafeLines(conversation.redactor)
        self._sized = False
        self._warmed = False
        self._repaint: Timer | None = None
        self.set_keymap(textual_keymap(self.stage.keymap))
        self._writes_little = False
        if low_bandwidth:
            self.write_little()
        self._theme_memory = remembered or ThemeMemory()
        self._named_theme = theme
        wished = [name for name in (theme, self._theme_memory.recalled()) if name in self.available_themes]
        self.theme = next(iter(wished), DEFAULT_THEME)
        self._startup.set_up(self.stage)

    def get_default_screen(self) -> Screen[Any]:
        """The screen that holds the stage."""
        return MainScreen(id="_default")

    def compose(self) -> ComposeResult:
        """Put the widgets of the stage onto the screen."""
        self.navigation.begin(self.size)
        yield from self.stage.compose()

    def on_mount(self) -> None:
        """The widgets are there: arrange them, introduce the app, and read the documents after the first paint."""
        self.navigation.lay_out()
        self.watch(self.screen, "focused", self.stage.show_hints, init=False)
        self.stage.introduce()
        self.stage.say_about()
        if self._named_theme is not None and self._named_theme not in self.available_themes:
            self.say(self.stage.no_theme(self._named_theme), severity="warning")
        set_once(self, PAINTED_SECONDS, self._load)

    def on_resize(self, event: Resize) -> None:
        """The terminal has another size: arrange the panes for it, and write the whole screen again once it settles."""
        self.navigation.lay_out(event.size)
        if not self._sized:  # the size of the start, with which everything is painted anyhow
            self._sized = True
            return
        # Textual skips a resize that ends at the size it began with, but the terminal has lost what was cut off
        # meanwhile: everything is painted again, once the sizes have settled.
        if self._repaint is not None:
            self._repaint.stop()
        self._repaint = set_once(self, SETTLED_SECONDS, self.action_redraw)

    def write_little(self) -> None:
        """From now on fewer and larger changes of the screen: for a slow line."""
        self._writes_little = True
        self.stage.write_little()

    def terminal_is_slow(self) -> None:
        """Frames come late again and again: change the screen more rarely from now on, and say so, once."""
        if not self._writes_little:
            self.write_little()
            self.say("this terminal is slow: the screen changes more rarely from now on (--low-bandwidth)")

    def display_failed(self, error: Exception) -> None:
        """Say that Textual draws from now on, and why."""
        self.say(f"drawing goes on with more bytes: {type(error).__name__}: {error}", severity="warning")

    def on_app_focus(self) -> None:
        """The terminal has got the focus."""
        self.outside.focus_changed(is_away=False)

    def on_app_blur(self) -> None:
        """The terminal has lost the focus."""
        self.outside.focus_changed(is_away=True)

    def on_focus_told(self, message: FocusTold) -> None:
        """The terminal has said whether it tells its focus."""
        self.outside.focus_told(is_told=message.is_told)

    def on_name_told(self, message: NameTold) -> None:
        """The terminal has said what it is."""
        self.outside.name_told(message.name)

    async def on_unmount(self) -> None:
        """The app has ended: close what the startup opened."""
        collector.release()
        await self.arranging.close()
        await self._startup.close()

    def parting(self) -> str:
        """The line that is left in the terminal when the screen is closed; "" for none."""
        return self._startup.parting()

    def get_line_filters(self) -> Sequence[LineFilter]:
        """Textual's filters, and behind them the one that takes control characters and keys out of each line."""
        return [*super().get_line_filters(), self._safe_lines]

    def copy_to_clipboard(self, text: str) -> None:
        """Hand `text` to the clipboard that there is, and say what became of it."""
        remember_copied(self, exact(text).decode())
        if self._clipboard_outside.in_tmux:
            self._load_into_tmux(text)
        else:
            self.say(self._clipboard_outside.send(text))

    @work(group="clipboard", exit_on_error=False)
    async def _load_into_tmux(self, text: str) -> None:
        self.say(await self._clipboard_outside.load(text))

    def _write_to_terminal(self, data: str) -> None:
        if (driver := driver_of(self)) is not None:
            driver.write(data)

    def say(self, text: str, *, severity: SeverityLevel = "information") -> None:
        """Show `text` in the last row until it has been read."""
        self.stage.say(text, severity=severity)

    def notify(
        self,
        message: str,
        *,
        title: str = "",
        severity: SeverityLevel = "information",
        timeout: float | None = None,
        markup: bool = True,
    ) -> None:
        """What a widget has to say stands where everything is said: nothing covers what is read."""
        self.stage.say(f"{title}: {message}" if title else message, severity=severity)

    async def on_event(self, event: Event) -> None:
        """A key takes away what has been said and read, and tells an open question that somebody types."""
        if isinstance(event, Key | Paste) and not event.is_forwarded and self.screen_stack:
            self.stage.key_came()
            self._keys_before = (self._keys_before[-1], event.key if isinstance(event, Key) else "")
            if self.stage.question is not None:
                self.stage.question.key_came()
        await super().on_event(event)

    def lead(self, event: Event) -> None:
        """What is typed or pasted in a pane goes to the prompt, from the first character on that is no key of it."""
        if not (self.screen_stack and isinstance(self.screen, MainScreen)) or self.stage.keeps_keys:
            return
        if isinstance(event, Paste) or (
            isinstance(event, Key)
            and event.is_printable
            and event.key != "space"  # which begins no word, and pages elsewhere
            and not self.navigation.means_something(event.key)
            and not (self.replaying is not None and event.key in self.replaying.keys)
        ):
            was_in_pane = self.navigation.leave_pane()
            if was_in_pane and isinstance(event, Key) and event.key == "q":
                self._say_how_to_leave()

    def _say_how_to_leave(self) -> None:
        """Elsewhere `q` leaves what one looks at, or the program."""
        leaves, quits = self.stage.keymap.label("cancel"), self.stage.keymap.label("quit")
        parts = (f"{leaves} leaves a pane" if leaves else "", f"{quits} quits" if quits else "")
        self.say(f"q is typed here{': ' if any(parts) else ''}{', '.join(filter(None, parts))}")

    def choose_theme(self, name: str) -> None:
        """A theme was chosen in the list: it is the one of the next start too."""
        super().choose_theme(name)
        self._keep_theme(name)

    @work(group="theme", exit_on_error=False)
    async def _keep_theme(self, name: str) -> None:
        problem = await in_background(lambda: self._theme_memory.keep(name))
        if problem:
            self.say(f"the theme is not kept: {problem}", severity="warning")
        elif self._named_theme not in (None, name):
            self.say(f"until the end: the next start takes {self._named_theme!r}, which a flag or settings file names")

    # -- the start ---------------------------------------------------------------------------------------

    @work(group="load")
    async def _load(self) -> None:
        """Read documents and session off the event loop. When one cannot be used, the app ends and says which."""
        startup, what = self._startup, "documents"
        self._complete()
        try:
            await in_background(startup.prepare)
            collector.keep()
            if startup.reads_documents:
                self.status.left = "⧗ loading documents …"
                self.conversation.library = library = await in_background(startup.load)
                self.stage.suggestions = await in_background(library.suggestions) if library is not None else ()
                collector.keep()
                self.status.left = ""
            if startup.resumes:
                self.status.left, what = "⧗ reading the session …", "--resume"
                restoring = await startup.restore()
                self.status.left = ""
                if restoring is not None:
                    await restoring.show(self.stage)
        except (ConfigurationError, MemoryError) as error:  # all else is a fault of this program, and ends it
            too_large = (Problem(what, 0, 0, f"too large for the memory of this machine: {error}"),)
            self.exit(error.problems if isinstance(error, ConfigurationError) else too_large, return_code=2)
            return
        self.asking.ready.set()
        self.stage.say_about()
        self.stage.introduce()
        self.stage.show_hints()
        await startup.begin(self.asking)
        self.run_worker(self.commands.watch_documents(), group="watch", exit_on_error=False)
        own = [turn.prompt for turn in self.conversation.turns]
        earlier = await in_background(startup.asked_before)
        if startup.resumes:
            self.prompt.asked.precede(own)
        self.prompt.asked.precede([text for text in earlier if text not in own])
        if sessions := await in_background(startup.recent):
            self.stage.introduce(sessions)
        await startup.find_tools()

    def _complete(self) -> None:
        """From now on offer what may be typed next, and attach what a question names."""
        from workbench.ui.attachments import attach  # not for the first paint
        from workbench.ui.completion import Completer
        from workbench.ui.folders import Folders
        from workbench.ui.found_files import FoundFiles

        if self._startup.attaches:
            self.asking.attach = attach
        folders = Folders(partial(self.run_worker, group="folders", exit_on_error=False), self.prompt.look_again)
        files = FoundFiles(partial(self.run_worker, group="files", exit_on_error=False), self.prompt.look_again)
        commands = self.commands
        kinds = None if self.replaying is None else self.replaying.kinds
        settings, presets = commands.setting_choices, commands.preset_choices
        tools, documents = commands.tools_known, commands.document_choices
        completer = Completer(
            commands.models, folders.listed, files.matching, settings, presets, kinds, tools, documents
        )
        self.prompt.completion = lambda before, is_all: completer.offer(before, is_all=is_all)
        self.prompt.look_again()

    @work(group="warm", exit_on_error=False)
    async def _warm_up(self) -> None:
        await self._startup.warm()
        collector.keep()

    @property
    def busy(self) -> bool:
        """Whether a turn is running or about to, or a recording is played."""
        return self.asking.busy or (self.replaying is not None and self.replaying.busy)

    @property
    def loading(self) -> bool:
        """Whether the documents are still being read."""
        return not self.asking.ready.is_set()

    # -- actions -----------------------------------------------------------------------------------------

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action can be done now: on a dialog only what works everywhere, since the panes are beneath it;
        in a question over the prompt also what one looks at the panes with."""
        if action == "perform":
            place, question = BY_ID[str(parameters[0])].place, self.stage.question
            if place == "replay" and not self._replay_listens(str(parameters[0])):
                return False
            if not isinstance(self.screen, MainScreen):
                return place == "everywhere"
            if str(parameters[0]) == "next-pane" and self.focused is self.prompt and self.prompt.is_choosing:
                return False  # Tab takes what is chosen
            if question is not None and question.listens:
                return place in ("everywhere", "looking")
        return super().check_action(action, parameters)

    def _replay_listens(self, id: str) -> bool:
        """Whether the key of a replay's action `id` means that here, and is not what is typed or what a pane has."""
        if self.replaying is None or self.stage.question is not None or self.stage.keeps_keys:
            return False
        if self.focused is self.prompt:
            return not (self.prompt.text or self.prompt.is_choosing or self.prompt.is_searching)
        return id != "play-here" or self.focused is self.chat.view

    def action_perform(self, id: str) -> None:
        """Do what an action of the table is for."""
        self.commands.perform(id)

    async def action_quit(self) -> None:
        """Quit; but not where somebody stops output and lets it go on, as terminals do with the same key."""
        if self._keys_before == ("ctrl+s", "ctrl+q"):
            self.say(f"Ctrl+S holds nothing here: {self.stage.keymap.label('quit')} again quits")
        else:
            await super().action_quit()

    def action_redraw(self) -> None:
        """Write the whole screen again: something else may have written to the terminal."""
        self.forget_terminal()
        for screen in self.screen_stack[-1:]:
            screen.refresh()

    def get_system_commands(self, screen: Screen[Any]) -> Iterable[SystemCommand]:
        """The entries of the palette: the actions that can be performed on `screen` now."""
        from workbench.ui.palette import entries  # not for the first paint

        on_main = isinstance(screen, MainScreen)
        return entries(
            self.stage, screen.focused, self.commands.can, self.run_action, on_main=on_main, width=self.size.width
        )

    # -- what widgets say ----------------------------------------------------------------------------------

    @on(Prompt.Sent)
    def _sent(self, message: Prompt.Sent) -> None:
        self._startup.note_asked(message.text)
        self.commands.run(message.text)

    @on(Prompt.Filled)
    @on(Transcript.CitationSelected)
    @on(SearchingView.Searched)
    @on(SelectingView.Selecting)
    def _hints_changed(self) -> None:
        self.stage.show_hints()

    @on(Prompt.NamesChanged)
    def _names_changed(self) -> None:
        if self._startup.attaches:
            self._show_attached(list(self.prompt.names))

    @work(group="attached", exclusive=True, exit_on_error=False)
    async def _show_attached(self, names: Sequence[tuple[Named, ...]]) -> None:
        from workbench.ui.attachments import files_of

        self.stage.show_attached(await in_background(lambda: files_of(names)))

    @on(Prompt.Walked)
    def _walked(self, message: Prompt.Walked) -> None:
        if message.by > 0:
            self.chat.view.next_citation(newest=True)
        else:
            self.chat.view.previous_citation(newest=True)

    @on(Prompt.Led)
    def _led(self, message: Prompt.Led) -> None:
        self.commands.perform(message.id)

    @on(Prompt.CitationOpened)
    def _opened_from_prompt(self) -> None:
        if self.chat.view.walks:
            self.chat.view.action_open_citation()

    @on(Prompt.Changed)
    def _typed(self) -> None:
        if not self._warmed:
            self._warmed = True
            set_once(self, PAINTED_SECONDS, self._warm_up)

    @on(Prompt.Paged)
    def _paged(self, message: Prompt.Paged) -> None:
        view = self.chat.view
        view.scroll_to(y=view.scroll_offset.y + message.by * max(1, view.size.height - 1))

    @on(Prompt.Ended)
    def _ended(self, message: Prompt.Ended) -> None:
        if message.by > 0:
            self.chat.view.action_scroll_end()
        else:
            self.chat.view.action_scroll_home()

    @on(Transcript.Clicked)
    def _chat_clicked(self) -> None:
        self.navigation.leave_pane()

    @on(Transcript.CitationSelected)
    def _citation_selected(self, message: Transcript.CitationSelected) -> None:
        self.navigation.show_source(message.turn, message.index)

    @on(Transcript.CitationOpened)
    def _citation_opened(self, message: Transcript.CitationOpened) -> None:
        if self.navigation.show_source(message.turn, message.index):
            self.navigation.show("sources")

    @on(RowList.Opened, "#sources-rows")
    def _source_opened(self, message: RowList.Opened) -> None:
        if not message.rows.unfold(message.key):
            self.commands.open_source()

    @on(RowList.Opened)
    def _row_opened(self, message: RowList.Opened) -> None:
        events = self.panes["events"]
        if self.replaying is not None and isinstance(events, EventsPane) and message.rows is events.rows:
            if events.shown is not None:
                self.replaying.go_to_event(events.shown, number_of(message.key))
        elif message.rows.id == "events-rows":
            self.commands.perform("follow-event")
        elif message.rows is self.tools.rows and message.key.startswith("answer ") and self.tools.shown is not None:
            self.navigation.go_to_turn(self.tools.shown)
            self.navigation.show("chat")
        elif message.rows is not self.sources.rows:
            message.rows.action_fold()

    @on(PaneTabs.Chosen)
    def _tab_chosen(self, message: PaneTabs.Chosen) -> None:
        if message.name in self.panes:
            self.navigation.show(cast(Panel, message.name))
