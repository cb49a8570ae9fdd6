"""One file as its documents, before they are split: as text for a parser, or as bytes for a converter.

Owns which of the two a file is, and what is no document although its name may be one's. Knows no set and no id: a file
gives the same wherever it is read. Takes as long as its converter does, so it is never called on the event loop.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path

from workbench.documents.file_text import read_text
from workbench.documents.formats import CONVERTERS, FALLBACK, NOT_READ, PAGES, PARSERS
from workbench.documents.source_lines import (
    LEFT_OUT,
    Convert,
    FileToConvert,
    Flaw,
    MissingExtra,
    SourceDocument,
    SourceFile,
)

_PRIVATE_KEY = re.compile(r"\s*-----BEGIN [A-Z ]*PRIVATE KEY")


@dataclass(frozen=True, slots=True)
class FileDocuments:
    """What came of a file. `left` says why it is no document, "" where it is one; `is_read` that it could be read.

    `flaws` are those of the bytes, then those of what they say.
    """

    documents: tuple[SourceDocument, ...] = ()
    flaws: tuple[tuple[Flaw, ...], ...] = ()
    left: str = ""
    is_read: bool = False


def documents_of(real: Path, file: str, suffix: str, stem: str, convert: Convert, *, known: bool) -> FileDocuments:
    """The documents of the file that lies at `real`, `file` in problems. Raises nothing for what it holds.

    `suffix` is that of its name in small letters, `stem` a last-resort title. What is no text is for `convert`. A file
    that is not `known` to be asked for is left out without a problem where it is no text, or where the package that
    reads it is missing.
    """
    if suffix in NOT_READ:
        message, hint = f"{suffix} files are not read", "save it as PDF, .docx, .pptx or .xlsx"
        return FileDocuments(flaws=((Flaw(file, 0, 0, message, hint, LEFT_OUT),),))
    if suffix in CONVERTERS:
        return _converted(FileToConvert(real, suffix, file, stem), convert, known=known)
    text, flaws = read_text(real, file, is_page=suffix in PAGES)
    if not known and (text is None or _PRIVATE_KEY.match(text)):
        return FileDocuments(left="a private key" if text else flaws[0].message.removeprefix("is "))
    if text is None:
        return FileDocuments(flaws=(tuple(flaws),))
    parsed = PARSERS.get(suffix, FALLBACK)(SourceFile(text, file, stem))
    return FileDocuments(parsed.documents, (tuple(flaws), parsed.problems), is_read=True)


def _converted(wanted: FileToConvert, convert: Convert, *, known: bool) -> FileDocuments:
    try:
        parsed = convert(wanted)
    except MissingExtra as missing:
        if not known:
            return FileDocuments(left=f"needs {missing.command}")
        message = f"{missing.what} need a package that is not installed"
        return FileDocuments(flaws=((Flaw(wanted.file, 0, 0, message, missing.command, LEFT_OUT),),))
    return FileDocuments(parsed.documents, (parsed.problems,), is_read=bool(parsed.documents))
