"""The body of an answer: read with an end, however much is sent and however well it was packed, and what it means.

Owns the limit, counted in bytes that were unpacked, and the choice between JSON, text and a note. Refuses to unpack
more than is kept, and every packing but gzip and deflate: no other is asked for.
"""

from __future__ import annotations

import codecs
import json
import re
import zlib
from collections.abc import AsyncIterator, Callable
from dataclasses import dataclass
from typing import Any, Final

from workbench.secrets.redactor import Redactor
from workbench.tools import jsontext

MOST_KEPT: Final = jsontext.MAX_BYTES
_TEXTS: Final = re.compile(
    r"text/.*|.*\+(xml|yaml)|application/(xml|xhtml\+xml|javascript|ecmascript|yaml|x-yaml|toml|sql|graphql|"
    r"x-ndjson|ndjson|jsonl|x-www-form-urlencoded|x-sh|rtf)"
)
_JSON: Final = re.compile(r".*/json|.*\+json")
_CHARSET: Final = re.compile(r"charset\s*=\s*[\"']?\s*([\w.:+-]+)", re.IGNORECASE | re.ASCII)
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"), (codecs.BOM_UTF16_BE, "utf-16"))
# Python has these for texts of its own, and takes a long time over some.
_NO_CHARSETS: Final = frozenset({"idna", "punycode", "unicode_escape", "raw_unicode_escape", "utf-7", "undefined"})
_HEAD: Final = 1_024  # bytes of a page in which it may name its charset
_NAMED: Final = 80  # characters of a content type


@dataclass(frozen=True, slots=True)
class Body:
    """`data` is unpacked. `is_cut` says that more was sent; `fault`, in words, that it could not be unpacked."""

    data: bytes
    is_cut: bool = False
    fault: str = ""


async def read_body(
    chunks: AsyncIterator[bytes], encoding: str, told: Callable[[int], None], most: int = MOST_KEPT
) -> Body:
    """The body that `chunks` are, packed as the header `encoding` says; `told` hears how many bytes have come."""
    unpack = _unpacker(encoding.strip().lower())
    if isinstance(unpack, str):
        return Body(b"", fault=unpack)
    kept = bytearray()
    received = 0
    async for chunk in chunks:
        received += len(chunk)
        told(received)
        try:
            kept += unpack.feed(chunk, most + 1 - len(kept))
        except zlib.error:
            return Body(bytes(kept), fault=f"its body is not what its content-encoding says ({unpack.name})")
        if len(kept) > most:
            return Body(bytes(kept[:most]), is_cut=True)
    fault = "" if unpack.is_whole else f"its body ends within what its content-encoding says ({unpack.name})"
    return Body(bytes(kept), fault=fault)


class _Plain:
    name = "identity"
    is_whole = True

    def feed(self, data: bytes, most: int) -> bytes:
        return data[:most]


class _Inflating:
    """gzip, or deflate as some servers mean it: with the head of zlib, and as others do: without."""

    def __init__(self, name: str) -> None:
        self.name = name
        self._is_gzip = name == "gzip"
        self._begun = False
        self._inflate = self._new()

    def _new(self) -> Any:
        return zlib.decompressobj(zlib.MAX_WBITS | 16 if self._is_gzip else zlib.MAX_WBITS)

    @property
    def is_whole(self) -> bool:
        return not self._begun or bool(self._inflate.eof)

    def feed(self, data: bytes, most: int) -> bytes:
        """What `data` unpacks to, and no more than `most` bytes of it, which is above 0. Raises zlib.error."""
        found = self._first(data, most)
        while self._is_gzip and self._inflate.eof and (rest := self._inflate.unused_data) and len(found) < most:
            self._inflate = self._new()  # a file of gzip may be several, one behind the other
            found += self._inflate.decompress(rest, most - len(found))
        return found

    def _first(self, data: bytes, most: int) -> bytes:
        is_first, self._begun = not self._begun and bool(data), self._begun or bool(data)
        if self._inflate.eof:
            if not self._is_gzip:
                return b""
            self._inflate = self._new()
        try:
            return bytes(self._inflate.decompress(data, most))
        except zlib.error:
            if self._is_gzip or not is_first:
                raise
            self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
            return bytes(self._inflate.decompress(data, most))


