"""What the index of words of a store still counts though it is gone, until the index is brought up to date.

Owns how far the library's scores may be below what they should be for it. Bringing the index up to date costs as much
as there is in a table, and is put off while little has changed: passages that came since are looked through, and those
that went are not found, but they count as if they were there.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from workbench.documents.bm25 import rarity


@dataclass(frozen=True, slots=True)
class Stale:
    """How many passages that is, and how many of them have each term."""

    passages: int = 0
    words: Counter[str] = field(default_factory=Counter)

    def excess(self, found: Mapping[str, int], terms: Iterable[str], size: int) -> float:
        """How many times a passage's score may be what the library says of it, of a question for `terms`.

        `found` has how many of the `size` passages have each of them.
        """
        if not self.passages:
            return 1.0
        counted = {term: found[term] + self.words[term] for term in terms}
        rarer = (rarity(found[term], size) / rarity(count, max(size, count)) for term, count in counted.items())
        return max(rarer, default=1.0) * (size + self.passages) / size  # its mean length is so much less at most


def stale_of(facts: Sequence[Mapping[str, Any]]) -> Stale:
    """What the row of facts says. Raises ValueError, TypeError or LookupError for what was never written."""
    for each in facts:
        if each["number"]:
            words = {str(word): int(count) for word, count in dict(json.loads(each["title"])).items()}
            return Stale(int(each["number"]), Counter(words))
    return Stale()
