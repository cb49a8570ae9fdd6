"""What a path leads to, asked without raising: a file, a folder, something else, nothing, or nowhere one can get to.

`Path.is_file` and its like raise for a name that is too long or holds a NUL, and below a folder that may not be
read; a name comes from a person, so each of these is to become a sentence. Owns that sentence. Opens nothing.
"""

from __future__ import annotations

import errno
import os
import stat
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

_KINDS: Final = {
    stat.S_IFDIR: "a folder",
    stat.S_IFIFO: "a pipe",
    stat.S_IFCHR: "a device",
    stat.S_IFBLK: "a device",
    stat.S_IFSOCK: "a socket",
}
Kind = Literal["file", "folder", "other", "absent", "unreachable"]


@dataclass(frozen=True, slots=True)
class FoundPath:
    """What is at a path, its links followed. `reason` says why nothing usable is there, "" when something is."""

    kind: Kind
    reason: str = ""


def look_at(path: Path | str) -> FoundPath:
    """What `path` leads to. Raises nothing."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - a text that is no path is asked about, too
    except (FileNotFoundError, NotADirectoryError) as error:
        return FoundPath("absent", reason_of(error))
    except (OSError, ValueError) as error:
        return FoundPath("unreachable", reason_of(error))
    if stat.S_ISREG(mode):
        return FoundPath("file")
    return FoundPath("folder" if stat.S_ISDIR(mode) else "other")


def no_file(path: Path | str) -> str:
    """What is at a path where no regular file is, in a few words. Raises nothing."""
    try:
        mode = os.stat(path).st_mode  # noqa: PTH116 - as above
    except (OSError, ValueError) as error:
        is_link = os.path.islink(path)  # noqa: PTH114 - as above
        if is_link and isinstance(error, OSError) and error.errno in (errno.ENOENT, errno.ELOOP, errno.ENOTDIR):
            return "a link that leads nowhere" if error.errno != errno.ELOOP else "a link that leads back to itself"
        return f"{'a link that cannot be followed' if is_link else 'cannot be reached'}: {reason_of(error)}"
    return _KINDS.get(stat.S_IFMT(mode), "no file")


def is_file(path: Path | str) -> bool:
    """Whether a regular file can be reached there."""
    return look_at(path).kind == "file"


def is_folder(path: Path | str) -> bool:
    """Whether a folder can be reached there."""
    return look_at(path).kind == "folder"


def is_there(path: Path | str) -> bool:
    """Whether anything can be reached there."""
    return look_at(path).kind not in ("absent", "unreachable")


def reason_of(error: OSError | ValueError) -> str:
    """Why a path cannot be used, in the system's words, without the path; ValueError is of a name no file can have."""
    if isinstance(error, OSError):
        return error.strerror or str(error) or type(error).__name__
    if isinstance(error, UnicodeError):
        return "the name holds a character that no file name can have"
    return "the name holds a NUL byte" if "null" in str(error) else str(error)
