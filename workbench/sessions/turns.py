"""The turns of a recording: which lines belong to which, and which turns the conversation went on without.

Owns the grouping. Refuses to fold lines: `sessions.restore` does that.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from workbench.errors import RecordingError
from workbench.recordings.exchanges import usable, whole_requests
from workbench.recordings.recording import RecordedLine, shortened

RAW_PROMPT: Final = "(the question is not in the recording)"


@dataclass(slots=True)
class TurnLines:
    """One turn: its `turn-start` line, unless the recording has no marks, then all until the next turn.

    `source` is what was asked, as the recording calls it, or "", and `base_url` the server's, or "" where none was.
    """

    number: int
    prompt: str
    began: float
    lines: list[RecordedLine] = field(default_factory=list)
    source: str = ""
    base_url: str = ""


@dataclass(frozen=True, slots=True)
class Dropped:
    """The conversation goes on without the turn of this number; without any turn so far when it is None."""

    turn: int | None


def turns_of(path: Path, lines: Iterable[RecordedLine]) -> Iterator[TurnLines | Dropped]:
    """The turns in `lines` of a recording, and what becomes of them, in order.

    Raises RecordingError, which names file and line, once it has given what stands before. A recording of a client
    alone has no marks: there, a request that ends with a person's words begins a turn.
    """
    grouping = _Grouping()
    try:
        for line in whole_requests(path, lines):
            with usable(path, line):
                done = grouping.take(line)
            yield from done
    except RecordingError:
        yield from grouping.end()
        raise
    yield from grouping.end()


class _Grouping:
    def __init__(self) -> None:
        self._turn: TurnLines | None = None
        self._count = 0
        self._marked = False
        self._source = self._base_url = ""

    def take(self, line: RecordedLine) -> list[TurnLines | Dropped]:
        """Take the next line; return what is complete with it."""
        fields = line.fields
        if line.kind in ("header", "resume"):
            self._source = shortened(str(fields.get("source", "")))
            self._base_url = str(fields.get("base_url", ""))
        match line.kind:
            case "turn-start":
                self._marked = True
                return self._begin(TurnLines(int(fields["turn"]), str(fields["prompt"]), line.t), line)
            case "clear":
                return [*self.end(), Dropped(None)]
            case "forget":
                return [*self.end(), Dropped(int(fields["turn"]))]
            case "request" if not self._marked:
                prompt = question_of(fields["body"])
                if prompt is not None or self._turn is None:
                    number = self._count + 1
                    return self._begin(TurnLines(number, RAW_PROMPT if prompt is None else prompt, line.t), line)
        if self._turn is not None:
            self._turn.lines.append(line)
        return []

    def end(self) -> list[TurnLines | Dropped]:
        """The turn that is under way, if there is one, ends here."""
        turn, self._turn = self._turn, None
        return [] if turn is None else [turn]

    def _begin(self, turn: TurnLines, line: RecordedLine) -> list[TurnLines | Dropped]:
        done = self.end()
        self._count += 1
        turn.lines.append(line)
        turn.source, turn.base_url = self._source, self._base_url
        self._turn = turn
        return done


def question_of(body: Any) -> str | None:
    """What a person asks in a request, None when it goes on with tool results or cannot be told."""
    messages = body.get("messages") if isinstance(body, Mapping) else None
    last = messages[-1] if isinstance(messages, list) and messages else None
    if not isinstance(last, Mapping) or last.get("role") != "user":
        return None
    content = last.get("content")
    if isinstance(content, str):
        return content
    blocks = content if isinstance(content, list) else []
    return "\n".join(str(block["text"]) for block in blocks if isinstance(block, Mapping) and "text" in block)
