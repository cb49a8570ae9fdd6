"""Textual as it would be if one of its names were another: `python -m tests.renaming NAME ...` runs the program on it.

`NAME` is a private name, a class, or a private module; wherever it stands in the sources of Textual, it is replaced
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
    """Compiles a file with the name replaced; nothing is kept of that."""

    def __init__(self, fullname: str, path: str, name: str) -> None:
        super().__init__(fullname, path)
        self._word = re.compile(rf"\b{name}\b")
        self._another = name[1:] if name.startswith("_on_") else name + ANOTHER

    def get_code(self, fullname: str) -> CodeType:
        text = self._word.sub(self._another, Path(self.path).read_text("utf-8"))
        return compile(text, self.path, "exec", dont_inherit=True)


class Renaming(MetaPathFinder):
    """Finds the modules of Textual; what does not have the name is loaded as ever."""

    def __init__(self, name: str) -> None:
        self._name = name

    def find_spec(
        self, fullname: str, path: Sequence[str] | None, target: ModuleType | None = None
    ) -> ModuleSpec | None:
        if not fullname.startswith("textual."):
            return None
        if fullname.endswith(f".{self._name}"):
            raise ModuleNotFoundError(f"no module named {fullname}", name=fullname)
        spec = PathFinder.find_spec(fullname.removesuffix(ANOTHER), path)
        if spec is None or spec.origin is None or self._name not in Path(spec.origin).read_text("utf-8") + fullname:
            return None
        loader = RenamingLoader(fullname, spec.origin, self._name)
        renamed = ModuleSpec(fullname, loader, origin=spec.origin)
        renamed.submodule_search_locations = spec.submodule_search_locations
        renamed.has_location = True
        return renamed


if __name__ == "__main__":
    sys.meta_path.insert(0, Renaming(sys.argv.pop(1)))
    from workbench.__main__ import main

    main()
