"""`workbench tools check`: the tools files that flags or the settings name, with all that is wrong or doubtful in them.

Runs and imports nothing that a file names, as `workbench check`.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Mapping
from typing import Any, Final

NAME: Final = "check"


def add(actions: Any) -> argparse.ArgumentParser:
    """Add the parser of `tools check`."""
    parser: argparse.ArgumentParser = actions.add_parser(
        NAME, help="what is wrong with the tools files, and what may be", allow_abbrev=False
    )
    return parser


def run(arguments: argparse.Namespace, environ: Mapping[str, str]) -> int:
    """Print a line a file, and every problem and doubt; return the exit code of `workbench check`.

    Raises ConfigurationError when no tools file is named, or the settings cannot be used.
    """
    from workbench.commands.check import check_tools
    from workbench.startup.tools_alone import tools_files

    return check_tools(tools_files(arguments, environ), environ, sys.stdout, sys.stderr)
