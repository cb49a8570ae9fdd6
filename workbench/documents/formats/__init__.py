"""The file formats that can be read: a row for each extension of a file's name, with the parser of that format.

Text has a parser, and what is no text a converter. Either is imported when the first file of its format is read: the
tables are looked at where no document is.
"""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

from workbench.documents.source_lines import BinaryFile, Converter, Parsed, Parser, SourceFile


def _parser(module: str, function: str = "parse") -> Parser:
    """The parser of this name in a module beside this one."""

    def parse(source: SourceFile) -> Parsed:
        found: Parser = getattr(importlib.import_module(f"{__name__}.{module}"), function)
        return found(source)

    return parse


def _converter(module: str) -> Converter:
    """The converter in the module of this name beside this one."""

    def convert(source: BinaryFile) -> Parsed:
        found: Converter = importlib.import_module(f"{__name__}.{module}").convert
        return found(source)

    return convert


def readers() -> list[str]:
    """The packages that are there to read files which are no text: without them, such files are left out."""
    return [name for name in ("pypdf", "mammoth", "pptx", "openpyxl") if importlib.util.find_spec(name)]


PARSERS: Final[Mapping[str, Parser]] = MappingProxyType(
    {
        ".md": _parser("markdown"),
        ".markdown": _parser("markdown"),
        ".mdx": _parser("markdown"),
        ".txt": _parser("plain_text", "parse_text"),
        ".rst": _parser("plain_text", "parse_rst"),
        ".html": _parser("html"),
        ".htm": _parser("html"),
        ".xhtml": _parser("html"),
        ".json": _parser("records", "parse_json"),
        ".jsonl": _parser("records", "parse_jsonl"),
        ".ndjson": _parser("records", "parse_jsonl"),
        ".csv": _parser("table", "parse_csv"),
        ".tsv": _parser("table", "parse_tsv"),
    }
)
CONVERTERS: Final[Mapping[str, Converter]] = MappingProxyType(
    {
        ".pdf": _converter("pdf"),
        ".docx": _converter("word"),
        ".pptx": _converter("slides"),
        ".xlsx": _converter("sheets"),
        ".xlsm": _converter("sheets"),
        ".epub": _converter("epub"),
    }
)
NOT_READ: Final = frozenset([".doc", ".xls", ".ppt", ".odt", ".ods", ".odp"])  # refused with advice
PAGES: Final = frozenset([".html", ".htm", ".xhtml", ".xml"])  # these may say which encoding they are in
FALLBACK: Final = _parser("plain_text", "parse_text")  # of every other file that is text
_PLAIN_TEXT = (
    "text log adoc asciidoc org tex bib textile wiki srt vtt eml diff patch rdoc pod po "
    "py pyi rb pl php js mjs cjs ts jsx tsx vue css scss less sql sh bash zsh fish ps1 bat lua r jl ipynb "
    "c h cc cpp cxx hpp cs m mm java kt kts scala groovy clj go rs swift dart ex exs erl hs ml fs zig nim v proto"
)
# Names of text that is neither a document of a format above nor configuration.
PLAIN_TEXT: Final = frozenset(f".{suffix}" for suffix in _PLAIN_TEXT.split())
CONFIGURATION: Final = frozenset([".yaml", ".yml", ".json"])  # what a documents file may be called
DOCUMENTS_ONLY: Final = (PARSERS.keys() | CONVERTERS.keys() | NOT_READ | PLAIN_TEXT) - {
    ".json"
}  # no file with such a name is configuration
