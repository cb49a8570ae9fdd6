"""What is asked of a source before it becomes a row: where the cited words stand in it, and which place that is."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial

from textual.content import Content

from workbench.documents.evidence import Evidence, EvidenceIn
from workbench.documents.ledger import LedgerEntry
from workbench.safe_text import safe_line, safe_text
from workbench.ui.lines.passage import form_of
from workbench.ui.panes.source_row import SourceRow


@dataclass(frozen=True, slots=True)
class AskedSource:
    """What a row shows: an entry, the cited texts that it supports, and what is said above it."""

    entry: LedgerEntry
    quotes: tuple[str, ...]
    above: str
    names_set: bool

    def has_the_words_of(self, other: AskedSource) -> bool:
        """Whether the same is looked for in the same text, which takes the time."""
        return (self.entry.text, self.quotes) == (other.entry.text, other.quotes)

    def evidence(self) -> Evidence | None:
        """Where the cited words stand in the passage; None when it has no text to stand in, or nothing is cited."""
        if not self.quotes or not self.entry.text.strip():
            return None
        passage = EvidenceIn(self.entry.text)
        found = [passage.find(quote) for quote in self.quotes]
        return Evidence(united(span for each in found for span in each.spans), all(each.whole for each in found))

    def row(self, evidence: Evidence | None) -> SourceRow:
        """The row, with these words marked."""
        entry = self.entry
        return SourceRow(
            head=Content(safe_line(entry.title or entry.id)),
            body=partial(_whole, entry.text) if entry.text else None,
            title=entry.title or entry.id,
            place=_place(entry, evidence),
            text=entry.text,
            form=form_of(entry.text, entry.path),
            number=entry.number,
            set=entry.set if self.names_set else "",
            count=entry.cited,
            evidence=evidence,
            above=self.above,
        )


def united(spans: Iterable[tuple[int, int]]) -> tuple[tuple[int, int], ...]:
    """The spans in order, those that touch or overlap as one."""
    found: list[tuple[int, int]] = []
    for start, end in sorted(spans):
        if found and start <= found[-1][1]:
            found[-1] = (found[-1][0], max(end, found[-1][1]))
        else:
            found.append((start, end))
    return tuple(found)


def _whole(text: str) -> Content:
    return Content(safe_text(text))


def _place(entry: LedgerEntry, evidence: Evidence | None) -> str:
    """Where the cited words stand: the file with their line where that is known, else with the passage's lines."""
    if entry.path is None:
        return "" if entry.kind == "other" else entry.kind
    if entry.lines is None:
        return entry.path
    first, last = entry.lines
    is_exact = entry.text.count("\n") == last - first
    if is_exact and evidence is not None and evidence.spans:
        return f"{entry.path}:{first + entry.text.count(chr(10), 0, evidence.spans[0][0])}"
    return f"{entry.path}:{first}-{last}" if last > first else f"{entry.path}:{first}"
