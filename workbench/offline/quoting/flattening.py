"""A Markdown text with its blocks at the left edge, as what is quoted of it stands in an answer.

Owns taking quotes and lists away from around code, the marks of quotes from lines, and writing a table with a bar at
both ends of its rows. Refuses to change a word: only what stands around blocks goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from workbench.language import block_marks

_TAB = 4
_QUOTE = re.compile(rf"[ \t]{{0,3}}{block_marks.QUOTE}[ \t]?")
_FENCE = re.compile(rf"((?:[ \t]*{block_marks.ANY_ITEM})*[ \t]*){block_marks.FENCE}")
_RULER = re.compile(r"(?=.*\|)\|?[ \t]*:?-+:?[ \t]*(?:\|[ \t]*:?-+:?[ \t]*)*\|?\Z")
_BAR = re.compile(r"(?<!\\)\|")


@dataclass(frozen=True, slots=True)
class _Open:
    """A code that is open: the fence that began it, the columns before it, and the quotes around it."""

    fence: str
    indent: int
    quotes: int


def flattened(text: str) -> str:
    """`text` with code and tables at the left edge, and no quote around anything."""
    if not any(mark in text for mark in (">", "```", "~~~", "|")):
        return text
    return "\n".join(_with_bars(list(_without_containers(text.split("\n")))))


def _without_containers(lines: list[str]) -> Iterator[str]:
    code: _Open | None = None
    for line in lines:
        bare, quotes = _unquoted(line, None if code is None else code.quotes)
        if code is not None and quotes < code.quotes:  # the quote is over, and its code with it
            yield code.fence
            code = None
            bare, quotes = _unquoted(line, None)
        if code is None:
            if (begun := _FENCE.match(f"{bare}\n")) is not None:
                code = _Open(begun[2], len(begun[1].expandtabs(_TAB)), quotes)
                bare = bare[begun.end(1) :]
        elif bare.strip().startswith(code.fence) and not bare.strip().strip(code.fence[0]):
            bare, code = bare.strip(), None
        else:
            bare = _outdented(bare, code.indent)
        yield bare


def _unquoted(line: str, most: int | None) -> tuple[str, int]:
    """`line` without the marks of at most so many quotes, or of all, and how many there were."""
    at = count = 0
    while (most is None or count < most) and (mark := _QUOTE.match(line, at)) is not None:
        at, count = mark.end(), count + 1
    return line[at:], count


def _outdented(line: str, columns: int) -> str:
    words = line.lstrip(" \t")
    width = len(line[: len(line) - len(words)].expandtabs(_TAB))
    return " " * (width - columns) + words if width > columns else words


def _with_bars(lines: list[str]) -> list[str]:
    """The lines, those of tables with a bar before the first cell and behind the last."""
    fence = ""
    for number, line in enumerate(lines):
        mark = _FENCE.match(f"{line}\n")
        if fence:
            fence = "" if mark is not None and mark[2].startswith(fence) else fence
        elif mark is not None:
            fence = mark[2]
        elif number and _RULER.match(line.strip()) and _columns(line) == _columns(lines[number - 1]):
            end = number + 1
            while end < len(lines) and _BAR.search(lines[end]):
                end += 1
            lines[number - 1 : end] = [_barred(row) for row in lines[number - 1 : end]]
    return lines


def _columns(row: str) -> int:
    return len(_BAR.split(_barred(row)))


def _barred(row: str) -> str:
    row = row.strip()
    last = "" if row.endswith("|") and not row.endswith("\\|") else " |"
    return f"{'' if row.startswith('|') else '| '}{row}{last}"
