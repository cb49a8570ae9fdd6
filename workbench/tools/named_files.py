"""The code that commands bring along: the files that they name, wherever these lie, and what those lead to.

Owns which words of a command are code: its program unless that is installed, scripts and other files that it is given,
within a line for a shell and in its own variables, too; what is behind `-c` and `-m`; what `make` and its like read
unasked; of a Python script what it imports from beside itself, of a shell's what it names. A file of data is none, such
as a table that a program reads or writes, unless it is given to what runs code. Refuses to run anything, and to leave
out what would be too much to read.
"""

from __future__ import annotations

import hashlib
import os
import re
import sys
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from workbench.errors import ToolError
from workbench.tools.modules import MAX_BYTES, MAX_FILES, Module, ModulesBeside, find_code

_CHUNK: Final = 1_000_000
_LARGE: Final = 16_000_000  # bytes of a file elsewhere, from which on its size and time have to do
_MOST_SCRIPT: Final = 500_000  # bytes of a script that is looked through
_MOST_PIECES: Final = 2_000
_DATA = re.compile(
    r"\.(csv|tsv|txt|md|rst|log|jsonl?|ndjson|xml|html?|db|sqlite3?|parquet|pdf|png|jpe?g)", re.IGNORECASE
)
_SCRIPT = re.compile(
    r"\.(py|sh|bash|zsh|ksh|fish|js|mjs|cjs|ts|rb|pl|pm|php|lua|r|awk|sed|mk|jar|so|dylib|wasm|exe)", re.IGNORECASE
)
_RUNS_CODE = re.compile(
    r"(python|pypy|node|deno|bun|ruby|perl|php|lua|rscript|julia|java|go|make|env|uv|uvx|npx|pipx|poetry|xargs|nohup"
    r"|nice|timeout|time|sudo|awk|gawk|sed|[a-z]*sh|[a-z]*script)[0-9.]*"
)
_READ_UNASKED: Final[Mapping[str, Sequence[str]]] = {
    "make": ("GNUmakefile", "makefile", "Makefile"),
    "just": ("justfile", "Justfile", ".justfile"),
    "npm": ("package.json",),
    "pnpm": ("package.json",),
    "yarn": ("package.json",),
    "rake": ("Rakefile", "rakefile"),
    "nox": ("noxfile.py",),
    "tox": ("tox.ini",),
}
_IMPORTED_UNASKED: Final = ("sitecustomize", "usercustomize")
_WRITES: Final = re.compile(r"[0-9&]?>>?\s*[^\s;&|()]*")
_PARTS: Final = re.compile(r"[\s;&|()<>\"'`=:,${}]+")
_PLACES: Final = re.compile(r"\$(\w+|\{\w+\})")
_SETTING: Final = re.compile(r"(?P<name>[A-Za-z_][A-Za-z0-9_]*)=(?P<value>.*)", re.DOTALL)
_CODE_BEHIND: Final = re.compile(r"-[A-Za-z]*?[cm]")
_SOURCES: Final = frozenset({".", "source"})
_FOLDERS: Final = re.compile(r"[A-Z_]*(PATH|LIB)")
_INSTALLED: Final = tuple(
    map(Path, dict.fromkeys(("/usr", "/bin", "/sbin", "/lib", "/lib64", "/opt", "/etc", "/nix", "/snap", "/dev",
                             "/proc", "/sys", sys.prefix, sys.base_prefix)))
)  # fmt: skip
_SHELL_LINE: Final = re.compile(rb"#!.*sh\b")


@dataclass(frozen=True, slots=True)
class Words:
    """A command, as far as it is the same in every call: a word that is not is None. `folder` is where it runs.

    `variables` are those that its file sets.
    """

    words: Sequence[str | None]
    folder: Path
    variables: Mapping[str, str] = field(default_factory=dict)


def find_files(base: Path, commands: Iterable[Words]) -> ModulesBeside | None:
    """The files that the commands name, by their paths from `base`, a real folder; None if there are none.

    Raises ToolError when one cannot be read, or they are more than `MAX_FILES` files or `MAX_BYTES` bytes.
    """
    found: dict[str, Module] = {}
    left = MAX_BYTES
    for command in commands:
        for file in _Search(base, command).files():
            name = os.path.relpath(file, base)
            if name in found:
                continue
            digest, size = _digest(file, left, base)
            left -= size
            if left < 0 or len(found) >= MAX_FILES:
                raise _too_much(base)
            found[name] = Module(name, digest)
    return ModulesBeside(base, found) if found else None


