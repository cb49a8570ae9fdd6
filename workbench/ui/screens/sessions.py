"""The sessions, the latest first: found by what was said in them, gone on with, named, forked, deleted, brought back.

Owns what is shown of the list and what its keys do. What is read and searched is so in threads: what is known stands
there at once, and what is new is filled in.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on, work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.notifications import SeverityLevel
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from workbench.errors import ConfigurationError, RecordingError, WorkbenchError
from workbench.safe_text import safe_line
from workbench.sessions.listing import ListedSession
from workbench.sessions.names import LONGEST
from workbench.ui.bindings import bindings
from workbench.ui.hints import hints
from workbench.ui.session_rows import called, row_of
from workbench.ui.shelf import Shelf, Shown
from workbench.ui.widgets.one_line import OneLine
from workbench.ui.widgets.row import Row
from workbench.ui.widgets.session_list import LONGEST_WORDS, SessionList
from workbench.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from workbench.sessions.search import Hit
    from workbench.ui.copies import Copies
    from workbench.ui.keymap import Keymap
    from workbench.ui.switching import Switching

TOGETHER: Final = 40  # sessions that are read before they are shown
AT_ONCE: Final = 60  # rows that are made at once: more than a screen has; the others are, behind what is painted
PAINTED_SECONDS: Final = 0.1  # in which the first rows are painted
SLICE: Final = 100  # rows, before keys get their turn
SEARCH_HINT: Final = "type to find what was said"
NOTHING: Final = "no session has these words"
NONE: Final = "no session was kept yet"
READING: Final = "reading the sessions …"
_OF_ROWS: Final = frozenset({"move", "page", "edge", "open", "rename", "fork", "delete", "undelete", "copy_path"})


@dataclass(frozen=True, slots=True)
class _Asked:
    """What Enter does now, in words, and what any other key leaves."""

    text: str
    do: Callable[[], Awaitable[None]]


class SessionsScreen(ModalScreen[None]):
    """Over all else. `words` are looked for at first."""

    DEFAULT_CSS = """
    SessionsScreen { background: $wb-background; layout: vertical; }
    SessionsScreen #sessions-title { height: 1; padding: 0 1; background: $wb-panel; }
    SessionsScreen #sessions-asked {
        height: auto; max-height: 4; padding: 0 1; background: $wb-panel; color: $wb-warning; display: none;
    }
    SessionsScreen #sessions-name { display: none; background: $wb-panel; color: $wb-text; }
    SessionsScreen SessionList {
        scrollbar-color: $wb-scrollbar;
        scrollbar-background: $wb-background;
        scrollbar-background-hover: $wb-background;
        scrollbar-background-active: $wb-background;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("sessions")]
    AUTO_FOCUS: ClassVar[str | None] = "SessionList"

    def __init__(self, folder: Path, switching: Switching, copies: Copies, keymap: Keymap, words: str = "") -> None:
        super().__init__()
        self._shelf = Shelf(folder, switching.masked)
        self._switching = switching
        self._copies = copies
        self._keymap = keymap
        self._words = words
        self._opened = time.time()  # from when it is counted how long ago something was
        self._rows: dict[str, tuple[tuple[ListedSession, tuple[Hit, ...], bool], Row]] = {}
        self._count = 0  # of the sessions that are shown
        self._is_looking = False
        self._looks_again = False  # for the same words, of which more may be known
        self._asked: _Asked | None = None
        self._is_moved = False  # somebody went to a row
        self._renamed: ListedSession | None = None  # whose name is being typed
        self._list = SessionList(empty=READING, id="sessions-list")
        self._question = Static(id="sessions-asked", markup=False)
        self._name_line = OneLine(id="sessions-name", compact=True)
        self._last = StatusLine(id="hint")

    def compose(self) -> ComposeResult:
        """What is looked for, the sessions, what is asked about one, its name, and the keys that work here."""
        yield Static(id="sessions-title", markup=False)
        yield self._list
        yield self._question
        yield self._name_line
        yield self._last

    def on_mount(self) -> None:
        """Show what is known, then read what is new."""
        self._name_line.cursor_blink = False
        self._say()
        self._show_keys()
        self._fill()

    # -- reading ---------------------------------------------------------------------------------------

    @work(group="fill", exclusive=True, exit_on_error=False)
    async def _fill(self) -> None:
        """List what is known, fill in what was written since, and have the index know all that was said."""
        try:
            unread = await self._shelf.open()
            self._list.empty = NONE
            self._draw()
            self._look()
            for at in range(0, len(unread), TOGETHER):
                await self._shelf.read(unread[at : at + TOGETHER])
                self._draw()
            await asyncio.sleep(2 * PAINTED_SECONDS)
            await self._shelf.index()
        except WorkbenchError as error:
            self._tell(_in_words(error), "warning")
        else:
            self._look(again=True)

    @on(SessionList.Typed)
    def _typed(self, message: SessionList.Typed) -> None:
        words = message.change(self._words)[:LONGEST_WORDS]
        if words != self._words:
            self._look_for(words)

    def _look_for(self, words: str) -> None:
        self._words, self._is_moved = words, False
        self._say()
        self._look()

    def _look(self, *, again: bool = False) -> None:
        """Look for the words, one search at a time: what is typed meanwhile is looked for next."""
        self._looks_again = self._looks_again or again
        if not self._is_looking:
            self._is_looking = True
            self.run_worker(self._search(), group="search", exit_on_error=False)

    async def _search(self) -> None:
        try:
            while self._words != self._shelf.found_words or (self._looks_again and self._words):
                self._looks_again = False
                await self._shelf.look_for(self._words)
                if self._words == self._shelf.found_words:
                    self._draw()
        except WorkbenchError as error:
            self._tell(_in_words(error), "warning")
        finally:
            self._is_looking = False

    # -- showing ---------------------------------------------------------------------------------------

    def _draw(self) -> None:
        """Show the rows: as many as there were, or a screen of them, at once, and the others soon."""
        here, shown = self._here, self._shelf.shown()
        self._count = len(shown)
        self._list.empty = NONE if self._shelf.found is None else NOTHING
        most = max(AT_ONCE, len(self._list.keys))
        self._list.put_all({each.id: self._row(each, hits) for each, hits in shown[:most]})
        if shown and (not self._is_moved or self._list.cursor < 0):
            # Whoever comes here wants to go elsewhere.
            others = [number for number, (each, _) in enumerate(shown[:most]) if each.id != here]
            self._list.cursor = others[0] if others and self._shelf.found is None else 0
        self._say()
        self._show_keys()
        self._draw_rest(shown[most:])

    @work(group="rest", exclusive=True, exit_on_error=False)
    async def _draw_rest(self, rest: Sequence[Shown]) -> None:
        for at in range(0, len(rest), SLICE):
            await asyncio.sleep(PAINTED_SECONDS if not at else 0)
            with self._list.at_once():
                for each, hits in rest[at : at + SLICE]:
                    self._list.put(each.id, self._row(each, hits))

    def _row(self, session: ListedSession, hits: tuple[Hit, ...]) -> Row:
        """The row of a session, made when it is another one than the last time."""
        wanted = (session, hits, session.id == self._here)
        known = self._rows.get(session.id)
        if known is None or known[0] != wanted:
            row = row_of(session, is_here=wanted[2], now=self._opened, hits=hits)
            known = self._rows[session.id] = (wanted, row)
        return known[1]

    def _say(self) -> None:
        """What is looked for, and how many sessions there are."""
        count = f"{self._count:,}"
        if (found := self._shelf.found) is not None:
            best = "the best " if found.more else ""
            turns = f"{len(found.hits):,} turn{'s' if len(found.hits) != 1 else ''}"
            count = f"{count} of {len(self._shelf):,} · {best}{turns}"
        width = max(0, self.size.width - 2)
        words = Content(f" {safe_line(self._words)}▏") if self._words else Content.styled(f" {SEARCH_HINT}", "$wb-dim")
        left = Content.assemble(Content.styled("Sessions ", "bold"), words)
        if left.cell_length > width and self._words:
            left = words
        while left.cell_length > width:
            left = left[1:] if self._words else left[:-1]
        room = width - left.cell_length - len(count)
        right = Content.styled(" " * room + count if room > 1 else "", "$wb-dim")
        self.query_one("#sessions-title", Static).update(Content.assemble(left, right))

    def on_resize(self) -> None:
        """The first line is as wide as the screen."""
        self._say()

    def _show_keys(self) -> None:
        """Name the keys; none while something else is asked, which names those that answer it."""
        self._last.keys = () if self._question.display else hints(self._keymap, "sessions", self._can)

    def _can(self, id: str) -> bool:
        of_one = ("open-session", "rename-session", "fork-session", "delete-session", "copy-session-path")
        return id not in of_one or self._at is not None

    def _tell(self, text: str, severity: SeverityLevel = "information") -> None:
        self._switching.say(text, severity)

    def check_action(self, action: str, parameters: tuple[object, ...]) -> bool | None:
        """Whether an action can be done now: while a name is typed, none that is about the rows."""
        return self._renamed is None or action not in _OF_ROWS

    def on_key(self, event: events.Key) -> None:
        """While something is asked, Enter does it and any other key leaves it."""
        if self._asked is None:
            return
        event.stop()
        event.prevent_default()
        asked = self._asked
        self._ask(None)
        if event.key == "enter":
            self.run_worker(asked.do(), group="do", exit_on_error=False)

    def _ask(self, asked: _Asked | None) -> None:
        """Put a question, or take it away."""
        self._asked, self._list.takes_words = asked, asked is None
        self._show_question(asked.text if asked is not None else "")

    def _show_question(self, text: str) -> None:
        self._question.display = bool(text)
        self._question.update(Content(safe_line(self._switching.masked(text))))
        self._show_keys()

    # -- what the keys do ------------------------------------------------------------------------------

    @property
    def _here(self) -> str | None:
        """The id of the session that the conversation is in; None where it is in none that is listed."""
        here = self._switching.here
        return here.stem if here is not None and here.parent == self._shelf.folder else None

    @property
    def _at(self) -> ListedSession | None:
        """The session that one stands on."""
        return self._shelf.get(self._list.cursor_key)

    def action_move(self, by: int) -> None:
        """Go so many rows on."""
        self._is_moved = True
        self._list.action_move(by)

    def action_page(self, by: int) -> None:
        """Go so many pages on."""
        self._is_moved = True
        self._list.action_page(by)

    def action_edge(self, which: int) -> None:
        """Go to the first row for 0, to the last for anything else."""
        self._is_moved = True
        self._list.action_edge(which)

    def action_close(self) -> None:
        """Leave the name that is typed, take the words away, or close the list where there are none."""
        if self._renamed is not None:
            self._leave_name()
        elif self._words:
            self._look_for("")
        else:
            self.dismiss()

    def action_open(self) -> None:
        """Go on with the session; where something would end or be lost by that, ask before."""
        session = self._at
        if session is None:
            return
        path, turn = self._shelf.path(session), self._shelf.first_turn(session)
        if session.id == self._here:
            self.dismiss()
            if turn is not None:
                self._switching.work(partial(self._switching.show_turn, turn))
            return
        self._go(lambda: self._switching.go(path, turn, self._leave), f"opens {called(session)}")

    def action_fork(self) -> None:
        """Go on in a copy of the session."""
        if (session := self._at) is not None:
            path = self._shelf.path(session)
            self._go(lambda: self._switching.fork(path, arrived=self._leave), f"forks {called(session)}")

    def _go(self, go: Callable[[], Awaitable[str]], does: str) -> None:
        async def run() -> None:
            if problem := await go():
                self._tell(problem, "warning")
            if self.is_attached:
                self._show_question("")

        async def begin() -> None:
            self._show_question("opening …")
            self._switching.work(run)

        if costs := self._switching.costs:
            self._ask(_Asked(f"{costs}. Enter {does}, any other key stays", begin))
        else:
            self.run_worker(begin(), group="do", exit_on_error=False)

    def action_copy_path(self) -> None:
        """Copy where the session is kept."""
        if (session := self._at) is not None:
            self._copies.to_clipboard(str(self._shelf.path(session)))

    def _leave(self) -> None:
        if self.is_current:
            self.dismiss()

    # -- names -----------------------------------------------------------------------------------------

    def action_rename(self) -> None:
        """Type a name for the session; Enter keeps it, and Esc leaves it as it was."""
        if (session := self._at) is not None:
            self._renamed = session
            self._show_question(f"a name for {called(session)}: Enter keeps it, Esc leaves it as it was")
            self._name_line.value = session.name or ""
            self._name_line.display = True
            self._name_line.focus()

    @on(Input.Submitted, "#sessions-name")
    def _named(self, message: Input.Submitted) -> None:
        session, name = self._renamed, self._switching.masked(" ".join(message.value.split()))[:LONGEST]
        self._leave_name()
        if session is not None:
            self.run_worker(self._rename(session, name), group="do", exit_on_error=False)

    def _leave_name(self) -> None:
        self._renamed, self._name_line.display = None, False
        self._show_question("")
        self._list.focus()

    async def _rename(self, session: ListedSession, name: str) -> None:
        try:
            await self._shelf.rename(session, name)
        except RecordingError as error:
            self._tell(str(error), "error")
            return
        self._draw()
        self._tell(f"{session.id} is called {safe_line(name)}" if name else f"{session.id} has no name any more")

    # -- deleting --------------------------------------------------------------------------------------

    def action_delete(self) -> None:
        """Delete the session, once that is confirmed."""
        session = self._at
        if session is None:
            return
        if session.id == self._here:
            self._tell("this conversation is in it: open another one first", "warning")
            return
        question = safe_line(" ".join(session.prompt.split()))[:60]
        what = f"{called(session)}{f' ({question})' if question else ''}"
        self._ask(_Asked(f"delete {what}? Enter deletes it, any other key keeps it", lambda: self._delete(session)))

    async def _delete(self, session: ListedSession) -> None:
        at = self._list.cursor
        try:
            await self._shelf.delete(session)
        except RecordingError as error:
            self._tell(str(error), "warning")
            return
        self._is_moved = True
        self._draw()
        self._list.cursor = at
        undoes = self._keymap.label("undelete-session")
        self._tell(f"{called(session)} is deleted{f': {undoes} brings it back' if undoes else ''}")

    def action_undelete(self) -> None:
        """Bring back what was deleted last."""
        self.run_worker(self._undelete(), group="do", exit_on_error=False)

    async def _undelete(self) -> None:
        try:
            back = await self._shelf.undelete()
        except (ConfigurationError, RecordingError) as error:
            self._tell(_in_words(error), "warning")
            return
        self._is_moved = True
        self._draw()
        for session in back[:1]:
            self._list.show(session.id)
        self._tell(f"{', '.join(map(called, back))} {'is' if len(back) == 1 else 'are'} back")
        await self._shelf.index()
        self._look(again=True)


def _in_words(error: WorkbenchError) -> str:
    """What to say of it: of a problem of a folder or a name, without what it is about."""
    if isinstance(error, ConfigurationError):
        return "; ".join(problem.message for problem in error.problems)
    return str(error)
