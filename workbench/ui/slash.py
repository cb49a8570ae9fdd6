"""The slash commands, from the table of actions: what a typed line means, and how a mistyped one is met."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from workbench.ui.actions import ACTIONS, Action

BY_NAME: Final[Mapping[str, Action]] = MappingProxyType(
    {name: action for action in ACTIONS if action.slash for name in (action.command, *action.aliases)}
)


def parse(text: str) -> tuple[Action | None, str]:
    """A line that begins with a slash -> its action, None when there is none such, and the rest of the line."""
    name, _, rest = text[1:].strip().partition(" ")
    return BY_NAME.get(name.lower()), rest.strip()


def unknown(text: str, help_key: str) -> str:
    """What to say of a command that does not exist, when `help_key` shows the help."""
    import difflib  # not for the first paint

    name = text[1:].strip().partition(" ")[0]
    close = difflib.get_close_matches(name.lower(), BY_NAME, n=1)
    hint = f"did you mean /{close[0]}?" if close else f"{help_key or '/help'} lists the commands"
    return f"there is no command /{name[:40]}; {hint}"
