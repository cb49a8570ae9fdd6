"""The plan of what needs tools and no conversation: those that flags or the settings name, and how they are trusted.

Owns that nothing else is read for it: no documents, and nothing that would be sent to a server, since nothing is.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from workbench.errors import ConfigurationError, Problem
from workbench.startup.setup import Plan, open_toolbox, read_plan, read_settings

if TYPE_CHECKING:
    from workbench.tools.people import People
    from workbench.tools.toolbox import Toolbox

_HINT = "name a tools file: --tools FILE; workbench init writes one to begin with"
_NONE = Problem("--tools", 0, 0, "there are no tools", _HINT)


def tools_files(arguments: argparse.Namespace, environ: Mapping[str, str]) -> tuple[Path, ...]:
    """The tools files that flags or the settings name. Raises ConfigurationError when there is none."""
    files = read_settings(vars(_alone(arguments)), environ).settings.tools
    if not files:
        raise ConfigurationError([_NONE])
    return files


def read_tools(arguments: argparse.Namespace, environ: Mapping[str, str]) -> Plan:
    """The plan with the tools of all files, as `ask` would have them.

    Raises ConfigurationError with every problem of the files, when there is no tool, and for what a settings file asks
    for that is not allowed.
    """
    plan = read_plan(_alone(arguments), environ)
    if not plan.tools and not plan.servers:
        raise ConfigurationError([_NONE])
    return plan


def toolbox_of(plan: Plan, people: People, environ: Mapping[str, str], notice: Callable[[str], object]) -> Toolbox:
    """The tools of `plan`, which has some; `notice` is as of `open_toolbox`."""
    toolbox = open_toolbox(plan, people, environ, notice=notice)
    assert toolbox is not None
    return toolbox


def _alone(arguments: argparse.Namespace) -> argparse.Namespace:
    """The arguments of a run that loads no documents and has no server."""
    return argparse.Namespace(**{**vars(arguments), "docs": [], "offline": True})
