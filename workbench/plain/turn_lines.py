"""A turn as lines: plan, tool calls, the answer as it streams, its sources with their places, and how it ended.

Owns the word with which each of these lines begins. Everything that is told by a sign on the screen is a word here.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from workbench.config.ran_with import words as asked_with_words
from workbench.conversation.turn import Turn
from workbench.documents.chain import each_evidence, relevance, together, why
from workbench.documents.ledger import LedgerEntry
from workbench.documents.quotes import place_of
from workbench.events import (
    AT_ONCE,
    NOT_STREAMED,
    Cited,
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
from workbench.plain.lines import Lines
from workbench.printing.closing import ending, figures
from workbench.printing.searched import searched_for
from workbench.wire.finish_reasons import in_words, is_whole

LONGEST_VALUE: Final = 1000  # characters of arguments, a result or a reason in a line
LONGEST_QUOTE: Final = 200  # characters of cited words
MOST_QUOTES: Final = 20  # of one source


class TurnLines:
    """Writes one turn to `lines`, event by event, then `finish`. `answerer` is named where no model answers."""

    def __init__(self, lines: Lines, answerer: str | None = None) -> None:
        self._lines = lines
        self._answerer = answerer
        self._within = ""  # the name of the running text, "" while none runs
        self._thought: tuple[float, float] | None = None  # since when, and until when, the model thinks
        self._at_once = False

    def event(self, event: Event) -> None:
        """Write what an event adds to the turn."""
        if _is_thought(event):
            self._thought = (self._thought[0] if self._thought else event.t, event.t)
            return
        match event:
            case ContentDelta(text=text) | ContentStart(text=text) if text:
                self._text("answer", text)
            case ToolPlanDelta(text=text) if text:
                self._text("plan", text)
            case Unknown(type=kind) if kind == NOT_STREAMED and not self._at_once:
                self._at_once = True  # of a turn of many steps, each of which came so
                self._note(f"note: {AT_ONCE}")
            case Retrieval():
                for line in searched_for(event):
                    self._note(f"note: {line}")
                for each in event.sets:
                    self._note(f"search {_search(each)}")
            case Retry():
                self._note(f"retry {event.attempt} of {event.most} in {event.wait:.1f} s: {event.error['message']}")
            case ToolStarted():
                self._note(f"call {event.name} {_brief(event.arguments)}")
            case ToolProgress(text=text) if text:
                self._note(f"{event.name} tells: {text}")
            case ToolResult():
                self._note(_outcome(event))

    def finish(self, turn: Turn, sources: Iterable[str]) -> None:
        """The turn is over: its `sources_of`, what has none, and how it ended."""
        self._end_text()
        for line in sources:
            self._lines.line(line)
        for each in turn.unanchored:
            self._lines.line(f"not found in the answer: {_quoted(each.text)} {_marks(each)}".rstrip())
        if turn.status == "complete" and not is_whole(turn.finish_reason):
            self._lines.line(f"note: {in_words(turn.finish_reason)}: {turn.finish_reason}")
        if turn.error is not None:
            self._lines.line(f"error: {turn.error}")
        if settings := asked_with_words(turn):
            self._lines.line(f"settings: {', '.join(settings)}")
        model = self._answerer or str(turn.steps[-1].request.get("model", "") if turn.steps else "")
        words = [ending(turn), *(word.replace(" → ", " to ") for word in figures(turn, model))]
        self._lines.line(f"state: {', '.join(words)}")

    def _text(self, name: str, text: str) -> None:
        """A piece of running text, behind a line with its name where it begins."""
        if self._within != name:
            text = text.lstrip("\n")
            self._end_text()
            self._within = name
            self._lines.line(f"{name}:")
        self._lines.piece(text)

    def _note(self, text: str) -> None:
        self._end_text()
        self._lines.line(text)

    def _end_text(self) -> None:
        self._within = ""
        self._lines.end_text()
        if self._thought is not None:
            since, until = self._thought
            self._thought = None
            self._lines.line(f"thought for {until - since:.1f} s")


def _search(look: Mapping[str, Any]) -> str:
    """How a set was searched, in words."""
    how = look["used"] if look["used"] == look["mode"] else f"{look['used']} in place of {look['mode']}"
    of = "" if look["candidates"] is None else f" of {look['candidates']:,}"
    why = f": {look['notice']}" if look["notice"] else ""
    return f"{look['set']} by {how}, {look['found']:,}{of} passages, {look['seconds']:.2f} s{why}"


def sources_of(turn: Turn) -> list[str]:
    """The lines of what the answer rests on. Finding the places takes a while where much is cited."""
    entries = turn.ledger.entries()
    cited = [entry for entry in entries if entry.number is not None]
    if cited:
        return ["sources:", *(_source(entry, turn.citations) for entry in cited)]
    count = sum(entry.sent for entry in entries)
    return [f"sources: none is cited of {count} that {'was' if count == 1 else 'were'} sent"] if count else []


def _is_thought(event: Event) -> bool:
    if isinstance(event, ContentStart):
        return event.type == "thinking"
    return isinstance(event, ContentDelta) and bool(event.thinking) and not event.text


def _outcome(event: ToolResult) -> str:
    if event.is_refused:
        return f"{event.refusal} {event.name}: {_clip(event.error or '', LONGEST_VALUE)}"
    if event.error is not None:
        return f"failed {event.name}, {event.seconds:.2f} s: {_clip(event.error, LONGEST_VALUE)}"
    return f"result {event.name}, {event.seconds:.2f} s: {_brief(event.result)}"


def _source(entry: LedgerEntry, citations: tuple[Cited, ...]) -> str:
    """`[2] Visitor guide › Hours, guide.md:12: cited for "10:00"`."""
    its = [cited for cited in citations if entry.number in cited.numbers]
    found = each_evidence(entry, its)
    rank = f"rank {entry.rank} with {entry.score:.3g}" if entry.rank is not None and entry.score is not None else ""
    named = ", ".join(
        filter(None, (entry.title or entry.id, place_of(entry, together(found) if found else None), rank))
    )
    met = relevance(entry.spans, found)
    told = "".join(f"; {words}" for words in (why(entry), *(met.said() if met is not None else ())) if words)
    return f"[{entry.number}] {named}: cited for {', '.join(_quotes(its))}{told}"


def _quotes(its: list[Cited]) -> Iterator[str]:
    texts = list(dict.fromkeys(cited.text for cited in its))
    for text in texts[:MOST_QUOTES]:
        yield _quoted(text)
    if len(texts) > MOST_QUOTES:
        yield f"and {len(texts) - MOST_QUOTES} more"


def _quoted(text: str) -> str:
    return f'"{_clip(" ".join(text.split()), LONGEST_QUOTE)}"'


def _marks(cited: Cited) -> str:
    return "".join(f"[{number}]" for number in cited.numbers)


def _brief(value: Any) -> str:
    """A value in a line: a text as it is when it has one line only, all else as JSON."""
    text = value if isinstance(value, str) and "\n" not in value else json.dumps(value, ensure_ascii=False, default=str)
    return _clip(text, LONGEST_VALUE)


def _clip(text: str, longest: int) -> str:
    return text if len(text) <= longest else f"{text[:longest]}... ({len(text) - longest} more characters)"
