"""Text as code of Markdown, whatever is in it: its marks are longer than any within it."""

from __future__ import annotations

import re
from typing import Final

_TICKS: Final = re.compile("`+")


def code(line: str) -> str:
    """A text of one line as code within a line."""
    ticks = "`" * (_longest(line) + 1)
    room = " " if "`" in line else ""
    return f"{ticks}{room}{line}{room}{ticks}"


def fenced(text: str, language: str = "") -> str:
    """A text as a block of code."""
    fence = "`" * max(3, _longest(text) + 1)
    return f"{fence}{language}\n{text}\n{fence}"


def _longest(text: str) -> int:
    return max(map(len, _TICKS.findall(text)), default=0)
