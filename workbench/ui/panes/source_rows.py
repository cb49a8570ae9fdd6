"""Sources as rows: where the cited words stand in each, and which place that is.

Owns what was found, once for each text and passage, and that a slice of time is enough for what there is to find: rows
that have to wait have their head meanwhile.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from functools import partial

from textual.content import Content

from workbench.documents.evidence import Evidence, EvidenceIn
from workbench.documents.ledger import LedgerEntry
from workbench.events import Cited
from workbench.safe_text import safe_line, safe_text
from workbench.ui.lines.passage import form_of
from workbench.ui.markdown.column import TimeIsUp, never
from workbench.ui.panes.source_row import SourceRow

_FIRST_ITEM = re.compile(r"\s*\[\s*\{")
_NEXT_ITEM = re.compile(r"\s*,\s*\{")
_MOST_ITEMS = 10_000  # of a list, that are told apart
_MOST_DIGITS = 6


@dataclass(frozen=True, slots=True)
class Quote:
    """A cited text, and which `items` of a list it rests on; of no list, or of all of one, none are named."""

    text: str
    items: tuple[int, ...] = ()


def quote(cited: Cited, entry: LedgerEntry) -> Quote:
    """What a citation looks for in a source of its: the results of a tool are cited item by item, as `CALL:ITEM`."""
    numbers = (str(source.get("id", "")).removeprefix(f"{entry.id}:") for source in cited.sources)
    items = {int(number) for number in numbers if number.isascii() and number.isdigit() and len(number) < _MOST_DIGITS}
    return Quote(cited.text, tuple(sorted(items)) if entry.kind == "tool" else ())


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
            place=place_of(entry, evidence),
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
        passage: _Passage | None = None
        for each in asked.quotes:
            if each not in known[1]:
                if time_is_up():
                    return None, False
                passage = passage or _Passage(text)
                known[1][each] = passage.find(each)
        found = [known[1][each] for each in asked.quotes]
        return Evidence(united(span for each in found for span in each.spans), all(each.whole for each in found)), True


class _Passage:
    """A text in which quotes are looked for: in the items that they rest on, where it is a list, else in all of it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._all = EvidenceIn(text)
        self._items: list[tuple[int, int]] | None = None

    def find(self, quote: Quote) -> Evidence:
        for start, end in self._items_of(quote):
            found = EvidenceIn(self._text[start:end]).find(quote.text)
            if found.spans:
                return replace(found, spans=tuple((first + start, last + start) for first, last in found.spans))
        return self._all.find(quote.text)

    def _items_of(self, quote: Quote) -> list[tuple[int, int]]:
        if not quote.items:
            return []
        if self._items is None:
            self._items = list_items(self._text)
        return [self._items[item] for item in quote.items if item < len(self._items)]


def list_items(text: str) -> list[tuple[int, int]]:
    """Where the items of a list of JSON stand, if they are objects: only such a list is sent, and cited, in parts."""
    found: list[tuple[int, int]] = []
    decoder = json.JSONDecoder()
    item = _FIRST_ITEM.match(text)
    while item is not None and len(found) < _MOST_ITEMS:
        try:
            _, end = decoder.raw_decode(text, item.end() - 1)
        except (ValueError, RecursionError):
            break
        found.append((item.end() - 1, end))
        item = _NEXT_ITEM.match(text, end)
    return found


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


def place_of_citation(cited: Cited, entry: LedgerEntry) -> str:
    """Where the words of a citation stand in one of its sources."""
    return place_of(entry, _Passage(entry.text).find(quote(cited, entry)) if entry.text.strip() else None)


def place_of(entry: LedgerEntry, evidence: Evidence | None) -> str:
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
