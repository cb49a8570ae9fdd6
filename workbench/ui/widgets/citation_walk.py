"""Which citation is next, from where one stands or looks. Owns the order; knows nothing of widgets."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from workbench.ui.markdown.turn_list import Citation, TurnList

LinesOf = Callable[[Citation], tuple[int, int] | None]
"""The first and the last line that show a citation, None when none does."""


def citation_beside(
    selected: Citation | None, step: int, turns: TurnList, view: range, lines_of: LinesOf, *, newest: bool = False
) -> Citation | None:
    """The citation `step` (1 or -1) after the selected one; without one, the nearest from where one looks.

    `view` are the lines that are seen; with `newest` one looks at the last answer alone, whatever else is in view. The
    first and the last citation have themselves beside them.
    """
    citations = turns.citations()
    if selected is None and newest:
        found = next((each for each in citations[::step] if turns.is_last(each[0]) and lines_of(each)), None)
        if found is not None:
            return found
    if selected is not None and selected in citations:
        at = citations.index(selected) + step
        return citations[at] if 0 <= at < len(citations) else selected
    if step > 0:
        return _first_from(view.start, citations, turns, lines_of)
    return _last_up_to(view.stop, citations, turns, lines_of)


def _first_from(top: int, citations: Sequence[Citation], turns: TurnList, lines_of: LinesOf) -> Citation | None:
    """The first citation that begins on line `top` or below, else the last one."""
    below = citations[turns.citations_above(top) :]
    found = next((c for c in below if (lines := lines_of(c)) and lines[0] >= top), None)
    return found or next(iter(citations[-1:]), None)


def _last_up_to(end: int, citations: Sequence[Citation], turns: TurnList, lines_of: LinesOf) -> Citation | None:
    """The last citation that begins above line `end`, else the first one."""
    at = turns.citations_above(end)
    while at < len(citations) and (lines := lines_of(citations[at])) and lines[0] < end:
        at += 1
    found = next((c for c in citations[:at][::-1] if lines_of(c)), None)
    return found or next(iter(citations[:1]), None)
