"""The sessions of a person, as a list of them needs it: what is known, read, found and changed, off the event loop.

Owns which of them are shown, and in which order. Knows no widget.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Final

from workbench.sessions.folder import session_file
from workbench.sessions.indexing import forget, update
from workbench.sessions.listing import ListedSession, SessionEntry, known_sessions, read_sessions
from workbench.sessions.names import rename
from workbench.sessions.removal import remove, undo
from workbench.sessions.search import Found, Hit, search_known
from workbench.ui.background import in_background
from workbench.ui.session_rows import by_session, is_named

ASKER: Final = "sessions"

Shown = tuple[ListedSession, tuple[Hit, ...]]
"""A session that is listed, with what is found in it."""


class Shelf:
    """Those in `folder`; `masked` takes keys out of a text."""

    def __init__(self, folder: Path, masked: Callable[[str], str]) -> None:
        self.folder = folder
        self.found: Found | None = None
        """What was found of the words; None while nothing is looked for."""
        self.found_words = ""
        self._masked = masked
        self._sessions: dict[str, ListedSession] = {}
        self._hits: Mapping[str, Sequence[Hit]] = {}

    def __len__(self) -> int:
        """How many there are."""
        return len(self._sessions)

    def get(self, id: str | None) -> ListedSession | None:
        """The session of this id, if there is one."""
        return None if id is None else self._sessions.get(id)

    def path(self, session: ListedSession) -> Path:
        """The file of a session."""
        return session_file(self.folder, session.id)

    def first_turn(self, session: ListedSession) -> int | None:
        """The number of the turn in which the words are found best; None where none is."""
        hits = self._hits.get(session.id, ())
        return hits[0].turn if hits else None

    def shown(self) -> list[Shown]:
        """The sessions that are listed now, the one that was written to last first."""
        latest = sorted(self._sessions.values(), key=lambda each: (each.written, each.id), reverse=True)
        if self.found is None:
            return [(each, ()) for each in latest]
        words, hits = self.found_words.split(), self._hits
        there = [each for each in latest if each.id in hits or is_named(each, words)]
        return [(each, tuple(hits.get(each.id, ()))) for each in there]

    # -- reading ---------------------------------------------------------------------------------------

    async def open(self) -> Sequence[SessionEntry]:
        """Take what is known without reading; the files that are still to be read, newest first.

        Raises ConfigurationError when the folder cannot be read.
        """
        known = await in_background(lambda: known_sessions(self.folder, ASKER, self._masked))
        self._sessions = {each.id: each for each in known.sessions}
        return known.unread

    async def read(self, entries: Sequence[SessionEntry]) -> None:
        """Read these files."""
        for each in await in_background(lambda: read_sessions(self.folder, entries, self._masked)):
            self._sessions[each.id] = each

    async def index(self) -> None:
        """Have the index know all that was said. Raises WorkbenchError where there can be none."""
        await in_background(lambda: update(self.folder, ASKER, lambda _: None, self._masked))

    async def look_for(self, words: str) -> None:
        """Find the sessions with these words; all of them for none. Raises WorkbenchError when that cannot be."""
        found = await in_background(lambda: search_known(self.folder, words, ASKER)) if words.strip() else None
        self.found, self.found_words = found, words
        self._hits = by_session(found.hits) if found is not None else {}

    # -- changing --------------------------------------------------------------------------------------

    async def rename(self, session: ListedSession, name: str) -> None:
        """Call a session so; "" takes its name away. Raises RecordingError."""
        await in_background(lambda: rename(self.path(session), name))
        self._sessions[session.id] = replace(session, name=name or None)

    async def delete(self, session: ListedSession) -> None:
        """Move a session away. Raises RecordingError for one that another program writes."""

        def delete() -> None:
            remove(self.folder, [self.path(session)])
            forget(self.folder, [session.id])

        await in_background(delete)
        self._sessions.pop(session.id, None)

    async def undelete(self) -> list[ListedSession]:
        """Move back what was moved away last. Raises ConfigurationError when there is nothing, and RecordingError."""
        back = await in_background(lambda: undo(self.folder, (), ASKER))
        await self.read(await self.open())
        return [session for path in back if (session := self.get(path.stem)) is not None]
