"""CSV and TSV: a row is a document, its columns are the data fields.

Owns the dialect (comma, semicolon, tab or bar, as the header shows, or what `sep=` in the first line says) and the
located problems of single rows. Refuses to guess at a file without a header: its first row names the columns.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from workbench.documents.fields import TEXT_FIELDS
from workbench.documents.formats.records import document_of
from workbench.documents.source_lines import Flaw, Parsed, SourceDocument, SourceFile

_REST = "what comes before it is used"
_DELIMITERS = ",;\t|"
_SEPARATOR = re.compile(r"""\ufeff?"?sep=([^\s\w"]|\t)"?[ \t]*\n""", re.IGNORECASE)
_Row = tuple[list[str], tuple[int, int]]


def parse_csv(source: SourceFile) -> Parsed:
    """The documents of a file of comma-separated (or `;`, tab, `|`) values."""
    return _parse(source, _told(source.text) or _delimiter(source.text))


def parse_tsv(source: SourceFile) -> Parsed:
    """The documents of a file of tab-separated values."""
    return _parse(source, _told(source.text) or "\t")


def _told(text: str) -> str:
    """The separator that a first line `sep=;` tells, as spreadsheets write it; "" without one."""
    found = _SEPARATOR.match(text)
    return found[1] if found else ""


def _delimiter(text: str) -> str:
    header = next((line for line in text[:65536].split("\n") if line.strip()), "")
    unquoted = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=unquoted.count)


def _parse(source: SourceFile, delimiter: str) -> Parsed:
    documents: list[SourceDocument] = []
    problems: list[Flaw] = []
    header: list[str] | None = None
    rows = _Rows(source, delimiter, first=1 if _told(source.text) else 0)
    for row in rows:
        if isinstance(row, Flaw):
            if header is None:
                return Parsed(problems=(replace(row, outcome="the file is left out"),))
            problems.append(row)
            continue
        cells, lines = row
        if header is None:
            header = column_names(cells)
            rows.width = len(header)
            continue
        if len(cells) > len(header):
            message = f"the row has {len(cells)} fields, the header names {len(header)}"
            hint = "quote fields that hold the separator"
            outcome = "the fields that have no name are kept"
            problems.append(source.problem(lines[0], 1, message, hint, outcome=outcome))
        document = _document(source, header, cells, lines)
        if document is not None:
            documents.append(document)
    return Parsed(tuple(documents), tuple(problems))


class _Rows:
    """The rows of a table that are not blank, with their lines; what is no row is a problem, and reading goes on.

    A quote that never ends takes in the rows below it: these are looked at again, one by one, and count when they have
    as many cells as the header (`width`, once that is known), more than one.
    """

    def __init__(self, source: SourceFile, delimiter: str, first: int = 0) -> None:
        self.width = 0
        self._source = source
        self._delimiter = delimiter
        self._lines = source.text.split("\n")
        self._position = first
        self._doubtful = 0  # rows that begin on a line before this one are part of a bad row, perhaps
        self._again = 20 * len(self._lines) + 10_000  # lines that may be read once more

    def __iter__(self) -> Iterator[_Row | Flaw]:
        reader = self._reader()
        while True:
            first = self._position
            try:
                cells = next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                if first >= self._doubtful:
                    message = f"not a valid row: {error}"
                    yield self._source.problem(first + 1, 1, message, "check its quotes", outcome="the row is left out")
                    self._doubtful = self._position
                self._again -= self._position - first
                if self._again < 0:
                    message = "too many rows with a quote that does not end"
                    yield self._source.problem(first + 1, 1, message, "check the quotes", outcome=_REST)
                    return
                self._position = first + 1
                reader = self._reader()
                continue
            in_doubt = first < self._doubtful and not self._stands_alone(cells)
            if not in_doubt and any(cell.strip() for cell in cells):
                yield cells, (first + 1, self._position)

    def _stands_alone(self, cells: Sequence[str]) -> bool:
        return 1 < len(cells) == self.width and not any('"' in cell for cell in cells)

    def _reader(self) -> Iterator[list[str]]:
        return csv.reader(self._from_here(), delimiter=self._delimiter, strict=True)

    def _from_here(self) -> Iterator[str]:
        last = len(self._lines) - 1
        while self._position <= last:
            line = self._lines[self._position]
            self._position += 1
            if self._position <= last or line:
                yield line + "\n" if self._position <= last else line


def column_names(cells: Sequence[str]) -> list[str]:
    """The names of the columns that a row of headings gives: each once, with a number for a column without one."""
    names: dict[str, None] = {}
    for number, cell in enumerate(cells, 1):
        name = " ".join(cell.split()) or f"column {number}"
        if name.lower() in ("id", "title", *TEXT_FIELDS):
            name = name.lower()
        names[name if name not in names else f"{name} ({number})"] = None
    return list(names)


def _document(
    source: SourceFile, header: Sequence[str], cells: Sequence[str], lines: tuple[int, int]
) -> SourceDocument | None:
    extra = [f"column {number}" for number in range(len(header) + 1, len(cells) + 1)]
    fields = dict(zip([*header, *extra], cells, strict=False))
    filled = {name: cell for name, cell in fields.items() if cell.strip()}
    return document_of(filled, lines, f"{source.stem}, line {lines[0]}")
