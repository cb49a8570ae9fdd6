"""The chain of evidence of a turn's sources: why each was found, what is relevant in it, and what of it is cited.

Owns what became of a source, how its relevant spans and the cited ones are held against each other, and the words for
both. Refuses to judge: that cited words are outside of what a reranker found relevant says where to look, no more.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final, Literal

from workbench.documents.evidence import Evidence, Span
from workbench.documents.ledger import LedgerEntry, RelevantSpan
from workbench.documents.quotes import QuotesIn, quote, united
from workbench.events import Cited

MOST_SOUGHT: Final = 100  # citations of one source whose words are looked for in it
NOT_CITED: Final = "relevant but not cited"
OUTSIDE: Final = "cited outside any relevant span"


State = Literal["cited", "not cited", "not sent", "unused"]
"""What became of a source. One is unused that was sent with its set, has no word of the question, and is not cited."""

STATES: Final[Mapping[State, str]] = MappingProxyType(
    {
        "cited": "cited",
        "not cited": "sent, not cited",
        "unused": "unused, no word of the question",
        "not sent": "retrieved, not sent",
    }
)
"""The states in the order in which sources are listed, in words."""


def state_of(entry: LedgerEntry) -> State:
    """What became of a source."""
    if entry.number is not None:
        return "cited"
    if not entry.sent:
        return "not sent"
    was_found = entry.score is not None or entry.matched or entry.spans
    return "not cited" if was_found or entry.rank is None else "unused"


def by_state(entries: Iterable[LedgerEntry]) -> dict[State, list[LedgerEntry]]:
    """The sources of each state that there is, in the order of `STATES`; those of one in the order that they have."""
    found: dict[State, list[LedgerEntry]] = {state: [] for state in STATES}
    for entry in entries:
        found[state_of(entry)].append(entry)
    return {state: its for state, its in found.items() if its}


def ranked(entry: LedgerEntry) -> str:
    """The rank and the score of a source, as `#2 7.41`; "" of one that was not retrieved."""
    if entry.rank is None:
        return ""
    return f"#{entry.rank}" if entry.score is None else f"#{entry.rank} {entry.score:.3g}"


def why(entry: LedgerEntry) -> str:
    """Why a source was found, in words; "" of one that was not retrieved, or where that is not known."""
    if entry.matched:
        return f"found by {', '.join(entry.matched)}"
    if entry.rank is None or state_of(entry) == "unused":
        return ""
    return "" if entry.score is None else "no word of the question stands here"


@dataclass(frozen=True, slots=True)
class Relevance:
    """How the `relevant` spans of a source, so many, meet what cites it.

    `uncited` of them have no cited word; `outside` counts the citations whose words stand in none of them.
    """

    relevant: int
    uncited: int
    outside: int

    def said(self) -> tuple[str, ...]:
        """What a person is told of it, in short lines; nothing where all is cited and nothing else is."""
        if self.relevant and self.uncited == self.relevant and not self.outside:
            return (NOT_CITED,)
        some = f"{self.uncited} of {self.relevant} relevant spans not cited" if self.uncited else ""
        return tuple(filter(None, (OUTSIDE if self.outside else "", some)))


def relevance(spans: Sequence[RelevantSpan], found: Iterable[Evidence]) -> Relevance | None:
    """How the relevant `spans` of a passage meet the evidence `found` for each of its citations.

    None where no span is known to be relevant.
    """
    if not spans:
        return None
    cited = [each.spans for each in found if each.spans]
    touched = {place for its in cited for place in _touched(spans, its)}
    outside = sum(not _touched(spans, its) for its in cited)
    return Relevance(len(spans), len(spans) - len(touched), outside)


def _touched(spans: Sequence[RelevantSpan], cited: Sequence[Span]) -> set[int]:
    """Which of the relevant spans have some of the cited characters."""
    return {
        place
        for place, (start, end, _) in enumerate(spans)
        if any(first < end and start < last for first, last in cited)
    }


def citing(citations: Iterable[Cited]) -> dict[int, list[Cited]]:
    """The citations of each source, by its number, in their order."""
    found: dict[int, list[Cited]] = {}
    for each in citations:
        for number in each.numbers:
            found.setdefault(number, []).append(each)
    return found


def each_evidence(entry: LedgerEntry, cited: Sequence[Cited]) -> list[Evidence]:
    """Where in the text of a source the words of each of its citations stand; of the first `MOST_SOUGHT` of them.

    Takes milliseconds for each that has other words than the source.
    """
    if not cited or not entry.text.strip():
        return []
    text = QuotesIn(entry.text)
    return [text.find(quote(each, entry)) for each in cited[:MOST_SOUGHT]]


def together(found: Sequence[Evidence]) -> Evidence:
    """What several citations rest on, as one."""
    return Evidence(united(span for each in found for span in each.spans), all(each.whole for each in found))


def ledger_json(entries: Iterable[LedgerEntry], citations: Iterable[Cited]) -> list[dict[str, Any]]:
    """The ledger as the last line of `ask --json` has it, with the `cited_spans` of each source: where in what was sent
    the cited words stand, and its `relevance` to them, null where no span is known to be relevant."""
    of = citing(citations)
    return [_entry_json(entry, of) for entry in entries]


def _entry_json(entry: LedgerEntry, of: Mapping[int, Sequence[Cited]]) -> dict[str, Any]:
    found = each_evidence(entry, of.get(entry.number or 0, ()))
    spans = together(found).spans
    met = relevance(entry.spans, found) if state_of(entry) != "not sent" else None  # nobody could cite it
    return {
        **entry.as_json(),
        "state": state_of(entry),
        "cited_spans": [{"start": start, "end": end} for start, end in spans],
        "relevance": None if met is None else {"uncited": met.uncited, "outside": met.outside},
    }
