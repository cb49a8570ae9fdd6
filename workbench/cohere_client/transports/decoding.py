"""Compressed bodies, decoded piece by piece: a few kilobytes may be as many gigabytes when they are decoded at once.

Owns the codings gzip and deflate. Refuses others: their bodies are left as they are. A key could not be found in
compressed bytes, so what records a body needs them decoded.
"""

from __future__ import annotations

import zlib
from collections.abc import AsyncIterator, Iterable, Iterator, Sequence
from typing import Final

import httpx

PIECE: Final = 64 * 1024  # bytes
_MOST_CODINGS: Final = 5  # of one body: no server has use for more than one
_WINDOWS: Final = {"gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


def known_codings(header: str) -> tuple[str, ...]:
    """The codings in a `content-encoding`, in the order of encoding; none unless all are known."""
    codings = [each.strip().lower() for each in header.split(",")]
    codings = [each for each in codings if each not in ("", "identity")]
    return tuple(codings) if len(codings) <= _MOST_CODINGS and all(each in _WINDOWS for each in codings) else ()


class Decoded(httpx.AsyncByteStream):
    """`body` without its `codings`, in pieces of at most `PIECE` bytes. Raises httpx.DecodingError."""

    def __init__(self, body: httpx.AsyncByteStream, codings: Sequence[str]) -> None:
        self._body = body
        self._codings = codings

    async def __aiter__(self) -> AsyncIterator[bytes]:
        inflating = [_Inflating(coding) for coding in reversed(self._codings)]
        async for chunk in self._body:
            pieces: Iterable[bytes] = (chunk,)
            for each in inflating:
                pieces = each.all_pieces(pieces)
            for piece in pieces:
                yield piece

    async def aclose(self) -> None:
        """Close the body; what was not read of it is given up."""
        await self._body.aclose()


class _Inflating:
    def __init__(self, coding: str) -> None:
        self._inflate = zlib.decompressobj(_WINDOWS[coding])
        self._may_be_raw = coding == "deflate"  # some servers leave out the wrapping that HTTP wants

    def all_pieces(self, chunks: Iterable[bytes]) -> Iterator[bytes]:
        for chunk in chunks:
            yield from self._pieces(chunk)

    def _pieces(self, data: bytes) -> Iterator[bytes]:
        while not self._inflate.eof:
            piece = self._decompressed(data)
            data = self._inflate.unconsumed_tail
            if piece:
                yield piece
            if not data and len(piece) < PIECE:
                return

    def _decompressed(self, data: bytes) -> bytes:
        may_be_raw, self._may_be_raw = self._may_be_raw, False
        try:
            return self._inflate.decompress(data, PIECE)
        except zlib.error as error:
            if may_be_raw:
                self._inflate = zlib.decompressobj(-zlib.MAX_WBITS)
                return self._decompressed(data)
            raise httpx.DecodingError(str(error)) from error
