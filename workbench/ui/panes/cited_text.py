"""Plain text with its cited words marked, and the numbers of their sources behind them, as content of a row."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from textual.content import Content

if TYPE_CHECKING:
    from workbench.events import Cited


def cited_content(text: str, citations: Iterable[Cited], first: int = 0) -> Content:
    """`text`, which is safe to show and begins at code point `first` of what the citations stand in."""
    content = Content(text)
    numbers: dict[int, dict[int, None]] = {}
    for cited in citations:
        if cited.within is None:
            continue
        start, end = max(0, cited.within - first), min(cited.within - first + len(cited.text), len(text))
        if start < end:
            content = content.stylize("cited", start, end)
            numbers.setdefault(end, {}).update(dict.fromkeys(cited.numbers))
    for end in sorted(numbers, reverse=True):
        marker = "".join(f"[{number}]" for number in numbers[end])
        content = Content("").join([content[:end], Content.styled(marker, "cite"), content[end:]])
    return content
