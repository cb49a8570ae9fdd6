"""Citations for tests of what is marked: each the same words in one form in an answer, and in another in a passage.

The words are of many scripts, the forms what models, editors, tables and tools make of words. `turns` folds them as
if a server had sent them; `recorded_turns` does so with recordings, where there are any.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from tests.core.streams import RECORDINGS, events_of
from workbench.conversation.turn import Turn
from workbench.documents.passages import Passage
from workbench.documents.retrieval import Retrieved
from workbench.documents.why_found import found_by
from workbench.events import (
    CitationStart,
    ContentDelta,
    ContentEnd,
    ContentStart,
    Event,
    MessageEnd,
    Request,
    ToolCallEnd,
    ToolCallStart,
    ToolPlanDelta,
    ToolResult,
    TurnEnd,
)

Words = Sequence[str]
WORDS: tuple[Words, ...] = (
    ("the", "library", "opens", "at", "09:00"),
    ("children", "under", "six", "enter", "free"),
    ("the", "cafe\u0301", "e\u0301tait", "deja\u0300", "ferme\u0301"),
    ("日本の", "図書館は", "毎日", "九時に", "開きます"),
    ("all", "👩‍👩‍👧", "families", "are", "welcome", "🎉"),
    ("المكتبة", "مفتوحة", "من", "التاسعة", "صباحا"),
    ("पुस्तकालय", "सुबह", "नौ", "बजे", "खुलता"),
    ("Öffnungszeiten", "sind", "täglich", "bis", "18:00"),
)


def _s(words: Words) -> str:
    return " ".join(words)


ANSWERS: dict[str, Callable[[Words], tuple[str, str]]] = {
    "plain": lambda w: (f"In short: {_s(w)} as they say.", _s(w)),
    "bold within": lambda w: (f"It says: **{w[0]} {w[1]}** {_s(w[2:])} indeed.", f"**{w[0]} {w[1]}** {_s(w[2:])}"),
    "within bold": lambda w: (f"It says **so {_s(w)} there** too.", _s(w)),
    "heading": lambda w: (f"## Of {_s(w)} here", _s(w)),
    "list item": lambda w: (f"- first\n- {_s(w)}\n- third", _s(w)),
    "quote": lambda w: (f"> so {_s(w)} there", _s(w)),
    "table": lambda w: (f"| Day | Note |\n|---|---|\n| one | {_s(w)} |\n| two | none |", _s(w)),
    "code": lambda w: (f"Use `{_s(w)}` for it.", _s(w)),
    "fence": lambda w: (f"```\nbefore\n{_s(w)}\n```", _s(w)),
    "link": lambda w: (f"See [{_s(w)}](http://a.b) for it.", _s(w)),
    "wrapped": lambda w: (f"So\n{w[0]} {w[1]}\n{_s(w[2:])}\nit is.", f"{w[0]} {w[1]}\n{_s(w[2:])}"),
}
"""From words to (a block of an answer, what is cited of it)."""


@dataclass(frozen=True)
class Form:
    """A passage with the words in it: of a file of this name, or the result of a tool without one."""

    name: str
    path: str | None
    make: Callable[[Words], str]


def _soft(words: Words) -> str:
    return " ".join(word[:2] + "\u00ad" + word[2:] if word.isascii() and len(word) > 4 else word for word in words)


FORMS = (
    Form("wrapped", "guide.md", lambda w: f"# Guide\n\nIt is said that\n{w[0]} {w[1]}\n{_s(w[2:4])}\n{_s(w[4:])}, so."),
    Form("bold", "guide.md", lambda w: f"So **{w[0]}** {w[1]} *{w[2]}* {_s(w[3:])}; and\nmore of it."),
    Form("link", "guide.md", lambda w: f"And [{w[0]}\n{w[1]}](http://town.example/x_y) {_s(w[2:])} too."),
    Form("quote", "guide.md", lambda w: f"One says:\n\n> that {w[0]} {w[1]}\n> {_s(w[2:])} here\n\nand so on"),
    Form("list", "guide.md", lambda w: f"1. one\n2. {w[0]} {w[1]}\n   {_s(w[2:])}\n3. three"),
    Form("table", "guide.md", lambda w: f"| Day | Note |\n|---|---|\n| one | none |\n| two | {_s(w)} |"),
    Form("heading", "guide.md", lambda w: f"Before.\n\n## {_s(w)} ##\n\nAfter."),
    Form("row", "events.csv", lambda w: f"event: Jazz\nnote: as ever {_s(w)}\nplace: blue hall"),
    Form("values of a row", "events.csv", lambda w: f"note: {_s(w[:2])}\nplace: {_s(w[2:])}\nbegins: 19:30"),
    Form("JSON", None, lambda w: json.dumps({"day": "two", "note": _s(w), "n": [1, 2]}, ensure_ascii=False, indent=2)),
    Form("escapes", None, lambda w: json.dumps({"rows": [{"note": f'"so"\n{w[0]} {w[1]}\n{_s(w[2:])}'}]})),
    Form("blanks", "notes.txt", lambda w: "It says: " + "\u00a0".join(w[:3]) + "   " + "\t".join(w[3:]) + " then"),
    Form("soft hyphens", "notes.txt", lambda w: f"It says {_soft(w)} then"),
    Form("long", "notes.txt", lambda w: f"{'The tide turns twice a day here.' * 300}\n{_s(w[:3])}\n{_s(w[3:])}\nthen"),
)


@dataclass(frozen=True)
class Case:
    """One citation: `number` is its ordinal in its turn, `words` what is marked, without white space."""

    name: str
    ordinal: int
    words: str
    place: Literal["answer", "thinking", "plan"] = "answer"
    passage: str | None = None  # what is marked there, when it is not the same


@dataclass(frozen=True)
class CitedTurn:
    """A turn that is over, and its citations in the order in which they stand in it."""

    turn: Turn
    cases: tuple[Case, ...]


def turns(count: int, each: int = 20) -> Iterator[CitedTurn]:
    """`count` citations, `each` of them in a turn: all answer forms with all passage forms, and all words."""
    answers = list(ANSWERS)
    made = []
    for number in range(count):
        form = FORMS[number % len(FORMS)]
        name = answers[(number + number // len(FORMS)) % len(answers)]
        made.append((name, form, WORDS[(number + number // len(WORDS)) % len(WORDS)]))
    for first in range(0, count, each):
        yield _turn(first // each + 1, made[first : first + each])


def _turn(number: int, made: Sequence[tuple[str, Form, Words]]) -> CitedTurn:
    """The fourth, the eighth, ... citation is of what the model thinks; the other ones are of its answer."""
    builder = _Builder(number)
    for at, (name, form, words) in enumerate(made):
        builder.add("thinking" if at % 4 == 3 else name, form, words, at)
    return builder.build()


class _Builder:
    """Gathers what is thought and answered, with the citations of it."""

    def __init__(self, number: int) -> None:
        self.turn = Turn(number, f"What is known of: {'; '.join(map(_s, WORDS))}?")
        self.turn.apply(Request(body={"model": "m"}))
        self.turn.keep(Request(body={"model": "m"}))
        self._texts = {"thinking": "", "answer": ""}
        self._cited: list[tuple[str, CitationStart]] = []
        self._cases: list[tuple[str, str, str]] = []

    def add(self, name: str, form: Form, words: Words, at: int) -> None:
        place = "thinking" if name == "thinking" else "answer"
        block, cited = (f"I read that {_s(words)} once.", _s(words)) if place == "thinking" else ANSWERS[name](words)
        text = self._texts[place]
        start = len(text) + block.index(cited)
        self._texts[place] = f"{text}{block}\n\n"
        kind = "THINKING_CONTENT" if place == "thinking" else "TEXT_CONTENT"
        source = self._source(form, words, at)
        self._cited.append(
            (place, CitationStart(start=start, end=start + len(cited), text=cited, type=kind, sources=(source,)))
        )
        self._cases.append((place, f"{name} of {form.name}", "".join("".join(words).split())))

    def _source(self, form: Form, words: Words, at: int) -> dict[str, Any]:
        text = form.make(words)
        if form.path is None:
            self.turn.ledger.tool_result(f"call{at}", "look_up", {}, text)
            return {"type": "tool", "id": f"call{at}:0", "tool_output": {}}
        id = f"{form.path}#{at}"
        lines = (3, 3 + text.count("\n"))
        passage = Passage(id, "town", f"Guide › Part {at}", text, path=f"docs/{form.path}", lines=lines)
        (found,) = found_by([_s(words)], [Retrieved(passage)])
        self.turn.ledger.sent(passage, 9.5, at + 1, matched=found.matched)
        return {"type": "document", "id": id, "document": {"id": id}}

    def build(self) -> CitedTurn:
        events: list[Event] = []
        thought, answer = self._texts["thinking"], self._texts["answer"]
        events += [ContentStart(index=0, type="thinking"), ContentDelta(index=0, thinking=thought), ContentEnd(index=0)]
        events += [ContentStart(index=1, type="text"), ContentDelta(index=1, text=answer), ContentEnd(index=1)]
        events += [event for _, event in self._cited]
        finish(self.turn, events)
        order = sorted(range(len(self._cases)), key=lambda at: (self._cases[at][0] == "answer", at))
        places: dict[str, Literal["answer", "thinking"]] = {"answer": "answer", "thinking": "thinking"}
        cases = (Case(self._cases[at][1], at, self._cases[at][2], places[self._cases[at][0]]) for at in order)
        return CitedTurn(self.turn, tuple(cases))


def finish(turn: Turn, events: Sequence[Event]) -> None:
    """Fold the events of the only step, and end the turn."""
    for event in (*events, MessageEnd(finish_reason="COMPLETE")):
        turn.apply(event)
        turn.keep(event)
    turn.settle(1.0)
    turn.status = "complete"
    turn.keep(TurnEnd(status="complete", summary=turn.summary()))


def planned_turn(number: int, plan: str, cited: Sequence[str]) -> Turn:
    """A turn that plans, its plan citing a passage in which the same words are wrapped, and answers after a call."""
    turn = Turn(number, "And the plan?")
    turn.apply(Request(body={"model": "m"}))
    turn.keep(Request(body={"model": "m"}))
    turn.ledger.sent(Passage("p#1", "town", "Plan", plan.replace(" ", "\n"), path="plan.md", lines=(1, 9)))
    source = {"type": "document", "id": "p#1", "document": {"id": "p#1"}}
    events: list[Event] = [ToolPlanDelta(text=plan)]
    for words in cited:
        start = plan.index(words)
        end = start + len(words)
        events.append(CitationStart(start=start, end=end, text=words, type="PLAN", sources=(source,)))
    events += [ToolCallStart(index=0, id="c", name="look_up", arguments="{}"), ToolCallEnd(index=0)]
    events.append(ToolResult(id="c", name="look_up", result={"ok": True}))
    finish(turn, events)
    return turn


def recorded_turns(first: int) -> Iterator[CitedTurn]:
    """A turn for each recording that has citations, the first with this number; none without recordings."""
    for path in sorted(RECORDINGS.glob("*.sse")) if RECORDINGS.is_dir() else ():
        events = [event for event in events_of(Path(path).read_bytes()) if not isinstance(event, MessageEnd)]
        if not any(isinstance(event, CitationStart) for event in events):
            continue
        turn = Turn(first, f"As in {path.stem}")
        first += 1
        turn.apply(Request(body={"model": "m"}))
        turn.keep(Request(body={"model": "m"}))
        finish(turn, events)
        cases = []
        for cited in turn.citations:
            words = "".join(cited.text.split())
            has_it = any(cited.text in entry.text for entry in turn.ledger.entries() if entry.number in cited.numbers)
            # A full stop that the answer ends with need not be in what it cites.
            cases.append(Case(path.stem, cited.ordinal, words, passage=None if has_it else words.rstrip(".")))
        yield CitedTurn(turn, tuple(cases))
