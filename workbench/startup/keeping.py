"""Where a conversation is kept: its session in the user's folder, and a recording if one is wanted.

Owns which files are opened when, and what a resumed session begins with. Lines go to them by the client's recorder
and the conversation's keeper.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.cohere_client import ChatClient
from workbench.conversation import Conversation
from workbench.errors import RecordingError
from workbench.recordings.exchanges import Requests
from workbench.recordings.journal import Journal
from workbench.recordings.recording import Reading, RecordedLine, RecordingWriter, shortened
from workbench.sessions.asked_before import AskedBefore
from workbench.sessions.folder import new_session, sessions_folder
from workbench.sessions.restore import Restored, RestoredConversation, conversation
from workbench.sessions.session_files import SessionFiles
from workbench.sessions.session_keeper import SessionKeeper
from workbench.sessions.upkeep import Upkeep


@dataclass(frozen=True, slots=True)
class Resumed:
    """A session that goes on: its turns so far, what was asked last, and the model of the last request, or ""."""

    turns: Sequence[Restored]
    source: str
    model: str


@dataclass(frozen=True, slots=True)
class ReadSession:
    """A session that was read, with all its branches, and the journal that holds its lock and writes it from now on:
    none where it is not to be kept."""

    path: Path
    restored: RestoredConversation
    resumed: Resumed
    journal: Journal | None = None


class Keeping:
    """The files of one conversation. `on_problem` gets one text for each that can no longer be written."""

    def __init__(
        self,
        conversation: Conversation,
        client: ChatClient,
        on_problem: Callable[[str], object],
        files: SessionFiles = SessionFiles(),  # noqa: B008 - frozen
        folder: Path | None = None,
    ) -> None:
        """`files` are what the conversation is with; a session notes where they are. `folder` is that of the person's
        own sessions, which have an index."""
        self.session: Path | None = None
        """The file of the session that the conversation is kept in, once there is one."""
        self.asked: AskedBefore | None = None
        """Where what is asked in a session is noted for later conversations, when nobody else does that."""
        self._files = files
        self._folder = folder
        self._conversation = conversation
        self._client = client
        self._on_problem = on_problem
        self._recording: Journal | None = None
        self._session: Journal | None = None
        self._goes_on = False  # a session of which there was a part before
        self._keeper = SessionKeeper((), client.redactor.value)
        self._upkeep = Upkeep(client.redactor.text)

    def record(self, path: Path) -> None:
        """Record into a new file, which is made at once. Raises RecordingError."""
        try:
            writer = RecordingWriter.create(path, self._header())
        except RecordingError as error:
            raise RecordingError(f"--record: {error}") from error
        self._recording = self._kept_in(Journal(lambda _: writer, on_problem=self._on_problem))

    def begin_session(self, environ: Mapping[str, str]) -> None:
        """Keep a session, whose file is made with the first question."""
        folder = self._folder = sessions_folder(environ)

        def begun(began: float) -> RecordingWriter:
            writer = new_session(folder, self._header_of_session(), began)
            self.session = writer.path
            return writer

        self._session = self._kept_in(
            Journal(
                begun,
                on_problem=lambda problem: self._on_problem(
                    f"this conversation is no longer kept, and goes on in memory: {problem}"
                ),
            )
        )

    def resume_session(self, path: Path, *, keep: bool = True) -> Resumed:
        """Give the conversation back what `path` holds; go on there when it is to be kept, else in memory.

        Takes a while. Raises RecordingError. `note_resumed` is to be called once this has returned.
        """
        return self._go_on(self.read_session(path, keep=keep))

    def read_session(self, path: Path, *, keep: bool = True) -> ReadSession:
        """Read what `path` holds, and lock it when it is to be kept. Nothing else changes: for a thread.

        Takes a while. Raises RecordingError, also when another program writes it.
        """
        noting, redactor = _Noting(), self._client.redactor  # a session is of another day, and of another key maybe
        journal = None
        if keep:
            restored, writer = RecordingWriter.resume(
                path, lambda lines: conversation(path, noting.seen(lines)), redactor=redactor
            )
            journal = self._journal_of(writer, noting.requests)
        else:
            restored = conversation(path, noting.seen(Reading(path, redactor)))
        return ReadSession(path, restored, Resumed(restored.path, noting.source, noting.model), journal)

    async def switch(self, read: ReadSession, files: SessionFiles) -> Resumed:
        """Let the conversation go on in another session, with `files`; the one that it was in is closed, and whole.

        No turn may run. A recording goes on, in which a new conversation begins.
        """
        before, self._session = self._session, None
        if before is not None:
            self._client.record_no_more(before)
            await before.aclose()
        if self._recording is not None and self._conversation.turns:
            self._recording.append("clear", {})
        self._files, self.session = files, None
        resumed = await asyncio.to_thread(self._go_on, read)  # what goes on to the model is masked there, all of it
        self.note_resumed()
        return resumed

    async def kept(self) -> None:
        """Returns when all so far is on the disk, or can never be."""
        await self._keeper.kept()

    @property
    def is_kept(self) -> bool:
        """Whether all of the conversation is in a session."""
        return self._session is not None and not self._session.failed

    def note_files(self, files: SessionFiles) -> None:
        """Note what the conversation is with from now on, also in a session that has begun. No turn may run."""
        self._files = files
        if self.session is not None and self._session is not None:
            self._session.append("resume", self._header_of_session())

    def note_resumed(self) -> None:
        """Note in the session that it goes on, and with what."""
        if self._goes_on and self._session is not None:
            self._session.append("resume", self._header_of_session())

    def _go_on(self, read: ReadSession) -> Resumed:
        if read.journal is not None:
            self._session, self.session, self._goes_on = self._kept_in(read.journal), read.path, True
        else:
            self._keep()
        restored = read.restored
        self._conversation.restore([each.turn for each in restored.path], last=restored.last, tree=restored.tree)
        return read.resumed

    def _journal_of(self, writer: RecordingWriter, requests: int) -> Journal:
        """For a session of so many requests that goes on."""
        journal = Journal(
            lambda _: writer,
            on_problem=lambda problem: self._on_problem(f"the session is no longer kept: {problem}"),
        )
        journal.requests = Requests(requests + 1)
        return journal

    def changes(self, resumed: Resumed) -> str:
        """What is not as it was in a resumed session, in one line; "" when all is."""
        model, source = self._conversation.options.model, self._client.description.label
        was = [resumed.model] if resumed.model not in ("", model) else []
        now = [model] if was else []
        if resumed.source not in ("", source):
            was.append(resumed.source)
            now.append(source)
        return f"the session was with {' on '.join(was)}; it goes on with {' on '.join(now)}" if was else ""

    async def written(self) -> Path | None:
        """The file of the session, once all that has happened is in it; None where there is none."""
        await self.kept()
        return self.session

    async def aclose(self) -> None:
        """Writes what is left and closes the files; for after the client was closed."""
        await self._keeper.aclose()
        await asyncio.to_thread(self._upkeep.close)
        if self.asked is not None:
            await asyncio.to_thread(self.asked.close)

    def _kept_in(self, journal: Journal) -> Journal:
        self._client.record(journal)
        self._keep(journal)
        return journal

    def _keep(self, *more: Journal) -> None:
        """Keep the conversation in the files that there are, and in `more`."""
        journals = [each for each in (self._recording, self._session, *more) if each is not None]
        redactor = self._client.redactor
        self._keeper = self._conversation.keeper = SessionKeeper(
            journals, redactor.value, self._turn_is_kept, self._was_asked
        )

    def _was_asked(self, text: str) -> None:
        if self.asked is not None and self._session is not None:
            self.asked.keep(text)

    def _turn_is_kept(self) -> None:
        if (session := self.session) is not None and session.parent == self._folder:
            self._upkeep.soon(session)

    def _header_of_session(self) -> dict[str, Any]:
        """As `_header`, and where the files are: a session is the person's own, and a recording may be given away."""
        fields: dict[str, Any] = self._client.redactor.value(self._files.as_fields())
        return {**self._header(), **fields}

    def _header(self) -> dict[str, str]:
        asked = self._client.description
        header = {"source": asked.label, "model": self._conversation.options.model}
        if asked.base_url is not None:
            header["base_url"] = asked.base_url
        return {name: self._client.redactor.text(value) for name, value in header.items()}


class _Noting:
    """What of a session is to be known besides its turns."""

    def __init__(self) -> None:
        self.requests = 0
        self.source = ""
        self.model = ""

    def seen(self, lines: Iterable[RecordedLine]) -> Iterator[RecordedLine]:
        """`lines`, each noted."""
        for line in lines:
            if line.kind in ("header", "resume"):
                self.source = shortened(str(line.fields.get("source", "")))
            elif line.kind == "request":
                number, body = line.fields.get("request"), line.fields.get("body")
                self.requests = max(self.requests, number) if isinstance(number, int) else self.requests
                self.model = shortened(str(body.get("model", ""))) if isinstance(body, dict) else ""
            yield line
