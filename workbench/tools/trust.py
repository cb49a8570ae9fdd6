"""Which files a person has trusted: the path without links and a fingerprint, in the user's state folder.

The fingerprint is made of what was read and is to be used: the SHA-256 of the file's content, and for a tools file that
of its code, too. What changes is no longer trusted. Refuses to believe a store that others may write, and to fail: what
cannot be read is not trusted, what cannot be written is remembered by this process alone, and `problem` says so.
"""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from pathlib import Path

from workbench.state_files import read_own_file, replace_own_file, state_folder

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
        folder = state_folder(environ)
        return cls() if folder is None else cls(folder / "trust.json")

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
            content = json.loads(read_own_file(self._path, _MAX_STORE_BYTES))
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
            replace_own_file(path, text)
            self.problem = ""
        except OSError as error:
            self.problem = f"{path} cannot be written, trust lasts until the program ends: {error.strerror}"


def _key(file: Path) -> str:
    return os.path.realpath(file)
