"""Where a conversation is kept: its session in the user's folder, and a recording if one is wanted.

Owns which files are opened when, and what a resumed session begins with. Lines go to them by the client's recorder
and the conversation's keeper.
"""

from __future__ import annotations

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
from workbench.sessions.folder import new_session, sessions_folder
from workbench.sessions.restore import Restored, conversation
from workbench.sessions.session_files import SessionFiles
from workbench.sessions.session_keeper import SessionKeeper


@dataclass(frozen=True, slots=True)
class Resumed:
    """A session that goes on: its turns so far, what was asked last, and the model of the last request, or ""."""

    turns: Sequence[Restored]
    source: str
    model: str


class Keeping:
    """The files of one conversation. `on_problem` gets one text for each that can no longer be written."""

    def __init__(
        self,
        conversation: Conversation,
        client: ChatClient,
        on_problem: Callable[[str], object],
        files: SessionFiles = SessionFiles(),  # noqa: B008 - frozen
    ) -> None:
        """`files` are what the conversation is with; a session notes where they are."""
        self.session: Path | None = None
        """The file of the session that the conversation is kept in, once there is one."""
        self._files = files
        self._conversation = conversation
        self._client = client
        self._on_problem = on_problem
        self._journals: list[Journal] = []
        self._keeper = SessionKeeper((), client.redactor.value)
        self._resumed: Journal | None = None

    def record(self, path: Path) -> None:
        """Record into a new file, which is made at once. Raises RecordingError."""
        try:
            writer = RecordingWriter.create(path, self._header())
        except RecordingError as error:
            raise RecordingError(f"--record: {error}") from error
        self._keep_in(Journal(lambda _: writer, on_problem=self._on_problem))

    def begin_session(self, environ: Mapping[str, str]) -> None:
        """Keep a session, whose file is made with the first question."""
        folder, header = sessions_folder(environ), self._header_of_session()

        def begun(began: float) -> RecordingWriter:
            writer = new_session(folder, header, began)
            self.session = writer.path
            return writer

        self._keep_in(
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
        noting, redactor = _Noting(), self._client.redactor  # a session is of another day, and of another key maybe
        if keep:
            (turns, last), writer = RecordingWriter.resume(
                path, lambda lines: conversation(path, noting.seen(lines)), redactor=redactor
            )
            self._resumed = self._journal_of(writer, noting.requests)
            self._keep_in(self._resumed)
            self.session = path
        else:
            turns, last = conversation(path, noting.seen(Reading(path, redactor)))
        self._conversation.restore([each.turn for each in turns], last=last)
        return Resumed(turns, noting.source, noting.model)

    def note_resumed(self) -> None:
        """Note in the session that it goes on, and with what."""
        if self._resumed is not None:
            self._resumed.append("resume", self._header_of_session())

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
        for journal in self._journals:
            await journal.kept()
        return self.session

    async def aclose(self) -> None:
        """Writes what is left and closes the files; for after the client was closed."""
        await self._keeper.aclose()

    def _keep_in(self, journal: Journal) -> None:
        self._journals.append(journal)
        self._client.record(journal)
        self._keeper = self._conversation.keeper = SessionKeeper(self._journals, self._client.redactor.value)

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
