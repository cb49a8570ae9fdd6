"""What every converter has in common: faults of its library, text that a request can carry, and blocks of paragraphs.

Owns that no damaged file raises more than a located problem, and how much text may come of one file. Knows no format.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from typing import Final

from workbench.documents.source_lines import BinaryFile, Flaw, MissingExtra, Parsed, SourceBlock, SourceDocument
from workbench.surrogates import sendable

MOST_CHARACTERS: Final = 20_000_000  # of text in one file, as much as a file of text may have
_BREAK = re.compile(r"\n[ \t]*\n\s*")
_UNSEEN = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f]")


class Refused(Exception):
    """Nothing of the file can be used: `message` goes on from its name."""

    def __init__(self, message: str, hint: str = "") -> None:
        self.message = message
        self.hint = hint
        super().__init__(message)


def guarded(source: BinaryFile, convert: Callable[[BinaryFile], Parsed]) -> Parsed:
    """What `convert` gives for the file, or why there is nothing. Raises MissingExtra."""
    if not source.data:
        return source.left_out("is empty")
    try:
        return convert(source)
    except Refused as refused:
        return source.left_out(refused.message, refused.hint)
    except MissingExtra:
        raise
    except MemoryError:
        return source.left_out("needs more memory to be read than it may have", "split the file")
    except Exception as error:  # noqa: BLE001 - of a damaged file, a converter may raise whatever Python has
        told = " ".join(str(error).split())[:200]
        why = f"{type(error).__name__}: {told}" if told else type(error).__name__
        return source.left_out(
            f"is damaged, or no {kind_of(source)} file: {why}", "open it in its program and save it anew"
        )


def within_bounds(source: BinaryFile, documents: Iterable[SourceDocument], unit: str) -> Parsed:
    """The documents that hold text, up to the first that makes them too much; `unit` is what each is in the file."""
    kept: list[SourceDocument] = []
    size = 0
    for number, document in enumerate(documents, 1):
        size += sum(len(block.text) for block in document.blocks)
        if size > MOST_CHARACTERS:
            message = f"holds more than {MOST_CHARACTERS // 1_000_000} million characters of text"
            outcome = f"what comes before {unit} {number} is used"
            return Parsed(tuple(kept), (Flaw(source.file, 0, 0, message, "split the file", outcome),))
        if document.blocks:
            kept.append(document)
    if not kept:
        raise Refused("holds no text")
    return Parsed(tuple(kept))


def paragraphs(text: str, title: str) -> Iterator[SourceBlock]:
    """The paragraphs of a text of many lines, parted by blank ones."""
    for part in _BREAK.split(clean(text)):
        if part.strip():
            yield SourceBlock(part.strip("\n").rstrip(), None, title)


def clean(text: str) -> str:
    """The text with line feeds only, and without what no request or terminal should carry."""
    return sendable(_UNSEEN.sub("", text.replace("\r\n", "\n").replace("\r", "\n").replace("\v", "\n")))


def one_line(text: str) -> str:
    """The text as one line, fit for a title."""
    return " ".join(clean(text).split())


def kind_of(source: BinaryFile) -> str:
    """The suffix of a file's name, in small letters and without its dot."""
    return source.file.rpartition(".")[2].lower()
