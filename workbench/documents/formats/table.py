"""CSV and TSV: a row is a document, its columns are the data fields.

Owns the dialect (comma, semicolon, tab or bar, as the header shows) and the located problems of single rows.
Refuses to guess at a file without a header: its first row names the columns.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Sequence

from workbench.documents.fields import TEXT_FIELDS
from workbench.documents.formats.records import document_of
from workbench.documents.source_lines import Parsed, SourceDocument, SourceFile
from workbench.errors import Problem

_DELIMITERS = ",;\t|"
_Row = tuple[list[str], tuple[int, int]]


def parse_csv(source: SourceFile) -> Parsed:
    """The documents of a file of comma-separated (or `;`, tab, `|`) values."""
    return _parse(source, _delimiter(source.text))


def parse_tsv(source: SourceFile) -> Parsed:
    """The documents of a file of tab-separated values."""
    return _parse(source, "\t")


def _delimiter(text: str) -> str:
    header = next((line for line in io.StringIO(text[:65536]) if line.strip()), "")
    unquoted = "".join(header.split('"')[::2])
    return max(_DELIMITERS, key=unquoted.count)


def _parse(source: SourceFile, delimiter: str) -> Parsed:
    documents: list[SourceDocument] = []
    problems: list[Problem] = []
    header: list[str] | None = None
    for row in _rows(source, delimiter):
        if isinstance(row, Problem):
            problems.append(row)
            continue
        cells, lines = row
        if header is None:
            header = _column_names(cells)
            continue
        if len(cells) > len(header):
            message = f"the row has {len(cells)} fields, the header names {len(header)}"
            hint = "quote fields that hold the separator"
            problems.append(source.problem(lines[0], 1, message, hint))
        document = _document(source, header, cells, lines)
        if document is not None:
            documents.append(document)
    return Parsed(tuple(documents), tuple(problems))


def _rows(source: SourceFile, delimiter: str) -> Iterator[_Row | Problem]:
    """The rows that are not blank, with their lines; after a bad row the next one is read."""
    reader = csv.reader(io.StringIO(source.text, newline="\n"), delimiter=delimiter, strict=True)
    while True:
        first = reader.line_num + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            yield source.problem(first, 1, f"not a valid row: {error}", "check its quotes; the row is left out")
            continue
        if any(cell.strip() for cell in cells):
            yield cells, (first, reader.line_num)


def _column_names(cells: Sequence[str]) -> list[str]:
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
