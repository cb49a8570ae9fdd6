"""What a recorded turn is asked again with: its responses, and stand-ins for its documents and tools.

Owns reading these from a recording. Refuses to run a tool: a call gets the result that it had.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence, Set
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, Self

from workbench.conversation.changes import MadeFrom
from workbench.conversation.options import Options
from workbench.conversation.retrying import Backoff
from workbench.documents.modes import Look
from workbench.documents.queries import Query
from workbench.documents.retrieval import Found, Retrieved
from workbench.documents.search_options import SearchOptions
from workbench.errors import ChatError, RecordingError
from workbench.events import PersonAnswered, Retrieval, Retry, ToolProgress, ToolResult
from workbench.plural import plural
from workbench.recordings.exchanges import Exchange, exchanges, read_exchanges, usable
from workbench.recordings.recording import Reading, RecordedLine
from workbench.sessions.marks import (
    beyond_of,
    error_of,
    person_answered_of,
    retrieved_of,
    retry_of,
    settings_of,
    sources_of,
    status_of,
    tool_progress_of,
    tool_result_of,
    tool_started_of,
)
from workbench.sessions.retrieval_mark import retrieval_of
from workbench.sessions.turn_ending import Extent, RecordedEnd
from workbench.sessions.turns import RAW_PROMPT, Dropped, TurnLines, turns_of
from workbench.tools.runner import Progress, Report

MOST_STEPS = 1000  # of a turn that did not end for their number
_OF_THE_TURN = frozenset({"model", "messages", "documents", "tools", "stream"})


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """A turn to be asked again, as far as `extent` says. `before` is what changed in the conversation ahead of it.

    `source` is what was asked then, as the recording calls it, or "". `number` is what the turn had there (0: none),
    `parent` that of the turn that it goes on from, None for a first one, and `made_from` tells of the one that was
    asked again in it. `settings` is what the recording says that it was asked with; None where it does not say it.
    """

    prompt: str
    exchanges: tuple[Exchange, ...]
    sent: tuple[Retrieved, ...] = ()
    beyond: tuple[Retrieved, ...] = ()
    retrieval: Retrieval | None = None
    results: tuple[ToolResult, ...] = ()
    progress: tuple[ToolProgress, ...] = ()
    answers: tuple[PersonAnswered, ...] = ()
    retries: tuple[Retry, ...] = ()
    before: tuple[Dropped, ...] = ()
    most_steps: int = MOST_STEPS
    extent: Extent = field(default_factory=Extent)
    source: str = ""
    settings: Mapping[str, Any] | None = None
    number: int = 0
    parent: int | None = None
    made_from: MadeFrom | None = None

    def options(self) -> Options:
        """What its requests carried, and no limit that it did not have."""
        return replace(
            options_of(self._body()),
            timeout=float("inf"),
            first_byte_timeout=float("inf"),
            retries=max((retry.most for retry in self.retries), default=0),
            max_steps=self.most_steps,
            settings=self.settings,
        )

    def definitions(self) -> list[dict[str, Any]]:
        """The tools that the model was given."""
        return tools_of(self._body())

    def _body(self) -> Mapping[str, Any]:
        body = self.exchanges[0].body if self.exchanges else None
        return body if isinstance(body, Mapping) else {}


def options_of(body: Mapping[str, Any]) -> Options:
    """What the request of this body was asked with: model, system message and parameters."""
    messages = [message for message in _list(body.get("messages")) if isinstance(message, Mapping)]
    system = next((m.get("content", "") for m in messages if m.get("role") == "system"), "")
    return Options(
        model=str(body.get("model", "")),
        system=system if isinstance(system, str) else "",
        parameters={name: value for name, value in body.items() if name not in _OF_THE_TURN},
    )


def tools_of(body: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The tools that the model was given with the request of this body."""
    return [tool for tool in _list(body.get("tools")) if isinstance(tool, dict)]


def recorded_turns(path: Path) -> list[RecordedTurn]:
    """The turns of a recording, a session or a raw `.sse` file, in the order of asking.

    Raises RecordingError for a file that cannot be read or holds no turn.
    """
    if path.suffix == ".sse":
        return [RecordedTurn(RAW_PROMPT, read_exchanges(path))]
    turns: list[RecordedTurn] = []
    before: list[Dropped] = []
    for each in turns_of(path, Reading(path)):
        if isinstance(each, Dropped):
            before.append(each)
        elif isinstance(each, TurnLines):
            turns.append(_recorded(each, path, tuple(before)))
            before.clear()
    if not turns:
        raise RecordingError(f"{path}: holds no question, there is nothing to replay")
    return turns