class _Search:
    """The files of one command."""

    def __init__(self, base: Path, command: Words) -> None:
        self._base = base
        self._command = command
        self._folder = command.folder
        self._program = Path(command.words[0] or "env").name.lower() if command.words else ""
        self._runs_code = _RUNS_CODE.fullmatch(self._program) is not None
        self._modules = tuple(_modules(command.words)) if self._runs_code else ()
        self._looked_through: set[Path] = set()

    def files(self) -> Iterator[Path]:
        """All of them, some more than once."""
        words = self._command.words
        given = next((number for number, word in enumerate(words) if number and not (word or "-").startswith("-")), 0)
        for number, word in enumerate(words):
            if word is not None:
                yield from self._of_word(word, is_given=number == given) if number else self._of_program(word)
        for name, value in self._command.variables.items():
            yield from self._of_setting(name, value)
        for name in _READ_UNASKED.get(self._program, ()):
            yield from self._file(self._folder / name)
        for name in self._modules:
            yield from self._imported(self._folder, name)

    def _of_program(self, word: str) -> Iterator[Path]:
        # As it is started: a name without a slash is looked for on the PATH, which `_of_setting` sees to.
        if "/" in word:
            yield from self._file(self._base / word)

    def _of_word(self, word: str, *, is_given: bool) -> Iterator[Path]:
        """What a word names; `is_given` says that it is what a program that runs code is given to run."""
        whole = [word, word.partition("=")[2], word[2:] if word.startswith("-") else ""]
        for text in filter(None, dict.fromkeys(whole)):
            for file in self._file(self._folder / text):
                is_here = file.is_relative_to(self._base)
                if (self._runs_code and (is_here or is_given)) or (is_here and not _is_data(file)) or _is_script(file):
                    yield file
        if setting := _SETTING.fullmatch(word):
            yield from self._of_setting(setting["name"], setting["value"])
        yield from self._of_text(word, [self._folder])

    def _of_setting(self, name: str, value: str) -> Iterator[Path]:
        """What a variable with this value leads to: files, and of a path for programs or modules what lies in it."""
        for part in value.split(os.pathsep) if _FOLDERS.fullmatch(name) else ():
            folder = self._folder / part
            for program in filter(None, self._command.words):
                yield from self._file(folder / program)
            for module in (*self._modules, *_IMPORTED_UNASKED):
                yield from self._imported(folder, module)
            if part:
                yield from self._in_folder(folder)
        yield from (file for file in self._file(self._folder / value) if not _is_data(file))
        yield from self._of_text(value, [self._folder])

    def _of_text(self, text: str, folders: Sequence[Path]) -> Iterator[Path]:
        """The files of code that a text names in some of its parts, such as a line for a shell."""
        before = ""
        for part in _parts(_WRITES.sub(" ", text)):
            runs = before in _SOURCES or part.startswith("./") or _RUNS_CODE.fullmatch(before) is not None
            for folder in folders:
                for candidate in dict.fromkeys((part, part.lstrip("/"))):
                    for file in self._file(folder / candidate) if candidate else ():
                        if not _is_data(file) and (runs or _is_script(file)):
                            yield file
            before = part

    def _file(self, candidate: Path) -> Iterator[Path]:
        """The file at a path, unless it is an installed one, and what it leads to; of a folder what Python runs."""
        file = _real_file(candidate, self._base)
        if file is None:
            if _is_folder(candidate):
                yield from self._imported(candidate, "__main__")
            return
        yield file
        if file in self._looked_through:
            return
        self._looked_through.add(file)
        if file.suffix == ".py":
            yield from self._imported(file.parent, file.stem)
        elif text := _shell_script(file):
            yield from self._of_text(text, [self._folder, file.parent])

    def _imported(self, folder: Path, name: str) -> Iterator[Path]:
        """The files of a Python module in `folder`, with what it imports from there."""
        if not all(part.isidentifier() for part in name.split(".")):
            return
        real = folder.resolve()
        if _is_installed(real, self._base):
            return
        for module in find_code(real, [name, f"{name}.__main__"]).modules.values():
            yield real / module.file

    def _in_folder(self, folder: Path) -> Iterator[Path]:
        """The code that lies in a folder, and in those below it that Python could import from."""
        if not _is_folder(folder) or not folder.resolve().is_relative_to(self._base):
            return
        for number, (place, below, names) in enumerate(os.walk(folder)):
            below[:] = sorted(each for each in below if each.isidentifier() and each != "__pycache__")
            if number > MAX_FILES or len(names) > 10 * MAX_FILES:
                raise _too_much(self._base)
            for name in sorted(names):
                file = _real_file(Path(place, name), self._base)
                if file is not None and not _is_data(file) and _is_script(file):
                    yield file


