"""A session as one document of Markdown: questions, answers with the numbers of their citations, and their sources.

Owns its layout. What did not come as Markdown is code, with a fence that is longer than any within it; of what a
terminal would obey, stand-ins are left.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING, Final

from workbench.documents.chain import STATES, by_state, citing, each_evidence, state_of, together
from workbench.documents.quotes import place_of
from workbench.language.markdown_code import code, fenced
from workbench.printable_json import printable_json
from workbench.safe_text import safe_line, safe_text
from workbench.sessions.export.answer_markdown import Number, numbered_answer
from workbench.sessions.export.exported import Exported, ExportedTurn
from workbench.sessions.export.told import (
    began_at,
    figures_of,
    found_words,
    heading_of,
    how_it_ended,
    unplaced,
    unsent_line,
)

if TYPE_CHECKING:
    from workbench.conversation.trace import CallTrace
    from workbench.conversation.turn import Turn
    from workbench.documents.ledger import LedgerEntry
    from workbench.events import Cited

_MARKS: Final = re.compile(r"([\\`*_{}\[\]<>#|~$&])")


def markdown_page(session: Exported) -> Iterator[str]:
    """The text of the document, in pieces."""
    yield f"# Session {_code(session.id)}\n"
    if began := began_at(session.began):
        yield f"\n{began}\n"
    for each in session.turns:
        yield "\n" + "\n\n".join(part for part in _turn(each) if part) + "\n"


def _turn(each: ExportedTurn) -> Iterator[str]:
    turn = each.turn
    yield f"## {_escaped(heading_of(each))}"
    yield _fenced(turn.prompt, "text")
    calls = [call for step in turn.trace.steps for call in step.calls]
    if plan := turn.plan.strip():
        yield "### Plan"
        yield _fenced(plan, "text")
    if calls:
        yield "### Tool calls"
        for number, call in enumerate(calls, 1):
            yield from _call(number, call)
    yield "### Answer"
    yield _answer(turn) or "(no text)"
    if said := how_it_ended(turn):
        yield _escaped(f"({said})")
    yield from _unplaced(turn)
    yield from _sources(turn)
    yield f"Asked: {_escaped(' · '.join(figures_of(each)))}"


def _answer(turn: Turn) -> str:
    numbers = [Number(each.end, _numbers(each.numbers)) for each in turn.citations if each.end is not None]
    return numbered_answer(turn.text, [number for number in numbers if number.text]).strip("\n")


def _numbers(numbers: tuple[int, ...]) -> str:
    return "".join(f"[{number}]" for number in numbers)


def _unplaced(turn: Turn) -> Iterator[str]:
    cited = unplaced(turn)
    if cited:
        yield "Cited, and not in the answer:"
        yield "\n".join(f"- {_escaped(safe_line(each.text))} {_numbers(each.numbers)} {where}" for each, where in cited)


def _call(number: int, call: CallTrace) -> Iterator[str]:
    result = call.result
    took = f" · {result.seconds:.2f} s" if result is not None and not result.is_refused else ""
    yield f"#### {number}. {_code(call.name or '(no name)')}{took}"
    yield _fenced(call.arguments.text, "json")
    if result is None:
        yield "It has no result."
        return
    if result.error is not None:
        yield f"It failed ({_escaped(result.error_kind)}):"
        yield _fenced(result.error, "text")
    elif isinstance(result.result, str):
        yield "Result:"
        yield _fenced(result.result, "text")
    else:
        yield "Result:"
        yield _fenced(_as_json(result.result), "json")
    if result.output:
        yield "It printed:"
        yield _fenced(result.output, "text")


def _as_json(value: object) -> str:
    return printable_json(value, indent=2)


def _sources(turn: Turn) -> Iterator[str]:
    entries = turn.ledger.entries()
    if not entries:
        return
    yield "### Sources"
    cited, states = citing(turn.citations), by_state(entries)
    unsent = states.pop("not sent", [])
    for entry in (entry for its in states.values() for entry in its):
        yield _source(entry, cited.get(entry.number or 0, ()))
        yield _fenced(entry.text, "text")
    if unsent:
        yield f"{STATES['not sent']}:"
        yield "\n".join(f"- {_escaped(unsent_line(entry))}" for entry in unsent)


def _source(entry: LedgerEntry, cited: Sequence[Cited]) -> str:
    number = f"[{entry.number}]" if entry.number is not None else f"{STATES[state_of(entry)]}:"
    found = each_evidence(entry, cited)
    place = place_of(entry, together(found) if found else None)
    words = [_code(place)] if place else []
    words += map(_escaped, found_words(entry, found))
    return " · ".join((f"{number} **{_escaped(safe_line(entry.title or entry.id))}**", *words))


def _escaped(text: str) -> str:
    """A line in which nothing is markup."""
    return _MARKS.sub(r"\\\1", safe_line(" ".join(text.split())))


def _code(text: str) -> str:
    return code(safe_line(" ".join(text.split())))


def _fenced(text: str, language: str) -> str:
    return fenced(safe_text(text.replace("\r\n", "\n").rstrip("\n")), language)
