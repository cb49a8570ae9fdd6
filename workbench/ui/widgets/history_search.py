"""Looking for something that was asked before: which entries have the words, and where. Knows no widget."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from workbench.ui.widgets.choices import Choice

MOST: Final = 100  # entries that are found


def found(entries: Sequence[str], words: str) -> list[Choice]:
    """Those of `entries` with all the words, in whatever case and order, their places marked; all of them for none."""
    patterns = [re.compile(re.escape(word), re.IGNORECASE) for word in words.split()]
    choices = []
    for entry in entries:
        places = [pattern.search(entry) for pattern in patterns]
        hits = sorted(place.span() for place in places if place is not None)
        if len(hits) == len(patterns):
            choices.append(Choice(entry, hits=tuple(hits)))
            if len(choices) == MOST:
                break
    return choices
