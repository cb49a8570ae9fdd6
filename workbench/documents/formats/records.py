"""JSON and JSON lines: one document for each record, in Cohere's own shapes.

Owns the decoding of untrusted JSON: every problem has its line and column, depth is bounded before anything
recurses, and the records before a problem are kept. Refuses records that are neither text nor object, and tools.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from workbench.documents.fields import sendable, text_of, title_of
from workbench.documents.record_shapes import as_record, records_around
from workbench.documents.source_lines import Flaw, Parsed, SourceBlock, SourceDocument, SourceFile
from workbench.documents.tool_shapes import shape_of
from workbench.safe_text import invisible_at, name_of

_MAX_DEPTH = 100
_MAX_DIGITS = 300
_SPACE = re.compile(r"[ \t\n\r]*")
_BRACKETS = re.compile(r'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[\[\]{}]', re.DOTALL)
_PARAGRAPH_BREAK = re.compile(r"\n[ \t]*\n\s*")
_REST = "what comes before it is used"
_SHAPE = "a document is a text, or an object with `text` or other fields, and perhaps `id` and `title`"


def document_of(value: Any, lines: tuple[int, int] | None, fallback_title: str) -> SourceDocument | None:
    """The document of one record: a text, `{id, data: {...}}`, `{id, title, text, ...}` or a shape of `as_record`.

    None if it is none of these.
    """
    own_id = None
    value = as_record(value) or value
    if isinstance(value, Mapping):
        fields = dict(value)
        raw_id = fields.pop("id", None)
        own_id = str(sendable(str(raw_id))) if raw_id not in (None, "") else None
        value = fields.get("data") if isinstance(fields.get("data"), (str, Mapping)) else fields
    if isinstance(value, str):
        value = {"text": value}
    if not isinstance(value, Mapping):
        return None
    data: dict[str, Any] = sendable(value)
    title = title_of(data) or fallback_title
    return SourceDocument(title, record_blocks(text_of(data), title, lines), own_id, data)


def record_blocks(text: str, title: str, lines: tuple[int, int] | None = None) -> tuple[SourceBlock, ...]:
    """The paragraphs of a record's text; all of them stand on the record's lines."""
    return tuple(SourceBlock(part, lines, title) for part in _PARAGRAPH_BREAK.split(text) if part.strip())


def parse_json(source: SourceFile) -> Parsed:
    """The documents of a JSON file: a list of records, or one object."""
    try:
        return _collect(source, _json_records(source), "item")
    except _Unreadable as error:
        return Parsed(problems=(replace(error.problem, outcome="the file is left out"),))


def parse_jsonl(source: SourceFile) -> Parsed:
    """The documents of a JSON lines file, one a line; a bad line is a problem and the rest is used."""
    return _collect(source, _jsonl_records(source), "line")


class _Unreadable(Exception):
    """Carries the problem of a text that is no JSON."""

    def __init__(self, problem: Flaw) -> None:
        self.problem = problem
        super().__init__(str(problem))


@dataclass(frozen=True, slots=True)
class _Record:
    value: Any
    number: int
    lines: tuple[int, int]
    column: int


def _collect(source: SourceFile, records: Iterator[_Record | Flaw], unit: str) -> Parsed:
    documents: list[SourceDocument] = []
    problems: list[Flaw] = []
    tools = _Tools(source, unit)
    for record in records:
        if isinstance(record, Flaw):
            problems.append(record)
            continue
        if tools.takes(record):
            continue
        document = document_of(record.value, record.lines, f"{source.stem}, {unit} {record.number}")
        if document is not None:
            documents.append(document)
        else:
            kind = type(record.value).__name__ if record.value is not None else "null"
            message = f"{unit} {record.number} is no document ({kind})"
            outcome = f"the {unit} is left out"
            problems.append(source.problem(record.lines[0], record.column, message, _SHAPE, outcome=outcome))
    problems[:0] = tools.problems()
    if not documents:
        problems = [
            replace(each, outcome="the file is left out") if each.outcome == _REST else each for each in problems
        ]
    return Parsed(tuple(documents), tuple(problems))


class _Tools:
    """The records of a file that define tools, which are no documents: one problem, at the first of them."""

    def __init__(self, source: SourceFile, unit: str) -> None:
        self._source = source
        self._unit = unit
        self._first: tuple[_Record, str] | None = None
        self._count = 0

    def takes(self, record: _Record) -> bool:
        """Whether the record defines a tool."""
        whose = shape_of(record.value)
        if whose is not None:
            self._count += 1
            self._first = self._first or (record, whose)
        return whose is not None

    def problems(self) -> tuple[Flaw, ...]:
        if self._first is None:
            return ()
        record, whose = self._first
        what = (
            f"{self._unit} {record.number} is a tool" if self._count == 1 else f"this is a list of {self._count} tools"
        )
        message = f"{what}, in {whose} shape, not a document"
        hint = "give tools with --tools; one without `run:` asks you for its results"
        outcome = f"the {self._unit} is left out" if self._count == 1 else "they are left out"
        return (self._source.problem(record.lines[0], record.column, message, hint, outcome=outcome),)


def _jsonl_records(source: SourceFile) -> Iterator[_Record | Flaw]:
    for number, line in enumerate(source.text.split("\n"), 1):
        if not line.strip():
            continue
        column = len(line) - len(line.lstrip()) + 1
        try:
            value, end = _decode(source, line, column - 1, first_line=number)
            rest = _after_space(line, end)
            if rest < len(line):
                message = "more text after the end of the record"
                raise _Unreadable(source.problem(number, rest + 1, message, "write one JSON value a line"))
        except _Unreadable as error:
            yield replace(error.problem, outcome="the line is left out")
        else:
            yield _Record(value, number, (number, number), column)


def _json_records(source: SourceFile) -> Iterator[_Record | Flaw]:
    text = source.text
    start = _after_space(text, 0)
    if start == len(text):
        return
    _check_depth(source, text, 1)
    if text[start] == "[":
        yield from _list_records(source, start)
        return
    value, end = _decode(source, text, start, checked=True)
    line = text.count("\n", 0, start) + 1
    rest = _after_space(text, end)
    if rest < len(text):
        yield _expected(source, rest, "more text after the end of the object", "use .jsonl for one record a line")
    records = value.get("documents") if isinstance(value, dict) else None
    records = records if isinstance(records, list) else records_around(value)
    lines = (line, text.count("\n", 0, end) + 1)
    for number, record in enumerate([value] if records is None else records, 1):
        yield _Record(record, number, lines, start - text.rfind("\n", 0, start))


def _list_records(source: SourceFile, start: int) -> Iterator[_Record | Flaw]:
    """The items of the list that opens at `start`, decoded one by one so that each has its lines."""
    text = source.text
    position, counted, line, line_start, number = _after_space(text, start + 1), 0, 1, 0, 0
    while text[position : position + 1] not in ("]", ""):
        line += text.count("\n", counted, position)
        line_start = max(line_start, text.rfind("\n", counted, position) + 1)
        try:
            value, end = _decode(source, text, position, checked=True)
        except _Unreadable as error:
            yield replace(error.problem, outcome=_REST)
            return
        counted, number = position, number + 1
        lines = (line, line + text.count("\n", position, end))
        yield _Record(value, number, lines, position - line_start + 1)
        position = _after_space(text, end)
        if text[position : position + 1] == ",":
            position = _after_space(text, position + 1)
        elif text[position : position + 1] not in ("]", ""):
            yield _expected(source, position, "expected ',' or ']' after an item")
            return
    if position == len(text):
        yield _expected(source, position, "the list never ends", "close it with ']'")


def _expected(source: SourceFile, position: int, message: str, hint: str = "") -> Flaw:
    line = source.text.count("\n", 0, position) + 1
    return source.problem(line, position - source.text.rfind("\n", 0, position), message, hint, outcome=_REST)


def _after_space(text: str, position: int) -> int:
    match = _SPACE.match(text, position)
    return match.end() if match else position


def _decode(
    source: SourceFile, text: str, start: int, *, first_line: int = 1, checked: bool = False
) -> tuple[Any, int]:
    """The JSON value at `start` and where it ends; raises `_Unreadable` with the place of the fault."""
    if not checked:
        _check_depth(source, text, first_line)
    try:
        return _DECODER.raw_decode(text, start)
    except json.JSONDecodeError as error:
        line = first_line + error.lineno - 1
        at = error.pos
        unseen = f", found {name_of(text[at])}" if invisible_at(text, at, at + 1) == at else ""
        raise _Unreadable(source.problem(line, error.colno, f"not valid JSON: {error.msg}{unseen}")) from None


def _check_depth(source: SourceFile, text: str, first_line: int) -> None:
    depth = 0
    for match in _BRACKETS.finditer(text):
        if match[0] in "[{":
            depth += 1
        elif match[0] in "]}":
            depth -= 1
        if depth > _MAX_DEPTH:
            place = match.start()
            line, column = first_line + text.count("\n", 0, place), place - text.rfind("\n", 0, place)
            message = f"nested more than {_MAX_DEPTH} levels deep"
            raise _Unreadable(source.problem(line, column, message, "flatten the data"))


def _number(digits: str) -> float | str:
    value = float(digits)
    return value if math.isfinite(value) and repr(value) == digits else digits


def _integer(digits: str) -> int | str:
    return int(digits) if len(digits) <= _MAX_DIGITS and digits != "-0" else digits


# What a request cannot hold as it is written is kept as text: NaN, Infinity, `1e999`, and the nought of `1.10`.
_DECODER = json.JSONDecoder(parse_float=_number, parse_int=_integer, parse_constant=str)
