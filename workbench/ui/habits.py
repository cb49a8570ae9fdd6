"""Lines that hands type out of the habit of another program, with what they mean here: leaving, help, a command.

Owns which lines those are. A line that may well be a question is one when it is sent once more.
"""

from __future__ import annotations

import re
from typing import Final

from workbench.ui import slash
from workbench.ui.actions import BY_ID
from workbench.ui.arrangement import KEYS
from workbench.ui.keymap import Keymap
from workbench.ui.slash import Command, Refusal

_LEAVES: Final = frozenset(
    {"exit", "quit", "exit()", "quit()", ":q", ":q!", ":qa", ":qa!", ":wq", ":wqa", ":x", ":quit"}
)
_ASKS_HELP: Final = frozenset({":h", ":help"})
_SHELL: Final = re.compile(r"![a-z./~][^?]*")
_VIM: Final = re.compile(r":([a-z][a-z-]*)!?")


def read(text: str, keymap: Keymap) -> Command | Refusal | None:
    """What a line without a slash means: None for a question, which nearly all of them are."""
    line = text.strip()
    if "\n" in line:
        return None
    if line in _LEAVES:
        return Command(BY_ID["quit"])
    if line in _ASKS_HELP:
        return Command(BY_ID["help"])
    if reason := _reason(line, keymap):
        return Refusal(reason)
    return None


def _reason(line: str, keymap: Keymap) -> str:
    """Why a line is not asked at once; "" for a question."""
    if line == "help":
        return f"{keymap.label('help') or '/help'} shows every key and command"
    if line == "q":
        return f"{keymap.label('quit') or '/exit'} quits"
    if line in ("clear", "cls"):
        redraws = keymap.label("redraw")
        return "/clear begins a new conversation" + (f", {redraws} draws the screen again" if redraws else "")
    if _SHELL.fullmatch(line):
        stops = keymap.label("suspend")
        return "no shell command runs here" + (f": {stops} goes to the shell, where fg comes back" if stops else "")
    if command := _VIM.fullmatch(line):
        return _meant_by(command[1], keymap)
    return ""


def _meant_by(word: str, keymap: Keymap) -> str:
    """What there is here for a command behind a colon."""
    if word in slash.BY_NAME:
        return f"commands begin with a slash: /{word}"
    pane = next((name for name in KEYS if name == word), None)
    if pane is not None and (key := keymap.label(f"show-{pane}")):
        return f"{key} shows {pane.title()}"
    return "commands begin with a slash: /help shows them"
