"""Plain text and reStructuredText: paragraphs parted by blank lines, and titles by their underlines.

Owns both formats' block structure, with exact lines. Refuses to interpret directives and roles: they stay as
they are written.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from workbench.documents.formats.outline import Part, gap_between, outlined
from workbench.documents.source_lines import Parsed, SourceFile

_ADORNMENT = re.compile(r"([^\w\s])\1{2,}\s*\Z")


def parse_text(source: SourceFile) -> Parsed:
    """The one document of a plain text file; its title is the file's stem."""
    return Parsed((outlined(list(_paragraphs(source.text.split("\n"))), source.stem),))


def parse_rst(source: SourceFile) -> Parsed:
    """The one document of a reStructuredText file; its first section level gives the title."""
    return Parsed((outlined(list(_rst_parts(source.text.split("\n"))), source.stem),))


def _paragraphs(lines: Sequence[str]) -> Iterator[Part]:
    last = -1
    start = 0
    while start < len(lines):
        if not lines[start].strip():
            start += 1
            continue
        end = _paragraph_end(lines, start)
        yield Part("paragraph", "\n".join(lines[start:end]), (start + 1, end), gap=gap_between(last, start))
        last = end - 1
        start = end


def _paragraph_end(lines: Sequence[str], start: int) -> int:
    end = start + 1
    while end < len(lines) and lines[end].strip():
        end += 1
    return end


def _rst_parts(lines: Sequence[str]) -> Iterator[Part]:
    levels: dict[tuple[str, bool], int] = {}  # in the order in which a file uses its underlines
    last = -1
    start = 0
    while start < len(lines):
        if not lines[start].strip():
            start += 1
            continue
        title = _title_at(lines, start)
        end = start + title[1] if title else _paragraph_end(lines, start)
        text = "\n".join(lines[start:end])
        where, gap = (start + 1, end), gap_between(last, start)
        if title:
            heading, _, style = title
            level = levels.setdefault(style, len(levels) + 1)
            yield Part("heading", text, where, level=level, heading=heading, gap=gap)
        else:
            yield Part("paragraph", text, where, gap=gap, leads=text.rstrip().endswith("::"))
        last = end - 1
        start = end


def _title_at(lines: Sequence[str], start: int) -> tuple[str, int, tuple[str, bool]] | None:
    """(title, lines it takes, (character, overlined)) of a section title that begins at `start`."""
    over = _ADORNMENT.match(lines[start])
    if over:
        below = lines[start + 1 : start + 3]
        if len(below) == 2 and below[0].strip() and below[1].rstrip() == lines[start].rstrip():
            return " ".join(below[0].split()), 3, (over[1], True)
        return None
    under = _ADORNMENT.match(lines[start + 1]) if start + 1 < len(lines) else None
    long_enough = under is not None and len(lines[start + 1].rstrip()) >= min(len(lines[start].rstrip()), 4)
    if under is None or not long_enough or lines[start][0].isspace():
        return None
    return " ".join(lines[start].split()), 2, (under[1], False)
