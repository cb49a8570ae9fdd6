"""The code that Python tools bring along: which files beside a tools file they may import, and what those hold.

Owns the way from `module:function` to files: the module, the packages on the way to it with all that lies in them, and
what these import in turn, by parsing. Only what lies below the tools file's folder is found; what is installed, or
reached in other ways, is not. Refuses to execute anything, and to leave out what would be too much to look through.
"""

from __future__ import annotations

import ast
import functools
import hashlib
import warnings
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from importlib.machinery import BYTECODE_SUFFIXES, EXTENSION_SUFFIXES, SOURCE_SUFFIXES
from pathlib import Path

from workbench.errors import ToolError

MAX_FILES = 1_000
MAX_BYTES = 64_000_000  # of all files
_MAX_SOURCE = 2_000_000  # of one, to be parsed
# In the order in which Python looks for them, within a package as in a folder.
_SUFFIXES = (*EXTENSION_SUFFIXES, *SOURCE_SUFFIXES, *BYTECODE_SUFFIXES)
_DYNAMIC = frozenset({"import_module", "__import__"})


@dataclass(frozen=True, slots=True)
class Module:
    """One file that can be imported: its path below the base and the SHA-256 of its content."""

    file: str
    digest: str


@dataclass(frozen=True, slots=True)
class ModulesBeside:
    """The modules below `base`, by their dotted names; of commands the files that they name, by their paths."""

    base: Path
    modules: Mapping[str, Module] = field(default_factory=dict)

    def fingerprint(self) -> str:
        """The same for the same files with the same content alone."""
        lines = (f"{name}\0{module.file}\0{module.digest}\n" for name, module in sorted(self.modules.items()))
        return hashlib.sha256("".join(lines).encode("utf-8", "surrogateescape")).hexdigest()

    def files(self) -> list[str]:
        """The files, each with the place that it really lies in when that is elsewhere."""
        return [self._shown(module.file) for module in sorted(self.modules.values(), key=lambda each: each.file)]

    def _shown(self, file: str) -> str:
        path = self.base / file
        real = path.resolve()
        return file if real == path else f"{file} -> {real}"


def find_code(base: Path, targets: Iterable[str]) -> ModulesBeside:
    """The code below `base` that the `targets`, each a `module:function`, may import.

    Raises ToolError "untrusted" when it cannot be read, or is more than `MAX_FILES` files or `MAX_BYTES` bytes.
    """
    search = _Search(base)
    waiting = [target.partition(":")[0] for target in targets]
    seen = set(waiting)
    while waiting:
        for name in search.follow(waiting.pop()):
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return ModulesBeside(base, search.modules)


class _Search:
    """The modules found so far."""

    def __init__(self, base: Path) -> None:
        self.modules: dict[str, Module] = {}
        self._base = base
        self._bytes = 0
        self._entered: set[Path] = set()  # packages, so that loops of links end

    def follow(self, name: str) -> Iterator[str]:
        """Take in the module `name` with the packages above it, if it is here; the names it leads to."""
        parts = name.split(".")
        for length in range(1, len(parts) + 1):
            above = ".".join(parts[:length])
            if above in self.modules:
                continue
            file, is_package = self._file(above)
            if file is not None:
                yield from self._take(above, file, is_package=is_package)
            if is_package:
                yield from self._inside(above)

    def _file(self, name: str) -> tuple[Path | None, bool]:
        """What Python would load for `name`, and whether `name` is a package; one without a file is a folder alone."""
        path = self._base.joinpath(*name.split("."))
        try:
            if not name or not path.parent.is_dir():
                return None, False
            is_folder = path.is_dir()
            if is_folder and (file := _first(path, "__init__")):
                return file, True
            return _first(path.parent, path.name), is_folder and _first(path.parent, path.name) is None
        except (OSError, ValueError):  # a name that is too long, or a closed folder
            return None, False

    def _inside(self, package: str) -> Iterator[str]:
        """Whatever can be imported from a package's folder: which of it is imported shows only when it runs."""
        folder = self._base.joinpath(*package.split("."))
        try:
            real = folder.resolve()
            entries = [] if real in self._entered else sorted(folder.iterdir())
            self._entered.add(real)
        except OSError as error:
            raise ToolError("untrusted", f"cannot read {folder}: {error.strerror}") from None
        if len(entries) > 10 * MAX_FILES:
            raise _too_much(self._base)
        for entry in entries:
            name = _module_name(entry)
            if name.isidentifier() and name not in ("__init__", "__pycache__"):
                yield f"{package}.{name}"

    def _take(self, name: str, file: Path, *, is_package: bool) -> Iterator[str]:
        try:
            with file.open("rb") as opened:
                data = opened.read(MAX_BYTES - self._bytes + 1)
        except OSError as error:
            raise ToolError("untrusted", f"cannot read {file}: {error.strerror}") from None
        self._bytes += len(data)
        if len(self.modules) >= MAX_FILES or self._bytes > MAX_BYTES:
            raise _too_much(self._base)
        relative = file.relative_to(self._base).as_posix()
        self.modules[name] = Module(relative, hashlib.sha256(data).hexdigest())
        if file.suffix in SOURCE_SUFFIXES:
            yield from _imports(data, name if is_package else name.rpartition(".")[0])


def _first(folder: Path, name: str) -> Path | None:
    candidates = (folder / f"{name}{suffix}" for suffix in _SUFFIXES)
    return next((file for file in candidates if file.is_file()), None)


def _module_name(entry: Path) -> str:
    suffix = next((suffix for suffix in _SUFFIXES if entry.name.endswith(suffix)), "")
    if suffix:
        return entry.name.removesuffix(suffix)
    return entry.name if entry.is_dir() else ""


@functools.lru_cache(maxsize=2 * MAX_FILES)
def _imports(source: bytes, package: str) -> tuple[str, ...]:
    """The names of the modules that `source`, in `package`, may import; none of what is no Python."""
    if len(source) > _MAX_SOURCE:
        return ()
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # of invalid escapes in the user's module: not ours to print
            tree = ast.parse(source)
    except (SyntaxError, ValueError, RecursionError, MemoryError):
        return ()  # it will not run, either
    return tuple(dict.fromkeys(name for node in ast.walk(tree) for name in _named(node, package)))


def _named(node: ast.AST, package: str) -> Iterator[str]:
    match node:
        case ast.Import(names=names):
            yield from (alias.name for alias in names)
        case ast.ImportFrom(module=module, names=names, level=level):
            above = package.split(".") if package else []
            start = above[: len(above) - level + 1] if level else []
            whole = ".".join([*start, *([module] if module else [])])
            if whole:
                yield whole
                yield from (f"{whole}.{alias.name}" for alias in names if alias.name != "*")
            elif level:
                yield from (alias.name for alias in names)
        case ast.Call(func=ast.Name(id=called) | ast.Attribute(attr=called), args=[ast.Constant(value=str(name)), *_]):
            if called in _DYNAMIC:
                yield name.lstrip(".") if not package else f"{package}{name}" if name.startswith(".") else name


def _too_much(base: Path) -> ToolError:
    message = f"its code in {base} is over {MAX_FILES:,} files or {MAX_BYTES // 1_000_000} MB, too much to be checked"
    return ToolError("untrusted", f"{message}: put the tools file and its module into a folder of their own")
