"""Which keys edit in the prompt, and which of those that write a character lead elsewhere when it is empty.

They come from the table of actions, with the keys of the settings, and from Textual where the table says nothing.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from textual.binding import Binding
from textual.widgets import TextArea

from workbench.ui.actions import ACTIONS, SPOTS, Action
from workbench.ui.keymap import Keymap, told

WALKS: Final[Mapping[str, int]] = MappingProxyType({"next-citation": 1, "previous-citation": -1})
"""Where the keys of these actions lead from an empty prompt, when they write a character or not."""

EDITS_HERE: Final = frozenset(
    {"newline", "earlier-question", "later-question"}
    | {action.id for action in ACTIONS if action.place == "prompt" and action.does}
)
"""The prompt's actions that are over when it has performed them: nobody else is told."""


OF_EVERY_LINE: Final[Mapping[str, str]] = MappingProxyType(
    {"home": "line_start", "end": "line_end", "ctrl+left": "word_left", "ctrl+right": "word_right"}
)
"""Keys that move the cursor wherever one types, and so are not in the table of actions."""


def editing_keys(keymap: Keymap) -> dict[str, str]:
    """What is run for each key that edits or moves the cursor and means nothing else where one types."""
    edits = [action for action in ACTIONS if action.place == "prompt" and action.does]
    stock = {key: each.action for each in TextArea.BINDINGS if isinstance(each, Binding) for key in each.key.split(",")}
    for key in (each for action in edits for written in action.keys for each in told(written)):
        stock.pop(key, None)
    ours = {key: action.does for action in edits for key in told_of(keymap, action)}
    others = other_keys(keymap)
    return {key: action for key, action in {**stock, **OF_EVERY_LINE, **ours}.items() if key not in others}


def other_keys(keymap: Keymap) -> set[str]:
    """The keys of what is no action of the prompt, and works while one types there."""
    return {
        key
        for action in ACTIONS
        if "prompt" in SPOTS[action.place] and action.place != "prompt"
        for key in told_of(keymap, action)
    }


def told_of(keymap: Keymap, action: Action) -> list[str]:
    """The keys of an action, as the screen is told of them."""
    return [key for written in keymap.keys(action.id) for key in told(written)]
