"""What a call would run, in lines for the person who is asked: owns how arguments and command lines are written there.

Each blank, quote and control character that matters is to be seen, and whatever is cut is said to be.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping, Sequence
from typing import Any, Final

ON_ONE_LINE: Final = 60
"""Characters of arguments; what has more gets a line for each value."""

_PLAIN: Final = re.compile(r"[\w@%+=:,./-]+")


def argument_lines(arguments: Mapping[str, Any]) -> tuple[str, ...]:
    """The arguments as JSON, on one line when they are short."""
    brief = json.dumps(arguments, ensure_ascii=False, default=str)
    if len(brief) <= ON_ONE_LINE:
        return (f"arguments: {brief}",)
    whole = json.dumps(arguments, ensure_ascii=False, indent=2, default=str)
    return tuple(f"arguments: {whole}".split("\n"))


def shortened(lines: Sequence[str], longest: int) -> list[str]:
    """The lines as far as they have `longest` characters in all; the last one says how many more there are."""
    shown: list[str] = []
    left = longest
    for number, line in enumerate(lines):
        if len(line) > left:
            hidden = len(line) - left + sum(map(len, lines[number + 1 :]))
            return [*shown, f"{line[:left]}… ({hidden} more characters)"]
        shown.append(line)
        left -= len(line)
    return shown


def quoted_word(text: str) -> str:
    """One element of a command line: as it is when nothing in it could be misread, else as a JSON string.

    An empty element, blanks, quotes and control characters are seen that way, and where each element ends.
    """
    return text if _PLAIN.fullmatch(text) and text.isascii() else json.dumps(text, ensure_ascii=False)


def quoted_words(argv: Sequence[str]) -> str:
    """A command line on one line, each element by itself."""
    return " ".join(map(quoted_word, argv))
