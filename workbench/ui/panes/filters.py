"""Filters of rows: which of them are shown, in an order in which one key goes through them."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, Generic, TypeVar

from workbench.safe_text import safe_line
from workbench.ui.markdown.needle import Needle
from workbench.ui.widgets.row import Row
from workbench.ui.widgets.rows import RowList

Each = TypeVar("Each")
Shown = TypeVar("Shown", contravariant=True)


@dataclass(frozen=True, slots=True)
class Filter(Generic[Shown]):
    """`name` is what the title calls what is shown, "" for all; `passes` tells what that is."""

    name: str
    passes: Callable[[Shown], bool]


def everything(_: object) -> bool:
    """All is shown."""
    return True


ALL: Final[Filter[object]] = Filter("", everything)


def beside(now: str, filters: Sequence[Filter[Each]], by: int) -> Filter[Each]:
    """The filter `by` places behind the one that is called `now`; behind the last comes the first."""
    names = [each.name for each in filters]
    return filters[((names.index(now) if now in names else 0) + by) % len(filters)]


def with_word(rows: RowList, row_of: Callable[[Each], Row]) -> tuple[Filter[Each], ...]:
    """The filter for what is looked for in `rows`, when something is: only what has it is shown."""
    search = rows.search
    if search is None or not search.word:
        return ()
    needle = Needle(search.word)
    return (Filter(safe_line(f"/{search.word}"), lambda each: any(map(needle.spans, row_of(each).searched()))),)


def counted(shown: int, total: int, name: str) -> str:
    """How many of all are shown, and which those are."""
    return f"{shown:,} of {total:,} · {name}"
