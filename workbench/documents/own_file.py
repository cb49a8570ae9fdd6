"""A file of the cache folder that this program alone writes: looked at before SQLite opens it."""

from __future__ import annotations

import contextlib
import os
import stat
from pathlib import Path

from workbench.errors import WorkbenchError


class UnfitFile(WorkbenchError):
    """The file is none that this program may believe; the text says why."""


def own_file(path: Path, *, make: bool) -> None:
    """Look at a file; with `make` there is an empty one then. Raises UnfitFile, and OSError."""
    if make:
        with contextlib.suppress(FileExistsError):
            os.close(os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600))
    status = path.lstat()
    if not stat.S_ISREG(status.st_mode):
        raise UnfitFile(f"{path}: it is not a regular file")
    if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
        raise UnfitFile(f"{path}: others may write it")
