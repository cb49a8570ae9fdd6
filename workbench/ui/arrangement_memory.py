"""What a person chose for the side panes, kept from one start to the next in the user's state folder.

Refuses to fail: what cannot be read was not chosen, and what cannot be written lasts until the end.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Final, get_args

from workbench.paths import reason_of
from workbench.state_files import read_own_file, replace_own_file, state_folder
from workbench.ui.arrangement import AS_USUAL, WHOLE, Chosen, SizeClass

_LARGEST: Final = 4_096  # bytes
_VERSION: Final = 1
_CLASSES: Final[tuple[SizeClass, ...]] = get_args(SizeClass)


class ArrangementMemory:
    """`path` is the file; None remembers nothing, which is no fault: the choice lasts until the end."""

    def __init__(self, path: Path | None = None) -> None:
        self._path = path

    @classmethod
    def of_user(cls, environ: Mapping[str, str]) -> ArrangementMemory:
        """The file `panes.json` of the user's state folder."""
        folder = state_folder(environ)
        return cls(None if folder is None else folder / "panes.json")

    def recalled(self) -> dict[SizeClass, Chosen]:
        """What was kept for each class of sizes, without those of which nothing was, or nothing that makes sense."""
        if self._path is None:
            return {}
        try:
            kept = json.loads(read_own_file(self._path, _LARGEST))["panes"]
            found = {where: _read(kept[where]) for where in _CLASSES if where in kept}
        except (OSError, ValueError, TypeError, KeyError, RecursionError):
            return {}
        return {where: chosen for where, chosen in found.items() if chosen != AS_USUAL}

    def keep(self, chosen: Mapping[SizeClass, Chosen]) -> str:
        """Keep what is chosen; return why that could not be done, "" when it was. May wait for the disk."""
        if self._path is None:
            return ""
        panes = {where: {"share": each.share, "hidden": each.hidden} for where, each in chosen.items()}
        try:
            replace_own_file(self._path, json.dumps({"version": _VERSION, "panes": panes}) + "\n")
        except (OSError, ValueError) as error:
            return reason_of(error)
        return ""


def _read(kept: object) -> Chosen:
    """One of the file, whatever somebody wrote there."""
    if not isinstance(kept, dict):
        return AS_USUAL
    share, hidden = kept.get("share"), kept.get("hidden")
    is_share = isinstance(share, int) and not isinstance(share, bool) and 0 <= share <= WHOLE
    return Chosen(share if is_share else None, hidden is True)
