"""What is wrong with the `keys:` of somebody's settings. Owns the findings; whoever read the settings knows the place.

Imports nothing of the screen.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from workbench.look_alikes import as_read, others_in
from workbench.ui.actions import ACTIONS, BY_ID, SPOTS, TYPED_IN, Action, Spot
from workbench.ui.keymap import NAMED, Keymap, character, parts, told

MODIFIERS: Final = ("ctrl", "alt", "shift")
NO_OTHER: Final[Mapping[str, str]] = MappingProxyType(
    {"ctrl+i": "tab", "ctrl+m": "enter", "ctrl+h": "backspace", "ctrl+left_square_bracket": "escape"}
)
"""Keys, as they would be told, that a terminal cannot tell from others."""

CURSOR_KEYS: Final = ("left", "right", "home", "end")
"""Those that the table gives to no action where one types; Up, Down and the page keys are actions there."""


@dataclass(frozen=True, slots=True)
class KeyProblem:
    """What is wrong with a `key` of the action `id`, or with the id where that is "", and what to do about it."""

    id: str
    message: str
    hint: str
    key: str = ""


def key_problems(keys: Mapping[str, Sequence[str]]) -> list[KeyProblem]:
    """What is wrong with the `keys:` of the settings: ids that no action has, names that no key has, a character
    where one types, and one key for two actions where both work."""
    problems = [problem for id, wanted in keys.items() for problem in _of_one(id, wanted)]
    wrong = {problem.id for problem in problems}
    return problems + list(_conflicts({id: wanted for id, wanted in keys.items() if id not in wrong}))


def _of_one(id: str, keys: Sequence[str]) -> Iterator[KeyProblem]:
    if id not in BY_ID:
        close = difflib.get_close_matches(as_read(id), BY_ID, n=1)
        hint = f"did you mean {close[0]!r}?" if close else "the handbook's page of keys lists the actions"
        others = others_in(id) if close else ""
        yield KeyProblem(id, f"there is no action {id!r}{f' with {others} in it' if others else ''}", hint)
        return
    for key in keys:
        if not _is_one(key):
            last = parts(key)[-1].lower()
            close = difflib.get_close_matches(key.lower(), _likely(last), n=1)
            hint = f"did you mean {close[0]!r}?" if close else "keys are written as ctrl+n, alt+enter, f2, pageup, ]"
            yield KeyProblem(id, f"there is no key {key!r}", hint, key)
        elif other := next((NO_OTHER[name] for name in told(key) if name in NO_OTHER), ""):
            yield KeyProblem(id, f"a terminal tells {key!r} as {other!r}", "take another key", key)
        elif lost := _lost(BY_ID[id], key):
            yield KeyProblem(id, f"{key!r} could no longer {lost} where one writes", "add ctrl+ or alt+ to it", key)


def _is_one(key: str) -> bool:
    """Whether there is a key of this name: known modifiers, each once, and a key or a character."""
    *modifiers, last = parts(key)
    known = all(modifier in MODIFIERS for modifier in modifiers) and len(set(modifiers)) == len(modifiers)
    return known and (last in NAMED or bool(character(last)))


def _likely(last: str) -> list[str]:
    """Keys that somebody may have meant who wrote one that ends so."""
    return [*NAMED, *(f"{modifier}+{last}" for modifier in MODIFIERS if last in NAMED or character(last))]


def _conflicts(keys: Mapping[str, Sequence[str]]) -> Iterator[KeyProblem]:
    """Two actions with one key where both work; said of the one that was rebound."""
    keymap = Keymap(keys)
    taken: dict[tuple[Spot, str], Action] = {}
    # Those that keep the keys of the table come first, so that what is said is said of one that was rebound.
    for action in sorted(ACTIONS, key=lambda action: action.id in keys):
        for written in keymap.keys(action.id):
            spots = [(spot, key) for spot in sorted(SPOTS[action.place]) for key in told(written)]
            other = next((taken[spot] for spot in spots if spot in taken and taken[spot] is not action), None)
            if other is not None:
                hint = f"give one of them another key; `{other.id}: []` takes it from the other"
                yield KeyProblem(action.id, f"{written!r} already means {other.id!r}: {other.meaning}", hint, written)
            taken.update(dict.fromkeys(spots, action))


def _lost(action: Action, key: str) -> str:
    """What a key could no longer do where one writes; "" for nothing. In the list of sessions no cursor is moved."""
    does = _does_in_text(key) if SPOTS[action.place] & TYPED_IN else ""
    return does if action.place != "sessions" or does == "be typed" or parts(key)[-1] == "backspace" else ""


def _does_in_text(key: str) -> str:
    """What a key does where one types that no other does as well; "" when it is free to be a command."""
    *modifiers, last = parts(key)
    if set(modifiers) & {"ctrl", "alt"}:
        return ""
    if last == "space" or character(last):
        return "be typed"
    if last == "backspace" or (last == "delete" and not modifiers):
        return "delete"
    return "move the cursor" if last in CURSOR_KEYS and not modifiers else ""
