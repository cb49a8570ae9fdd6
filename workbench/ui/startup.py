"""What a command adds to the app: what is read behind the first paint, what it is told, what is closed at its end."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from pathlib import Path

    from workbench.config.at_hand import SettingsAtHand
    from workbench.conversation.turn import Turn
    from workbench.documents.retrieval import Library
    from workbench.startup.documents_again import DocumentsAtHand
    from workbench.ui.asking import Asking
    from workbench.ui.navigation import Navigation
    from workbench.ui.restoring import Restoring
    from workbench.ui.stage import Stage


class Replays(Protocol):
    """What steps through a recording: `ui.replaying.Replaying` is it."""

    keys: frozenset[str]
    is_playing: bool

    @property
    def busy(self) -> bool:
        """Whether it plays, or is on its way to a place."""

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds of the events of the recording."""

    def perform(self, id: str, rest: str = "") -> None:
        """Do what an action of a replay is for."""

    def pause(self) -> bool:
        """Pause; returns whether it played."""

    def go_to_event(self, turn: Turn, number: int) -> None:
        """Go to an event of a turn."""


class Startup:
    """A startup that does nothing: a command overrides what it needs. Methods are called in the order they stand in.

    `attaches` tells that files which a question names go along with it. Before anything is read, `reads_documents` and
    `resumes` tell whether `load` and `restore` have something to give.
    `refusal` is what a person who asks something is told, when there is nobody to ask. `settings` are those that can be
    changed while the app runs, None where what answers has none. `documents` are those that can be read again and
    added to, None where there is nothing to read.
    """

    reads_documents: bool = False
    resumes: bool = False
    attaches: bool = False
    refusal: str = ""
    settings: SettingsAtHand | None = None
    documents: DocumentsAtHand | None = None

    def set_up(self, stage: Stage) -> None:
        """The panes are made, and nothing is painted: time to give the conversation its tools."""

    def replaying(self, stage: Stage, asking: Asking, navigation: Navigation) -> Replays | None:
        """What steps through a recording on this stage; None where nothing is played."""
        return None

    def prepare(self) -> None:
        """Import what a turn needs; in a thread, behind the first paint."""

    def load(self) -> Library | None:
        """Read the documents; in a thread. Raises ConfigurationError, which ends the app."""
        return None

    async def restore(self) -> Restoring | None:
        """Read what was asked earlier. Raises ConfigurationError, which ends the app."""
        return None

    async def begin(self, asking: Asking) -> None:
        """Everything is ready: the first question may be put."""

    async def find_tools(self) -> None:
        """Have the tools found that are on servers, as far as nobody has to be asked; it may take a while."""

    @property
    def sessions(self) -> Path | None:
        """The folder of the sessions that the person can go to; None where there is none."""
        return None

    @property
    def session(self) -> Path | None:
        """The file of the session that the conversation is in, once there is one."""
        return None

    @property
    def is_kept(self) -> bool:
        """Whether all of the conversation is in a session, or will be."""
        return False

    async def switch(
        self, session: Path, leave: Callable[[], Awaitable[None]], before_question: Callable[[], object]
    ) -> Restoring:
        """Let the conversation go on in another session; the one that it was in is whole then.

        `leave` is called when the other one can be gone on with; no turn may run once it has returned. Before the
        person is asked what a file may have, `before_question` is called, from a thread. Raises ConfigurationError and
        RecordingError for one that cannot be gone on with, and all is as it was.
        """
        raise NotImplementedError

    async def fork(self, session: Path, turn: int | None = None) -> Path:
        """A new session that begins with a copy of `session`, up to the turn of this number; its file.

        Raises RecordingError when there can be none.
        """
        raise NotImplementedError

    async def kept_in(self) -> Path | None:
        """The file that the conversation is kept in, with all of it written; None where it is kept in none."""
        return None

    def asked_before(self) -> Sequence[str]:
        """What was asked in earlier conversations, the oldest first; in a thread."""
        return ()

    def note_asked(self, text: str) -> None:
        """Something is asked, or a command given: keep it for later conversations, without waiting."""

    def recent(self) -> Sequence[tuple[str, str]]:
        """The last conversations that can be gone on with: the flag that does so, and what it was; in a thread."""
        return ()

    async def warm(self) -> None:
        """A person begins to type, for the first time: start what the first question will need."""

    def report(self, error: BaseException) -> str:
        """Say in a line what failed, when the app goes on all the same."""
        return f"a fault of this program: {type(error).__name__}: {error}"

    async def close(self) -> None:
        """The app has ended."""

    def parting(self) -> str:
        """The line that is left in the terminal when the screen is closed; "" for none."""
        return ""
