"""The kinds of tools: a row for each, by its key under `run:`, in the order in which people are told of them."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from workbench.tools.runner import ToolKind
from workbench.tools.runners.command import Command
from workbench.tools.runners.http import Http
from workbench.tools.runners.person import Ask
from workbench.tools.runners.python import Python
from workbench.tools.runners.reply import CannedReply

KINDS: Final[Mapping[str, type[ToolKind]]] = {
    "reply": CannedReply,
    "python": Python,
    "command": Command,
    "http": Http,
    "ask": Ask,
}


def kind_name(tool: ToolKind) -> str:
    """The key of a kind under `run:`; of one that has no row, the name of its class in small letters."""
    return next((key for key, kind in KINDS.items() if type(tool) is kind), type(tool).__name__.lower())
