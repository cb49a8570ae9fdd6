"""On the far side of a Python tool: which code it may import, and the function that its target names.

Part of `child.py`, imports nothing of ours. Refuses code in the tools file's folder that is not among the modules that
were allowed (names with their file and its SHA-256) as it was; without such modules, any code may be imported.
"""

from __future__ import annotations

import hashlib
import importlib
import os
import sys
from importlib.machinery import (
    EXTENSION_SUFFIXES,
    ExtensionFileLoader,
    ModuleSpec,
    PathFinder,
    SourceFileLoader,
    SourcelessFileLoader,
)
from importlib.util import spec_from_file_location
from pathlib import Path

TYPE_CHECKING = False
if TYPE_CHECKING:  # the first call of a tool waits for what is imported here
    from collections.abc import Callable, Iterable, Mapping, Sequence
    from types import ModuleType
    from typing import Any


class Refused(Exception):
    """The call cannot be made, or its result cannot be sent; the text is for the user, `kind` an error kind."""

    def __init__(self, text: str, kind: str = "raised") -> None:
        super().__init__(text)
        self.kind = kind


class Changed(ImportError):
    """Code is not what was allowed to run."""


class Code:
    """The functions of `folder`, whose modules come first among the places to import from."""

    def __init__(self, folder: str, modules: Mapping[str, tuple[str, str]] | None) -> None:
        self._folder = folder
        if modules is not None:
            sys.meta_path.insert(_place_of_path_finder(), Allowed(folder, modules))
        sys.path.insert(0, folder)

    def find(self, target: str) -> Callable[..., Any]:
        """The function that `module:function` names. Raises Refused, Changed, or what the import raises."""
        module_name, _, path = target.partition(":")
        found: Any = self._load(module_name)
        for name in path.split("."):
            try:
                found = getattr(found, name)
            except AttributeError:
                hint = _did_you_mean(name, (key for key, value in vars(found).items() if callable(value)))
                raise Refused(f'the module "{module_name}" has no function "{path}"{hint}') from None
        if not callable(found):
            raise Refused(f'"{path}" of the module "{module_name}" is not a function but {type(found).__name__}')
        function: Callable[..., Any] = found
        return function

    def _load(self, name: str) -> ModuleType:
        top = name.partition(".")[0]
        if self._is_hidden(top):
            raise Refused(f"the file {top}.py in {self._folder} has the name of a module of Python's own; rename it")
        try:
            return importlib.import_module(name)
        except ModuleNotFoundError as error:
            if error.name and f"{name}.".startswith(f"{error.name}."):
                raise Refused(f'no module "{name}" in {self._folder}{_did_you_mean(name, self._names())}') from None
            raise

    def _is_hidden(self, top: str) -> bool:
        """Whether a file of the folder has the name of a module that comes from elsewhere and is there already."""
        standing = sys.modules.get(top)
        if standing is None or not (Path(self._folder) / f"{top}.py").exists():
            return False
        return not str(getattr(standing, "__file__", None) or "").startswith(f"{self._folder}/")

    def _names(self) -> list[str]:
        try:
            entries = [entry for entry in Path(self._folder).iterdir() if entry.suffix == ".py" or entry.is_dir()]
        except OSError:
            return []
        return sorted(entry.stem for entry in entries)


class Allowed:
    """Finds the modules of `folder` in the place of Python's own finder: those allowed, from bytes that were compared.

    No bytecode beside them is read. What is not among them is looked for elsewhere, as if it were not there.
    """

    def __init__(self, folder: str, modules: Mapping[str, tuple[str, str]]) -> None:
        self._folder = folder
        self._modules = modules

    def find_spec(self, name: str, path: Sequence[str] | None = None, _: object = None) -> ModuleSpec | None:
        """Where the module is found: among the allowed ones of `folder`, or elsewhere; None when nowhere.

        `path` is a package's, None for sys.path. Raises Changed for a module of `folder` that is not allowed.
        """
        *above, last = name.split(".")
        home = str(Path(self._folder, *above))
        places = sys.path if path is None else list(path)
        elsewhere = [place for place in places if os.path.realpath(place) != os.path.realpath(home)]
        if len(elsewhere) == len(places):
            return None
        if name in self._modules:
            return self._spec(name, *self._modules[name])
        found = PathFinder.find_spec(name, elsewhere)
        if found is not None and found.loader is not None:
            return found
        if any(module.startswith(f"{name}.") for module in self._modules):
            namespace = ModuleSpec(name, None, is_package=True)
            further = found.submodule_search_locations if found else None
            namespace.submodule_search_locations = [str(Path(home, last)), *(further or ())]
            return namespace
        if found is None and PathFinder.find_spec(name, [home]) is not None:
            hint = "write an `import` of it, so that it can be seen"
            raise Changed(f'the module "{name}" in {home} was not among the code that was allowed to run; {hint}')
        return found

    def _spec(self, name: str, file: str, digest: str) -> ModuleSpec | None:
        path = str(Path(self._folder, file))
        loader: SourceFileLoader | SourcelessFileLoader | ExtensionFileLoader
        if path.endswith(tuple(EXTENSION_SUFFIXES)):
            _read_as_allowed(path, digest)
            loader = ExtensionFileLoader(name, path)
        elif path.endswith(".pyc"):
            loader = _Bytecode(name, path, digest)
        else:
            loader = _Source(name, path, digest)
        is_package = Path(path).name.partition(".")[0] == "__init__" and not name.endswith(".__init__")
        folders = [str(Path(path).parent)] if is_package else None
        return spec_from_file_location(name, path, loader=loader, submodule_search_locations=folders)


class _Source(SourceFileLoader):
    def __init__(self, name: str, path: str, digest: str) -> None:
        super().__init__(name, path)
        self._digest = digest

    def get_code(self, fullname: str) -> Any:
        return self.source_to_code(_read_as_allowed(self.path, self._digest), self.path)


class _Bytecode(SourcelessFileLoader):
    def __init__(self, name: str, path: str, digest: str) -> None:
        super().__init__(name, path)
        self._digest = digest

    def get_data(self, path: str) -> bytes:
        return _read_as_allowed(path, self._digest)


def _read_as_allowed(path: str, digest: str) -> bytes:
    try:
        data = Path(path).read_bytes()
    except OSError:
        data = b""
    if hashlib.sha256(data).hexdigest() != digest:
        raise Changed(f"{path} changed after it was allowed to run; call it again to be asked")
    return data


def _place_of_path_finder() -> int:
    finders: list[object] = list(sys.meta_path)
    return finders.index(PathFinder) if PathFinder in finders else len(finders)


def _did_you_mean(name: str, candidates: Iterable[str]) -> str:
    import difflib  # only here: a call that goes well does not need its start-up time

    close = difflib.get_close_matches(name, list(candidates), 1)
    return f' (did you mean "{close[0]}"?)' if close else ""
