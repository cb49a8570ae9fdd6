"""What a conversation tells its journals: the marks of turns and tool calls, without the API key.

Owns which event is followed by a sync. Requests and frames reach the journals by the client's recorder.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

from workbench.conversation.tree import TreeMark
from workbench.conversation.turn import Turn
from workbench.events import Event, MessageEnd, TurnEnd, TurnStart
from workbench.recordings.journal import Journal
from workbench.sessions.marks import marks, tree_line


class SessionKeeper:
    """Keeps a conversation in all of `journals`; `masked` gives a JSON value without secrets."""

    def __init__(
        self,
        journals: Sequence[Journal],
        masked: Callable[[Any], Any],
        on_turn: Callable[[], object] | None = None,
        on_asked: Callable[[str], object] = lambda _: None,
    ) -> None:
        """`on_turn` is called once a turn that is over is on the disk, from whatever thread, and `on_asked` with what
        is asked."""
        self.journals = tuple(journals)
        self._masked = masked
        self._on_turn = on_turn
        self._on_asked = on_asked

    def event(self, turn: Turn, event: Event) -> None:
        """`turn` has folded an event."""
        if isinstance(event, TurnStart):
            self._on_asked(event.prompt)
        for kind, fields in marks(turn, event):
            self._append(kind, fields)
        if isinstance(event, MessageEnd | TurnEnd):
            for journal in self.journals:
                journal.sync(self._on_turn if isinstance(event, TurnEnd) else None)

    def cleared(self) -> None:
        """A new conversation began."""
        self._append("clear", {})

    def forgot(self, turn: Turn) -> None:
        """The conversation goes on without `turn`."""
        self._append("forget", {"turn": turn.number})

    def changed(self, mark: TreeMark) -> None:
        """A person went to another branch, or named, pruned or brought back one."""
        self._append(*tree_line(mark))

    async def kept(self) -> None:
        """Returns when all so far is on the disk, or can never be."""
        await asyncio.gather(*(journal.kept() for journal in self.journals))

    async def aclose(self) -> None:
        """Writes what is left and closes the files."""
        await asyncio.gather(*(journal.aclose() for journal in self.journals))

    def _append(self, kind: str, fields: Any) -> None:
        masked = self._masked(fields)
        for journal in self.journals:
            journal.append(kind, masked)
