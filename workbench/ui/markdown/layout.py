"""Leaves to lines of a width.

Owns prefixes, wrapping, code and rules; tables are laid out by `tables`. It never makes a line wider than asked
for, down to a width of 2 cells.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from rich.cells import cell_len

from workbench.ui.markdown.blocks import CodeContent, Leaf, RuleContent, TableContent, TextContent
from workbench.ui.markdown.flow import annotate
from workbench.ui.markdown.model import BLANK, Line, PlacedMark, Run, Styles
from workbench.ui.markdown.tables import table_lines
from workbench.ui.markdown.wrap import cut, fold_spans, wrap_spans

_MIN_TEXT = 6  # cells that prefixes leave for the text, where the width has them
_CODE_INDENT = Run("  ", ("code-block",))


def plain_lines(text: str, width: int, styles: Styles = ()) -> list[Line]:
    """`text` (already safe) word for word, wrapped; nothing in it is Markdown."""
    run = Run(text.replace("\t", "    "), styles)
    return [Line(runs) for runs in cut((run,), wrap_spans(run.text, width))]


def leaf_lines(leaves: Sequence[Leaf], marks: Sequence[PlacedMark], width: int, *, first: bool = False) -> list[Line]:
    """The lines of a block. `marks` are those that touch it; `first` says that it begins the answer."""
    lines: list[Line] = []
    for number, leaf in enumerate(leaves):
        runs = [
            annotate(flow, marks, first=first and number == 0 and cell == 0) for cell, flow in enumerate(leaf.flows())
        ]
        lines += _one_leaf(leaf, runs, width)
    return lines


def _one_leaf(leaf: Leaf, runs: list[tuple[Run, ...]], width: int) -> Iterator[Line]:
    outer = _too_wide(leaf.lead, width - _MIN_TEXT)
    lead, hang = leaf.lead[outer:], leaf.hang[outer:]
    if leaf.gap is not None:
        yield _gap_line(leaf.gap[outer:])
    for number, line in enumerate(_content_lines(leaf, runs, max(width - _cells(lead), 2))):
        yield Line((*(hang if number else lead), *line.runs), line.fill)


def _too_wide(prefixes: Sequence[Run], room: int) -> int:
    """How many of the outermost prefixes must go for the others to fit in `room` cells."""
    outer = 0
    while outer < len(prefixes) and _cells(prefixes[outer:]) > room:
        outer += 1
    return outer


def _gap_line(runs: tuple[Run, ...]) -> Line:
    """The bars of quotes that are open; without blanks at the end."""
    while runs and not runs[-1].text.strip():
        runs = runs[:-1]
    return Line((*runs[:-1], Run(runs[-1].text.rstrip(), runs[-1].styles))) if runs else BLANK


def _content_lines(leaf: Leaf, runs: list[tuple[Run, ...]], width: int) -> list[Line]:
    match leaf.content:
        case TextContent():
            return _text_lines(runs[0], width)
        case CodeContent():
            return _code_lines(runs[0], width)
        case TableContent(aligns):
            columns = len(aligns)
            rows = [tuple(runs[at : at + columns]) for at in range(0, len(runs), columns)]
            return table_lines(aligns, rows, width)
        case RuleContent():
            markers = _text_lines(runs[0], width) if runs[0] else []
            return [*markers, Line((Run("─" * width, ("rule",)),))]


def _text_lines(runs: Sequence[Run], width: int) -> list[Line]:
    text = "".join(run.text for run in runs)
    return [Line(parts) for parts in cut(runs, wrap_spans(text, width))]


def _code_lines(runs: Sequence[Run], width: int) -> list[Line]:
    text = "".join(run.text for run in runs)
    indent = (_CODE_INDENT,) if width > _MIN_TEXT else ()
    spans = fold_spans(text, width - 2 * len(indent))
    return [Line((*indent, *parts), "code-block") for parts in cut(runs, spans)]


def _cells(runs: Sequence[Run]) -> int:
    return sum(cell_len(run.text) for run in runs)
