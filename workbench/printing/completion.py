"""Scripts by which shells complete the command line: made by shtab, from the parser's own table."""

from __future__ import annotations

import argparse
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

import shtab

FOLDER = "DIR"  # what a word stands for is told by its metavar


def completion_script(parser: argparse.ArgumentParser, shell: str, names: Mapping[str, Sequence[str]]) -> str:
    """The script of `parser` for a shell that it can be made for; `names` are what may stand behind an option.

    The parser is of no other use then: it takes no names but these.
    """
    for action in _actions(parser):
        metavar = action.metavar if isinstance(action.metavar, str) else ""
        known = [names[option] for option in action.option_strings if option in names]
        if known:
            action.choices = list(known[0])
        elif metavar == FOLDER:
            _complete(action, shtab.DIRECTORY)
        elif "FILE" in metavar.split("|"):
            _complete(action, shtab.FILE)
    return shtab.complete(parser, shell)


def _complete(action: argparse.Action, by: Mapping[str, Any]) -> None:
    action.complete = by  # type: ignore[attr-defined]  # where shtab looks


def _actions(parser: argparse.ArgumentParser) -> Iterator[argparse.Action]:
    """All that the parser takes, and its commands do."""
    for action in parser._actions:  # which argparse tells in no other way
        yield action
        if isinstance(action, argparse._SubParsersAction):
            for command in action.choices.values():
                yield from _actions(command)
