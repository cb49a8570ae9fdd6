"""A file that a person may trust: where it really lies, and what it held when it was read.

What a file names is found from there, trusted by that, and run or read by that: a link to the file, or to its folder,
is no other place, and what the file holds later is no other content of what was read.
"""

from __future__ import annotations

import hashlib
import os
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Origin:
    """`path` is free of links; `digest` is the SHA-256, in hex, of the bytes that were read."""

    path: Path
    digest: str

    @classmethod
    def of(cls, path: Path, data: bytes) -> Origin:
        """The origin of the file at `path`, which held `data`."""
        return cls(Path(os.path.realpath(path)), hashlib.sha256(data).hexdigest())

    @property
    def folder(self) -> Path:
        """The folder that the file really lies in."""
        return self.path.parent

    def holds(self, path: Path) -> bool:
        """Whether `path`, with its links followed, lies in the file's folder or below it."""
        return Path(os.path.realpath(path)).is_relative_to(self.folder)
