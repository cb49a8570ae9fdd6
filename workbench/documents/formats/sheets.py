"""Excel (.xlsx): each row of a sheet is a document, whose fields are its columns; sheet and row are its place.

Owns which row names the columns. A sheet of one column is text. Takes the values that a formula had when the file was
saved. Refuses to run a formula or a macro, or to follow a link to another file.
"""

from __future__ import annotations

import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import date, datetime, time, timedelta
from itertools import groupby
from typing import Any, Final
from zipfile import ZipFile

from workbench.documents.fields import title_of
from workbench.documents.formats.converted import clean, guarded, one_line, within_bounds
from workbench.documents.formats.outline import SEPARATOR
from workbench.documents.formats.package import opened, read_part
from workbench.documents.formats.records import document_of, record_blocks
from workbench.documents.formats.table import column_names
from workbench.documents.source_lines import BinaryFile, Flaw, MissingExtra, Parsed, SourceBlock, SourceDocument

MOST_CELLS: Final = 5_000_000  # of one file, empty ones too
_NO_VALUE: Final = re.compile(
    rb"""<c\b(?![^>]*\bt="str")[^>]*>\s*<f\b[^>]*(?:/>|>[^<]*</f>)\s*(?:<v\s*/>|<v>\s*</v>)?\s*</c>"""
)
_HEAD: Final = 20  # rows in which the one that names the columns is looked for
_Row = tuple[int, list[str], bool]
"""A row's number from 1, its cells as text, and whether all that are filled hold text."""


def convert(source: BinaryFile) -> Parsed:
    """The documents of a workbook: those of its sheets in their order, hidden ones too."""
    return guarded(source, _converted)


def _converted(source: BinaryFile) -> Parsed:
    try:
        from openpyxl import load_workbook
    except ImportError:
        raise MissingExtra("Excel files", "office") from None
    with opened(source) as package:
        unknown = sum(len(_NO_VALUE.findall(read_part(package, name))) for name in _sheets(package))
    book = load_workbook(io.BytesIO(source.data), read_only=True, data_only=True, keep_links=False)
    try:
        sheets = [(sheet.title, *_rows(sheet)) for sheet in book.worksheets]
    finally:
        book.close()
    parsed = within_bounds(source, (each for name, rows, _ in sheets for each in _sheet(name, rows, source)), "row")
    return replace(parsed, problems=(*parsed.problems, *_flaws(source, sheets, unknown)))


def _sheets(package: ZipFile) -> Iterator[str]:
    """The parts of a package that are sheets."""
    return (name for name in package.namelist() if name.startswith("xl/worksheets/") and name.endswith(".xml"))


def _flaws(source: BinaryFile, sheets: Sequence[tuple[str, list[_Row], int]], unknown: int) -> Iterator[Flaw]:
    for name, _, end in sheets:
        if end:
            message = f"the sheet {one_line(name)} has more than {MOST_CELLS:,} cells"
            yield Flaw(source.file, 0, 0, message, "split the file", f"what comes before row {end} is used")
    if unknown:
        what = "1 formula has no value" if unknown == 1 else f"{unknown} formulas have no values"
        hint = "open it in its program and save it, which works them out"
        yield Flaw(
            source.file,
            0,
            0,
            f"{what} saved in the file",
            hint,
            f"{'its cell is' if unknown == 1 else 'their cells are'} empty",
            harmless=True,
        )


def _rows(sheet: Any) -> tuple[list[_Row], int]:
    """The rows of a sheet in which anything stands, and the number of the first that is too much; 0 for none."""
    sheet.reset_dimensions()  # what a file says of its own size is not always so
    rows: list[_Row] = []
    cells = 0
    for number, values in enumerate(sheet.iter_rows(values_only=True), 1):
        cells += len(values)
        if cells > MOST_CELLS:
            return rows, number
        texts = [_shown(value) for value in values]
        while texts and not texts[-1].strip():
            texts.pop()
        if texts:
            filled = [value for value in values if value is not None]
            rows.append((number, texts, all(isinstance(value, str) for value in filled)))
    return rows, 0


def _sheet(name: str, rows: Sequence[_Row], source: BinaryFile) -> Iterator[SourceDocument]:
    place = f"{source.stem}{SEPARATOR}{one_line(name)}"
    head = _head(rows)
    if head is None:
        yield from _texts(rows, place)
        return
    yield from _texts(rows[:head], place)
    _, names, _ = rows[head]
    for number, cells, _ in rows[head + 1 :]:
        yield _record(names, cells, f"{place}, row {number}")


def _head(rows: Sequence[_Row]) -> int | None:
    """The index of the row that names the columns: the first with names only, as many as most rows have cells."""
    widths = [sum(map(bool, cells)) for _, cells, _ in rows]
    if not rows or max(widths) < 2:
        return None
    usual = sorted(widths)[len(widths) // 2]
    for index, (_, cells, is_text) in enumerate(rows[:_HEAD]):
        if is_text and widths[index] >= max(2, usual) and len(set(cells)) == len(cells):
            return index if index + 1 < len(rows) else None
    return None


def _texts(rows: Sequence[_Row], place: str) -> Iterator[SourceDocument]:
    """Rows without names: each run of rows that follow one another is a text of a line a row."""
    numbered = enumerate(rows)
    for _, group in groupby(numbered, key=lambda each: each[1][0] - each[0]):
        run = [row for _, row in group]
        first, last = run[0][0], run[-1][0]
        title = f"{place}, row {first}" if first == last else f"{place}, rows {first}–{last}"
        lines = (" | ".join(one_line(cell) for cell in cells if cell.strip()) for _, cells, _ in run)
        yield SourceDocument(title, tuple(SourceBlock(line, None, title, gap=1) for line in lines))


def _record(header: Sequence[str], cells: Sequence[str], place: str) -> SourceDocument:
    names = column_names([*header, *[""] * (len(cells) - len(header))])
    filled = {name: cell for name, cell in zip(names, cells, strict=False) if cell.strip()}
    document = document_of(filled, None, place)
    assert document is not None and document.data is not None
    own = title_of(document.data)
    title = f"{own}{SEPARATOR}{place}" if own else place
    text = "\n\n".join(block.text for block in document.blocks)
    return SourceDocument(title, record_blocks(text, title), document.id, document.data)


def _shown(value: Any) -> str:
    """A value as a person would write it: a day without a time, hours beyond a day, a whole number without a point."""
    if value is None:
        return ""
    if isinstance(value, datetime):
        return value.date().isoformat() if value.time() == time() else value.isoformat(" ")
    if isinstance(value, date | time):
        return value.isoformat()
    if isinstance(value, timedelta):
        minutes, seconds = divmod(round(value.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02}:{seconds:02}"
    if isinstance(value, float) and value.is_integer() and abs(value) < 1e15:
        return str(int(value))
    return clean(str(value))
