"""A turn for a person: the answer on one stream as it comes, and what is around it on another.

The answer's stream gets the text alone, so that it can be piped; plan, tool calls, citations and the list of
sources go to the notes' stream. Text that would reach a terminal is made safe first; a file gets it as it is.
"""

from __future__ import annotations

import json
from typing import Any, TextIO

from workbench.conversation.turn import Turn
from workbench.documents.ledger import LedgerEntry
from workbench.events import (
    AT_ONCE,
    NOT_STREAMED,
    ContentDelta,
    ContentStart,
    Event,
    Retrieval,
    Retry,
    ToolPlanDelta,
    ToolProgress,
    ToolResult,
    ToolStarted,
    Unknown,
)
from workbench.printing.searched import searched_for
from workbench.printing.streams import say
from workbench.safe_text import safe_line, safe_text
from workbench.wire.finish_reasons import in_words, is_whole

LONGEST_NOTE = 200  # characters of arguments and results in a note


class Printer:
    """Prints one turn. `out` gets the answer, `notes` the rest; `lost` tells that some notes could not be written.

    Notes that are lost do not end an answer that can still be written.
    """

    def __init__(self, out: TextIO, notes: TextIO) -> None:
        self.lost = False
        self._out = out
        self._notes = notes
        self._safe = out.isatty()
        self._in_answer = False
        self._in_plan = False
        self._at_once = False

    def event(self, event: Event) -> None:
        """Print what an event adds to the turn: a piece of the answer, or a note on plan, retry or tool call."""
        match event:
            case ContentDelta(text=text) | ContentStart(text=text) if text and not _is_thinking(event):
                self._end_plan()
                self._in_answer = True
                self._write(text)
            case ToolPlanDelta(text=text):
                self._say(safe_text(text if self._in_plan else f"plan: {text.lstrip()}"), end="")
                self._in_plan = True
            case Unknown(type=kind) if kind == NOT_STREAMED and not self._at_once:
                self._at_once = True  # of a turn of many steps, each of which came so
                self._note(f"workbench: {AT_ONCE}")
            case Retrieval():
                self._searched(event)
            case Retry():
                self._note(f"⧗ retry {event.attempt} of {event.most} in {event.wait:.1f} s · {event.error['message']}")
            case ToolStarted() | ToolProgress() | ToolResult():
                self._of_a_call(event)

    def _searched(self, event: Retrieval) -> None:
        """What a person should know of how documents were searched."""
        for line in searched_for(event):
            self._note(f"workbench: {line}")
        for each in event.sets:
            if each["notice"]:
                self._note(f"workbench: {each['set']}: {each['notice']}")

    def _of_a_call(self, event: ToolStarted | ToolProgress | ToolResult) -> None:
        match event:
            case ToolStarted():
                self._note(f"⧗ {event.name} {_short(event.arguments)}")
            case ToolProgress(text=text) if text:
                self._note(f"… {event.name} {text}")
            case ToolResult(error=None):
                self._note(f"✓ {event.name} {event.seconds:.2f} s → {_short(event.result)}")
            case ToolResult() if event.is_refused:
                self._note(f"⊘ {event.name} {event.refusal} · {event.error}")
            case ToolResult():
                self._note(f"✗ {event.name} {event.seconds:.2f} s · {event.error}")

    def finish(self, turn: Turn) -> None:
        """Close the answer's last line; then citations, sources, and how the turn ended when not well."""
        self._end_plan()
        if self._in_answer:
            self._write("\n")
        for cited in turn.citations:
            marks = "".join(f"[{number}]" for number in cited.numbers)
            place = "" if cited.start is not None else " (not found in the answer)"
            source = "" if cited.is_sourced else " (of a tool call that was refused)"
            self._note(f"{marks} “{_clip(cited.text)}”{place}{source}".lstrip())
        sources = [entry for entry in turn.ledger.entries() if entry.number is not None]
        if sources:
            self._note("Sources:")
        for entry in sources:
            self._note(f"  [{entry.number}] {_source(entry)}")
        if turn.status == "complete" and not is_whole(turn.finish_reason):
            self._note(f"workbench: {in_words(turn.finish_reason)}: {turn.finish_reason}")
        if turn.status != "complete":
            self._note(f"workbench: {turn.status}" + (f": {turn.error}" if turn.error else ""))

    def _write(self, text: str) -> None:
        if not self._safe:
            text = text.encode("utf-8", "replace").decode("utf-8")
        self._out.write(safe_text(text) if self._safe else text)
        self._out.flush()

    def _end_plan(self) -> None:
        if self._in_plan:
            self._in_plan = False
            self._say("")

    def _note(self, text: str) -> None:
        self._end_plan()
        if self._in_answer and self._out.isatty():
            self._out.write("\n")
            self._in_answer = False
        self._say(safe_line(text))

    def _say(self, text: str, end: str = "\n") -> None:
        self.lost |= not say(text, self._notes, end)


def _is_thinking(event: Event) -> bool:
    return isinstance(event, ContentStart) and event.type == "thinking"


def _short(value: Any) -> str:
    return _clip(value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str))


def _clip(text: str) -> str:
    return text if len(text) <= LONGEST_NOTE else f"{text[:LONGEST_NOTE]}… ({len(text) - LONGEST_NOTE} more)"


def _source(entry: LedgerEntry) -> str:
    place = ""
    if entry.path:
        place = f" · {entry.path}" + (f":{entry.lines[0]}-{entry.lines[1]}" if entry.lines else "")
    return f"{entry.title or entry.id}{place} · {entry.kind}, cited ×{entry.cited}"
