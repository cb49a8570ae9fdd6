"""The theme that a person chose last, kept from one start to the next in the user's state folder.

Refuses to fail: what cannot be read was not chosen, and what cannot be written lasts until the end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from workbench.paths import reason_of
from workbench.state_files import read_own_file, replace_own_file, state_folder

_LARGEST: Final = 4_096  # bytes
_VERSION: Final = 1


class ThemeMemory:
    """`path` is the file; None remembers nothing."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    @classmethod
    def of_user(cls, environ: Mapping[str, str]) -> ThemeMemory:
        """The file `theme.json` of the user's state folder."""
        folder = state_folder(environ)
        return cls(None if folder is None else folder / "theme.json")

    def recalled(self) -> str | None:
        """The name that was kept, which may be one that no theme has; None when there is none."""
        if self._path is None:
            return None
        try:
            name = json.loads(read_own_file(self._path, _LARGEST))["theme"]
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return None
        return name if isinstance(name, str) else None

    def keep(self, name: str) -> str:
        """Keep a name; return why that could not be done, "" when it was. May wait for the disk."""
        if self._path is None:
            return "no home folder is known"
        try:
            replace_own_file(self._path, json.dumps({"version": _VERSION, "theme": name}) + "\n")
        except (OSError, ValueError) as error:
            return reason_of(error)
        return ""
