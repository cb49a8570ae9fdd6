"""`workbench tools ...`: what can be done with the tools that files name, without a model; a module for each.

Importing it costs the start of the program nothing that a command does not need: each imports what it works with when
it runs.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any, Final, Protocol

from workbench.commands import tools_check, tools_list, tools_run, tools_serve


class Action(Protocol):
    """A module of `workbench.commands` for one of the things that can be done."""

    NAME: str

    def add(self, actions: Any) -> argparse.ArgumentParser:
        """Add its parser, called `NAME`, to argparse's `actions`, and return it."""

    def run(self, arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
        """Do it; return the exit code."""


ACTIONS: Final[tuple[Action, ...]] = (tools_list, tools_check, tools_run, tools_serve)


def add_actions(parser: argparse.ArgumentParser) -> None:
    """Add a parser for each of `ACTIONS` to that of `tools`, with the files that all of them take."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    for each in ACTIONS:
        _add_files(each.add(actions))


def tools(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Do what `arguments.action` says; return the exit code. Raises ConfigurationError for what cannot be used."""
    return next(each for each in ACTIONS if arguments.action == each.NAME).run(arguments, environ)


def _add_files(parser: argparse.ArgumentParser) -> None:
    add = parser.add_argument
    add(
        "--tools",
        dest="tools_of_command",  # as those that stand before the command are kept apart
        metavar="FILE",
        action="append",
        type=_path,
        default=argparse.SUPPRESS,
        help="a tools file; may be given again; without one, those that the settings name",
    )
    config_help = "a settings file, in place of the one in your home"
    add("--config", metavar="FILE", type=_path, default=argparse.SUPPRESS, help=config_help)
    yes_help = "approve tools that run code and trust the files given, for this run"
    add("--yes", action="store_true", default=argparse.SUPPRESS, help=yes_help)


def _path(text: str) -> Any:
    from pathlib import Path

    return Path(text)
