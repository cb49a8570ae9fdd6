"""`workbench sessions ...`: what can be done with the conversations that were kept, a module each.

Importing it costs the start of the program nothing that a command does not need: each imports what it works with when
it runs.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from typing import Any, Final, Protocol

from workbench.commands import (
    sessions_export,
    sessions_list,
    sessions_rename,
    sessions_rm,
    sessions_search,
    sessions_show,
)


class Action(Protocol):
    """A module of `workbench.commands` for one of the things that can be done."""

    NAME: str

    def add(self, actions: Any) -> None:
        """Add its parser, called `NAME`, to argparse's `actions`."""

    def run(self, arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
        """Do it; return the exit code."""


ACTIONS: Final[tuple[Action, ...]] = (
    sessions_list,
    sessions_show,
    sessions_search,
    sessions_rename,
    sessions_rm,
    sessions_export,
)


def add_actions(parser: argparse.ArgumentParser) -> None:
    """Add a parser for each of `ACTIONS` to that of `sessions`."""
    actions = parser.add_subparsers(title="actions", metavar="ACTION", dest="action", required=True)
    for each in ACTIONS:
        each.add(actions)


def sessions(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Do what `arguments.action` says; return the exit code."""
    return next(each for each in ACTIONS if arguments.action == each.NAME).run(arguments, environ)
