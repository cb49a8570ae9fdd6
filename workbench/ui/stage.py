"""The stage: the panes, the prompt and the lines around them, and how they are told.

What helps the app has the stage in place of the app: to reach panes by name, to say a word, to borrow the screen.
Refuses to decide anything: it holds no state but the widgets.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import logging
import os
from collections import deque
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import AbstractContextManager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast

from textual.app import App, ComposeResult
from textual.containers import Horizontal
from textual.content import Content
from textual.geometry import Size
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.screen import Screen
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea
from textual.worker import Worker

from workbench.errors import did_you_mean
from workbench.safe_text import safe_line
from workbench.ui.actions import BY_ID, Spot
from workbench.ui.arrangement import SIDE_PANELS, Panel, PaneName
from workbench.ui.document_choosing import documents_in_short
from workbench.ui.failing import FailingApp
from workbench.ui.hints import hints
from workbench.ui.keymap import Keymap
from workbench.ui.panes.chat_pane import ChatPane
from workbench.ui.panes.column import ChatAndColumn, Column
from workbench.ui.panes.pane import Pane
from workbench.ui.panes.request_pane import RequestPane
from workbench.ui.panes.sources_pane import SourceList, SourcesPane
from workbench.ui.panes.status import Status
from workbench.ui.panes.tools_pane import ToolsPane
from workbench.ui.panes.trace_rows import TraceRows
from workbench.ui.terminal.key_order import OrderedKeysApp
from workbench.ui.terminal.outside import Outside
from workbench.ui.themes.themed_app import DEFAULT_THEME
from workbench.ui.tool_choosing import tools_in_short
from workbench.ui.widgets.pane_tabs import PaneTabs
from workbench.ui.widgets.prompt import Prompt
from workbench.ui.widgets.rows import RowList
from workbench.ui.widgets.searching import SearchingView
from workbench.ui.widgets.start_page import StartWords
from workbench.ui.widgets.status_line import Notice, StatusLine
from workbench.ui.widgets.title_bar import TitleBar

if TYPE_CHECKING:
    from workbench.conversation import Conversation
    from workbench.conversation.turn import Turn
    from workbench.tools.people import People
    from workbench.ui.about import About
    from workbench.ui.forms.asked_form import AskedForm
    from workbench.ui.widgets.question_dock import Question, QuestionDock
    from workbench.ui.widgets.transcript import Transcript

LOW_BANDWIDTH_PATIENCE = 5.0  # times as long as usual, changes are gathered
KEYS_THAT_MATTER = ("send", "next-citation", "next-pane", "help")
_LOGGER = logging.getLogger(__name__)
MOST_REMEMBERED = 50  # notices
MOST_SHOWN = 3  # questions that wait, one line each; files that are not sent


def _pane_of(name: Panel) -> Pane:
    """A new pane of this name."""
    module = importlib.import_module(f"workbench.ui.panes.{name}_pane")
    pane: Pane = getattr(module, f"{name.title()}Pane")(id=name)
    return pane


def _spot_of(focused: Widget | None, chat: Transcript) -> Spot:
    if focused is chat:
        return "selecting" if chat.selects else "chat"
    if isinstance(focused, TraceRows):
        return "trace"
    if isinstance(focused, SourceList):
        return "sources"
    return "rows" if isinstance(focused, RowList) else "prompt"


class Stage:
    """The widgets of `app`, made with it, which composes them."""

    def __init__(
        self, app: App[Any], conversation: Conversation, about: About, keymap: Keymap, outside: Outside
    ) -> None:
        self.outside = outside
        """What is said outside of the screen."""
        self._app = app
        self._conversation = conversation
        self._about = about
        self._answerer = about.answerer
        self._unkept = False
        self.keymap = keymap
        self.chat = ChatPane(id="chat")
        self.tools = ToolsPane(id="tools")
        self.sources = SourcesPane(id="sources")
        self.status = Status(answerer=about.answerer, id="status")
        self.panes: dict[PaneName, Widget] = {
            "chat": self.chat,
            "tools": self.tools,
            "sources": self.sources,
            "status": self.status,
        }
        self.panes |= {name: _pane_of(name) for name in SIDE_PANELS if name not in self.panes}
        request = self.panes["request"]
        assert isinstance(request, RequestPane)
        request.turn_before = self._turn_before
        for pane in self.panes.values():
            if isinstance(pane, Pane | Status):
                pane.keymap = keymap
            if isinstance(pane, Pane):
                pane.on_title = self.show_tabs
                pane.on_need = self._fit
        self.chat.view.keymap = keymap
        self.chat.among_siblings = self._among_siblings
        self.prompt = Prompt(keymap, id="prompt")
        self.suggestions: tuple[str, ...] = ()
        """Questions that the documents answer."""
        self.sessions: Sequence[tuple[str, str]] = ()
        """The last conversations: what brings each back, and what it was about."""
        self._told: StatusLine | None = None  # the line that was told something last
        self.said: deque[Notice] = deque(maxlen=MOST_REMEMBERED)
        """What was said last, the newest at the end."""
        self.can: Callable[[str], bool] = lambda _: True
        """Whether an action has something to do now."""
        self.asked_form: Callable[[AskedForm], Screen[Any]] | None = None
        """Makes the screen of a form that a server asks for; screens are above the stage."""
        self.on_question: Callable[[str, bool], object] = lambda *_: None
        """Called with the id of a call when a question about it is open, and when it is over."""
        self.title = TitleBar()
        self.tabs = PaneTabs([(name, name.title(), keymap.short(f"show-{name}")) for name in SIDE_PANELS], id="tabs")
        self.replay_line: Widget | None = None
        """Where one is in a recording that is played, above the prompt."""
        self.body = ChatAndColumn(id="body")
        self.side = Column(id="side")
        self.prompt_row = Horizontal(id="prompt-row")
        self._queued = Static(id="queued", markup=False)
        self._above: dict[str, Sequence[str]] = {}  # what stands there: the questions that wait, what is attached
        self.question: QuestionDock | None = None
        self.asks_one_thing = asyncio.Lock()  # held by whoever puts a question

    def _turn_before(self, turn: Turn) -> Turn | None:
        earlier = [each for each in self._conversation.turns if each.number < turn.number]
        return earlier[-1] if earlier else None

    def compose(self) -> ComposeResult:
        """The title, the panes, the questions that wait, the prompt and the status line, from top to bottom."""
        yield self.title
        with self.body:
            yield self.chat
            with self.side:
                yield self.tabs
                for name in SIDE_PANELS:
                    yield self.panes[name]
        yield self._queued
        if self.replay_line is not None:
            yield self.replay_line
        yield self.prompt.choices
        with self.prompt_row:
            yield Static(">", id="prompt-mark", markup=False)
            yield self.prompt
        yield self.status

    # -- telling the panes -------------------------------------------------------------------------

    def show_tabs(self) -> None:
        """Say in the tabs what the title of the active pane says, which they stand for."""
        pane = self.panes.get(cast(PaneName, self.tabs.active))
        if isinstance(pane, Pane):
            self.tabs.summary = "" if pane.title.display else pane.title.summary
            self.tabs.is_focused = pane.title.focused

    def _fit(self) -> bool:
        return self.side.fit()

    def deliver(self, pane: PaneName, message: Message) -> None:
        """Post a message to a pane."""
        self.panes[pane].post_message(message)

    def clear(self) -> None:
        """A new conversation begins on an empty screen."""
        self.clear_panes()
        self.outside.began_anew()
        self.prompt.focus()

    def clear_panes(self) -> None:
        """Show no turn."""
        for pane in self.panes.values():
            if isinstance(pane, Pane):
                pane.reset()
        self.status.left = ""
        self.show_where(None)
        self.show_hints()

    def _among_siblings(self, turn: Turn) -> str:
        """Which of the turns this one is that were asked in the same place; "" where there is no other."""
        tree = self._conversation.tree
        which, count = tree.among_siblings(turn.number) if turn.number in tree else (1, 1)
        return f"{which} of {count}" if count > 1 else ""

    def write_little(self) -> None:
        """From now on fewer and larger changes of the screen: for a slow line."""
        for pane in self.panes.values():
            if isinstance(pane, Pane):
                pane.patience = LOW_BANDWIDTH_PATIENCE
        self.chat.view.write_little()

    def introduce(self, sessions: Sequence[tuple[str, str]] = ()) -> None:
        """Say in the empty chat what this is, what one may ask, and which `sessions` one may go on with."""
        self.sessions = sessions or self.sessions
        asked = [(self.keymap.short(f"suggested-{number}"), each) for number, each in enumerate(self.suggestions, 1)]
        keys = [(key, BY_ID[id].hint) for id in KEYS_THAT_MATTER if (key := self.keymap.short(id))]
        self.chat.introduce(StartWords(self._about.notes, asked, self.sessions, keys))

    def show_waiting(self, questions: Sequence[str]) -> None:
        """Name the questions that wait, above the prompt."""
        lines = [f"next: {safe_line(text)}" for text in questions]
        if len(lines) > MOST_SHOWN:
            lines[MOST_SHOWN - 1 :] = [f"… and {len(lines) - MOST_SHOWN + 1} more"]
        self._show_above("waiting", lines)

    def show_attached(self, files: Mapping[str, str]) -> None:
        """Name the files that go along with the question, above the prompt; and those that do not, each with why."""
        taken = [name for name, problem in files.items() if not problem]
        # What to do about it is said when the question is asked.
        refused = [f"{name} {problem.partition(';')[0]}" for name, problem in files.items() if problem]
        if len(refused) > MOST_SHOWN:
            refused[MOST_SHOWN:] = [f"… and {len(refused) - MOST_SHOWN} more"]
        told = (("attached", taken), ("not attached", refused))
        self._show_above("attached", [f"{what}: {' · '.join(map(safe_line, texts))}" for what, texts in told if texts])

    def show_pinned(self, names: Sequence[str]) -> None:
        """Name the passages that go along with the next question, above the prompt."""
        more = [f"and {len(names) - MOST_SHOWN} more"] if len(names) > MOST_SHOWN else []
        self._show_above(
            "pinned", [f"pinned: {' · '.join(map(safe_line, [*names[:MOST_SHOWN], *more]))}"] * bool(names)
        )

    def show_editing(self, words: str) -> None:
        """Say above the prompt that the question of an earlier turn stands there; "" when it does not any more."""
        self._show_above("editing", [words] if words else [])

    def _show_above(self, what: str, lines: Sequence[str]) -> None:
        if lines == self._above.get(what, []):
            return  # or the screen would be laid out for it
        self._above[what] = lines
        shown = [line for what in ("waiting", "editing", "attached", "pinned") for line in self._above.get(what, ())]
        self._queued.update(Content("\n".join(shown)))
        self._queued.display = bool(shown)

    # -- saying ------------------------------------------------------------------------------------

    def say(self, text: str, *, severity: SeverityLevel = "information", passing: bool = False) -> None:
        """Show `text` in the last row of the screen that is on top, until it has been read, or if it is `passing`
        until the next such text."""
        notice = Notice(self._conversation.redactor.text(text), severity, passing)
        self.said.append(notice)
        on_top = [*self._app.screen.query(StatusLine), self.status] if self._app.screen_stack else [self.status]
        self._told = on_top[0]
        self._app.call_later(self._told.tell, notice)  # whoever says it, from whatever thread or task

    def key_came(self) -> None:
        """A person pressed a key: what was said a while ago has been read."""
        if self._told is not None:
            self._told.key_came()

    @property
    def in_panes(self) -> Widget | None:
        """What has the focus among panes and prompt, also while a dialog is over them."""
        return self._app.screen_stack[0].focused if self._app.screen_stack else None

    @property
    def searched(self) -> SearchingView[Any] | None:
        """The pane that has the focus and in which one searches."""
        focused = self.in_panes
        return focused if isinstance(focused, SearchingView) and focused.search is not None else None

    @property
    def keeps_keys(self) -> bool:
        """Whether what is typed is for the pane that has the focus: it selects text, or what it looks for is typed."""
        return self.spot == "selecting" or (self.searched is not None and self.searched.is_typed_into)

    @property
    def keys_handled(self) -> int:
        """How many keys have been acted on so far; 0 in an app that does not count them."""
        return self._app.keys_handled if isinstance(self._app, OrderedKeysApp) else 0

    def show_hints(self) -> None:
        """Name the keys that work where the focus is, and what is looked for there."""
        self.status.search = self.searched.search if self.searched is not None else None
        self.status.keys = hints(
            self.keymap, self.spot, self.can, citable=not self.prompt.text and bool(self.prompt.citable())
        )

    def say_about(self) -> None:
        """Say in the title what answers, and what it knows by now."""
        masked = self._conversation.redactor.text
        parts = [
            (self._answerer or self._conversation.options.model, 5),
            (self._about.source if self._about.source != self._answerer else "", 2),
            (documents_in_short(self._conversation), 3),
            (tools_in_short(self._conversation), 1),
            ("not kept" if self._unkept else "", 4),
        ]
        self.title.about = tuple((masked(words), worth) for words, worth in parts if words)

    def answered_by(self, answerer: str | None) -> None:
        """From now on `answerer` answers, and no model; or a model again, when it is None."""
        self._answerer = self.status.answerer = answerer
        self.say_about()

    def show_where(self, turn: Turn | None) -> None:
        """Say in the title which turn the panes show, and of how many."""
        turns = self._conversation.turns
        self.title.where = "" if turn is None else f"turn {turn.place} of {turns[-1].place if turns else turn.place}"

    def not_kept(self, problem: str) -> None:
        """From now on something is not kept in its file: `problem` says what and why."""
        self._unkept = True
        self.say_about()
        self.say(problem, severity="warning")

    # -- asking the person ---------------------------------------------------------------------------

    def person(self) -> People:
        """The person at the screen, for the tools."""
        from workbench.ui.screen_person import ScreenPerson  # only with tools

        return ScreenPerson(self, self._person_asked)

    def _person_asked(self, call_id: str, is_open: bool) -> None:
        self._conversation.person_asked(call_id, is_open)
        self.on_question(call_id, is_open)

    def trusts(self, file: Path, wishes: Sequence[str], refusing: str = "") -> bool:
        """Ask whether `file` may have its `wishes`. For a thread, which waits for the answer.

        `refusing` says what a no does, "" where it ends the program.
        """
        from workbench.ui.screen_person import ENDS, ask_trust

        masked = [self._conversation.redactor.text(wish) for wish in wishes]
        ask: Callable[[], bool | Awaitable[bool]] = partial(ask_trust, self, file, masked, refusing or ENDS)
        return self._app.call_from_thread(ask)

    def from_thread(self, call: Callable[[], object]) -> None:
        """Have this called in the app, and wait for it. For a thread."""
        self._app.call_from_thread(call)

    def tell_loading(self, text: str) -> None:
        """Say in the status line how far documents are loaded. For a thread."""
        shown = f"⧗ {safe_line(self._conversation.redactor.text(text))}"
        with contextlib.suppress(RuntimeError):  # the app has ended
            self._app.call_from_thread(setattr, self.status, "left", shown)

    async def put_question(self, question: Question) -> str | None:
        """Show a question over the prompt until it is answered; None when it is refused."""
        from workbench.ui.widgets.question_dock import QuestionDock

        dock = self.question = QuestionDock(question, self.prompt, self.keymap)
        try:
            await self.prompt.screen.mount(dock, before=self.prompt_row)
            return await dock.answered
        finally:
            self.question = None
            dock.close()

    async def fill_in(self, form: AskedForm) -> None:
        """Show a form that a server asks for, over everything else, until it is answered or put aside."""
        assert self.asked_form is not None
        form.closed.clear()
        screen = self.asked_form(form)
        self.open(screen)
        try:
            await form.closed.wait()
        finally:
            self.take_away(screen)

    def masked(self, text: str) -> str:
        """A text without the API keys in it."""
        return self._conversation.redactor.text(text)

    # -- the screen ----------------------------------------------------------------------------------

    @property
    def is_up(self) -> bool:
        """Whether the widgets are on the screen."""
        return self.prompt.is_attached

    @property
    def size(self) -> Size:
        """The size of the screen, in cells."""
        return self._app.size

    @property
    def focused(self) -> Widget | None:
        """The widget that has the focus; None when none has."""
        return self._app.focused

    @property
    def spot(self) -> Spot:
        """What kind of widget has the focus, of those on the main screen."""
        return _spot_of(self.focused, self.chat.view)

    def focus(self, widget: Widget) -> None:
        """Put the focus into `widget` at once: of keys pressed in a row, each counts from where the last one led."""
        self._app.screen.set_focus(widget)

    @property
    def selected_text(self) -> str:
        """What is selected where one types, or with the mouse in the text of a pane."""
        focused = self._app.focused
        if isinstance(focused, Input | TextArea) and focused.selected_text:
            return focused.selected_text
        return self._app.screen.get_selected_text() or ""

    def clear_selection(self) -> None:
        """Let no text be selected any more."""
        self._app.screen.clear_selection()

    @property
    def screen(self) -> Screen[Any]:
        """The screen on top of all others."""
        return self._app.screen

    def open(self, screen: Screen[Any]) -> None:
        """Put a screen over all others."""
        self._app.push_screen(screen)

    @property
    def is_alone(self) -> bool:
        """Whether no screen is over the first."""
        return len(self._app.screen_stack) == 1

    def call_later(self, call: Callable[[], object]) -> None:
        """Have this called once what happens now is over."""
        self._app.call_later(call)

    def take_away(self, screen: Screen[Any]) -> None:
        """Take away a screen, with all that is over it."""
        while screen in self._app.screen_stack:
            self._app.screen.dismiss()

    def close_all(self) -> None:
        """Take away every screen that is over the first."""
        while len(self._app.screen_stack) > 1:
            self._app.screen.dismiss()

    def choose_theme(self, name: str = "") -> None:
        """Take the theme of this name, and keep it; put the list of themes over the screen without one."""
        if not name:
            self._app.action_change_theme()
            return
        from workbench.ui.themes.choosing import ChoosesThemes  # not for the first paint

        if name in self._app.available_themes and isinstance(self._app, ChoosesThemes):
            self._app.choose_theme(name)
        else:
            self.say(self.no_theme(name), severity="warning")

    def no_theme(self, name: str) -> str:
        """What to say of a theme that there is not: `light` may well be our light one."""
        lists = f"{self.keymap.short('palette') or 'the palette'}, then Theme, lists them"
        known = self._app.available_themes
        ours = f"{DEFAULT_THEME}-{name}"
        meant = f"did you mean `{ours}`?" if ours in known else did_you_mean(name, known)
        return f"there is no theme {name!r}; {f'{meant} ' if meant else ''}{lists}"

    def work(self, run: Callable[[], Coroutine[Any, Any, None]], group: str) -> Worker[None]:
        """Let `run` go on beside everything else, in place of what this group did. What it fails by is said."""

        async def running() -> None:
            try:
                await run()
            except Exception as error:
                _LOGGER.error("work of the group %s failed by a fault of this program", group, exc_info=error)
                self.say(self._app.report(error) if isinstance(self._app, FailingApp) else str(error), severity="error")

        return self._app.run_worker(running, group=group, exclusive=True, exit_on_error=False)

    def to_clipboard(self, text: str) -> None:
        """Hand `text` to the clipboard that there is; what became of it is said."""
        self._app.copy_to_clipboard(text)

    def lent(self) -> AbstractContextManager[None]:
        """Within, the terminal is another program's. Raises SuspendNotSupported."""
        return self._app.suspend()

    def page(self, text: str) -> None:
        """Show a text in the person's own pager, which has the terminal meanwhile."""
        from textual.app import SuspendNotSupported

        from workbench.ui.pager import PagerFailed, pager_of, show_in  # not for the first paint

        pager = pager_of(os.environ)
        try:
            with self.lent():
                show_in(pager, self.masked(text), os.environ)
        except SuspendNotSupported:
            self.say("this terminal cannot be lent to a pager", severity="warning")
        except PagerFailed as error:
            self.say(f"{pager.named}: {error}", severity="error")

    def end(self) -> None:
        """End the app."""
        self._app.exit()
