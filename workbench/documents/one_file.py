"""One file as its documents, each cut into passages: the same wherever it is read, in this process or another.

Owns what the passages of a file are made of. Knows no set: ids are given where all of a set is known.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from workbench.documents.fields import sendable, text_field, text_of, title_of
from workbench.documents.file_documents import documents_of
from workbench.documents.formats.records import record_blocks
from workbench.documents.passages import InlineDocument, SplitSpec
from workbench.documents.source_lines import Convert, Flaw, SourceDocument
from workbench.documents.split import SplitPiece, split


@dataclass(frozen=True, slots=True)
class FileToRead:
    """A file: where it lies (`real`), its name in problems (`file`), its suffix in small letters, its name's stem.

    `known` says that it is to be text; another one that is none is left out without a problem.
    """

    real: Path
    file: str
    suffix: str
    stem: str
    known: bool

    @property
    def key(self) -> str:
        """Where it lies, as a text that can be kept, though its name be none."""
        return os.fsencode(self.real).decode("utf-8", "backslashreplace")


@dataclass(frozen=True, slots=True)
class ReadPassage:
    """A passage without its id; `data` is None where it is the text and the title alone."""

    title: str
    text: str
    lines: tuple[int, int] | None
    data: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class ReadDocument:
    """A document: the id that it gives itself, if any, the first of its lines (0 where it has none), its passages."""

    own_id: str | None
    line: int
    passages: tuple[ReadPassage, ...]


@dataclass(frozen=True, slots=True)
class ReadFile:
    """What came of a file. `left` says why it is no document, "" where it is one; `is_read` that it is text.

    `flaws` are those of the bytes, then those of what they say. `filled` tells that it has passages, also where these
    are kept elsewhere and `documents` are none.
    """

    documents: tuple[ReadDocument, ...] = ()
    flaws: tuple[tuple[Flaw, ...], ...] = ()
    left: str = ""
    is_read: bool = False
    filled: bool = False


def read_file(wanted: FileToRead, spec: SplitSpec, convert: Convert) -> ReadFile:
    """Read and split one file; what is no text is for `convert`. Raises nothing for what it holds."""
    found = documents_of(wanted.real, wanted.file, wanted.suffix, wanted.stem, convert, known=wanted.known)
    documents = tuple(split_document(document, spec) for document in found.documents)
    filled = any(document.passages for document in documents)
    return ReadFile(documents, found.flaws, found.left, found.is_read, filled)


def inline_document(document: InlineDocument, fallback_title: str, spec: SplitSpec) -> ReadDocument:
    """A document that is written in a documents file."""
    data = sendable(document.data)
    title = title_of(data) or fallback_title
    own_id = sendable(document.id) if document.id else None
    return split_document(SourceDocument(title, record_blocks(text_of(data), title), own_id, data), spec)


def split_document(document: SourceDocument, spec: SplitSpec) -> ReadDocument:
    """A document with its passages."""
    line = next((block.lines[0] for block in document.blocks if block.lines), 0)
    return ReadDocument(document.id, line, tuple(_passages(document, split(document.blocks, spec))))


def _passages(document: SourceDocument, pieces: list[SplitPiece]) -> Iterator[ReadPassage]:
    for piece in pieces:
        if document.data is None:
            own = {"text": piece.text, "title": piece.title, **document.fields} if document.fields else None
            yield ReadPassage(piece.title, piece.text, piece.lines, own)
        else:
            text, data = _content(document.data, piece, whole=len(pieces) == 1)
            yield ReadPassage(piece.title, text, piece.lines, data)


def _content(own: Mapping[str, Any], piece: SplitPiece, *, whole: bool) -> tuple[str, dict[str, object]]:
    """A passage's text and `data`: the user's own fields as they are, unless the document had to be split."""
    if whole:
        return text_of(own), dict(own)
    name = text_field(own)
    title = title_of(own)
    data: dict[str, object] = {"text": piece.text, **({"title": title} if title else {})}
    if name is not None:
        data |= {key: value for key, value in own.items() if key not in (name, "text", "title")}
    return piece.text, data
