"""JSON for rows, with keys, texts and other values each in a colour of their own."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from textual.content import Content, Span

_TOKEN: Final = re.compile(
    r'(?P<string>"(?:[^"\\]|\\.)*"?)(?P<key>\s*:)?|(?P<value>-?\d[\d.eE+-]*|\b(?:true|false|null)\b)'
)
MOST_COLOURED: Final = 20_000  # characters of one text: more of them are not looked at at once


def coloured(text: str) -> Content:
    """JSON, or a part of it, with the styles of its words; what stands between them is muted."""
    return Content(text, spans=[*_spans(text[:MOST_COLOURED])])


def _spans(text: str) -> Iterator[Span]:
    end = 0
    for token in _TOKEN.finditer(text):
        if token.start() > end:
            yield Span(end, token.start(), "muted")
        style = "value" if token["value"] is not None else "key" if token["key"] is not None else "string"
        end = token.end("value" if style == "value" else "string")
        yield Span(token.start(), end, style)
    if end < len(text):
        yield Span(end, len(text), "muted")
