"""Word (.docx): the text with its headings, lists and tables, which have the heading as their place.

Owns what becomes of a document's title, and where a footnote stands: behind the paragraph that it is of. Refuses
pictures and comments; what has been deleted under review is no text, and nothing outside of the file is opened.
"""

from __future__ import annotations

import io
import re
from dataclasses import replace
from typing import Final

from workbench.documents.formats import html
from workbench.documents.formats.converted import clean, guarded, within_bounds
from workbench.documents.formats.package import opened
from workbench.documents.source_lines import BinaryFile, MissingExtra, Parsed, SourceDocument, SourceFile

_TITLES = "p[style-name='Title'] => title:fresh\np[style-name='Subtitle'] => p:fresh"
_NOTES: Final = '<ol><li id="'  # no other list has names for its items: mammoth puts the notes behind all else
_NOTE: Final = re.compile(r'<li id="([^"]+)">(.*?)<a href="#(?:foot|end)note-ref-[^"]*">↑</a>', re.DOTALL)
_REFERENCE: Final = re.compile(r'<a href="#((?:foot|end)note-[^"]+)" id="[^"]+">(\[\d+\])</a>')
_PARAGRAPH: Final = re.compile(r"</?p>")
_CLOSING: Final = re.compile(r"(</(?:p|h[1-6]|li|td|th)>)")
_AROUND: Final = frozenset(["</li>", "</td>", "</th>"])  # a paragraph stands in these, and behind the others


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
    (document,) = html.parse(SourceFile(_with_notes(clean(page)), source.file, source.stem)).documents
    return within_bounds(source, [without_lines(document)], "part")


def _with_notes(page: str) -> str:
    """The page with each footnote and endnote behind the paragraph that it is of, in place of the end of the page."""
    text, found, notes_of = page.partition(_NOTES)
    notes = {name: _PARAGRAPH.sub(" ", note) for name, note in _NOTE.findall(found + notes_of)}
    pieces = _CLOSING.split(text)
    for at in range(0, len(pieces) - 1, 2):
        own = "".join(f"<p>{mark} {notes.pop(name, '')}</p>" for name, mark in _REFERENCE.findall(pieces[at]))
        end = pieces[at + 1]
        pieces[at + 1] = own + end if end in _AROUND else end + own
    return "".join(pieces)


def without_lines(document: SourceDocument) -> SourceDocument:
    """The document without lines: those of the markup that it was converted to are in no file."""
    blocks = tuple(block._replace(lines=None, exact=False) for block in document.blocks)
    return replace(document, blocks=blocks)
