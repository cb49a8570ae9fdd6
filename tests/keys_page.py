"""The table of the handbook's page of keys: `python -m tests.keys_page` writes it anew from the table of actions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Final

from workbench.ui.actions import GROUPS, Action, Place
from workbench.ui.keymap import Keymap

PAGE: Final = Path(__file__).resolve().parents[1] / "config" / "handbook" / "keys.md"
BEGINS: Final = "## Every action, its id and its keys\n"
BAR: Final = r"\|"  # in a cell of a table
PLACES: Final[Mapping[Place, str]] = {
    "everywhere": "everywhere",
    "main": "panes and prompt",
    "looking": "panes, prompt and questions",
    "panes": "panes",
    "prompt": "prompt",
    "view": "chat, raw text",
    "chat": "chat",
    "rows": "other panes",
    "sources": "Sources",
    "trace": "Tools",
    "raw": "raw text",
    "text": "panes, raw text",
    "reading": "help, lists",
    "compare": "comparison",
    "choosing": "list of turns",
    "grid": "grid",
    "form": "panels of settings",
    "question": "question of a tool",
    "selecting": "while text is selected",
    "tree": "tree of turns",
    "editor": "editing a call",
    "sessions": "list of sessions",
    "tools": "list of tools",
    "docs": "list of documents",
    "bench": "a tool run alone",
    "replay": "a replay",
}


def section() -> str:
    """What stands on the page from `BEGINS` on."""
    lines = [BEGINS, "Ctrl+P finds by its name whatever is not only a movement."]
    for title, actions in GROUPS.items():
        lines += ["", f"### {title}", "", "| Id | Keys | Command | What it does | Where |", "|---|---|---|---|---|"]
        lines += _rows(actions)
    return "\n".join(lines) + "\n"


def _rows(actions: tuple[Action, ...]) -> Iterator[str]:
    for action in actions:
        keys = Keymap().label(action.id)
        command = f"`/{action.slash}`" if action.slash else ""
        cells = (f"`{action.id}`", keys, command, action.meaning, PLACES[action.place])
        yield f"| {' | '.join(cell.replace('|', BAR) for cell in cells)} |"


def page() -> str:
    """The page as it should be: what is written by hand, and the table."""
    written = PAGE.read_text("utf-8").partition(BEGINS)[0].rstrip("\n")
    return f"{written}\n\n{section()}"


if __name__ == "__main__":
    PAGE.write_text(page(), "utf-8")
