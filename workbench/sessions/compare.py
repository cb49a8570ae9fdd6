"""Two turns side by side: of each thing that one asks about, what `a` has, what `b` has, and what differs. Pure.

Owns what counts as the same: a cited span is the same one where its words stand in both answers, a source where it is
the same document, or the same call of a tool, whatever its id is in this run. Refuses to say which turn is the better.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher
from typing import Any, Final, Generic, Literal, TypeVar

from workbench.conversation.fold import unique_calls
from workbench.conversation.summary import citations_json
from workbench.conversation.turn import Turn
from workbench.documents.ledger import LedgerEntry
from workbench.events import Cited
from workbench.sessions.differences import Places, TextChange, ValueChange, text_changes, value_changes

T = TypeVar("T")
D = TypeVar("D")

OF_THE_TURN: Final = frozenset({"messages", "documents", "stream"})
"""Of a request, what is no setting."""


@dataclass(frozen=True, slots=True)
class Compared(Generic[T, D]):
    """One thing: what both turns have, and what differs, which is empty or None where nothing does."""

    a: T
    b: T
    differs: D


@dataclass(frozen=True, slots=True)
class CitedSource:
    """A source of a citation: a document by its id, or a call of a tool by its name and arguments."""

    kind: str
    id: str
    title: str
    arguments: Any = None

    @property
    def key(self) -> str:
        """The same for what is the same source in another turn."""
        if self.kind == "tool":
            return json.dumps(["tool", self.title, self.arguments], sort_keys=True, default=str)
        return json.dumps([self.kind, self.id])

    def as_json(self) -> dict[str, Any]:
        """As an object."""
        entry = {"type": self.kind, "id": self.id, "title": self.title}
        return {**entry, "arguments": self.arguments} if self.kind == "tool" else entry


@dataclass(frozen=True, slots=True)
class CitedSpan:
    """A stretch of an answer and all that it rests on; without a place where the cited words stand nowhere."""

    start: int | None
    end: int | None
    text: str
    sources: tuple[CitedSource, ...]

    def as_json(self) -> dict[str, Any]:
        """As an object."""
        sources = [source.as_json() for source in self.sources]
        return {"start": self.start, "end": self.end, "text": self.text, "sources": sources}


@dataclass(frozen=True, slots=True)
class CitationChanges:
    """Spans that rest on other sources now, as pairs, those that are cited in `a` only, and in `b` only."""

    sources: tuple[tuple[CitedSpan, CitedSpan], ...] = ()
    lost: tuple[CitedSpan, ...] = ()
    new: tuple[CitedSpan, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.sources or self.lost or self.new)

    def as_json(self) -> dict[str, Any]:
        """As an object; the words of a span that rests on other sources are those of `a`."""
        return {
            "sources": [{"text": a.text, "a": a.as_json(), "b": b.as_json()} for a, b in self.sources],
            "lost": [each.as_json() for each in self.lost],
            "new": [each.as_json() for each in self.new],
        }


@dataclass(frozen=True, slots=True)
class Call:
    """A tool call of a turn; `arguments` are as they parse, or a text. `error` is None unless it failed."""

    step: int
    id: str
    name: str
    arguments: Any
    result: Any = None
    error: str | None = None

    @property
    def key(self) -> str:
        """The same for the same call in another turn."""
        return json.dumps([self.name, self.arguments], sort_keys=True, default=str)

    def as_json(self) -> dict[str, Any]:
        """As an object."""
        outcome = {"result": self.result} if self.error is None else {"error": self.error}
        return {"step": self.step, "id": self.id, "name": self.name, "arguments": self.arguments, **outcome}


@dataclass(frozen=True, slots=True)
class CallChange:
    """A call that was made in one of the turns only, or with other `arguments`, or with another `result`.

    `changes` tell where arguments or results differ.
    """

    kind: Literal["lost", "new", "arguments", "result"]
    a: Call | None
    b: Call | None
    changes: tuple[ValueChange, ...] = ()

    @property
    def name(self) -> str:
        """The tool's."""
        return next(call.name for call in (self.a, self.b) if call is not None)

    def as_json(self) -> dict[str, Any]:
        """As an object."""
        entry: dict[str, Any] = {"change": self.kind, "name": self.name}
        if self.changes:
            entry["differs"] = changes_json(self.changes)
        both = {"a": self.a, "b": self.b}
        return {**entry, **{name: call.as_json() for name, call in both.items() if call is not None}}


@dataclass(frozen=True, slots=True)
class SentDocument:
    """A document that was sent, the first with `rank` 1, and how often the answer cites it."""

    rank: int
    id: str
    title: str
    path: str | None
    score: float | None
    cited: int
    text: str

    def as_json(self) -> dict[str, Any]:
        """As an object, without its text."""
        names = ("rank", "id", "title", "path", "score", "cited")
        return {name: getattr(self, name) for name in names}


