"""Markdown: headings, fences and paragraphs with exact lines, by one pass over the lines.

Owns the block structure that splitting needs. Refuses to render anything: the
text of a passage is the file's own lines.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from workbench.documents.formats.front_matter import front_matter
from workbench.documents.formats.outline import Part, gap_between, outlined
from workbench.documents.source_lines import Parsed, SourceFile
from workbench.language import block_marks

_FENCE = re.compile(rf"\s*{block_marks.FENCE}(.*)")
_ATX = re.compile(r" {0,3}" + block_marks.HEADING)
_SETEXT = re.compile(r" {0,3}(={2,}|-{2,})[ \t]*\Z")
_SETEXT_LINES = 3  # under a longer paragraph, a row of dashes is meant as a rule
# What may be meant as a list, a quote or a row, with a blank behind the mark or without.
_NOT_SETEXT = re.compile(r"\s*(?:[-*+>|]|\d+[.)]\s)")
_LINK = re.compile(r"!?\[([^\]\[]*)\]\([^()\s]*\)")
_ATTRIBUTES = re.compile(r" ?\{[#.][^{}]*\}\Z")


def parse(source: SourceFile) -> Parsed:
    """The one document of a Markdown file."""
    lines = source.text.lstrip("\ufeff").split("\n")
    found = front_matter(lines, source)
    parts = list(_parts(lines, found.body))
    if found.flaw is None:
        return Parsed((replace(outlined(parts, source.stem, found.title), fields=found.fields),))
    if found.body:
        text = "\n".join(lines[found.start : found.body])
        parts.insert(0, Part("paragraph", text, (found.start + 1, found.body)))
    return Parsed((outlined(parts, source.stem),), (found.flaw,))


def _parts(lines: Sequence[str], start: int) -> Iterator[Part]:
    last = -1
    while start < len(lines):
        if not lines[start].strip():
            start += 1
            continue
        end, level = _extent(lines, start)
        text = "\n".join(lines[start:end])
        where = (start + 1, end)
        gap = gap_between(last, start)
        if level:
            yield Part("heading", text, where, level=level, heading=_heading_text(text), gap=gap)
        else:
            yield Part("fence" if _opening(lines[start]) else "paragraph", text, where, gap=gap)
        last = end - 1
        start = end


def _extent(lines: Sequence[str], start: int) -> tuple[int, int]:
    """(index after the block that begins at `start`, its heading level or 0)."""
    opening = _opening(lines[start])
    if opening:
        return _fence_end(lines, start, opening), 0
    if "#" in lines[start] and (atx := _ATX.match(lines[start])):
        return start + 1, len(atx[1])
    end = start + 1
    while end < len(lines) and lines[end].strip() and not _opening(lines[end]) and not _is_atx(lines[end]):
        underline = _SETEXT.match(lines[end])
        if underline and end - start <= _SETEXT_LINES and not _NOT_SETEXT.match(lines[start]):
            return end + 1, 1 if underline[1][0] == "=" else 2
        end += 1
    return end, 0


def _is_atx(line: str) -> bool:
    return "#" in line and _ATX.match(line) is not None


def _opening(line: str) -> str:
    """The fence that `line` opens, "" when it opens none."""
    if "`" not in line and "~" not in line:  # nearly all lines: ten times as quick
        return ""
    match = _FENCE.match(line)
    return match[1] if match else ""


def _fence_end(lines: Sequence[str], start: int, opening: str) -> int:
    for index in range(start + 1, len(lines)):
        match = _FENCE.match(lines[index])
        if match and match[1].startswith(opening) and not match[2].strip():
            return index + 1
    end = len(lines)
    while end > start + 1 and not lines[end - 1].strip():
        end -= 1
    return end


def _heading_text(text: str) -> str:
    atx = _ATX.match(text)
    plain = " ".join((text[atx.end() :] if atx else text.rpartition("\n")[0]).split())
    bare = plain.rstrip("#")
    if atx and (not bare or bare.endswith(" ")):
        plain = bare.rstrip()
    if "{" in plain:
        plain = _ATTRIBUTES.sub("", plain)
    if "[" in plain:
        plain = _LINK.sub(r"\1", plain)
    return plain.replace("`", "").replace("**", "").strip()