def _unpacker(encoding: str) -> _Plain | _Inflating | str:
    """What unpacks, or what is wrong."""
    if encoding in ("", "identity"):
        return _Plain()
    if encoding in ("gzip", "x-gzip"):
        return _Inflating("gzip")
    if encoding == "deflate":
        return _Inflating("deflate")
    return f"its body has the content-encoding {encoding}, which was not asked for"


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a body means: `value`, of JSON, or a text; `note`, for people, on what was made of it."""

    value: Any
    note: str = ""


def meaning_of(body: Body, content_type: str, length: int | None, redactor: Redactor) -> Meaning:
    """What the model gets of a body, without what `redactor` knows. `length` is how many bytes the server said.

    JSON as its value, a text as it is by its charset, and of anything else what it is and how large.
    """
    media = content_type.partition(";")[0].strip().lower()
    is_json = _JSON.fullmatch(media) is not None
    if not is_json and not _TEXTS.fullmatch(media) and (media or b"\0" in body.data):
        shown = redactor.text(media)[:_NAMED] or "no content type"
        return Meaning(f"{shown}, {_size(body, length)}, not text")
    text = text_of(body.data, content_type)
    note = ""
    if not body.is_cut and (is_json or (not media and text.lstrip().startswith(("{", "[")))):
        try:
            return Meaning(_value(jsontext.parse(text), redactor))
        except jsontext.NotJson as error:
            note = f"the body is taken as text, it is no usable JSON: {error}"
    text = without_secrets(text, redactor)
    if body.is_cut:
        note = f"the body is longer than the {MOST_KEPT:,} bytes that are kept"
        text += f"\n… cut: {note}"
    return Meaning(text, note)


def _value(value: Any, redactor: Redactor) -> Any:
    """A JSON value without what `redactor` knows; as text, where that is the number that a secret is."""
    if not redactor:
        return value
    masked = redactor.value(value)
    written = json.dumps(masked, ensure_ascii=False)
    shown = redactor.text(written)
    return masked if shown == written else shown


def without_secrets(text: str, redactor: Redactor) -> str:
    """`text` without what `redactor` knows, nor the beginning of it where the text was cut."""
    pieces = redactor.texts_in_pieces()
    return pieces.feed(text) + pieces.close()


def text_of(data: bytes, content_type: str) -> str:
    """The text that `data` is, by its mark, the charset that is named, or as UTF-8; no byte of it fails."""
    name = next((name for mark, name in _MARKS if data.startswith(mark)), "")
    if not name:
        said, of_page = _CHARSET.search(content_type), _CHARSET.search(_head(data, content_type))
        name = _known(said[1]) if said else _known(of_page[1]) if of_page else "utf-8"
        if not said and name.startswith(("utf-16", "utf-32")):  # no page in these could say so in ASCII
            name = "utf-8"
    try:
        return data.decode(name, "replace")
    except (LookupError, ValueError):  # what is no charset of texts, or one that replaces nothing
        return data.decode("utf-8", "replace")


def _head(data: bytes, content_type: str) -> str:
    """The beginning of a page, where its own charset may stand."""
    return data[:_HEAD].decode("ascii", "replace") if re.search("html|xml", content_type.lower()) else ""


def _known(charset: str) -> str:
    try:
        name = codecs.lookup(charset).name
    except (LookupError, ValueError):
        return "utf-8"
    return "utf-8" if name in _NO_CHARSETS else name


def _size(body: Body, length: int | None) -> str:
    if length is not None:
        return f"{length:,} bytes"
    return f"more than {MOST_KEPT:,} bytes" if body.is_cut else f"{len(body.data):,} bytes"
