"""Sources as rows: the cited words in each, and their place.

Owns what was found, once for each text and passage, and that a slice of time is enough for what there is to find: rows
that have to wait have their head meanwhile.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final

from textual.content import Content

from workbench.documents.chain import Relevance, ranked, relevance, together, why
from workbench.documents.evidence import Evidence
from workbench.documents.ledger import LedgerEntry
from workbench.documents.quotes import Quote, QuotesIn, place_of, quote
from workbench.events import Cited
from workbench.safe_text import safe_line, safe_text
from workbench.ui.lines.passage import form_of
from workbench.ui.markdown.column import TimeIsUp, never
from workbench.ui.panes.source_row import SourceRow

NOT_KEPT: Final = "Its text is not kept, since it was not sent."


@dataclass(frozen=True, slots=True)
class AskedSource:
    """What a row shows: an entry, the cited texts that it supports, and what is said above it.

    `every` has all the texts that it supports, for what a reranker found relevant in it to be held against; None while
    more may come, or where nothing is known to be relevant.
    """

    entry: LedgerEntry
    quotes: tuple[Quote, ...]
    above: str
    names_set: bool
    every: tuple[Quote, ...] | None = None

    def row(self, evidence: Evidence | None, met: Relevance | None = None) -> SourceRow:
        """The row, with these words marked, and how what is cited meets what is relevant."""
        entry = self.entry
        text = entry.text or (NOT_KEPT if entry.kind == "document" and not entry.sent else "")
        return SourceRow(
            head=Content(safe_line(entry.title or entry.id)),
            body=partial(_whole, text) if text else None,
            copied=partial(str, entry.text or entry.title or entry.id),
            title=entry.title or entry.id,
            place=place_of(entry, evidence),
            is_pinned=entry.pinned,
            passage=text,
            form=form_of(entry.text, entry.path),
            number=entry.number,
            set=entry.set if self.names_set else "",
            count=entry.cited,
            evidence=evidence,
            above=self.above,
            ranks=() if entry.rank is None else tuple(dict.fromkeys((ranked(entry), f"#{entry.rank}"))),
            why=why(entry),
            matched=entry.matched,
            relevant=entry.spans,
            met=met.said() if met is not None else (),
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
                found = self._evidence(each.entry, each.quotes, time_is_up)
                every = None if each.every is None else self._evidence(each.entry, each.every, time_is_up)
                is_whole = found is not None and (every is not None or each.every is None)
                met = None if every is None else relevance(each.entry.spans, every)
                made = (each, each.row(together(found) if found else None, met))
                if is_whole:
                    self._made[key] = made
                waits = waits or not is_whole
            rows[key] = made[1]
        return rows, waits

    def _evidence(self, entry: LedgerEntry, quotes: Sequence[Quote], time_is_up: TimeIsUp) -> list[Evidence] | None:
        """Where the words of each quote stand in the passage; None when there was no time to find out.

        Nothing when they have no text to stand in, or nothing is cited.
        """
        text = entry.text
        if not quotes or not text.strip():
            return []
        known = self._found.get(entry.key)
        if known is None or known[0] != text:
            known = self._found[entry.key] = (text, {})
        passage: QuotesIn | None = None
        for each in quotes:
            if each not in known[1]:
                if time_is_up():
                    return None
                passage = passage or QuotesIn(text)
                known[1][each] = passage.find(each)
        return [known[1][each] for each in quotes]


def _whole(text: str) -> Content:
    return Content(safe_text(text))


def place_of_citation(cited: Cited, entry: LedgerEntry) -> str:
    """Where the words of a citation stand in one of its sources."""
    return place_of(entry, QuotesIn(entry.text).find(quote(cited, entry)) if entry.text.strip() else None)
