"""What `.gitignore` files say is no part of a folder, as git reads them.

Owns which of these files count for a path: those of its folders up to that of the repository, the nearest first. Where
there is no repository, they count from the folder that is walked. `pathspec` is imported where they are asked for.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

from workbench.documents.file_text import read_text

if TYPE_CHECKING:
    from pathspec import GitIgnoreSpec

NAME: Final = ".gitignore"


class Ignored:
    """The rules below `base`, each file of them read once."""

    def __init__(self, base: Path) -> None:
        self._base = base
        self._specs: dict[Path, GitIgnoreSpec | None] = {}
        self._tops: dict[Path, bool] = {}
        self._inside = any(self._is_repository(folder) for folder in (base, *base.parents))

    def hides(self, path: Path, *, is_folder: bool) -> bool:
        """Whether the rules leave a file or a folder out; what is in a folder that they leave out is not asked for."""
        for folder in path.parents:
            spec = self._spec(folder)
            if spec is not None:
                told = spec.check_file(f"{path.relative_to(folder).as_posix()}{'/' * is_folder}").include
                if told is not None:
                    return told
            if self._is_repository(folder) if self._inside else folder == self._base:
                break
        return False

    def _is_repository(self, folder: Path) -> bool:
        if folder not in self._tops:
            self._tops[folder] = (folder / ".git").exists()
        return self._tops[folder]

    def _spec(self, folder: Path) -> GitIgnoreSpec | None:
        if folder not in self._specs:
            self._specs[folder] = _read(folder / NAME)
        return self._specs[folder]


def _read(path: Path) -> GitIgnoreSpec | None:
    """The rules of one file; None where there is none, or none that can be read, as git has it."""
    if not path.is_file():
        return None
    text, _ = read_text(path, str(path))
    if text is None:
        return None
    from pathspec import GitIgnoreSpec

    return GitIgnoreSpec.from_lines(text.split("\n"))
