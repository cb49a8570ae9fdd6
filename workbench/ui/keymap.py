"""Which keys mean which action: those of the table, but for the actions that the settings rebind.

Owns the names of keys, how they are told and how they are shown. Imports nothing of the screen.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from workbench.ui.actions import ACTIONS, BY_ID, SPOTS, Place, Spot

NAMED: Final[Mapping[str, str]] = MappingProxyType(
    {
        "enter": "Enter", "escape": "Esc", "tab": "Tab", "space": "Space", "backspace": "Backspace",
        "delete": "Delete", "insert": "Insert", "home": "Home", "end": "End", "pageup": "PageUp",
        "pagedown": "PageDown", "up": "Up", "down": "Down", "left": "Left", "right": "Right",
        **{f"f{number}": f"F{number}" for number in range(1, 25)},
    }
)  # fmt: skip
"""Keys that write no character, with how they are shown. Space is one of them, though it writes."""

SHORT_NAMES: Final[Mapping[str, str]] = MappingProxyType(
    {"minus": "-", "underscore": "_", "plus": "+", "slash": "/", "backslash": "\\", "at": "@", "comma": ","}
)
"""What the screen calls a character other than Unicode does."""

SAME: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "ctrl+underscore": ("ctrl+underscore", "ctrl+minus", "ctrl+shift+minus"),
        "ctrl+space": ("ctrl+space", "ctrl+@"),
        "ctrl+at": ("ctrl+at", "ctrl+@", "ctrl+shift+2"),
    }
)
"""One key that terminals tell in several ways; some of them tell two keys in one way."""

_CAPITAL = re.compile(r"upper_case_([a-z])")


class Keymap:
    """The keys of every action. `rebound` gives some actions other keys, or none."""

    def __init__(self, rebound: Mapping[str, Sequence[str]] = MappingProxyType({})) -> None:
        self.rebound = {id: tuple(keys) for id, keys in rebound.items() if id in BY_ID}

    def keys(self, id: str) -> tuple[str, ...]:
        """The keys of an action, as the table or the settings write them."""
        return self.rebound.get(id, BY_ID[id].keys)

    def pressed(self, place: Place) -> dict[str, str]:
        """The actions of a place by their keys, named as the screen is told of them when they are pressed."""
        return {
            key: action.id
            for action in ACTIONS
            if action.place == place
            for written in self.keys(action.id)
            for key in told(written)
        }

    def meant(self, spot: Spot) -> dict[str, list[str]]:
        """The actions that work where `spot` has the focus by their keys, named as in `pressed`."""
        meant: dict[str, list[str]] = {}
        for action in ACTIONS:
            if spot in SPOTS[action.place]:
                for key in (each for written in self.keys(action.id) for each in told(written)):
                    meant.setdefault(key, []).append(action.id)
        return meant

    def letter(self, id: str) -> str:
        """The first key of an action that writes a character; "" when none does."""
        return next((shown for key in self.keys(id) if len(shown := label(key)) == 1), "")

    def label(self, *ids: str) -> str:
        """The keys of these actions as a person reads them; "" when there are none."""
        labels = [[label(key) for key in keys] for id in ids if (keys := self.keys(id))]
        between = " / " if max(map(len, labels), default=0) > 1 else ", "
        return between.join(", ".join(of_one) for of_one in labels)

    def short(self, id: str) -> str:
        """The first key of an action in as few characters as there are, as `^P`; "" when it has none."""
        keys = self.keys(id)
        return re.sub(r"^Ctrl\+(?=.$)", "^", label(keys[0])) if keys else ""

    def hint(self, id: str, does: str) -> str:
        """`F5 shows the frame` behind a dot, as the end of a line; "" when the action has no key."""
        key = self.short(id)
        return f" · {key} {does}" if key else ""


def told(key: str) -> tuple[str, ...]:
    """The names by which the screen is told of a key that a person may have written as a character."""
    *modifiers, last = parts(key)
    if len(last) == 1 and not last.isalnum():
        last = next((name for name, short in SHORT_NAMES.items() if short == last), None) or _name(last)
    whole = "+".join([*sorted(modifiers), last.lower() if "ctrl" in modifiers else last])
    return SAME.get(whole, (whole,))


def label(key: str) -> str:
    """A key as a person reads it: `Ctrl+N`, `]`, `PageUp`."""
    *modifiers, last = parts(key)
    shown = NAMED.get(last) or character(last) or last
    if modifiers and len(shown) == 1:
        shown = shown.upper()
    return "+".join([*(modifier.capitalize() for modifier in modifiers), shown])


def parts(key: str) -> list[str]:
    """Modifiers and the key itself; of a capital letter, however it is written, the letter alone, but with Alt the
    small one behind Shift, as terminals tell it."""
    head, plus, last = key.rpartition("+")
    if plus and not last:  # the plus itself
        head, last = head.removesuffix("+"), "plus"
    modifiers, capital = head.split("+") if head else [], _CAPITAL.fullmatch(last)
    if modifiers == ["shift"] and len(last) == 1 and last.isalpha():
        return [last.upper()]
    last = capital[1].upper() if capital else last
    if "alt" in modifiers and len(last) == 1 and last.isupper():
        modifiers, last = [*modifiers, *(() if {"ctrl", "shift"} & set(modifiers) else ("shift",))], last.lower()
    return [*modifiers, last]


def character(name: str) -> str:
    """The character that a key of this name writes, "" when none is called so."""
    if len(name) == 1:
        return name if name.isprintable() else ""
    import unicodedata  # not for the first paint

    try:
        found = SHORT_NAMES.get(name) or unicodedata.lookup(name.replace("_", " "))
    except KeyError:
        return ""
    return found if found.isprintable() else ""  # Unicode knows `escape`, too


def _name(character: str) -> str:
    import unicodedata

    return unicodedata.name(character).lower().replace("-", "_").replace(" ", "_")
