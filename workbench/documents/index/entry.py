"""How a passage stands in the index of words: each of its terms once, and how often it has those that it repeats.

Where in a passage a term stands is not kept: so the index is a third smaller, and read at once.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

MARK: Final = "\u241f"
"""Between a term and how often it is repeated; no term has it."""


def entry_of(terms: list[str]) -> tuple[str, list[str]]:
    """The entry of a passage with these terms, and what is in it of those that are repeated."""
    counts = Counter(terms)
    if len(counts) == len(terms):
        return " ".join(terms), []
    repeated = [f"{term}{MARK}{count}" for term, count in counts.items() if count > 1]
    return " ".join([*counts, *repeated]), repeated


def counts_of(entry: str) -> dict[str, int]:
    """The terms of an entry, and how often the passage has each."""
    counts: dict[str, int] = {}
    for each in entry.split():
        term, _, count = each.partition(MARK)
        counts[term] = int(count or 1)
    return counts
