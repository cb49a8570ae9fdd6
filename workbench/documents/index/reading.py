"""A file as the rows of an index: read, cut and taken apart into terms, with nothing but the file itself.

Owns what can be done apart from the index, here or in another process.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from workbench.documents.file_text import digest_of
from workbench.documents.index.data import packed
from workbench.documents.index.entry import entry_of
from workbench.documents.one_file import FileToRead, ReadDocument, ReadFile, read_file
from workbench.documents.passages import SplitSpec
from workbench.documents.source_lines import Convert, Flaw
from workbench.language.search_terms import PassageTerms

Row = tuple[str | None, int, int, str, str, str | None, int | None, int | None, str, int]
"""The own id of the document, its line, the number of the passage among the document's, title, text, data as
`index.data` packs them, first and last line, the entry in the index of words, and how many terms it has."""


@dataclass(frozen=True, slots=True)
class Rows:
    """The passages of one file, what is to be said of it, the hash of its bytes, and what is met first.

    `fresh` has the terms that are met first, `fields` the names of such fields of documents.
    """

    rows: list[Row]
    flaws: tuple[tuple[Flaw, ...], ...]
    left: str
    is_read: bool
    hash: bytes
    fresh: list[str]
    fields: list[str]


class RowReader:
    """Makes rows of files, and remembers which terms it has met; what is no text is for `convert`."""

    def __init__(self, spec: SplitSpec, convert: Convert) -> None:
        self._spec = spec
        self._convert = convert
        self._fresh: set[str] = set()
        self._terms = PassageTerms(self._fresh)
        self._repeated: set[str] = set()
        self._fields: set[str] = set()

    def file(self, wanted: FileToRead) -> Rows:
        """The rows of a file. Raises nothing for what it holds."""
        before, hash = _stamp_of(wanted.real), hash_of(wanted.real)
        read = read_file(wanted, self._spec, self._convert)
        # A file that is written meanwhile has no hash, so that it is read again.
        return self._rows(read, hash if before == _stamp_of(wanted.real) else b"")

    def inline(self, document: ReadDocument, hash: bytes) -> Rows:
        """The rows of a document that is written in a documents file."""
        return self._rows(ReadFile((document,), is_read=True, filled=bool(document.passages)), hash)

    def _rows(self, read: ReadFile, hash: bytes) -> Rows:
        rows = [row for document in read.documents for row in self._of_document(document)]
        fresh = list(self._fresh)
        self._fresh.clear()
        return Rows(rows, read.flaws, read.left, read.is_read, hash, fresh, self._new_fields(read))

    def _new_fields(self, read: ReadFile) -> list[str]:
        found = {key for document in read.documents for each in document.passages for key in each.data or ()}
        new = found - self._fields
        self._fields |= new
        return sorted(new)

    def _of_document(self, document: ReadDocument) -> list[Row]:
        rows: list[Row] = []
        for number, each in enumerate(document.passages, 1):
            entry, repeated, size = entry_of(self._terms.by_chunks(f"{each.title}\n{each.text}"))
            if repeated:
                self._note(repeated)
            data = packed(each.data, each.text)
            first, last = each.lines or (None, None)
            rows.append((document.own_id, document.line, number, each.title, each.text, data, first, last, entry, size))
        return rows

    def _note(self, repeated: list[str]) -> None:
        found = set(repeated) - self._repeated
        self._repeated |= found
        self._fresh |= found


def _stamp_of(path: Path) -> tuple[int, int, int] | None:
    """What changes when a file is written, as far as its folder tells; None where it does not."""
    try:
        status = path.stat()
    except (OSError, ValueError):
        return None
    return status.st_size, status.st_mtime_ns, status.st_ino


def hash_of(path: Path) -> bytes:
    """What tells a file's bytes from others; b"" when it cannot be read."""
    try:
        return digest_of(path)
    except (OSError, ValueError):
        return b""


def flaws_as_json(flaws: Sequence[Sequence[Flaw]]) -> str:
    """Flaws as they are kept."""
    named = [[[f.file, f.line, f.column, f.message, f.hint, f.outcome, f.harmless] for f in of_one] for of_one in flaws]
    return json.dumps(named)


def flaws_of_json(text: str) -> tuple[tuple[Flaw, ...], ...]:
    """What `flaws_as_json` kept. Raises ValueError or TypeError for anything else."""
    return tuple(tuple(Flaw(*each) for each in of_one) for of_one in json.loads(text))
