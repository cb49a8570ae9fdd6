"""Where a conversation is kept: its session in the user's folder, and a recording if one is wanted.

Owns which files are opened when, and what a resumed session begins with. Lines go to them by the client's recorder
and the conversation's keeper.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.cohere_client import ChatClient
from workbench.conversation import Conversation
from workbench.errors import RecordingError
from workbench.sessions.exchanges import Requests
from workbench.sessions.folder import new_session, sessions_folder
from workbench.sessions.journal import Journal
from workbench.sessions.keeper import Keeper
from workbench.sessions.recording import Recording, RecordingWriter
from workbench.sessions.restore import Restored, restored
from workbench.sessions.turns import turns_of


@dataclass(frozen=True, slots=True)
class Resumed:
    """A session that goes on: its turns so far, what was asked last, and the model of the last request, or ""."""

    turns: Sequence[Restored]
    source: str
    model: str


class Keeping:
    """The files of one conversation. `on_problem` gets one text for each that can no longer be written."""

    def __init__(self, conversation: Conversation, client: ChatClient, on_problem: Callable[[str], object]) -> None:
        self._conversation = conversation
        self._client = client
        self._on_problem = on_problem
        self._journals: list[Journal] = []
        self._keeper = Keeper((), client.masked)

    def record(self, path: Path) -> None:
        """Record into a new file, which is made at once. Raises RecordingError."""
        try:
            writer = RecordingWriter.create(path, self._header())
        except RecordingError as error:
            raise RecordingError(f"--record: {error}") from error
        self._keep_in(Journal(lambda _: writer, on_problem=self._on_problem))

    def begin_session(self, environ: Mapping[str, str]) -> None:
        """Keep a session, whose file is made with the first question."""
        folder, header = sessions_folder(environ), self._header()
        self._keep_in(
            Journal(
                lambda began: new_session(folder, header, began),
                on_problem=lambda problem: self._on_problem(
                    f"this conversation is no longer kept, and goes on in memory: {problem}"
                ),
            )
        )

    def resume_session(self, path: Path) -> Resumed:
        """Give the conversation back what `path` holds, and go on there. Takes a while. Raises RecordingError.

        `note_resumed` is to be called once this has returned.
        """
        recording, writer = RecordingWriter.resume(path)
        turns = turns_of(recording)
        journal = Journal(
            lambda _: writer,
            on_problem=lambda problem: self._on_problem(f"the session is no longer kept: {problem}"),
        )
        journal.requests = Requests(max(_requests(recording), default=0) + 1)
        self._keep_in(journal)
        came_back = [restored(turn, path) for turn in turns.current]
        last = max((turn.number for turn in turns.all), default=0)
        self._conversation.restore([each.turn for each in came_back], last=last)
        return Resumed(came_back, source=_last_source(recording), model=_last_model(recording))

    def note_resumed(self) -> None:
        """Note in the session that it goes on, and with what."""
        self._journals[-1].append("resume", self._header())

    def changes(self, resumed: Resumed) -> str:
        """What is not as it was in a resumed session, in one line; "" when all is."""
        model, source = self._conversation.options.model, self._client.description.label
        was = [resumed.model] if resumed.model not in ("", model) else []
        now = [model] if was else []
        if resumed.source not in ("", source):
            was.append(resumed.source)
            now.append(source)
        return f"the session was with {' on '.join(was)}; it goes on with {' on '.join(now)}" if was else ""

    async def aclose(self) -> None:
        """Writes what is left and closes the files; for after the client was closed."""
        await self._keeper.aclose()

    def _keep_in(self, journal: Journal) -> None:
        self._journals.append(journal)
        self._client.record(journal)
        self._keeper = self._conversation.keeper = Keeper(self._journals, self._client.masked)

    def _header(self) -> dict[str, str]:
        return {"source": self._client.description.label, "model": self._conversation.options.model}


def _requests(recording: Recording) -> Iterator[int]:
    for line in recording.lines:
        number = line.fields.get("request")
        if line.kind == "request" and isinstance(number, int):
            yield number


def _last_source(recording: Recording) -> str:
    sources = [line.fields.get("source", "") for line in recording.lines if line.kind in ("header", "resume")]
    return str(sources[-1])


def _last_model(recording: Recording) -> str:
    for line in reversed(recording.lines):
        body = line.fields.get("body")
        if line.kind == "request" and isinstance(body, dict):
            return str(body.get("model", ""))
    return ""
