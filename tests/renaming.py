"""Textual as it would be if some of its names were others: `python -m tests.renaming NAME,NAME ...` runs the program.

A name is a private one, a class, or a private module; wherever it stands in the sources of Textual, it is replaced
while they are imported. A handler such as `_on_key` becomes `on_key`: Textual finds it by either name, and no other.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Sequence
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from pathlib import Path
from types import CodeType, ModuleType

ANOTHER = "_of_tomorrow"


class RenamingLoader(SourceFileLoader):
    """Compiles a file with the names replaced; nothing is kept of that."""

    def __init__(self, fullname: str, path: str, names: Sequence[str]) -> None:
        super().__init__(fullname, path)
        self._word = _words(names)

    def get_code(self, fullname: str) -> CodeType:
        text = self._word.sub(_another, Path(self.path).read_text("utf-8"))
        return compile(text, self.path, "exec", dont_inherit=True)


def _words(names: Sequence[str]) -> re.Pattern[str]:
    return re.compile(rf"\b(?:{'|'.join(names)})\b")


def _another(found: re.Match[str]) -> str:
    return found[0][1:] if found[0].startswith("_on_") else found[0] + ANOTHER


class Renaming(MetaPathFinder):
    """Finds the modules of Textual; what has none of the names is loaded as ever."""

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith("textual."):
            return None
        if fullname.rpartition(".")[2] in self._names:
            raise ModuleNotFoundError(f"no module named {fullname}", name=fullname)
        name = fullname.removesuffix(ANOTHER)
        spec = PathFinder.find_spec(name, path)
        if spec is None or spec.origin is None:
            return None
        if not _words(self._names).search(f"{Path(spec.origin).read_text('utf-8')} {name}"):
            return None
        loader = RenamingLoader(fullname, spec.origin, self._names)
        renamed = ModuleSpec(fullname, loader, origin=spec.origin)
        renamed.submodule_search_locations = spec.submodule_search_locations
        renamed.has_location = True
        return renamed


if __name__ == "__main__":
    sys.meta_path.insert(0, Renaming(sys.argv.pop(1).split(",")))
    from workbench.__main__ import main

    main()
