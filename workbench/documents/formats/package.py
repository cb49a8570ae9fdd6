"""Zip files of XML, as office programs and book readers write them: opened once it is known that they are harmless.

Owns what may be in one: how much, unpacked, and no entities that stand for more text than is there. Refuses encrypted
and damaged ones with advice. Follows no link: nothing but what is in the file is ever read.
"""

from __future__ import annotations

import io
import zipfile
import zlib
from typing import Final, NoReturn
from xml.parsers import expat

from workbench.documents.formats.converted import Refused, kind_of
from workbench.documents.source_lines import BinaryFile

MOST_UNPACKED: Final = 200_000_000  # bytes of all parts together, pictures and films among them
MOST_XML: Final = 60_000_000  # bytes of the parts that are text
MOST_PARTS: Final = 20_000
_XML: Final = (".xml", ".rels", ".opf", ".ncx", ".xhtml", ".html", ".htm")
_OLD_OR_ENCRYPTED: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ZIP: Final = b"PK"
_NEEDS_PASSWORD: Final = 1  # a flag of a part


class _PrologEnds(Exception):
    """The first element has begun: no entity can be declared behind it."""


def opened(source: BinaryFile) -> zipfile.ZipFile:
    """The parts of a file. Raises Refused for one that may not be unpacked, or cannot be."""
    if source.data.startswith(_OLD_OR_ENCRYPTED):
        raise Refused("is encrypted with a password, or of an old format", "save it anew, without a password")
    if not source.data.startswith(_ZIP):
        hint = "open it in its program and save it anew, or give it the suffix of what it is"
        raise Refused(f"is no .{kind_of(source)} file, whatever its name says", hint)
    try:
        package = zipfile.ZipFile(io.BytesIO(source.data))
    except (zipfile.BadZipFile, ValueError, NotImplementedError) as error:
        raise Refused(f"is damaged: {error}", "open it in its program and save it anew") from None
    parts = package.infolist()
    if len(parts) > MOST_PARTS:
        raise Refused(f"has {len(parts):,} parts; the limit is {MOST_PARTS:,}")
    # zipfile never unpacks more of a part than the size that the part declares.
    _bound(sum(part.file_size for part in parts), MOST_UNPACKED, "unpacked")
    _bound(sum(part.file_size for part in parts if _is_xml(part.filename)), MOST_XML, "of text and markup")
    for part in parts:
        if part.flag_bits & _NEEDS_PASSWORD:
            raise Refused("is encrypted with a password", "save it without one")
        if _is_xml(part.filename):
            _refuse_entities(package, part)
    return package


def read_part(package: zipfile.ZipFile, name: str) -> bytes:
    """The bytes of a part; raises Refused where there is none, or it is damaged."""
    try:
        return package.read(name)
    except KeyError:
        raise Refused(f"has no part {name}", "open it in its program and save it anew") from None
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise Refused(f"is damaged: {error}", "open it in its program and save it anew") from None


def _bound(size: int, most: int, what: str) -> None:
    if size > most:
        raise Refused(f"is too large with {size / 1e6:,.0f} MB {what}; the limit is {most // 1_000_000} MB", "split it")


def _is_xml(name: str) -> bool:
    return name.lower().endswith(_XML)


def _refuse_entities(package: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
    """Raise Refused for XML that declares entities; what else is wrong with it, its reader tells."""
    parser = expat.ParserCreate()
    parser.EntityDeclHandler = _entity
    parser.StartElementHandler = _element
    try:
        with package.open(part) as stream:
            while piece := stream.read(65536):
                parser.Parse(piece)
    except (_PrologEnds, expat.ExpatError):
        return
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        raise Refused(f"is damaged: {error}", "open it in its program and save it anew") from None


def _entity(*_: object) -> NoReturn:
    raise Refused("declares entities in its XML, as no office program does; it is not read")


def _element(*_: object) -> NoReturn:
    raise _PrologEnds
