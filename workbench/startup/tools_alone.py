"""The plan of what needs tools and no conversation: those that flags or the settings name, and how they are trusted.

Owns that nothing else is read for it: no documents, and nothing that would be sent to a server, since nothing is.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from pathlib import Path

from workbench.errors import ConfigurationError, Problem
from workbench.startup.setup import Plan, read_plan, read_settings

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
    if not plan.tools:
        raise ConfigurationError([_NONE])
    return plan


def _alone(arguments: argparse.Namespace) -> argparse.Namespace:
    """The arguments of a run that loads no documents and has no server."""
    return argparse.Namespace(**{**vars(arguments), "docs": [], "offline": True})
