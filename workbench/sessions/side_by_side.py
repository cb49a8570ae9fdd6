"""A comparison to be read: of each thing that one asks about, pairs of what `a` has and what `b` has. Pure.

Owns the words and the order of it; what differs was said by `sessions/compare.py`.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from workbench.conversation.turn import Turn
from workbench.sessions.compare import (
    Call,
    CallChange,
    CitedSpan,
    Comparison,
    SentDocument,
    cited_spans,
    compare,
)
from workbench.sessions.differences import MISSING, ValueChange
from workbench.sessions.pairs import Pair, Side, text_pairs, whole

CONTEXT: Final = 1  # lines of an answer that stay beside what differs


@dataclass(frozen=True, slots=True)
class Section:
    """One thing that is compared: its `name`, what is said of it in short, and its pairs.

    `context` is how many equal pairs stay in sight on either side of one that differs.
    """

    name: str
    said: str
    pairs: tuple[Pair, ...]
    context: int = 0

    @property
    def differs(self) -> bool:
        """Whether anything in it does."""
        return any(pair.differs for pair in self.pairs)


@dataclass(frozen=True, slots=True)
class SideBySide:
    """Two turns, what differs between them, and that as sections; a thing that neither has is not among them."""

    a: Turn
    b: Turn
    found: Comparison
    sections: tuple[Section, ...]

    def text(self, name_a: str, name_b: str) -> str:
        """All of it as a text: what only `a` has between `[-` and `-]`, what only `b` has between `{+` and `+}`."""
        parts = [f"a  {name_a}\nb  {name_b}\n"]
        for section in self.sections:
            lines = [marked_text(pair) for pair in section.pairs]
            parts.append("\n".join([f"# {section.name}: {section.said}", *lines, ""]))
        return "\n".join(parts)


def side_by_side(a: Turn, b: Turn) -> SideBySide:
    """Two turns that are over. Takes as long as it takes to find what differs: for a thread."""
    found = compare(a, b)
    made = [
        _section("question", text_pairs(a.prompt, b.prompt)),
        _section("text", text_pairs(a.text, b.text, found.text.differs), _words(found), CONTEXT),
        _section("citations", tuple(_citations(a, found))),
        _section("calls", tuple(_calls(found))),
        _section("documents", tuple(_documents(found))),
        *(
            _section(name, tuple(_values(compared.a, compared.b, compared.differs)))
            for name, compared in (("settings", found.settings), ("usage", found.usage), ("seconds", found.seconds))
        ),
    ]
    if found.cost.a is not None or found.cost.b is not None:
        made.append(_section("cost", (_scalars("cost", found.cost.a, found.cost.b, differs=bool(found.cost.differs)),)))
    return SideBySide(a, b, found, tuple(section for section in made if section.pairs))


def marked_text(pair: Pair) -> str:
    """A pair as a text of one or two lines, its marks written out."""
    if not pair.differs and pair.a is not None:
        return f"  {_indented(pair.a.text)}"
    lost = f"- {_indented(_marked(pair.a, '[-', '-]'))}" if pair.a is not None else ""
    new = f"+ {_indented(_marked(pair.b, '{+', '+}'))}" if pair.b is not None else ""
    return "\n".join(filter(None, (lost, new)))


def _marked(side: Side, begin: str, end: str) -> str:
    parts, at = [], 0
    for start, stop in side.marks:
        parts += [side.text[at:start], begin, side.text[start:stop], end]
        at = stop
    return "".join([*parts, side.text[at:]])


def _indented(text: str) -> str:
    return text.replace("\n", "\n  ")


def _section(name: str, pairs: Sequence[Pair], said: str = "", context: int = 0) -> Section:
    differ = sum(pair.differs for pair in pairs)
    same = len(pairs) - differ
    counts = ", ".join(
        filter(None, (f"{differ} differ{'s' if differ == 1 else ''}", f"{same} the same" if same else ""))
    )
    return Section(name, (said or counts) if differ else "the same", tuple(pairs), context)


def _words(found: Comparison) -> str:
    lost, new = (
        (
            sum(len(words.split()) for words in side)
            for side in zip(*((change.lost, change.new) for change in found.text.differs), strict=True)
        )
        if found.text.differs
        else (0, 0)
    )
    if not lost and not new:
        return "blanks alone" if found.text.differs else ""
    return f"−{lost:,} +{new:,} words"


# -- citations, calls, documents ---------------------------------------------------------------------


def _citations(a: Turn, found: Comparison) -> Iterator[Pair]:
    changes = found.citations.differs
    others = {_place(one): other for one, other in changes.sources}
    lost = {_place(span) for span in changes.lost}
    for span in cited_spans(a):
        said = _cited(span)
        if _place(span) in lost:
            yield Pair(whole(said), None, differs=True)
        elif (other := others.get(_place(span))) is not None:
            yield Pair(_on_others(span), _on_others(other), differs=True)
        else:
            yield Pair(Side(said), Side(said))
    for span in changes.new:
        yield Pair(None, whole(_cited(span)), differs=True)


def _place(span: CitedSpan) -> tuple[int | None, int | None, str]:
    return span.start, span.end, span.text


def _quoted(span: CitedSpan) -> str:
    return f"“{' '.join(span.text.split())}” on "


def _cited(span: CitedSpan) -> str:
    return _quoted(span) + (", ".join(source.title or source.id for source in span.sources) or "nothing")


def _on_others(span: CitedSpan) -> Side:
    """A span whose sources are what differs."""
    said = _cited(span)
    return Side(said, ((len(_quoted(span)), len(said)),))


def _calls(found: Comparison) -> Iterator[Pair]:
    changed: dict[int, CallChange] = {id(change.a): change for change in found.calls.differs if change.a is not None}
    for call in found.calls.a:
        change = changed.get(id(call))
        if change is None:
            said = _call(call)
            yield from (Pair(pair.a, pair.a) for pair in text_pairs(said, said))
        elif change.b is None:
            yield from _all_of(_call(call), lambda side: Pair(side, None, differs=True))
        else:
            yield from text_pairs(f"{_call(call)}\n{_outcome(call)}", f"{_call(change.b)}\n{_outcome(change.b)}")
    for change in found.calls.differs:
        if change.a is None and change.b is not None:
            yield from _all_of(_call(change.b), lambda side: Pair(None, side, differs=True))


def _all_of(text: str, pair: Callable[[Side], Pair]) -> Iterator[Pair]:
    """A text that only one of the two has, in pieces."""
    return (pair(whole(each.a.text)) for each in text_pairs(text, text) if each.a is not None)


def _call(call: Call) -> str:
    return f"{call.name} {_json(call.arguments)}"


def _outcome(call: Call) -> str:
    return f"  gave {_json(call.result)}" if call.error is None else f"  failed: {call.error}"


def _documents(found: Comparison) -> Iterator[Pair]:
    changes = found.documents.differs
    lost, pairs = {id(each) for each in changes.lost}, dict[int, SentDocument]()
    pairs |= {id(one): other for one, other in (*changes.moved, *changes.changed)}
    texts = {id(one) for one, _ in changes.changed}
    for each in found.documents.a:
        if id(each) in lost:
            yield Pair(whole(_document(each)), None, differs=True)
        elif (other := pairs.get(id(each))) is None:
            yield Pair(Side(_document(each)), Side(_document(each)))
        else:
            yield Pair(_ranked(each), _ranked(other), differs=True)
            if id(each) in texts:
                yield from text_pairs(each.text, other.text)
    for each in changes.new:
        yield Pair(None, whole(_document(each)), differs=True)


def _ranked(document: SentDocument) -> Side:
    return Side(_document(document), ((0, len(str(document.rank))),))


def _document(document: SentDocument) -> str:
    score = "" if document.score is None else f" · {document.score:.2f}"
    cited = f" · cited {document.cited}×" if document.cited else ""
    return f"{document.rank}. {document.title or document.id}{score}{cited}"


# -- values ------------------------------------------------------------------------------------------


def _values(a: Mapping[str, Any], b: Mapping[str, Any], changes: Sequence[ValueChange]) -> Iterator[Pair]:
    """What differs, then what is the same, by the names on top."""
    for change in changes:
        if isinstance(change.a, str | list | dict) and isinstance(change.b, str | list | dict):
            yield from text_pairs(f"{change.path}: {_shown(change.a)}", f"{change.path}: {_shown(change.b)}")
        else:
            yield _scalars(change.path, change.a, change.b, differs=True)
    touched = {_top(change.path) for change in changes}
    for name, value in a.items():
        if name in b and name not in touched and value is not None:
            said = f"{name}: {_shown(value)}"
            yield from (Pair(pair.a, pair.a) for pair in text_pairs(said, said))


def _top(path: str) -> str:
    return path.partition(".")[0].partition("[")[0]


def _scalars(name: str, a: Any, b: Any, *, differs: bool) -> Pair:
    more = ""
    if all(isinstance(each, int | float) and not isinstance(each, bool) for each in (a, b)):
        more = f"  ({round(b - a, 6):+,})"
    return Pair(_scalar(name, a, "", is_marked=differs), _scalar(name, b, more, is_marked=differs), differs=differs)


def _scalar(name: str, value: Any, more: str, *, is_marked: bool) -> Side | None:
    if value is MISSING:
        return None
    text = f"{name}: {_shown(value)}{more}"[:_LONGEST_VALUE]
    return Side(text, ((len(name) + 2, len(text)),) if is_marked else ())


_LONGEST_VALUE: Final = 2000  # characters of a value that only one of the two has


def _shown(value: Any) -> str:
    return value if isinstance(value, str) else "none" if value is None else _json(value)


def _json(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, default=str)