def _recorded(turn: TurnLines, path: Path, before: tuple[Dropped, ...]) -> RecordedTurn:
    reading = _Reading()
    for line in turn.lines:
        with usable(path, line):
            reading.take(line)
    heard = exchanges(path, turn.lines)
    extent = reading.extent(heard)
    return RecordedTurn(
        prompt=turn.prompt,
        exchanges=heard,
        sent=tuple(reading.sent),
        beyond=tuple(reading.beyond),
        retrieval=reading.retrieval,
        retries=tuple(reading.retries),
        results=tuple(reading.results) if extent.marked else _results_sent(heard),
        progress=tuple(reading.progress),
        answers=tuple(reading.answers),
        before=before,
        most_steps=max(1, extent.steps) if extent.status == "max-steps" else MOST_STEPS,
        extent=extent,
        source=turn.source,
        settings=settings_of(turn.lines[0].fields),
        number=turn.number,
        parent=turn.parent,
        made_from=turn.made_from,
    )


class _Reading:
    """What the marks of one turn say."""

    def __init__(self) -> None:
        self.sent: list[Retrieved] = []
        self.beyond: list[Retrieved] = []
        self.retrieval: Retrieval | None = None
        self.results: list[ToolResult] = []
        self.progress: list[ToolProgress] = []  # each so long after the call could run
        self.answers: list[PersonAnswered] = []
        self.retries: list[Retry] = []
        self._since: dict[tuple[int, int], float] = {}  # when each call could run
        self._extent = Extent()
        self._after_request = False
        self._sources: Sequence[Mapping[str, Any]] = ()

    def take(self, line: RecordedLine) -> None:
        extent = self._extent
        match line.kind:
            case "turn-start":
                self._extent = replace(extent, marked=True)
            case "step":
                self._extent = replace(extent, steps=extent.steps + 1)
                self._after_request = False
            case "sources":
                self._sources = sources_of(line.fields)
                self.beyond = list(retrieved_of(beyond_of(line.fields), {}))
            case "request":
                self._after_request = True
                self.sent = list(retrieved_of(self._sources, line.fields["body"])) or self.sent
                self._sources = ()
            case "retrieval" | "retry":
                self._ahead_of_an_answer(line)
            case "tool-start":
                started = tool_started_of(line.fields, 0.0)
                self._since[started.step, started.call] = line.t
                self._extent = replace(extent, calls=extent.calls + 1)
                self._after_request = False
            case "person-answered":
                answer = person_answered_of(line.fields, 0.0)
                if answer.id:  # else it was about servers, and nothing is started here
                    self.answers.append(answer)
                    self._since[answer.step, answer.call] = line.t
            case "tool-progress":
                told = tool_progress_of(line.fields, 0.0)
                since = self._since.get((told.step, told.call), line.t)
                self.progress.append(replace(told, t=max(0.0, line.t - since)))
            case "tool-result":
                self.results.append(tool_result_of(line.fields, 0.0))
            case "turn-end":
                error_of(line.fields.get("error"))
                self._extent = replace(extent, status=status_of(line.fields), error=line.fields.get("error"))

    def _ahead_of_an_answer(self, line: RecordedLine) -> None:
        if line.kind == "retry":
            self.retries.append(retry_of(line.fields, 0.0))
            self._after_request = False
        else:
            self.retrieval = retrieval_of(line.fields, 0.0)

    def extent(self, heard: Sequence[Exchange]) -> Extent:
        """How far the turn goes, with what was `heard` in it."""
        broken_off = bool(heard) and heard[-1].outcome == "closed" and self._after_request
        in_stream = broken_off and self._extent.marked and self._extent.status not in ("complete", "max-steps")
        return replace(self._extent, results=len(self.results), requests=len(heard), in_stream=in_stream)


def _results_sent(heard: Sequence[Exchange]) -> tuple[ToolResult, ...]:
    """The tool results in the last request of a recording without marks."""
    body = heard[-1].body if heard else None
    messages = body.get("messages") if isinstance(body, Mapping) else None
    results: list[ToolResult] = []
    for message in _list(messages):
        if isinstance(message, Mapping) and message.get("role") == "tool":
            value = _value(message.get("content"))
            results.append(ToolResult(id=str(message.get("tool_call_id", "")), name="", result=value))
    return tuple(results)


def _value(content: Any) -> Any:
    """What the blocks of a tool message hold, as a tool returned it."""
    if not isinstance(content, list):
        return content
    values = [block.get("document", block) if isinstance(block, Mapping) else block for block in content]
    values = [value.get("data", value) if isinstance(value, Mapping) else value for value in values]
    return values[0] if len(values) == 1 else values


def _list(value: Any) -> list[Any]:
    """`value`, or nothing when it is no list."""
    return value if isinstance(value, list) else []


