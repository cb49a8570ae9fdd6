"""The sessions, the latest first: found by what was said in them, gone on with, named, forked, deleted, brought back.

Owns what is shown of the list and what its keys do. What is read and searched is so in threads: what is known stands
there at once, and what is new is filled in.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Awaitable, Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import events, on
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.message import Message
from textual.notifications import SeverityLevel
from textual.screen import ModalScreen
from textual.widgets import Input, Static

from workbench.errors import ConfigurationError, RecordingError, WorkbenchError
from workbench.safe_text import safe_line
from workbench.sessions.folder import session_file
from workbench.sessions.indexing import forget, update
from workbench.sessions.listing import ListedSession, known_sessions, read_sessions
from workbench.sessions.names import LONGEST, rename
from workbench.sessions.removal import remove, undo
from workbench.sessions.search import Found, search_known
from workbench.ui.background import in_background
from workbench.ui.bindings import bindings
from workbench.ui.hints import hints
from workbench.ui.session_rows import by_session, called, is_named, row_of
from workbench.ui.widgets.row import Row
from workbench.ui.widgets.rows import RowList
from workbench.ui.widgets.status_line import StatusLine

if TYPE_CHECKING:
    from workbench.sessions.search import Hit
    from workbench.ui.copies import Copies
    from workbench.ui.keymap import Keymap
    from workbench.ui.switching import Switching

ASKER: Final = "sessions"
TOGETHER: Final = 40  # sessions that are read before they are shown
AT_ONCE: Final = 60  # rows that are made at once: more than a screen has; the others are, behind what is painted
PAINTED_SECONDS: Final = 0.03  # in which the first rows are painted
SLICE: Final = 100  # rows, before keys get their turn
LONGEST_WORDS: Final = 200  # characters that are looked for
SEARCH_HINT: Final = "type to find what was said"
NOTHING: Final = "no session has these words"
NONE: Final = "no session was kept yet"
READING: Final = "reading the sessions …"
_OF_ROWS: Final = frozenset({"move", "page", "edge", "open", "rename", "fork", "delete", "undelete", "copy_path"})


class SessionList(RowList, inherit_bindings=False):
    """The rows. What is typed there narrows them, and is for the screen."""

    BINDINGS: ClassVar[list[BindingType]] = []

    @dataclass
    class Typed(Message):
        """Sent with what is looked for from now on, made of what was looked for before."""

        change: Callable[[str], str]

    takes_words: bool = True
    """Whether what is typed is looked for: else it is for the screen."""

    def check_consume_key(self, key: str, character: str | None) -> bool:
        """Whether a key is written here."""
        return self.takes_words and character is not None and character.isprintable()

    async def on_key(self, event: events.Key) -> None:
        """Characters are looked for, and taken away again as at a shell's prompt."""
        if not self.takes_words:
            return
        change: Callable[[str], str] | None = None
        match event.key:
            case "backspace" | "ctrl+h":
                change = lambda words: words[:-1]  # noqa: E731
            case "ctrl+u":
                change = lambda _: ""  # noqa: E731
            case "ctrl+w":
                change = lambda words: words.rstrip()[: words.rstrip().rfind(" ") + 1]  # noqa: E731
            case _ if event.is_printable and event.character:
                typed = event.character
                change = lambda words: words + typed if words or typed != "/" else ""  # noqa: E731
        if change is not None:
            event.stop()
            event.prevent_default()
            self.post_message(self.Typed(change))

    def on_paste(self, event: events.Paste) -> None:
        """What is pasted is looked for."""
        event.stop()
        pasted = " ".join(event.text[:LONGEST_WORDS].split())
        self.post_message(self.Typed(lambda words: words + pasted))


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
        self._folder = folder
        self._switching = switching
        self._copies = copies
        self._keymap = keymap
        self._words = words
        self._opened = time.time()  # from when it is counted how long ago something was
        self._sessions: dict[str, ListedSession] = {}
        self._rows: dict[str, tuple[tuple[ListedSession, tuple[Hit, ...], bool], Row]] = {}
        self._count = 0  # of the sessions that are shown
        self._found: Found | None = None  # of the words, None while nothing is looked for
        self._found_words = ""
        self._searching = False
        self._asked: _Asked | None = None
        self._is_moved = False  # somebody went to a row
        self._renamed: ListedSession | None = None  # whose name is being typed
        self._list = SessionList(empty=READING, id="sessions-list")
        self._question = Static(id="sessions-asked", markup=False)
        self._name_line = Input(id="sessions-name", compact=True, max_length=LONGEST)
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
        self.run_worker(self._fill(), group="fill", exclusive=True, exit_on_error=False)

    # -- reading ---------------------------------------------------------------------------------------

    async def _fill(self) -> None:
        """List what is known, fill in what was written since, and have the index know all that was said."""
        folder, masked = self._folder, self._switching.masked
        try:
            known = await in_background(lambda: known_sessions(folder, ASKER, masked))
        except ConfigurationError as error:
            self._tell("; ".join(str(problem) for problem in error.problems), "error")
            return
        self._sessions = {each.id: each for each in known.sessions}
        self._list.empty = NONE
        self._draw()
        if self._words:
            self._look()
        for at in range(0, len(known.unread), TOGETHER):
            some = known.unread[at : at + TOGETHER]
            for each in await in_background(lambda some=some: read_sessions(folder, some, masked)):  # type: ignore[misc]
                self._sessions[each.id] = each
            self._draw()
        try:
            await in_background(lambda: update(folder, ASKER, lambda _: None, masked))
        except WorkbenchError as error:
            self._tell(str(error), "warning")
            return
        if self._words:
            self._found_words = ""  # there may be more now
            self._look()

    @on(SessionList.Typed)
    def _typed(self, message: SessionList.Typed) -> None:
        words = message.change(self._words)[:LONGEST_WORDS]
        if words != self._words:
            self._words, self._is_moved = words, False
            self._say()
            self._look()

    def _look(self) -> None:
        """Look for the words, one search at a time: what was typed meanwhile is looked for next."""
        if not self._words.strip():
            self._found, self._found_words = None, ""
            self._draw()
        elif not self._searching:
            self._searching = True
            self.run_worker(self._search(), group="search", exit_on_error=False)

    async def _search(self) -> None:
        try:
            while self._words.strip() and self._words != self._found_words:
                words = self._words
                found = await in_background(lambda words=words: search_known(self._folder, words, ASKER))  # type: ignore[misc]
                self._found, self._found_words = found, words
                if self._words == words:
                    self._draw()
        except WorkbenchError as error:
            self._tell(str(error), "warning")
        finally:
            self._searching = False

    # -- showing ---------------------------------------------------------------------------------------

    def _shown(self) -> list[tuple[ListedSession, tuple[Hit, ...]]]:
        """The sessions that are listed now, the latest first, each with what is found in it."""
        latest = sorted(self._sessions.values(), key=lambda each: (each.written, each.id), reverse=True)
        if self._found is None:
            return [(each, ()) for each in latest]
        hits: Mapping[str, tuple[Hit, ...]] = {id: tuple(of_one) for id, of_one in by_session(self._found.hits).items()}
        words = self._found_words.split()
        return [(each, hits.get(each.id, ())) for each in latest if each.id in hits or is_named(each, words)]

    def _draw(self) -> None:
        """Show the rows: as many as there were, or a screen of them, at once, and the others soon."""
        here, shown = self._here, self._shown()
        self._count = len(shown)
        if self._found is not None:
            self._list.empty = NOTHING
        most = max(AT_ONCE, len(self._list.keys))
        self._list.put_all({each.id: self._row(each, hits) for each, hits in shown[:most]})
        if shown and (not self._is_moved or self._list.cursor < 0):
            # Whoever comes here wants to go elsewhere.
            others = [number for number, (each, _) in enumerate(shown[:most]) if each.id != here]
            self._list.cursor = others[0] if others and self._found is None else 0
        self._say()
        self._show_keys()
        self.run_worker(self._draw_rest(shown[most:]), group="rest", exclusive=True, exit_on_error=False)

    async def _draw_rest(self, rest: Sequence[tuple[ListedSession, tuple[Hit, ...]]]) -> None:
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
        if self._found is not None:
            turns = len(self._found.hits)
            count = f"{count} of {len(self._sessions):,} · {'the best ' if self._found.more else ''}{turns:,} turns"
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
        self._last.keys = hints(self._keymap, "sessions", self._can)

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

    # -- what the keys do ------------------------------------------------------------------------------

    @property
    def _here(self) -> str | None:
        """The id of the session that the conversation is in; None where it is in none that is listed."""
        here = self._switching.here
        return here.stem if here is not None and here.parent == self._folder else None

    @property
    def _at(self) -> ListedSession | None:
        """The session that one stands on."""
        key = self._list.cursor_key
        return self._sessions.get(key) if key is not None else None

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
            self._words, self._is_moved = "", False
            self._say()
            self._look()
        else:
            self.dismiss()

    def action_open(self) -> None:
        """Go on with the session; where something would end or be lost by that, ask before."""
        session = self._at
        if session is None:
            return
        if session.id == self._here:
            self.dismiss()
            return
        hits = by_session(self._found.hits).get(session.id, ()) if self._found is not None else ()
        turn = hits[0].turn if hits else None
        path = session_file(self._folder, session.id)
        self._go(lambda: self._switching.go(path, turn, self._leave), f"opens {called(session)}")

    def action_fork(self) -> None:
        """Go on in a copy of the session."""
        if (session := self._at) is not None:
            path = session_file(self._folder, session.id)
            self._go(lambda: self._switching.fork(path, arrived=self._leave), f"forks {called(session)}")

    def _go(self, go: Callable[[], Awaitable[str]], does: str) -> None:
        async def run() -> None:
            self._show_question("opening …")
            if problem := await go():
                self._tell(problem, "warning")
            self._show_question("")

        if costs := self._switching.costs:
            self._ask(_Asked(f"{costs}. Enter {does}, any other key stays", run))
        else:
            self.run_worker(run(), group="do", exit_on_error=False)

    def action_copy_path(self) -> None:
        """Copy where the session is kept."""
        if (session := self._at) is not None:
            self._copies.to_clipboard(str(session_file(self._folder, session.id)))

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
        path = session_file(self._folder, session.id)
        try:
            await in_background(lambda: rename(path, name))
        except RecordingError as error:
            self._tell(str(error), "error")
            return
        self._sessions[session.id] = replace(session, name=name or None)
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
        folder, path = self._folder, session_file(self._folder, session.id)

        def delete() -> None:
            remove(folder, [path])
            forget(folder, [session.id])

        try:
            await in_background(delete)
        except RecordingError as error:
            self._tell(str(error), "warning")
            return
        at = self._list.cursor
        self._sessions.pop(session.id, None)
        self._is_moved = True
        self._draw()
        self._list.cursor = at
        undoes = self._keymap.label("undelete-session")
        self._tell(f"{called(session)} is deleted{f': {undoes} brings it back' if undoes else ''}")

    def action_undelete(self) -> None:
        """Bring back what was deleted last."""
        self.run_worker(self._undelete(), group="do", exit_on_error=False)

    async def _undelete(self) -> None:
        folder, masked = self._folder, self._switching.masked
        try:
            back = await in_background(lambda: undo(folder, (), ASKER))
            known = await in_background(lambda: known_sessions(folder, ASKER, masked))
            read = await in_background(lambda: read_sessions(folder, known.unread, masked))
        except ConfigurationError as error:
            self._tell("; ".join(problem.message for problem in error.problems), "warning")
            return
        except RecordingError as error:
            self._tell(str(error), "warning")
            return
        self._sessions = {each.id: each for each in (*known.sessions, *read)}
        self._is_moved = True
        self._draw()
        for path in back[:1]:
            self._list.show(path.stem)
        names = [called(self._sessions[path.stem]) for path in back if path.stem in self._sessions]
        self._tell(f"{', '.join(names)} {'is' if len(names) == 1 else 'are'} back")
        self._found_words = ""
        await in_background(lambda: update(folder, ASKER, lambda _: None, masked))
        self._look()
