"""The code that commands bring along: the files beside their tools file that they name, and what those hold.

Owns which words of a command are code: its program, scripts and other files that it is given as they are written, a
module behind `-m`; of a Python script, what it imports from beside itself too. A file of data is none, such as a table
that a program reads or writes, unless it is given to what runs code. Only what lies below the tools file's folder is
found: other programs are installed. Refuses to run anything, and to leave out what would be too much to read.
"""

from __future__ import annotations

import hashlib
import os
import re
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.errors import ToolError
from workbench.tools.modules import MAX_BYTES, MAX_FILES, Module, ModulesBeside, find_code

_CHUNK = 1_000_000
_DATA = re.compile(
    r"\.(csv|tsv|txt|md|rst|log|jsonl?|ndjson|xml|html?|db|sqlite3?|parquet|pdf|png|jpe?g)", re.IGNORECASE
)
_RUNS_CODE = re.compile(
    r"(python|pypy|node|deno|bun|ruby|perl|php|lua|rscript|julia|java|go|make|env|uv|uvx|npx|pipx|poetry|xargs|nohup"
    r"|nice|timeout|time|sudo|awk|gawk|sed|[a-z]*sh|[a-z]*script)[0-9.]*"
)


@dataclass(frozen=True, slots=True)
class Words:
    """A command, as far as it is the same in every call: a word that is not is None. `folder` is where it runs."""

    words: Sequence[str | None]
    folder: Path


def find_files(base: Path, commands: Iterable[Words]) -> ModulesBeside | None:
    """The files below `base`, a real folder, that the commands name, by their paths; None if there are none.

    Raises ToolError when one cannot be read, or they are more than `MAX_FILES` files or `MAX_BYTES` bytes.
    """
    found: dict[str, Module] = {}
    left = MAX_BYTES
    for file in _files(base, commands):
        name = os.path.relpath(file, base)
        if name in found:
            continue
        digest, size = _digest(file, left)
        left -= size
        if left < 0 or len(found) >= MAX_FILES:
            raise ToolError("failed", f"its files in {base} are too much to be checked: keep large ones elsewhere")
        found[name] = Module(name, digest)
    return ModulesBeside(base, found) if found else None


def _files(base: Path, commands: Iterable[Words]) -> Iterator[Path]:
    for command in commands:
        before: str | None = None
        runs_code = _RUNS_CODE.fullmatch(Path(command.words[0] or "env").name.lower()) is not None
        for number, word in enumerate(command.words):
            if word is not None:
                named = _named(base, command.folder, word, is_program=number == 0)
                yield from (file for file in named if runs_code or number == 0 or not _is_data(file))
                if before == "-m":
                    yield from _imported(base, command.folder, word)
            before = word


def _named(base: Path, folder: Path, word: str, *, is_program: bool) -> Iterator[Path]:
    if is_program:
        candidates = [base / word] if "/" in word else []
    else:
        candidates = [folder / text for text in (word, word.partition("=")[2]) if text]
    for candidate in candidates:
        file = _below(base, candidate)
        if file is not None:
            yield file
            if file.suffix == ".py":
                yield from _imported(base, file.parent, file.stem)


def _is_data(file: Path) -> bool:
    """Whether a file has the name of data, and nothing that would make it a program."""
    if not _DATA.fullmatch(file.suffix) or os.access(file, os.X_OK):
        return False
    try:
        with file.open("rb") as content:
            return content.read(2) != b"#!"
    except OSError:
        return True


def _below(base: Path, candidate: Path) -> Path | None:
    """The file below `base` that the path leads to, by its own name or, links followed, really."""
    try:
        if not candidate.is_file():
            return None
        places = (Path(os.path.normpath(candidate)), candidate.parent.resolve() / candidate.name, candidate.resolve())
    except (OSError, ValueError, RuntimeError):  # a name that is too long, a closed folder, links in a circle
        return None
    return next((place for place in places if place.is_relative_to(base) and place.is_file()), None)


def _imported(base: Path, folder: Path, name: str) -> Iterator[Path]:
    """The files of a Python module in `folder`, with what it imports from there."""
    real = folder.resolve()
    if not real.is_relative_to(base) or not all(part.isidentifier() for part in name.split(".")):
        return
    for module in find_code(real, [name, f"{name}.__main__"]).modules.values():
        yield real / module.file


def _digest(file: Path, most: int) -> tuple[str, int]:
    """The SHA-256 of a file, and its size as far as `most` and a bit more."""
    digest, size = hashlib.sha256(), 0
    try:
        with file.open("rb") as content:
            while size <= most and (data := content.read(_CHUNK)):
                digest.update(data)
                size += len(data)
    except OSError as error:
        raise ToolError("failed", f"cannot read {file}: {error.strerror}") from None
    return digest.hexdigest(), size
