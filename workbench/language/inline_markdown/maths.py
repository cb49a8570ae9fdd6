r"""Maths in Markdown, whose marks are no markup: `$…$`, `$$…$$`, `\(…\)`, `\[…\]`, and `\begin{…}` to its `\end{…}`.

Owns where maths begins and ends. Every pattern stops at what would begin another piece of the same kind, so a text full
of beginnings without ends is read once.
"""

from __future__ import annotations

import re
from typing import Final

_DISPLAY: Final = re.compile(r"\$\$(?!\$)(?=\s*[^\s$])((?:[^\\$]++|\\.|\$(?!\$))+)\$\$(?!\$)", re.DOTALL)
_DOLLARS: Final = re.compile(r"\$(?![\s$])((?:[^\\$`]++|\\.)+)(?<!\s)\$(?![\w$])", re.DOTALL)
_ROUND: Final = re.compile(r"\\\((?:[^\\]++|\\[^()])+\\\)", re.DOTALL)
_SQUARE: Final = re.compile(r"\\\[(?:[^\\]++|\\[^\[\]])+\\\]", re.DOTALL)
_BEGIN: Final = re.compile(r"\\begin\{(\w{1,20}\*?)\}")
_MONEY: Final = re.compile(r"\d[^\\]*\s[*_]{0,2}[^\W\d_]{2}|[^\\]*(?:\*\*|~~)")  # amounts, and words between them
_PRICES: Final = re.compile(r"[^\\=^{]*(?:[\s*_][^\W\d_]{2}|\*\*|~~)[^\\=^{]*\Z")  # as of restaurants, $ to $$$
_FORMULA: Final = re.compile(r"[\\=^_{&]")


def maths_end(text: str, at: int, end: int) -> int | None:
    """Where the maths ends that begins at index `at` of `text[:end]`; None when none begins there."""
    if text.startswith("$", at):
        before = text[at - 1] if at else " "
        if before == "$":
            return None
        if found := _DISPLAY.match(text, at, end):
            return None if _PRICES.match(found[1]) else found.end()
        found = None if before.isalnum() else _DOLLARS.match(text, at, end)
        return None if found is None or _MONEY.match(found[1]) else found.end()
    if begun := _BEGIN.match(text, at, end):
        closer = _end_of(begun)
        last = text.find(closer, begun.end(), end)
        return None if last < 0 else last + len(closer)
    found = _ROUND.match(text, at, end) or _SQUARE.match(text, at, end)
    return None if found is None else found.end()


def is_display(text: str, at: int) -> bool:
    """Whether the maths that begins at index `at` is set apart from the text around it."""
    return text.startswith(("$$", "\\[", "\\begin{"), at)


def opened_maths(line: str) -> str:
    r"""What closes the maths that begins in `line` and goes on below it, `$$`, `\]` or `\end{…}`; "" when none does."""
    text = line.strip()
    if begun := _BEGIN.match(text):
        closer = _end_of(begun)
        return "" if closer in text else closer
    if text.startswith("$$"):
        rest = text[2:]
        return "$$" if not rest or ("$" not in rest and _FORMULA.search(rest)) else ""
    at = text.rfind("\\[")
    if at < 0 or "\\]" in text[at:] or (at and text[at - 1] == "\\"):
        return ""
    rest = text[at + 2 :]
    return "\\]" if not rest or (not at and _FORMULA.search(rest)) else ""


def _end_of(begun: re.Match[str]) -> str:
    return f"\\end{{{begun[1]}}}"
