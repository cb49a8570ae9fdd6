"""The help screen: every key and command in groups, from the table of actions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import groupby
from typing import Final

from workbench.ui.actions import ACTIONS, Action, Place
from workbench.ui.keymap import Keymap
from workbench.ui.screens.reading_screen import Pair, ReadingScreen

_PANES: Final[frozenset[Place]] = frozenset(
    {"panes", "text", "view", "chat", "rows", "trace", "sources", "raw", "reading"}
)
_LISTS: Final[frozenset[Place]] = frozenset({"compare", "choosing", "grid", "form", "sessions"})
PLAYING: Final = "While a recording is played"
OF_A_REPLAY: Final[frozenset[Place]] = frozenset({"replay"})

GROUPS: Final[tuple[tuple[str, frozenset[Place]], ...]] = (
    ("Where you type", frozenset({"prompt", "question"})),
    ("In a pane or a list", _PANES | _LISTS),
    ("In the tree of turns, and in a call that is edited", frozenset({"tree", "editor"})),
    ("In the list of tools, and where one is run alone", frozenset({"tools", "bench"})),
    ("In the list of documents", frozenset({"docs"})),
    ("While text is selected", frozenset({"selecting"})),
    ("Everywhere, and commands", frozenset({"main", "looking", "everywhere"})),
    (PLAYING, OF_A_REPLAY),
)
"""By where the keys work, so that one looks in one group."""


class HelpScreen(ReadingScreen):
    """The keys of each group of actions, as `keymap` has them, with their commands and what they mean; those that only
    a replay has with `in_replay`, and first."""

    def __init__(self, keymap: Keymap, *, in_replay: bool = False) -> None:
        groups = [(title, places) for title, places in GROUPS if places != OF_A_REPLAY]
        if in_replay:
            groups.insert(0, (PLAYING, OF_A_REPLAY))
        tables = [(title, list(_lines(_of(places), keymap))) for title, places in groups]
        super().__init__(*(table for table in tables if table[1]))


def _of(places: frozenset[Place]) -> list[Action]:
    return [action for action in ACTIONS if action.place in places]


def _lines(actions: Sequence[Action], keymap: Keymap) -> Iterator[Pair]:
    """Keys, or else the command, and the meaning of each action that has one or the other; those of one meaning, one
    behind the other, share a line."""
    reached = [action for action in actions if action.slash or keymap.keys(action.id)]
    for meaning, together in groupby(reached, key=lambda action: action.meaning):
        yield _reached(list(together), keymap), meaning


def _reached(actions: Sequence[Action], keymap: Keymap) -> str:
    keys = keymap.label(*(action.id for action in actions))
    return "  ".join(filter(None, (keys, *(f"/{action.slash}" for action in actions if action.slash))))
