"""Where the index of a set is: one file for each set and the configuration by which it is read.

Owns the name. Refuses to look at documents: what changes in them is found by whoever brings an index up to date.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from workbench.documents.formats import readers
from workbench.documents.passages import SetSpec
from workbench.language import stems

VERSION: Final = 6
"""Of what is in an index: of its tables, of how files are read and cut, and of what a word is."""

_UNFIT = re.compile(r"[^\w.-]+", re.ASCII)
_LONGEST: Final = 40  # characters of a set's name in that of its file


def indexes_folder(environ: Mapping[str, str]) -> Path | None:
    """`$XDG_CACHE_HOME/workbench/indexes` (or below `~/.cache`); None when there is no home."""
    cache, home = environ.get("XDG_CACHE_HOME", ""), environ.get("HOME", "")
    if Path(cache).is_absolute():
        return Path(cache) / "workbench" / "indexes"
    if Path(home).is_absolute():
        return Path(home) / ".cache" / "workbench" / "indexes"
    return None


def index_file(folder: Path, spec: SetSpec) -> Path:
    """The index of a set in `folder`: another one for other files, and for other ways to read and to cut them."""
    files = [(each.pattern, str(each.base), each.stays, each.gitignore) for each in spec.files]
    said = [
        VERSION,
        stems.version(),
        readers(),
        spec.name,
        str(spec.place.file),
        files,
        spec.split.mode,
        spec.split.max_words,
    ]
    digest = hashlib.blake2b(json.dumps(said).encode(), digest_size=10).hexdigest()
    name = _UNFIT.sub("-", spec.name).strip("-.")[:_LONGEST]
    return folder / f"{name or 'set'}-{digest}.sqlite"
