"""The file formats that can be read, one parser each, found by the extension of a file's name."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

from workbench.documents.formats import html, markdown, records, table
from workbench.documents.formats import plain_text as plain
from workbench.documents.source_lines import Parser

PARSERS: Mapping[str, Parser] = MappingProxyType(
    {
        ".md": markdown.parse,
        ".markdown": markdown.parse,
        ".txt": plain.parse_text,
        ".rst": plain.parse_rst,
        ".html": html.parse,
        ".htm": html.parse,
        ".json": records.parse_json,
        ".jsonl": records.parse_jsonl,
        ".csv": table.parse_csv,
        ".tsv": table.parse_tsv,
    }
)
NOT_YET = frozenset([".pdf", ".docx"])  # recognised, so that they are refused with advice
FALLBACK: Parser = plain.parse_text
