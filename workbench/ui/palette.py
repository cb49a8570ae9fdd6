"""The command palette: every action that has a title and something to do, found by its name or its slash command."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterator
from functools import partial
from typing import TYPE_CHECKING

from textual.app import SystemCommand
from textual.widget import Widget

from workbench.ui.actions import ACTIONS, EDITING, GROUPS, OF_THE_APP, Action
from workbench.ui.widgets.rows import RowList
from workbench.ui.widgets.searching import SearchingView

if TYPE_CHECKING:
    from workbench.ui.stage import Stage

ENTRY_COLUMNS, AROUND = 62, 8
"""Cells of a row of the palette where there is room for it, and of what stands around a row: border, mark and bar."""

RunAction = Callable[[str, Widget | None], Awaitable[object]]
"""Runs an action as Textual writes it, of a widget or of the app."""


def entries(
    stage: Stage, focused: Widget | None, can: Callable[[str], bool], run: RunAction, *, on_main: bool, width: int
) -> Iterator[SystemCommand]:
    """What the palette offers, with the keys. `focused` had the focus before it opened; `on_main` tells that no
    dialog is below it, on which only what works everywhere can be done; `width` is that of the screen."""
    columns = min(ENTRY_COLUMNS, width - AROUND)
    for action in ACTIONS:
        if not action.title or not (on_main or action.place == "everywhere") or not can(action.id):
            continue
        target = _target(action, stage, focused)
        if target is not None or action.place in OF_THE_APP:
            row = _row(action, stage.keymap.label(action.id), columns)
            at_once = action not in GROUPS[EDITING]  # else when one looks for it
            yield SystemCommand(row, "", partial(run, action.run or f"perform('{action.id}')", target), at_once)


def _row(action: Action, keys: str, columns: int) -> str:
    """Name and slash command at the left, the keys at the right end, as many as there is room for: all is found."""
    name = f"{action.title}  /{action.command}" if action.slash else action.title
    while len(name) + len(keys) >= columns and ", " in keys:
        keys = keys.rpartition(", ")[0]
    return f"{name}{keys:>{max(len(keys) + 1, columns - len(name))}}" if keys else name


def _target(action: Action, stage: Stage, focused: Widget | None) -> Widget | None:
    """The widget whose action it is; None for the app's own, and for rows that nobody stands on."""
    if action.place == "prompt":
        return stage.prompt
    if action.place in ("chat", "view"):
        return stage.chat.view
    if action.place == "text":
        return focused if isinstance(focused, SearchingView) else stage.chat.view
    if action.place == "trace":
        return stage.tools.rows if focused is stage.tools.rows else None
    return focused if action.place == "rows" and isinstance(focused, RowList) else None
