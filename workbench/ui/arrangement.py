"""Which panes there are, and which are on the screen: decided from its size, the side pane in use, and what is grown.

No widgets here: the pane of a name is made by `ui/stage.py`, from the class `NamePane` of `ui/panes/name_pane.py`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

Panel = Literal["chat", "tools", "sources", "events", "request"]
PaneName = Literal[Panel, "status"]
KEYS: Mapping[Panel, str] = {"chat": "f2", "tools": "f3", "sources": "f4", "events": "f5", "request": "f6"}
"""The panes, in their order, each with the key that shows it."""

PANELS: tuple[Panel, ...] = tuple(KEYS)
SIDE_PANELS: tuple[Panel, ...] = PANELS[1:]
CHAT: frozenset[Panel] = frozenset({"chat"})
PAIRED: frozenset[Panel] = frozenset({"tools", "sources"})

WIDE_COLUMNS = 100  # from here the side panes stand beside the chat
ROOMY_ROWS = 18  # from here a narrow screen has room for a side pane below the chat, and the prompt for more lines
LEAST_ROWS = 3  # of each of two panes, one above the other
LEAST_BELOW = 4  # rows of what stands below the chat
MOST_BELOW = (2, 5)  # of the rows, that what stands below the chat may take


@dataclass(frozen=True, slots=True)
class Layout:
    """What is shown. `tabs` tells whether the side panes share one place; `beside` whether that is at the right."""

    shown: frozenset[Panel]
    beside: bool
    tabs: bool


def lay_out(columns: int, rows: int, side: Panel, grown: Panel | None) -> Layout:
    """The layout of a screen of this size, with `side` the side pane in use and `grown` filling the screen."""
    wide = columns >= WIDE_COLUMNS
    if grown is not None:
        return Layout(frozenset({grown}), wide, tabs=grown != "chat")
    if wide:
        beside_chat: frozenset[Panel] = PAIRED if side in PAIRED else frozenset({side})
        return Layout(CHAT | beside_chat, True, tabs=side not in PAIRED)
    if rows < ROOMY_ROWS:
        return Layout(CHAT, False, tabs=False)
    return Layout(CHAT | {side}, False, tabs=True)


def rows_of_upper(rows: int, upper: int, lower: int) -> int:
    """How many of the `rows` the upper of two panes gets, where they need as many as `upper` and `lower` say.

    Both get what they need where there is room for both, and the lower one what is left over; else neither takes more
    than half from one that needs it.
    """
    least = min(LEAST_ROWS, rows // 2)
    if upper + lower > rows:
        upper = min(upper, max(rows // 2, rows - lower))
    return max(least, min(upper, rows - least))


def rows_below(rows: int, needed: int) -> int:
    """How many of the `rows` what stands below the chat gets, where it needs as many as `needed` says."""
    part, whole = MOST_BELOW
    return max(min(LEAST_BELOW, rows), min(needed, rows * part // whole))