class CountedDocuments:
    """Documents of which it is known how many were sent."""

    def __init__(self, count: int) -> None:
        self._count = count

    def describe(self) -> str:
        """How many passages there are, for people."""
        return f"{self._count} passages of the recording"

    def in_short(self) -> str:
        """As `describe`, for a title."""
        return plural(self._count, "passage")

    def only(self, names: Set[str]) -> Self:
        """What was sent with the turn: that was of these sets alone."""
        return self

    def retrieve(self, question: str, history: Sequence[str] = ()) -> list[Retrieved]:
        """Nothing: the documents themselves are not there."""
        return []


class RecordedDocuments(CountedDocuments):
    """Gives what was retrieved for the turn, whatever is asked, and tells how that was done, as far as it is kept."""

    def __init__(
        self, sent: Sequence[Retrieved], retrieval: Retrieval | None = None, beyond: Sequence[Retrieved] = ()
    ) -> None:
        super().__init__(len(sent))
        self._sent = sent
        self._beyond = tuple(beyond)
        self._retrieval = retrieval

    def retrieve(self, question: str, history: Sequence[str] = ()) -> list[Retrieved]:
        """All that was sent with the turn, in its order; `question` and `history` do not matter."""
        return list(self._sent)

    @property
    def asks_for_rewrite(self) -> bool:
        """Never: what the model wrote then is in what is kept."""
        return False

    def found(
        self,
        question: str,
        history: Sequence[str] = (),
        options: SearchOptions = SearchOptions(),  # noqa: B008 - frozen
    ) -> Found:
        """As `retrieve`, with how it was searched then."""
        if self._retrieval is None:
            return Found(tuple(self._sent), Query(), beyond=self._beyond)
        looks = tuple(Look(**each) for each in self._retrieval.sets)
        notes, narrowed = self._retrieval.notes, self._retrieval.query
        return Found(tuple(self._sent), Query(), notes, looks, narrowed, self._beyond)


class RecordedBackoff(Backoff):
    """Sends a request again where that was done, after as long as it took divided by `speed`."""

    def __init__(self, retries: Sequence[Retry], *, speed: float) -> None:
        self._left = [retry.wait for retry in retries]
        self._speed = speed

    def wait(self, error: ChatError, attempt: int) -> float | None:
        """Seconds of the next recorded wait, at speed 1; None, for no retry, when none is left."""
        return self._left.pop(0) if self._left else None

    async def sleep(self, seconds: float) -> None:
        """Wait for so many seconds divided by the speed; not at all at speed 0 or infinity."""
        if 0 < self._speed < float("inf"):
            await super().sleep(seconds / self._speed)


class RecordedTools:
    """Gives each call the result that it had, after as long as it took divided by `speed`.

    Where a call never returned, that is the turn's `end`. `on_question` is told of a call's id when a person was asked
    about it then, and when that was over.
    """

    def __init__(
        self, turn: RecordedTurn, *, speed: float, end: RecordedEnd, on_question: Callable[[str, bool], object]
    ) -> None:
        self._definitions = turn.definitions()
        self._left = list(turn.results)
        self._answers = list(turn.answers)
        self._progress = turn.progress
        self._asking = asyncio.Lock()  # a person is asked one thing at a time
        self._speed = speed
        self._end = end
        self._on_question = on_question

    def definitions(self) -> list[dict[str, Any]]:
        """The tools that the model was given, as the request had them."""
        return self._definitions

    async def run(self, *, call_id: str, name: str, arguments: str, report: Report) -> ToolResult:
        """The recorded result of the call with this id and name; nothing is run.

        A call that was cancelled, or that never returned, ends the turn as it ended then: CancelledError.
        """
        result = next((each for each in self._left if each.id == call_id and each.name in (name, "")), None)
        if result is None or result.error_kind == "cancelled":
            await self._end.here()
        self._left.remove(result)
        await self._ask(result)
        await self._run(result, report)
        return result

    async def _run(self, result: ToolResult, report: Report) -> None:
        """It takes as long again, and tells the same meanwhile."""
        passed = 0.0
        for told in self._progress:
            if (told.step, told.call) == (result.step, result.call):
                await self._pass(told.t - passed)
                passed = max(passed, told.t)
                report(Progress(told.text, told.done, told.total, told.level))
        await self._pass(result.seconds - passed)

    async def _ask(self, result: ToolResult) -> None:
        """A person is asked about the call again, for as long as it took, and answers the same."""
        for answer in [each for each in self._answers if (each.step, each.call) == (result.step, result.call)]:
            self._answers.remove(answer)
            async with self._asking:
                self._on_question(result.id, True)
                try:
                    await self._pass(answer.seconds)
                finally:
                    self._on_question(result.id, False)

    async def _pass(self, seconds: float) -> None:
        if 0 < self._speed < float("inf"):
            await asyncio.sleep(max(0.0, seconds) / self._speed)
