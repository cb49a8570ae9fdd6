"""`workbench completion SHELL`: the script by which a shell completes the command line."""

from __future__ import annotations

import argparse
from typing import TextIO

from workbench.config.settings_model import OF_NAME
from workbench.printing.completion import completion_script
from workbench.printing.standard_output import writing


def completion(shell: str, parser: argparse.ArgumentParser, out: TextIO) -> int:
    """Print the script for `shell` of the whole command line on `out`; return the exit code."""
    from workbench.ui.themes.derived import usual  # which imports the screen's library
    from workbench.ui.themes.own import OWN

    themes = (*(palette.name for palette in OWN), *usual())
    names = {OF_NAME["theme"].option: themes, OF_NAME["model"].option: OF_NAME["model"].usual}
    with writing():
        print(completion_script(parser, shell, names), file=out)
    return 0
