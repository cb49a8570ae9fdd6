"""`workbench init [DIR]`: new configuration files to begin with, never in place of those that are there."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Final, TextIO

from workbench.printing.standard_output import make_lossless, printable, writing
from workbench.secrets.redactor import Redactor
from workbench.startup.starter_files import FILES, SCHEMAS, starter_files, write_new
from workbench.ui.actions import BY_ID

ABOUT: Final = {
    FILES["documents"]: "documents to ask about",
    FILES["tools"]: "tools that the model may call",
    FILES["settings"]: "settings, which name these two",
    f"{SCHEMAS}/": "JSON Schemas, by which editors complete and check them",
}


def init(folder: Path, environ: Mapping[str, str], out: TextIO) -> int:
    """Write the files into `folder`, and say on `out` what they are and what starts with them; return the exit code.

    Raises ConfigurationError, with nothing written, when one of them is there or cannot be written.
    """
    write_new(folder, starter_files(tuple(BY_ID)))
    make_lossless(out)
    masked = Redactor.of(environ).text
    names = {shlex.quote(str(folder / name)) + "/" * name.endswith("/"): what for name, what in ABOUT.items()}
    widest = max(map(len, names))
    lines = [f"{name:<{widest}}  {what}" for name, what in names.items()]
    start = shlex.join(["workbench", "--config", str(folder / FILES["settings"])])
    with writing():
        for line in (*lines, "", f"Start with them: {start}"):
            print(printable(masked(line)), file=out)
    return 0
