"""The help screen: every key and command, from the table of actions."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from workbench.ui.actions import ACTIONS, GROUPS, Action
from workbench.ui.keymap import Keymap
from workbench.ui.screens.reading_screen import Pair, ReadingScreen


class HelpScreen(ReadingScreen):
    """The keys of each group of actions, as `keymap` has them, and the commands, with what they mean."""

    def __init__(self, keymap: Keymap) -> None:
        tables = [(title, list(_lines(actions, keymap))) for title, actions in GROUPS.items()]
        commands = [(f"/{action.slash}", action.meaning) for action in ACTIONS if action.slash]
        super().__init__(*(table for table in tables if table[1]), ("Commands", commands))


def _lines(actions: Sequence[Action], keymap: Keymap) -> Iterator[Pair]:
    """Keys and meaning of those that have keys."""
    lines: list[list[Action]] = []
    for action in actions:
        if action.joins:
            lines[-1].append(action)
        else:
            lines.append([action])
    for line in lines:
        if with_keys := [action for action in line if keymap.keys(action.id)]:
            ids, meanings = (action.id for action in with_keys), (action.meaning for action in with_keys)
            yield keymap.label(*ids), ", ".join(meanings)
