"""Rows that have only moved: found, so that the terminal can move them.

Owns the judgement of when that is worth its bytes. Rows are moved whole, so it is of use where a region is as wide
as the screen; a last column that differs (a scroll bar) does not matter.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from workbench.ui.terminal.cells import Row, text_of

_FEWEST_ROWS = 3
"""Rows that must have moved: fewer are as cheap to write."""

_EDGE = 2
"""Columns at the right that may differ: a scroll bar and the rule beside it."""


@dataclass(frozen=True, slots=True)
class Scroll:
    """Rows [top + by, bottom] of the screen move up by `by` rows, to [top, bottom - by]."""

    top: int
    bottom: int
    by: int


def find_scroll(shown: Sequence[Row | None], changed: Mapping[int, Row]) -> Scroll | None:
    """The scroll after which most rows of `changed` are what they should be, None when no scroll is worth it."""
    if len(changed) < _FEWEST_ROWS:
        return None
    best: tuple[int, Scroll] | None = None
    for by in _shifts(shown, changed):
        moved = [y for y in changed if _has_moved(shown, changed, y, by)]
        if not moved:  # the text has moved, but not as it looked
            continue
        scroll = Scroll(min(moved), max(moved) + by, by)
        gain = len(moved) - by - _lost(shown, changed, scroll)
        if gain >= _FEWEST_ROWS - 1 and (best is None or gain > best[0]):
            best = gain, scroll
    return None if best is None else best[1]


def _shifts(shown: Sequence[Row | None], changed: Mapping[int, Row]) -> list[int]:
    """By how many rows something may have moved up: told by where the first rows that are not blank stood before."""
    places: dict[str, list[int]] = {}
    for y, row in enumerate(shown):
        if row is not None:
            places.setdefault(text_of(row[:-_EDGE]), []).append(y)
    found: dict[int, None] = {}
    for y, row in changed.items():
        text = text_of(row[:-_EDGE])
        if text.strip():
            found.update((before - y, None) for before in places.get(text, ()) if before > y)
    return list(found)


def _has_moved(shown: Sequence[Row | None], changed: Mapping[int, Row], y: int, by: int) -> bool:
    if y + by >= len(shown):
        return False
    before = shown[y + by]
    return before is not None and before[:-_EDGE] == changed[y][:-_EDGE]


def _lost(shown: Sequence[Row | None], changed: Mapping[int, Row], scroll: Scroll) -> int:
    """Rows in the region that are as they should be, and would not be any more."""
    still = range(scroll.top, scroll.bottom + 1 - scroll.by)
    return sum(y not in changed and shown[y] != shown[y + scroll.by] for y in still)
