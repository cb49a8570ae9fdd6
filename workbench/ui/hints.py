"""The keys that the last row names: those that do something where the focus is, the most wanted first.

They come from the table of actions, with the keys of the settings.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

from workbench.ui.actions import ACTIONS, IN_EMPTY_PROMPT, SPOTS, Action, Spot
from workbench.ui.keymap import Keymap

PANES: Final[frozenset[Spot]] = SPOTS["panes"]
IN_A_REPLAY: Final[frozenset[Spot]] = frozenset({"prompt", "chat", "rows", "trace", "sources"})
"""Where the keys of a replay work, while there is one."""
IF_THERE_IS_ROOM: Final = frozenset({"filter", "filter-back"}) | {
    "scroll-up",
    "scroll-down",
    "scroll-home",
    "scroll-end",
}
"""What some panes have, or arrows do too: behind the keys to the help."""
OF_PANES: Final[frozenset[Spot]] = frozenset({"rows", "trace", "sources"})
"""Rows of the panes beside the chat."""
LISTS: Final[frozenset[Spot]] = frozenset({"compare", "choosing", "grid"})
"""Screens with rows: how one moves among these is known from elsewhere."""
IF_ROOM_IS_LEFT: Final = frozenset(
    {"details", "to-event", "copy-as-here", "tools", "docs", "larger-side-here", "smaller-side-here", "usual-side-here"}
) | {"next-uncited", "previous-uncited", "next-citing", "previous-citing", "question-words"}
"""What one does now and then, or once and has remembered."""
TO_ITERATE: Final = frozenset({"again", "edit-turn-here", "tree", "compare", "grid"})
"""What one does with a turn once it is over and read."""
BEFORE_SEARCH: Final = frozenset({"grow", "fold-row", "open-all-here", "form", "fold-thinking", "close-raw"}) | {
    "next-difference",
    "previous-difference",
}
"""What one wants of a pane before one looks for words in it; the rest of what works there can wait."""
WHEN_STOPPED: Final = frozenset({"lift"})
"""What is there only behind a turn that did not end by itself: what one wants then."""
WHILE_SEARCHED: Final = frozenset({"next-hit", "previous-hit"})
"""What is there only while one searches: what one wants then."""


def hints(keymap: Keymap, spot: Spot, can: Callable[[str], bool], *, citable: bool = False) -> tuple[str, ...]:
    """`key word` for each action with a hint that can be done now.

    `citable` tells that the prompt is one from which citations are walked.
    """
    works = [action for action in ACTIONS if action.hint and _works(action, spot, citable=citable) and can(action.id)]
    works.sort(key=lambda action: _worth(action, spot))
    keys: dict[str, list[str]] = {}
    for action in works:
        if key := _key(keymap, action, spot):
            keys.setdefault(action.hint, []).append(key)
    return tuple(f"{_together(of_one)} {hint}" for hint, of_one in keys.items())


def _together(keys: Sequence[str]) -> str:
    """Keys of one word as one: `j/k`; of digits the first and the last."""
    if len(keys) > 2 and all(key.isdigit() for key in keys):
        return f"{min(keys)}-{max(keys)}"
    return "/".join(sorted(keys, key=str.casefold))


def _key(keymap: Keymap, action: Action, spot: Spot) -> str:
    """The key of an action that is named; in a pane a letter, if there is one: all others are typed into the prompt."""
    is_letter = spot in PANES | LISTS or action.place == "replay"
    return (is_letter and keymap.letter(action.id)) or keymap.short(action.id)


def _works(action: Action, spot: Spot, *, citable: bool) -> bool:
    if spot == "prompt" and action.id in IN_EMPTY_PROMPT:
        return citable
    if spot not in OF_PANES and action.place == "rows" and action.run.startswith("app."):
        return False  # that is for rows of the panes, which are beneath
    return spot in SPOTS[action.place] or (action.place == "replay" and spot in IN_A_REPLAY)


def _worth(action: Action, spot: Spot) -> int:
    """Citations are what one is here for, and named first, then what works here and nowhere else, searching before
    copying; how to write a second line is known soonest."""
    if action.place == "replay":
        return -2
    if action.id in IN_EMPTY_PROMPT:
        return -1
    if spot == "prompt" and action.place == "prompt":
        return 5
    if action.id in WHILE_SEARCHED | WHEN_STOPPED:
        return -1
    if action.id in BEFORE_SEARCH:
        return 0
    if action.id == "search":
        return 1
    if action.id in TO_ITERATE:
        return 5
    if action.id in IF_ROOM_IS_LEFT:
        return 6
    if action.id in IF_THERE_IS_ROOM or (spot in LISTS and action.place == "rows"):
        return 4
    return 3 if action.hint == "help" else {"everywhere": 3, "main": 4, "looking": 4}.get(action.place, 2)
