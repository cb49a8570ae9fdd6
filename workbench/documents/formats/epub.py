"""EPUB: each chapter is a document, in the order in which the book is read, with its headings as its place.

Owns where a book says what its chapters are. Needs no package of its own: a book is a zip file of web pages. Refuses
books that are locked by a shop, and whatever a book names outside of itself.
"""

from __future__ import annotations

import posixpath
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Final
from urllib.parse import unquote, urlsplit
from xml.etree import ElementTree

from workbench.documents.file_text import decoded_page
from workbench.documents.formats import html
from workbench.documents.formats.converted import Refused, clean, guarded, one_line, within_bounds
from workbench.documents.formats.outline import SEPARATOR
from workbench.documents.formats.package import opened, read_part
from workbench.documents.formats.word import without_lines
from workbench.documents.source_lines import BinaryFile, Parsed, SourceDocument, SourceFile

_CONTAINER: Final = "META-INF/container.xml"
_ENCRYPTION: Final = "META-INF/encryption.xml"
_PAGES: Final = frozenset(["application/xhtml+xml", "text/html", "text/x-oeb1-document"])


@dataclass(frozen=True, slots=True)
class _Book:
    title: str
    chapters: tuple[str, ...]


def convert(source: BinaryFile) -> Parsed:
    """The documents of a book, one a chapter."""
    return guarded(source, _converted)


def _converted(source: BinaryFile) -> Parsed:
    with opened(source) as package:
        book = _book(package)
        if _locked(package) & set(book.chapters):
            raise Refused("is locked by its publisher", "give a copy without digital rights management")
        return within_bounds(source, _chapters(package, book, source), "chapter")


def _book(package: zipfile.ZipFile) -> _Book:
    root = next(_named(_xml(package, _CONTAINER), "rootfile"), None)
    where = unquote(root.get("full-path", "")) if root is not None else ""
    content = _xml(package, where)
    pages = {
        each.get("id"): each.get("href", "")
        for each in _named(content, "item")
        if each.get("media-type", "").lower() in _PAGES and "nav" not in each.get("properties", "").split()
    }
    ordered = [pages[found] for each in _named(content, "itemref") if (found := each.get("idref")) in pages]
    title = next((one_line("".join(each.itertext())) for each in _named(content, "title")), "")
    return _Book(title, tuple(dict.fromkeys(_inside(where, href) for href in ordered)))


def _chapters(package: zipfile.ZipFile, book: _Book, source: BinaryFile) -> Iterator[SourceDocument]:
    names = set(package.namelist())
    title = book.title or source.stem
    for number, name in enumerate(book.chapters, 1):
        if name not in names:
            continue
        text = clean(decoded_page(read_part(package, name)))
        (document,) = html.parse(SourceFile(text, source.file, source.stem)).documents
        yield _placed(without_lines(document), title, number, source)


def _placed(document: SourceDocument, title: str, number: int, source: BinaryFile) -> SourceDocument:
    """The chapter with the book before its headings; one without any has its number instead."""
    headed = any(block.heading for block in document.blocks)
    own = "" if document.title in (title, source.stem) else document.title
    chapter = own or ("" if headed else f"part {number}")

    def place(told: str) -> str:
        path = [title]
        for each in (chapter, *told.split(SEPARATOR)):
            if each and each != source.stem and each not in path:
                path.append(each)
        return SEPARATOR.join(path)

    blocks = tuple(block._replace(title=place(block.title)) for block in document.blocks)
    return replace(document, title=SEPARATOR.join(filter(None, (title, chapter))), blocks=blocks)


def _locked(package: zipfile.ZipFile) -> set[str]:
    """The parts that are encrypted; fonts often are, and do not matter."""
    if _ENCRYPTION not in package.namelist():
        return set()
    references = _named(_xml(package, _ENCRYPTION), "CipherReference")
    return {unquote(each.get("URI", "")) for each in references}


def _xml(package: zipfile.ZipFile, name: str) -> ElementTree.Element:
    try:
        return ElementTree.fromstring(read_part(package, name))
    except ElementTree.ParseError as error:
        raise Refused(f"is damaged: {name}: {error}", "convert or download it anew") from None


def _named(root: ElementTree.Element, name: str) -> Iterator[ElementTree.Element]:
    """The elements of this name, of whatever namespace."""
    return (each for each in root.iter() if each.tag.rpartition("}")[2] == name)


def _inside(where: str, href: str) -> str:
    """The part that a link in the part `where` names."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(where), unquote(urlsplit(href).path)))
