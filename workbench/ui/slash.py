"""The slash commands: their names, what they do, and how a mistyped one is met."""

from __future__ import annotations

import difflib
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class SlashCommand:
    """`usage` shows what may be typed after the name."""

    name: str
    usage: str
    meaning: str


COMMANDS: tuple[SlashCommand, ...] = (
    SlashCommand("help", "/help", "every key and command"),
    SlashCommand("model", "/model [NAME]", "say or change the model"),
    SlashCommand("docs", "/docs", "the document sets in use"),
    SlashCommand("tools", "/tools", "the tools that the model may call"),
    SlashCommand("copy", "/copy [FILE]", "copy the last answer, or write it to a file"),
    SlashCommand("raw", "/raw", "the raw text of the answer that is read"),
    SlashCommand("retry", "/retry", "ask the last question again"),
    SlashCommand("clear", "/clear", "a new conversation"),
    SlashCommand("exit", "/exit", "quit"),
)
BY_NAME = {command.name: command for command in COMMANDS} | {
    alias: command for command in COMMANDS for alias in {"clear": ("new",), "exit": ("quit",)}.get(command.name, ())
}


def parse(text: str) -> tuple[SlashCommand | None, str]:
    """A line that begins with a slash -> its command, None when there is none such, and the rest of the line."""
    name, _, rest = text[1:].strip().partition(" ")
    return BY_NAME.get(name.lower()), rest.strip()


def unknown(text: str) -> str:
    """What to say of a command that does not exist."""
    name = text[1:].strip().partition(" ")[0]
    close = difflib.get_close_matches(name.lower(), BY_NAME, n=1)
    hint = f"did you mean /{close[0]}?" if close else "F1 lists the commands"
    return f"there is no command /{name[:40]}; {hint}"