@dataclass(frozen=True, slots=True)
class DocumentChanges:
    """Documents that were sent in one of the turns only, those with another rank, and those with another text."""

    lost: tuple[SentDocument, ...] = ()
    new: tuple[SentDocument, ...] = ()
    moved: tuple[tuple[SentDocument, SentDocument], ...] = ()
    changed: tuple[tuple[SentDocument, SentDocument], ...] = ()

    def __bool__(self) -> bool:
        return bool(self.lost or self.new or self.moved or self.changed)

    def as_json(self) -> dict[str, Any]:
        """As an object."""
        return {
            "lost": [each.as_json() for each in self.lost],
            "new": [each.as_json() for each in self.new],
            "moved": [{"id": a.id, "a": a.rank, "b": b.rank} for a, b in self.moved],
            "changed": [a.id for a, _ in self.changed],
        }


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two turns side by side. Costs are None until prices are known; `citations` has those of the contract."""

    text: Compared[str, tuple[TextChange, ...]]
    citations: Compared[tuple[Mapping[str, Any], ...], CitationChanges]
    calls: Compared[tuple[Call, ...], tuple[CallChange, ...]]
    documents: Compared[tuple[SentDocument, ...], DocumentChanges]
    settings: Compared[Mapping[str, Any], tuple[ValueChange, ...]]
    usage: Compared[Mapping[str, Any], tuple[ValueChange, ...]]
    cost: Compared[float | None, float | None]
    seconds: Compared[Mapping[str, float | None], tuple[ValueChange, ...]]

    def as_json(self) -> dict[str, Any]:
        """As the object of `workbench compare --json`: each thing with `a`, `b` and `differs`."""
        text, calls, documents = self.text, self.calls, self.documents
        return {
            "text": {"a": text.a, "b": text.b, "differs": [each.as_json() for each in text.differs]},
            "citations": {
                "a": list(self.citations.a),
                "b": list(self.citations.b),
                "differs": self.citations.differs.as_json() if self.citations.differs else {},
            },
            "calls": {
                "a": [each.as_json() for each in calls.a],
                "b": [each.as_json() for each in calls.b],
                "differs": [each.as_json() for each in calls.differs],
            },
            "documents": {
                "a": [each.as_json() for each in documents.a],
                "b": [each.as_json() for each in documents.b],
                "differs": documents.differs.as_json() if documents.differs else {},
            },
            **{name: _values_json(getattr(self, name)) for name in ("settings", "usage")},
            "cost": {"a": self.cost.a, "b": self.cost.b, "differs": self.cost.differs},
            "seconds": _values_json(self.seconds),
        }


def changes_json(changes: Sequence[ValueChange]) -> dict[str, Any]:
    """An object with what both have at each place where two values differ."""
    return {change.path: change.as_json() for change in changes}


def _values_json(compared: Compared[Mapping[str, Any], tuple[ValueChange, ...]]) -> dict[str, Any]:
    return {"a": dict(compared.a), "b": dict(compared.b), "differs": changes_json(compared.differs)}


def compare(a: Turn, b: Turn) -> Comparison:
    """The two turns, both at their end, side by side."""
    of_a, of_b = a.summary(), b.summary()
    text = Compared(a.text, b.text, text_changes(a.text, b.text))
    calls = _calls(a), _calls(b)
    sent = _sent(a), _sent(b)
    settings = _settings(a), _settings(b)
    return Comparison(
        text=Compared(of_a.text, of_b.text, text.differs),
        citations=Compared(
            tuple(citations_json(a.citations, a.text)),
            tuple(citations_json(b.citations, b.text)),
            _citation_changes(cited_spans(a), cited_spans(b), Places(text.differs)),
        ),
        calls=Compared(*calls, tuple(_call_changes(*calls))),
        documents=Compared(*sent, _document_changes(*sent)),
        settings=Compared(*settings, value_changes(*settings)),
        usage=Compared(of_a.usage, of_b.usage, value_changes(of_a.usage, of_b.usage)),
        cost=Compared(None, None, None),
        seconds=Compared(of_a.seconds, of_b.seconds, value_changes(of_a.seconds, of_b.seconds)),
    )


# -- citations ---------------------------------------------------------------------------------------


def cited_spans(turn: Turn) -> list[CitedSpan]:
    """What is cited in a turn, each stretch once, with all that it rests on."""
    by_number = {entry.number: entry for entry in turn.ledger.entries() if entry.number is not None}
    found: dict[tuple[int | None, int | None, str], dict[str, CitedSource]] = {}
    for cited in turn.citations:
        sources = found.setdefault((cited.start, cited.end, cited.text), {})
        for source in _sources(cited, by_number):
            sources.setdefault(source.key, source)
    return [CitedSpan(*place, tuple(sources.values())) for place, sources in found.items()]


def _sources(cited: Cited, by_number: Mapping[int, LedgerEntry]) -> Iterator[CitedSource]:
    for number in cited.numbers:
        entry = by_number[number]
        yield CitedSource(entry.kind, entry.id, entry.title, entry.arguments)


def _citation_changes(a: Sequence[CitedSpan], b: Sequence[CitedSpan], places: Places) -> CitationChanges:
    left = {(span.start, span.end, span.text): span for span in b}
    others: list[tuple[CitedSpan, CitedSpan]] = []
    alone: list[CitedSpan] = []
    for span in a:
        if (same := left.pop(_place_in_b(span, places), None)) is None:
            alone.append(span)
        else:
            others.append((span, same))
    elsewhere: dict[str, list[CitedSpan]] = {}
    for span in left.values():
        elsewhere.setdefault(span.text, []).append(span)
    lost: list[CitedSpan] = []
    for span in alone:  # its words may stand where all around them is another text
        if others_of_it := elsewhere.get(span.text):
            same = others_of_it.pop(0)
            del left[same.start, same.end, same.text]
            others.append((span, same))
        else:
            lost.append(span)
    differ = [(one, other) for one, other in others if {s.key for s in one.sources} != {s.key for s in other.sources}]
    return CitationChanges(tuple(differ), tuple(lost), tuple(left.values()))


def _place_in_b(span: CitedSpan, places: Places) -> tuple[int | None, int | None, str]:
    if span.start is None or span.end is None:
        return None, None, span.text
    return *(places.find(span.start, span.end) or (-1, -1)), span.text


# -- calls -------------------------------------------------------------------------------------------


def _calls(turn: Turn) -> tuple[Call, ...]:
    found = []
    for step in turn.steps:
        for ordinal, call in enumerate(unique_calls(step.message().tool_calls)):
            result = step.results.get(ordinal)
            value, error = (None, None) if result is None else (result.result, result.error)
            found.append(Call(step.number, call.id, call.name, call.parsed(), value, error))
    return tuple(found)


def _call_changes(a: Sequence[Call], b: Sequence[Call]) -> Iterator[CallChange]:
    matcher = SequenceMatcher(None, [call.key for call in a], [call.key for call in b], autojunk=False)
    for tag, i1, i2, j1, j2 in matcher.get_opcodes():
        if tag == "equal":
            for one, other in zip(a[i1:i2], b[j1:j2], strict=True):
                yield from _result_change(one, other)
            continue
        left = list(b[j1:j2])
        for one in a[i1:i2]:
            other_one = next((each for each in left if each.name == one.name), None)
            if other_one is None:
                yield CallChange("lost", one, None)
            else:
                left.remove(other_one)
                changes = value_changes(one.arguments, other_one.arguments)
                yield CallChange("arguments", one, other_one, changes)
        for other_one in left:
            yield CallChange("new", None, other_one)


def _result_change(a: Call, b: Call) -> Iterator[CallChange]:
    of_a, of_b = ({"result": call.result} if call.error is None else {"error": call.error} for call in (a, b))
    if changes := value_changes(of_a, of_b):
        yield CallChange("result", a, b, changes)


# -- documents and settings --------------------------------------------------------------------------


def _body(turn: Turn) -> Mapping[str, Any]:
    """The first request of a turn: what was retrieved and set for it is in each."""
    return turn.steps[0].request if turn.steps else {}


def _sent(turn: Turn) -> tuple[SentDocument, ...]:
    known = {entry.id: entry for entry in turn.ledger.entries() if entry.kind == "document"}
    documents = _body(turn).get("documents")
    found = []
    for rank, document in enumerate(documents if isinstance(documents, list) else (), 1):
        id = str(document.get("id", "")) if isinstance(document, Mapping) else ""
        entry = known.get(id)
        text = entry.text if entry is not None else json.dumps(document, sort_keys=True, default=str)
        if entry is None:
            found.append(SentDocument(rank, id, "", None, None, 0, text))
        else:
            found.append(SentDocument(rank, id, entry.title, entry.path, entry.score, entry.cited, text))
    return tuple(found)


def _document_changes(a: Sequence[SentDocument], b: Sequence[SentDocument]) -> DocumentChanges:
    by_key = [{(each.id or each.text): each for each in side} for side in (a, b)]
    both = [(by_key[0][key], by_key[1][key]) for key in by_key[0] if key in by_key[1]]
    return DocumentChanges(
        lost=tuple(each for key, each in by_key[0].items() if key not in by_key[1]),
        new=tuple(each for key, each in by_key[1].items() if key not in by_key[0]),
        moved=tuple((one, other) for one, other in both if one.rank != other.rank),
        changed=tuple((one, other) for one, other in both if one.text != other.text),
    )


def _settings(turn: Turn) -> dict[str, Any]:
    """What a turn was asked with: the model, the system message, parameters, tools."""
    body = _body(turn)
    messages = body.get("messages")
    first = messages[0] if isinstance(messages, list) and messages else None
    system = first.get("content") if isinstance(first, Mapping) and first.get("role") == "system" else None
    settings = {name: value for name, value in body.items() if name not in OF_THE_TURN}
    return settings if system is None else {**settings, "system": system}
