"""Durations and bars: when in a turn something was, on a line as long as the whole turn."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from textual.content import Content

from workbench.conversation.spans import Span

BAR_CELLS: Final = (16, 10, 6)  # the lengths of a bar, of which a row takes the longest that it has room for
HALVES: Final = {(True, True): "━", (True, False): "╸", (False, True): "╺", (False, False): " "}

Marked = tuple[Span, str]
"""A span of time, and the style of what it was."""


def seconds(value: float) -> str:
    """So many seconds, in as many digits as tell something."""
    return f"{value:.2f}" if value < 9.995 else f"{value:.1f}" if value < 999.95 else f"{value:,.0f}"


def tails(duration: float | None, spans: Sequence[Marked], total: float | None) -> tuple[Content, ...]:
    """The right end of a line, in the ways in which it may fit: the duration, and a bar once the `total` is known."""
    number = Content.styled(f"{seconds(duration) if duration is not None else '':>6}", "muted")
    bars = [Content.assemble(number, " ", bar(spans, total, cells)) for cells in BAR_CELLS] if total and spans else []
    return (*bars, number) if duration is not None else tuple(bars)


def bar(spans: Sequence[Marked], total: float, cells: int) -> Content:
    """A thin line of `cells`, to half of one exact, from where each span began to where it ended; it is never empty."""
    places = 2 * cells
    styles: list[str] = [""] * places
    for (began, ended), style in spans:
        first = max(0, min(places - 1, int(began / total * places)))
        last = max(first + 1, min(places, round(ended / total * places)))
        styles[first:last] = [style] * (last - first)
    pairs = [(styles[at], styles[at + 1]) for at in range(0, places, 2)]
    return Content.assemble(*((HALVES[bool(left), bool(right)], left or right) for left, right in pairs))