def _modules(words: Sequence[str | None]) -> Iterator[str]:
    """What may be names of Python's modules, in what stands behind `-c` and `-m`."""
    before = ""
    for word in words[1:]:
        behind = _CODE_BEHIND.match(word or "")
        if word and (behind or _CODE_BEHIND.fullmatch(before)):
            yield from _parts(word[behind.end() :] if behind else word)
        before = word or ""


def _parts(text: str) -> list[str]:
    return [part for part in _PARTS.split(_PLACES.sub(" ", text)) if part][:_MOST_PIECES]


def _real_file(candidate: Path, base: Path) -> Path | None:
    """The file that a path leads to, by its own name where that is beside the tools file; None for an installed one."""
    try:
        if not candidate.is_file():
            return None
        own = Path(os.path.normpath(candidate))
        places = (own, candidate.parent.resolve() / candidate.name, candidate.resolve())
        below = next((place for place in places if place.is_relative_to(base) and place.is_file()), None)
        # `..` behind a link leads elsewhere than it reads.
        return below or (None if _is_installed(places[2], base) else places[1])
    except (OSError, ValueError, RuntimeError):  # a name that is too long, a closed folder, links in a circle
        return None


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except (OSError, ValueError):
        return False


def _is_installed(place: Path, base: Path) -> bool:
    """Whether it is of the system, or of Python's own environment, and not of the tools file's folder."""
    return not place.is_relative_to(base) and any(place.is_relative_to(each) for each in _INSTALLED)


def _is_data(file: Path) -> bool:
    """Whether a file has the name of data, and nothing that would make it a program."""
    if not _DATA.fullmatch(file.suffix) or os.access(file, os.X_OK):
        return False
    return _beginning(file) != b"#!"


def _is_script(file: Path) -> bool:
    """Whether a file can be seen to be a program, or a part of one."""
    return _SCRIPT.fullmatch(file.suffix) is not None or os.access(file, os.X_OK) or _beginning(file) == b"#!"


def _beginning(file: Path, size: int = 2) -> bytes:
    try:
        with file.open("rb") as content:
            return content.read(size)
    except OSError:
        return b""


def _shell_script(file: Path) -> str:
    """The text of a script for a shell; "" when it is none, or very long."""
    if file.suffix not in (".sh", ".bash", ".zsh", ".ksh") and not _SHELL_LINE.match(_beginning(file, 100)):
        return ""
    text = _beginning(file, _MOST_SCRIPT + 1)
    return text.decode("utf-8", "replace") if len(text) <= _MOST_SCRIPT else ""


def _digest(file: Path, most: int, base: Path) -> tuple[str, int]:
    """The SHA-256 of a file, and its size as far as `most` and a bit more."""
    digest, size = hashlib.sha256(), 0
    try:
        status = file.stat()
        if status.st_size > _LARGE and not file.is_relative_to(base):
            return f"{status.st_size} bytes, {status.st_mtime_ns}", 0
        with file.open("rb") as content:
            while size <= most and (data := content.read(_CHUNK)):
                digest.update(data)
                size += len(data)
    except OSError as error:
        raise ToolError("failed", f"cannot read {file}: {error.strerror}") from None
    return digest.hexdigest(), size


def _too_much(base: Path) -> ToolError:
    return ToolError("failed", f"the files that its tools in {base} name are too much to be checked")
