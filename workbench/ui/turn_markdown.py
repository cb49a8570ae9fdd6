"""A turn as Markdown to take along: the question and the answer as they came, the tool calls, the sources."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

from workbench.documents.quotes import place_of
from workbench.language.markdown_code import code, fenced
from workbench.ui.panes.values import exact

if TYPE_CHECKING:
    from workbench.conversation.trace import CallTrace
    from workbench.conversation.turn import Turn
    from workbench.events import Cited


def turn_as_markdown(turn: Turn) -> str:
    """The whole turn; sections that would be empty are left out."""
    parts = ["## Question", turn.prompt]
    if plan := turn.plan.strip():
        parts += ["## Plan", plan]
    calls = [call for step in turn.trace.steps for call in step.calls]
    if calls:
        parts += ["## Tool calls", *(part for number, call in enumerate(calls, 1) for part in _call(number, call))]
    parts += ["## Answer", turn.text.strip("\n") or "(no text)"]
    if turn.status != "complete":
        parts.append(f"({turn.status}{f': {turn.error}' if turn.error is not None else ''})")
    if sources := list(_sources(turn)):
        parts += ["## Sources", "\n".join(sources)]
    return "\n\n".join(parts) + "\n"


def _call(number: int, call: CallTrace) -> Iterator[str]:
    result = call.result
    took = f" · {result.seconds:.1f} s" if result is not None and not result.is_refused else ""
    yield f"### {number}. {code(_line(call.name) or '(no name)')}{took}"
    yield fenced(call.arguments.text, "json")
    if result is None:
        yield "It has no result."
        return
    if result.error is not None:
        yield f"It failed ({result.error_kind}):"
        yield fenced(result.error)
    else:
        yield "Result:"
        yield fenced(exact(result.result), "" if isinstance(result.result, str) else "json")
    if result.output:
        yield "It printed:"
        yield fenced(result.output.rstrip("\n"))


def _sources(turn: Turn) -> Iterator[str]:
    """A line for each source that is cited, and below it the words that cite it."""
    cited: dict[int, list[Cited]] = {}
    for each in turn.citations:
        for number in each.numbers:
            cited.setdefault(number, []).append(each)
    numbered = {entry.number: entry for entry in turn.ledger.entries() if entry.number is not None}
    for number, entry in sorted(numbered.items()):
        place = place_of(entry, None)
        yield f"{number}. {_line(entry.title or entry.id)}{f' — {code(_line(place))}' if place else ''}"
        yield from (f'   - "{_line(each.text)}"' for each in cited.get(number, ()))


def _line(text: str) -> str:
    return " ".join(text.split())
