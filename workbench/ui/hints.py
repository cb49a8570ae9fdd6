"""The keys that the last row names: those that do something where the focus is, the most wanted first.

They come from the table of actions, with the keys of the settings.
"""

from __future__ import annotations

from collections.abc import Callable

from workbench.ui.actions import ACTIONS, IN_EMPTY_PROMPT, SPOTS, Action, Spot
from workbench.ui.keymap import Keymap


def hints(keymap: Keymap, spot: Spot, can: Callable[[str], bool], *, citable: bool = False) -> tuple[str, ...]:
    """`key word` for each action with a hint that can be done now.

    `citable` tells that the prompt is one from which citations are walked.
    """
    works = [action for action in ACTIONS if action.hint and _works(action, spot, citable=citable) and can(action.id)]
    works.sort(key=lambda action: _worth(action, spot))
    return tuple(f"{key} {action.hint}" for action in works if (key := keymap.short(action.id)))


def _works(action: Action, spot: Spot, *, citable: bool) -> bool:
    if spot == "prompt" and action.id in IN_EMPTY_PROMPT:
        return citable
    return spot in SPOTS[action.place]


def _worth(action: Action, spot: Spot) -> int:
    """What works here and nowhere else is named first; how to write a second line is known soonest."""
    if spot == "prompt" and action.place == "prompt":
        return 3
    return {"everywhere": 1, "main": 2}.get(action.place, 0)
