"""Documents between a file and its passages: blocks of text that know their lines and their heading.

Owns the values that every format's parser hands to the splitter. Does no work and no input or output.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final, NamedTuple

from workbench.errors import Problem

LEFT_OUT: Final = "the file is left out"
"""The outcome of a flaw with which nothing of a file is of use."""


@dataclass(frozen=True, slots=True)
class Flaw(Problem):
    """A problem of a document, and what is done where reading goes on in spite of it: "the row is left out".

    With `harmless`, it goes on always.
    """

    outcome: str = ""
    harmless: bool = False

    def stopping(self) -> Problem:
        """The problem, where nothing is read because of it."""
        return Problem(self.file, self.line, self.column, self.message, self.hint)

    def forgiven(self) -> Problem:
        """The problem, with what is done about it."""
        message = f"{self.message}; {self.outcome}" if self.outcome else self.message
        return Problem(self.file, self.line, self.column, message, self.hint)


class SourceBlock(NamedTuple):
    """A paragraph, heading, fence, row or record: what is split only when it does not fit.

    `lines` is (first, last) in the file, counted from 1; `exact` says that each line of `text` is one line of
    the file. `title` is the heading path above it. `gap` is how many line feeds part it from the block
    before. A `heading` begins a passage and stays with what follows; so does an `introduces` block, which
    leads to the next one, a paragraph to its fence.
    """

    text: str
    lines: tuple[int, int] | None = None
    title: str = ""
    gap: int = 2
    exact: bool = False
    heading: bool = False
    introduces: bool = False


@dataclass(frozen=True, slots=True)
class SourceDocument:
    """One document before splitting. `id` and `data` are the user's own, None where the file has none.

    `fields` go along with each of its passages where it has no `data`: those of a page's front matter.
    """

    title: str
    blocks: tuple[SourceBlock, ...]
    id: str | None = None
    data: Mapping[str, Any] | None = None
    fields: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class SourceFile:
    """A decoded file: `text` with line feeds only, `file` as problems name it, `stem` as a last-resort title."""

    text: str
    file: str
    stem: str

    def problem(
        self, line: int, column: int, message: str, hint: str = "", *, outcome: str = "", harmless: bool = False
    ) -> Flaw:
        """A problem at a place of this file; `outcome` and `harmless` as of `Flaw`."""
        return Flaw(self.file, line, column, message, hint, outcome, harmless)


@dataclass(frozen=True, slots=True)
class Parsed:
    """What a parser found, with everything that it could not use."""

    documents: tuple[SourceDocument, ...] = ()
    problems: tuple[Flaw, ...] = ()


@dataclass(frozen=True, slots=True)
class BinaryFile:
    """A file that is no text: its bytes, `file` as problems name it, `stem` as a last-resort title."""

    data: bytes
    file: str
    stem: str

    def left_out(self, message: str, hint: str = "") -> Parsed:
        """That nothing of the file can be used, and why."""
        return Parsed(problems=(Flaw(self.file, 0, 0, message, hint, LEFT_OUT),))


class MissingExtra(Exception):
    """A package that reads such files is not installed: what they are, "PDF files", and the extra that brings it."""

    def __init__(self, what: str, extra: str) -> None:
        self.what = what
        self.extra = extra
        self.command = f"pip install 'cohere-workbench[{extra}]'"
        super().__init__(f"{what} need {self.command}")


@dataclass(frozen=True, slots=True)
class FileToConvert:
    """A file that is no text: where it lies (`real`), its suffix in small letters, `file` and `stem` as above."""

    real: Path
    suffix: str
    file: str
    stem: str

    def left_out(self, message: str, hint: str = "") -> Parsed:
        """That nothing of the file can be used, and why."""
        return BinaryFile(b"", self.file, self.stem).left_out(message, hint)


Parser = Callable[[SourceFile], Parsed]
Converter = Callable[[BinaryFile], Parsed]
"""Raises MissingExtra, and nothing for what the file holds."""
Convert = Callable[[FileToConvert], Parsed]
"""What has such a file converted, wherever that is done. Raises MissingExtra, and nothing for what the file holds."""
