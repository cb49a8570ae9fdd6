"""What `--docs` and `docs:` name: a documents file, a document, a folder of them, or a pattern of files.

Owns which of these a path is. A YAML or JSON file is a documents file, unless it is JSON that holds one document; what
is no regular file, such as a shell's `<(command)`, is one, too; all else is a document.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator
from pathlib import Path

from workbench.config.nodes import Map, Scalar, Tree
from workbench.config.setting_types import user_path
from workbench.documents.fields import TEXT_FIELDS
from workbench.documents.formats import CONFIGURATION
from workbench.documents.globs import find_files
from workbench.documents.passages import FilePattern, FilePlace, SetSpec
from workbench.origin import Origin
from workbench.paths import look_at

_MAGIC = re.compile(r"[*?\[]")
_YAML = (".yaml", ".yml")


def is_pattern(path: Path) -> bool:
    """Whether the path is no name of a file but a pattern of some: a file that is there goes before."""
    return bool(_MAGIC.search(str(path))) and not _is_there(path)


def documents_files(path: Path) -> Iterator[Path]:
    """The path, or, if it is a pattern of YAML files, those that it matches, in its order."""
    if is_pattern(path) and path.suffix.lower() in _YAML:
        base, pattern = _parted(_at_home(path))
        found, _ = find_files(FilePattern(pattern, base))
        if found:
            yield from (file.path for file in found)
            return
    yield path


def documents_at(path: Path, named_by: Origin | None) -> SetSpec | None:
    """The set of the documents at a path; None when a documents file is there. `named_by` as of `FilePattern`."""
    place, whole = FilePlace(str(path), 1, 1), _at_home(path).absolute()
    if is_pattern(path):
        base, pattern = _parted(_at_home(path))
        return _set_of(base.name, FilePattern(pattern, base, place, named_by), place)
    kind = look_at(whole).kind
    if kind == "folder":
        return _set_of(whole.stem, FilePattern("**/*", whole, place, named_by), place)
    if kind == "other" or whole.suffix.lower() in CONFIGURATION:
        return None
    return _set_of(whole.stem, FilePattern(whole.name, whole.parent, place, named_by), place)


def document_in(tree: Tree, named_by: Origin | None) -> SetSpec | None:
    """The set of a JSON file that holds one document, an object with a text; None of every other."""
    root, path = tree.root, tree.path
    if path.suffix.lower() != ".json" or not isinstance(root, Map) or tree.problems:
        return None
    texts = (root.entries.get(name) for name in TEXT_FIELDS)
    if not any(entry and isinstance(entry.value, Scalar) and isinstance(entry.value.value, str) for entry in texts):
        return None
    place, whole = FilePlace(str(path), 1, 1), path.absolute()
    return _set_of(whole.stem, FilePattern(whole.name, whole.parent, place, named_by), place)


def _set_of(name: str, files: FilePattern, place: FilePlace) -> SetSpec:
    return SetSpec(name or "documents", files=(files,), place=place)


def _parted(path: Path) -> tuple[Path, str]:
    """The folder before the first part that is a pattern, and what comes behind it."""
    parts = path.absolute().parts
    first = next(number for number, part in enumerate(parts) if _MAGIC.search(part))
    return Path(*parts[:first]), "/".join(parts[first:])


def _at_home(path: Path) -> Path:
    return path if _is_there(path) else user_path(str(path))


def _is_there(path: Path) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:
        return False
