"""PDF: each page with text is a document, which has the page as its place; what a form was filled in with is text.

Owns paragraphs and words that a line's end parts. Refuses encrypted files, and tells of pages that are pictures only:
no text is guessed at. Nothing but the text is looked at, no link, script or attached file.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from workbench.documents.formats.converted import Refused, guarded, paragraphs, within_bounds
from workbench.documents.formats.outline import SEPARATOR
from workbench.documents.source_lines import BinaryFile, Flaw, MissingExtra, Parsed, SourceDocument

if TYPE_CHECKING:
    from pypdf import PageObject, PdfReader

_HYPHENATED = re.compile(r"(?<=[^\W\d_]{2})(?:-|\u00ad)\n(?=[a-zà-öø-ÿ]{2})")
_SHOWN = 10
_WRITTEN: Final = ("/Tx", "/Ch")  # kinds of fields that hold words
_PASSWORD: Final = 1 << 13
_DEEPEST: Final = 20  # fields in one another


def convert(source: BinaryFile) -> Parsed:
    """The documents of a PDF file, one a page."""
    return guarded(source, _converted)


def _converted(source: BinaryFile) -> Parsed:
    try:
        from pypdf import PasswordType, PdfReader
    except ImportError:
        raise MissingExtra("PDF files", "pdf") from None
    reader = PdfReader(io.BytesIO(source.data), strict=False)
    if reader.is_encrypted and reader.decrypt("") == PasswordType.NOT_DECRYPTED:
        raise Refused("is encrypted with a password", "save it without one")
    empty: list[int] = []
    broken: list[int] = []
    documents = _pages(reader, source, empty, broken)
    try:
        parsed = within_bounds(source, documents, "page")
    except Refused:
        if broken:
            raise Refused(
                f"is damaged: no page can be read, of {len(reader.pages)}", "repair or print it anew"
            ) from None
        hint = "recognise its text first, as with ocrmypdf"
        raise Refused("holds no text: its pages are pictures, or empty", hint) from None
    return Parsed(parsed.documents, (*parsed.problems, *_flaws(source, empty, broken)))


def _pages(reader: PdfReader, source: BinaryFile, empty: list[int], broken: list[int]) -> Iterator[SourceDocument]:
    for number, page in enumerate(reader.pages, 1):
        title = f"{source.stem}{SEPARATOR}page {number}"
        text = "\n\n".join((_had(_text, page, number, broken), _had(_filled_in, page, number, broken)))
        blocks = tuple(paragraphs(text, title))
        if not blocks and number not in broken:
            empty.append(number)
        yield SourceDocument(title, blocks)


def _had(read: Callable[[PageObject], str], page: PageObject, number: int, broken: list[int]) -> str:
    """What is read of a page, "" with a note in `broken` where it cannot be had: the other pages are of use."""
    try:
        return read(page)
    except Exception:  # noqa: BLE001 - of a damaged page, pypdf may raise whatever Python has
        broken += [] if number in broken else [number]
        return ""


def _text(page: PageObject) -> str:
    return _HYPHENATED.sub("", page.extract_text())


def _filled_in(page: PageObject) -> str:
    """What is in the fields of text and choice of a form, each in a line behind its name; passwords are left out."""
    lines = []
    for annotation in page.annotations or ():
        field = annotation.get_object()
        if not isinstance(field, Mapping) or field.get("/Subtype") != "/Widget":
            continue
        chain = list(_with_parents(field))
        kind, value = _inherited(chain, "/FT"), _inherited(chain, "/V")
        flags = _inherited(chain, "/Ff")
        names = [str(name) for each in reversed(chain) if isinstance(name := each.get("/T"), str)]
        values = value if isinstance(value, list) else [value]
        text = ", ".join(str(each) for each in values if isinstance(each, str)).strip()
        if kind in _WRITTEN and text and not (isinstance(flags, int) and flags & _PASSWORD):
            lines.append(f"{'.'.join(names)}: {text}")
    return "\n".join(lines)


def _with_parents(field: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """A field and those that it is part of, as far as is sensible."""
    for _ in range(_DEEPEST):
        yield field
        above = field.get("/Parent")
        above = None if above is None else above.get_object()
        if not isinstance(above, Mapping):
            return
        field = above


def _inherited(chain: Sequence[Mapping[str, Any]], key: str) -> Any:
    found = next((each[key] for each in chain if key in each), None)
    return None if found is None else found.get_object()


def _flaws(source: BinaryFile, empty: list[int], broken: list[int]) -> Iterator[Flaw]:
    if broken:
        message = f"{_named(broken)} cannot be read"
        yield Flaw(source.file, 0, 0, message, "repair or print the file anew", "the other pages are used")
    if empty:
        message = f"{_named(empty)} {'holds' if len(empty) == 1 else 'hold'} no text"
        hint = "if there is text in a picture, recognise it first, as with ocrmypdf"
        yield Flaw(source.file, 0, 0, message, hint, "the other pages are used", harmless=True)


def _named(pages: list[int]) -> str:
    more = f" and {len(pages) - _SHOWN} more" if len(pages) > _SHOWN else ""
    return f"{'page' if len(pages) == 1 else 'pages'} {', '.join(map(str, pages[:_SHOWN]))}{more}"
