"""Texts that know where each character comes from, wrapped to lines in which the cited ones are marked."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from workbench.ui.markdown.flow import Flow, annotate
from workbench.ui.markdown.line import BLANK, Mark, PlacedMark, RenderedLine, Run
from workbench.ui.markdown.wrap import cut_lines, wrap_spans

_LEAST = 8  # cells that an indent leaves for the text

Span = tuple[int, int]


@dataclass(frozen=True, slots=True)
class IndentedFlow:
    """`flow` after `lead`, which is as wide as `indent` says; further lines are indented by `hang` cells more."""

    flow: Flow
    indent: int = 0
    lead: str = ""
    hang: int = 2


CITED, MATCHED, RELEVANT = _KINDS = range(3)
"""What a mark is of: words that are cited, words of the question, or what a reranker calls relevant."""


@dataclass(frozen=True, slots=True)
class Also:
    """What is marked of a text beside what is cited of it: spans in order, those of one kind apart."""

    matched: Sequence[Span] = ()
    relevant: Sequence[Span] = ()


NOTHING = Also()


def marks_of(spans: Iterable[Span], also: Also = NOTHING) -> list[Mark]:
    """The spans as marks that show no number, each with an index of its own that tells what kind it is of."""
    return [
        Mark(len(_KINDS) * place + kind, start, end)
        for kind, its in zip(_KINDS, (spans, also.matched, also.relevant), strict=True)
        for place, (start, end) in enumerate(its)
    ]


def kinds_of(marks: Iterable[int]) -> frozenset[int]:
    """The kinds of marks by their indexes."""
    return frozenset(index % len(_KINDS) for index in marks)


def flow_lines(
    flows: Iterable[IndentedFlow], spans: Sequence[Span], width: int, also: Also = NOTHING
) -> list[RenderedLine]:
    """The flows one below the other, none wider than `width` cells, with the characters of `spans` marked."""
    kinds = [
        [PlacedMark(mark, -1) for mark in marks_of(sorted(spans))],
        [PlacedMark(mark, -1) for mark in marks_of((), Also(matched=also.matched))],
        [PlacedMark(mark, -1) for mark in marks_of((), Also(relevant=also.relevant))],
    ]
    lines: list[RenderedLine] = []
    for each in flows:
        indent = min(each.indent, max(0, width - _LEAST))
        runs = annotate(each.flow, [mark for placed in kinds for mark in _touching(each.flow, placed)])
        text = "".join(run.text for run in runs)
        hang = each.hang if width - indent > 2 * _LEAST else 0
        parts = list(cut_lines(runs, wrap_spans(text, max(2, width - indent - hang)), text))
        lead = Run(each.lead.rjust(indent)[-indent:], ("bullet",)) if indent else Run("")
        for number, part in enumerate(parts or [BLANK]):
            before = lead if not number else Run(" " * (indent + hang))
            left_out = indent + hang if number else 0  # the indent of a first line says how deep it is
            shown = (before, *part.runs) if before.text else part.runs
            lines.append(RenderedLine(shown, "", part.glue, left_out))
    return lines


def _touching(flow: Flow, placed: Sequence[PlacedMark]) -> Sequence[PlacedMark]:
    """Those of the marks, which are in order and do not overlap, that may be in a flow."""
    if not placed or not flow.origins:
        return ()
    first = bisect_right(placed, flow.origins[0], key=lambda each: each.mark.end)
    return placed[first : bisect_right(placed, flow.origins[-1], key=lambda each: each.mark.start)]


def joined_marks(line: RenderedLine) -> RenderedLine:
    """The line with the blanks between marked characters marked too: one stretch of words is seen as one."""
    runs = list(line.runs)
    for at in range(1, len(runs) - 1):
        before, run, behind = runs[at - 1], runs[at], runs[at + 1]
        if run.text.isspace() and (both := kinds_of(before.marks) & kinds_of(behind.marks) - kinds_of(run.marks)):
            runs[at] = replace(run, marks=(*run.marks, *(mark for mark in before.marks if kinds_of((mark,)) <= both)))
    return replace(line, runs=tuple(runs))
