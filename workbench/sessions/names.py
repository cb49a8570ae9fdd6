"""What a person calls a session: a small file beside the session's own, which any version of the program passes over.

Beside it, and not in it: a session that another program writes can be named, too, and one that is named is not for
that the one that was written to last.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from workbench.errors import RecordingError
from workbench.paths import reason_of
from workbench.state_files import read_own_file, replace_own_file

SUFFIX: Final = ".name"
LONGEST: Final = 200  # characters
_LARGEST: Final = 16 * LONGEST  # bytes, each character being escaped as a pair


def name_file(session: Path) -> Path:
    """Where the name of the session in this file is kept."""
    return session.with_suffix(SUFFIX)


def names_in(folder: Path) -> Mapping[str, str]:
    """The names of the sessions in `folder`, by id; what cannot be read is no name."""
    try:
        with os.scandir(folder) as entries:
            files = [entry.name for entry in entries if entry.name.endswith(SUFFIX)]
    except OSError:
        return {}
    found = {file.removesuffix(SUFFIX): _read(folder / file) for file in files}
    return {id: name for id, name in found.items() if name}


def rename(session: Path, name: str) -> None:
    """Call the session so from now on; "" takes its name away. Raises RecordingError when that cannot be written."""
    path = name_file(session)
    try:
        if name:
            replace_own_file(path, f"{json.dumps(name)}\n")
        else:
            path.unlink(missing_ok=True)
    except OSError as error:
        raise RecordingError(f"{path}: cannot be written: {reason_of(error)}") from error


def _read(path: Path) -> str:
    try:
        name = json.loads(read_own_file(path, _LARGEST))
    except (OSError, ValueError, RecursionError):
        return ""
    return name[:LONGEST] if isinstance(name, str) else ""
