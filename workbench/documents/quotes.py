"""What a citation looks for in one of its sources, where that stands, and how the place is called.

Owns that a tool's list is looked through item by item, as it is cited, and that a place names the line of the cited
words wherever that is known.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable
from dataclasses import dataclass, replace

from workbench.documents.evidence import Evidence, EvidenceIn
from workbench.documents.ledger import LedgerEntry
from workbench.events import Cited

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


class QuotesIn:
    """A text in which quotes are looked for: in the items that they rest on, where it is a list, else in all of it."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._all = EvidenceIn(text)
        self._items: list[tuple[int, int]] | None = None

    def find(self, quote: Quote) -> Evidence:
        """Where its words stand, in the first of its items that has some, else anywhere."""
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
