"""Units to lines of a width.

Owns prefixes, wrapping, code and rules; tables are laid out by `tables`. It never makes a line wider than asked
for, down to a width of 2 cells.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from rich.cells import cell_len

from workbench.ui.markdown.blocks import AnswerUnit, CodeUnit, NoteUnit, RuleUnit, TableUnit, TextUnit
from workbench.ui.markdown.flow import annotate
from workbench.ui.markdown.line import BLANK, Find, RenderedLine, Run, Styles, standing_out
from workbench.ui.markdown.tables import columns_lines, fitted, record_lines
from workbench.ui.markdown.wrap import cut_lines, fold_spans, wrap_spans

_MIN_TEXT = 6  # cells that prefixes leave for the text, where the width has them
_NOTE = ("notice-info",)
_CODE_INDENT = Run("  ", ("code-block",))
_CODE_BAR = Run("  ", ("code-block", "cited-bar"))
_MOST_UNDERLINED = 6
"""Lines of code that are underlined where they are cited. Of more, all of which are, each has a bar at its left."""


def plain_lines(text: str, width: int, styles: Styles = ()) -> list[RenderedLine]:
    """`text` (already safe) word for word, wrapped; nothing in it is Markdown."""
    run = Run(text.replace("\t", "    "), styles)
    return list(cut_lines((run,), wrap_spans(run.text, width), run.text))


def unit_lines(unit: AnswerUnit, width: int, *, first: bool = False, find: Find | None = None) -> list[RenderedLine]:
    """The lines of a unit; `first` says that it begins the answer, `find` what stands out in its flows."""
    frame = unit.frame
    lead, hang, gap = frame.lead(), frame.hang(), frame.gap()
    outer = _too_wide(lead, width - _MIN_TEXT)
    flows = unit.keep_flows()
    runs = [annotate(flow, unit.marks, first=first and not cell) for cell, flow in enumerate(flows)]
    if find is not None:
        runs = [
            standing_out(run, find(cell, flow.text)) for cell, (run, flow) in enumerate(zip(runs, flows, strict=True))
        ]
    lines = [] if gap is None else [_gap_line(gap[outer:])]
    content = _content_lines(unit, runs, max(width - _cells(lead[outer:]), 2))
    if not lead[outer:]:
        return lines + content
    lines.append(_behind(lead[outer:], content[0]))
    if len(content) > 1:
        before, left_out = hang[outer:], _left_out(hang[outer:])
        lines += [_behind(before, line, left_out) for line in content[1:]]
    return lines


def lines_going_on(unit: TextUnit, width: int, shown: Sequence[RenderedLine], more: Run) -> list[RenderedLine]:
    """What stands in the place of the last line of a paragraph, which is `shown`, when it goes on with `more`.

    Lines are filled from the first to the last, so those above stay as they are.
    """
    frame = unit.frame
    lead, hang = frame.lead(), frame.hang()
    outer = _too_wide(lead, width - _MIN_TEXT)
    is_first = len(shown) == (1 if frame.gap() is None else 2)
    before, after = (lead if is_first else hang)[outer:], hang[outer:]
    *runs, last = shown[-1].runs[len(before) :]
    if last.styles == more.styles and not last.marks:
        runs.append(Run(last.text + more.text, last.styles))
    else:
        runs += [last, more]
    lines = _text_lines(runs, max(width - _cells(lead[outer:]), 2))
    if lines[0].glue != shown[-1].glue:
        lines[0] = RenderedLine(lines[0].runs, lines[0].fill, shown[-1].glue)
    if not lead[outer:]:
        return lines
    return [_behind(after if at else before, line) for at, line in enumerate(lines)]


def _left_out(prefixes: Sequence[Run]) -> int:
    """How many characters of prefixes are no part of the text: all, but a bullet with its indent is one."""
    if any("bullet" in run.styles for run in prefixes):
        return 0
    return sum(len(run.text) for run in prefixes)


def _behind(prefixes: Sequence[Run], line: RenderedLine, left_out: int | None = None) -> RenderedLine:
    """The line behind what its containers put before it, of which `left_out` characters are no part of the text."""
    left_out = _left_out(prefixes) if left_out is None else left_out
    lead = left_out + line.lead if left_out else 0
    return RenderedLine((*prefixes, *line.runs), line.fill, line.glue, lead, line.tail)


def _too_wide(prefixes: Sequence[Run], room: int) -> int:
    """How many of the outermost prefixes must go for the others to fit in `room` cells."""
    outer = 0
    while outer < len(prefixes) and _cells(prefixes[outer:]) > room:
        outer += 1
    return outer


def _gap_line(runs: tuple[Run, ...]) -> RenderedLine:
    """The bars of quotes that are open; without blanks at the end."""
    while runs and not runs[-1].text.strip():
        runs = runs[:-1]
    if not runs:
        return BLANK
    shown = (*runs[:-1], Run(runs[-1].text.rstrip(), runs[-1].styles))
    return RenderedLine(shown, lead=sum(len(run.text) for run in shown))


def _content_lines(unit: AnswerUnit, runs: list[tuple[Run, ...]], width: int) -> list[RenderedLine]:
    match unit:
        case CodeUnit():
            number = 0 if unit.offset else unit.block.number
            return _code_lines(runs[0], width, number, goes_on=unit.offset > 0)
        case TableUnit():
            return _table_lines(unit, runs, width)
        case RuleUnit():
            markers = _text_lines(runs[0], width) if runs[0] else []
            return [*markers, RenderedLine((Run("─" * width, ("rule",)),))]
        case NoteUnit(text=text):
            markers = _text_lines(runs[0], width) if runs[0] else []
            return [*markers, *plain_lines(text, width, _NOTE)]
        case _:
            return _text_lines(runs[0], width)


def _table_lines(unit: TableUnit, runs: list[tuple[Run, ...]], width: int) -> list[RenderedLine]:
    columns = len(unit.table.aligns)
    rows = [tuple(runs[at : at + columns]) for at in range(0, len(runs), columns)]
    head = rows.pop(0) if unit.has_head else None
    widths = fitted(unit.table.widths, width)
    if widths is not None:
        return list(columns_lines(head, rows, unit.table.aligns, widths))
    names = head or tuple(annotate(flow, ()) for flow in unit.head_flows())
    return list(record_lines(names, rows, width, number=unit.number))


def natural_widths(unit: TableUnit) -> tuple[int, ...]:
    """Cells that each column of the unit would take on one line."""
    columns = len(unit.table.aligns)
    cells = [_widest_line(annotate(flow, unit.marks)) for flow in unit.flows()]
    return tuple(max(cells[column::columns], default=0) for column in range(columns))


def _text_lines(runs: Sequence[Run], width: int) -> list[RenderedLine]:
    text = "".join(run.text for run in runs)
    return list(cut_lines(runs, wrap_spans(text, width), text))


def _code_lines(runs: Sequence[Run], width: int, number: int, *, goes_on: bool) -> list[RenderedLine]:
    """Code, the block's `number` beside its first line unless it is 0; much was shown above when it `goes_on`."""
    text = "".join(run.text for run in runs)
    indent = (_CODE_INDENT,) if width > _MIN_TEXT else ()
    spans = fold_spans(text, width - 2 * len(indent))
    if indent and (goes_on or text.count("\n") >= _MOST_UNDERLINED) and (whole := _citing_all(runs)):
        indent = (_CODE_BAR,)
        runs = [replace(run, styles=(*run.styles, "barred")) if whole.issuperset(run.marks) else run for run in runs]
    lead = sum(len(run.text) for run in indent)
    lines = [
        RenderedLine((*indent, *line.runs), line.fill, line.glue, lead)
        for line in cut_lines(runs, spans, text, "code-block")
    ]
    return [_numbered(lines[0], number, width), *lines[1:]] if number else lines


def _numbered(line: RenderedLine, number: int, width: int) -> RenderedLine:
    """The first line of code with the block's number at its right end, where there is room for it."""
    label = f"{number} "
    free = width - _cells(line.runs) - len(label)
    if free < 1:
        return line
    runs = (*line.runs, Run(" " * free, ("code-block",)), Run(label, ("code-block", "block-number")))
    return RenderedLine(runs, line.fill, line.glue, line.lead, free + len(label))


def _citing_all(runs: Sequence[Run]) -> frozenset[int]:
    """The citations that each visible character is cited by."""
    seen = [frozenset(run.marks) for run in runs if run.text.strip() and not run.is_marker]
    return frozenset.intersection(*seen) if seen else frozenset()


def _widest_line(runs: Sequence[Run]) -> int:
    return max(map(cell_len, "".join(run.text for run in runs).split("\n")))


def _cells(runs: Sequence[Run]) -> int:
    return sum(cell_len(run.text) for run in runs)
