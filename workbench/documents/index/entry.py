"""How a passage stands in the index of words: its terms, and behind them how often it has those that it repeats.

Where in a passage a term stands is not kept: so the index is a third smaller, and read at once.
"""

from __future__ import annotations

from collections import Counter
from typing import Final

MARK: Final = "\u241f"
"""Between a term and how often it is repeated; no term has it."""


def entry_of(chunks: list[str]) -> tuple[str, list[str], int]:
    """The entry of a passage, what is in it of terms that are repeated, and how many terms the passage has.

    `chunks` are its terms as they stand between white space: of each the terms with blanks between them, perhaps none.
    """
    joined = " ".join(chunks)
    if joined.count(" ") >= len(chunks):  # some chunk has several
        chunks = joined.split()
    counts = Counter(chunks)
    size = len(chunks) - counts.pop("", 0)
    if len(counts) == size:
        return joined, [], size
    repeated = [f"{term}{MARK}{count}" for term, count in counts.items() if count > 1]
    return f"{joined} {' '.join(repeated)}", repeated, size


def counts_of(entry: str) -> dict[str, int]:
    """The terms of an entry, and how often the passage has each."""
    counts: dict[str, int] = {}
    for each in entry.split():
        term, _, count = each.partition(MARK)
        counts[term] = int(count or 1)
    return counts
