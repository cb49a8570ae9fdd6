"""The turns of a recording: which lines belong to which, and which of them are part of the conversation.

Owns the grouping. Refuses to fold lines: `sessions.restore` does that.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from workbench.sessions.exchanges import usable, whole_requests
from workbench.sessions.recording import Line, Recording

RAW_PROMPT: Final = "(the question is not in the recording)"


@dataclass(slots=True)
class TurnLines:
    """One turn: its `turn-start` line, unless the recording has no marks, then all until the next turn.

    `before` are the marks ahead of it that change the conversation: "clear" and "forget".
    """

    number: int
    prompt: str
    began: float
    lines: list[Line] = field(default_factory=list)
    before: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Turns:
    """`all` are those that were ever asked, in order; `current` those that the conversation consists of at the end."""

    all: Sequence[TurnLines]
    current: Sequence[TurnLines]


def turns_of(recording: Recording) -> Turns:
    """The turns of a recording. Raises RecordingError, which names file and line.

    A recording of a client alone has no marks: there, a request that ends with a person's words begins a turn.
    """
    marked = any(line.kind == "turn-start" for line in recording.lines)
    grouping = _Grouping()
    for line in whole_requests(recording.path, recording.lines):
        with usable(recording.path, line):
            if marked:
                grouping.take(line)
            else:
                grouping.take_unmarked(line)
    return Turns(grouping.all, grouping.current)


class _Grouping:
    def __init__(self) -> None:
        self.all: list[TurnLines] = []
        self.current: list[TurnLines] = []
        self._before: list[str] = []

    def take(self, line: Line) -> None:
        match line.kind:
            case "turn-start":
                self._begin(TurnLines(int(line.fields["turn"]), str(line.fields["prompt"]), line.t), line)
            case "clear":
                self._before.append("clear")
                self.current.clear()
            case "forget":
                self._before.append("forget")
                self.current = [turn for turn in self.current if turn.number != line.fields["turn"]]
            case _ if self.all:
                self.all[-1].lines.append(line)

    def take_unmarked(self, line: Line) -> None:
        if line.kind == "request":
            prompt = _question(line.fields["body"])
            if prompt is not None or not self.all:
                prompt = RAW_PROMPT if prompt is None else prompt
                self._begin(TurnLines(len(self.all) + 1, prompt, line.t), line)
                return
        if self.all:
            self.all[-1].lines.append(line)

    def _begin(self, turn: TurnLines, line: Line) -> None:
        turn.lines.append(line)
        turn.before = tuple(self._before)
        self._before.clear()
        self.all.append(turn)
        self.current.append(turn)


def _question(body: Any) -> str | None:
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
