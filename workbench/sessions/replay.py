"""What a recorded turn is asked again with: its responses, and stand-ins for its documents and tools.

Owns reading these from a recording. Refuses to run a tool: a call gets the result that it had.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.documents.retrieval import Retrieved
from workbench.errors import ChatError, RecordingError
from workbench.events import Retry, ToolResult
from workbench.options import Options
from workbench.retrying import Backoff
from workbench.sessions.exchanges import Exchange, exchanges, read_exchanges, usable
from workbench.sessions.marks import passage_of, retry_of, tool_result_of
from workbench.sessions.recording import Line, Reading
from workbench.sessions.turns import RAW_PROMPT, Change, TurnLines, turns_of

MOST_STEPS = 1000  # of a turn that did not end for their number
_OF_THE_TURN = frozenset({"model", "messages", "documents", "tools", "stream"})


@dataclass(frozen=True, slots=True)
class RecordedTurn:
    """A turn to be asked again. `before` is what changed in the conversation ahead of it."""

    prompt: str
    exchanges: tuple[Exchange, ...]
    sent: tuple[Retrieved, ...] = ()
    results: tuple[ToolResult, ...] = ()
    retries: tuple[Retry, ...] = ()
    before: tuple[Change, ...] = ()
    most_steps: int = MOST_STEPS

    def options(self) -> Options:
        """What its requests carried, and no limit that it did not have."""
        body = self._body()
        system = next((m.get("content", "") for m in body.get("messages", ()) if m.get("role") == "system"), "")
        return Options(
            model=str(body.get("model", "")),
            system=system if isinstance(system, str) else "",
            parameters={name: value for name, value in body.items() if name not in _OF_THE_TURN},
            timeout=float("inf"),
            first_byte_timeout=float("inf"),
            retries=max((retry.most for retry in self.retries), default=0),
            max_steps=self.most_steps,
        )

    def definitions(self) -> list[dict[str, Any]]:
        """The tools that the model was given."""
        return list(self._body().get("tools") or ())

    def _body(self) -> Mapping[str, Any]:
        body = self.exchanges[0].body if self.exchanges else None
        return body if isinstance(body, Mapping) else {}


def recorded_turns(path: Path) -> list[RecordedTurn]:
    """The turns of a recording, a session or a raw `.sse` file, in the order of asking.

    Raises RecordingError for a file that cannot be read or holds no turn.
    """
    if path.suffix == ".sse":
        return [RecordedTurn(RAW_PROMPT, read_exchanges(path))]
    turns: list[RecordedTurn] = []
    before: list[Change] = []
    for each in turns_of(path, Reading(path)):
        if isinstance(each, Change):
            before.append(each)
        else:
            turns.append(_recorded(each, path, tuple(before)))
            before.clear()
    if not turns:
        raise RecordingError(f"{path}: holds no question, there is nothing to replay")
    return turns


def _recorded(turn: TurnLines, path: Path, before: tuple[Change, ...]) -> RecordedTurn:
    reading = _Reading()
    for line in turn.lines:
        with usable(path, line):
            reading.take(line)
    heard = exchanges(path, turn.lines)
    return RecordedTurn(
        prompt=turn.prompt,
        exchanges=heard,
        sent=tuple(reading.sent),
        retries=tuple(reading.retries),
        results=tuple(reading.results) if reading.marked else _results_sent(heard),
        before=before,
        most_steps=max(1, reading.steps) if reading.status == "max-steps" else MOST_STEPS,
    )


class _Reading:
    """What the marks of one turn say."""

    def __init__(self) -> None:
        self.sent: list[Retrieved] = []
        self.results: list[ToolResult] = []
        self.retries: list[Retry] = []
        self.steps = 0
        self.status = ""
        self.marked = False
        self._sources: Sequence[Mapping[str, Any]] = ()

    def take(self, line: Line) -> None:
        match line.kind:
            case "turn-start":
                self.marked = True
            case "step":
                self.steps += 1
            case "sources":
                self._sources = line.fields["sources"]
            case "request" if self._sources:
                self.sent = [Retrieved(*passage_of(source, line.fields["body"])) for source in self._sources]
                self._sources = ()
            case "retry":
                self.retries.append(retry_of(line.fields, 0.0))
            case "tool-result":
                self.results.append(tool_result_of(line.fields, 0.0))
            case "turn-end":
                self.status = str(line.fields["status"])


def _results_sent(heard: Sequence[Exchange]) -> tuple[ToolResult, ...]:
    """The tool results in the last request of a recording without marks."""
    body = heard[-1].body if heard else None
    messages = body.get("messages") if isinstance(body, Mapping) else None
    results: list[ToolResult] = []
    for message in messages if isinstance(messages, list) else ():
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


class RecordedDocuments:
    """Gives what was retrieved for the turn, whatever is asked."""

    def __init__(self, sent: Sequence[Retrieved]) -> None:
        self._sent = sent

    def describe(self) -> str:
        return f"{len(self._sent)} passages of the recording"

    def retrieve(self, question: str, history: Sequence[str] = ()) -> list[Retrieved]:
        return list(self._sent)


class RecordedBackoff(Backoff):
    """Sends a request again where that was done, after as long as it took divided by `speed`."""

    def __init__(self, retries: Sequence[Retry], *, speed: float) -> None:
        self._left = [retry.wait for retry in retries]
        self._speed = speed

    def wait(self, error: ChatError, attempt: int) -> float | None:
        return self._left.pop(0) if self._left else None

    async def sleep(self, seconds: float) -> None:
        if 0 < self._speed < float("inf"):
            await super().sleep(seconds / self._speed)


class RecordedTools:
    """Gives each call the result that it had, after as long as it took divided by `speed`.

    `cancel` ends the turn: it is called where a call never returned.
    """

    def __init__(self, turn: RecordedTurn, *, speed: float, cancel: Callable[[], object]) -> None:
        self._definitions = turn.definitions()
        self._left = list(turn.results)
        self._speed = speed
        self._cancel = cancel

    def definitions(self) -> list[dict[str, Any]]:
        return self._definitions

    async def run(self, *, call_id: str, name: str, arguments: str) -> ToolResult:
        result = next((each for each in self._left if each.id == call_id and each.name in (name, "")), None)
        if result is None or result.error_kind == "cancelled":
            self._cancel()
            await asyncio.Event().wait()
        assert result is not None
        self._left.remove(result)
        if 0 < self._speed < float("inf"):
            await asyncio.sleep(result.seconds / self._speed)
        return result
