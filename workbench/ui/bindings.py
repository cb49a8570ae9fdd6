"""Textual's bindings, made from the table of actions, and the keys that the settings put in their place."""

from __future__ import annotations

from collections.abc import Sequence

from textual.binding import Binding

from workbench.ui.actions import ACTIONS, BY_ID, OF_THE_APP, Action, Place
from workbench.ui.keymap import Keymap, told

UNBOUND = "no_key"
"""For an action without keys, which Textual would give its own back: a key that no terminal sends."""


def bindings(*places: Place) -> list[Binding]:
    """A binding for each action of these places that Textual runs, with the keys of the table."""
    return [_binding(action) for action in ACTIONS if action.place in places and action.run]


def of_the_app() -> list[Binding]:
    """The bindings of the actions that work everywhere on the screen, with the keys of the table."""
    return bindings(*sorted(OF_THE_APP))


def answering() -> Binding:
    """The binding that answers a question, for the line that is typed there: it has Enter from Textual otherwise."""
    return _binding(BY_ID["answer"])


def of_the_app_in_text() -> list[Binding]:
    """Those that overtake nothing, for where one types: there, a key that edits text would not get to the app."""
    return [binding for binding in of_the_app() if not binding.priority]


def textual_keymap(keymap: Keymap) -> dict[str, str]:
    """What Textual wants to know of the actions that were rebound."""
    return {id: _told(keys) for id, keys in keymap.rebound.items()}


def _binding(action: Action) -> Binding:
    return Binding(
        _told(action.keys),
        action.run,
        action.title or action.meaning,
        show=False,
        priority=action.overtakes,
        id=action.id,
    )


def _told(keys: Sequence[str]) -> str:
    return ",".join(key for written in keys for key in told(written)) or UNBOUND
