"""Which files a person has trusted: the path without links and a fingerprint, in the user's state folder.

The fingerprint is made of what was read and is to be used: the SHA-256 of the file's content, and for a tools file that
of its code, too. What changes is no longer trusted. Refuses to believe a store that others may write, and to fail: what
cannot be read is not trusted, what cannot be written is remembered by this process alone, and `problem` says so.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import stat
import tempfile
from collections.abc import Mapping
from pathlib import Path

_MAX_STORE_BYTES = 4_000_000
# Version 1 knew the content of tools files alone: such an entry is a fingerprint that none with code has.
_VERSION = 2


class TrustStore:
    """Trusted files. `path` is the store's file, None keeps it in memory.

    Two processes that trust at the same moment may lose one of the two, which is then asked for again.
    """

    def __init__(self, path: Path | None = None) -> None:
        self._path = path
        self._remembered: dict[str, str] = {}
        self.problem = ""

    @classmethod
    def of_user(cls, environ: Mapping[str, str]) -> TrustStore:
        """The store at `$XDG_STATE_HOME/workbench/trust.json`; in memory when there is no home either."""
        state, home = environ.get("XDG_STATE_HOME", ""), environ.get("HOME", "")
        if Path(state).is_absolute():
            return cls(Path(state) / "workbench" / "trust.json")
        if Path(home).is_absolute():
            return cls(Path(home) / ".local" / "state" / "workbench" / "trust.json")
        return cls()

    def fingerprint(self, file: Path) -> str | None:
        """The SHA-256 of the file's content in hex, None when it is no readable regular file."""
        try:
            if not file.is_file():
                return None
            with file.open("rb") as content:
                return hashlib.file_digest(content, "sha256").hexdigest()
        except (OSError, ValueError):
            return None

    def trusted(self, file: Path, fingerprint: str | None = None) -> bool:
        """Whether `fingerprint`, or the file's content as it is now, was trusted by this process or an earlier one."""
        seen = fingerprint or self.fingerprint(file)
        if seen is None:
            return False
        key = _key(file)
        return self._remembered.get(key) == seen or self._read().get(key) == seen

    def trust(self, file: Path, fingerprint: str | None = None) -> None:
        """Trusts the file as it was when `fingerprint` was taken, or as it is now. A pipe is for this process alone."""
        seen = fingerprint or self.fingerprint(file)
        if seen is None:
            return
        self._remembered[_key(file)] = seen
        if self._path is not None and file.is_file():
            self._write(self._path, {**self._read(), _key(file): seen})

    def _read(self) -> dict[str, str]:
        if self._path is None:
            return {}
        try:
            content = json.loads(_read_own_file(self._path))
            files = content["files"]
            return {str(name): str(digest) for name, digest in files.items()}
        except FileNotFoundError:
            return {}
        except (OSError, ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            self.problem = f"{self._path} cannot be used: {error}"
            return {}

    def _write(self, path: Path, files: Mapping[str, str]) -> None:
        text = json.dumps({"version": _VERSION, "files": dict(files)}, indent=1)
        try:
            path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
            _replace(path, text)
            self.problem = ""
        except OSError as error:
            self.problem = f"{path} cannot be written, trust lasts until the program ends: {error.strerror}"


def _key(file: Path) -> str:
    return os.path.realpath(file)


def _read_own_file(path: Path) -> bytes:
    # Without O_NONBLOCK, a FIFO of that name would block here for ever.
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC)
    with os.fdopen(descriptor, "rb") as file:
        status = os.fstat(descriptor)
        if not stat.S_ISREG(status.st_mode):
            raise PermissionError("it is not a regular file")
        if status.st_uid != os.geteuid() or status.st_mode & (stat.S_IWGRP | stat.S_IWOTH):
            raise PermissionError("others may write it")
        if status.st_size > _MAX_STORE_BYTES:
            raise PermissionError(f"it is over {_MAX_STORE_BYTES:,} bytes")
        return file.read()


def _replace(path: Path, text: str) -> None:
    """Puts `text` in place at once: a reader sees the old file or the new one. `mkstemp` makes it mode 0600."""
    descriptor, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(descriptor, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        Path(temporary).replace(path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            Path(temporary).unlink()
        raise
