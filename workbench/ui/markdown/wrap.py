"""Where lines break. Owns cells, words and the breaks between wide characters; knows runs, but not blocks."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence

from rich.cells import cell_len, split_graphemes

from workbench.ui.markdown.line import RenderedLine, Run

Span = tuple[int, int]
Splitter = Callable[[str, int, int, int], Iterator[Span]]

_WORD = re.compile(r"[^ ]+")
_NARROW = re.compile(r"[\x20-\x7e\xa0-\u02ff\u0370-\u0482\u2010-\u2027]*")  # one cell each, none combining
_NOT_BEFORE = frozenset("[])}.,;:!?%、。，．：；？！）」』】》〉〕］｝ー…‥・·°”’")
_NOT_AFTER = frozenset("([{（「『【《〈〔［｛“‘")


def wrap_spans(text: str, width: int) -> list[Span]:
    """Spans [start, end) of `text`, one a line of at most `width` cells; breaks between words, at newlines,
    beside wide characters, and inside a word that is longer than a line. A width below 2 counts as 2.
    """
    return list(_each_line(text, max(width, 2), _wrap_line))


def fold_spans(text: str, width: int) -> list[Span]:
    """As `wrap_spans`, but breaks at exactly `width` cells, as code is folded."""
    return list(_each_line(text, max(width, 2), _fold))


def cut(runs: Sequence[Run], spans: Sequence[Span]) -> Iterator[tuple[Run, ...]]:
    """The parts of `runs` in each of `spans`, which are in order and do not overlap."""
    at, offset = 0, 0  # runs[at] begins at character `offset`
    for start, end in spans:
        while at < len(runs) and offset + len(runs[at].text) <= start:
            offset += len(runs[at].text)
            at += 1
        parts = []
        number, begin = at, offset
        while number < len(runs) and begin < end:
            run = runs[number]
            text = run.text[max(start - begin, 0) : end - begin]
            if text:
                parts.append(run if text == run.text else Run(text, run.styles, run.marks))
            begin += len(run.text)
            number += 1
        yield tuple(parts)


def cut_lines(runs: Sequence[Run], spans: Sequence[Span], text: str, fill: str = "") -> Iterator[RenderedLine]:
    """The parts of `runs`, whose text is `text`, as lines; each knows what it was parted from the one above by."""
    before = -1
    for (start, end), parts in zip(spans, cut(runs, spans), strict=True):
        if before < 0:
            yield RenderedLine(parts, fill)
        else:
            between = text[before:start]
            yield RenderedLine(parts, fill, None if "\n" in between else between)
        before = end


def _each_line(text: str, width: int, split: Splitter) -> Iterator[Span]:
    start = 0
    for line in text.split("\n"):
        end = start + len(line)
        if cell_len(line) <= width:
            yield start, end
        else:
            yield from split(text, start, end, width)
        start = end + 1


def _wrap_line(text: str, start: int, end: int, width: int) -> Iterator[Span]:
    """Greedy lines of `text[start:end]`; the blanks at a break belong to no line."""
    line_start, line_end = start, start  # what is placed on the line so far, without its trailing blanks
    used = 0
    for begin, stop, cells in _atoms(text, start, end):
        gap = begin - line_end
        if used + gap + cells <= width:
            line_end, used = stop, used + gap + cells
            continue
        if line_end > line_start:
            yield line_start, line_end
        line_start = begin
        if cells > width:
            *full, (line_start, stop) = _fold(text, begin, stop, width)
            yield from full
            cells = cell_len(text[line_start:stop])
        line_end, used = stop, cells
    if line_end > line_start or line_start == start:
        yield line_start, line_end


def _atoms(text: str, start: int, end: int) -> Iterator[tuple[int, int, int]]:
    """(start, end, cells) of what may not be broken while it fits a line: words, and parts of wide ones."""
    for match in _WORD.finditer(text, start, end):
        word = match.group()
        if _NARROW.fullmatch(word):
            yield match.start(), match.end(), len(word)
        else:
            yield from _wide_atoms(word, match.start())


def _wide_atoms(word: str, offset: int) -> Iterator[tuple[int, int, int]]:
    graphemes, _ = split_graphemes(word)
    start, cells = 0, 0
    previous_size = 0
    for begin, _end, size in graphemes:
        beside_wide = size > 1 or previous_size > 1
        allowed = word[begin] not in _NOT_BEFORE and word[begin - 1] not in _NOT_AFTER
        if begin > start and beside_wide and allowed:
            yield offset + start, offset + begin, cells
            start, cells = begin, 0
        cells += size
        previous_size = size
    yield offset + start, offset + len(word), cells


def _fold(text: str, start: int, end: int, width: int) -> Iterator[Span]:
    """Spans of at most `width` cells that cover `text[start:end]`; a wider character has one of its own."""
    part = text[start:end]
    if _NARROW.fullmatch(part):
        for at in range(start, end, width):
            yield at, min(at + width, end)
        return
    graphemes, _ = split_graphemes(part)
    line, used = 0, 0
    for begin, _end, size in graphemes:
        if used + size > width and begin > line:
            yield start + line, start + begin
            line, used = begin, 0
        used += size
    yield start + line, end
