"""Which panes there are, and which are on the screen: decided from its size, the side pane in use, what is grown, and
what somebody chose for the size of the side panes.

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
MOST_BELOW = (2, 5)  # of the rows, that what stands below the chat may take by itself
LEAST_BESIDE = 24  # columns of the side panes where they stand beside the chat
LEAST_CHAT = (40, 4)  # columns and rows of the chat, when somebody makes the side panes larger
USUAL_BESIDE = (2, 5)  # of the columns, that side panes beside the chat take by themselves: the style sheet says it too
WHOLE = 1000  # parts in which a share of the screen is counted: more than a screen has rows or columns
STEPS = 20  # of a key press, from nothing to the whole

SizeClass = Literal["wide", "below", "small"]
"""Side panes beside the chat, one below it, or none."""


@dataclass(frozen=True, slots=True)
class Chosen:
    """What somebody chose for the side panes: their share of the screen in parts of `WHOLE`, None for the size that
    they have by themselves, and whether they are hidden."""

    share: int | None = None
    hidden: bool = False


AS_USUAL = Chosen()


@dataclass(frozen=True, slots=True)
class Layout:
    """What is shown. `tabs` tells whether the side panes share one place; `beside` whether that is at the right."""

    shown: frozenset[Panel]
    beside: bool
    tabs: bool


def size_class(columns: int, rows: int) -> SizeClass:
    """Where a screen of this size has its side panes, when nothing is grown and nothing hidden."""
    if columns >= WIDE_COLUMNS:
        return "wide"
    return "below" if rows >= ROOMY_ROWS else "small"


def lay_out(columns: int, rows: int, side: Panel, grown: Panel | None, *, hidden: bool = False) -> Layout:
    """The layout of a screen of this size, with `side` the side pane in use and `grown` filling the screen.

    Side panes that are `hidden` have no place beside the chat, but grow when one goes to them, as without room.
    """
    where = size_class(columns, rows)
    wide = where == "wide"
    if grown is not None:
        return Layout(frozenset({grown}), wide, tabs=grown != "chat")
    if hidden or where == "small":
        return Layout(CHAT, wide, tabs=False)
    if wide:
        beside_chat: frozenset[Panel] = PAIRED if side in PAIRED else frozenset({side})
        return Layout(CHAT | beside_chat, True, tabs=side not in PAIRED)
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


def rows_below(rows: int, needed: int, share: int | None = None) -> int:
    """How many of the `rows` what stands below the chat gets: those that were chosen, else as many as it needs."""
    least = min(LEAST_BELOW, rows)
    if share is not None:
        return max(least, min(cells_of(share, rows), rows - LEAST_CHAT[1]))
    part, whole = MOST_BELOW
    return max(least, min(needed, rows * part // whole))


def columns_beside(columns: int, share: int | None) -> int:
    """How many of the `columns` the side panes beside the chat get, their border included."""
    if share is None:
        part, whole = USUAL_BESIDE
        return columns * part // whole
    return max(min(LEAST_BESIDE, columns), min(cells_of(share, columns), columns - LEAST_CHAT[0]))


def cells_of(share: int, cells: int) -> int:
    """The cells of a share, of so many."""
    return round(cells * share / WHOLE)


def share_of(part: int, cells: int) -> int:
    """The share that is `part` of so many cells: `cells_of` it is `part`, up to as many cells as `WHOLE` has parts."""
    return round(part * WHOLE / max(1, cells))


def step(cells: int) -> int:
    """By how many cells the side panes change with a key press, of so many that there are."""
    return max(1, cells // STEPS)
