"""What begins a block in a line of Markdown (CommonMark, with tables): the marks, as regular expressions.

Owns what the marks are. How far a line may be indented is for whoever reads it, and they differ on purpose: the screen
counts columns in the containers that are open; who cuts documents takes a fence at any depth, for it keeps no
containers; who looks for sentences passes over the marks of quotes and lists wherever they stand.
"""

from __future__ import annotations

from typing import Final

HEADING: Final = r"(#{1,6})(?:[ \t]+|(?=\n)|\Z)"
"""The number signs, which are a group, and the blanks behind them."""

FENCE: Final = r"(`{3,}(?=[^`\n]*(?:\n|\Z))|~{3,})"
"""The fence, which is a group. Backticks with more of them behind, in the same line, are code in a line of text."""

_MARKED: Final = r"(?=[ \t\n]|\Z)"

ITEM: Final = rf"(?:([-+*])|(\d{{1,9}})([.)])){_MARKED}"
"""A bullet or a number with what follows it, each a group."""

ANY_ITEM: Final = rf"(?:[-+*•]|\d{{1,9}}[.)]){_MARKED}"
"""As `ITEM`, without groups; • too, with which lists of other programs come: no Markdown, and no list on the screen."""

QUOTE: Final = ">"

ROW: Final = r"\|"
"""What a row of a table begins with; on the screen it is one without, too, below a row of dashes."""
