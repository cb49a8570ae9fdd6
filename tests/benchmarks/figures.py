"""Figures of two programs side by side: medians, how far runs differ, ratios, a Markdown table."""

from __future__ import annotations

import statistics
from collections.abc import Callable, Mapping, Sequence

from tests.benchmarks.programs import WORKBENCH, Program

Figures = Mapping[str, float | str]
"""What one run of one program gave, by the name of the figure; a text says why there is no number."""

NOTHING = "–"


def compare(title: str, runs: int, measure: Callable[[Program], Figures], reference: Program) -> str:
    """Measure Workbench and a reference in turn, `runs` times, so that a machine that slows down slows both."""
    ours: list[Figures] = []
    theirs: list[Figures] = []
    for _ in range(runs):
        ours.append(measure(WORKBENCH))
        theirs.append(measure(reference))
    return table(title, reference.name, ours, theirs)


def table(title: str, reference: str, ours: Sequence[Figures], theirs: Sequence[Figures]) -> str:
    """A row for each figure: its median over the runs with the least and the most, and Workbench's over the other's."""
    names = dict.fromkeys(name for figures in (*ours, *theirs) for name in figures)
    rows = [_row(name, [f.get(name, NOTHING) for f in ours], [f.get(name, NOTHING) for f in theirs]) for name in names]
    return "\n".join([f"| {title} | Workbench | {reference} | ratio |", "| --- | ---: | ---: | ---: |", *rows])


def _row(name: str, ours: Sequence[float | str], theirs: Sequence[float | str]) -> str:
    return f"| {name} | {cell(ours)} | {cell(theirs)} | {ratio(ours, theirs)} |"


def cell(values: Sequence[float | str]) -> str:
    """The median, with the least and the most when there are several; the first text, when there is one."""
    if texts := [value for value in values if isinstance(value, str)]:
        return texts[0]
    numbers = _numbers(values)
    middle = number(statistics.median(numbers))
    return middle if len(numbers) == 1 else f"{middle} ({number(min(numbers))}–{number(max(numbers))})"


def ratio(ours: Sequence[float | str], theirs: Sequence[float | str]) -> str:
    """Median over median, when both are numbers and the second is not zero."""
    mine, other = _numbers(ours), _numbers(theirs)
    if len(mine) < len(ours) or len(other) < len(theirs) or not statistics.median(other):
        return NOTHING
    return f"{statistics.median(mine) / statistics.median(other):.2f}"


def number(value: float) -> str:
    """Three digits where there are that many."""
    digits = 0 if abs(value) >= 100 or value == 0 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


def percentile(values: Sequence[float], percent: float) -> float:
    """The least of the values that at least so many per cent of them do not exceed."""
    if not values:
        raise ValueError("no values")
    ordered = sorted(values)
    return ordered[max(0, -int(-len(ordered) * percent // 100) - 1)]


def _numbers(values: Sequence[float | str]) -> list[float]:
    return [value for value in values if not isinstance(value, str)]
