"""Files that a person asks for: new ones, for that person alone, with exactly the text that was received."""

from __future__ import annotations

import contextlib
import itertools
import os
from pathlib import Path

from workbench import surrogates


def exact(text: str) -> bytes:
    """`text` as UTF-8. Half a surrogate pair, which that cannot carry, is the one thing that is replaced."""
    return surrogates.joined(text).encode("utf-8", "replace")


def write_new(path: Path, text: str) -> None:
    """Write a file that does not exist yet, which nobody else can read, or none.

    Raises OSError, or ValueError for what can be no name.
    """
    data = exact(text)
    file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o600)
    try:
        with os.fdopen(file, "wb") as out:
            out.write(data)
    except BaseException:  # half a file would be in the way of the next try
        with contextlib.suppress(OSError):  # the fault that led here is what is told
            path.unlink()
        raise


def not_written(path: str, text: str) -> str:
    """Write a file that a person has named and that does not exist yet; why that was not possible, "" when it was."""
    try:
        write_new(Path(path).expanduser(), text)
    except FileExistsError:
        return f"not written: {path} exists, and nothing is overwritten"
    except OSError as error:
        return f"not written: {error.strerror or error}: {path}"
    except (RuntimeError, ValueError) as error:  # the home of nobody; a name that no file can have
        return f"not written: {error}: {path}"
    return ""


def write_beside(stem: str, suffix: str, text: str) -> str:
    """Write a new file of this name, or with a number after it, in the current folder; its name. Raises OSError."""
    for number in itertools.count(1):
        name = f"{stem}{'' if number == 1 else f'-{number}'}{suffix}"
        try:
            write_new(Path(name), text)
        except FileExistsError:
            continue
        return name
    raise AssertionError("there is always a next number")
