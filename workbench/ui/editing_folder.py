"""The folder in which an editor has a text: for its owner only, and gone when the editor is.

Owns the removal of those that a killed program left behind: a folder is locked as long as the program or the editor
lives, and one that nobody holds is removed when the next is made. What an editor puts beside the text goes with it.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import shutil
import stat
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from workbench.state_files import state_folder

NAME: Final = "editing"  # the folder of these folders, in the state folder
_TRIES: Final = 5  # a new folder may be removed by another program before it is locked
_FILE: Final = "question.md"


@dataclass(frozen=True, slots=True)
class EditingFolder:
    """A file of mode 0600 with a text, alone in a folder of mode 0700. `lock` is a descriptor that an editor is to
    inherit: as long as it is open, the folder is in use."""

    file: Path
    lock: int


@contextlib.contextmanager
def editing_folder(text: str, environ: Mapping[str, str]) -> Iterator[EditingFolder]:
    """The folder with `text` in it, and nothing of it afterwards. Raises OSError."""
    base = _base(environ)
    if base is not None:
        _remove_leftovers(base)
    folder, lock = _made(base)
    try:
        file = folder / _FILE
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
        with os.fdopen(descriptor, "w", encoding="utf-8", errors="replace") as written:
            written.write(text)
        yield EditingFolder(file, lock)
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)


def _base(environ: Mapping[str, str]) -> Path | None:
    """The folder of these folders; None where there is none that is the person's alone."""
    state = state_folder(environ)
    if state is None:
        return None
    base = state / NAME
    try:
        base.mkdir(mode=0o700, parents=True, exist_ok=True)
        status = base.lstat()
        if not stat.S_ISDIR(status.st_mode) or status.st_uid != os.geteuid() or not os.access(base, os.W_OK | os.X_OK):
            return None
        if stat.S_IMODE(status.st_mode) != 0o700:
            base.chmod(0o700)
    except OSError:
        return None
    return base


def _made(base: Path | None) -> tuple[Path, int]:
    """A new folder, and the descriptor that locks it; in the system's folder for such things without a `base`."""
    for _ in range(_TRIES):
        folder = Path(tempfile.mkdtemp(prefix="workbench-", dir=base))
        with contextlib.suppress(FileNotFoundError):
            lock = _opened(folder)
            if _lock(lock) is not False and folder.is_dir():
                return folder, lock
            os.close(lock)
    raise FileNotFoundError(errno.ENOENT, f"no folder stays in {base or tempfile.gettempdir()}")


def _remove_leftovers(base: Path) -> None:
    """Remove each folder that no program and no editor holds any longer."""
    with contextlib.suppress(OSError):
        for left in base.iterdir():
            with contextlib.suppress(OSError):
                lock = _opened(left)
                if _lock(lock):
                    shutil.rmtree(left, ignore_errors=True)
                os.close(lock)


def _opened(folder: Path) -> int:
    return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)


def _lock(descriptor: int) -> bool | None:
    """Whether nobody else holds the lock, which is ours now; None where there are no locks."""
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return None
    return True
