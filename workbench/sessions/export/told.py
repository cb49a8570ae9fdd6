"""What documents of a session say of a turn in words: its heading, its figures, how it ended.

Owns the words. They hold text of models and servers, which whoever puts them into a document escapes.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from workbench.documents.chain import ranked, relevance, why
from workbench.documents.quotes import place_of

if TYPE_CHECKING:
    from workbench.conversation.turn import Turn
    from workbench.documents.evidence import Evidence
    from workbench.documents.ledger import LedgerEntry
    from workbench.events import Cited
    from workbench.sessions.export.exported import ExportedTurn


def began_at(seconds: float | None) -> str:
    """A time since 1970 as people write it, in UTC; "" where there is none, or none of a calendar."""
    if seconds is None:
        return ""
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M} UTC"
    except (ValueError, OverflowError, OSError):
        return ""


def heading_of(each: ExportedTurn) -> str:
    """What a turn is called."""
    return f"Turn {each.turn.number}" + (" (asked again later)" if each.is_left else "")


def model_of(turn: Turn) -> str:
    """The model that was asked, or ""."""
    return next((str(step.request.get("model", "")) for step in turn.steps if step.request), "")


def figures_of(each: ExportedTurn) -> list[str]:
    """What answered, how long it took, and how many tokens that were."""
    turn = each.turn
    words = [model_of(turn), each.source]
    if turn.first_token is not None:
        words.append(f"first token {turn.first_token:.2f} s")
    words.append(f"total {turn.seconds:.2f} s")
    if turn.tool_seconds:
        words.append(f"tools {turn.tool_seconds:.2f} s")
    if turn.person_seconds:
        words.append(f"asked the person {turn.person_seconds:.2f} s")
    billed = turn.usage().get("billed_units")
    if isinstance(billed, dict):
        words.append(f"{_number(billed.get('input_tokens'))} → {_number(billed.get('output_tokens'))} tokens")
    return [word for word in words if word]


def how_it_ended(turn: Turn) -> str:
    """Why a turn is not complete; "" for one that is."""
    if turn.status == "complete":
        return ""
    return turn.status + (f": {turn.error}" if turn.error is not None else "")


def unplaced(turn: Turn) -> list[tuple[Cited, str]]:
    """The citations that rest in no word of the answer, each with where they do."""
    return list(_unplaced(turn))


def _unplaced(turn: Turn) -> Iterator[tuple[Cited, str]]:
    places = {"thinking": "(in what was thought)", "plan": "(in the plan)"}
    for each in turn.citations:
        if each.start is None:
            yield each, places.get(each.place, "(found nowhere)")


def found_words(entry: LedgerEntry, found: Sequence[Evidence]) -> list[str]:
    """The rank and the score of a source, why it was found, and how what is relevant in it meets what is cited."""
    met = relevance(entry.spans, found)
    return [word for word in (ranked(entry), why(entry), *(met.said() if met is not None else ())) if word]


def unsent_line(entry: LedgerEntry) -> str:
    """What is told of a source that was found and not sent, in a line: its rank, its title, its place, and why."""
    return " · ".join(filter(None, (ranked(entry), entry.title or entry.id, place_of(entry, None), why(entry))))


def _number(value: object) -> str:
    return f"{value:g}" if isinstance(value, int | float) else "?"
