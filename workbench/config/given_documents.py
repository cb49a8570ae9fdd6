"""What `--docs` and `docs:` name: a documents file, a document, a folder of them, or a pattern of files.

Owns which of these a path is. A YAML or JSON file is a documents file, unless it is JSON that holds one document; what
is no regular file, such as a shell's `<(command)`, is one, too, unless its name is that of a document; all else is one.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import chain, count, pairwise
from pathlib import Path

from workbench.config.kind import DOCUMENT_KEYS
from workbench.config.nodes import Map, Scalar, plain_data
from workbench.config.reader import read_tree
from workbench.config.setting_types import user_path
from workbench.documents.fields import TEXT_FIELDS
from workbench.documents.formats import CONFIGURATION, DOCUMENTS_ONLY
from workbench.documents.globs import FoundFile, find_files
from workbench.documents.passages import FilePattern, FilePlace, SetSpec
from workbench.documents.record_shapes import AROUND, TELLING, as_record, records_around
from workbench.origin import Origin
from workbench.paths import is_file, look_at

_MAGIC = re.compile(r"[*?\[]")
_YAML = (".yaml", ".yml")
_MANY = 10  # documents of one folder, each given by its name


def is_pattern(path: Path) -> bool:
    """Whether the path is no name of a file but a pattern of some: a file that is there goes before."""
    return bool(_MAGIC.search(str(path))) and not _is_there(path)


def each_given(paths: Iterable[Path]) -> Iterator[Path]:
    """The paths, with those that a pattern of YAML files matches in place of the pattern."""
    for path in paths:
        found: list[FoundFile] = []
        if is_pattern(path) and path.suffix.lower() in _YAML:
            base, pattern = _parted(_at_home(path))
            found, _ = find_files(FilePattern(pattern, base))
        yield from [file.path for file in found] or [path]


def documents_at(path: Path, named_by: Origin | None, *, stays: bool = False) -> SetSpec | None:
    """The set of the documents at a path; None when a documents file is there. The others are as of `FilePattern`."""
    place, whole = FilePlace(str(path), 1, 1), _at_home(path).absolute()
    if is_pattern(path):
        base, pattern = _parted(_at_home(path))
        return _set_of(_folder_of(path), FilePattern(pattern, base, place, named_by, stays), place)
    kind = look_at(whole).kind
    if kind == "folder":
        return _set_of(whole.stem, FilePattern("**/*", whole, place, named_by, stays), place)
    is_text = whole.suffix.lower() in DOCUMENTS_ONLY
    if (kind == "other" and not is_text) or (whole.suffix.lower() in CONFIGURATION and not _is_document(path)):
        return None
    return _set_of(whole.stem, FilePattern(_in_folder(whole.name), whole.parent, place, named_by), place)


def gathered(found: Sequence[SetSpec], given: Sequence[SetSpec], taken: Collection[str]) -> tuple[SetSpec, ...]:
    """The sets `found`; those `given` as documents have names that are not `taken`, and are one where they are many.

    Documents of one folder, as a shell names them for a pattern, are searched together: as sets of their own, every one
    of them would be sent whole.
    """
    of_folder: dict[Path, list[SetSpec]] = {}
    for spec in given:
        if not _MAGIC.search(spec.files[0].pattern) or is_file(spec.files[0].base / spec.files[0].pattern):
            of_folder.setdefault(spec.files[0].base, []).append(spec)
    joined = {id(many[0]): many for many in of_folder.values() if len(many) > _MANY}
    dropped = {id(spec) for many in joined.values() for spec in many[1:]}
    names = set(taken)
    sets: list[SetSpec] = []
    own = {id(spec) for spec in given}
    for spec in found:
        if id(spec) in dropped:
            continue
        made = spec
        if many := joined.get(id(spec)):
            files = tuple(pattern for each in many for pattern in each.files)
            made = _set_of(spec.files[0].base.name, files[0], spec.place)
            made = replace(made, files=files)
        if id(spec) in own:
            made = replace(made, name=_free(made, names))
            names.add(made.name)
        sets.append(made)
    return tuple(sets)


def _free(spec: SetSpec, taken: Collection[str]) -> str:
    """The set's name, else its file's, else the set's with a number: what is not `taken`."""
    numbered = (f"{spec.name}~{number}" for number in count(2))
    return next(name for name in chain((spec.name, Path(spec.place.file).name), numbered) if name not in taken)


def _is_document(path: Path) -> bool:
    """Whether a JSON file holds one document, an object with a text, or search results, and no documents file."""
    if path.suffix.lower() != ".json":
        return False
    tree = read_tree(path)
    if tree.problems or not isinstance(tree.root, Map) or tree.root.entries.keys() & DOCUMENT_KEYS:
        return False
    if tree.root.entries.keys() & {*TELLING, *AROUND}:
        value = plain_data(tree.root)
        if as_record(value) is not None or records_around(value) is not None:
            return True
    texts = (tree.root.entries.get(name) for name in TEXT_FIELDS)
    return any(entry and isinstance(entry.value, Scalar) and isinstance(entry.value.value, str) for entry in texts)


def _set_of(name: str, files: FilePattern, place: FilePlace) -> SetSpec:
    return SetSpec(name or "documents", files=(files,), place=place)


def _parted(path: Path) -> tuple[Path, str]:
    """The folder that the pattern starts from, and the pattern: as it was written, if that is the current folder."""
    if not path.is_absolute():
        return Path.cwd(), _in_folder(str(path))
    parts = path.parts
    first = next(number for number, part in enumerate(parts) if _MAGIC.search(part))
    return Path(*parts[:first]), _in_folder("/".join(parts[first:]))


def _folder_of(path: Path) -> str:
    """The name of the folder before the first part that is a pattern."""
    parts = path.absolute().parts
    return next(before for before, part in pairwise(parts) if _MAGIC.search(part)).strip("/")


def _in_folder(name: str) -> str:
    """The name as a pattern that does not begin at home."""
    return f"./{name}" if name.startswith("~") else name


def _at_home(path: Path) -> Path:
    return path if _is_there(path) else user_path(str(path))


def _is_there(path: Path) -> bool:
    try:
        return os.path.lexists(path)
    except ValueError:
        return False
