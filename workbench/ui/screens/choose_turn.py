"""A list to choose a turn from: those of this conversation, then other sessions, each of which lists its own.

Files are read in a thread, the list of sessions when this screen is opened and a session when it is chosen.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, ClassVar, Final

from textual import work
from textual.app import ComposeResult
from textual.binding import BindingType
from textual.content import Content
from textual.screen import ModalScreen
from textual.widgets import Static

from workbench.errors import ConfigurationError, RecordingError
from workbench.safe_text import safe_line
from workbench.sessions.folder import find_session
from workbench.sessions.listing import ListedSession, listed_sessions
from workbench.sessions.restore import every_turn
from workbench.ui.background import in_background
from workbench.ui.bindings import bindings
from workbench.ui.hints import WHILE_SEARCHED, hints
from workbench.ui.screens.compare import ComparedTurn
from workbench.ui.widgets.row import Row, beginning
from workbench.ui.widgets.rows import RowList
from workbench.ui.widgets.status_line import Notice, StatusLine

if TYPE_CHECKING:
    from workbench.secrets.redactor import Redactor
    from workbench.ui.keymap import Keymap

ASKER: Final = "compare"
MOST_SESSIONS: Final = 500  # that are listed, the newest


class ChooseTurn(ModalScreen[ComparedTurn | None]):
    """Gives the turn that was chosen, or None. `turns` are those that are at hand, `folder` has the sessions."""

    DEFAULT_CSS = """
    ChooseTurn { background: $wb-background; layout: vertical; }
    ChooseTurn #chosen-for { height: 1; padding: 0 1; background: $wb-panel; text-wrap: nowrap; }
    ChooseTurn RowList {
        scrollbar-color: $wb-scrollbar;
        scrollbar-background: $wb-background;
        scrollbar-background-hover: $wb-background;
        scrollbar-background-active: $wb-background;
    }
    """
    BINDINGS: ClassVar[list[BindingType]] = [*bindings("choosing")]

    def __init__(
        self, title: str, turns: Sequence[ComparedTurn], folder: Path | None, redactor: Redactor, keymap: Keymap
    ) -> None:
        super().__init__()
        self._title = title
        self._folder = folder
        self._redactor = redactor
        self._keymap = keymap
        self._turns = {f"turn {number}": each for number, each in enumerate(turns)}
        self._sessions: dict[str, ListedSession] = {}
        self._rows = RowList(id="turns-to-choose", empty="There is no turn yet.")
        self._last = StatusLine(id="hint")

    def compose(self) -> ComposeResult:
        """What is chosen, the list, and the keys that work here."""
        title = Content.styled(safe_line(self._title), "bold")
        chooses = self._keymap.hint("open-row", "chooses")
        yield Static(Content.assemble(title, (chooses, "$wb-dim")), id="chosen-for", markup=False)
        yield self._rows
        yield self._last

    def on_mount(self) -> None:
        """List the turns at once, and the sessions when they have been read."""
        self._rows.focus()
        self._show_keys()
        self._list()
        if self._turns:
            self._rows.show(self._rows.keys[-1])
        self._find_sessions()

    def on_searching_view_searched(self) -> None:
        """Say what is looked for."""
        self._last.search = self._rows.search
        self._show_keys()

    def on_row_list_opened(self, message: RowList.Opened) -> None:
        """Take the turn that one stands on, or list those of the session."""
        message.stop()
        if (turn := self._turns.get(message.key)) is not None:
            self.dismiss(turn)
        elif (session := self._sessions.get(message.key)) is not None:
            self._last.left = f"⧗ reading {session.id} …"
            self._read(session)

    def action_back(self) -> None:
        """Choose none."""
        self.dismiss(None)

    def _show_keys(self) -> None:
        self._last.keys = hints(self._keymap, "choosing", self._can)

    def _can(self, id: str) -> bool:
        return id not in ("fold-row", "filter", "filter-back") and (
            id not in WHILE_SEARCHED or self._rows.search is not None
        )

    # -- what there is to choose -------------------------------------------------------------------

    @work(group="sessions")
    async def _find_sessions(self) -> None:
        try:
            found = await in_background(partial(listed_sessions, self._folder, ASKER, lambda _: None))
        except ConfigurationError as error:
            self._last.tell(Notice("; ".join(map(str, error.problems)), "warning"))
            return
        self._sessions = {f"session {each.id}": each for each in found[:MOST_SESSIONS] if each.turns}
        self._list()

    @work(group="session", exclusive=True)
    async def _read(self, session: ListedSession) -> None:
        """List the turns of a session, in place of all else."""
        try:
            turns = await in_background(partial(_turns_of, self._folder, session.id, self._redactor))
        except (ConfigurationError, RecordingError) as error:
            self._last.tell(Notice(str(error), "warning"))
        else:
            self._turns = {f"turn {each.name}": each for each in turns}
            self._sessions = {}
            self._rows.clear()
            self._list()
            self._rows.cursor = 0
        self._last.left = ""

    def _list(self) -> None:
        rows = {key: _turn_row(each) for key, each in self._turns.items()}
        if self._sessions:
            rows["above sessions"] = Row(Content(""))
            rows["sessions"] = Row(Content.styled(" Other sessions", "bold"))
        rows |= {key: _session_row(each, self._redactor) for key, each in self._sessions.items()}
        self._rows.put_all(rows)


def _turns_of(folder: Path | None, id: str, redactor: Redactor) -> list[ComparedTurn]:
    """All turns of a session. Raises ConfigurationError or RecordingError."""
    path = find_session(folder, id, ASKER)
    return [ComparedTurn(f"{path.stem}:{turn.number}", turn) for _, turn in every_turn(path, redactor)]


def _turn_row(each: ComparedTurn) -> Row:
    prompt, rest = beginning(" ".join(each.turn.prompt.split()))
    model = str(each.turn.steps[0].request.get("model", "")) if each.turn.steps else ""
    tail = safe_line(" · ".join(filter(None, (model, each.turn.status))))
    head = Content.assemble((f" {safe_line(each.name)}  ", "bold"), prompt)
    return Row(head, head_rest=rest, tails=(Content.styled(tail, "muted"),), copied=partial(str, each.turn.prompt))


def _session_row(each: ListedSession, redactor: Redactor) -> Row:
    said, rest = beginning(" ".join(redactor.text(each.name or each.prompt).split()))
    began = time.strftime("%Y-%m-%d %H:%M", time.localtime(each.began))
    head = Content.assemble((f" {began}  ", "muted"), said)
    counts = f"{each.turns} turn{'s' if each.turns != 1 else ''}"
    tail = safe_line(" · ".join(filter(None, (each.model, counts))))
    return Row(head, head_rest=rest, tails=(Content.styled(tail, "muted"),), copied=partial(str, each.id))
