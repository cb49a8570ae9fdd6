"""Sources as rows: the cited words in each, and their place.

Owns what was found, once for each text and passage, and that a slice of time is enough for what there is to find: rows
that have to wait have their head meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Final

from textual.content import Content

from workbench.documents.evidence import Evidence
from workbench.documents.ledger import LedgerEntry
from workbench.documents.quotes import Quote, QuotesIn, place_of, quote, united
from workbench.events import Cited
from workbench.safe_text import safe_line, safe_text
from workbench.ui.lines.passage import form_of
from workbench.ui.markdown.column import TimeIsUp, never
from workbench.ui.panes.source_row import SourceRow

PINNED: Final = "pinned · "
"""Before the place of a passage that a person pinned to the turn."""


@dataclass(frozen=True, slots=True)
class AskedSource:
    """What a row shows: an entry, the cited texts that it supports, and what is said above it."""

    entry: LedgerEntry
    quotes: tuple[Quote, ...]
    above: str
    names_set: bool

    def row(self, evidence: Evidence | None) -> SourceRow:
        """The row, with these words marked."""
        entry = self.entry
        return SourceRow(
            head=Content(safe_line(entry.title or entry.id)),
            body=partial(_whole, entry.text) if entry.text else None,
            copied=partial(str, entry.text or entry.title or entry.id),
            title=entry.title or entry.id,
            place=f"{PINNED * entry.pinned}{place_of(entry, evidence)}",
            passage=entry.text,
            form=form_of(entry.text, entry.path),
            number=entry.number,
            set=entry.set if self.names_set else "",
            count=entry.cited,
            evidence=evidence,
            above=self.above,
        )


class SourceRows:
    """The rows of the sources of one turn, each made anew only when something about it is new."""

    def __init__(self) -> None:
        self._made: dict[str, tuple[AskedSource, SourceRow]] = {}
        self._found: dict[str, tuple[str, dict[Quote, Evidence]]] = {}

    def rows(self, asked: Iterable[AskedSource], time_is_up: TimeIsUp = never) -> tuple[dict[str, SourceRow], bool]:
        """The rows by the keys of their entries, in this order, and whether some wait for their cited words."""
        rows: dict[str, SourceRow] = {}
        waits = False
        for each in asked:
            key = each.entry.key
            made = self._made.get(key)
            if made is None or made[0] != each:
                evidence, is_whole = self._evidence(each, time_is_up)
                made = (each, each.row(evidence))
                if is_whole:
                    self._made[key] = made
                waits = waits or not is_whole
            rows[key] = made[1]
        return rows, waits

    def _evidence(self, asked: AskedSource, time_is_up: TimeIsUp) -> tuple[Evidence | None, bool]:
        """Where the cited words stand in the passage, and whether that is known of all of them.

        None when they have no text to stand in, or nothing is cited.
        """
        text = asked.entry.text
        if not asked.quotes or not text.strip():
            return None, True
        known = self._found.get(asked.entry.key)
        if known is None or known[0] != text:
            known = self._found[asked.entry.key] = (text, {})
        passage: QuotesIn | None = None
        for each in asked.quotes:
            if each not in known[1]:
                if time_is_up():
                    return None, False
                passage = passage or QuotesIn(text)
                known[1][each] = passage.find(each)
        found = [known[1][each] for each in asked.quotes]
        return Evidence(united(span for each in found for span in each.spans), all(each.whole for each in found)), True


def _whole(text: str) -> Content:
    return Content(safe_text(text))


def place_of_citation(cited: Cited, entry: LedgerEntry) -> str:
    """Where the words of a citation stand in one of its sources."""
    return place_of(entry, QuotesIn(entry.text).find(quote(cited, entry)) if entry.text.strip() else None)
