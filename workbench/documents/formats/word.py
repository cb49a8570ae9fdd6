"""Word (.docx): the text with its headings, lists and tables, which have the heading as their place.

Owns what becomes of a document's title. Refuses pictures and comments; what has been deleted under review is no text,
and nothing outside of the file is opened.
"""

from __future__ import annotations

import io
from dataclasses import replace

from workbench.documents.formats import html
from workbench.documents.formats.converted import clean, guarded, within_bounds
from workbench.documents.formats.package import opened
from workbench.documents.source_lines import BinaryFile, MissingExtra, Parsed, SourceDocument, SourceFile

_TITLES = "p[style-name='Title'] => title:fresh\np[style-name='Subtitle'] => p:fresh"


def convert(source: BinaryFile) -> Parsed:
    """The one document of a Word file."""
    return guarded(source, _converted)


def _converted(source: BinaryFile) -> Parsed:
    try:
        import mammoth  # type: ignore[import-untyped]
    except ImportError:
        raise MissingExtra("Word files", "office") from None
    opened(source).close()
    page = mammoth.convert_to_html(
        io.BytesIO(source.data),
        style_map=_TITLES,
        include_embedded_style_map=False,
        convert_image=lambda _: [],
        external_file_access=False,
    ).value
    (document,) = html.parse(SourceFile(clean(page), source.file, source.stem)).documents
    return within_bounds(source, [without_lines(document)], "part")


def without_lines(document: SourceDocument) -> SourceDocument:
    """The document without lines: those of the markup that it was converted to are in no file."""
    blocks = tuple(replace(block, lines=None, exact=False) for block in document.blocks)
    return replace(document, blocks=blocks)
